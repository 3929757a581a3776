//! What the copy is complete for.

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use moka::future::Cache;

use crate::domain::{Query, Seq};
use crate::error::Problem;
use crate::store::{Store, Window};
use crate::sync;

/// How long what was read of the copy's progress is taken for true.
const TTL: Duration = Duration::from_secs(1);

/// Doffin lists nothing that was issued before.
const BEGINNING: Date = jiff::civil::date(2017, 1, 1);

/// How long the newest notices are taken for known after they were last fetched, so that a day which has just begun is
/// not one that is lacking.
const GRACE: SignedDuration = SignedDuration::from_hours(1);

/// Most spans that are told of.
const SPANS: usize = 5;

/// Knows what the copy is complete for.
#[derive(Debug)]
pub(crate) struct Coverage {
    store: Store,
    first: Date,
    kept: Cache<(), Arc<Extent>>,
}

impl Coverage {
    /// Reads from a store that is meant to hold what was issued from a day on.
    pub(crate) fn new(store: Store, first: Date) -> Self {
        Self { store, first, kept: Cache::builder().max_capacity(1).time_to_live(TTL).build() }
    }

    /// The state of a moment ago.
    pub(crate) async fn now(&self) -> Result<Arc<Extent>, Problem> {
        let kept = self.kept.try_get_with((), Extent::read(&self.store, self.first)).await;
        kept.map_err(|error: Arc<crate::store::Error>| Problem::Store(error))
    }
}

/// What the copy is complete for.
#[derive(Debug, Clone)]
pub(crate) struct Extent {
    /// Complete spans of days of issue, in order, none touching another.
    spans: Vec<(Date, Date)>,
    /// First day the copy is meant to hold.
    first: Date,
    /// When the newest notices were last fetched in full.
    followed: Option<Timestamp>,
    /// The day it is.
    today: Date,
    /// Whether documents are still on their way.
    awaited: bool,
    /// The feed's last position.
    head: Seq,
}

/// Why the copy cannot answer completely, in words for a caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Lack(String);

impl Extent {
    async fn read(store: &Store, first: Date) -> Result<Arc<Self>, crate::store::Error> {
        let windows = store.windows().await?;
        let followed = store.state(sync::TAILED).await?.and_then(|text| text.parse().ok());
        let counts = store.facts().await?;
        let awaited = counts.wanted > counts.parked;
        let head = store.head().await?;
        Ok(Arc::new(Self { awaited, head, ..Self::of(&windows, first, followed, Timestamp::now()) }))
    }

    /// What windows and the last look at the newest notices amount to at a moment.
    fn of(windows: &[Window], first: Date, followed: Option<Timestamp>, now: Timestamp) -> Self {
        let mut days: Vec<_> =
            windows.iter().filter(|window| window.complete).map(|window| (window.from, window.to)).collect();
        days.sort_unstable();
        let mut spans: Vec<(Date, Date)> = Vec::new();
        for (from, to) in days {
            match spans.last_mut() {
                Some((_, end)) if from <= end.saturating_add(1.day()) => *end = (*end).max(to),
                _ => spans.push((from, to)),
            }
        }
        Self { spans, first, followed, today: day(now), awaited: false, head: Seq::default() }
    }

    /// When Doffin's newest notices were last fetched.
    pub(crate) fn as_of(&self) -> Option<Timestamp> {
        self.followed
    }

    /// Whether the copy is still being filled, or an index that has come to a position has not taken it all in: what is
    /// answered now may be otherwise in a moment.
    pub(crate) fn is_filling(&self, indexed: Seq) -> bool {
        self.awaited || indexed < self.head || self.missing(&Query::default(), sync::OVERLAP).is_some()
    }

    /// What an answer to a search may lack; none if nothing.
    pub(crate) fn lacks(&self, query: &Query) -> Option<Lack> {
        self.missing(query, 0).or_else(|| self.unfollowed(query))
    }

    /// Whether the mirror answers a search at least as completely as Doffin would. In the latest days a notice may be a
    /// minute away, which Doffin's pages are not better at.
    pub(crate) fn serves(&self, query: &Query) -> bool {
        self.missing(query, sync::OVERLAP).is_none() && self.unfollowed(query).is_none()
    }

    /// What is missing of the days a search asks for since the newest notices were last fetched.
    fn unfollowed(&self, query: &Query) -> Option<Lack> {
        let followed = self.followed?;
        let last = day(followed.checked_add(GRACE).unwrap_or(followed));
        let to = query.issued.to.map_or(self.today, |to| to.min(self.today));
        let begins_later = query.issued.from.is_some_and(|from| from > to);
        (last < to && !begins_later)
            .then(|| Lack(format!("The newest notices were last fetched from Doffin at {followed}.")))
    }

    /// What is missing of the days a search asks for, other than in the last so many days, which the tail lists.
    fn missing(&self, query: &Query, tail_days: i64) -> Option<Lack> {
        let Some(followed) = self.followed else {
            return Some(Lack("The mirror has not been filled from Doffin yet.".into()));
        };
        let today = day(followed);
        let from = query.issued.from.unwrap_or(self.first).max(BEGINNING);
        let to = query.issued.to.unwrap_or(today).min(today.saturating_sub(tail_days.days()));
        if from > to {
            return None;
        }
        if from < self.first {
            return Some(Lack(format!("The mirror holds notices issued from {} on.", self.first)));
        }
        if self.spans.iter().any(|(a, b)| *a <= from && to <= *b) {
            return None;
        }
        let spans: Vec<_> = self.spans.iter().rev().map(|(a, b)| format!("{a} to {b}")).collect();
        Some(Lack(match spans.as_slice() {
            [] => "The mirror is being filled.".into(),
            spans => {
                let listed = spans.get(..spans.len().min(SPANS)).unwrap_or(spans).join(", ");
                format!("The mirror is being filled; it is known to be complete for notices issued {listed}.")
            }
        }))
    }
}

/// The day of a moment, as Doffin counts days of issue.
fn day(at: Timestamp) -> Date {
    jiff::tz::TimeZone::UTC.to_datetime(at).date()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::DateRange;

    fn window(from: &str, to: &str, complete: bool) -> Window {
        Window {
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            total: 1,
            held: 1,
            checked_at: Timestamp::UNIX_EPOCH,
            complete,
            note: None,
        }
    }

    const FIRST: Date = jiff::civil::date(2025, 12, 22);

    fn asked(from: &str, to: &str) -> Query {
        Query { issued: DateRange::parse(from, to).unwrap(), ..Query::default() }
    }

    fn extent(windows: &[Window]) -> Extent {
        at(windows, "2026-01-21T12:00:00Z")
    }

    /// What there is at a moment, the newest notices having been fetched on 21 January at noon.
    fn at(windows: &[Window], now: &str) -> Extent {
        let followed = "2026-01-21T12:00:00Z".parse().unwrap();
        Extent::of(windows, FIRST, Some(followed), now.parse().unwrap())
    }

    #[test]
    fn weeks_that_touch_are_one_span_and_a_gap_is_told() {
        let windows = [
            window("2026-01-05", "2026-01-11", true),
            window("2026-01-12", "2026-01-18", true),
            window("2025-12-29", "2026-01-04", false),
            window("2025-12-22", "2025-12-28", true),
            window("2026-01-19", "2026-01-25", true),
        ];
        let extent = extent(&windows);
        assert_eq!(extent.lacks(&asked("2026-01-05", "")), None);
        assert_eq!(extent.lacks(&asked("2026-01-07", "2026-01-20")), None);
        assert_eq!(extent.lacks(&asked("2025-12-22", "2025-12-28")), None);
        let lack = extent.lacks(&asked("", "")).unwrap().to_string();
        assert!(lack.contains("2026-01-05 to 2026-01-25, 2025-12-22 to 2025-12-28"), "{lack}");
        assert!(extent.lacks(&asked("2025-12-28", "2026-01-06")).is_some());
        assert_eq!(extent.lacks(&asked("2010-01-01", "2011-01-01")), None, "Doffin has nothing so old");
        let lack = extent.lacks(&asked("2024-01-01", "")).unwrap().to_string();
        assert!(lack.contains("from 2025-12-22 on"), "{lack}");
    }

    #[test]
    fn days_since_the_newest_notices_were_fetched_are_lacking_and_doffin_s_to_answer() {
        let windows = [window("2025-12-22", "2026-01-25", true)];
        let later = at(&windows, "2026-02-10T09:00:00Z");
        for (from, to) in [("2026-02-01", ""), ("2026-01-10", "2026-01-22"), ("", "")] {
            let lack = later.lacks(&asked(from, to)).unwrap().to_string();
            assert!(lack.contains("2026-01-21T12:00:00Z"), "{lack}");
            assert!(!later.serves(&asked(from, to)), "{from} {to}");
        }
        for (from, to) in [("2026-01-10", "2026-01-21"), ("2026-03-01", "")] {
            assert_eq!(later.lacks(&asked(from, to)), None, "{from} {to}");
            assert!(later.serves(&asked(from, to)));
        }
        assert!(!later.is_filling(Seq::default()), "what it answers is the same in a moment");
        assert_eq!(at(&windows, "2026-01-21T23:59:59Z").lacks(&Query::default()), None);
        let midnight = Some("2026-01-21T23:59:00Z".parse().unwrap());
        let next = Extent::of(&windows, FIRST, midnight, "2026-01-22T00:01:00Z".parse().unwrap());
        assert_eq!(next.lacks(&Query::default()), None);
    }

    #[test]
    fn a_gap_in_the_latest_days_is_told_and_does_not_send_anybody_to_doffin() {
        let windows = [window("2026-01-05", "2026-01-18", true), window("2026-01-19", "2026-01-25", false)];
        let extent = extent(&windows);
        assert!(extent.lacks(&asked("2026-01-05", "")).is_some());
        assert!(extent.serves(&asked("2026-01-05", "")));
        assert!(!extent.serves(&Query::default()), "the first weeks are not there");
        let older = [window("2026-01-05", "2026-01-11", false), window("2026-01-12", "2026-01-25", true)];
        assert!(!self::extent(&older).serves(&Query::default()));
        let now = Timestamp::UNIX_EPOCH;
        assert!(!Extent::of(&older, FIRST, None, now).serves(&Query::default()), "it was never filled");
        assert!(!self::extent(&[]).serves(&asked("2020-01-01", "2020-01-02")));
    }
}
