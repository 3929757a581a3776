//! `GET /public/v2/download/{id}`: one eForms document as bytes.

use axum::body::Body;
use axum::http::{Response, StatusCode};
use jiff::SignedDuration;

use crate::faults::Doffin;
use crate::notice::Origin;
use crate::world::World;
use crate::{answer, eforms, hash};

const TYPE: &str = "application/octet-stream";
const JAVA: &str = "Cannot invoke \"com.fasterxml.jackson.databind.JsonNode.textValue()\" because the return value of \
                    \"com.fasterxml.jackson.databind.node.ObjectNode.get(String)\" is null";

/// The document of a notice; superseded notices keep theirs.
pub(super) async fn answer(world: &World, faults: &Doffin, id: &str) -> Response<Body> {
    let among = |per_mille: u16, salt| hash::of(id, salt) % 1_000 < u64::from(per_mille);
    if faults.download_500.iter().any(|broken| broken == id) || among(faults.download_500_per_mille, 500) {
        return answer::of(StatusCode::INTERNAL_SERVER_ERROR, "text/plain;charset=UTF-8", JAVA);
    }
    let document = match find(world, faults, id) {
        Found::Nothing => None,
        Found::Text(text) => Some(text.into_bytes()),
        Found::File(path) => match tokio::fs::read(&path).await {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                tracing::warn!(%error, path = %path.display(), "a document cannot be read");
                None
            }
        },
    };
    let Some(mut bytes) = document else { return answer::empty(StatusCode::NOT_FOUND) };
    if among(faults.download_torn_per_mille, 501) {
        bytes.truncate(bytes.len() / 2);
    }
    if faults.bom {
        bytes.splice(..0, *b"\xef\xbb\xbf");
    }
    answer::of(StatusCode::OK, TYPE, bytes)
}

enum Found {
    Nothing,
    Text(String),
    File(std::path::PathBuf),
}

fn find(world: &World, faults: &Doffin, id: &str) -> Found {
    let corpus = world.corpus();
    let Some(notice) = corpus.get(id) else {
        return world.files.document(id).map_or(Found::Nothing, Found::File);
    };
    let lag = SignedDuration::from_secs(i64::try_from(faults.download_lag_s).unwrap_or(i64::MAX));
    let stored = notice.life.visible_from.checked_add(lag).is_ok_and(|stored| stored <= world.clock.now());
    match &notice.origin {
        _ if !stored => Found::Nothing,
        Origin::Generated => Found::Text(eforms::document(&corpus, notice)),
        Origin::File(path) => path.clone().map_or(Found::Nothing, Found::File),
    }
}
