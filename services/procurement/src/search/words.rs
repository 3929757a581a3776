//! Words with what is taken of each, all of it close together.
//!
//! Every word of every text is looked up here, and what that costs is the places in memory it touches: a slot of the
//! table and one piece of text, where a map of owned strings has four or five.

use std::hash::{BuildHasher as _, BuildHasherDefault};

use hashbrown::HashTable;

use super::analysis::Quick;

/// Words and their terms.
#[derive(Debug, Clone, Default)]
pub(super) struct Words {
    table: HashTable<Slot>,
    /// Each word and then its terms, one after the other.
    text: String,
}

/// Where a word stands, and the bytes it and its terms have.
#[derive(Debug, Clone, Copy)]
struct Slot {
    at: u32,
    word: u8,
    terms: [u8; 2],
}

impl Words {
    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    /// The terms of a word, if it is known; a term that is empty is none.
    pub(super) fn get(&self, word: &str) -> Option<[&str; 2]> {
        let slot = self.table.find(hash(word), |slot| self.word(*slot) == word)?;
        Some(self.terms(*slot))
    }

    /// Remembers a new word. One that is very long is not.
    pub(super) fn insert(&mut self, word: &str, terms: [&str; 2]) {
        let lengths = [word, terms[0], terms[1]].map(|text| u8::try_from(text.len()));
        let ([Ok(length), Ok(first), Ok(second)], Ok(at)) = (lengths, u32::try_from(self.text.len())) else {
            return;
        };
        for text in [word, terms[0], terms[1]] {
            self.text.push_str(text);
        }
        let slot = Slot { at, word: length, terms: [first, second] };
        let Self { table, text } = self;
        table.insert_unique(hash(word), slot, |slot| hash(part(text, slot.at as usize, slot.word)));
    }

    /// Remembers all that others know and these do not.
    pub(super) fn extend(&mut self, others: &Self) {
        for &slot in &others.table {
            let word = others.word(slot);
            if self.get(word).is_none() {
                self.insert(word, others.terms(slot));
            }
        }
    }

    pub(super) fn clear(&mut self) {
        self.table.clear();
        self.text.clear();
    }

    fn word(&self, slot: Slot) -> &str {
        part(&self.text, slot.at as usize, slot.word)
    }

    fn terms(&self, slot: Slot) -> [&str; 2] {
        let [first, second] = slot.terms;
        let at = slot.at as usize + usize::from(slot.word);
        [part(&self.text, at, first), part(&self.text, at + usize::from(first), second)]
    }
}

fn part(text: &str, at: usize, length: u8) -> &str {
    &text[at..at + usize::from(length)]
}

fn hash(word: &str) -> u64 {
    BuildHasherDefault::<Quick>::default().hash_one(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_their_own_terms_however_many_there_are() {
        let mut words = Words::default();
        let numbered = |number: usize| (format!("ord{number}"), format!("o{number}"));
        for number in 0..10_000 {
            let (word, term) = numbered(number);
            assert_eq!(words.get(&word), None);
            words.insert(&word, [&term, if number % 2 == 0 { "" } else { "å" }]);
        }
        let mut more = Words::default();
        more.insert("ord7", ["another", ""]);
        more.insert("blåbær", ["blabar", "blaabaer"]);
        words.extend(&more);
        assert_eq!(words.len(), 10_001);
        for number in 0..10_000 {
            let (word, term) = numbered(number);
            assert_eq!(words.get(&word), Some([term.as_str(), if number % 2 == 0 { "" } else { "å" }]));
        }
        assert_eq!(words.get("blåbær"), Some(["blabar", "blaabaer"]));
        words.clear();
        assert_eq!((words.len(), words.get("ord7")), (0, None));
    }

    #[test]
    fn a_word_too_long_to_remember_is_not_known() {
        let (longest, longer) = ("æ".repeat(127), "æ".repeat(128));
        let mut words = Words::default();
        words.insert(&longest, [&longest, ""]);
        words.insert(&longer, ["x", ""]);
        assert_eq!(words.get(&longest), Some([longest.as_str(), ""]));
        assert_eq!(words.get(&longer), None);
    }
}
