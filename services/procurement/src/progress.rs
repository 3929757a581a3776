//! What the mirror is doing, for those who ask.

use std::sync::Arc;

use tokio::sync::watch;

use crate::domain::Seq;
use crate::search;
use crate::store::{self, Counts, Store};
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
        let read = async { Ok::<_, store::Error>((self.store.facts().await?, self.store.head().await?)) };
        match read.await {
            Ok((counts, Seq(head))) => {
                let indexing = self.indexing.borrow();
                let lag = (head - indexing.position.0).max(0);
                let trouble =
                    indexing.trouble.as_ref().map(|_| "the search index cannot be written".to_owned());
                Report { progress, counts, lag, trouble }
            }
            Err(error) => {
                let counts = progress.counts;
                Report { progress, counts, lag: 0, trouble: Some(told(&error).to_owned()) }
            }
        }
    }
}

/// A store's trouble without its causes, which may hold names and paths.
fn told(error: &store::Error) -> &'static str {
    match error {
        store::Error::Unavailable(_) => "the store cannot be reached or is busy",
        store::Error::Full(_) => "the store's disk is full or read-only; what is held is served",
        store::Error::Deposed => "another process writes to the store",
        store::Error::Newer { .. } => "the store belongs to a later version of this program",
        store::Error::Broken(_) => "the store is damaged or answers wrongly",
    }
}
