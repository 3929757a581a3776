//! Control of the simulator while it runs; no upstream has these.
//!
//! ```text
//! GET, PUT, PATCH /admin/faults       PUT and PATCH both merge what they are given
//! GET, POST /admin/notices            truth listing (offset, limit); publish a draft
//! POST /admin/notices/{id}/{correct,award,cancel,withdraw,restore}
//! POST /admin/bustle                  {"events": n}: so many of all these at random
//! GET, POST /admin/clock              {"now": "…"} or {"advance_seconds": n}
//! GET /admin/stats, POST /admin/reset-stats
//! ```

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{Response, StatusCode};
use axum::routing::{get, post};
use axum::{Router, body};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::answer;
use crate::corpus::{Draft, Refusal};
use crate::query::Query;
use crate::world::World;

const JSON: &str = "application/json";
/// The largest order that is read.
const LIMIT: usize = 1024 * 1024;

pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/faults", get(faults).put(change_faults).patch(change_faults))
        .route("/notices", get(notices).post(publish))
        .route("/notices/{id}/{event}", post(follow))
        .route("/bustle", post(bustle))
        .route("/clock", get(clock).post(move_clock))
        .route("/stats", get(stats))
        .route("/reset-stats", post(reset_stats))
}

async fn faults(State(world): State<Arc<World>>) -> Response<Body> {
    answer::json(StatusCode::OK, JSON, &world.faults())
}

async fn change_faults(State(world): State<Arc<World>>, request: Request) -> Response<Body> {
    let patch: Value = match read(request).await {
        Ok(patch) => patch,
        Err(Unreadable(error)) => return refused(StatusCode::BAD_REQUEST, &error),
    };
    match world.patch_faults(&patch) {
        Ok(faults) => {
            tracing::info!(%patch, "faults changed");
            answer::json(StatusCode::OK, JSON, &faults)
        }
        Err(error) => refused(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

async fn notices(State(world): State<Arc<World>>, request: Request) -> Response<Body> {
    let query = Query::parse(request.uri().query());
    let number = |name: &str, default| query.get(name).and_then(|text| text.parse().ok()).unwrap_or(default);
    let (offset, limit) = (number("offset", 0), number("limit", 100));
    let all = world.corpus().summaries(world.clock.now());
    let visible = all.iter().filter(|notice| notice.visible).count();
    let page: Vec<_> = all.iter().skip(offset).take(limit).collect();
    answer::json(StatusCode::OK, JSON, &json!({"total": all.len(), "visible": visible, "notices": page}))
}

async fn publish(State(world): State<Arc<World>>, request: Request) -> Response<Body> {
    let draft: Draft = match read(request).await {
        Ok(draft) => draft,
        Err(Unreadable(error)) => return refused(StatusCode::BAD_REQUEST, &error),
    };
    let now = world.clock.now();
    created(world.corpus_mut().publish(draft, now))
}

async fn follow(
    State(world): State<Arc<World>>,
    Path((id, event)): Path<(String, String)>,
) -> Response<Body> {
    let now = world.clock.now();
    let mut corpus = world.corpus_mut();
    match event.as_str() {
        "correct" => created(corpus.correct(&id, now)),
        "award" => created(corpus.award(&id, now)),
        "cancel" => created(corpus.cancel(&id, now)),
        "withdraw" => created(corpus.withdraw(&id, now)),
        "restore" => created(corpus.restore(&id)),
        _ => refused(StatusCode::NOT_FOUND, "no such event: correct, award, cancel, withdraw or restore"),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BustleOrder {
    events: u32,
}

async fn bustle(State(world): State<Arc<World>>, request: Request) -> Response<Body> {
    match read::<BustleOrder>(request).await {
        Ok(order) => {
            let now = world.clock.now();
            let done = world.corpus_mut().bustle(order.events, now);
            answer::json(StatusCode::OK, JSON, &done)
        }
        Err(Unreadable(error)) => refused(StatusCode::BAD_REQUEST, &error),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockOrder {
    now: Option<Timestamp>,
    #[serde(default)]
    advance_seconds: i64,
}

async fn clock(State(world): State<Arc<World>>) -> Response<Body> {
    answer::json(StatusCode::OK, JSON, &json!({"now": world.clock.now()}))
}

async fn move_clock(State(world): State<Arc<World>>, request: Request) -> Response<Body> {
    let order: ClockOrder = match read(request).await {
        Ok(order) => order,
        Err(Unreadable(error)) => return refused(StatusCode::BAD_REQUEST, &error),
    };
    if let Some(now) = order.now {
        world.clock.set(now);
    }
    world.clock.advance(order.advance_seconds);
    clock(State(world)).await
}

async fn stats(State(world): State<Arc<World>>) -> Response<Body> {
    answer::json(StatusCode::OK, JSON, &world.recorder.snapshot())
}

async fn reset_stats(State(world): State<Arc<World>>) -> Response<Body> {
    world.recorder.reset();
    answer::json(StatusCode::OK, JSON, &world.recorder.snapshot())
}

/// Why an order was not understood.
struct Unreadable(String);

/// The body as JSON; an empty one is an empty object.
async fn read<T: DeserializeOwned>(request: Request) -> Result<T, Unreadable> {
    let bytes =
        body::to_bytes(request.into_body(), LIMIT).await.map_err(|error| Unreadable(error.to_string()))?;
    let text: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
    serde_json::from_slice(text).map_err(|error| Unreadable(error.to_string()))
}

fn created(outcome: Result<String, Refusal>) -> Response<Body> {
    match outcome {
        Ok(id) => answer::json(StatusCode::CREATED, JSON, &json!({"id": id})),
        Err(refusal) => {
            let status = match refusal {
                Refusal::Unknown => StatusCode::NOT_FOUND,
                Refusal::Superseded | Refusal::NotWithdrawn | Refusal::NotACompetition => {
                    StatusCode::CONFLICT
                }
                Refusal::BadCpv | Refusal::RollUp => StatusCode::BAD_REQUEST,
            };
            refused(status, &refusal.to_string())
        }
    }
}

fn refused(status: StatusCode, error: &str) -> Response<Body> {
    answer::json(status, JSON, &json!({"error": error}))
}
