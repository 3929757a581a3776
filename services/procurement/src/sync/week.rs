//! Weeks of issue, Monday to Sunday: the windows the mirror is proved complete in.

use jiff::ToSpan as _;
use jiff::civil::Date;

/// A week, by its Monday. Weeks order by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Week(Date);

impl Week {
    /// The week a day is in.
    pub(super) fn of(day: Date) -> Self {
        Self(back(day, i64::from(day.weekday().to_monday_zero_offset())))
    }

    /// Whether it is these days.
    pub(super) fn is(self, from: Date, to: Date) -> bool {
        self.from() == from && self.to() == to
    }

    /// Its Monday.
    pub(super) fn from(self) -> Date {
        self.0
    }

    /// Its Sunday.
    pub(super) fn to(self) -> Date {
        ahead(self.0, 6)
    }

    /// All weeks from that of one day to that of another, newest first.
    pub(super) fn between(first: Date, last: Date) -> impl Iterator<Item = Self> {
        let first = Self::of(first);
        std::iter::successors(Some(Self::of(last)), |week| Some(Self(back(week.0, 7))))
            .take_while(move |week| *week >= first)
    }
}

/// The day so many days later.
pub(super) fn ahead(day: Date, days: i64) -> Date {
    day.saturating_add(days.days())
}

/// The day so many days earlier.
pub(super) fn back(day: Date, days: i64) -> Date {
    day.saturating_sub(days.days())
}

/// Days from one to another, both counted.
pub(super) fn days(from: Date, to: Date) -> i64 {
    let span = to.since((jiff::Unit::Day, from)).map_or(0, |span| i64::from(span.get_days()));
    span + 1
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_week_is_monday_to_sunday_and_every_day_is_in_one() {
        let week = Week::of(date(2017, 1, 1));
        assert_eq!((week.from(), week.to()), (date(2016, 12, 26), date(2017, 1, 1)));
        assert_eq!(Week::of(date(2016, 12, 26)), week);
        assert_ne!(Week::of(date(2017, 1, 2)), week);
    }

    #[test]
    fn weeks_follow_each_other_without_gap_newest_first() {
        let weeks: Vec<_> = Week::between(date(2017, 1, 1), date(2026, 11, 25)).collect();
        assert_eq!(weeks.len(), 518);
        assert_eq!(weeks[0].to(), date(2026, 11, 29));
        for pair in weeks.windows(2) {
            assert_eq!(ahead(pair[1].to(), 1), pair[0].from());
        }
        assert_eq!(Week::between(date(2026, 2, 1), date(2026, 1, 1)).count(), 0);
    }

    #[test]
    fn days_count_both_ends() {
        assert_eq!(days(date(2024, 2, 28), date(2024, 3, 1)), 3);
        assert_eq!(days(date(2024, 2, 28), date(2024, 2, 28)), 1);
    }
}
