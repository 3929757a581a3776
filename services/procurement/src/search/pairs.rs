//! Pairs of very common words that stand side by side, indexed as words of their own.
//!
//! To find two words side by side, the places of both are read in every notice that has both. For words of nearly
//! every notice ("og i") that is most of the index; as a word of its own the pair is read in a moment. Only pairs
//! of listed words are indexed: all pairs would double the index.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::LazyLock;

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use super::analysis::{Quick, Reading, stem_of};
use super::fold::next_word;

/// Name of the tokenizer that gives pairs.
pub(super) const PAIRS: &str = "pairs";

/// The commonest words of notices, Norwegian and English. A change of the list changes the index: raise its version.
const LISTED: [&str; 72] = [
    "og",
    "i",
    "av",
    "til",
    "for",
    "skal",
    "med",
    "er",
    "på",
    "som",
    "den",
    "det",
    "ved",
    "om",
    "en",
    "et",
    "at",
    "har",
    "de",
    "kan",
    "ikke",
    "fra",
    "vil",
    "eller",
    "å",
    "være",
    "denne",
    "dette",
    "innen",
    "avtale",
    "leverandør",
    "oppdragsgiver",
    "kommune",
    "anskaffelse",
    "tjeneste",
    "kontrakt",
    "konkurranse",
    "levering",
    "behov",
    "tilbud",
    "arbeid",
    "krav",
    "anlegg",
    "drift",
    "vedlikehold",
    "prosjekt",
    "rammeavtale",
    "entreprise",
    "utstyr",
    "system",
    "bygg",
    "norge",
    "as",
    "the",
    "of",
    "in",
    "to",
    "or",
    "and",
    "a",
    "is",
    "that",
    "by",
    "be",
    "are",
    "with",
    "contract",
    "tenderer",
    "shall",
    "not",
    "on",
    "will",
];

/// Longest word that is looked at, in bytes: longer ones are no form of a listed word.
const LONGEST: usize = 40;

/// How many words a tokenizer remembers.
const REMEMBERED: usize = 20_000;

/// Listed stems, and what their words begin with.
struct List {
    stems: HashMap<String, usize, BuildHasherDefault<Quick>>,
    names: Vec<String>,
    /// For each first letter the second ones, by bit; the bit 0 stands for a stem of one letter.
    begins: [u32; 128],
}

static LIST: LazyLock<List> = LazyLock::new(|| {
    let mut list = List { stems: HashMap::default(), names: Vec::new(), begins: [0; 128] };
    for stem in LISTED.iter().filter_map(|word| stem_of(word)) {
        if let &[first, ref rest @ ..] = stem.as_bytes() {
            list.begins[usize::from(first & 127)] |= 1 << rest.first().map_or(0, |second| second & 31);
        }
        if !list.stems.contains_key(&stem) {
            list.stems.insert(stem.clone(), list.names.len());
            list.names.push(stem);
        }
    }
    list
});

impl List {
    /// Whether a word of plain letters can have a listed stem, going by its beginning: a stem is the beginning of
    /// its words.
    fn may_hold(&self, word: &str) -> bool {
        let lower = |at: usize| word.as_bytes().get(at).map(u8::to_ascii_lowercase);
        let seconds = lower(0).map_or(0, |first| self.begins[usize::from(first & 127)]);
        seconds & 1 == 1 || lower(1).is_some_and(|second| seconds >> (second & 31) & 1 == 1)
    }
}

/// The word that stands for two stems side by side, if such are indexed.
pub(super) fn pair(one: &str, other: &str) -> Option<String> {
    let listed = |stem: &str| LIST.stems.contains_key(stem);
    (listed(one) && listed(other)).then(|| format!("{one} {other}"))
}

/// What a word is to pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Takes no place among words.
    Nothing,
    /// A word, of listed stems if any: that of its long form and that of its plain one.
    Word([Option<usize>; 2]),
}

/// A word that is not listed.
const OTHER: Role = Role::Word([None, None]);

/// The tokenizer that gives pairs.
#[derive(Default)]
pub(super) struct Pairs {
    known: HashMap<Box<str>, Role, BuildHasherDefault<Quick>>,
}

impl Clone for Pairs {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Pairs {
    fn role(&mut self, word: &str) -> Role {
        if word.is_ascii() && (word.len() > LONGEST || !LIST.may_hold(word)) {
            return OTHER;
        }
        if let Some(role) = self.known.get(word) {
            return *role;
        }
        let stems = Reading::Stems.of(word);
        let role = if stems.iter().all(Option::is_none) {
            Role::Nothing
        } else {
            Role::Word(stems.map(|stem| LIST.stems.get(&stem?).copied()))
        };
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        self.known.insert(word.into(), role);
        role
    }
}

impl Tokenizer for Pairs {
    type TokenStream<'a> = Stream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream<'a> {
        Stream { pairs: self, text, from: 0, before: [None; 2], found: Vec::new(), token: Token::default() }
    }
}

/// The pairs of one text.
pub(super) struct Stream<'a> {
    pairs: &'a mut Pairs,
    text: &'a str,
    from: usize,
    before: [Option<usize>; 2],
    found: Vec<(usize, usize)>,
    token: Token,
}

impl TokenStream for Stream<'_> {
    fn advance(&mut self) -> bool {
        while self.found.is_empty() {
            let Some((from, to)) = next_word(self.text, self.from) else { return false };
            self.from = to;
            let Role::Word(now) = self.pairs.role(&self.text[from..to]) else { continue };
            for one in self.before.iter().flatten() {
                self.found.extend(now.iter().flatten().map(|other| (*one, *other)));
            }
            self.before = now;
        }
        let Some((one, other)) = self.found.pop() else { return false };
        self.token.text.clear();
        for part in [&LIST.names[one], " ", &LIST.names[other]] {
            self.token.text.push_str(part);
        }
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<String> {
        let mut pairs = Pairs::default();
        let mut stream = pairs.token_stream(text);
        let mut found = Vec::new();
        stream.process(&mut |token| found.push(token.text.clone()));
        found
    }

    #[test]
    fn listed_words_side_by_side_are_pairs_and_others_part_them() {
        assert_eq!(pairs("Og i skogen, og  I"), ["og i", "og i"]);
        assert_eq!(pairs("og \u{ad} av"), ["og av"], "what is no word parts nothing");
        assert_eq!(pairs("og bru av"), Vec::<String>::new());
        assert_eq!(pairs("krav, til: på"), ["krav til", "til paa"]);
        assert_eq!(pairs(""), Vec::<String>::new());
    }

    #[test]
    fn every_form_of_a_listed_word_is_seen() {
        for (text, expected) in [
            ("KOMMUNENS avtaler", "kommun avtal"),
            ("leverandørene skal", "leverando skal"),
            ("leverandoeren skal", "leverando skal"),
            ("anskaffelsene av", "anskaff av"),
        ] {
            assert!(pairs(text).contains(&expected.to_owned()), "{text}: {:?}", pairs(text));
            let (one, other) = expected.split_once(' ').unwrap();
            assert_eq!(pair(one, other).as_deref(), Some(expected));
        }
        assert_eq!(pair("og", "bru"), None);
        assert!(LIST.names.iter().all(|stem| stem.len() <= LONGEST && LIST.may_hold(stem)));
    }
}
