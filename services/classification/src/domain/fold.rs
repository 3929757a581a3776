//! Text made comparable: case, punctuation, diacritics, and the two ways to write æ, ø and å without them.
//!
//! A label is kept in two forms, `aa oe ae` ("baerum") and `a o a` ("barum"), and a query in the first. So
//! "Bærum" and "Baerum" meet in the first form, "Barum" in the second, and plain English words are untouched.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Words in the first form, joined by single spaces.
pub fn fold(text: &str) -> String {
    folded(text, ["ae", "oe", "aa"])
}

/// The words of folded text.
pub fn words(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(' ').filter(|word| !word.is_empty())
}

fn folded(text: &str, [ae, oe, aa]: [&str; 3]) -> String {
    let mut out = String::with_capacity(text.len() + 4);
    for letter in text.nfc().flat_map(char::to_lowercase) {
        match letter {
            'æ' => out.push_str(ae),
            'ø' => out.push_str(oe),
            'å' => out.push_str(aa),
            'đ' => out.push('d'),
            'ŋ' => out.push('n'),
            'ŧ' => out.push('t'),
            'ß' => out.push_str("ss"),
            _ => {
                for part in std::iter::once(letter).nfd().filter(|c| !is_combining_mark(*c)) {
                    if part.is_alphanumeric() {
                        out.push(part);
                    } else if !out.is_empty() && !out.ends_with(' ') {
                        out.push(' ');
                    }
                }
            }
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// A label in its forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folded {
    long: String,
    short: Option<String>,
}

impl Folded {
    /// Folds a label.
    pub fn new(label: &str) -> Self {
        let long = fold(label);
        let short = Some(folded(label, ["a", "o", "a"])).filter(|short| *short != long);
        Self { long, short }
    }

    /// Its different forms.
    pub fn forms(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.long.as_str()).chain(self.short.as_deref())
    }

    /// Whether a folded query is the whole label.
    pub fn is(&self, query: &str) -> bool {
        self.forms().any(|form| form == query)
    }

    /// Whether the label begins with a folded query.
    pub fn starts_with(&self, query: &str) -> bool {
        self.forms().any(|form| form.starts_with(query))
    }

    /// Whether a folded word occurs anywhere in the label.
    pub fn contains(&self, word: &str) -> bool {
        self.forms().any(|form| form.contains(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_to_write_a_norwegian_letter_meet() {
        for (label, spellings) in [
            ("Bærum", ["bærum", "Baerum", "BARUM"]),
            ("Tromsø", ["tromso", "Tromsoe", "TROMSØ"]),
            ("Ålesund", ["Aalesund", "alesund", "A\u{30a}lesund"]),
        ] {
            for spelling in spellings {
                assert!(Folded::new(label).is(&fold(spelling)), "{spelling} is not {label}");
            }
        }
    }

    #[test]
    fn diacritics_case_and_punctuation_do_not_count() {
        assert_eq!(fold("Finnmárku – Unjárga,  (Nesseby)"), "finnmarku unjarga nesseby");
        assert_eq!(fold("Deatnu/Tana: Porsáŋgu"), "deatnu tana porsangu");
        assert_eq!(fold(" ?! "), "");
        assert_eq!(fold("Sør-Trøndelag"), fold("sør trøndelag"));
    }

    #[test]
    fn english_words_are_left_alone() {
        assert_eq!(fold("Shoes and canoes"), "shoes and canoes");
        assert!(!Folded::new("Shovels").starts_with(&fold("shoe")));
    }
}
