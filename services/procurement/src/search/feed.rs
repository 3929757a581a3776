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

use prometheus_client::metrics::gauge::Gauge;
use runtime::Stop;
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::{Entry, Error, Index};
use crate::domain::{Change, NoticeId, Seq};

/// Most changes read at a time.
const BATCH: u32 = 1_000;

/// Most changes between two commits while catching up. Fewer commits leave fewer segments to merge, and each looks up
/// in all of them what it replaces; more is lost when the process is killed, which is seconds of work.
const COMMIT: u32 = 50_000;

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

    /// Position of the last change, for an index that has come to one; it is less only if the source is another.
    fn head_since(&self, before: Seq) -> impl Future<Output = Result<Seq, Self::Error>> + Send;

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
    /// What the change at that position is.
    mark: u64,
    uncommitted: u32,
    progress: watch::Sender<Progress>,
    metrics: Metrics,
}

/// How far it has come, for those who watch the process.
#[derive(Debug, Default)]
struct Metrics {
    position: Gauge,
    lag: Gauge,
    failing: Gauge,
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
    /// The same, and metrics that tell how far it has come.
    pub(crate) fn measured(mut self, metrics: &runtime::Metrics) -> Self {
        let gauge = |name, help| metrics.register(name, help, Gauge::<i64>::default());
        self.metrics = Metrics {
            position: gauge(
                "index_position",
                "Position in the change feed that the search index is complete to",
            ),
            lag: gauge(
                "index_lag",
                "Changes that the search index has not taken in, when it was last asked for more",
            ),
            failing: gauge("index_failing", "1 while the search index cannot follow the store"),
        };
        self.show();
        self
    }

    /// A feed at the index's position.
    pub(crate) fn new(source: S, index: Arc<Index>) -> Self {
        let position = index.position();
        let progress = watch::Sender::new(Progress { position, ..Progress::default() });
        let mark = index.mark();
        let metrics = Metrics::default();
        Self { source, index, staged: position, mark, uncommitted: 0, progress, metrics }
    }

    /// Tells of progress, or of trouble.
    fn tell(&self, change: impl FnOnce(&mut Progress)) {
        self.progress.send_modify(change);
        self.show();
    }

    fn show(&self) {
        let progress = self.progress.borrow();
        self.metrics.position.set(progress.position.0);
        self.metrics.lag.set((progress.head.0 - progress.position.0).max(0));
        self.metrics.failing.set(progress.trouble.is_some().into());
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
                    self.tell(|progress| progress.trouble = Some(trouble.to_string()));
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
            let Some((last, mark)) = changes.last().map(|change| (change.seq, mark(change))) else { break };
            let mut seen = HashSet::new();
            let ids: Vec<NoticeId> =
                changes.iter().map(|change| &change.notice).filter(|id| seen.insert(*id)).cloned().collect();
            let entries = self.source.entries(&ids).await.map_err(store)?;
            self.write(move |index| index.stage(&entries)).await?;
            (self.staged, self.mark) = (last, mark);
            let count = u32::try_from(changes.len()).unwrap_or(BATCH);
            self.uncommitted += count;
            if count < BATCH || self.uncommitted >= COMMIT {
                self.commit().await?;
            }
        }
        self.commit().await?;
        self.write(Index::settle).await
    }

    /// Begins anew when the store is not the one that the index is of: it is another one, or was restored.
    async fn reconcile(&mut self) -> Result<(), Trouble> {
        let position = self.index.position();
        let head = self.source.head_since(position).await.map_err(store)?;
        if position > head || !self.is_at_its_mark(position).await? {
            tracing::warn!(
                position = position.0,
                head = head.0,
                "the store's changes are not those the search index saw; indexing anew"
            );
            self.write(Index::clear).await?;
            (self.staged, self.mark, self.uncommitted) = (Seq::default(), 0, 0);
        }
        let position = self.index.position();
        self.tell(|progress| *progress = Progress { position, head, trouble: None });
        Ok(())
    }

    /// Whether the store has the change at the index's position that the index saw there.
    async fn is_at_its_mark(&self, position: Seq) -> Result<bool, Trouble> {
        let known = self.index.mark();
        if known == 0 {
            return Ok(true);
        }
        let there = self.source.changes(Seq(position.0 - 1), 1).await.map_err(store)?;
        Ok(there.first().is_some_and(|change| mark(change) == known))
    }

    async fn commit(&mut self) -> Result<(), Trouble> {
        if self.uncommitted == 0 {
            return Ok(());
        }
        let (staged, mark) = (self.staged, self.mark);
        self.write(move |index| index.commit_marked(staged, mark)).await?;
        self.uncommitted = 0;
        self.tell(|progress| {
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
        (self.staged, self.mark, self.uncommitted) = (self.index.position(), self.index.mark(), 0);
    }

    async fn write<F>(&self, work: F) -> Result<(), Trouble>
    where
        F: FnOnce(&Index) -> Result<(), Error> + Send + 'static,
    {
        let index = Arc::clone(&self.index);
        Ok(tokio::task::spawn_blocking(move || work(&index)).await??)
    }
}

/// Tells a change from the one at the same position of another store; never 0.
fn mark(change: &Change) -> u64 {
    let Change { seq, kind, notice, seen_at, subject, before, after } = change;
    let text = format!(
        "{seq:?} {} {notice} {} {subject:?} {before:?} {after:?}",
        kind.as_str(),
        seen_at.as_microsecond()
    );
    Sha256::digest(text).first_chunk().map_or(1, |bytes| u64::from_be_bytes(*bytes).max(1))
}

fn store(error: impl Cause + Send + Sync + 'static) -> Trouble {
    Trouble::Store(Box::new(error))
}

/// Takes in all changes there are, once.
#[cfg(test)]
pub(crate) async fn fill<S: Source>(source: S, index: Arc<Index>) -> Result<(), anyhow::Error> {
    Ok(Feed::new(source, index).catch_up().await?)
}
