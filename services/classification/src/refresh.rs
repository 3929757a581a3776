//! Lists refreshed in the background: what is taken over, what is refused, and when it is tried again.

mod accept;

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use runtime::Stop;
use tokio::task::JoinHandle;

use crate::cache::{Cache, Slot};
use crate::domain::{Code, Origin, Scheme};
use crate::source::disk::Disk;
use crate::source::http::Client;
use crate::source::{self, Location};

use accept::{Error, accept};

/// Wait after a first failure; each further one doubles it.
const FIRST_RETRY: Duration = Duration::from_secs(5);
/// Longest wait after a failure.
const LAST_RETRY: Duration = Duration::from_mins(10);

/// Refreshes lists.
#[derive(Debug, Clone)]
pub struct Refresher {
    /// Fetches them.
    pub client: Client,
    /// Keeps the last good ones.
    pub disk: Disk,
    /// Time between refreshes.
    pub intervals: Intervals,
    /// Where refreshes are counted.
    pub measures: Measures,
}

/// Time between refreshes, give or take a tenth.
#[derive(Debug, Clone, Copy)]
pub struct Intervals {
    /// Of CPV, which changes once in decades.
    pub cpv: Duration,
    /// Of NUTS and STYRK.
    pub klass: Duration,
}

impl Intervals {
    fn of(self, scheme: Scheme) -> Duration {
        match scheme {
            Scheme::Cpv => self.cpv,
            Scheme::Nuts | Scheme::Styrk => self.klass,
        }
    }
}

/// Counts of refreshes and of codes.
#[derive(Debug, Clone)]
pub struct Measures {
    refreshes: Family<Outcome, Counter>,
    entries: Family<Listed, Gauge>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    scheme: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Listed {
    scheme: &'static str,
}

impl Measures {
    /// Registers the metrics.
    pub fn new(metrics: &runtime::Metrics) -> Self {
        Self {
            refreshes: metrics.register(
                "classification_source_refreshes",
                "Refreshes of code lists: replaced, unchanged, failed (not fetched) or refused (not taken over)",
                Family::default(),
            ),
            entries: metrics.register("classification_entries", "Codes being served", Family::default()),
        }
    }
}

impl Refresher {
    /// Begins to refresh every list that has a source; the tasks end soon after `stop`.
    pub fn spawn(&self, cache: &Cache, stop: &Stop) -> Vec<JoinHandle<()>> {
        let tasks =
            [self.begin(&cache.cpv, stop), self.begin(&cache.nuts, stop), self.begin(&cache.styrk, stop)];
        tasks.into_iter().flatten().collect()
    }

    fn begin<C: Code>(&self, slot: &Arc<Slot<C>>, stop: &Stop) -> Option<JoinHandle<()>> {
        self.count(slot);
        let source = slot.source()?.clone();
        let (refresher, slot, stop) = (self.clone(), slot.clone(), stop.clone());
        Some(tokio::spawn(async move {
            tokio::select! {
                () = stop.stopped() => {}
                () = refresher.run(&slot, &source) => {}
            }
        }))
    }

    async fn run<C: Code>(&self, slot: &Slot<C>, source: &Location) {
        let mut failures = 0;
        loop {
            let refreshed = self.refresh(slot, source).await;
            let outcome = refreshed.as_ref().map_or_else(Error::outcome, |outcome| *outcome);
            let scheme = C::SCHEME.slug();
            self.measures.refreshes.get_or_create(&Outcome { scheme, outcome }).inc();
            self.count(slot);
            failures = if refreshed.is_ok() { 0 } else { failures + 1 };
            let wait = jittered(wait(self.intervals.of(C::SCHEME), failures));
            report(slot, source, refreshed.err(), wait);
            tokio::time::sleep(wait).await;
        }
    }

    async fn refresh<C: Code>(&self, slot: &Slot<C>, source: &Location) -> Result<&'static str, Error> {
        let Some(document) = source::changed(source, &self.client, &slot.validators()).await? else {
            return Ok("unchanged");
        };
        let (validators, served) = (document.validators.clone(), slot.edition());
        let origin = match source {
            Location::Url(_) => Origin::Upstream,
            Location::File(_) => Origin::File,
        };
        let edition = tokio::task::spawn_blocking(move || accept(&document, &served, origin)).await??;
        let served = slot.edition();
        let outcome = if edition.list.version() == served.list.version() { "unchanged" } else { "replaced" };
        let (scheme, entries) = (C::SCHEME.slug(), edition.list.len());
        slot.replace(edition);
        slot.remember(validators);
        if outcome == "replaced" {
            tracing::info!(scheme, entries, %source, "a code list was replaced");
        }
        if origin == Origin::Upstream {
            self.keep(slot, source.to_string()).await?;
        }
        Ok(outcome)
    }

    async fn keep<C: Code>(&self, slot: &Slot<C>, source: String) -> Result<(), Error> {
        let (disk, edition, validators) = (self.disk.clone(), slot.edition(), slot.validators());
        let written = tokio::task::spawn_blocking(move || disk.write(&edition, &source, &validators)).await?;
        if let Err(error) = written {
            let scheme = C::SCHEME.slug();
            tracing::warn!(scheme, %error, "a code list could not be kept on disk; it is served from memory");
        }
        Ok(())
    }

    fn count<C: Code>(&self, slot: &Slot<C>) {
        let entries = i64::try_from(slot.edition().list.len()).unwrap_or(i64::MAX);
        self.measures.entries.get_or_create(&Listed { scheme: C::SCHEME.slug() }).set(entries);
    }
}

/// Says what a refresh came to, in the provenance and, once, in the log.
fn report<C: Code>(slot: &Slot<C>, source: &Location, error: Option<Error>, wait: Duration) {
    let scheme = C::SCHEME.slug();
    let due = SignedDuration::try_from(wait).ok().and_then(|wait| Timestamp::now().checked_add(wait).ok());
    let outcome = error.as_ref().map(Error::outcome);
    let error = error.map(|error| error.to_string());
    match (&slot.status().last_error, &error) {
        // Told again only when the reason changes; the metric counts every time.
        (before, Some(error)) if before.as_ref() != Some(error) => {
            tracing::warn!(scheme, %source, error, outcome, "a code list was not refreshed; the old one stays");
        }
        (Some(_), None) => tracing::info!(scheme, %source, "a code list is refreshed again"),
        _ => {}
    }
    slot.report(|status| {
        if error.is_none() {
            status.last_success = Some(Timestamp::now());
        }
        status.last_error = error;
        status.next_refresh = due;
    });
}

/// Never longer than the regular interval, so that a short interval is kept after failures too.
fn wait(interval: Duration, failures: u32) -> Duration {
    match failures {
        0 => interval,
        _ => FIRST_RETRY.saturating_mul(2_u32.saturating_pow(failures - 1)).min(LAST_RETRY).min(interval),
    }
}

fn jittered(wait: Duration) -> Duration {
    wait.mul_f64(0.9 + 0.2 * fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_ten_minutes_and_stay_below_the_interval() {
        let day = Duration::from_hours(24);
        let seconds: Vec<u64> = (0..10).map(|failures| wait(day, failures).as_secs()).collect();
        assert_eq!(seconds, [86400, 5, 10, 20, 40, 80, 160, 320, 600, 600]);
        assert_eq!(wait(day, 1000), LAST_RETRY);
        assert_eq!(wait(Duration::from_mins(1), 9), Duration::from_mins(1));
        for _ in 0..100 {
            let wait = jittered(day);
            assert!(wait >= day.mul_f64(0.9) && wait <= day.mul_f64(1.1), "{wait:?}");
        }
    }
}
