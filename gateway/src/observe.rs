//! Every request: its id, its trace, its log line, its metrics.

use std::pin::Pin;
use std::task::{self, Poll};
use std::time::Instant;

use axum::BoxError;
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderValue, Method};
use http_body::{Frame, SizeHint};
use runtime::context::{REQUEST_ID, Trace};
use runtime::metrics::{InFlight, Requests};
use runtime::{Context, telemetry};
use tracing::{Instrument as _, Span};
use transcode::Matched;

use crate::auth::Identity;

/// A request under way.
pub(crate) struct Observed<'a> {
    requests: &'a Requests,
    _in_flight: InFlight,
    context: Context,
    span: Span,
    method: Method,
    start: Instant,
}

impl<'a> Observed<'a> {
    /// Gives a request its id and trace.
    pub(crate) fn begin(requests: &'a Requests, request: &Request) -> Self {
        let in_flight = requests.begin();
        let mut context = Context::from_headers(request.headers());
        // A caller's deadline is read and enforced by the transcoder, which also knows X-Request-Timeout.
        context.deadline = None;
        let trace_id = context.trace.as_ref().and_then(Trace::id);
        let span = tracing::info_span!("request", request_id = context.request_id, trace_id);
        telemetry::continue_trace(&span, &context, request.headers());
        Self {
            requests,
            _in_flight: in_flight,
            context,
            span,
            method: request.method().clone(),
            start: Instant::now(),
        }
    }

    /// Runs what answers it.
    pub(crate) fn run<F: Future>(&self, answer: F) -> impl Future<Output = F::Output> + use<F> {
        self.context.clone().scope(answer).instrument(self.span.clone())
    }

    /// Tells of its end: once in the log, once in the metrics.
    pub(crate) fn end(self, response: &mut Response) {
        let elapsed = self.start.elapsed();
        let matched = response.extensions().get::<Matched>().map(|matched| matched.0.route.clone());
        let fixed = response.extensions().get::<Fixed>().copied();
        let probe = fixed.is_some_and(|fixed| fixed.probe.0);
        let route =
            matched.or(fixed.map(|fixed| fixed.route.to_owned())).unwrap_or_else(|| "unknown".to_owned());
        let status = response.status();
        self.requests.end(&route, status.as_str(), elapsed);
        let duration_ms = elapsed.as_secs_f64() * 1000.0;
        let (method, status) = (self.method.as_str(), status.as_u16());
        let caller = response.extensions().get::<Caller>().map(|caller| caller.0.client());
        macro_rules! tell {
            ($level:ident) => {
                tracing::$level!(
                    http.method = method,
                    http.route = route,
                    http.status = status,
                    duration_ms,
                    client = caller,
                    "request"
                )
            };
        }
        // Probes come every few seconds for ever; they would bury what people asked.
        self.span.in_scope(|| if probe { tell!(debug) } else { tell!(info) });
        if let Ok(id) = HeaderValue::try_from(self.context.request_id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
    }
}

/// A stream's body, which goes on in the name of its request: so do its log lines, and the error it may end with.
pub(crate) fn named(body: impl HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static) -> Body {
    Body::new(Named { body: Box::pin(body), context: Context::current(), span: Span::current() })
}

struct Named<B> {
    body: Pin<Box<B>>,
    context: Option<Context>,
    span: Span,
}

impl<B: HttpBody> HttpBody for Named<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = &mut *self;
        let _entered = this.span.enter();
        match &this.context {
            Some(context) => context.within(|| this.body.as_mut().poll_frame(cx)),
            None => this.body.as_mut().poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Who an answer is for, if that is known.
#[derive(Debug, Clone)]
pub(crate) struct Caller(pub(crate) Identity);

/// The route of an answer that the gateway gives itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fixed {
    pub(crate) route: &'static str,
    pub(crate) probe: Probe,
}

/// Whether a route is asked by machines every few seconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Probe(pub(crate) bool);
