//! Every route and every middleware of the gateway, in the order they apply.
//!
//! ```text
//! App: log line, metrics, panics, 304, security headers
//!  └─ CORS ─ compression ─ Inside: limits of size
//!                            ├─ a route of the contract: Guard ─ Responses
//!                            └─ a page of the gateway's own (`own`), by axum's router
//! ```
//!
//! What stands around every request is called rather than stacked up: a layer that boxes its future costs every request
//! a copy of all that is below it.

use std::any::Any;
use std::convert::Infallible;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::header::{self, HeaderName};
use http::uri::Authority;
use http::{HeaderValue, Method, StatusCode, Version};
use http_body::Body as _;
use proto::{ErrorCode, Failure};
use runtime::context::REQUEST_ID;
use runtime::metrics::Requests;
use runtime::{Metrics, Stop};
use tower::util::MapResponseLayer;
use tower::{Layer as _, Service, ServiceExt as _};
use tower_http::compression::predicate::{And, NotForContentType, SizeAbove};
use tower_http::compression::{Compression, CompressionLayer, Predicate as _};
use tower_http::cors::{AllowOrigin, Cors, CorsLayer};
use transcode::{Settings, Table, Transcoder};

use crate::address::Proxies;
use crate::auth::API_KEY;
use crate::backends::Backends;
use crate::coding;
use crate::config::{Config, Origins};
use crate::edge::{Edge, TOLD};
use crate::etag::Known;
use crate::guard::{Guard, guarded};
use crate::limit::{LIMIT, POLICY};
use crate::observe::{Fixed, Observed, Probe};
use crate::openapi::Document;
use crate::options::Options;
use crate::overload::Load;
use crate::responses::{CACHE_STATUS, Responses};
use crate::{Error, docs, failure, headers, health};

/// Replies from this size on are compressed.
const COMPRESS_FROM_BYTES: u64 = 1024;

/// The gateway as one service.
pub(crate) struct App {
    requests: Requests,
    proxies: Proxies,
    middleware: Cors<Compression<Inside, And<SizeAbove, NotForContentType>>>,
}

impl App {
    pub(crate) fn new(
        config: &Config,
        metrics: &Metrics,
        backends: Backends,
        health: health::State,
        load: Arc<Load>,
        stop: &Stop,
    ) -> Result<Self, Error> {
        let pool = proto::catalogue::pool();
        let settings = Settings {
            max_body: config.max_body_bytes,
            timeout: config.request_timeout,
            ..Settings::default()
        };
        let (table, options) = (Table::compile(pool)?, Arc::new(Options::read(pool)));
        let document =
            Document::write(&table, options.clone(), config.auth.mode(config.process.environment)?);
        let transcoder = Arc::new(Transcoder::new(table, Edge { backends, options }, settings));
        let responses = Arc::new(Responses::new(transcoder.clone(), config, metrics));
        let guard = Arc::new(Guard::new(config, transcoder, load, stop)?);
        let inside = Inside(Arc::new(Routes {
            limits: Limits { uri: config.max_uri_bytes, headers: config.max_header_bytes as usize },
            own: own(document, health, responses.clone(), guard.clone()),
            guard,
            responses,
        }));
        let compression = CompressionLayer::new().compress_when(
            SizeAbove::new(COMPRESS_FROM_BYTES).and(NotForContentType::const_new("text/event-stream")),
        );
        Ok(Self {
            requests: metrics.requests("http"),
            proxies: config.proxies()?,
            middleware: cors(config.origins()?).layer(compression.layer(inside)),
        })
    }

    /// Answers a request.
    pub(crate) async fn answer(&self, request: Request) -> Response {
        let secure = headers::is_secure(&self.proxies, &request);
        let observed = Observed::begin(&self.requests, &request);
        let mut response = observed.run(self.settled(request)).await;
        observed.end(&mut response);
        headers::secure(response.headers_mut(), secure);
        response
    }

    /// An answer its caller can read, or word that it has it already.
    async fn settled(&self, mut request: Request) -> Response {
        coding::settle(request.headers_mut());
        // Answered as GET is, so that it hears the same of its coding, tag and length.
        let head = request.method() == Method::HEAD;
        if head {
            *request.method_mut() = Method::GET;
        }
        let known = Known::of(&request);
        let answer = AssertUnwindSafe(async move {
            // The clone is not held while its answer is waited for.
            let answer = self.middleware.clone().call(request);
            answer.await
        });
        let response = known.settle(match answer.catch_unwind().await {
            Ok(Ok(response)) => response.map(Body::new),
            Err(cause) => panicked(&*cause),
        });
        if head { without_body(response) } else { response }
    }
}

/// An answer to HEAD, which says how long the body would be if that is known.
fn without_body(mut response: Response) -> Response {
    let length = response.body().size_hint().exact();
    if let Some(length) = length.filter(|_| response.status() != StatusCode::NOT_MODIFIED) {
        response.headers_mut().entry(header::CONTENT_LENGTH).or_insert_with(|| length.into());
    }
    *response.body_mut() = Body::empty();
    response
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}

/// What the middleware stands around.
#[derive(Clone)]
struct Inside(Arc<Routes>);

impl Service<Request> for Inside {
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let routes = self.0.clone();
        Box::pin(async move { routes.answer(request).await })
    }
}

/// Everything that can be asked for.
struct Routes {
    limits: Limits,
    guard: Arc<Guard>,
    responses: Arc<Responses>,
    own: Router,
}

impl Routes {
    async fn answer(&self, request: Request) -> Result<Response, Infallible> {
        if let Err(failure) = self.limits.check(&request) {
            return Ok(failure::response(&failure));
        }
        match self.guard.route(&request) {
            Some(route) => {
                let answer = |request| self.responses.handle(request);
                Ok(self.guard.pass(request, Some(route), answer).await)
            }
            None => self.own.clone().oneshot(request).await,
        }
    }
}

/// The gateway's own pages, and the answer to what is nothing at all.
fn own(document: Document, health: health::State, responses: Arc<Responses>, guard: Arc<Guard>) -> Router {
    let health_routes = Router::new()
        .route("/livez", get(health::live).layer(named("/livez", Probe(true))))
        .route("/readyz", get(health::ready).layer(named("/readyz", Probe(true))))
        .route("/api/health", get(health::overview).layer(named("/api/health", Probe(true))))
        .with_state(health);
    Router::new()
        .route(
            "/api/openapi.json",
            get(async move || document.answer()).layer(named("/api/openapi.json", Probe(false))),
        )
        .fallback(async |State(responses): State<Arc<Responses>>, request| responses.handle(request).await)
        .with_state(responses)
        .merge(docs::router().layer(named("/api/docs", Probe(false))))
        .layer(from_fn_with_state(guard, guarded))
        .merge(health_routes)
        .method_not_allowed_fallback(only_get)
}

async fn only_get() -> Response {
    let failure = Failure::new(ErrorCode::MethodNotAllowed, "this route takes GET");
    ([(header::ALLOW, "GET, HEAD")], failure::response(&failure)).into_response()
}

/// Names the route of an answer of the gateway's own, for its log line and metrics.
fn named(route: &'static str, probe: Probe) -> MapResponseLayer<impl Fn(Response) -> Response + Clone> {
    MapResponseLayer::new(move |mut response: Response| {
        response.extensions_mut().insert(Fixed { route, probe });
        response
    })
}

fn panicked(cause: &(dyn Any + Send)) -> Response {
    let text =
        cause.downcast_ref::<String>().map(String::as_str).or_else(|| cause.downcast_ref::<&str>().copied());
    tracing::error!(cause = text.unwrap_or("unknown"), "a request panicked");
    failure::response(&Failure::new(ErrorCode::InternalServerError, "an internal error occurred"))
}

fn cors(origins: Origins) -> CorsLayer {
    let origins = match origins {
        Origins::Any => AllowOrigin::any(),
        Origins::Listed(listed) => AllowOrigin::list(listed),
    };
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([
            header::ACCEPT,
            header::ACCEPT_LANGUAGE,
            header::AUTHORIZATION,
            header::CACHE_CONTROL,
            header::CONTENT_TYPE,
            header::IF_NONE_MATCH,
            HeaderName::from_static(REQUEST_ID),
            HeaderName::from_static("x-request-timeout"),
            HeaderName::from_static("grpc-timeout"),
            HeaderName::from_static("traceparent"),
            HeaderName::from_static("tracestate"),
            // A page that shows credentials reads streams with fetch, and goes on where it was itself.
            HeaderName::from_static("last-event-id"),
            API_KEY,
        ])
        .expose_headers(
            [
                HeaderName::from_static(REQUEST_ID),
                header::RETRY_AFTER,
                header::ETAG,
                header::AGE,
                CACHE_STATUS,
                header::WWW_AUTHENTICATE,
                LIMIT,
                POLICY,
            ]
            .into_iter()
            .chain(TOLD)
            .collect::<Vec<_>>(),
        )
        .max_age(std::time::Duration::from_mins(10))
}

/// What a request may be long.
#[derive(Debug, Clone, Copy)]
struct Limits {
    uri: usize,
    headers: usize,
}

impl Limits {
    fn check(self, request: &Request) -> Result<(), Failure> {
        let uri = request.uri();
        let length = uri.path_and_query().map_or(0, |path| path.as_str().len());
        if length > self.uri {
            let text = format!("path and query are {length} bytes long, at most {} are read", self.uri);
            return Err(Failure::new(ErrorCode::UriTooLong, text));
        }
        let size = |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len();
        if request.headers().iter().map(size).sum::<usize>() > self.headers {
            let text = format!("the headers are over {} bytes", self.headers);
            return Err(Failure::new(ErrorCode::HeadersTooLarge, text));
        }
        let hosts = request.headers().get_all(header::HOST).iter().count();
        let host = request.headers().get(header::HOST).filter(|_| request.version() == Version::HTTP_2);
        let other = |(host, authority): (&HeaderValue, &Authority)| {
            !host.as_bytes().eq_ignore_ascii_case(authority.as_str().as_bytes())
        };
        let two = host.zip(uri.authority()).is_some_and(other);
        if two || hosts > 1 || (hosts == 0 && request.version() == Version::HTTP_11) {
            // Which of two hosts is meant differs between proxies, and has been used to get past them.
            return Err(Failure::new(ErrorCode::InvalidInput, "a request has exactly one Host header"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use transcode::Found;

    use super::*;

    /// The contract is asked first, so it must have nothing where a page of the gateway's own is.
    #[test]
    fn no_route_of_the_contract_hides_a_page() {
        let table = Table::compile(proto::catalogue::pool()).unwrap();
        for page in [
            "/livez",
            "/readyz",
            "/api/health",
            "/api/openapi.json",
            "/api/docs",
            "/api/docs/",
            "/api/docs/a.js",
        ] {
            assert!(matches!(table.find(page, &Method::GET), Found::Nothing), "{page}");
        }
    }
}
