//! Provenance of the lists.

use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::Stream;
use futures_util::stream::unfold;
use proto::classification as pb;
use runtime::Stop;
use tokio::sync::watch::Receiver;
use tonic::Status;

use super::search::enumerated;
use super::{count, snapshot, timestamp};
use crate::cache::{Cache, Slot};
use crate::domain::Code;

pub(super) fn list(cache: &Cache) -> pb::ListSourcesResponse {
    let data = all(cache).to_vec();
    pb::ListSourcesResponse { total: count(data.len()), data }
}

/// All lists, then each one whose contents or origin change, until `stop`.
pub(super) fn watch(
    cache: Arc<Cache>,
    stop: Stop,
) -> impl Stream<Item = Result<pb::WatchSourcesResponse, Status>> {
    let changes = cache.changes();
    unfold(Watch { cache, stop, changes, told: Vec::new(), due: VecDeque::new() }, Watch::next)
}

struct Watch {
    cache: Arc<Cache>,
    stop: Stop,
    changes: Receiver<()>,
    /// What the caller was told last.
    told: Vec<pb::SourceStatus>,
    due: VecDeque<pb::SourceStatus>,
}

impl Watch {
    async fn next(mut self) -> Option<(Result<pb::WatchSourcesResponse, Status>, Self)> {
        loop {
            if let Some(source) = self.due.pop_front() {
                return Some((Ok(pb::WatchSourcesResponse { source: Some(source) }), self));
            }
            // Marked as seen before the lists are looked at, so that no change falls between.
            self.changes.borrow_and_update();
            let now = all(&self.cache);
            let is_told = |source: &pb::SourceStatus| self.told.iter().any(|told| same(told, source));
            self.due = now.iter().filter(|source| !is_told(source)).cloned().collect();
            if !self.due.is_empty() {
                self.told = now.to_vec();
                continue;
            }
            tokio::select! {
                () = self.stop.stopped() => return None,
                changed = self.changes.changed() => changed.ok()?,
            }
        }
    }
}

/// Whether two states of a list are the same edition; one that was only fetched anew is.
fn same(one: &pb::SourceStatus, other: &pb::SourceStatus) -> bool {
    let edition = |source: &pb::SourceStatus| {
        source.snapshot.as_ref().map(|snapshot| (snapshot.version.clone(), snapshot.origin.clone()))
    };
    one.scheme == other.scheme && edition(one) == edition(other)
}

fn all(cache: &Cache) -> [pb::SourceStatus; 3] {
    [status(&cache.cpv), status(&cache.nuts), status(&cache.styrk)]
}

fn status<C: Code>(slot: &Slot<C>) -> pb::SourceStatus {
    let (edition, status) = (slot.edition(), slot.status());
    let list = &edition.list;
    let labels = [("nb".to_owned(), count(list.bokmaal())), ("en".to_owned(), count(list.english()))];
    pb::SourceStatus {
        scheme: enumerated(C::SCHEME),
        snapshot: Some(snapshot(&edition)),
        source: slot.source().map(ToString::to_string).unwrap_or_default(),
        entries: count(list.len()),
        labels: labels.into(),
        last_success: status.last_success.map(timestamp),
        last_error: status.last_error.clone(),
        next_refresh: status.next_refresh.map(timestamp),
    }
}
