//! The index follows the store: whatever changes there is here a moment later.
//!
//! ```text
//! changes after the index's position ──▶ their notices, each once ──▶ stage ──▶ commit, when none are left or many are staged
//! ```
//!
//! A crash loses what was not committed, and the position with it, so it is read again. Trouble with the store
//! or the disk is waited out. There is no second copy of the position anywhere.

use std::collections::HashSet;
use std::error::Error as Cause;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use runtime::Stop;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::{Entry, Error, Index};
use crate::domain::{Change, NoticeId, Seq};

/// Most changes read at a time.
const BATCH: u32 = 1_000;

/// Most changes between two commits while catching up.
const COMMIT: u32 = 20_000;

/// How long changes are gathered once one has come.
const GATHER: Duration = Duration::from_millis(250);

/// How long a quiet feed is left alone before it is asked, in case a wake was lost, and merged segments are shown.
const QUIET: Duration = Duration::from_secs(5);

/// Longest pause after trouble.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Where changes come from.
pub(crate) trait Source: Send + Sync + 'static {
    /// Why it did not answer.
    type Error: Cause + Send + Sync + 'static;

    /// Changes after a position, in order, at most so many.
    fn changes(
        &self,
        after: Seq,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Change>, Self::Error>> + Send;

    /// What is to be indexed of notices; unknown ones are left out.
    fn entries(&self, ids: &[NoticeId]) -> impl Future<Output = Result<Vec<Entry>, Self::Error>> + Send;

    /// Position of the last change.
    fn head(&self) -> impl Future<Output = Result<Seq, Self::Error>> + Send;

    /// Moves with the head.
    fn wakes(&self) -> watch::Receiver<Seq>;
}

/// How far the index has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Position of the index.
    pub(crate) position: Seq,
    /// Position of the store, when it was last heard of.
    pub(crate) head: Seq,
    /// Why the index cannot follow, while it cannot.
    pub(crate) trouble: Option<String>,
}

/// An index that follows a store.
pub(crate) struct Feed<S> {
    source: S,
    index: Arc<Index>,
    staged: Seq,
    uncommitted: u32,
    progress: watch::Sender<Progress>,
}

/// Why a step failed.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("the store: {0}")]
    Store(#[source] Box<dyn Cause + Send + Sync>),
    #[error("the index: {0:#}")]
    Index(#[from] Error),
    #[error("the index: its work was cut short")]
    Cut(#[from] tokio::task::JoinError),
}

impl<S: Source> Feed<S> {
    /// A feed at the index's position.
    pub(crate) fn new(source: S, index: Arc<Index>) -> Self {
        let position = index.position();
        let progress = watch::Sender::new(Progress { position, ..Progress::default() });
        Self { source, index, staged: position, uncommitted: 0, progress }
    }

    /// How far it has come, now and later.
    pub(crate) fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// Follows until `stop`.
    pub(crate) async fn follow(mut self, stop: Stop) {
        let mut wakes = self.source.wakes();
        let mut failures = 0_u32;
        while !stop.is_stopped() {
            wakes.mark_unchanged();
            let caught_up = tokio::select! {
                caught_up = self.catch_up() => caught_up,
                () = stop.stopped() => break,
            };
            let pause = match caught_up {
                Ok(()) => {
                    failures = 0;
                    let quiet = async {
                        // The sender is gone when the store is; asking it will tell.
                        if timeout(QUIET, wakes.changed()).await.is_ok_and(|change| change.is_ok()) {
                            sleep(GATHER).await;
                        }
                    };
                    tokio::select! { () = quiet => {}, () = stop.stopped() => break }
                    continue;
                }
                Err(trouble) => {
                    if failures == 0 {
                        tracing::warn!(error = %trouble, "the search index cannot follow the store; it will go on");
                    }
                    failures = failures.saturating_add(1);
                    self.progress.send_modify(|progress| progress.trouble = Some(trouble.to_string()));
                    self.give_up_staged(&trouble).await;
                    (GATHER * 2_u32.pow(failures.min(8))).min(LONGEST_PAUSE)
                }
            };
            tokio::select! { () = sleep(pause) => {}, () = stop.stopped() => break }
        }
        if let Err(error) = self.commit().await {
            tracing::warn!(%error, "what the search index had not written yet is read again at the next start");
        }
    }

    /// Takes in all changes there are.
    async fn catch_up(&mut self) -> Result<(), Trouble> {
        self.reconcile().await?;
        loop {
            let changes = self.source.changes(self.staged, BATCH).await.map_err(store)?;
            let Some(last) = changes.last().map(|change| change.seq) else { break };
            let mut seen = HashSet::new();
            let ids: Vec<NoticeId> =
                changes.iter().map(|change| &change.notice).filter(|id| seen.insert(*id)).cloned().collect();
            let entries = self.source.entries(&ids).await.map_err(store)?;
            self.write(move |index| index.stage(&entries)).await?;
            self.staged = last;
            let count = u32::try_from(changes.len()).unwrap_or(BATCH);
            self.uncommitted += count;
            if count < BATCH || self.uncommitted >= COMMIT {
                self.commit().await?;
            }
        }
        self.commit().await?;
        self.write(Index::settle).await
    }

    /// Begins anew when the store is behind the index: it is another one, or one that was restored.
    async fn reconcile(&mut self) -> Result<(), Trouble> {
        let head = self.source.head().await.map_err(store)?;
        if self.index.position() > head {
            let position = self.index.position().0;
            tracing::warn!(
                position,
                head = head.0,
                "the store has fewer changes than the search index saw; indexing anew"
            );
            self.write(Index::clear).await?;
            (self.staged, self.uncommitted) = (Seq::default(), 0);
        }
        let position = self.index.position();
        self.progress.send_modify(|progress| *progress = Progress { position, head, trouble: None });
        Ok(())
    }

    async fn commit(&mut self) -> Result<(), Trouble> {
        if self.uncommitted == 0 {
            return Ok(());
        }
        let staged = self.staged;
        self.write(move |index| index.commit(staged)).await?;
        self.uncommitted = 0;
        self.progress.send_modify(|progress| {
            progress.position = staged;
            progress.head = progress.head.max(staged);
        });
        Ok(())
    }

    /// After trouble with the store, commits what has come; after trouble with the index, that is lost.
    async fn give_up_staged(&mut self, trouble: &Trouble) {
        if matches!(trouble, Trouble::Store(_)) && self.commit().await.is_ok() {
            return;
        }
        (self.staged, self.uncommitted) = (self.index.position(), 0);
    }

    async fn write<F>(&self, work: F) -> Result<(), Trouble>
    where
        F: FnOnce(&Index) -> Result<(), Error> + Send + 'static,
    {
        let index = Arc::clone(&self.index);
        Ok(tokio::task::spawn_blocking(move || work(&index)).await??)
    }
}

fn store(error: impl Cause + Send + Sync + 'static) -> Trouble {
    Trouble::Store(Box::new(error))
}

/// Takes in all changes there are, once.
#[cfg(test)]
pub(crate) async fn fill<S: Source>(source: S, index: Arc<Index>) -> Result<(), anyhow::Error> {
    Ok(Feed::new(source, index).catch_up().await?)
}
