//! Applies transport faults and counts every request.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode, header};
use axum::middleware::Next;
use bytes::Bytes;
use futures_util::stream;

use crate::answer;
use crate::faults::{Outage, OutageKind, Upstream};
use crate::world::World;

/// The largest answer that is held in memory to be damaged.
const WHOLE: usize = 256 * 1024 * 1024;

/// Every request goes through here.
pub(crate) async fn guard(State(world): State<Arc<World>>, request: Request, next: Next) -> Response<Body> {
    let path = request.uri().path();
    if path.starts_with("/admin") {
        return next.run(request).await;
    }
    let open = world.recorder.open(endpoint(path), remembered(&request));
    let response = match upstream(path).and_then(|upstream| world.take_outage(upstream)) {
        Some(outage) => suffer(&world, outage, request, next).await,
        None => next.run(request).await,
    };
    open.finish(response.status().as_u16());
    response
}

async fn suffer(world: &World, outage: Outage, request: Request, next: Next) -> Response<Body> {
    match outage.kind {
        OutageKind::Off => next.run(request).await,
        OutageKind::Refuse500text => {
            answer::of(StatusCode::INTERNAL_SERVER_ERROR, "text/plain;charset=UTF-8", "Internal Server Error")
        }
        OutageKind::Html503 => answer::of(StatusCode::SERVICE_UNAVAILABLE, "text/html; charset=utf-8", GURU),
        OutageKind::Hang => {
            world.stop.cancelled().await;
            answer::empty(StatusCode::SERVICE_UNAVAILABLE)
        }
        OutageKind::Slow => {
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(outage.delay_ms)) => {}
                () = world.stop.cancelled() => {}
            }
            next.run(request).await
        }
        OutageKind::CutMidBody => cut(next.run(request).await).await,
        OutageKind::Garbage => garble(next.run(request).await),
        OutageKind::WrongKey => crate::doffin::Refusal::InvalidKey.render(),
        OutageKind::RateStorm => crate::doffin::throttled(&world.faults().doffin, Duration::from_secs(10)),
    }
}

const GURU: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!DOCTYPE html>\n<html>\n  <head><title>503 Backend \
                    fetch failed</title></head>\n  <body>\n    <h1>Error 503 Backend fetch failed</h1>\n    \
                    <p>Backend fetch failed</p>\n    <h3>Guru Meditation:</h3>\n    <hr>\n    <p>Varnish cache \
                    server</p>\n  </body>\n</html>\n";

/// The first half of the body, announced at full length, and then a broken connection.
async fn cut(response: Response<Body>) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    let whole = axum::body::to_bytes(body, WHOLE).await.unwrap_or_default();
    parts.headers.insert(header::CONTENT_LENGTH, whole.len().max(2).into());
    let half = whole.slice(..whole.len() / 2);
    // hyper sends what it has only when it has to wait for more.
    let chunks = stream::unfold(Some(half), |state| async move {
        if let Some(half) = state {
            Some((Ok::<Bytes, std::io::Error>(half), None))
        } else {
            tokio::task::yield_now().await;
            Some((Err(std::io::ErrorKind::ConnectionReset.into()), None))
        }
    });
    Response::from_parts(parts, Body::from_stream(chunks))
}

/// The same head with a body that is neither JSON, XML nor UTF-8.
fn garble(response: Response<Body>) -> Response<Body> {
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(&b"\xff\xfe{\"hits\":[{\"id\": \x00<garbage"[..]))
}

fn upstream(path: &str) -> Option<Upstream> {
    match path {
        "/cpv.yaml" => Some(Upstream::Cpv),
        _ if path.starts_with("/public") => Some(Upstream::Doffin),
        _ if path.starts_with("/api/klass") => Some(Upstream::Klass),
        _ => None,
    }
}

fn endpoint(path: &str) -> &'static str {
    match path {
        "/cpv.yaml" => "cpv",
        "/public/v2/search" => "search",
        _ if path.starts_with("/public/v2/download/") => "download",
        _ if path.starts_with("/public") => "doffin.other",
        _ if path.starts_with("/api/klass/v1/versions/") => "klass.versions",
        _ if path.contains("/codesAt") => "klass.codes_at",
        _ if path.contains("/codes") => "klass.codes",
        _ if path.starts_with("/api/klass") => "klass.other",
        _ => "other",
    }
}

/// The request as it is remembered: without the key.
fn remembered(request: &Request) -> String {
    let path = request.uri().path();
    let query = request.uri().query().unwrap_or_default();
    let kept: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with("subscription-key=")).collect();
    match kept.join("&") {
        query if query.is_empty() => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}
