//! From texts to what is looked up: words, folded, and stemmed as Norwegian.

use std::collections::HashMap;

use rust_stemmers::{Algorithm, Stemmer};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};

use super::fold::{Folded, words};

/// Name of the tokenizer that gives stems.
pub(super) const STEMS: &str = "stems";

/// Name of the tokenizer that gives words as they are inflected.
pub(super) const FORMS: &str = "forms";

/// How many words a tokenizer remembers.
const REMEMBERED: usize = 50_000;

/// The tokenizers of the index.
pub(super) fn tokenizers() -> TokenizerManager {
    let manager = TokenizerManager::default();
    manager.register(STEMS, Terms::new(Reading::Stems));
    manager.register(FORMS, Terms::new(Reading::Forms));
    manager
}

/// What is taken of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// Its stem.
    Stems,
    /// The word as inflected.
    Forms,
}

impl Reading {
    /// What a word is looked up by: its long form and, where it differs, its plain one; nothing when the word
    /// holds no letter.
    pub(super) fn of(self, word: &str) -> Option<(String, Option<String>)> {
        let Folded { long, plain } = Folded::new(word);
        if long.is_empty() {
            return None;
        }
        match self {
            Self::Forms => Some((long, plain)),
            Self::Stems => {
                let long = stem(&long);
                let plain = plain.map(|plain| stem(&plain)).filter(|plain| *plain != long);
                Some((long, plain))
            }
        }
    }
}

/// The stem of a folded word; numbers and codes keep all they have.
fn stem(folded: &str) -> String {
    if folded.bytes().any(|b| b.is_ascii_digit()) {
        return folded.to_owned();
    }
    let mut stem = Stemmer::create(Algorithm::Norwegian).stem(folded).into_owned();
    stem.truncate(without_ending(&stem).len());
    stem
}

/// Snowball leaves endings on short words whose stem ends in a vowel ("veier", "sjøen"); this takes them off.
fn without_ending(stem: &str) -> &str {
    const ENDINGS: [&str; 10] = ["enes", "ene", "ers", "ens", "ets", "er", "en", "et", "a", ""];
    let ends_in_vowel = |base: &str| base.len() >= 3 && base.ends_with(['a', 'e', 'i', 'o', 'u', 'y']);
    let bases = ENDINGS.iter().filter_map(|ending| stem.strip_suffix(ending));
    let base = bases.into_iter().find(|base| ends_in_vowel(base)).unwrap_or(stem);
    base.strip_suffix('e').filter(|shorter| ends_in_vowel(shorter)).unwrap_or(base)
}

/// A tokenizer that remembers words, because folding and stemming them is most of the work.
pub(super) struct Terms {
    reading: Reading,
    known: HashMap<String, Option<(String, Option<String>)>>,
}

impl Terms {
    /// A tokenizer that has seen no word yet.
    pub(super) fn new(reading: Reading) -> Self {
        Self { reading, known: HashMap::new() }
    }
}

impl Clone for Terms {
    fn clone(&self) -> Self {
        Self::new(self.reading)
    }
}

impl Tokenizer for Terms {
    type TokenStream<'a> = Stream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream<'a> {
        if self.known.len() > REMEMBERED {
            self.known.clear();
        }
        Stream {
            terms: self,
            text,
            words: Box::new(words(text)),
            plain: None,
            next: 0,
            token: Token::default(),
        }
    }
}

/// The terms of one text. A word with a plain form gives two at the same position.
pub(super) struct Stream<'a> {
    terms: &'a mut Terms,
    text: &'a str,
    words: Box<dyn Iterator<Item = (usize, usize)> + 'a>,
    plain: Option<String>,
    next: usize,
    token: Token,
}

impl TokenStream for Stream<'_> {
    fn advance(&mut self) -> bool {
        if let Some(plain) = self.plain.take() {
            self.token.text = plain;
            return true;
        }
        for (from, to) in self.words.by_ref() {
            let word = &self.text[from..to];
            let reading = self.terms.reading;
            if !self.terms.known.contains_key(word) {
                self.terms.known.insert(word.to_owned(), reading.of(word));
            }
            let Some(Some((long, plain))) = self.terms.known.get(word) else { continue };
            self.token.text.clear();
            self.token.text.push_str(long);
            self.plain.clone_from(plain);
            (self.token.offset_from, self.token.offset_to) = (from, to);
            self.token.position = self.next;
            self.next += 1;
            return true;
        }
        false
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

    fn terms(reading: Reading, text: &str) -> Vec<(usize, String)> {
        let mut terms = Terms::new(reading);
        let mut stream = terms.token_stream(text);
        let mut found = Vec::new();
        stream.process(&mut |token| found.push((token.position, token.text.clone())));
        found
    }

    fn owned(terms: &[(usize, &str)]) -> Vec<(usize, String)> {
        terms.iter().map(|(at, term)| (*at, (*term).to_owned())).collect()
    }

    #[test]
    fn inflected_words_share_a_stem_and_numbers_keep_their_digits() {
        let stem = |word: &str| Reading::Stems.of(word).unwrap().0;
        for same in
            [["anskaffelse", "anskaffelsen"], ["veier", "veiene"], ["Ås", "aas"], ["skoler", "SKOLEN"]]
        {
            assert_eq!(stem(same[0]), stem(same[1]), "{same:?}");
        }
        assert_eq!(stem("938801363"), "938801363");
        assert_eq!(stem("EN13053er"), "en13053er");
        assert_ne!(stem("hår"), stem("har"));
    }

    #[test]
    fn a_plain_form_stands_where_the_long_one_stands() {
        let forms = terms(Reading::Forms, "Nye båter til Bærum");
        let expected = [(0, "nye"), (1, "baater"), (1, "bater"), (2, "til"), (3, "baerum"), (3, "barum")];
        assert_eq!(forms, owned(&expected));
        assert_eq!(terms(Reading::Stems, "båter"), owned(&[(0, "baat"), (0, "bat")]));
    }

    #[test]
    fn a_word_without_letters_takes_no_place() {
        assert_eq!(terms(Reading::Forms, "a \u{ad} b"), owned(&[(0, "a"), (1, "b")]));
    }

    #[test]
    fn a_remembered_word_is_read_like_a_new_one() {
        let mut known = Terms::new(Reading::Stems);
        for _ in 0..2 {
            let mut stream = known.token_stream("sikkerheten og sikkerheten");
            let mut found = Vec::new();
            stream.process(&mut |token| found.push(token.text.clone()));
            assert_eq!(found[0], found[2]);
            assert_eq!(found.len(), 3);
        }
    }
}
