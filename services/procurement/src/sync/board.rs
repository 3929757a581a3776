//! What can be seen of the worker from outside, without waiting for it.

mod meter;

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use std::sync::Arc;
use tokio::sync::watch;

use super::Trouble;
use super::metrics::Metrics;
use crate::store::{Counts, Observed, Window};
use meter::Meter;

/// What the worker is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nothing; it is switched off, or has not begun.
    #[default]
    Disabled,
    /// Another replica syncs, or this one waits for the lease.
    Following,
    /// Weeks are listed for the first time.
    Backfill,
    /// Every week was complete; what is new is followed.
    Tail,
}

/// How far the worker is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress {
    /// What it is about.
    pub(crate) phase: Phase,
    /// Whether this replica syncs.
    pub(crate) leader: bool,
    /// Each week, oldest first, as last compared with the source.
    pub(crate) windows: Arc<Vec<Window>>,
    /// Weeks that are complete.
    pub(crate) complete: usize,
    /// Weeks that are wanted.
    pub(crate) wanted: usize,
    /// What is in the store: documents wanted and parked among others.
    pub(crate) counts: Counts,
    /// Documents a second, over the last minutes.
    pub(crate) documents_per_second: f64,
    /// Notices listed a second, over the last minutes.
    pub(crate) notices_per_second: f64,
    /// When everything wanted will be here, at this rate; none when that cannot be told.
    pub(crate) eta: Option<Duration>,
    /// The last failure, in words that can be shown.
    pub(crate) last_error: Option<(Timestamp, String)>,
    /// Whether that is still so.
    pub(crate) failing: bool,
    /// What keeps the store from taking what comes, while something does.
    pub(crate) store_trouble: Option<&'static str>,
    /// Day of publication up to which the newest notices have been followed.
    pub(crate) watermark: Option<Date>,
    /// When the newest notices were last asked for with success.
    pub(crate) tailed_at: Option<Timestamp>,
}

/// Where the worker writes how far it is.
#[derive(Debug)]
pub(super) struct Board {
    shown: watch::Sender<Progress>,
    meter: Meter,
    metrics: Metrics,
}

impl Board {
    pub(super) fn new(metrics: Metrics) -> Self {
        Self { shown: watch::Sender::new(Progress::default()), meter: Meter::default(), metrics }
    }

    /// How far it is. The estimate is made now.
    pub(super) fn progress(&self) -> Progress {
        let mut progress = self.shown.borrow().clone();
        progress.documents_per_second = self.meter.documents();
        progress.notices_per_second = self.meter.notices();
        progress.eta = estimate(&progress, self.meter.weeks());
        progress
    }

    /// Tells of every change.
    #[cfg(test)]
    pub(super) fn watch(&self) -> watch::Receiver<Progress> {
        self.shown.subscribe()
    }

    /// This replica leads.
    pub(super) fn leads(&self) {
        self.metrics.leads.set(1);
        self.shown.send_modify(|shown| {
            shown.leader = true;
            shown.failing = false;
            shown.store_trouble = None;
        });
    }

    /// Another replica leads, or none.
    pub(super) fn follows(&self) {
        self.metrics.leads.set(0);
        self.shown.send_modify(|shown| {
            shown.leader = false;
            shown.phase = Phase::Following;
        });
    }

    /// What it is about.
    pub(super) fn phase(&self, phase: Phase) {
        self.shown.send_if_modified(|shown| std::mem::replace(&mut shown.phase, phase) != phase);
    }

    /// A piece of work failed.
    pub(super) fn trouble(&self, trouble: &Trouble, now: Timestamp) {
        self.metrics.failures.inc();
        self.shown.send_modify(|shown| {
            shown.last_error = Some((now, trouble.shown()));
            shown.failing = true;
            shown.store_trouble = trouble.of_store();
        });
    }

    /// A piece of work succeeded.
    pub(super) fn well(&self) {
        self.shown.send_if_modified(|shown| {
            shown.store_trouble = None;
            std::mem::take(&mut shown.failing)
        });
    }

    /// Hits were taken in.
    pub(super) fn observed(&self, hits: usize, observed: Observed) {
        self.metrics.seen.inc_by(hits as u64);
        self.metrics.changed.inc_by((observed.new + observed.changed) as u64);
        self.meter.notice(hits);
    }

    /// Documents were kept.
    pub(super) fn documents(&self, kept: usize) {
        self.metrics.documents.inc_by(kept as u64);
        self.meter.document(kept);
    }

    /// What is in the store.
    pub(super) fn counts(&self, counts: Counts) {
        self.metrics.parked.set(i64::try_from(counts.parked).unwrap_or(i64::MAX));
        self.metrics.wanted.set(i64::try_from(counts.wanted).unwrap_or(i64::MAX));
        self.shown.send_modify(|shown| shown.counts = counts);
    }

    /// The weeks, oldest first, out of so many wanted.
    pub(super) fn windows(&self, windows: Vec<Window>, wanted: usize) {
        let complete = windows.iter().filter(|window| window.complete).count();
        self.metrics.complete.set(i64::try_from(complete).unwrap_or(i64::MAX));
        self.shown.send_modify(|shown| {
            if complete > shown.complete {
                self.meter.week(complete - shown.complete);
            }
            shown.windows = Arc::new(windows);
            (shown.complete, shown.wanted) = (complete, wanted);
        });
    }

    /// How far the newest notices have been followed.
    pub(super) fn watermark(&self, watermark: Option<Date>) {
        self.shown.send_modify(|shown| shown.watermark = watermark);
    }

    /// The newest notices were asked for with success.
    pub(super) fn tailed(&self, at: Timestamp) {
        #[expect(clippy::cast_precision_loss, reason = "seconds are exact for millions of years")]
        self.metrics.tail.set(at.as_second() as f64);
        self.shown.send_modify(|shown| shown.tailed_at = Some(at));
    }
}

/// Listing and documents go on side by side; the longer of the two is how long it takes.
fn estimate(progress: &Progress, weeks_per_second: f64) -> Option<Duration> {
    if !progress.leader {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let left = |count: u64, rate: f64| match count {
        0 => Some(0.0),
        _ if rate > 0.0 => Some(count as f64 / rate),
        _ => None,
    };
    let weeks = progress.wanted.saturating_sub(progress.complete) as u64;
    let documents = progress.counts.wanted.saturating_sub(progress.counts.parked);
    let seconds = left(weeks, weeks_per_second)?.max(left(documents, progress.documents_per_second)?);
    Duration::try_from_secs_f64(seconds).ok()
}
