//! Every RPC of a server: its context, its span, its log line, its metrics.

use std::collections::HashSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll};
use std::time::Instant;

use bytes::Buf;
use http::{HeaderMap, Request, Response};
use http_body::{Body, Frame};
use pin_project_lite::pin_project;
use tonic::Code;
use tower::{Layer, Service};
use tracing::Instrument as _;

use crate::context::{CLIENT, Context, Trace};
use crate::metrics::{InFlight, Requests};
use crate::telemetry;

/// Wraps a gRPC server's services.
#[derive(Debug, Clone)]
pub struct Observe {
    requests: Requests,
    known: Arc<HashSet<String>>,
}

impl Observe {
    /// Observes RPCs; paths not in `known` are counted as "unknown".
    pub fn new(requests: Requests, known: HashSet<String>) -> Self {
        Self { requests, known: Arc::new(known) }
    }
}

impl<S> Layer<S> for Observe {
    type Service = Observed<S>;

    fn layer(&self, inner: S) -> Observed<S> {
        Observed { inner, observe: self.clone() }
    }
}

/// A service that is observed.
#[derive(Debug, Clone)]
pub struct Observed<S> {
    inner: S,
    observe: Observe,
}

impl<S, In, Out> Service<Request<In>> for Observed<S>
where
    S: Service<Request<In>, Response = Response<Out>> + Clone + Send + 'static,
    S::Future: Send,
    In: Send + 'static,
{
    type Response = Response<Watched<Out>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<In>) -> Self::Future {
        let path = request.uri().path();
        let route = self.observe.known.get(path).cloned().unwrap_or_else(|| "unknown".to_owned());
        let context = Context::from_headers(request.headers());
        let span = tracing::info_span!(
            "rpc",
            rpc.route = route,
            request_id = context.request_id,
            trace_id = context.trace.as_ref().and_then(Trace::id),
            client = tracing::field::Empty
        );
        if let Some(client) = request.headers().get(CLIENT).and_then(|client| client.to_str().ok()) {
            span.record("client", client);
        }
        telemetry::continue_trace(&span, &context, request.headers());
        let record = Record {
            requests: self.observe.requests.clone(),
            in_flight: Some(self.observe.requests.begin()),
            route,
            start: Instant::now(),
            span: span.clone(),
        };
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let work = async move {
            let response = inner.call(request).await?;
            let (parts, body) = response.into_parts();
            let mut watched = Watched { inner: body, record: Some(record) };
            // An error without a body ("trailers only") says so in its headers.
            if let Some(code) = code(&parts.headers) {
                watched.finish(code);
            }
            Ok(Response::from_parts(parts, watched))
        };
        Box::pin(context.scope(work).instrument(span))
    }
}

fn code(headers: &HeaderMap) -> Option<Code> {
    headers.get("grpc-status").map(|value| Code::from_bytes(value.as_bytes()))
}

#[derive(Debug)]
struct Record {
    requests: Requests,
    in_flight: Option<InFlight>,
    route: String,
    start: Instant,
    span: tracing::Span,
}

impl Record {
    fn finish(mut self, code: Code) {
        self.in_flight = None;
        let elapsed = self.start.elapsed();
        self.requests.end(&self.route, &format!("{code:?}"), elapsed);
        let duration_ms = elapsed.as_secs_f64() * 1000.0;
        self.span.in_scope(|| tracing::debug!(rpc.code = ?code, duration_ms, "rpc finished"));
    }
}

pin_project! {
    /// A response body whose end is recorded.
    #[derive(Debug)]
    pub struct Watched<B> {
        #[pin]
        inner: B,
        record: Option<Record>,
    }

    impl<B> PinnedDrop for Watched<B> {
        // The caller went away before the end.
        fn drop(this: Pin<&mut Self>) {
            if let Some(record) = this.project().record.take() {
                record.finish(Code::Cancelled);
            }
        }
    }
}

impl<B> Watched<B> {
    fn finish(&mut self, code: Code) {
        if let Some(record) = self.record.take() {
            record.finish(code);
        }
    }
}

impl<B: Body<Data: Buf>> Body for Watched<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let polled = this.inner.poll_frame(cx);
        let end = match &polled {
            Poll::Ready(Some(Ok(frame))) => frame.trailers_ref().map(|t| code(t).unwrap_or(Code::Unknown)),
            Poll::Ready(Some(Err(_))) => Some(Code::Unknown),
            Poll::Ready(None) => Some(Code::Ok),
            Poll::Pending => None,
        };
        if let (Some(code), Some(record)) = (end, end.and_then(|_| this.record.take())) {
            record.finish(code);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.inner.size_hint()
    }
}
