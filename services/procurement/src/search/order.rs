//! The order of matches, as two numbers: rank, then id. The greater comes first.

use tantivy::DocId;

use super::columns::{Columns, NO_DAY};
use super::filter::is_amount;
use super::schema::NONE;
use crate::domain::SortBy;

/// Where a match stands in an order; the greatest comes first, and no two are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// What the order is by; 0 for matches that lack it, which come last.
    pub(super) rank: u64,
    /// What tells matches of one rank apart.
    pub(super) tie: u64,
}

impl Place {
    /// The id of the document, as a number.
    pub(super) fn key(self) -> u64 {
        // Keys are ten digits, so their complements are far above them.
        self.tie.min(u64::MAX - self.tie)
    }
}

fn rising(value: Option<u64>) -> u64 {
    value.map_or(0, |value| value.saturating_add(1))
}

fn falling(value: Option<u64>) -> u64 {
    value.map_or(0, |value| u64::MAX - value)
}

fn day(day: i32) -> Option<u64> {
    (day != NO_DAY).then(|| tantivy::i64_to_u64(day.into()))
}

fn moment(moment: i64) -> Option<u64> {
    (moment != NONE).then(|| tantivy::i64_to_u64(moment))
}

fn amount(amount: f64) -> Option<u64> {
    is_amount(amount).then(|| tantivy::f64_to_u64(amount))
}

/// The first of many places.
pub(super) struct First {
    limit: usize,
    after: Option<Place>,
    least: Option<Place>,
    kept: Vec<Place>,
}

impl First {
    /// Keeps `limit` places, all of them behind `after`.
    pub(super) fn new(limit: usize, after: Option<Place>) -> Self {
        Self { limit, after, least: None, kept: Vec::new() }
    }

    /// Considers documents of a segment by an order, with their scores where it goes by relevance. Ties go to the
    /// newer id where the order begins with the newest, the largest or the most relevant, otherwise to the older.
    pub(super) fn consider(&mut self, order: SortBy, columns: &Columns, docs: &[DocId], scores: &[f32]) {
        let Columns { published, deadlines, estimated, keys, .. } = columns;
        let newest = |doc: usize| keys[doc];
        let oldest = |doc: usize| u64::MAX - keys[doc];
        match order {
            SortBy::Relevance => {
                self.each(docs, |at, _| u64::from(scores[at].max(0.0).to_bits()), newest);
            }
            SortBy::PublicationDateDesc => self.each(docs, |_, doc| rising(day(published[doc])), newest),
            SortBy::PublicationDateAsc => self.each(docs, |_, doc| falling(day(published[doc])), oldest),
            SortBy::Deadline => self.each(docs, |_, doc| falling(moment(deadlines[doc])), oldest),
            SortBy::DeadlineDesc => self.each(docs, |_, doc| rising(moment(deadlines[doc])), newest),
            SortBy::EstimatedValueDesc => self.each(docs, |_, doc| rising(amount(estimated[doc])), newest),
            SortBy::EstimatedValueAsc => self.each(docs, |_, doc| falling(amount(estimated[doc])), oldest),
        }
    }

    /// Most documents are told by their rank alone, which is cheaper than the whole place.
    fn each(&mut self, docs: &[DocId], rank: impl Fn(usize, usize) -> u64, tie: impl Fn(usize) -> u64) {
        for (at, doc) in docs.iter().enumerate() {
            let doc = *doc as usize;
            let rank = rank(at, doc);
            if self.least.is_none_or(|least| rank >= least.rank) {
                self.add(Place { rank, tie: tie(doc) });
            }
        }
    }

    /// Considers a place.
    fn add(&mut self, place: Place) {
        if self.limit == 0
            || self.least.is_some_and(|least| place <= least)
            || self.after.is_some_and(|after| place >= after)
        {
            return;
        }
        self.kept.push(place);
        if self.kept.len() >= self.limit.saturating_mul(2).max(256) {
            self.cut();
        }
    }

    fn cut(&mut self) {
        if self.kept.len() > self.limit {
            let (_, least, _) = self.kept.select_nth_unstable_by(self.limit - 1, |a, b| b.cmp(a));
            self.least = Some(*least);
            self.kept.truncate(self.limit);
        }
    }

    /// The places kept, first one first.
    pub(super) fn sorted(mut self) -> Vec<Place> {
        self.cut();
        self.kept.sort_unstable_by(|a, b| b.cmp(a));
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_are_those_a_full_sort_would_give_whatever_comes_after_them() {
        let mut random = fastrand::Rng::with_seed(3);
        for _ in 0..200 {
            let all: Vec<Place> =
                (0..random.u64(0..500)).map(|tie| Place { rank: random.u64(0..20), tie }).collect();
            let after = all.get(random.usize(0..600)).copied();
            let limit = random.usize(0..90);
            let mut first = First::new(limit, after);
            for place in &all {
                first.add(*place);
            }
            let mut expected: Vec<Place> =
                all.into_iter().filter(|place| after.is_none_or(|after| *place < after)).collect();
            expected.sort_unstable_by(|a, b| b.cmp(a));
            expected.truncate(limit);
            assert_eq!(first.sorted(), expected);
        }
    }

    #[test]
    fn what_lacks_a_key_comes_last_both_ways() {
        for rank in [rising, falling] {
            assert!(rank(day(-40_000)) > rank(None));
            assert!(rank(moment(i64::MIN + 1)) > rank(None));
            assert!(rank(amount(0.0)) > rank(None) && rank(amount(f64::MAX)) > rank(None));
        }
        assert!(rising(amount(2.5)) > rising(amount(2.0)) && falling(day(3)) > falling(day(4)));
    }
}
