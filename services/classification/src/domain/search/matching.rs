//! Where the words of a query occur in a list, and how.

use super::compound;
use super::index::Index;
use super::words::{Spelling, Stems, Word};

/// Stems of parts that add nothing to a compound: "vektertjenester" are what "vekter" are for.
const GENERIC: [&str; 3] = ["arbeid", "tjenest", "virksom"];

/// How a word of a query is in a text, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Likeness {
    /// As it is, or inflected by its end.
    Whole,
    /// As the beginning of a word.
    Begun,
    /// In another form, or by a word that means the same.
    Stem,
    /// As a part of a compound, or itself a compound in parts.
    Part,
    /// A compound by its last part alone, which is what it is a kind of.
    Tail,
    /// A compound by another of its parts alone.
    Head,
    /// With a letter or two wrong.
    Misspelt,
}

/// A word of a query in a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Occurrence {
    /// Number of the text.
    pub(super) text: u32,
    /// How it is there.
    pub(super) likeness: Likeness,
    /// Letters of the text it stands for, as 65535 less them, so that more come first.
    lacking: u16,
}

impl Occurrence {
    /// Its order in one number, which sorts several times faster than its fields.
    pub(super) fn key(self) -> u64 {
        u64::from(self.text) << 32 | (self.likeness as u64) << 16 | u64::from(self.lacking)
    }

    /// Letters of the text it stands for.
    pub(super) fn letters(self) -> u16 {
        u16::MAX - self.lacking
    }
}

/// Finds the words of one query in one list.
pub(super) struct Matcher<'a> {
    index: &'a Index,
    stems: Stems,
}

/// Terms that match a word.
type Terms = Vec<(u32, Likeness, u16)>;

impl<'a> Matcher<'a> {
    /// A matcher over an index.
    pub(super) fn new(index: &'a Index) -> Self {
        Self { index, stems: Stems::new() }
    }

    /// The best occurrence of a word in each text that has it, by text.
    pub(super) fn occurrences(&self, word: &Word) -> Vec<Occurrence> {
        let mut terms = Terms::new();
        for spelling in &word.spellings {
            self.as_typed(spelling, &mut terms);
            self.as_part(spelling, &mut terms);
        }
        for spelling in &word.equivalents {
            self.as_equivalent(spelling, &mut terms);
        }
        let mut found = self.texts(&terms);
        let compounds: Vec<_> = word.spellings.iter().map(|spelling| self.split(&spelling.text)).collect();
        found.extend(compounds.iter().flat_map(|parts| self.in_parts(parts)));
        if found.is_empty() {
            found = compounds.iter().flat_map(|parts| self.in_one_part(parts)).collect();
        }
        if found.is_empty() {
            let near = |spelling: &Spelling| self.index.sketches.near(&self.index.words, &spelling.text);
            let near = word.spellings.iter().flat_map(near);
            let terms: Terms = near.map(|term| (term, Likeness::Misspelt, self.letters(term))).collect();
            found = self.texts(&terms);
        }
        best(found)
    }

    /// The terms that a word is, or begins.
    pub(super) fn begun(&self, word: &Word) -> Vec<u32> {
        let of = |spelling: &Spelling| self.index.words.starting_with(&spelling.text).iter().copied();
        word.spellings.iter().flat_map(of).collect()
    }

    /// The terms that a word is.
    pub(super) fn whole(&self, word: &Word) -> Vec<u32> {
        let of = |spelling: &Spelling| self.index.words.get(&spelling.text).iter().copied();
        word.spellings.iter().flat_map(of).collect()
    }

    fn as_typed(&self, spelling: &Spelling, terms: &mut Terms) {
        let index = self.index;
        let typed = letters(&spelling.text);
        let whole = index.words.get(&spelling.text);
        let begun = index.words.starting_with(&spelling.text);
        let mut related: Vec<u32> = self.related(spelling).collect();
        related.sort_unstable();
        terms.extend(whole.iter().map(|term| (*term, Likeness::Whole, self.letters(*term))));
        terms.extend(begun.iter().map(|term| match related.binary_search(term) {
            // "bil" in "biler": typed to its end, but for the inflection.
            Ok(_) => (*term, Likeness::Whole, self.letters(*term)),
            Err(_) => (*term, Likeness::Begun, typed.min(self.letters(*term))),
        }));
        terms.extend(related.iter().map(|term| (*term, Likeness::Stem, self.letters(*term))));
    }

    fn as_part(&self, spelling: &Spelling, terms: &mut Terms) {
        let typed = letters(&spelling.text);
        if spelling.text.len() < compound::SHORTEST {
            return;
        }
        let begun = self.index.parts.starting_with(&spelling.text);
        let related = self.index.part_stems.get(&spelling.stems[0]);
        terms.extend(
            begun.iter().chain(related).map(|term| (*term, Likeness::Part, typed.min(self.letters(*term)))),
        );
    }

    fn as_equivalent(&self, spelling: &Spelling, terms: &mut Terms) {
        terms.extend(self.related(spelling).map(|term| (term, Likeness::Stem, self.letters(term))));
        let typed = letters(&spelling.text);
        let parts = self.related_parts(spelling);
        terms.extend(parts.map(|term| (term, Likeness::Part, typed.min(self.letters(term)))));
    }

    /// Terms of the same stem, or of the word itself as their stem: "passasjerer" of "passasjer", which the stemmer
    /// shortens further.
    fn related(&self, spelling: &Spelling) -> impl Iterator<Item = u32> {
        let pairs = self.index.stems.iter().zip(&spelling.stems);
        pairs.flat_map(|(stems, stem)| stems.get(stem).iter().chain(stems.get(&spelling.text)).copied())
    }

    fn related_parts(&self, spelling: &Spelling) -> impl Iterator<Item = u32> {
        let stems = &self.index.part_stems;
        stems.get(&spelling.stems[0]).iter().chain(stems.get(&spelling.text)).copied()
    }

    /// The parts of a compound; none of any other word.
    fn split<'w>(&self, word: &'w str) -> Vec<&'w str> {
        let index = self.index;
        let known = |part: &str| self.stems.known(part, &index.stems[0]);
        let begun = |part: &str| known(part) || !index.words.starting_with(part).is_empty();
        let parts = compound::split(word, &known).or_else(|| compound::split_with(word, &known, &begun));
        parts.unwrap_or_default()
    }

    /// Texts that have every part of a compound or, if none has, every part that adds something.
    fn in_parts(&self, parts: &[&str]) -> Vec<Occurrence> {
        let all = self.with_all(parts, Likeness::Part);
        let telling = self.telling(parts);
        if all.is_empty() && telling.len() < parts.len() {
            self.with_all(&telling, Likeness::Part)
        } else {
            all
        }
    }

    /// Texts that have one part of a compound that is nowhere as a whole.
    fn in_one_part(&self, parts: &[&str]) -> Vec<Occurrence> {
        let telling = self.telling(parts);
        let Some((tail, heads)) = telling.split_last() else { return Vec::new() };
        let mut found = self.with_all(&[tail], Likeness::Tail);
        found.extend(heads.iter().flat_map(|head| self.with_all(&[head], Likeness::Head)));
        found
    }

    fn telling<'w>(&self, parts: &[&'w str]) -> Vec<&'w str> {
        let generic = |part: &str| GENERIC.contains(&self.stems.norwegian(part).as_str());
        parts.iter().copied().filter(|part| !generic(part)).collect()
    }

    fn with_all(&self, parts: &[&str], likeness: Likeness) -> Vec<Occurrence> {
        let of_part = |part: &&str| {
            let spelling = Spelling { text: (*part).to_owned(), stems: self.stems.both(part) };
            let mut terms = Terms::new();
            self.as_typed(&spelling, &mut terms);
            self.as_part(&spelling, &mut terms);
            best(self.texts(&terms))
        };
        let mut all =
            parts.iter().map(of_part).reduce(|before, found| both(&before, &found)).unwrap_or_default();
        for occurrence in &mut all {
            occurrence.likeness = likeness;
        }
        all
    }

    fn texts(&self, terms: &[(u32, Likeness, u16)]) -> Vec<Occurrence> {
        let of = |(term, likeness, letters): &(u32, Likeness, u16)| {
            let (likeness, lacking) = (*likeness, u16::MAX - letters);
            self.index.texts_with(*term).iter().map(move |text| Occurrence { text: *text, likeness, lacking })
        };
        terms.iter().flat_map(of).collect()
    }

    fn letters(&self, term: u32) -> u16 {
        self.index.letters.get(term as usize).map_or(0, |letters| u16::from(*letters))
    }
}

fn letters(word: &str) -> u16 {
    u16::try_from(word.chars().count()).unwrap_or(u16::MAX)
}

/// The best occurrence in each text, by text.
fn best(mut found: Vec<Occurrence>) -> Vec<Occurrence> {
    found.sort_unstable_by_key(|occurrence| occurrence.key());
    found.dedup_by_key(|occurrence| occurrence.text);
    found
}

/// Texts that are in both, with the letters of both.
fn both(some: &[Occurrence], others: &[Occurrence]) -> Vec<Occurrence> {
    let with = |one: &Occurrence| {
        let at = others.binary_search_by_key(&one.text, |other| other.text).ok()?;
        let letters = others.get(at)?.letters().saturating_add(one.letters());
        Some(Occurrence { lacking: u16::MAX - letters, ..*one })
    };
    some.iter().filter_map(with).collect()
}
