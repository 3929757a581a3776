//! The order of hits: by a key of day granularity, and inside a tie by whatever the index felt like.

use std::cmp::{Ordering, Reverse};

use crate::faults::TieOrder;
use crate::hash;
use crate::notice::Notice;

/// The values of `sortBy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    PublicationDateDesc,
    PublicationDateAsc,
    Deadline,
    Relevance,
    ValueDesc,
    ValueAsc,
}

impl Sort {
    pub(super) fn parse(name: &str, value_asc: bool) -> Option<Self> {
        match name {
            "PUBLICATION_DATE_DESC" => Some(Self::PublicationDateDesc),
            "PUBLICATION_DATE_ASC" => Some(Self::PublicationDateAsc),
            "DEADLINE" => Some(Self::Deadline),
            "RELEVANCE" => Some(Self::Relevance),
            "ESTIMATED_VALUE_DESC" => Some(Self::ValueDesc),
            "ESTIMATED_VALUE_ASC" if value_asc => Some(Self::ValueAsc),
            _ => None,
        }
    }

    /// Sorts the hits; `tie` decides between equals.
    pub(super) fn apply(self, hits: &mut [&Notice], words: &[String], tie: u64) {
        let mut keyed: Vec<(Key, u64, &Notice)> =
            hits.iter().map(|&notice| (self.key(notice, words), hash::of(&notice.id, tie), notice)).collect();
        keyed.sort_by(|left, right| left.0.cmp(&right.0).then(left.1.cmp(&right.1)));
        for (place, (_, _, notice)) in hits.iter_mut().zip(keyed) {
            *place = notice;
        }
    }

    fn key(self, notice: &Notice, words: &[String]) -> Key {
        let day = i64::from(notice.published.year()) * 1_000 + i64::from(notice.published.day_of_year());
        let value = amount(notice);
        match self {
            Self::PublicationDateDesc => Key(0, Number(0.0), Reverse(day)),
            Self::PublicationDateAsc => Key(day, Number(0.0), Reverse(0)),
            Self::Deadline => {
                Key(notice.deadline.map_or(i64::MAX, jiff::Timestamp::as_second), Number(0.0), Reverse(day))
            }
            Self::Relevance => Key(-score(notice, words), Number(0.0), Reverse(day)),
            Self::ValueDesc => Key(i64::from(value.is_none()), Number(-value.unwrap_or(0.0)), Reverse(0)),
            Self::ValueAsc => Key(i64::from(value.is_none()), Number(value.unwrap_or(0.0)), Reverse(0)),
        }
    }
}

/// The estimate of a notice, whatever its currency.
pub(super) fn amount(notice: &Notice) -> Option<f64> {
    notice.value.as_ref()?.amount.as_f64()
}

/// What ties are broken by: the deeper a request reaches into the list, the more candidates the index kept.
pub(super) fn tie(order: TieOrder, page: u64, size: u64) -> u64 {
    match order {
        TieOrder::Depth => page * size,
        TieOrder::PageSize => size,
        TieOrder::Stable => 0,
    }
}

fn score(notice: &Notice, words: &[String]) -> i64 {
    let heading = notice.heading.to_lowercase();
    words.iter().fold(0, |score, word| {
        let in_heading = i64::from(heading.contains(word.as_str()));
        let anywhere = i64::try_from(notice.haystack.matches(word.as_str()).count()).unwrap_or(i64::MAX);
        score + 5 * in_heading + anywhere
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key(i64, Number, Reverse<i64>);

#[derive(Clone, Copy, Debug)]
struct Number(f64);

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_values_that_exist_are_known() {
        assert_eq!(Sort::parse("DEADLINE", true), Some(Sort::Deadline));
        assert_eq!(Sort::parse("DEADLINE_ASC", true), None);
        assert_eq!(Sort::parse("ISSUE_DATE_DESC", true), None);
        assert_eq!(Sort::parse("ESTIMATED_VALUE_ASC", false), None);
    }

    #[test]
    fn requests_of_one_depth_share_an_order() {
        assert_eq!(tie(TieOrder::Depth, 2, 25), tie(TieOrder::Depth, 1, 50));
        assert_ne!(tie(TieOrder::Depth, 1, 25), tie(TieOrder::Depth, 2, 25));
        assert_eq!(tie(TieOrder::PageSize, 1, 25), tie(TieOrder::PageSize, 2, 25));
    }
}
