//! A set of a segment's documents, one bit each.

use tantivy::DocId;

/// Documents of a segment, by bit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Bits {
    words: Vec<u64>,
    documents: u32,
}

/// Documents handed on at a time.
const BLOCK: usize = 512;

/// Above so many bits a word is gone through bit by bit without asking which are set.
const CROWDED: u32 = 24;

impl Bits {
    /// No document of so many.
    pub(super) fn none(documents: u32) -> Self {
        Self { words: vec![0; documents.div_ceil(64) as usize], documents }
    }

    /// The documents that a condition holds for.
    pub(super) fn of(documents: u32, holds: impl Fn(DocId) -> bool) -> Self {
        let mut bits = Self { words: vec![u64::MAX; documents.div_ceil(64) as usize], documents };
        if let Some(last) = bits.words.last_mut().filter(|_| !documents.is_multiple_of(64)) {
            *last = (1 << (documents % 64)) - 1;
        }
        bits.keep(holds);
        bits
    }

    /// Adds documents.
    pub(super) fn extend(&mut self, docs: &[DocId]) {
        for doc in docs {
            self.words[(doc / 64) as usize] |= 1 << (doc % 64);
        }
    }

    /// Whether a document is in it.
    pub(super) fn contains(&self, doc: DocId) -> bool {
        self.words[(doc / 64) as usize] >> (doc % 64) & 1 == 1
    }

    /// How many documents are in it.
    pub(super) fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Keeps what is in another set, too.
    pub(super) fn intersect(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= other);
    }

    /// Drops what is in another set.
    pub(super) fn subtract(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= !other);
    }

    /// Adds what is in another set.
    pub(super) fn unite(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word |= other);
    }

    /// Drops documents.
    pub(super) fn remove(&mut self, docs: &[DocId]) {
        for doc in docs {
            self.words[(doc / 64) as usize] &= !(1 << (doc % 64));
        }
    }

    /// Keeps the documents that a condition holds for. It may be asked of others, too.
    pub(super) fn keep(&mut self, holds: impl Fn(DocId) -> bool) {
        for (word, first) in self.words.iter_mut().zip((0..self.documents).step_by(64)) {
            let mut kept = 0;
            if word.count_ones() > CROWDED {
                for bit in 0..64.min(self.documents - first) {
                    kept |= u64::from(holds(first + bit)) << bit;
                }
                *word &= kept;
            } else {
                let mut left = *word;
                while left != 0 {
                    let bit = left.trailing_zeros();
                    kept |= u64::from(holds(first + bit)) << bit;
                    left &= left - 1;
                }
                *word = kept;
            }
        }
    }

    /// Shows its documents, in rising order, some at a time.
    pub(super) fn blocks(&self, show: &mut impl FnMut(&[DocId])) {
        let mut block = [0; BLOCK];
        let mut filled = 0;
        for (word, first) in self.words.iter().zip((0..self.documents).step_by(64)) {
            if *word == u64::MAX {
                for (place, doc) in block[filled..filled + 64].iter_mut().zip(first..) {
                    *place = doc;
                }
                filled += 64;
            } else {
                let mut left = *word;
                while left != 0 {
                    block[filled] = first + left.trailing_zeros();
                    filled += 1;
                    left &= left - 1;
                }
            }
            if filled > BLOCK - 64 {
                show(&block[..filled]);
                filled = 0;
            }
        }
        if filled > 0 {
            show(&block[..filled]);
        }
    }

    /// Memory it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.words.len() * 8
    }
}
