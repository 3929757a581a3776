//! How far the mirror is on its way to complete, for a person who waits for it.

use std::sync::Arc;
use std::time::Duration;

use runtime::Stop;
use tokio::sync::watch;

use crate::store::{Counts, Store};
use crate::sync::{Phase, Progress, Worker};

/// How often it is told.
const TELL: Duration = Duration::from_secs(1);

/// How far the mirror is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// Weeks of issue that are listed whole.
    pub weeks: usize,
    /// Weeks of issue that are wanted; 0 while nothing is known.
    pub weeks_wanted: usize,
    /// Notices the mirror holds.
    pub notices: u64,
    /// Documents the mirror holds.
    pub documents: u64,
    /// Documents that are still to come; those that do not come although they were asked for are not among them.
    pub documents_wanted: u64,
    /// How long it takes from now on, where that can be told.
    pub left: Option<Duration>,
}

impl Standing {
    fn of(progress: &Progress, counts: &Counts) -> Self {
        Self {
            weeks: progress.complete,
            weeks_wanted: progress.wanted,
            notices: counts.notices,
            documents: counts.documents,
            documents_wanted: counts.wanted.saturating_sub(counts.parked),
            left: progress.eta,
        }
    }

    /// Whether nothing is to come but what is new.
    pub fn is_full(&self) -> bool {
        self.weeks_wanted > 0 && self.weeks >= self.weeks_wanted && self.documents_wanted == 0
    }
}

/// Tells how far the mirror is until it is full or `stop`, if anybody listens and anything fills it.
pub(crate) async fn tell(worker: Arc<Worker>, store: Store, shown: watch::Sender<Standing>, stop: Stop) {
    let telling = async {
        while !shown.is_closed() && !shown.borrow().is_full() {
            // First what is listed, then what is there: in the other order, notices that come between the two would
            // seem to have no documents to wait for.
            let progress = worker.progress();
            if progress.phase != Phase::Disabled
                && let Ok(counts) = store.facts().await
            {
                let standing = Standing::of(&progress, &counts);
                let documents_wanted = if worker.fetches() { standing.documents_wanted } else { 0 };
                shown.send_replace(Standing { documents_wanted, ..standing });
            }
            tokio::time::sleep(TELL).await;
        }
    };
    tokio::select! {
        () = stop.stopped() => {}
        () = telling => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_is_full_when_every_week_is_listed_and_no_document_is_to_come() {
        let progress = |complete, wanted| Progress { complete, wanted, ..Progress::default() };
        let full = |progress: Progress, wanted, parked| {
            Standing::of(&progress, &Counts { wanted, parked, ..Counts::default() }).is_full()
        };
        assert!(full(progress(5, 5), 0, 0));
        assert!(full(progress(5, 5), 2, 2), "documents that do not come are not waited for");
        assert!(!full(progress(5, 5), 3, 2));
        assert!(!full(progress(4, 5), 0, 0));
        assert!(!full(progress(0, 0), 0, 0), "nothing is known yet");
    }
}
