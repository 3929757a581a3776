//! Words that differ by a letter or two.

use super::dictionary::Dictionary;

/// Fewest letters of a word that may differ by one.
const ONE: usize = 4;
/// Fewest letters of a word that may differ by two.
const TWO: usize = 8;

/// What is compared before the letters are: which of them occur, and how many there are. One for each key of a
/// dictionary, so that nearly all of them are passed over without a look at the text.
#[derive(Debug, Default)]
pub(super) struct Sketches(Vec<Sketch>);

#[derive(Debug, Clone, Copy)]
struct Sketch {
    letters: u32,
    length: u8,
}

impl Sketches {
    /// Sketches the keys of a dictionary.
    pub(super) fn new(words: &Dictionary) -> Self {
        Self(words.pairs().map(|(word, _)| sketch(word)).collect())
    }

    /// Numbers of the words nearest to `word`, if any is near enough: one letter away for words of four letters,
    /// two for words of eight. A letter more, less or other counts one, and so do two that changed places.
    pub(super) fn near(&self, words: &Dictionary, word: &str) -> Vec<u32> {
        let own = sketch(word);
        let mut limit = match usize::from(own.length) {
            TWO.. => 2,
            ONE.. => 1,
            _ => return Vec::new(),
        };
        let mut found = Vec::new();
        for (other, (text, value)) in self.0.iter().zip(words.pairs()) {
            // One edit changes at most two of the letters that occur, and the length by at most one.
            let close = usize::from(own.length.abs_diff(other.length)) <= limit
                && (own.letters ^ other.letters).count_ones() as usize <= 2 * limit
                && usize::from(other.length) >= ONE;
            if !close {
                continue;
            }
            let distance = strsim::damerau_levenshtein(word, text);
            if distance < limit {
                limit = distance.max(1);
                found.clear();
            }
            if distance <= limit {
                found.push(value);
            }
        }
        found
    }

    /// Bytes on the heap.
    pub(super) fn bytes(&self) -> usize {
        self.0.capacity() * size_of::<Sketch>()
    }
}

fn sketch(word: &str) -> Sketch {
    let bit = |letter: char| 1_u32 << (u32::from(letter) % 32);
    let length = u8::try_from(word.chars().count()).unwrap_or(u8::MAX);
    Sketch { letters: word.chars().map(bit).fold(0, |all, bit| all | bit), length }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(word: &str) -> Vec<u32> {
        let words = ["bil", "buss", "programvare", "skole", "smykker"];
        let pairs = words.iter().zip(0..).map(|(word, value)| ((*word).to_owned(), value)).collect();
        let words = Dictionary::new(pairs);
        Sketches::new(&words).near(&words, word)
    }

    #[test]
    fn one_letter_may_differ_from_four_on_and_two_from_eight_on() {
        assert_eq!(near("skloe"), [3], "two letters that changed places count one");
        assert_eq!(near("skol"), [3]);
        assert_eq!(near("bus"), [0_u32; 0], "three letters are too few");
        assert_eq!(near("skllo"), [0_u32; 0], "two letters of five are too many");
        assert_eq!(near("programvre"), [2]);
        assert_eq!(near("prgramvrae"), [2]);
        assert_eq!(near("prgrmvrae"), [0_u32; 0], "three are too many for any word");
    }
}
