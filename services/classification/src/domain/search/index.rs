//! What is searched: every label, name and synonym of a list, by word, stem and part of a compound.
//!
//! ```text
//! spelling ─words──▶ term ─postings─▶ text ──▶ entry
//! stem ────stems───▶ term      part ─parts, part_stems─▶ term
//! ```
//!
//! A term is one word of the labels. Both of its folded spellings ("baerum", "barum") lead to it.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use super::Field;
use super::compound;
use super::dictionary::{Dictionary, number};
use super::fuzzy::Sketches;
use super::synonyms;
use super::words::{Stems, filler};
use crate::domain::code::{Code, Scheme};
use crate::domain::fold::{self, Folded};
use crate::domain::list::Entry;

/// The texts of a list.
#[derive(Debug, Default)]
pub struct Index {
    /// Spellings of terms.
    pub(super) words: Dictionary,
    /// Norwegian stems of terms in bokmål, English ones of terms in English.
    pub(super) stems: [Dictionary; 2],
    /// Parts of terms that are compounds.
    pub(super) parts: Dictionary,
    /// Norwegian stems of those parts.
    pub(super) part_stems: Dictionary,
    /// Spellings, for comparison with misspelt words.
    pub(super) sketches: Sketches,
    /// Texts, in the order of their entries.
    pub(super) texts: Vec<Text>,
    /// Letters of each term.
    pub(super) letters: Vec<u8>,
    sequences: Vec<u32>,
    starts: Vec<u32>,
    postings: Vec<u32>,
}

/// A label, a name within one, or a synonym.
#[derive(Debug)]
pub(super) struct Text {
    /// Position of the entry in its list.
    pub(super) entry: u32,
    /// Which kind of text.
    pub(super) field: Field,
    /// Number of the synonym, if it is one.
    pub(super) synonym: u16,
    /// How many codes of the synonym come before this one.
    pub(super) place: u8,
    /// Letters of its words, fillers apart.
    pub(super) letters: u16,
    start: u32,
    count: u16,
}

impl Index {
    /// Indexes entries, which are sorted by code.
    pub fn new<C: Code>(entries: &[Entry<C>]) -> Self {
        let mut builder = Builder::default();
        let mut synonyms = synonyms_of(entries);
        for (position, entry) in entries.iter().enumerate() {
            let position = number(position);
            for name in entry.bokmaal().map(C::names).into_iter().flatten() {
                builder.add(position, Field::NameNb, name, (0, 0));
            }
            if let Some(en) = &entry.en {
                builder.add(position, Field::NameEn, en, (0, 0));
            }
            for (synonym, place) in synonyms.remove(&position).unwrap_or_default() {
                builder.add(position, Field::Synonym, synonyms::all().text(synonym.into()), (synonym, place));
            }
        }
        // Place names are neither inflected nor compounds of anything that is searched for.
        builder.finish(C::SCHEME != Scheme::Nuts)
    }

    /// Numbers of the texts that have a term.
    pub(super) fn texts_with(&self, term: u32) -> &[u32] {
        let at = |term: usize| self.starts.get(term).map(|start| *start as usize);
        let term = term as usize;
        let range = at(term).zip(at(term + 1)).map(|(start, end)| start..end);
        range.and_then(|range| self.postings.get(range)).unwrap_or_default()
    }

    /// The terms of a text, in its order.
    pub(super) fn terms_of(&self, text: &Text) -> &[u32] {
        let start = text.start as usize;
        self.sequences.get(start..start + usize::from(text.count)).unwrap_or_default()
    }

    /// Bytes on the heap.
    pub fn bytes(&self) -> usize {
        let dictionaries = [&self.words, &self.stems[0], &self.stems[1], &self.parts, &self.part_stems];
        let numbers = self.sequences.capacity() + self.starts.capacity() + self.postings.capacity();
        dictionaries.iter().map(|dictionary| dictionary.bytes()).sum::<usize>()
            + self.sketches.bytes()
            + self.texts.capacity() * size_of::<Text>()
            + self.letters.capacity()
            + numbers * size_of::<u32>()
    }
}

/// Synonyms and the place of the code among theirs, by position of the entry: the code, or the nearest above it
/// that is listed.
fn synonyms_of<C: Code>(entries: &[Entry<C>]) -> BTreeMap<u32, Vec<(u16, u8)>> {
    let find = |code: &C| entries.binary_search_by(|entry| entry.code.cmp(code)).ok();
    let mut found: BTreeMap<u32, Vec<(u16, u8)>> = BTreeMap::new();
    for (synonym, given) in synonyms::all().of(C::SCHEME) {
        let synonym = u16::try_from(synonym).unwrap_or(u16::MAX);
        for (place, code) in (0..).zip(&given.codes) {
            let Ok(code) = C::parse(code) else { continue };
            let position = find(&code).or_else(|| code.ancestors().iter().find_map(find));
            let Some(position) = position else { continue };
            let of_entry = found.entry(number(position)).or_default();
            // Several codes may have come down to the same one above.
            if of_entry.last().is_none_or(|(last, _)| *last != synonym) {
                of_entry.push((synonym, place));
            }
        }
    }
    found
}

#[derive(Default)]
struct Builder {
    terms: BTreeMap<String, Term>,
    texts: Vec<Text>,
    sequences: Vec<u32>,
}

struct Term {
    number: u32,
    short: Option<String>,
    nb: bool,
    en: bool,
}

impl Builder {
    fn add(&mut self, entry: u32, field: Field, text: &str, (synonym, place): (u16, u8)) {
        let folded = Folded::new(text);
        let mut forms = folded.forms();
        let long: Vec<&str> = forms.next().map(fold::words).into_iter().flatten().collect();
        let short: Vec<&str> = forms.next().map(fold::words).into_iter().flatten().collect();
        let start = number(self.sequences.len());
        let mut letters = 0;
        for (position, word) in long.iter().enumerate() {
            let next = number(self.terms.len());
            let term = self.terms.entry((*word).to_owned()).or_insert_with(|| Term {
                number: next,
                short: short.get(position).filter(|short| *short != word).map(|short| (*short).to_owned()),
                nb: false,
                en: false,
            });
            term.nb |= field != Field::NameEn;
            term.en |= field != Field::NameNb;
            self.sequences.push(term.number);
            if !filler(word) {
                letters += word.chars().count();
            }
        }
        let count = u16::try_from(long.len()).unwrap_or(u16::MAX);
        let letters = u16::try_from(letters).unwrap_or(u16::MAX).max(1);
        self.texts.push(Text { entry, field, synonym, place, letters, start, count });
    }

    fn finish(self, language: bool) -> Index {
        let stemmers = Stems::new();
        let (mut words, mut stems) = (Vec::new(), [Vec::new(), Vec::new()]);
        let mut letters = vec![0; self.terms.len()];
        for (text, term) in &self.terms {
            if let Some(letters) = letters.get_mut(term.number as usize) {
                *letters = u8::try_from(text.chars().count()).unwrap_or(u8::MAX);
            }
            for spelling in std::iter::once(text).chain(&term.short) {
                words.push((spelling.clone(), term.number));
                if language {
                    let [nb, en] = stemmers.both(spelling);
                    stems[0].extend(term.nb.then_some((nb, term.number)));
                    stems[1].extend(term.en.then_some((en, term.number)));
                }
            }
        }
        let (words, stems) = (Dictionary::new(words), stems.map(Dictionary::new));
        let (mut parts, mut part_stems) = (Vec::new(), Vec::new());
        // Most parts are asked for many times, and stemming is what takes the time.
        let asked = RefCell::new(HashMap::<String, bool>::new());
        let known = |part: &str| {
            let before = asked.borrow().get(part).copied();
            before.unwrap_or_else(|| {
                let known = stemmers.known(part, &stems[0]);
                asked.borrow_mut().insert(part.to_owned(), known);
                known
            })
        };
        for (text, term) in self.terms.iter().filter(|(_, term)| language && term.nb) {
            for spelling in std::iter::once(text).chain(&term.short) {
                for part in compound::split(spelling, &known).into_iter().flatten() {
                    parts.push((part.to_owned(), term.number));
                    part_stems.push((stemmers.norwegian(part), term.number));
                }
            }
        }
        let (starts, postings) = postings(&self.texts, &self.sequences, self.terms.len());
        let mut texts = self.texts;
        texts.shrink_to_fit();
        Index {
            sketches: Sketches::new(&words),
            words,
            stems,
            parts: Dictionary::new(parts),
            part_stems: Dictionary::new(part_stems),
            texts,
            letters,
            sequences: self.sequences,
            starts,
            postings,
        }
    }
}

/// For each term the numbers of its texts, end to end, and where each term's begin.
fn postings(texts: &[Text], sequences: &[u32], terms: usize) -> (Vec<u32>, Vec<u32>) {
    let mut of_terms: Vec<Vec<u32>> = vec![Vec::new(); terms];
    for (position, text) in texts.iter().enumerate() {
        let start = text.start as usize;
        for term in sequences.get(start..start + usize::from(text.count)).unwrap_or_default() {
            let Some(numbers) = of_terms.get_mut(*term as usize) else { continue };
            if numbers.last() != Some(&number(position)) {
                numbers.push(number(position));
            }
        }
    }
    let mut starts = Vec::with_capacity(terms + 1);
    let mut postings = Vec::with_capacity(of_terms.iter().map(Vec::len).sum());
    for numbers in of_terms {
        starts.push(number(postings.len()));
        postings.extend(numbers);
    }
    starts.push(number(postings.len()));
    (starts, postings)
}
