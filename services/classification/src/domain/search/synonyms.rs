//! Words people use that the lists do not, from `data/synonyms.csv`.
//!
//! The file has three kinds of lines, told apart by the second column: codes of a list for a word, words of
//! the labels for a word (`ord`), and bokmål for a nynorsk sequence of letters (`nynorsk`).

use std::sync::LazyLock;

use crate::domain::code::Scheme;
use crate::domain::fold::fold;

const FILE: &str = include_str!("../../../data/synonyms.csv");

/// The file, read once.
static ALL: LazyLock<Synonyms> = LazyLock::new(|| Synonyms::read(FILE));

/// What the file says.
#[derive(Debug, Default)]
pub(super) struct Synonyms {
    codes: Vec<Synonym>,
    words: Vec<(String, Vec<String>)>,
    nynorsk: Vec<(String, String)>,
    /// Lines that say nothing; there are none, which a test sees to.
    wrong: usize,
}

/// A word, and the codes it stands for, the likeliest first.
#[derive(Debug)]
pub(super) struct Synonym {
    /// As it is written in the file.
    pub(super) text: &'static str,
    /// The list of the codes.
    pub(super) scheme: Scheme,
    /// The codes.
    pub(super) codes: Vec<&'static str>,
}

/// The synonyms.
pub(super) fn all() -> &'static Synonyms {
    &ALL
}

impl Synonyms {
    fn read(file: &'static str) -> Self {
        let mut all = Self::default();
        let lines = file.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        for line in lines.skip(1) {
            let mut columns = line.split(';').map(str::trim);
            let (Some(text), Some(kind), Some(given)) = (columns.next(), columns.next(), columns.next())
            else {
                all.wrong += 1;
                continue;
            };
            let given = given.split(',').map(str::trim).filter(|one| !one.is_empty());
            let scheme = match kind {
                "CPV" => Scheme::Cpv,
                "NUTS" => Scheme::Nuts,
                "STYRK" => Scheme::Styrk,
                "ord" => {
                    all.words.push((fold(text), given.map(fold).collect()));
                    continue;
                }
                "nynorsk" => {
                    all.nynorsk.extend(given.map(|bokmaal| (fold(text), fold(bokmaal))));
                    continue;
                }
                _ => {
                    all.wrong += 1;
                    continue;
                }
            };
            all.codes.push(Synonym { text, scheme, codes: given.collect() });
        }
        all.words.sort_unstable();
        all
    }

    /// Synonyms for codes of a list, with their numbers.
    pub(super) fn of(&self, scheme: Scheme) -> impl Iterator<Item = (usize, &Synonym)> {
        self.codes.iter().enumerate().filter(move |(_, synonym)| synonym.scheme == scheme)
    }

    /// The text of a synonym.
    pub(super) fn text(&self, number: usize) -> &'static str {
        self.codes.get(number).map_or("", |synonym| synonym.text)
    }

    /// Words of labels that mean the same as a folded word.
    pub(super) fn equivalents(&self, word: &str) -> &[String] {
        let found = self.words.binary_search_by(|(own, _)| own.as_str().cmp(word));
        found.ok().and_then(|position| self.words.get(position)).map_or(&[], |(_, words)| words)
    }

    /// A folded word in bokmål, if it has a sequence of letters that is nynorsk.
    pub(super) fn bokmaal(&self, word: &str) -> Option<String> {
        let mut changed: Option<String> = None;
        for (nynorsk, bokmaal) in &self.nynorsk {
            let now = changed.as_deref().unwrap_or(word);
            // "løn" is in "lønn" too, which is bokmål already.
            if now.contains(nynorsk.as_str()) && !now.contains(bokmaal.as_str()) {
                changed = Some(now.replace(nynorsk.as_str(), bokmaal));
            }
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::{Code as _, CpvCode, NutsCode, StyrkCode};

    #[test]
    fn every_line_says_something_and_every_code_is_one() {
        let all = all();
        assert_eq!(all.wrong, 0);
        assert!(all.codes.len() >= 200, "{}", all.codes.len());
        let mut seen = BTreeSet::new();
        for synonym in &all.codes {
            assert!(!synonym.codes.is_empty(), "{synonym:?}");
            assert!(seen.insert((synonym.scheme, fold(synonym.text))), "{synonym:?} occurs twice");
            for code in &synonym.codes {
                let sound = match synonym.scheme {
                    Scheme::Cpv => CpvCode::parse(code).is_ok(),
                    Scheme::Nuts => NutsCode::parse(code).is_ok(),
                    Scheme::Styrk => StyrkCode::parse(code).is_ok(),
                };
                assert!(sound, "{synonym:?}");
            }
        }
        assert!(all.words.windows(2).all(|pair| pair[0].0 != pair[1].0), "a word has one line");
    }

    #[test]
    fn nynorsk_becomes_bokmaal_and_bokmaal_stays() {
        let bokmaal = |word: &str| all().bokmaal(&fold(word));
        for (nynorsk, expected) in [
            ("reinhald", "renhold"),
            ("skuleskyss", "skoleskyss"),
            ("sjukeheim", "sykehjem"),
            ("drikkevatn", "drikkevann"),
            ("køyretøy", "kjøretøy"),
            ("løn", "lønn"),
        ] {
            assert_eq!(bokmaal(nynorsk), Some(fold(expected)), "{nynorsk}");
        }
        for same in ["renhold", "lønn", "skole", "software"] {
            assert_eq!(bokmaal(same), None, "{same}");
        }
    }

    #[test]
    fn a_line_that_says_nothing_is_counted_and_passed_over() {
        let all = Synonyms::read("# c\nsynonym;scheme;codes;note\nx;ABC;1;\ny\nz;CPV;48000000;n\n");
        assert_eq!((all.wrong, all.codes.len()), (2, 1));
    }
}
