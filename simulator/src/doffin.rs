//! Doffin's public API: gateway (key, routes, rate) in front, search and download behind.

mod download;
mod hit;
mod order;
mod rate;
mod search;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, Method, Response, StatusCode, header};
use serde_json::json;

use crate::faults::{Counters, Doffin, RateAnswer};
use crate::query::Query;
use crate::world::World;
use crate::{answer, hash};

pub(crate) use rate::Limiter;

/// The application's JSON content type.
const JSON: &str = "application/json;charset=UTF-8";
/// The gateway's JSON content type.
const GATEWAY_JSON: &str = "application/json";
const KEY: &str = "Ocp-Apim-Subscription-Key";

/// Anything under `/public`.
pub(crate) async fn answer(State(world): State<Arc<World>>, request: Request) -> Response<Body> {
    let query = Query::parse(request.uri().query());
    let faults = world.faults().doffin;
    let response = match admit(&world, &faults, request.headers(), &query) {
        Err(refusal) => refusal.render(),
        Ok(key) => route(&world, &faults, &key, request.method(), request.uri().path(), &query).await,
    };
    dressed(&world, response)
}

async fn route(
    world: &World,
    faults: &Doffin,
    key: &str,
    method: &Method,
    path: &str,
    query: &Query,
) -> Response<Body> {
    let id = path.strip_prefix("/public/v2/download/").filter(|id| !id.is_empty() && !id.contains('/'));
    let searching = path == "/public/v2/search";
    if *method != Method::GET || !(searching || id.is_some()) {
        return gateway(StatusCode::NOT_FOUND, "Resource not found");
    }
    let counter = match faults.search_download_counters {
        Counters::Separate if id.is_some() => "download",
        Counters::Separate | Counters::Shared => "search",
    };
    if let Err(remaining) = world.limiter.admit(key, counter, faults.rate) {
        return throttled(faults, remaining);
    }
    match id {
        Some(id) => download::answer(world, faults, id).await,
        None => search::answer(world, faults, query),
    }
}

/// The key of an admitted request.
fn admit(world: &World, faults: &Doffin, headers: &HeaderMap, query: &Query) -> Result<String, Refusal> {
    let header = headers.get(KEY).and_then(|value| value.to_str().ok()).filter(|key| !key.is_empty());
    let Some(key) = header.or_else(|| query.filled("subscription-key")) else {
        return Err(Refusal::MissingKey);
    };
    // The beta host has subscriptions of its own, none of which is ours.
    if faults.beta_host_key_mismatch || !world.keys.iter().any(|known| known == key) {
        return Err(Refusal::InvalidKey);
    }
    Ok(key.to_owned())
}

/// Why a request is not answered.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// No key at all.
    MissingKey,
    /// A key that is wrong, revoked or of the other host.
    InvalidKey,
    /// A `sortBy` that does not exist.
    UnknownOrder,
    /// Something the application explains.
    Reason(String),
}

impl Refusal {
    /// The error as an answer.
    pub(crate) fn render(self) -> Response<Body> {
        match self {
            Self::MissingKey => unauthorized(
                "Access denied due to missing subscription key. Make sure to include subscription key when making \
                 requests to an API.",
            ),
            Self::InvalidKey => unauthorized(
                "Access denied due to invalid subscription key. Make sure to provide a valid key for an active \
                 subscription.",
            ),
            Self::UnknownOrder => answer::empty(StatusCode::NOT_FOUND),
            Self::Reason(reason) => answer::json(StatusCode::BAD_REQUEST, JSON, &json!({"reason": reason})),
        }
    }
}

fn unauthorized(message: &str) -> Response<Body> {
    let challenge = format!(
        "AzureApiManagementKey realm=\"https://api.doffin.no/public/v2\",name=\"{KEY}\",type=\"header\""
    );
    answer::with(gateway(StatusCode::UNAUTHORIZED, message), header::WWW_AUTHENTICATE, &challenge)
}

/// 429 with the time until the window ends, or without anything.
pub(crate) fn throttled(faults: &Doffin, remaining: Duration) -> Response<Body> {
    if faults.rate_answer == RateAnswer::Bare {
        return answer::empty(StatusCode::TOO_MANY_REQUESTS);
    }
    let seconds = remaining.as_millis().div_ceil(1_000).max(1);
    let message = format!("Rate limit is exceeded. Try again in {seconds} seconds.");
    let response = gateway(StatusCode::TOO_MANY_REQUESTS, &message);
    answer::with(response, header::RETRY_AFTER, &seconds.to_string())
}

/// An error in the gateway's shape.
fn gateway(status: StatusCode, message: &str) -> Response<Body> {
    answer::json(status, GATEWAY_JSON, &json!({"statusCode": status.as_u16(), "message": message}))
}

/// The headers every answer through the gateway carries.
fn dressed(world: &World, response: Response<Body>) -> Response<Body> {
    let request = hash::uuid("request", world.next_response());
    let context = format!("appId=cid-v1:{}", hash::uuid("application", 0));
    [
        ("strict-transport-security", "max-age=31536000; includeSubDomains"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("request-context", context.as_str()),
        ("x-ms-middleware-request-id", request.as_str()),
    ]
    .into_iter()
    .fold(response, |response, (name, value)| answer::with(response, HeaderName::from_static(name), value))
}
