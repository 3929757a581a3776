//! Codes found by words or by code, best first.

use std::collections::BTreeMap;

use super::code::{Code, Scheme};
use super::error::Error;
use super::fold::fold;
use super::index::Labels;
use super::language::Language;
use super::list::{Entry, List};

/// What is searched for.
#[derive(Debug, Clone)]
pub struct Query {
    text: String,
    folded: String,
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
}

/// How it matched, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// All of it.
    Exact,
    /// Its beginning.
    Prefix,
    /// Every word begins one of its words.
    Words,
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
    /// Its level.
    pub level: u8,
    /// What matched.
    pub field: Field,
    /// How it matched.
    pub kind: Kind,
    /// The text that matched.
    pub text: String,
    order: Order,
}

/// Codes before labels, better kinds before worse, shorter labels before longer, higher levels before lower.
type Order = (bool, Kind, usize, u8, Scheme, usize);

impl Query {
    /// Checks a query.
    pub fn new(text: &str, language: Language, limit: Option<i32>) -> Result<Self, Error> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Error::missing("q", "give words, a code, or the beginning of either"));
        }
        if text.chars().count() > 200 {
            return Err(Error::invalid("q", "must be at most 200 characters"));
        }
        let limit = match limit {
            None => 20,
            Some(limit) => usize::try_from(limit)
                .ok()
                .filter(|limit| (1..=100).contains(limit))
                .ok_or_else(|| Error::invalid("limit", format!("{limit} is not 1 to 100")))?,
        };
        Ok(Self { text: text.to_owned(), folded: fold(text), language, limit })
    }
}

/// Best hits in one list, only those below `under` if it is given.
pub fn search<C: Code>(list: &List<C>, query: &Query, under: Option<&Entry<C>>) -> Vec<Hit> {
    let mut found: BTreeMap<usize, (Order, Field)> = BTreeMap::new();
    let mut add = |position: usize, order: Order, field: Field| {
        let best = found.entry(position).or_insert((order, field));
        if order < best.0 {
            *best = (order, field);
        }
    };
    let exact = C::parse(&query.text).ok().and_then(|code| list.get(&code));
    let prefixed = C::prefix(&query.text).map(|prefix| list.starting_with(&prefix)).unwrap_or_default();
    let by_code = exact.map(|entry| (entry, Kind::Exact)).into_iter();
    for (entry, kind) in by_code.chain(prefixed.iter().map(|entry| (entry, Kind::Prefix))) {
        if let Some(position) = list.position(entry) {
            add(position, (false, kind, 0, entry.level, C::SCHEME, position), Field::Code);
        }
    }
    // The language asked for comes first, so that it is named where both match alike.
    let mut languages = [(&list.index.nb, Field::NameNb), (&list.index.en, Field::NameEn)];
    if query.language == Language::En {
        languages.reverse();
    }
    for (labels, field) in languages {
        for position in labels.with_words(&query.folded) {
            let Some(entry) = list.at(position) else { continue };
            let kind = kind(labels, position, &query.folded);
            let length = text(entry, field).chars().count();
            add(position, (true, kind, length, entry.level, C::SCHEME, position), field);
        }
    }
    let below = |entry: &Entry<C>| {
        under.is_none_or(|under| list.ancestors(entry).any(|ancestor| ancestor.code == under.code))
    };
    let mut ordered: Vec<_> = found.into_iter().collect();
    ordered.sort_unstable_by_key(|(_, (order, _))| *order);
    let entries = ordered.into_iter().filter_map(|(position, best)| Some((list.at(position)?, best)));
    let hits = entries.filter(|(entry, _)| below(entry)).map(|(entry, (order, field))| Hit {
        scheme: C::SCHEME,
        code: entry.code.to_string(),
        name: entry.label(query.language).to_owned(),
        level: entry.level,
        field,
        kind: order.1,
        text: text(entry, field).to_owned(),
        order,
    });
    hits.take(query.limit).collect()
}

/// The best hits of several lists.
pub fn best(mut hits: Vec<Hit>, query: &Query) -> Vec<Hit> {
    hits.sort_unstable_by_key(|hit| hit.order);
    hits.truncate(query.limit);
    hits
}

fn kind(labels: &Labels, position: usize, query: &str) -> Kind {
    match labels.label(position) {
        Some(label) if label.is(query) => Kind::Exact,
        Some(label) if label.starts_with(query) => Kind::Prefix,
        _ => Kind::Words,
    }
}

fn text<C: Code>(entry: &Entry<C>, field: Field) -> &str {
    match field {
        Field::Code => entry.code.as_str(),
        Field::NameNb => &entry.nb,
        Field::NameEn => entry.label(Language::En),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::list::Row;
    use crate::domain::{CpvCode, StyrkCode};

    fn cpv() -> List<CpvCode> {
        let rows = [
            ("48000000", "Programvare og informasjonssystemer", "Software package"),
            ("48100000", "Bransjespesifikk programvare", "Industry specific software"),
            ("48900000", "Diverse programvare", "Miscellaneous software package"),
            ("72000000", "IT-tjenester", "IT services"),
            ("72260000", "Programvaretjenester", "Software-related services"),
        ];
        List::build(rows.map(|(code, nb, en)| Row::new(code, nb).english(en))).unwrap()
    }

    fn hits(text: &str) -> Vec<Hit> {
        search(&cpv(), &Query::new(text, Language::Nb, None).unwrap(), None)
    }

    fn codes(text: &str) -> Vec<String> {
        hits(text).into_iter().map(|hit| hit.code).collect()
    }

    #[test]
    fn a_code_comes_first_then_codes_it_begins() {
        assert_eq!(codes("48000000-8"), ["48000000"]);
        assert_eq!(codes("48"), ["48000000", "48100000", "48900000"]);
        let first = &hits("48000000")[0];
        assert_eq!((first.field, first.kind, first.text.as_str()), (Field::Code, Kind::Exact, "48000000"));
    }

    #[test]
    fn labels_rank_whole_then_beginning_then_words_shorter_first() {
        assert_eq!(codes("software package"), ["48000000", "48900000"]);
        let kinds: Vec<_> = hits("software package").iter().map(|hit| (hit.field, hit.kind)).collect();
        assert_eq!(kinds, [(Field::NameEn, Kind::Exact), (Field::NameEn, Kind::Words)]);
        assert_eq!(codes("PROGRAMVARE"), ["72260000", "48000000", "48900000", "48100000"]);
    }

    #[test]
    fn names_answer_in_the_language_asked_for() {
        let query = Query::new("programvaretjenester", Language::En, None).unwrap();
        let found = search(&cpv(), &query, None);
        assert_eq!(found[0].name, "Software-related services");
        assert_eq!(found[0].text, "Programvaretjenester");
    }

    #[test]
    fn only_codes_below_one_are_answered_when_asked() {
        let list = cpv();
        let under = list.get(&CpvCode::parse("48000000").unwrap());
        let found = search(&list, &Query::new("programvare", Language::Nb, None).unwrap(), under);
        assert_eq!(found.iter().map(|hit| hit.code.as_str()).collect::<Vec<_>>(), ["48900000", "48100000"]);
    }

    #[test]
    fn hits_of_several_lists_are_merged_by_rank_up_to_the_limit() {
        let styrk: List<StyrkCode> =
            List::build([Row::new("2", "Akademiske yrker"), Row::new("25", "Programvare")]).unwrap();
        let query = Query::new("programvare", Language::Nb, Some(2)).unwrap();
        let mut all = search(&cpv(), &query, None);
        all.extend(search(&styrk, &query, None));
        let found: Vec<_> = best(all, &query).into_iter().map(|hit| hit.code).collect();
        assert_eq!(found, ["25", "72260000"]);
    }

    #[test]
    fn a_query_is_required_and_its_limits_are_told() {
        let error = |text: &str, limit| Query::new(text, Language::Nb, limit).unwrap_err();
        assert!(matches!(error(" ", None), Error::Missing { parameter: "q", .. }));
        assert!(matches!(error(&"x".repeat(201), None), Error::Invalid { parameter: "q", .. }));
        for limit in [0, -1, 101] {
            assert!(matches!(error("x", Some(limit)), Error::Invalid { parameter: "limit", .. }), "{limit}");
        }
        assert_eq!(codes("?!"), Vec::<String>::new());
    }
}
