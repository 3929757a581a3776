//! What the mirror is doing, for those who ask.

use std::sync::Arc;

use tokio::sync::watch;

use crate::search;
use crate::store::{Counts, Store};
use crate::sync::{Progress, Worker};

/// Tells what the mirror is doing.
#[derive(Clone)]
pub(crate) struct Reporter {
    store: Store,
    indexing: watch::Receiver<search::Progress>,
    /// None on a server without a key for Doffin.
    worker: Option<Arc<Worker>>,
}

/// What the mirror is doing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Report {
    /// What the worker says.
    pub(crate) progress: Progress,
    /// What the store holds.
    pub(crate) counts: Counts,
    /// Changes the index has not taken in.
    pub(crate) lag: i64,
    /// Why the store or the index does not do its work, in words that can be shown.
    pub(crate) trouble: Option<String>,
}

impl std::fmt::Debug for Reporter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reporter").finish_non_exhaustive()
    }
}

impl Reporter {
    /// Tells of a store, its index and the worker that fills it.
    pub(crate) fn new(
        store: Store,
        indexing: watch::Receiver<search::Progress>,
        worker: Option<Arc<Worker>>,
    ) -> Self {
        Self { store, indexing, worker }
    }

    /// What the mirror is doing now. A store that does not answer is part of the report.
    pub(crate) async fn report(&self) -> Report {
        let progress = self.worker.as_ref().map(|worker| worker.progress()).unwrap_or_default();
        // What was written, not what a replica has of it: the index's lag holds the replica's.
        let read = self.store.clone().for_writer().facts().await;
        let indexing = self.indexing.borrow();
        let lag = |counts: &Counts| i64::try_from(counts.changes).unwrap_or(i64::MAX) - indexing.position.0;
        match read {
            Ok(counts) => {
                let indexes =
                    indexing.trouble.as_ref().map(|_| "the search index cannot be written".to_owned());
                let writing = progress.store_trouble.map(ToOwned::to_owned);
                let trouble = writing.or(indexes).or_else(|| self.store.replica_trouble());
                Report { progress, counts, lag: lag(&counts).max(0), trouble }
            }
            Err(error) => {
                let counts = progress.counts;
                Report { progress, counts, lag: lag(&counts).max(0), trouble: Some(error.shown().to_owned()) }
            }
        }
    }
}
