//! From texts to what is looked up: words, folded, and stemmed as Norwegian.

use std::hash::Hasher;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rust_stemmers::{Algorithm, Stemmer};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};

use super::fold::{Folded, next_word};
use super::pairs::{PAIRS, Pairs};
use super::words::Words;

/// Name of the tokenizer that gives stems.
pub(super) const STEMS: &str = "stems";

/// Name of the tokenizer that gives the stems of a name, all at one position.
pub(super) const NAMES: &str = "names";

/// Name of the tokenizer that gives words as they are inflected.
pub(super) const FORMS: &str = "forms";

/// How many words tokenizers remember: some 5 MB.
const REMEMBERED: usize = 100_000;

/// How many new words are worth teaching to the next tokenizers.
const WORTH_TEACHING: usize = 5_000;

/// The tokenizers of the index.
pub(super) fn tokenizers() -> TokenizerManager {
    let manager = TokenizerManager::default();
    manager.register(STEMS, Terms::new(Reading::Stems));
    manager.register(NAMES, Terms::new(Reading::Names));
    manager.register(FORMS, Terms::new(Reading::Forms));
    manager.register(PAIRS, Pairs::default());
    manager
}

/// What is taken of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// Its stem.
    Stems,
    /// Its stem, at the position of the text's other words: what shares a position is of one text.
    Names,
    /// The word as inflected, where that is not its stem already.
    Forms,
}

impl Reading {
    /// What a word is looked up by: its long form and, where it differs, its plain one. Nothing when the word
    /// holds no letter.
    pub(super) fn of(self, word: &str) -> [Option<String>; 2] {
        let Folded { long, plain } = Folded::new(word);
        let [long, plain] = [Some(long).filter(|long| !long.is_empty()), plain];
        match self {
            Self::Forms => [long, plain].map(|form| form.filter(|form| stem(form) != *form)),
            Self::Stems | Self::Names => {
                let long = long.map(|long| stem(&long));
                let plain = plain.map(|plain| stem(&plain)).filter(|plain| Some(plain) != long.as_ref());
                [long, plain]
            }
        }
    }
}

/// The stem of a word's long form, if the word holds a letter.
pub(super) fn stem_of(word: &str) -> Option<String> {
    let [stem, _] = Reading::Stems.of(word);
    stem
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

/// A tokenizer that remembers words, because folding and stemming them is most of the work. What one has learnt
/// the next ones know from the start: there is a new one for every segment.
pub(super) struct Terms {
    reading: Reading,
    shared: Arc<ArcSwap<Words>>,
    taught: Arc<Words>,
    learnt: Words,
}

impl Terms {
    /// A tokenizer that has seen no word yet.
    pub(super) fn new(reading: Reading) -> Self {
        let shared = Arc::new(ArcSwap::default());
        Self { reading, taught: shared.load_full(), shared, learnt: Words::default() }
    }
}

impl Clone for Terms {
    fn clone(&self) -> Self {
        let shared = Arc::clone(&self.shared);
        Self { reading: self.reading, taught: shared.load_full(), shared, learnt: Words::default() }
    }
}

impl Drop for Terms {
    fn drop(&mut self) {
        if self.learnt.len() >= WORTH_TEACHING && self.shared.load().len() < REMEMBERED {
            let mut all = Words::clone(&self.shared.load());
            all.extend(&self.learnt);
            self.shared.store(Arc::new(all));
        }
    }
}

impl Tokenizer for Terms {
    type TokenStream<'a> = Stream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream<'a> {
        if self.learnt.len() > REMEMBERED {
            self.learnt.clear();
        }
        Stream { terms: self, text, from: 0, plain: String::new(), next: 0, token: Token::default() }
    }
}

/// The terms of one text. A word with a plain form gives two at the same position.
pub(super) struct Stream<'a> {
    terms: &'a mut Terms,
    text: &'a str,
    from: usize,
    /// The plain form that comes next; empty without.
    plain: String,
    next: usize,
    token: Token,
}

impl Stream<'_> {
    fn read(&mut self, from: usize, to: usize) -> bool {
        let word = &self.text[from..to];
        let Terms { reading, taught, learnt, .. } = &mut *self.terms;
        // A word is looked up once wherever it can be: that is most of what indexing costs here.
        let known = taught.get(word).or_else(|| learnt.get(word));
        let taken = if let Some(terms) = known {
            take(&mut self.token.text, &mut self.plain, terms)
        } else {
            let [long, plain] = reading.of(word);
            let (first, second) = if long.is_some() { (long, plain) } else { (plain, None) };
            let terms = [first.unwrap_or_default(), second.unwrap_or_default()];
            let terms = terms.each_ref().map(String::as_str);
            learnt.insert(word, terms);
            take(&mut self.token.text, &mut self.plain, terms)
        };
        if taken {
            (self.token.offset_from, self.token.offset_to) = (from, to);
            self.token.position = self.next;
            self.next += usize::from(*reading != Reading::Names);
        }
        taken
    }
}

/// Takes the first term as what is read and the second as what comes next, if there is a first.
fn take(text: &mut String, plain: &mut String, [first, second]: [&str; 2]) -> bool {
    text.clear();
    text.push_str(first);
    plain.push_str(second);
    !first.is_empty()
}

impl TokenStream for Stream<'_> {
    fn advance(&mut self) -> bool {
        if !self.plain.is_empty() {
            self.token.text.clear();
            self.token.text.push_str(&self.plain);
            self.plain.clear();
            return true;
        }
        while let Some((from, to)) = next_word(self.text, self.from) {
            self.from = to;
            if self.read(from, to) {
                return true;
            }
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

/// A hash that takes eight bytes at a time: quick for words, and nobody gains from colliding ones here.
#[derive(Debug, Default)]
pub(super) struct Quick(u64);

impl Quick {
    fn take(&mut self, eight: u64) {
        self.0 = (self.0.rotate_left(5) ^ eight).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        let (whole, rest) = bytes.as_chunks::<8>();
        for eight in whole {
            self.take(u64::from_le_bytes(*eight));
        }
        if !rest.is_empty() {
            self.take(rest.iter().fold(0, |last, byte| last << 8 | u64::from(*byte)));
        }
    }

    /// What ends a text tells lists of texts apart; these are single words.
    fn write_u8(&mut self, _: u8) {}

    fn finish(&self) -> u64 {
        // The table takes its place from the low bits, which a product mixes least.
        self.0 ^ self.0 >> 32
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
        let stem = |word: &str| stem_of(word).unwrap();
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
        let stems = terms(Reading::Stems, "Nye båter til Bærum");
        let expected = [(0, "nye"), (1, "baat"), (1, "bat"), (2, "til"), (3, "baerum"), (3, "barum")];
        assert_eq!(stems, owned(&expected));
        assert_eq!(terms(Reading::Forms, "Nye båter til Bærum"), owned(&[(0, "baater"), (0, "bater")]));
        assert_eq!(terms(Reading::Stems, "båter"), owned(&[(0, "baat"), (0, "bat")]));
    }

    #[test]
    fn a_word_without_letters_takes_no_place() {
        assert_eq!(terms(Reading::Stems, "a \u{ad} b"), owned(&[(0, "a"), (1, "b")]));
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
