//! A publisher of code lists that answers what a test tells it to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// An answer: status, content type, body.
#[derive(Clone)]
pub(crate) struct Answer(pub(crate) u16, pub(crate) &'static str, pub(crate) Vec<u8>);

#[derive(Clone, Default)]
struct Shared {
    answers: Arc<Mutex<HashMap<String, Answer>>>,
    accepted: Arc<Mutex<Vec<String>>>,
    unchanged: Arc<Mutex<usize>>,
    asked: watch::Sender<HashMap<String, usize>>,
}

/// A publisher on a port of its own.
pub(crate) struct Publisher {
    pub(crate) url: String,
    shared: Shared,
}

impl Publisher {
    /// A publisher that knows no list yet.
    pub(crate) async fn start() -> Self {
        let shared = Shared::default();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().route("/{*path}", get(answer)).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, shared }
    }

    /// Answers this on a path from now on.
    pub(crate) fn answer(&self, path: &str, answer: Answer) {
        self.shared.answers.lock().unwrap().insert(path.to_owned(), answer);
    }

    /// Waits until an answer given from now on has been processed. A list is asked for again only after the
    /// answer before was dealt with; the first request from now on may have been on its way already.
    pub(crate) async fn processed(&self, path: &str) {
        let mut asked = self.shared.asked.subscribe();
        let before = asked.borrow().get(path).copied().unwrap_or_default();
        asked.wait_for(|asked| asked.get(path).copied().unwrap_or_default() >= before + 3).await.unwrap();
    }

    /// The `Accept` headers that were sent.
    pub(crate) fn accepted(&self) -> Vec<String> {
        self.shared.accepted.lock().unwrap().clone()
    }

    /// How many requests were answered "not modified".
    pub(crate) fn unchanged(&self) -> usize {
        *self.shared.unchanged.lock().unwrap()
    }
}

/// The state of a list: it changes with its bytes.
fn etag(body: &[u8]) -> String {
    let sum = body.iter().fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)));
    format!("\"{sum:x}\"")
}

async fn answer(State(shared): State<Shared>, Path(path): Path<String>, headers: HeaderMap) -> Response {
    let accept = headers.get("accept").and_then(|value| value.to_str().ok()).unwrap_or_default();
    shared.accepted.lock().unwrap().push(accept.to_owned());
    let answer = shared.answers.lock().unwrap().get(&path).cloned();
    shared.asked.send_modify(|asked| *asked.entry(path).or_default() += 1);
    let Some(Answer(status, content_type, body)) = answer else {
        return (StatusCode::NOT_FOUND, "no such list").into_response();
    };
    let etag = etag(&body);
    if headers.get("if-none-match").is_some_and(|known| *known == *etag) {
        *shared.unchanged.lock().unwrap() += 1;
        return (StatusCode::NOT_MODIFIED, [("etag", etag)]).into_response();
    }
    let status = StatusCode::from_u16(status).unwrap();
    (status, [("content-type", content_type), ("etag", &etag)], body).into_response()
}
