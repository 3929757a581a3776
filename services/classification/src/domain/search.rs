//! Codes found by words or by code, best first.
//!
//! ```text
//! Query ──words──▶ spellings, stems, equivalents ──matching──▶ texts of the list's Index ──rank──▶ hits
//! ```
//!
//! The index of a list is made with the list and never changes: a search takes no lock and writes nothing.
//! `docs/SEARCH.md` describes the ranking and measures it.

mod compound;
mod dictionary;
mod fuzzy;
mod index;
mod matching;
mod rank;
mod synonyms;
mod words;

pub use index::Index;

use super::code::{Code, Scheme};
use super::error::Error;
use super::fold::fold;
use super::language::Language;
use super::list::{Entry, List};
use dictionary::number;
use rank::{Candidate, Rank};
use words::Word;

/// What is searched for.
#[derive(Debug, Clone)]
pub struct Query {
    text: String,
    words: Vec<Word>,
    language: Language,
    limit: usize,
}

/// Which part of an entry matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The code.
    Code,
    /// The bokmål label.
    NameNb,
    /// The English label.
    NameEn,
    /// A word that stands for the code in `data/synonyms.csv`.
    Synonym,
}

/// How it matched, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// All of it.
    Exact,
    /// Its beginning.
    Prefix,
    /// Every word is, or begins, one of its words.
    Words,
    /// A word is in another form, or is a word that means the same.
    Stem,
    /// A word is a part of a compound, or a compound whose parts are there.
    Compound,
    /// A word has a letter or two wrong.
    Fuzzy,
}

/// One code that matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Its list.
    pub scheme: Scheme,
    /// The code.
    pub code: String,
    /// Its label in the language asked for.
    pub name: String,
    /// Language of the label, where the list has none in the language asked for.
    pub fallback: Option<Language>,
    /// Its level.
    pub level: u8,
    /// What matched.
    pub field: Field,
    /// How it matched.
    pub kind: Kind,
    /// The text that matched.
    pub text: String,
    rank: Rank,
}

impl Query {
    /// Checks a query.
    pub fn new(text: &str, language: Language, limit: Option<i32>) -> Result<Self, Error> {
        let length = text.chars().count();
        let text = text.trim_matches(' ');
        if text.is_empty() {
            return Err(Error::missing("q", "give words, a code, or the beginning of either"));
        }
        if length > 200 {
            return Err(Error::invalid("q", "must be at most 200 characters"));
        }
        let limit = match limit {
            None => 20,
            Some(limit) => usize::try_from(limit)
                .ok()
                .filter(|limit| (1..=100).contains(limit))
                .ok_or_else(|| Error::invalid("limit", format!("{limit} is not 1 to 100")))?,
        };
        Ok(Self { text: text.to_owned(), words: words::words(&fold(text)), language, limit })
    }
}

/// Best hits in one list, only those below `under` if it is given.
pub fn search<C: Code>(list: &List<C>, query: &Query, under: Option<&Entry<C>>) -> Vec<Hit> {
    let index = list.searched();
    let home = if query.language == Language::En { Field::NameEn } else { Field::NameNb };
    let level = |entry: u32| list.at(entry as usize).map_or(u8::MAX, |entry| entry.level);
    let mut found = by_code(list, &query.text);
    let codes: Vec<u32> = found.iter().map(|candidate| candidate.rank.entry).collect();
    let texts = rank::candidates(index, &query.words, home, |text| (level(text.entry), C::SCHEME));
    found.extend(texts.into_iter().filter(|candidate| !codes.contains(&candidate.rank.entry)));
    if let Some(under) = under {
        let below = |entry: &Entry<C>| list.ancestors(entry).any(|ancestor| ancestor.code == under.code);
        found.retain(|candidate| list.at(candidate.rank.entry as usize).is_some_and(below));
    }
    drop_misspelt(&mut found, |candidate| &candidate.rank);
    if found.len() > query.limit {
        found.select_nth_unstable(query.limit);
        found.truncate(query.limit);
    }
    found.sort_unstable();
    found.iter().filter_map(|candidate| hit(list, query, candidate)).collect()
}

/// The best hits of several lists.
pub fn best(mut hits: Vec<Hit>, query: &Query) -> Vec<Hit> {
    drop_misspelt(&mut hits, |hit| &hit.rank);
    hits.sort_unstable_by_key(|hit| hit.rank);
    hits.truncate(query.limit);
    hits
}

/// Guesses are for when nothing has all the words as they are typed.
fn drop_misspelt<T>(found: &mut Vec<T>, rank: impl Fn(&T) -> &Rank) {
    if found.iter().any(|one| rank(one).missing == 0 && rank(one).kind != Kind::Fuzzy) {
        found.retain(|one| rank(one).kind != Kind::Fuzzy);
    }
}

/// The code that a query is, and the codes that it begins.
fn by_code<C: Code>(list: &List<C>, text: &str) -> Vec<Candidate> {
    let exact = C::parse(text).ok().and_then(|code| list.get(&code));
    // A check digit about to be typed.
    let prefix = C::prefix(text.strip_suffix('-').unwrap_or(text));
    let begun = prefix.map(|prefix| list.starting_with(&prefix)).unwrap_or_default();
    let begun = begun.iter().filter(|entry| exact.is_none_or(|exact| exact.code != entry.code));
    let candidate = |entry: &Entry<C>, kind| {
        let position = number(list.position(entry)?);
        let rank = Rank {
            missing: 0,
            by_text: false,
            kind,
            begun: false,
            uncovered: 0,
            place: 0,
            level: entry.level,
            length: 0,
            scheme: C::SCHEME,
            entry: position,
            foreign: false,
        };
        Some(Candidate { rank, text: None })
    };
    let exact = exact.and_then(|entry| candidate(entry, Kind::Exact));
    exact.into_iter().chain(begun.filter_map(|entry| candidate(entry, Kind::Prefix))).collect()
}

fn hit<C: Code>(list: &List<C>, query: &Query, candidate: &Candidate) -> Option<Hit> {
    let entry = list.at(candidate.rank.entry as usize)?;
    let text = candidate.text.and_then(|text| list.searched().texts.get(text as usize));
    let field = text.map_or(Field::Code, |text| text.field);
    let matched = match field {
        Field::Code => entry.code.as_str(),
        Field::NameNb => &entry.nb,
        Field::NameEn => entry.label(Language::En),
        Field::Synonym => text.map_or("", |text| synonyms::all().text(text.synonym.into())),
    };
    Some(Hit {
        scheme: C::SCHEME,
        code: entry.code.to_string(),
        name: entry.label(query.language).to_owned(),
        fallback: entry.fallback(query.language),
        level: entry.level,
        field,
        kind: candidate.rank.kind,
        text: matched.to_owned(),
        rank: candidate.rank,
    })
}

#[cfg(test)]
mod tests;
