//! The words that many notices have: which ones and how often, read once and kept for the next question.
//!
//! A word of every third notice costs milliseconds to read at a million notices, and a handful of words are in
//! most questions. What is kept lives as long as its segment and is bounded; words that few notices have are
//! read each time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::{DocId, Term};

use super::bits::Bits;
use super::places::Places;

/// Bytes kept for each document of a segment: some 50 words with how often they occur, and a few with where.
const BYTES_A_DOCUMENT: usize = 96;

/// How often a word occurs in each document of a segment.
#[derive(Debug)]
pub(super) struct Frequencies {
    /// By document; [`MANY`] stands for so many or more.
    some: Vec<u8>,
    /// Those that are more.
    more: HashMap<DocId, u32>,
}

/// Occurrences that are counted elsewhere.
const MANY: u8 = u8::MAX;

impl Frequencies {
    /// No occurrence in so many documents.
    pub(super) fn none(documents: u32) -> Self {
        Self { some: vec![0; documents as usize], more: HashMap::new() }
    }

    /// Sets how often it occurs in some documents.
    pub(super) fn set(&mut self, docs: &[DocId], frequencies: &[u32]) {
        for (doc, frequency) in docs.iter().zip(frequencies) {
            let few = u8::try_from(*frequency).unwrap_or(MANY);
            self.some[*doc as usize] = few;
            if few == MANY {
                self.more.insert(*doc, *frequency);
            }
        }
    }

    /// How often it occurs in a document.
    pub(super) fn of(&self, doc: DocId) -> u32 {
        match self.some[doc as usize] {
            MANY => self.more.get(&doc).copied().unwrap_or(MANY.into()),
            few => few.into(),
        }
    }
}

/// What is kept of the words of a segment, the most recently asked for.
#[derive(Debug)]
pub(super) struct Kept {
    most: usize,
    lists: Mutex<Lists>,
}

#[derive(Debug, Default)]
struct Lists {
    bytes: usize,
    clock: u64,
    known: HashMap<Term, Known>,
}

#[derive(Debug, Default)]
struct Known {
    used: u64,
    docs: Option<Arc<Bits>>,
    frequencies: Option<Arc<Frequencies>>,
    places: Option<Arc<Places>>,
}

impl Known {
    fn bytes(&self) -> usize {
        let frequencies = self.frequencies.as_ref().map_or(0, |all| all.some.len() + all.more.len() * 16);
        let places = self.places.as_ref().map_or(0, |places| places.bytes());
        self.docs.as_ref().map_or(0, |bits| bits.bytes()) + frequencies + places
    }
}

impl Kept {
    /// Nothing of a segment of so many documents yet.
    pub(super) fn new(documents: u32) -> Self {
        Self { most: documents as usize * BYTES_A_DOCUMENT, lists: Mutex::default() }
    }

    /// The documents with a word, if they are kept.
    pub(super) fn docs(&self, term: &Term) -> Option<Arc<Bits>> {
        self.find(term, |known| known.docs.clone())
    }

    /// How often a word occurs, if it is kept.
    pub(super) fn frequencies(&self, term: &Term) -> Option<Arc<Frequencies>> {
        self.find(term, |known| known.frequencies.clone())
    }

    /// Where a word stands, if it is kept.
    pub(super) fn places(&self, term: &Term) -> Option<Arc<Places>> {
        self.find(term, |known| known.places.clone())
    }

    /// Keeps where a word stands.
    pub(super) fn keep_places(&self, term: &Term, places: &Arc<Places>) {
        self.keep(term, |known| known.places = Some(Arc::clone(places)));
    }

    /// Keeps the documents with a word.
    pub(super) fn keep_docs(&self, term: &Term, docs: &Arc<Bits>) {
        self.keep(term, |known| known.docs = Some(Arc::clone(docs)));
    }

    /// Keeps how often a word occurs.
    pub(super) fn keep_frequencies(&self, term: &Term, frequencies: &Arc<Frequencies>) {
        self.keep(term, |known| known.frequencies = Some(Arc::clone(frequencies)));
    }

    fn find<T>(&self, term: &Term, what: impl Fn(&Known) -> Option<T>) -> Option<T> {
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        lists.clock += 1;
        let now = lists.clock;
        let known = lists.known.get_mut(term)?;
        known.used = now;
        what(known)
    }

    fn keep(&self, term: &Term, set: impl Fn(&mut Known)) {
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        lists.clock += 1;
        let now = lists.clock;
        let known = lists.known.entry(term.clone()).or_default();
        let before = known.bytes();
        set(known);
        known.used = now;
        let after = known.bytes();
        lists.bytes = lists.bytes + after - before;
        while lists.bytes > self.most {
            let oldest = lists.known.iter().min_by_key(|(_, known)| known.used);
            let Some(oldest) = oldest.map(|(term, _)| term.clone()) else { break };
            let gone = lists.known.remove(&oldest).map_or(0, |known| known.bytes());
            lists.bytes -= gone;
        }
    }
}

#[cfg(test)]
mod tests {
    use tantivy::schema::Field;

    use super::*;

    #[test]
    fn what_was_asked_for_last_is_kept_and_no_more_than_allowed() {
        let kept = Kept::new(640);
        let term = |number: u32| Term::from_field_text(Field::from_field_id(0), &number.to_string());
        for number in 0..1_000 {
            kept.keep_docs(&term(number), &Arc::new(Bits::none(640)));
            kept.keep_frequencies(&term(number), &Arc::new(Frequencies::none(640)));
            assert!(kept.docs(&term(0)).is_some(), "it was asked for a moment ago");
        }
        assert!(kept.docs(&term(999)).is_some() && kept.frequencies(&term(999)).is_some());
        assert!(kept.docs(&term(1)).is_none());
        let lists = kept.lists.lock().unwrap();
        assert!(lists.bytes <= 640 * BYTES_A_DOCUMENT && lists.known.len() > 40);
        assert_eq!(lists.bytes, lists.known.values().map(Known::bytes).sum::<usize>());
    }

    #[test]
    fn a_word_that_occurs_very_often_is_counted_exactly() {
        let mut frequencies = Frequencies::none(5);
        frequencies.set(&[0, 2, 3, 4], &[1, 254, 255, 70_000]);
        assert_eq!([0, 1, 2, 3, 4].map(|doc| frequencies.of(doc)), [1, 0, 254, 255, 70_000]);
    }
}
