//! Keeps the mirror equal to Doffin.
//!
//! ```text
//! run ─ seek the lease ─┬─ held elsewhere: follow (look at the store, serve)
//!                       └─ ours ─┬─ listing: tail ▸ weeks not complete, newest first ▸ refresh ▸ reconcile ─┐
//!                                └─ documents: wanted ids, newest first ─ parse ─────────────────────────────┴▶ store
//! ```
//!
//! Everything that matters is in the store and written in the transaction that makes it true; a process that
//! is killed anywhere begins where the last transaction ended. Requests yield to those of live answers.

mod backoff;
mod board;
mod config;
mod documents;
mod due;
mod lister;
mod listing;
mod metrics;
mod reconcile;
mod refresh;
mod tail;
#[cfg(test)]
mod tests;
mod trouble;
mod week;
mod weeks;

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use runtime::Stop;
use tokio::time::sleep;

use crate::clock::Clock;
use crate::store::{Lease, Store, Window};
use crate::upstream::Doffin;
use backoff::Backoff;
use board::Board;
use lister::Lister;
use week::Week;

pub(crate) use board::{Phase, Progress};
pub(crate) use config::Settings;
pub(crate) use tail::{OVERLAP, TAILED};
pub(crate) use trouble::Trouble;

/// How often a replica that does not lead asks whether it may.
const SEEK: Duration = Duration::from_secs(1);

/// How often the counts in the progress are taken.
const LOOK: Duration = Duration::from_secs(5);

/// Keeps the mirror equal to Doffin, while it leads.
#[derive(Debug)]
pub(crate) struct Worker {
    doffin: Arc<Doffin>,
    store: Store,
    settings: Settings,
    clock: Clock,
    board: Board,
}

/// The worker while it holds the lease.
#[derive(Debug, Clone, Copy)]
struct Leader<'a> {
    worker: &'a Worker,
    lease: &'a Lease,
}

impl Worker {
    /// A worker; nothing happens before [`run`](Self::run).
    pub(crate) fn new(
        doffin: Arc<Doffin>,
        store: Store,
        settings: Settings,
        metrics: &runtime::Metrics,
        clock: Clock,
    ) -> Self {
        let board = Board::new(metrics::Metrics::new(metrics));
        // A copy that lags would have work done again, and notices withdrawn that have come.
        Self { doffin, store: store.for_writer(), settings, clock, board }
    }

    /// Syncs whenever this replica leads, until `stop`.
    pub(crate) async fn run(&self, stop: Stop) {
        let work = async {
            if self.settings.enabled {
                tokio::join!(self.seek(), self.look());
            } else {
                self.look().await;
            }
        };
        tokio::select! {
            () = stop.stopped() => {}
            () = work => {}
        }
    }

    /// How far it is, as last known here.
    pub(crate) fn progress(&self) -> Progress {
        self.board.progress()
    }

    /// Whether it fetches documents too.
    pub(crate) fn fetches(&self) -> bool {
        self.settings.documents
    }

    /// Leads whenever it can.
    async fn seek(&self) {
        let mut backoff = Backoff::new();
        loop {
            match self.store.lead().await {
                Ok(Some(lease)) => {
                    backoff.reset();
                    tracing::info!("this replica syncs");
                    self.board.leads();
                    self.lead(lease).await;
                    tracing::warn!("this replica does not sync any more; another process took the lease");
                    self.board.follows();
                }
                Ok(None) => {
                    self.board.follows();
                    sleep(SEEK).await;
                }
                Err(error) => sleep(self.failed("lead", &error.into(), &mut backoff)).await,
            }
        }
    }

    /// Works until the lease is lost.
    async fn lead(&self, lease: Lease) {
        let leader = Leader { worker: self, lease: &lease };
        tokio::select! {
            biased;
            () = lease.held() => {}
            () = leader.list() => {}
            () = leader.fetch_documents() => {}
        }
    }

    /// Keeps the progress fresh, whoever leads.
    async fn look(&self) {
        loop {
            match self.look_once().await {
                Err(error) => self.board.trouble(&error.into(), self.clock.now()),
                // Whoever leads says so when work goes on.
                Ok(()) if !self.board.progress().leader => self.board.well(),
                Ok(()) => {}
            }
            sleep(LOOK).await;
        }
    }

    async fn look_once(&self) -> Result<(), crate::store::Error> {
        self.board.counts(self.store.facts().await?);
        if !self.board.progress().leader {
            let windows = self.store.windows().await?;
            self.board.windows(windows, self.weeks(None).count());
            let watermark = self.store.state(tail::WATERMARK).await?;
            self.board.watermark(watermark.and_then(|text| text.parse().ok()));
        }
        Ok(())
    }

    /// The weeks that are wanted, newest first.
    fn weeks(&self, watermark: Option<Date>) -> impl Iterator<Item = Week> + use<> {
        Week::between(self.settings.from, tail::horizon(self.clock.today(), watermark))
    }

    /// Notes a failure and gives how long to wait.
    fn failed(&self, what: &'static str, trouble: &Trouble, backoff: &mut Backoff) -> Duration {
        self.board.trouble(trouble, self.clock.now());
        let pause = backoff.next(trouble.retry_after());
        if backoff.is_first() {
            tracing::warn!(%trouble, what, "sync waits and tries again");
        }
        pause
    }
}

/// How many weeks of some are done.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Weeks {
    pub(crate) done: usize,
    pub(crate) wanted: usize,
}

/// Lists the weeks from one day to another and fetches what documents they lack, once. Each week is told of.
pub(crate) async fn window(
    worker: &Worker,
    from: Date,
    to: Date,
    mut done: impl FnMut(Weeks),
) -> Result<Vec<Window>, Trouble> {
    let lease = worker.store.lead().await?.ok_or(Trouble::LedElsewhere)?;
    worker.board.leads();
    let leader = Leader { worker, lease: &lease };
    let mut lister = Lister::load(leader).await?;
    let mut windows = Vec::new();
    let wanted = Week::between(from, to).count();
    for week in Week::between(from, to) {
        done(Weeks { done: windows.len(), wanted });
        let window = lister.week(week).await?;
        if worker.settings.documents {
            let ids = worker.store.listed_in(window.from, window.to).await?;
            leader.fetch_missing(&ids).await?;
        }
        windows.push(window);
    }
    Ok(windows)
}
