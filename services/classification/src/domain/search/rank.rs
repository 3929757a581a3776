//! Which text comes first.

use super::index::{Index, Text};
use super::matching::{Likeness, Matcher, Occurrence};
use super::words::Word;
use super::{Field, Kind};
use crate::domain::code::Scheme;

/// Steps in which it counts how much of a text is covered. Few, so that broad codes with longer labels keep up.
const STEPS: u32 = 5;

/// What decides, in this order; less is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    /// Words of the query that are not there, and one more if of a compound only one part is.
    pub(super) missing: u8,
    /// Codes come before texts.
    pub(super) by_text: bool,
    /// How it matched.
    pub(super) kind: Kind,
    /// Whether a word is there as the beginning of another only, or without its last part.
    pub(super) begun: bool,
    /// Steps of the text that are not covered.
    pub(super) uncovered: u8,
    /// How many codes of the same synonym are likelier.
    pub(super) place: u8,
    /// Broader codes come first.
    pub(super) level: u8,
    /// Shorter texts come first.
    pub(super) length: u16,
    /// Orders the lists.
    pub(super) scheme: Scheme,
    /// Orders by code.
    pub(super) entry: u32,
    /// Of two labels that match alike, the one in the language asked for is named.
    pub(super) foreign: bool,
}

/// A text that matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    /// Its rank.
    pub(super) rank: Rank,
    /// Number of the text; none if the code matched.
    pub(super) text: Option<u32>,
}

/// The query's words as terms of one list, for comparison with whole texts.
struct Phrase {
    whole: Vec<Vec<u32>>,
    last_begun: Vec<u32>,
}

/// The best text of each entry that has at least half of the words, by entry. `home` is the field of labels in the
/// language asked for.
pub(super) fn candidates(
    index: &Index,
    words: &[Word],
    home: Field,
    place: impl Fn(&Text) -> (u8, Scheme),
) -> Vec<Candidate> {
    let matcher = Matcher::new(index);
    let telling: Vec<&Word> = words.iter().filter(|word| word.telling).collect();
    let mut all: Vec<Occurrence> = telling.iter().flat_map(|word| matcher.occurrences(word)).collect();
    if telling.len() > 1 {
        all.sort_unstable_by_key(|occurrence| occurrence.key());
    }
    let phrase = Phrase::new(&matcher, words);
    let mut found: Vec<Candidate> = Vec::new();
    for group in all.chunk_by(|one, other| one.text == other.text) {
        let missing = telling.len().saturating_sub(group.len());
        let Some((number, text)) = group.first().and_then(|first| text_of(index, first.text)) else {
            continue;
        };
        if missing * 2 > telling.len() {
            continue;
        }
        let (level, scheme) = place(text);
        let in_one_part = group.iter().any(|one| matches!(one.likeness, Likeness::Tail | Likeness::Head));
        let rank = Rank {
            missing: u8::try_from(missing).unwrap_or(u8::MAX).saturating_add(u8::from(in_one_part)),
            by_text: true,
            kind: phrase.kind(index, text, group, missing),
            begun: group.iter().any(|one| matches!(one.likeness, Likeness::Begun | Likeness::Head)),
            uncovered: uncovered(text, group),
            place: text.place,
            level,
            length: text.letters,
            scheme,
            entry: text.entry,
            foreign: text.field != home,
        };
        let candidate = Candidate { rank, text: Some(number) };
        match found.last_mut().filter(|last| last.rank.entry == text.entry) {
            Some(last) => *last = candidate.min(*last),
            None => found.push(candidate),
        }
    }
    found
}

impl Phrase {
    fn new(matcher: &Matcher<'_>, words: &[Word]) -> Self {
        let sorted = |mut terms: Vec<u32>| {
            terms.sort_unstable();
            terms
        };
        Self {
            whole: words.iter().map(|word| sorted(matcher.whole(word))).collect(),
            last_begun: words.last().map(|word| sorted(matcher.begun(word))).unwrap_or_default(),
        }
    }

    fn kind(&self, index: &Index, text: &Text, found: &[Occurrence], missing: usize) -> Kind {
        match found.iter().map(|one| one.likeness).max() {
            Some(Likeness::Stem) => Kind::Stem,
            Some(Likeness::Part | Likeness::Tail | Likeness::Head) => Kind::Compound,
            Some(Likeness::Misspelt) => Kind::Fuzzy,
            Some(Likeness::Whole | Likeness::Begun) | None if missing > 0 => Kind::Words,
            Some(Likeness::Whole | Likeness::Begun) | None => {
                let terms = index.terms_of(text);
                match terms.split_at_checked(self.whole.len().saturating_sub(1)) {
                    Some((before, rest)) if self.begins(before) => self.end(rest),
                    _ => Kind::Words,
                }
            }
        }
    }

    /// Whether the text begins with all words but the last.
    fn begins(&self, terms: &[u32]) -> bool {
        terms.iter().zip(&self.whole).all(|(term, word)| word.binary_search(term).is_ok())
    }

    /// What the last word, which may still be typed, makes of it.
    fn end(&self, terms: &[u32]) -> Kind {
        let is = |words: &Vec<u32>| terms.first().is_some_and(|term| words.binary_search(term).is_ok());
        if terms.len() == 1 && self.whole.last().is_some_and(is) {
            Kind::Exact
        } else if is(&self.last_begun) {
            Kind::Prefix
        } else {
            Kind::Words
        }
    }
}

fn text_of(index: &Index, number: u32) -> Option<(u32, &Text)> {
    Some((number, index.texts.get(number as usize)?))
}

fn uncovered(text: &Text, found: &[Occurrence]) -> u8 {
    let total = u32::from(text.letters.max(1));
    let covered = found.iter().map(|one| u32::from(one.letters())).sum::<u32>().min(total);
    u8::try_from(STEPS - covered * STEPS / total).unwrap_or(u8::MAX)
}
