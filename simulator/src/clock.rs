//! The simulated clock: the real one, moved by an offset that tests can change.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Time as the upstreams see it.
#[derive(Debug)]
pub(crate) struct Clock {
    offset_ms: AtomicI64,
}

impl Clock {
    /// A clock that starts at `now` and runs on; `None` is the real time.
    pub(crate) fn new(now: Option<Timestamp>) -> Self {
        let clock = Self { offset_ms: AtomicI64::new(0) };
        if let Some(now) = now {
            clock.set(now);
        }
        clock
    }

    /// The present moment.
    pub(crate) fn now(&self) -> Timestamp {
        let offset = SignedDuration::from_millis(self.offset_ms.load(Ordering::Relaxed));
        Timestamp::now().checked_add(offset).unwrap_or(Timestamp::MAX)
    }

    /// Moves the clock to `now`.
    pub(crate) fn set(&self, now: Timestamp) {
        let offset = now.as_millisecond() - Timestamp::now().as_millisecond();
        self.offset_ms.store(offset, Ordering::Relaxed);
    }

    /// Moves the clock by `seconds`, backwards when negative.
    pub(crate) fn advance(&self, seconds: i64) {
        self.offset_ms.fetch_add(seconds.saturating_mul(1_000), Ordering::Relaxed);
    }
}

/// The zone in which Doffin's undated days are read.
static OSLO: LazyLock<TimeZone> = LazyLock::new(|| TimeZone::get("Europe/Oslo").unwrap_or(TimeZone::UTC));

/// Oslo's offset from UTC at a moment, as eForms writes it.
pub(crate) fn offset_of(moment: Timestamp) -> String {
    let seconds = OSLO.to_offset(moment).seconds();
    format!("+{:02}:00", seconds / 3_600)
}

/// The moment without its fraction of a second, as Doffin writes moments.
pub(crate) fn whole_second(moment: Timestamp) -> Timestamp {
    Timestamp::from_second(moment.as_second()).unwrap_or(moment)
}

/// The first moment of a calendar day in Oslo.
pub(crate) fn midnight(day: Date) -> Timestamp {
    day.to_zoned_datetime(OSLO.clone()).map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp())
}

/// The calendar day in Oslo at a moment.
pub(crate) fn day_of(moment: Timestamp) -> Date {
    moment.to_zoned_datetime(OSLO.clone()).date()
}

/// Date and time of day in Oslo.
pub(crate) fn local(moment: Timestamp) -> (Date, String) {
    let zoned = moment.to_zoned_datetime(OSLO.clone());
    (zoned.date(), zoned.strftime("%H:%M:%S").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_starts_where_it_is_told_and_moves_by_what_it_is_told() {
        let clock = Clock::new(Some("2025-01-31T23:30:00Z".parse().unwrap()));
        assert_eq!(day_of(clock.now()).to_string(), "2025-02-01");
        clock.advance(-86_400);
        assert_eq!(day_of(clock.now()).to_string(), "2025-01-31");
    }
}
