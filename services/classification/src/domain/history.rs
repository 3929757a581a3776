//! Places that are no more: codes out of use, their successors, and the geography of an earlier day.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};

use super::code::Code as _;
use super::edition::Edition;
use super::error::Error;
use super::fold::{Folded, fold};
use super::list::{Broken, List, Row};
use super::nuts::NutsCode;

/// First day whose geography is known.
pub const FIRST_DAY: Date = date(2020, 1, 1);

/// A code that is out of use, and the codes in force that cover its area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retired {
    /// The code.
    pub code: NutsCode,
    /// The name it had.
    pub name: String,
    /// What took its place, by code.
    pub successors: Vec<NutsCode>,
    /// First day without it.
    pub on: Date,
}

/// What is known of earlier days.
#[derive(Debug, Default)]
pub struct History {
    retired: BTreeMap<NutsCode, Retired>,
    names: BTreeMap<String, Vec<NutsCode>>,
    since: BTreeMap<NutsCode, Date>,
    periods: Vec<Period>,
}

/// An earlier geography.
#[derive(Debug)]
struct Period {
    /// First day after it.
    until: Date,
    edition: Edition<NutsCode>,
}

impl History {
    /// Indexes retired codes and the days on which codes in force came into force, and puts together the
    /// geographies between `FIRST_DAY` and the last change from what is in force in `now`.
    pub fn new(
        now: &Edition<NutsCode>,
        retired: Vec<Retired>,
        since: BTreeMap<NutsCode, Date>,
    ) -> Result<Self, Broken> {
        let mut history = Self { since, ..Self::default() };
        for one in retired {
            for name in NutsCode::names(&one.name) {
                for form in Folded::new(name).forms() {
                    let codes = history.names.entry(form.to_owned()).or_default();
                    if !codes.contains(&one.code) {
                        codes.push(one.code.clone());
                    }
                }
            }
            history.retired.insert(one.code.clone(), one);
        }
        let changes: BTreeSet<Date> = history.retired.values().map(|one| one.on).collect();
        let mut from = FIRST_DAY;
        for until in changes.into_iter().filter(|day| *day > FIRST_DAY) {
            let list = List::build(history.rows(&now.list, from, until))?;
            history
                .periods
                .push(Period { until, edition: Edition { list, origin: now.origin, as_of: now.as_of } });
            from = until;
        }
        Ok(history)
    }

    /// The code out of use, if it is one.
    pub fn code(&self, code: &NutsCode) -> Option<&Retired> {
        self.retired.get(code)
    }

    /// Codes out of use whose name, in any spelling, is `name`.
    pub fn named(&self, name: &str) -> impl Iterator<Item = &Retired> {
        self.names.get(&fold(name)).into_iter().flatten().filter_map(|code| self.retired.get(code))
    }

    /// All codes out of use.
    pub fn retired(&self) -> impl Iterator<Item = &Retired> {
        self.retired.values()
    }

    /// The day a code came into force; none if it was in force on `FIRST_DAY`, before which nothing is known.
    pub fn since(&self, code: &NutsCode) -> Option<Date> {
        self.since.get(code).copied().filter(|since| *since > FIRST_DAY)
    }

    /// The geography of an earlier day; none if the present one was in force already.
    pub fn on(&self, day: Date) -> Option<&Edition<NutsCode>> {
        self.periods.iter().find(|period| day < period.until).map(|period| &period.edition)
    }

    /// Why a code is not found: it is out of use, or it never was one.
    pub fn not_found(&self, code: &NutsCode) -> Error {
        self.retired.get(code).map_or_else(
            || Error::not_found(code),
            |retired| Error::Retired {
                code: code.to_string(),
                successors: retired.successors.iter().map(ToString::to_string).collect(),
                on: retired.on,
            },
        )
    }

    /// What was in force from one day until another, as rows of a list.
    fn rows(&self, now: &List<NutsCode>, from: Date, until: Date) -> Vec<Row> {
        let kept = now.entries().iter().filter(|entry| self.since(&entry.code).is_none_or(|day| day <= from));
        let kept = kept.map(|entry| {
            let above = now.parent(entry).map(|above| above.code.to_string()).unwrap_or_default();
            Row::new(entry.code.to_string(), entry.nb.clone()).below(&above)
        });
        let gone = self.retired.values().filter(|one| one.on >= until).map(|one| {
            let above = self.above(now, one).map(|above| above.to_string()).unwrap_or_default();
            Row::new(one.code.to_string(), one.name.clone()).below(&above)
        });
        kept.chain(gone).collect()
    }

    /// The code that was above one that is out of use: for a municipality the county that went with it on the
    /// same day and to the same counties, or else its successor's.
    fn above(&self, now: &List<NutsCode>, retired: &Retired) -> Option<NutsCode> {
        if retired.code.level() < 3 {
            return retired.code.ancestors().into_iter().next();
        }
        let successors = retired.successors.iter().filter_map(|code| now.get(code));
        let counties: Vec<&NutsCode> =
            successors.filter_map(|entry| now.parent(entry)).map(|county| &county.code).collect();
        let went_with = |one: &&Retired| {
            one.code.level() == 2
                && one.on == retired.on
                && one.successors.iter().any(|code| counties.contains(&code))
        };
        let county = self.retired.values().find(went_with).map(|one| &one.code);
        county.or_else(|| counties.first().copied()).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Origin;

    fn code(text: &str) -> NutsCode {
        NutsCode::parse(text).unwrap()
    }

    fn retired(code_: &str, name: &str, successors: &[&str], on: Date) -> Retired {
        let successors = successors.iter().map(|text| code(text)).collect();
        Retired { code: code(code_), name: name.into(), successors, on }
    }

    fn history() -> History {
        let rows = [
            ("NO08", "", "Oslo og Viken"),
            ("NO081", "NO08", "Oslo"),
            ("NO084", "NO08", "Akershus"),
            ("NO0301", "NO081", "Oslo"),
            ("NO3201", "NO084", "Bærum"),
        ];
        let list = List::build(rows.map(|(code, parent, nb)| Row::new(code, nb).below(parent))).unwrap();
        let now = Edition { list, origin: Origin::Embedded, as_of: jiff::Timestamp::UNIX_EPOCH };
        let split = date(2024, 1, 1);
        let gone = vec![
            retired("NO082", "Viken", &["NO084"], split),
            retired("3024", "Bærum", &["3201"], split),
            retired("0219", "Bærum", &["3201"], FIRST_DAY),
        ];
        let since = [("NO081", FIRST_DAY), ("NO084", split), ("3201", split)];
        History::new(&now, gone, since.map(|(text, day)| (code(text), day)).into()).unwrap()
    }

    #[test]
    fn an_earlier_day_has_the_codes_that_were_in_force_in_their_places() {
        let history = history();
        let past = &history.on(date(2023, 12, 31)).unwrap().list;
        let codes: Vec<_> = past.entries().iter().map(|entry| entry.code.to_string()).collect();
        assert_eq!(codes, ["NO0301", "NO08", "NO081", "NO082", "NO3024"]);
        let municipality = past.get(&code("3024")).unwrap();
        assert_eq!(past.parent(municipality).unwrap().code, code("NO082"));
        assert!(history.on(date(2024, 1, 1)).is_none(), "the present geography is the list's own");
        assert!(history.on(date(2036, 11, 23)).is_none());
    }

    #[test]
    fn a_code_out_of_use_names_its_successors_and_the_day() {
        let history = history();
        let error = history.not_found(&code("no082")).to_string();
        assert_eq!(error, "NUTS code NO082 not found: replaced by NO084 on 2024-01-01");
        assert_eq!(history.not_found(&code("no099")).to_string(), "NUTS code NO099 not found");
        assert_eq!(history.named("BAERUM").count(), 2);
        assert_eq!(history.since(&code("NO084")), Some(date(2024, 1, 1)));
        assert_eq!(history.since(&code("NO081")), None);
    }
}
