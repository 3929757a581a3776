//! One connection from handshake to end, and the deadlines by which a slow or hostile one ends sooner.

mod activity;
mod reply;
mod watched;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use prometheus_client::metrics::counter::Counter;
use runtime::{Reloaded, Stop};
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

use crate::address::Peer;
use crate::app::App;
use crate::guard::Insists;
use crate::overload::{Load, Place, Pressure};
use crate::{Config, health, preface};
use activity::{Activity, Limits, Verdict};
use reply::{PIECE, Reply};
use watched::Watched;

/// How long a connection that is asked to close may go on with what it is doing.
const GRACE: Duration = Duration::from_secs(30);

/// How long a connection is left alone whose caller goes on asking while it is refused. Refusing costs too: unheld, one
/// such caller had the time of everybody.
const HOLD: Duration = Duration::from_secs(1);

/// How everybody's connections are served.
#[derive(Debug)]
pub(crate) struct Serve {
    pub(crate) app: App,
    pub(crate) health: health::State,
    pub(crate) config: Config,
    pub(crate) tls: Option<Reloaded<ServerConfig>>,
    pub(crate) load: Arc<Load>,
    pub(crate) held: Counter,
    /// Given when connections are to end after what they are doing.
    pub(crate) closing: Stop,
}

impl Serve {
    /// Serves a connection until it ends.
    pub(crate) async fn connection(self: Arc<Self>, stream: TcpStream, addr: SocketAddr) {
        if stream.set_nodelay(true).is_err() {
            return;
        }
        // Boxed, so that a connection's task is as large as what it is doing, not as the largest of what it may do.
        let Some(tls) = &self.tls else {
            return Box::pin(self.speak(stream, Peer { addr, tls: false })).await;
        };
        let handshake = Box::pin(TlsAcceptor::from(tls.get()).accept(stream));
        match tokio::time::timeout(self.config.header_timeout, handshake).await {
            Ok(Ok(stream)) => Box::pin(self.speak(stream, Peer { addr, tls: true })).await,
            Ok(Err(error)) => tracing::debug!(%error, "a handshake failed"),
            Err(_) => tracing::debug!("a handshake took too long"),
        }
    }

    async fn speak<S>(self: &Arc<Self>, stream: S, peer: Peer)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let detected = preface::detect(stream, self.config.first_byte_timeout).await;
        let Some((version, stream)) = detected else { return };
        let activity = Arc::new(Activity::new(self.limits(version)));
        let stream = TokioIo::new(Watched::new(stream, activity.clone()));
        let (serve, asking) = (self.clone(), activity.clone());
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(peer);
            let request = request.map(|body| watched::body(body, serve.config.body_timeout));
            // Boxed: hyper keeps room for it as long as the connection, also while a stream waits for its next event.
            Box::pin(serve.clone().answer(request, version, asking.clone()))
        });
        // An error here is the client's: it went away or spoke no HTTP.
        let ended = match version {
            preface::Version::One => {
                let connection = Box::pin(self.http1().serve_connection(stream, service));
                // What is sent while an idle connection closes is lost; its next answer says that it is the last.
                self.drive(connection, http1::Connection::graceful_shutdown, |_| {}, &activity).await
            }
            preface::Version::Two => {
                let connection = Box::pin(self.http2().serve_connection(stream, service));
                let close = http2::Connection::graceful_shutdown;
                self.drive(connection, close, close, &activity).await
            }
        };
        match ended {
            Some(Ok(())) => {}
            Some(Err(error)) => tracing::debug!(%error, "a connection broke off"),
            None => tracing::debug!("a connection was cut off"),
        }
    }

    async fn answer(
        self: Arc<Self>,
        request: Request<Body>,
        version: preface::Version,
        activity: Arc<Activity>,
    ) -> Result<Response<Reply>, Infallible> {
        let asked = activity.clone().asked();
        let mut response = self.app.answer(request).await;
        if response.extensions_mut().remove::<Insists>().is_some() {
            self.held.inc();
            activity.hold(HOLD);
        }
        let last = activity.is_retired()
            || self.health.is_draining()
            || self.load.pressure() >= Pressure::NoKeepAlive;
        if last && version == preface::Version::One {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        let place = response.extensions_mut().remove::<Place>();
        let piece = if version == preface::Version::One { usize::MAX } else { PIECE };
        Ok(response.map(|body: Body| Reply::new(body, piece, asked, place)))
    }

    fn limits(&self, version: preface::Version) -> Limits {
        let config = &self.config;
        // hyper itself waits no longer than this for the next request of HTTP/1.
        let idle = match version {
            preface::Version::One => config.header_timeout,
            preface::Version::Two => config.idle_timeout,
        };
        // Connections that came together do not all end together.
        let spread = 0.9 + 0.2 * fastrand::f64();
        Limits {
            first_request: config.header_timeout,
            idle,
            stalled: config.write_timeout,
            age: config.max_connection_age.mul_f64(spread),
        }
    }

    fn http1(&self) -> http1::Builder {
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(self.config.header_timeout);
        builder.max_buf_size(self.head_room());
        builder
    }

    /// Room for a head over our own limits, which then is answered instead of cut off.
    fn head_room(&self) -> usize {
        (self.config.max_header_bytes as usize + self.config.max_uri_bytes) * 2 + 8192
    }

    fn http2(&self) -> http2::Builder<TokioExecutor> {
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .max_concurrent_streams(100)
            .initial_stream_window_size(64 << 10)
            .initial_connection_window_size(1 << 20)
            .max_header_list_size(u32::try_from(self.head_room()).unwrap_or(u32::MAX))
            .max_pending_accept_reset_streams(20)
            .max_local_error_reset_streams(100)
            .max_send_buf_size(64 << 10)
            .keep_alive_interval(Duration::from_secs(20))
            .keep_alive_timeout(Duration::from_secs(5));
        builder
    }

    /// How long a connection that is asked to close may take over it.
    fn grace(&self, activity: &Activity) -> Duration {
        if activity.is_busy() { GRACE } else { GRACE.min(self.config.header_timeout) }
    }

    /// Runs a connection to its end, or to the end of what it is doing once it is to close. `None`: it was cut off.
    ///
    /// The connection is always polled first: hyper closes one that it has read nothing from, and what `preface` has
    /// read belongs to a request that was accepted.
    async fn drive<C: Future>(
        &self,
        mut connection: Pin<Box<C>>,
        close: fn(Pin<&mut C>),
        retire: fn(Pin<&mut C>),
        activity: &Activity,
    ) -> Option<C::Output> {
        let (mut drained, mut closed_at) = (false, None);
        loop {
            if let Some(until) = activity.take_hold() {
                // Over with the drain: then the connection closes, after what it has been asked.
                let _ = tokio::time::timeout_at(until, self.closing.stopped()).await;
            }
            let look = tokio::time::sleep_until(activity.next_look(Instant::now()));
            tokio::select! {
                biased;
                ended = connection.as_mut() => return Some(ended),
                () = self.closing.stopped(), if !drained => {
                    close(connection.as_mut());
                    drained = true;
                    closed_at.get_or_insert_with(Instant::now);
                    continue;
                }
                () = activity.alarm() => {}
                () = look => {}
            }
            let now = Instant::now();
            let pressed = self.load.pressure() >= Pressure::NoKeepAlive && activity.has_asked();
            match (activity.verdict(now), closed_at) {
                (Verdict::Cut, _) => return None,
                (Verdict::Close, Some(since)) if now - since > self.grace(activity) => return None,
                (verdict, None) if verdict == Verdict::Close || pressed => {
                    activity.retire();
                    retire(connection.as_mut());
                    closed_at = Some(now);
                }
                _ => {}
            }
        }
    }
}
