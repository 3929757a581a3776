//! Every week against the source: notices appear years late and vanish, and no filter finds them.

use std::time::Duration;

use tokio::time::Instant;

use super::Trouble;
use super::lister::Lister;
use super::week::Week;
use crate::store::Window;

/// When every week had last been compared.
pub(super) const RECONCILED: &str = "sync.reconciled_at";
/// The Monday of the week that comes next, while weeks are compared; empty otherwise.
pub(super) const POSITION: &str = "sync.reconcile_position";

/// Weeks after which the position is written down.
const STRIDE: usize = 16;

/// Rounds after which a week is listed whatever the counts say: one notice may have gone and another come,
/// and statuses change without a trace in counts. Recent weeks, and older ones.
const RECENT_ROUNDS: u32 = 7;
const OLD_ROUNDS: u32 = 30;
const RECENT: usize = 52;

impl Lister<'_> {
    /// Compares one week, newest first; the next step takes the next.
    pub(super) async fn reconcile(&mut self) -> Result<(), Trouble> {
        let worker = self.leader.worker;
        let weeks: Vec<_> = worker.weeks(self.watermark).collect();
        let index = self.position.and_then(|at| weeks.iter().position(|week| *week <= at)).unwrap_or(0);
        if let Some(week) = weeks.get(index).copied() {
            // A week that is not complete is taken up again on its own.
            if let Some(window) = self.windows.get(&week).filter(|window| window.complete) {
                if self.is_stale(window, index) {
                    self.week(week).await?;
                } else {
                    self.compare(week).await?;
                }
            }
        }
        let next = weeks.get(index + 1).copied();
        if next.is_none() || index.is_multiple_of(STRIDE) {
            let text = next.map(|week| week.from().to_string()).unwrap_or_default();
            worker.store.set_state(self.leader.lease, POSITION, &text).await?;
        }
        self.position = next;
        if next.is_none() {
            self.leader.done_now(RECONCILED).await?;
            self.reconcile_due.done(Instant::now());
        }
        Ok(())
    }

    fn is_stale(&self, window: &Window, index: usize) -> bool {
        let worker = self.leader.worker;
        let rounds = if index < RECENT { RECENT_ROUNDS } else { OLD_ROUNDS };
        let age = Duration::try_from(worker.clock.now().duration_since(window.checked_at));
        // A listing that is yet to come was made by a clock that was wrong.
        age.map_or(true, |age| age >= worker.settings.reconcile_interval * rounds)
    }

    /// Whether weeks are being compared.
    pub(super) fn reconciles(&self) -> bool {
        self.position.is_some() || self.reconcile_due.is_due()
    }
}

/// The week a position names.
pub(super) fn position(text: Option<String>) -> Option<Week> {
    text.and_then(|text| text.parse().ok()).map(Week::of)
}
