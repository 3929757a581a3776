//! Words made comparable: case, accents, and the two ways to write æ, ø and å without them.
//!
//! A word is kept in the long form, `aa oe ae` ("baerum"), and where that differs also in the plain one, `a o a`
//! ("barum"). Questions are asked in the long form alone, so "Bærum" and "Baerum" meet in it and "Barum" finds
//! both in the plain one, while "hår" does not find every "har".

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Longest folded word, in bytes; what is longer is cut, in notices and in questions alike.
const LONGEST: usize = 64;

/// A word in its forms; the long one is empty when nothing in the word can be looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Folded {
    pub(super) long: String,
    pub(super) plain: Option<String>,
}

impl Folded {
    /// Folds a word.
    pub(super) fn new(word: &str) -> Self {
        if word.is_ascii() {
            let letters = word.chars().filter(char::is_ascii_alphanumeric);
            let long = letters.map(|letter| letter.to_ascii_lowercase()).take(LONGEST).collect();
            return Self { long, plain: None };
        }
        let long = folded(word, ["ae", "oe", "aa"]);
        let plain = Some(folded(word, ["a", "o", "a"])).filter(|plain| *plain != long);
        Self { long, plain }
    }
}

fn folded(word: &str, [ae, oe, aa]: [&str; 3]) -> String {
    let mut out = String::with_capacity(word.len() + 4);
    for letter in word.nfkc().flat_map(char::to_lowercase) {
        match letter {
            'æ' | 'ä' => out.push_str(ae),
            'ø' | 'ö' => out.push_str(oe),
            'å' => out.push_str(aa),
            'đ' | 'ð' => out.push('d'),
            'ŋ' => out.push('n'),
            'ŧ' => out.push('t'),
            'ß' => out.push_str("ss"),
            _ => out.extend(std::iter::once(letter).nfkd().filter(|part| part.is_alphanumeric())),
        }
    }
    let mut end = out.len().min(LONGEST);
    while !out.is_char_boundary(end) {
        end -= 1;
    }
    out.truncate(end);
    out
}

/// Whether a character stands within words. Combining marks and characters without a width do not part them.
fn within(c: char) -> bool {
    c.is_alphanumeric()
        || (!c.is_ascii()
            && (is_combining_mark(c)
                || matches!(c, '\u{ad}' | '\u{200c}' | '\u{200d}' | '\u{2060}' | '\u{feff}')))
}

/// Where the first word after a byte of a text begins and ends.
pub(super) fn next_word(text: &str, from: usize) -> Option<(usize, usize)> {
    let rest = text.get(from..)?;
    let begin = from + rest.find(within)?;
    let end = text[begin..].find(|c| !within(c)).map_or(text.len(), |length| begin + length);
    Some((begin, end))
}

/// The words of a text, each with where it begins and ends, in bytes.
pub(super) fn words(text: &str) -> impl Iterator<Item = (usize, usize)> {
    std::iter::successors(next_word(text, 0), |(_, end)| next_word(text, *end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms(word: &str) -> (String, Option<String>) {
        let folded = Folded::new(word);
        (folded.long, folded.plain)
    }

    #[test]
    fn norwegian_letters_have_a_long_and_a_plain_form_and_other_accents_none() {
        assert_eq!(forms("Ålesund"), ("aalesund".into(), Some("alesund".into())));
        assert_eq!(forms("BÆRUM"), ("baerum".into(), Some("barum".into())));
        assert_eq!(forms("Tromsø"), ("tromsoe".into(), Some("tromso".into())));
        assert_eq!(forms("A\u{30a}s"), ("aas".into(), Some("as".into())), "composed of two characters");
        assert_eq!(forms("Café"), ("cafe".into(), None));
        assert_eq!(forms("Kárášjohka"), ("karasjohka".into(), None));
        assert_eq!(forms("ＫＩ２"), ("ki2".into(), None));
        assert_eq!(forms("sam\u{ad}arbeid"), ("samarbeid".into(), None));
        assert_eq!(forms("HMS"), ("hms".into(), None));
    }

    #[test]
    fn what_holds_no_letter_folds_to_nothing_and_long_words_are_cut_within_no_letter() {
        assert_eq!(forms("\u{ad}\u{301}").0, "");
        assert_eq!(Folded::new(&"x".repeat(500)).long.len(), 64);
        assert_eq!(Folded::new(&format!("x{}", "ж".repeat(100))).long.len(), 63);
    }

    #[test]
    fn words_end_at_punctuation_and_not_at_marks_within_them() {
        let split = |text: &'static str| words(text).map(|(a, b)| &text[a..b]).collect::<Vec<_>>();
        assert_eq!(
            split("renseanlegg.Kommunene har IT-drift"),
            ["renseanlegg", "Kommunene", "har", "IT", "drift"]
        );
        assert_eq!(split("«A\u{30a}s» 26-019"), ["A\u{30a}s", "26", "019"]);
        assert_eq!(split("  … "), Vec::<&str>::new());
        assert_eq!(split(""), Vec::<&str>::new());
    }
}
