//! One HTTP/2 connection to one address of a server, made when it is first needed and again when it is lost.
//!
//! A call speaks to the connection from the task it is in, and what calls ask at the same time goes out in one write.
//! `tonic::transport::Channel` takes each through a queue and three tasks and writes it by itself, which was a third of what
//! a small request cost the gateway.

use std::fmt;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::Bytes;
use h2::client::SendRequest;
use h2::{PingPong, Reason, RecvStream};
use http::header::USER_AGENT;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::Frame;
use http_body_util::BodyExt as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tonic::body::Body;
use tonic::codegen::StdError;
use tonic::{ConnectError, TimeoutExpired};

use super::Remote;
use crate::context::parse_timeout;

/// How long a connection may take to be made.
pub(super) const CONNECT: Duration = Duration::from_secs(2);

/// How often the other end is asked whether it is still there, also while nothing is asked of it.
pub(super) const PING: Duration = Duration::from_secs(20);

/// How long it may take to say so.
pub(super) const PONG: Duration = Duration::from_secs(5);

/// Bytes of one answer that are taken before the caller has taken those before.
const WINDOW: u32 = 256 << 10;

/// Bytes of all answers together: as many as there can be. Callers share the connection, and those who take their answers
/// slowly would use up a smaller window for all others. What they hold is bounded by the window of each.
const ALL: u32 = (1 << 31) - 1;

const AGENT: HeaderValue = HeaderValue::from_static(concat!("bouvet-radar/", env!("CARGO_PKG_VERSION")));

/// A connection to one address.
pub(super) struct Channel {
    remote: Remote,
    addr: SocketAddr,
    open: Mutex<Option<SendRequest<Bytes>>>,
    /// Held by the call that connects, while others wait for what comes of it.
    connecting: tokio::sync::Mutex<Option<Failed>>,
}

/// The last attempt to connect, if it failed.
struct Failed {
    at: Instant,
    cause: String,
}

impl Channel {
    pub(super) fn new(remote: Remote, addr: SocketAddr) -> Self {
        Self { remote, addr, open: Mutex::default(), connecting: tokio::sync::Mutex::default() }
    }

    /// Makes a call, whose request is sent whole before an answer is waited for, and whose answer must begin within
    /// its `grpc-timeout`.
    pub(super) async fn call(&self, request: Request<Body>) -> Result<Response<Incoming>, StdError> {
        let timeout = request.headers().get("grpc-timeout").and_then(|value| value.to_str().ok());
        match timeout.and_then(parse_timeout) {
            Some(timeout) => {
                let answer = tokio::time::timeout(timeout, self.ask(request)).await;
                answer.map_err(|_| TimeoutExpired(()))?
            }
            None => self.ask(request).await,
        }
    }

    async fn ask(&self, request: Request<Body>) -> Result<Response<Incoming>, StdError> {
        let (mut parts, body) = request.into_parts();
        self.remote.complete(&mut parts.uri)?;
        parts.headers.insert(USER_AGENT, AGENT);
        let body = body.collect().await?.to_bytes();
        let mut sender = self.sender().await?;
        let (answer, mut sending) = sender.send_request(Request::from_parts(parts, ()), body.is_empty())?;
        drop(sender);
        if !body.is_empty() {
            sending.send_data(body, true)?;
        }
        Ok(answer.await?.map(|stream| Incoming { stream, ended: false }))
    }

    /// The connection, made if there is none.
    async fn sender(&self) -> Result<SendRequest<Bytes>, StdError> {
        if let Some(sender) = self.usable().await {
            return Ok(sender);
        }
        let asked = Instant::now();
        let mut last = self.connecting.lock().await;
        if let Some(sender) = self.usable().await {
            return Ok(sender);
        }
        // Who waited for an attempt that failed has its answer; each trying for itself would take all of them in turn.
        if let Some(failed) = last.as_ref().filter(|failed| failed.at > asked) {
            return Err(ConnectError(failed.cause.clone().into()).into());
        }
        match tokio::time::timeout(CONNECT, self.connect()).await {
            Ok(Ok(sender)) => {
                *last = None;
                *self.open() = Some(sender.clone());
                Ok(sender)
            }
            failed => {
                let cause = match failed {
                    Ok(Err(error)) => error.to_string(),
                    _ => format!("no connection within {} s", CONNECT.as_secs()),
                };
                *last = Some(Failed { at: Instant::now(), cause: cause.clone() });
                Err(ConnectError(cause.into()).into())
            }
        }
    }

    /// The connection, if it takes more calls.
    async fn usable(&self) -> Option<SendRequest<Bytes>> {
        let sender = self.open().clone()?;
        sender.ready().await.ok()
    }

    async fn connect(&self) -> Result<SendRequest<Bytes>, StdError> {
        let stream = self.remote.connect(self.addr).await?;
        let mut builder = h2::client::Builder::new();
        builder.initial_window_size(WINDOW).initial_connection_window_size(ALL).enable_push(false);
        let (sender, connection) = builder.handshake(stream).await?;
        tokio::spawn(drive(connection, self.addr));
        Ok(sender)
    }

    fn open(&self) -> std::sync::MutexGuard<'_, Option<SendRequest<Bytes>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel").field("addr", &self.addr).finish_non_exhaustive()
    }
}

/// Runs a connection until it ends, or the other end is no longer there.
async fn drive<S>(mut connection: h2::client::Connection<S, Bytes>, addr: SocketAddr)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let pings = connection.ping_pong();
    tokio::select! {
        ended = (Last { inner: connection, waited: false }) => {
            if let Err(error) = ended {
                tracing::debug!(%addr, %error, "a connection to a service broke off");
            }
        }
        () = silence(pings) => tracing::debug!(%addr, "a connection to a service is silent"),
    }
}

/// A connection that lets every task that is ready go first: what all of them ask goes out in one write, which is most
/// of what a connection costs.
struct Last<F> {
    inner: F,
    waited: bool,
}

impl<F: Future + Unpin> Future for Last<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.waited = !self.waited;
        if self.waited {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Pin::new(&mut self.inner).poll(cx)
    }
}

/// Ends when the other end does not answer in time.
async fn silence(pings: Option<PingPong>) {
    let Some(mut pings) = pings else { return std::future::pending().await };
    loop {
        tokio::time::sleep(PING).await;
        if !matches!(tokio::time::timeout(PONG, pings.ping(h2::Ping::opaque())).await, Ok(Ok(_))) {
            return;
        }
    }
}

/// The body of an answer as it comes in.
#[derive(Debug)]
pub(super) struct Incoming {
    stream: RecvStream,
    /// Whether all its data have come.
    ended: bool,
}

impl http_body::Body for Incoming {
    type Data = Bytes;
    type Error = h2::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, h2::Error>>> {
        if !self.ended {
            match ready!(self.stream.poll_data(cx)) {
                Some(Ok(data)) => {
                    self.stream.flow_control().release_capacity(data.len())?;
                    return Poll::Ready(Some(Ok(Frame::data(data))));
                }
                // Nothing of the request was left to send: the answer is whole.
                Some(Err(error)) if error.reason() == Some(Reason::NO_ERROR) => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => self.ended = true,
            }
        }
        let trailers: Option<HeaderMap> = ready!(self.stream.poll_trailers(cx))?;
        Poll::Ready(trailers.map(|trailers| Ok(Frame::trailers(trailers))))
    }

    fn is_end_stream(&self) -> bool {
        self.stream.is_end_stream()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use futures_util::future::join_all;
    use tokio::net::TcpListener;
    use tokio::task::JoinHandle;

    use super::*;
    use crate::config::GrpcTls;

    fn channel(addr: SocketAddr) -> Channel {
        let remote = Remote::new(&format!("http://{addr}"), "X_URL", &GrpcTls::default()).unwrap();
        Channel::new(remote, addr)
    }

    fn request(timeout: &'static str) -> Request<Body> {
        let request = Request::post("/x.Y/Z").header("grpc-timeout", timeout);
        request.body(Body::new(http_body_util::Full::new(Bytes::from_static(b"question")))).unwrap()
    }

    /// A server that answers each call with what it was asked, and closes a connection after as many as it is told.
    async fn echo(calls: usize) -> (SocketAddr, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let mut connection = h2::server::handshake(stream).await.unwrap();
                for _ in 0..calls {
                    let Some(call) = connection.accept().await else { break };
                    let (request, mut answer) = call.unwrap();
                    let mut body = request.into_body();
                    let read = async {
                        let mut asked = Vec::new();
                        while let Some(piece) = body.data().await {
                            asked.extend_from_slice(&piece.unwrap());
                        }
                        asked
                    };
                    // The connection has to be polled for the body to come.
                    let asked = tokio::select! {
                        asked = read => asked,
                        _ = connection.accept() => return,
                    };
                    let mut sending = answer.send_response(Response::new(()), false).unwrap();
                    sending.send_data(asked.into(), true).unwrap();
                }
                connection.graceful_shutdown();
                while connection.accept().await.is_some() {}
            }
        });
        (addr, task)
    }

    async fn answer(channel: &Channel) -> Result<Bytes, StdError> {
        Ok(channel.call(request("5S")).await?.into_body().collect().await?.to_bytes())
    }

    #[tokio::test]
    async fn calls_are_answered_over_one_connection_and_over_another_when_it_was_closed() {
        let (addr, server) = echo(2).await;
        let channel = channel(addr);
        for _ in 0..6 {
            assert_eq!(answer(&channel).await.unwrap(), "question");
        }
        server.abort();
    }

    #[tokio::test]
    async fn callers_that_do_not_take_their_answers_hold_up_nobody_else() {
        const LONG: usize = 1 << 20;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let channel = channel(listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let mut connection = h2::server::handshake(stream).await.unwrap();
            while let Some(Ok((_, mut answer))) = connection.accept().await {
                let mut sending = answer.send_response(Response::new(()), false).unwrap();
                sending.send_data(vec![0; LONG].into(), true).unwrap();
            }
        });
        let ask = || channel.call(request("20S"));
        let untaken = join_all((0..50).map(|_| ask())).await;
        let taken = ask().await.unwrap().into_body().collect();
        let taken = tokio::time::timeout(Duration::from_secs(10), taken).await.unwrap().unwrap();
        assert_eq!(taken.to_bytes().len(), LONG);
        assert!(untaken.iter().all(Result::is_ok));
        server.abort();
    }

    #[tokio::test]
    async fn calls_that_wait_for_a_connection_share_what_comes_of_it() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let remote = Remote::new(&format!("https://{addr}"), "X_URL", &GrpcTls::default()).unwrap();
        let channel = Channel::new(remote, addr);
        let accepted = tokio::spawn(async move {
            // Nothing is said: no handshake of TLS ends before its time.
            let kept = listener.accept().await.unwrap();
            (kept, listener)
        });
        let begin = Instant::now();
        let failed = join_all((0..50).map(|_| answer(&channel))).await;
        assert!(begin.elapsed() < CONNECT * 2, "{:?}", begin.elapsed());
        assert!(failed.iter().all(|failed| failed.as_ref().is_err_and(|error| error.is::<ConnectError>())));
        let (_, listener) = accepted.await.unwrap();
        assert!(listener.accept().now_or_never().is_none(), "somebody connected once more");
    }

    #[tokio::test]
    async fn a_call_ends_when_its_time_is_up() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let channel = channel(listener.local_addr().unwrap());
        let error = channel.call(request("50m")).await.unwrap_err();
        assert!(error.is::<TimeoutExpired>(), "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_whose_other_end_says_nothing_any_more_ends() {
        let (near, far) = tokio::io::duplex(4096);
        let far = tokio::spawn(async move { h2::server::handshake(far).await });
        let (sender, connection) = h2::client::handshake(near).await.unwrap();
        let begin = tokio::time::Instant::now();
        let driving = tokio::spawn(drive(connection, SocketAddr::from(([127, 0, 0, 1], 1))));
        // It is kept, but never polled again.
        let kept = far.await.unwrap().unwrap();
        driving.await.unwrap();
        assert_eq!(begin.elapsed().as_secs(), (PING + PONG).as_secs());
        drop((sender, kept));
    }
}
