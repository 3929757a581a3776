//! Provenance of the lists.

use proto::classification as pb;

use super::search::enumerated;
use super::{count, snapshot, timestamp};
use crate::cache::{Cache, Slot};
use crate::domain::Code;

pub(super) fn list(cache: &Cache) -> pb::ListSourcesResponse {
    let data = vec![status(&cache.cpv), status(&cache.nuts), status(&cache.styrk)];
    pb::ListSourcesResponse { total: count(data.len()), data }
}

fn status<C: Code>(slot: &Slot<C>) -> pb::SourceStatus {
    let (edition, status) = (slot.edition(), slot.status());
    let entries = count(edition.list.len());
    let english = count(edition.list.english());
    pb::SourceStatus {
        scheme: enumerated(C::SCHEME),
        snapshot: Some(snapshot(&edition)),
        source: slot.source().map(ToString::to_string).unwrap_or_default(),
        entries,
        labels: [("nb".to_owned(), entries), ("en".to_owned(), english)].into(),
        last_success: status.last_success.map(timestamp),
        last_error: status.last_error.clone(),
        next_refresh: status.next_refresh.map(timestamp),
    }
}
