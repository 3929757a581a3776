//! Every route and every middleware of the gateway, in the order they apply.

use std::any::Any;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, Method, Version};
use proto::{ErrorCode, Failure};
use runtime::context::REQUEST_ID;
use runtime::metrics::Requests;
use runtime::{Metrics, Stop};
use tower::ServiceBuilder;
use tower::util::MapResponseLayer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::predicate::{NotForContentType, SizeAbove};
use tower_http::compression::{CompressionLayer, Predicate as _};
use tower_http::cors::{AllowOrigin, CorsLayer};
use transcode::{Settings, Table, Transcoder};

use crate::address::Proxies;
use crate::auth::API_KEY;
use crate::backends::Backends;
use crate::config::{Config, Origins};
use crate::edge::{Edge, TOLD};
use crate::etag::Known;
use crate::guard::{Guard, guard};
use crate::limit::{LIMIT, POLICY};
use crate::observe::{Fixed, Probe, observe};
use crate::openapi::Document;
use crate::options::Options;
use crate::overload::Load;
use crate::responses::{CACHE_STATUS, Responses};
use crate::{Error, docs, failure, headers, health};

/// Replies from this size on are compressed.
const COMPRESS_FROM_BYTES: u64 = 1024;

/// The gateway as one service.
pub(crate) fn build(
    config: &Config,
    metrics: &Metrics,
    backends: Backends,
    health: health::State,
    load: Arc<Load>,
    stop: &Stop,
) -> Result<Router, Error> {
    let pool = proto::catalogue::pool();
    let settings =
        Settings { max_body: config.max_body_bytes, timeout: config.request_timeout, ..Settings::default() };
    let (table, options) = (Table::compile(pool)?, Arc::new(Options::read(pool)));
    let document = Document::write(&table, options.clone(), config.auth.mode(config.process.environment)?);
    let transcoder = Arc::new(Transcoder::new(table, Edge { backends, options }, settings));
    let responses = Arc::new(Responses::new(transcoder.clone(), config, metrics));
    let guarding = Arc::new(Guard::new(config, transcoder, load, stop)?);
    let limits = Limits { uri: config.max_uri_bytes, headers: config.max_header_bytes as usize };
    let compression = CompressionLayer::new().compress_when(
        SizeAbove::new(COMPRESS_FROM_BYTES).and(NotForContentType::const_new("text/event-stream")),
    );

    let around = Around { requests: metrics.requests("http"), proxies: config.proxies()? };
    // What needs no layer of its own shares one: each costs every request a copy of all that is below it.
    let middleware = ServiceBuilder::new()
        .layer(from_fn_with_state(Arc::new(around), around_all))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(cors(config.origins()?))
        .layer(from_fn_with_state(limits, within_limits))
        .layer(compression);

    let health_routes = Router::new()
        .route("/livez", get(health::live).layer(named("/livez", Probe(true))))
        .route("/readyz", get(health::ready).layer(named("/readyz", Probe(true))))
        .route("/api/health", get(health::overview).layer(named("/api/health", Probe(true))))
        .with_state(health);
    let guarded = Router::new()
        .route(
            "/api/openapi.json",
            get(async move || document.answer()).layer(named("/api/openapi.json", Probe(false))),
        )
        .fallback(answer)
        .with_state(responses)
        .merge(docs::router().layer(named("/api/docs", Probe(false))))
        .layer(from_fn_with_state(guarding, guard));
    Ok(guarded.merge(health_routes).method_not_allowed_fallback(only_get).layer(middleware))
}

/// What stands around every request.
#[derive(Debug)]
struct Around {
    requests: Requests,
    proxies: Proxies,
}

async fn around_all(State(around): State<Arc<Around>>, request: Request, next: Next) -> Response {
    let secure = headers::is_secure(&around.proxies, &request);
    let mut response = observe(&around.requests, request, next).await;
    headers::secure(response.headers_mut(), secure);
    response
}

async fn answer(State(responses): State<Arc<Responses>>, request: Request) -> Response {
    responses.handle(request).await
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

#[expect(clippy::needless_pass_by_value, reason = "the signature CatchPanicLayer calls")]
fn panicked(cause: Box<dyn Any + Send>) -> Response {
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
            header::CONTENT_TYPE,
            header::IF_NONE_MATCH,
            HeaderName::from_static(REQUEST_ID),
            HeaderName::from_static("x-request-timeout"),
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

#[derive(Debug, Clone, Copy)]
struct Limits {
    uri: usize,
    headers: usize,
}

/// Refuses what is over a limit; what is not gets an answer it can read, or word that it has it already.
async fn within_limits(State(limits): State<Limits>, mut request: Request, next: Next) -> Response {
    if let Err(failure) = limits.check(&request) {
        return failure::response(&failure);
    }
    acceptable(request.headers_mut());
    let known = Known::of(&request);
    known.settle(next.run(request).await)
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
        if hosts > 1 || (hosts == 0 && request.version() == Version::HTTP_11) {
            // Which of two hosts is meant differs between proxies, and has been used to get past them.
            return Err(Failure::new(ErrorCode::InvalidInput, "a request has exactly one Host header"));
        }
        Ok(())
    }
}

/// Every caller gets an answer it can read: one that refuses what is not encoded, and names no encoding that is
/// known here, is answered as if it had not said so, instead of with 406.
fn acceptable(headers: &mut HeaderMap) {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let refuses =
        accepted.is_some_and(|accepted| accepted.split(',').any(|coding| coding.trim().ends_with(";q=0")));
    if refuses {
        let gzip = accepted.is_some_and(|accepted| accepted.split(',').any(|coding| coding.trim() == "gzip"));
        headers.remove(header::ACCEPT_ENCODING);
        if gzip {
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        }
    }
}
