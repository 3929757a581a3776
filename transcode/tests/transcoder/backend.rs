//! A gRPC server whose every answer a test decides, and an edge that shows what the transcoder hands it.

use std::future::{Future, pending};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Request, Response, Status};
use transcode::codec::Raw;
use transcode::{Binding, Edge, Problem, Rendered, Settings, Table, Transcoder};

pub(crate) type Message = Result<Bytes, Status>;
type Messages = BoxStream<'static, Message>;
type Handler<T> =
    Arc<dyn Fn(Request<Bytes>) -> BoxFuture<'static, Result<Response<T>, Status>> + Send + Sync>;

/// Starts a server that answers every unary call like this.
pub(crate) async fn unary<F>(answer: impl Fn(Request<Bytes>) -> F + Send + Sync + 'static) -> Channel
where
    F: Future<Output = Result<Response<Bytes>, Status>> + Send + 'static,
{
    let handler: Handler<Bytes> = Arc::new(move |request| Box::pin(answer(request)));
    serve(tower::service_fn(move |request: http::Request<tonic::body::Body>| {
        let handler = handler.clone();
        async move {
            let service = tower::service_fn(move |request| handler(request));
            Ok::<_, Status>(tonic::server::Grpc::new(Raw).unary(service, request).await)
        }
    }))
    .await
}

/// Starts a server that answers every call with a stream like this.
pub(crate) async fn streaming(messages: impl Fn() -> Messages + Send + Sync + 'static) -> Channel {
    streaming_on(move |_| messages()).await
}

/// Starts a server that answers every call with the stream made of its request.
pub(crate) async fn streaming_on(messages: impl Fn(Bytes) -> Messages + Send + Sync + 'static) -> Channel {
    let handler: Handler<Messages> = Arc::new(move |request| {
        let messages = messages(request.into_inner());
        Box::pin(async { Ok(Response::new(messages)) })
    });
    serve(tower::service_fn(move |request: http::Request<tonic::body::Body>| {
        let handler = handler.clone();
        async move {
            let service = tower::service_fn(move |request| handler(request));
            Ok::<_, Status>(tonic::server::Grpc::new(Raw).server_streaming(service, request).await)
        }
    }))
    .await
}

async fn serve<S, F>(service: S) -> Channel
where
    S: tower::Service<
            http::Request<tonic::body::Body>,
            Response = http::Response<tonic::body::Body>,
            Error = Status,
            Future = F,
        > + Clone
        + Send
        + 'static,
    F: Future<Output = Result<http::Response<tonic::body::Body>, Status>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(Server::builder().serve_with_incoming(service, TcpListenerStream::new(listener)));
    Endpoint::from_shared(format!("http://{address}")).unwrap().connect_lazy()
}

/// A channel to a port that nobody listens on.
pub(crate) async fn nobody() -> Channel {
    let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    Endpoint::from_shared(format!("http://{address}")).unwrap().connect_lazy()
}

/// Tells when it is dropped.
pub(crate) struct Guard(Option<oneshot::Sender<()>>);

impl Guard {
    pub(crate) fn new() -> (Self, oneshot::Receiver<()>) {
        let (sender, receiver) = oneshot::channel();
        (Self(Some(sender)), receiver)
    }

    /// Never ends; the guard goes with the future.
    pub(crate) async fn hold(self) {
        pending::<()>().await;
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(sender) = self.0.take() {
            // Nobody may be waiting any more.
            sender.send(()).ok();
        }
    }
}

/// An edge that writes problems as `{"problem":…}`, in Rust's own words.
pub(crate) struct Plain(Channel);

impl Edge for Plain {
    type Channel = Channel;

    fn channel(&self, service: &str) -> Option<Channel> {
        (service == "transcode.test.v1.Routes").then(|| self.0.clone())
    }

    fn render(&self, problem: &Problem) -> Rendered {
        let status = match problem {
            Problem::NoRoute => StatusCode::NOT_FOUND,
            Problem::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Problem::Invalid(_) | Problem::BodyLost => StatusCode::BAD_REQUEST,
            Problem::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Problem::MediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Problem::NoBackend(_) => StatusCode::NOT_IMPLEMENTED,
            Problem::Status(_) => StatusCode::SERVICE_UNAVAILABLE,
            Problem::Deadline => StatusCode::GATEWAY_TIMEOUT,
            Problem::Unreadable(_) => StatusCode::BAD_GATEWAY,
        };
        let text = match problem {
            Problem::Status(status) => format!("Status({:?}, {})", status.code(), status.message()),
            other => format!("{other:?}"),
        };
        let headers =
            HeaderMap::from_iter([("x-rendered".parse().unwrap(), HeaderValue::from_static("yes"))]);
        Rendered { status, headers, body: serde_json::json!({"problem": text}).to_string().into() }
    }

    fn forward(&self, headers: &HeaderMap, metadata: &mut HeaderMap) {
        if let Some(value) = headers.get("x-request-id") {
            metadata.insert("x-request-id", value.clone());
        }
    }

    fn backward(&self, metadata: &HeaderMap, headers: &mut HeaderMap) {
        if let Some(value) = metadata.get("x-cursor") {
            headers.insert("x-cursor", value.clone());
        }
    }

    fn decorate(&self, binding: &Binding, headers: &mut HeaderMap) {
        headers.insert("x-route", HeaderValue::try_from(binding.route.as_str()).unwrap());
    }

    fn envelope(&self, binding: &Binding) -> Option<&'static str> {
        (!binding.route.starts_with("/parts")).then_some(r#""success":true"#)
    }
}

/// A transcoder of the test routes in front of a channel.
pub(crate) fn transcoder(channel: Channel, settings: Settings) -> Transcoder<Plain> {
    Transcoder::new(Table::compile(&crate::pool::pool(None)).unwrap(), Plain(channel), settings)
}
