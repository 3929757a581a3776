//! The accept loop: first-byte deadline, header timeout, connection cap, drain.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use futures_util::FutureExt as _;
use http::header::CONNECTION;
use http::{HeaderValue, Version};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use runtime::{Metrics, Stop};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use crate::address::Peer;
use crate::{Config, health, preface};

/// Pause after an accept that failed for lack of file descriptors; trying again at once would spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Accepts and serves connections until `stop`, then drains.
pub(crate) async fn run(
    listener: TcpListener,
    app: Router,
    config: &Config,
    metrics: &Metrics,
    health: health::State,
    stop: Stop,
) {
    let open = metrics.register("http_connections", "Open connections", Gauge::<i64>::default());
    let refused =
        metrics.register("http_connections_refused", "Connections over the cap", Counter::<u64>::default());
    let places = Arc::new(Semaphore::new(config.max_connections));
    let (connections, closing) = (TaskTracker::new(), Stop::new());
    let serve = Serve {
        app,
        health: health.clone(),
        config: Arc::new(config.clone()),
        closing: closing.clone(),
        open,
    };
    let end = async {
        stop.stopped().await;
        health.drain();
        // Load balancers see the readiness, and clients that keep connections are asked to close them.
        tokio::time::sleep(config.drain_delay).await;
    };
    tokio::pin!(end);
    loop {
        let accepted = tokio::select! {
            () = &mut end => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, addr) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Ok(place) = places.clone().try_acquire_owned() else {
            refused.inc();
            continue;
        };
        connections.spawn(serve.clone().connection(stream, addr, Some(place)));
    }
    // What the system has accepted for us already would be reset with the listener.
    while let Some(Ok((stream, addr))) = listener.accept().now_or_never() {
        connections.spawn(serve.clone().connection(stream, addr, None));
    }
    drop(listener);
    closing.stop();
    connections.close();
    if tokio::time::timeout(config.process.drain_timeout, connections.wait()).await.is_err() {
        let timeout_s = config.process.drain_timeout.as_secs_f64();
        let left = connections.len();
        tracing::warn!(timeout_s, left, "drain timed out; connections that are left are cut off");
    }
}

#[derive(Debug, Clone)]
struct Serve {
    app: Router,
    health: health::State,
    config: Arc<Config>,
    /// Given when connections are to end after what they are doing.
    closing: Stop,
    open: Gauge,
}

impl Serve {
    async fn connection(self, stream: TcpStream, addr: SocketAddr, _place: Option<OwnedSemaphorePermit>) {
        self.open.inc();
        self.speak(stream, addr).await;
        self.open.dec();
    }

    async fn speak(&self, stream: TcpStream, addr: SocketAddr) {
        if stream.set_nodelay(true).is_err() {
            return;
        }
        let Some((version, stream)) = preface::detect(stream, self.config.first_byte_timeout).await else {
            return;
        };
        let stream = TokioIo::new(stream);
        let (app, health) = (self.app.clone(), self.health.clone());
        let peer = Peer { addr, tls: false };
        let service = service_fn(move |mut request: http::Request<Incoming>| {
            request.extensions_mut().insert(peer);
            answer(app.clone(), health.clone(), request)
        });
        // An error here is the client's: it went away or spoke no HTTP.
        let ended = match version {
            preface::Version::One => {
                let connection = self.http1().serve_connection(stream, service);
                drive(connection, http1::Connection::graceful_shutdown, &self.closing).await
            }
            preface::Version::Two => {
                let connection = self.http2().serve_connection(stream, service);
                drive(connection, http2::Connection::graceful_shutdown, &self.closing).await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection broke off");
        }
    }

    fn http1(&self) -> http1::Builder {
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(self.config.header_timeout);
        // Room for headers over our own limit, which then are answered instead of cut off.
        builder.max_buf_size((self.config.max_header_bytes as usize + self.config.max_uri_bytes) * 2 + 8192);
        builder
    }

    fn http2(&self) -> http2::Builder<TokioExecutor> {
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .max_concurrent_streams(100)
            .initial_stream_window_size(64 << 10)
            .initial_connection_window_size(1 << 20)
            .max_header_list_size(self.config.max_header_bytes)
            .max_pending_accept_reset_streams(20)
            .keep_alive_interval(Duration::from_secs(20))
            .keep_alive_timeout(Duration::from_secs(5));
        builder
    }
}

/// Runs a connection to its end, or to the end of what it is doing once `closing` is given.
///
/// The connection is always polled first: hyper closes one that it has read nothing from, and what `preface` has
/// read belongs to a request that was accepted.
async fn drive<C: Future>(connection: C, close: fn(Pin<&mut C>), closing: &Stop) -> C::Output {
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        biased;
        ended = connection.as_mut() => return ended,
        () = closing.stopped() => close(connection.as_mut()),
    }
    connection.await
}

async fn answer(
    app: Router,
    health: health::State,
    request: http::Request<Incoming>,
) -> Result<Response, Infallible> {
    let http1 = request.version() < Version::HTTP_2;
    let mut response = app.oneshot(request.map(Body::new)).await?;
    if http1 && health.is_draining() {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response)
}
