//! A query's words, and the other ways a label may say them.

use rust_stemmers::{Algorithm, Stemmer};

use super::dictionary::Dictionary;
use super::synonyms;
use crate::domain::fold;

/// Most words of a query that are looked at.
const MOST: usize = 12;

/// Folded words that say nothing of what is meant: they need not match, and count in no label.
const FILLERS: [&str; 46] = [
    "a",
    "an",
    "and",
    "annen",
    "annet",
    "av",
    "by",
    "de",
    "den",
    "det",
    "eit",
    "eller",
    "en",
    "et",
    "ex",
    "for",
    "forb",
    "forbindelse",
    "fra",
    "fraa",
    "from",
    "i",
    "in",
    "inkl",
    "inkludert",
    "med",
    "mm",
    "mv",
    "o",
    "of",
    "og",
    "om",
    "on",
    "or",
    "pa",
    "paa",
    "samt",
    "som",
    "the",
    "til",
    "to",
    "under",
    "unntatt",
    "ved",
    "with",
    "without",
];

/// Whether a folded word says nothing of what is meant.
pub(super) fn filler(word: &str) -> bool {
    FILLERS.binary_search(&word).is_ok()
}

/// Norwegian and English stems.
pub(super) struct Stems([Stemmer; 2]);

impl Stems {
    /// Both stemmers.
    pub(super) fn new() -> Self {
        Self([Algorithm::Norwegian, Algorithm::English].map(Stemmer::create))
    }

    /// Stems of a folded word, Norwegian first. Folded letters stem well enough: no Norwegian ending has æ, ø or å.
    pub(super) fn both(&self, word: &str) -> [String; 2] {
        self.0.each_ref().map(|stemmer| stemmer.stem(word).into_owned())
    }

    /// Whether a vocabulary, given by its Norwegian stems, has a folded word in some form.
    pub(super) fn known(&self, word: &str, vocabulary: &Dictionary) -> bool {
        !filler(word) && (vocabulary.has(word) || vocabulary.has(&self.norwegian(word)))
    }

    /// The Norwegian stem.
    pub(super) fn norwegian(&self, word: &str) -> String {
        self.0[0].stem(word).into_owned()
    }
}

/// A word of a query.
#[derive(Debug, Clone)]
pub(super) struct Word {
    /// The word as typed and, where it is nynorsk, in bokmål.
    pub(super) spellings: Vec<Spelling>,
    /// Words of labels that mean the same.
    pub(super) equivalents: Vec<Spelling>,
    /// Whether it says something of what is meant.
    pub(super) telling: bool,
}

/// A folded word and its stems.
#[derive(Debug, Clone)]
pub(super) struct Spelling {
    /// The word.
    pub(super) text: String,
    /// Its Norwegian and its English stem.
    pub(super) stems: [String; 2],
}

/// The words of a folded query.
pub(super) fn words(folded: &str) -> Vec<Word> {
    let stems = Stems::new();
    let spelling = |text: &str| Spelling { text: text.to_owned(), stems: stems.both(text) };
    let all = synonyms::all();
    let word = |text: &str| {
        let bokmaal = all.bokmaal(text);
        let mut equivalents: Vec<_> = all.equivalents(text).iter().map(|word| spelling(word)).collect();
        equivalents.extend(bokmaal.iter().flat_map(|text| all.equivalents(text)).map(|word| spelling(word)));
        Word {
            spellings: std::iter::once(text).chain(bokmaal.as_deref()).map(spelling).collect(),
            equivalents,
            telling: !filler(text),
        }
    };
    let mut words: Vec<Word> = fold::words(folded).take(MOST).map(word).collect();
    if !words.iter().any(|word| word.telling) {
        for word in &mut words {
            word.telling = true;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fold::fold;

    #[test]
    fn fillers_are_sorted_and_folded() {
        assert!(FILLERS.is_sorted());
        assert!(FILLERS.iter().all(|word| fold(word) == *word));
    }

    #[test]
    fn words_are_stemmed_in_both_languages_and_spelled_in_bokmaal_too() {
        let words = words(&fold("skuler for Services"));
        assert_eq!(words.len(), 3);
        let texts: Vec<_> = words[0].spellings.iter().map(|one| one.text.as_str()).collect();
        assert_eq!(texts, ["skuler", "skoler"]);
        assert_eq!(words[0].spellings[1].stems[0], "skol");
        assert_eq!(words[2].spellings[0].stems[1], "servic");
        assert_eq!([words[0].telling, words[1].telling], [true, false]);
    }

    #[test]
    fn a_query_of_fillers_alone_means_them() {
        assert!(words("for").iter().all(|word| word.telling));
    }

    #[test]
    fn very_long_queries_are_cut() {
        assert_eq!(words(&"x ".repeat(100)).len(), MOST);
    }
}
