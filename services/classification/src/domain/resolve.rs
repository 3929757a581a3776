//! Place names made into codes.

use super::code::Code as _;
use super::error::Error;
use super::fold::fold;
use super::list::{Entry, List};
use super::nuts::{NutsCode, Retired, Retirements};

/// Fewest characters that are taken for the beginning of a name.
const SHORTEST_PREFIX: usize = 3;

/// How a name matched, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The code or number itself.
    Code,
    /// The name, or one of its official alternatives.
    Name,
    /// A retired code or name that was replaced.
    Successor,
    /// The beginning of a name.
    Prefix,
}

/// One meaning of a place name.
#[derive(Debug)]
pub struct Resolution<'a> {
    /// The place.
    pub entry: &'a Entry<NutsCode>,
    /// How the name matched.
    pub kind: Kind,
    /// The retired code or name it was reached through.
    pub replaces: Option<String>,
}

/// What a place name may mean: all candidates of the best kind of match, regions first, by code.
pub fn resolve<'a>(
    list: &'a List<NutsCode>,
    retired: &Retirements,
    name: &str,
) -> Result<Vec<Resolution<'a>>, Error> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Error::missing("name", "give a place name, a municipality's number or a NUTS code"));
    }
    if name.chars().count() > 200 {
        return Err(Error::invalid("name", "must be at most 200 characters"));
    }
    let code = NutsCode::parse(name).ok();
    let folded = fold(name);
    let plain = |kind| move |entry| Resolution { entry, kind, replaces: None };
    let mut found: Vec<_> = code.iter().filter_map(|code| list.get(code)).map(plain(Kind::Code)).collect();
    if found.is_empty() {
        found = list.named(&folded).map(plain(Kind::Name)).collect();
    }
    if found.is_empty() {
        let by_code =
            code.iter().filter_map(|code| retired.code(code)).map(|one| (one, one.code.to_string()));
        let by_name = retired.named(name).map(|one| (one, one.name.clone()));
        found = by_code.chain(by_name).flat_map(|(one, replaces)| successors(list, one, &replaces)).collect();
    }
    if found.is_empty() && folded.chars().count() >= SHORTEST_PREFIX {
        found = list.named_from(&folded).map(plain(Kind::Prefix)).collect();
    }
    found.sort_by(|a, b| (a.entry.level, &a.entry.code).cmp(&(b.entry.level, &b.entry.code)));
    found.dedup_by(|a, b| a.entry.code == b.entry.code);
    Ok(found)
}

fn successors<'a>(list: &'a List<NutsCode>, retired: &Retired, replaces: &str) -> Vec<Resolution<'a>> {
    let entries = retired.successors.iter().filter_map(|code| list.get(code));
    entries
        .map(|entry| Resolution { entry, kind: Kind::Successor, replaces: Some(replaces.to_owned()) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::list::Row;

    fn list() -> List<NutsCode> {
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
        List::build(rows.map(|(code, parent, nb)| Row::new(code, nb).below(parent))).unwrap()
    }

    fn codes(name: &str) -> Vec<(String, Kind)> {
        let parse = |text| NutsCode::parse(text).unwrap();
        let retired = Retirements::new([
            Retired { code: parse("NO011"), name: "Oslo".into(), successors: vec![parse("NO081")] },
            Retired {
                code: parse("NO082"),
                name: "Viken".into(),
                successors: vec![parse("NO084"), parse("NO085")],
            },
        ]);
        let list = list();
        let found = resolve(&list, &retired, name).unwrap();
        found.iter().map(|r| (r.entry.code.to_string(), r.kind)).collect()
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
        expect("viken", Kind::Successor, &["NO084"]);
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
        let error = |name: &str| resolve(&list(), &Retirements::default(), name).unwrap_err();
        assert!(matches!(error("  "), Error::Missing { parameter: "name", .. }));
        assert!(matches!(error(&"å".repeat(201)), Error::Invalid { parameter: "name", .. }));
    }
}
