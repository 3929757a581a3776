//! Counts of documents by the number a column gives them.

use std::sync::OnceLock;

use tantivy::DocId;

use super::bits::Bits;
use super::columns::Columns;
use super::names::{Names, SEVERAL};
use super::schema::Label;

/// Months are counted up to this number.
pub(super) const MONTHS: usize = 230 * 12 + 1;

/// What documents are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// The words of a column.
    Label(Label),
    /// Months of publication.
    Month,
}

/// One more than the place of the last label.
const ALL: usize = Label::ALL.len() + 1;

impl By {
    fn place(self) -> usize {
        match self {
            Self::Label(label) => label as usize,
            Self::Month => Label::ALL.len(),
        }
    }

    fn at(place: usize) -> Self {
        Label::ALL.get(place).map_or(Self::Month, |(label, _)| Self::Label(*label))
    }
}

/// Counts by number: first those of one word, then those of several.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    counts: Vec<u32>,
    ones: usize,
}

/// What a document adds, and what one adds that is taken away.
const ONE: u32 = 1;
const TAKEN: u32 = u32::MAX;

impl Tally {
    /// Counts nothing yet.
    pub(super) fn new(by: By, names: &Names) -> Self {
        let (ones, sets) = match by {
            By::Label(label) => (names.of(label).len(), names.sets(label).len()),
            By::Month => (MONTHS, 0),
        };
        Self { counts: vec![0; ones + sets], ones }
    }

    /// Counts documents.
    pub(super) fn add(&mut self, by: By, columns: &Columns, docs: &[DocId]) {
        self.step::<ONE>(by, columns, docs);
    }

    /// Takes documents away that were counted.
    pub(super) fn take(&mut self, by: By, columns: &Columns, docs: &[DocId]) {
        self.step::<TAKEN>(by, columns, docs);
    }

    fn step<const STEP: u32>(&mut self, by: By, columns: &Columns, docs: &[DocId]) {
        let Self { counts, ones } = self;
        match by {
            By::Label(label) => {
                let numbers = columns.labels(label);
                let docs = docs.iter().map(|doc| numbers[*doc as usize]);
                // Neither branch nor wait: which documents have several words nobody can guess.
                docs.for_each(|number| {
                    let place = (number & !SEVERAL) as usize + (number >> 31) as usize * *ones;
                    counts[place] = counts[place].wrapping_add(STEP);
                });
            }
            By::Month => {
                for doc in docs {
                    let count = &mut counts[usize::from(columns.months[*doc as usize])];
                    *count = count.wrapping_add(STEP);
                }
            }
        }
    }

    /// Adds counts made earlier, when there may have been fewer words and sets.
    pub(super) fn merge(&mut self, earlier: &Self) {
        let (ones, sets) = earlier.counts.split_at(earlier.ones);
        let (mine, my_sets) = self.counts.split_at_mut(self.ones);
        for (count, more) in mine.iter_mut().zip(ones).chain(my_sets.iter_mut().zip(sets)) {
            *count = count.wrapping_add(*more);
        }
    }

    /// Counts by word, the first standing for none.
    pub(super) fn words(self, by: By, names: &Names) -> Vec<usize> {
        let (ones, sets) = self.counts.split_at(self.ones);
        let mut words: Vec<usize> = ones.iter().map(|count| *count as usize).collect();
        if let By::Label(label) = by {
            for (count, set) in sets.iter().zip(SEVERAL..).filter(|(count, _)| **count > 0) {
                for word in names.sets(label).members(&set) {
                    words[*word as usize] += *count as usize;
                }
            }
        }
        words
    }
}

/// Counts of all documents of a segment that are shown, made when first asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Totals([OnceLock<Tally>; ALL]);

impl Totals {
    /// The counts by something.
    pub(super) fn of(&self, by: By, columns: &Columns, shown: &Bits, names: &Names) -> &Tally {
        self.0[by.place()].get_or_init(|| {
            let mut tally = Tally::new(by, names);
            shown.blocks(&mut |docs| tally.add(by, columns, docs));
            tally
        })
    }

    /// The counts when some documents are shown no longer.
    pub(super) fn without(&self, columns: &Columns, gone: &Bits) -> Self {
        let mut rest = self.clone();
        for (place, tally) in rest.0.iter_mut().enumerate() {
            if let Some(tally) = tally.get_mut() {
                gone.blocks(&mut |docs| tally.take(By::at(place), columns, docs));
            }
        }
        rest
    }
}
