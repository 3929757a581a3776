//! Lists refreshed in the background: what is taken over, what is refused, and when it is tried again.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp, ZonedDateTime};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use runtime::Stop;
use tokio::task::JoinHandle;

use crate::cache::{Cache, Slot};
use crate::domain::{Code, Edition, List, Origin, Row};
use crate::source::disk::Disk;
use crate::source::http::Client;
use crate::source::{self, Document, Location};

/// Wait after a first failure; each further one doubles it.
const FIRST_RETRY: Duration = Duration::from_secs(5);
/// Longest wait after a failure.
const LAST_RETRY: Duration = Duration::from_mins(10);
/// Share of a list's codes that its successor must have, in percent.
const KEPT_PERCENT: usize = 90;

/// Refreshes lists.
#[derive(Debug, Clone)]
pub struct Refresher {
    /// Fetches them.
    pub client: Client,
    /// Keeps the last good ones.
    pub disk: Disk,
    /// Time between refreshes, give or take a tenth.
    pub interval: Duration,
    /// Where refreshes are counted.
    pub measures: Measures,
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

/// Why a refresh changed nothing.
#[derive(Debug, thiserror::Error)]
enum Error {
    /// The list could not be had.
    #[error(transparent)]
    Source(#[from] source::Error),
    /// It has far fewer codes than the one being served.
    #[error("the list has {new} codes, fewer than {KEPT_PERCENT} % of the {served} being served")]
    Shrunken { new: usize, served: usize },
    /// A task of ours failed.
    #[error("the list could not be processed")]
    Task(#[from] tokio::task::JoinError),
}

impl Error {
    fn outcome(&self) -> &'static str {
        match self {
            Self::Source(source::Error::Read { .. } | source::Error::Fetch(_) | source::Error::Status(_))
            | Self::Task(_) => "failed",
            Self::Source(_) | Self::Shrunken { .. } => "refused",
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
            let wait = jittered(wait(self.interval, failures));
            let due =
                SignedDuration::try_from(wait).ok().and_then(|wait| Timestamp::now().checked_add(wait).ok());
            let error = refreshed.err().map(|error| error.to_string());
            if let Some(error) =
                error.as_ref().filter(|error| slot.status().last_error.as_ref() != Some(*error))
            {
                // Told again only when the reason changes; the metric counts every time.
                tracing::warn!(scheme, %source, error, outcome, "a code list was not refreshed; the old one stays");
            }
            slot.report(|status| {
                if error.is_none() {
                    status.last_success = Some(Timestamp::now());
                }
                status.last_error = error;
                status.next_refresh = due;
            });
            tokio::time::sleep(wait).await;
        }
    }

    async fn refresh<C: Code>(&self, slot: &Slot<C>, source: &Location) -> Result<&'static str, Error> {
        let document = source::load(source, &self.client).await?;
        let served = slot.edition();
        let origin = match source {
            Location::Url(_) => Origin::Upstream,
            Location::File(_) => Origin::File,
        };
        let edition = tokio::task::spawn_blocking(move || accept(&document, &served, origin)).await??;
        let served = slot.edition();
        let outcome = if edition.list.version() == served.list.version() { "unchanged" } else { "replaced" };
        let (scheme, entries) = (C::SCHEME.slug(), edition.list.len());
        slot.replace(edition);
        if outcome == "replaced" {
            tracing::info!(scheme, entries, %source, "a code list was replaced");
        }
        if origin == Origin::Upstream {
            self.keep(slot.edition(), source.to_string()).await?;
        }
        Ok(outcome)
    }

    async fn keep<C: Code>(&self, edition: Arc<Edition<C>>, source: String) -> Result<(), Error> {
        let disk = self.disk.clone();
        let written = tokio::task::spawn_blocking(move || disk.write(&edition, &source)).await?;
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

/// The edition a document makes, if it may take the place of the one served.
fn accept<C: Code>(document: &Document, served: &Edition<C>, origin: Origin) -> Result<Edition<C>, Error> {
    let mut rows = source::rows(document, ZonedDateTime::now().date())?;
    keep_english(&mut rows, &served.list);
    let list = List::build(rows).map_err(source::Error::from)?;
    let (new, before) = (list.len(), served.list.len());
    if served.complete() && new * 100 < before * KEPT_PERCENT {
        return Err(Error::Shrunken { new, served: before });
    }
    Ok(Edition { list, origin, as_of: Timestamp::now() })
}

/// A list published in one language keeps the English labels of the one before it.
fn keep_english<C: Code>(rows: &mut [Row], served: &List<C>) {
    if rows.iter().any(|row| row.en.is_some()) {
        return;
    }
    for row in rows {
        let entry = C::parse(&row.code).ok().and_then(|code| served.get(&code));
        row.en = entry.and_then(|entry| entry.en.clone());
    }
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
    use crate::domain::{CpvCode, StyrkCode};

    fn edition<C: Code>(origin: Origin, rows: impl IntoIterator<Item = Row>) -> Edition<C> {
        Edition { list: List::build(rows).unwrap(), origin, as_of: Timestamp::UNIX_EPOCH }
    }

    fn csv(lines: &[&str]) -> Document {
        Document { bytes: format!("code;name\n{}\n", lines.join("\n")).into_bytes(), charset: None }
    }

    #[test]
    fn a_list_may_lose_a_tenth_but_not_more() {
        let ten = (0..10).map(|n| Row::new(n.to_string(), format!("felt {n}")));
        let served: Edition<StyrkCode> = edition(Origin::Upstream, ten);
        let lines: Vec<String> = (0..9).map(|n| format!("{n};felt {n}")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert!(accept(&csv(&lines), &served, Origin::Upstream).is_ok());
        let refused = accept(&csv(&lines[..8]), &served, Origin::Upstream).unwrap_err();
        assert!(matches!(refused, Error::Shrunken { new: 8, served: 10 }), "{refused}");
        assert_eq!(refused.outcome(), "refused");
    }

    #[test]
    fn a_selection_is_no_measure_for_a_whole_list() {
        let rows = || [Row::new("48000000", "Programvare"), Row::new("72000000", "IT-tjenester")];
        let selection: Edition<CpvCode> = edition(Origin::Embedded, rows());
        assert!(accept(&csv(&["48000000;Programvare"]), &selection, Origin::File).is_ok());
        let whole: Edition<CpvCode> = edition(Origin::Upstream, rows());
        assert!(accept(&csv(&["48000000;Programvare"]), &whole, Origin::File).is_err());
    }

    #[test]
    fn english_labels_outlive_a_list_in_one_language() {
        let served: Edition<StyrkCode> =
            edition(Origin::Embedded, [Row::new("1", "Ledere").english("Managers")]);
        let next = accept(&csv(&["1;Ledere mv."]), &served, Origin::Upstream).unwrap();
        let entry = &next.list.entries()[0];
        assert_eq!((entry.nb.as_str(), entry.en.as_deref()), ("Ledere mv.", Some("Managers")));
    }

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
