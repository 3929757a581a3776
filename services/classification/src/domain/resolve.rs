//! Place names made into codes.

use jiff::civil::Date;

use super::code::Code as _;
use super::error::Error;
use super::fold::fold;
use super::history::{History, Retired};
use super::list::{Entry, List};
use super::nuts::NutsCode;
use super::postal::Postal;

/// Fewest characters that are taken for the beginning of a name.
const SHORTEST_PREFIX: usize = 3;
/// Fewest letters of a name in which one may be wrong.
const ONE_WRONG: usize = 4;
/// Fewest letters of a name in which two may be wrong.
const TWO_WRONG: usize = 8;

/// How a name matched, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The code or number itself.
    Code,
    /// The name, or one of its official alternatives.
    Name,
    /// A retired code or name that was replaced.
    Successor,
    /// A postal code.
    PostalCode,
    /// The beginning of a name.
    Prefix,
    /// A name that differs by a letter or two.
    Fuzzy,
}

/// One meaning of a place name.
#[derive(Debug)]
pub struct Resolution<'a> {
    /// The place.
    pub entry: &'a Entry<NutsCode>,
    /// How the name matched.
    pub kind: Kind,
    /// The retired code or name it was reached through, and the first day without it.
    pub replaces: Option<(String, Date)>,
}

/// What place names are looked up in.
#[derive(Debug, Clone, Copy)]
pub struct Places<'a> {
    /// What is in force.
    pub list: &'a List<NutsCode>,
    /// What was before.
    pub history: &'a History,
    /// Postal codes.
    pub postal: &'a Postal,
}

impl<'a> Places<'a> {
    /// What a place name may mean: all candidates of the best kind of match, regions first, by code.
    pub fn resolve(self, name: &str) -> Result<Vec<Resolution<'a>>, Error> {
        let length = name.chars().count();
        let name = name.trim_matches(' ');
        if name.is_empty() {
            let wanted = "give a place name, a municipality's number, a postal code or a NUTS code";
            return Err(Error::missing("name", wanted));
        }
        if length > 200 {
            return Err(Error::invalid("name", "must be at most 200 characters"));
        }
        let code = NutsCode::parse(name).ok();
        let folded = fold(name);
        let kinds: [&dyn Fn() -> Vec<Resolution<'a>>; 6] = [
            &|| plain(Kind::Code, code.iter().filter_map(|code| self.list.get(code))),
            &|| plain(Kind::Name, self.list.named(&folded)),
            &|| self.successors(code.as_ref(), name),
            &|| self.postal_code(name),
            &|| plain(Kind::Prefix, self.beginning_with(&folded)),
            &|| plain(Kind::Fuzzy, self.like(&folded)),
        ];
        let mut found = kinds.iter().map(|kind| kind()).find(|found| !found.is_empty()).unwrap_or_default();
        // The latest of several codes that were replaced by one is the one to be named.
        found.sort_by(|a, b| {
            let key = |r: &Resolution<'_>| r.replaces.as_ref().map(|(_, on)| std::cmp::Reverse(*on));
            (a.entry.level, &a.entry.code, key(a)).cmp(&(b.entry.level, &b.entry.code, key(b)))
        });
        found.dedup_by(|a, b| a.entry.code == b.entry.code);
        Ok(found)
    }

    fn successors(self, code: Option<&NutsCode>, name: &str) -> Vec<Resolution<'a>> {
        let by_code = code.and_then(|code| self.history.code(code)).map(|one| {
            // A number is answered as it was asked.
            let asked = one.code.number().filter(|number| *number == name).unwrap_or(one.code.as_str());
            (one, asked.to_owned())
        });
        let by_name = self.history.named(name).map(|one| (one, one.name.clone()));
        by_code.into_iter().chain(by_name).flat_map(|(one, replaces)| self.after(one, &replaces)).collect()
    }

    fn after(self, retired: &Retired, replaces: &str) -> Vec<Resolution<'a>> {
        let entries = retired.successors.iter().filter_map(|code| self.list.get(code));
        let on = retired.on;
        let after =
            |entry| Resolution { entry, kind: Kind::Successor, replaces: Some((replaces.to_owned(), on)) };
        entries.map(after).collect()
    }

    /// A postal code lies in places in force: those that are no more are followed to their successors.
    fn postal_code(self, name: &str) -> Vec<Resolution<'a>> {
        let follow = |code: &'a NutsCode| {
            let retired = self.history.code(code).into_iter().flat_map(|one| &one.successors);
            let current = std::iter::once(code).filter(|code| self.list.get(code).is_some());
            current.chain(retired).filter_map(|code| self.list.get(code))
        };
        plain(Kind::PostalCode, self.postal.places(name).flat_map(follow))
    }

    fn beginning_with(self, folded: &str) -> impl Iterator<Item = &'a Entry<NutsCode>> {
        let enough = folded.chars().count() >= SHORTEST_PREFIX;
        self.list.named_from(folded).filter(move |_| enough)
    }

    /// The places whose names differ least, by letters left out, added, replaced or swapped.
    fn like(self, folded: &str) -> impl Iterator<Item = &'a Entry<NutsCode>> + use<'a> {
        let letters = folded.chars().count();
        let allowed = usize::from(letters >= ONE_WRONG) + usize::from(letters >= TWO_WRONG);
        let mut nearest = allowed;
        let mut found = Vec::new();
        // Folded names are ASCII but for foreign scripts, so their length in bytes is good enough to pass over
        // those that are too short or too long.
        for (name, entries) in self.list.names() {
            if allowed == 0 || name.len().abs_diff(folded.len()) > nearest {
                continue;
            }
            let distance = strsim::damerau_levenshtein(name, folded);
            if distance < nearest {
                found.clear();
                nearest = distance;
            }
            if distance == nearest {
                found.extend(entries);
            }
        }
        found.into_iter()
    }
}

fn plain<'a>(kind: Kind, entries: impl Iterator<Item = &'a Entry<NutsCode>>) -> Vec<Resolution<'a>> {
    entries.map(|entry| Resolution { entry, kind, replaces: None }).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::civil::date;

    use super::*;
    use crate::domain::list::Row;
    use crate::domain::postal::Range;
    use crate::domain::{Edition, Origin};

    /// The places, or the error, that a name gives in a small geography.
    fn asked(name: &str) -> Result<Vec<(String, Kind, Option<String>)>, Error> {
        let rows = [
            ("NO08", "", "Oslo og Viken"),
            ("NO081", "NO08", "Oslo"),
            ("NO084", "NO08", "Akershus"),
            ("NO07", "", "Nord-Norge"),
            ("NO071", "NO07", "Nordland - Nordlánnda"),
            ("NO072", "NO07", "Troms/Romsa/Tromssa"),
            ("NO0301", "NO081", "Oslo"),
            ("NO3201", "NO084", "Bærum"),
            ("NO1818", "NO071", "Herøy (Nordland)"),
            ("NO1515", "NO071", "Herøy (Møre og Romsdal)"),
        ];
        let list = List::build(rows.map(|(code, parent, nb)| Row::new(code, nb).below(parent))).unwrap();
        let now = Edition { list, origin: Origin::Embedded, as_of: jiff::Timestamp::UNIX_EPOCH };
        let parse = |text: &str| NutsCode::parse(text).unwrap();
        let retired = |code: &str, name: &str, successors: &[&str], on| Retired {
            code: parse(code),
            name: name.into(),
            successors: successors.iter().map(|code| parse(code)).collect(),
            on,
        };
        let (reform, split) = (date(2020, 1, 1), date(2024, 1, 1));
        let gone = vec![
            retired("NO011", "Oslo", &["NO081"], reform),
            retired("NO082", "Viken", &["NO084", "NO0301"], split),
            retired("0219", "Bærum", &["3201"], reform),
            retired("0220", "Gamle Asker", &["3201"], reform),
            retired("3024", "Gamle Asker", &["3201"], split),
        ];
        let history = History::new(&now, gone, BTreeMap::new()).unwrap();
        let range = |from, to, code| Range { from, to, code: parse(code) };
        let postal = Postal::new(vec![range(1300, 1399, "NO084"), range(1360, 1369, "0219")]);
        let places = Places { list: &now.list, history: &history, postal: &postal };
        let meaning = |r: Resolution<'_>| {
            (r.entry.code.to_string(), r.kind, r.replaces.map(|(code, on)| format!("{code} {on}")))
        };
        Ok(places.resolve(name)?.into_iter().map(meaning).collect())
    }

    fn codes(name: &str) -> Vec<(String, Kind)> {
        asked(name).unwrap().into_iter().map(|(code, kind, _)| (code, kind)).collect()
    }

    fn expect(name: &str, kind: Kind, expected: &[&str]) {
        let expected: Vec<_> = expected.iter().map(|code| ((*code).to_owned(), kind)).collect();
        assert_eq!(codes(name), expected, "{name}");
    }

    #[test]
    fn a_code_or_number_is_taken_before_anything_else() {
        expect("no084", Kind::Code, &["NO084"]);
        expect("0301", Kind::Code, &["NO0301"]);
        expect("NO0301", Kind::Code, &["NO0301"]);
    }

    #[test]
    fn a_name_answers_every_place_that_has_it_counties_first() {
        expect("Oslo", Kind::Name, &["NO081", "NO0301"]);
        expect("herøy", Kind::Name, &["NO1515", "NO1818"]);
        expect("Heroy (Nordland)", Kind::Name, &["NO1818"]);
        expect("Baerum", Kind::Name, &["NO3201"]);
        expect("ROMSA", Kind::Name, &["NO072"]);
        expect("Nordlannda", Kind::Name, &["NO071"]);
        expect("nord norge", Kind::Name, &["NO07"]);
    }

    #[test]
    fn a_retired_code_or_name_leads_to_successors_that_exist() {
        expect("NO011", Kind::Successor, &["NO081"]);
        expect("viken", Kind::Successor, &["NO084", "NO0301"]);
        let replaces = |name: &str| asked(name).unwrap().remove(0).2;
        assert_eq!(replaces("Viken").as_deref(), Some("Viken 2024-01-01"));
        assert_eq!(replaces("no082").as_deref(), Some("NO082 2024-01-01"));
        assert_eq!(replaces("0219").as_deref(), Some("0219 2020-01-01"), "as it was asked");
        assert_eq!(replaces("gamle asker").as_deref(), Some("Gamle Asker 2024-01-01"), "the latest");
        assert_eq!(replaces("Oslo"), None);
    }

    #[test]
    fn a_postal_code_gives_the_place_it_lies_in_today() {
        expect("1366", Kind::PostalCode, &["NO3201"]);
        expect("1399", Kind::PostalCode, &["NO084"]);
        expect("3201", Kind::Code, &["NO3201"]);
        assert_eq!(codes("9999"), []);
    }

    #[test]
    fn a_slip_or_two_are_forgiven_in_names_that_are_long_enough() {
        expect("Olso", Kind::Fuzzy, &["NO081", "NO0301"]);
        expect("Bærun", Kind::Fuzzy, &["NO3201"]);
        expect("Akerhsus", Kind::Fuzzy, &["NO084"]);
        expect("Akrshuss", Kind::Fuzzy, &["NO084"]);
        assert_eq!(codes("Osl0x"), [], "two wrong in a short name");
        assert_eq!(codes("Oso"), [], "too short");
    }

    #[test]
    fn a_beginning_counts_from_three_letters_and_only_when_nothing_else_matches() {
        expect("Her", Kind::Prefix, &["NO1515", "NO1818"]);
        expect("Trom", Kind::Prefix, &["NO072"]);
        assert_eq!(codes("He"), []);
        assert_eq!(codes("Atlantis"), []);
        assert_eq!(codes("?!?"), []);
    }

    #[test]
    fn a_name_is_required_and_bounded() {
        let error = |name: &str| asked(name).unwrap_err();
        assert!(matches!(error("  "), Error::Missing { parameter: "name", .. }));
        assert!(matches!(error(&"å".repeat(201)), Error::Invalid { parameter: "name", .. }));
    }
}
