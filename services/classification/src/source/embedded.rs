//! The lists inside the program: what is served before and without any publisher.

use std::collections::BTreeMap;

use csv::{ReaderBuilder, StringRecord};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

use super::{Error, parse};
use crate::domain::list::Broken;
use crate::domain::postal::Range;
use crate::domain::{
    Code, CpvCode, Edition, History, List, NutsCode, Origin, Postal, Retired, Row, Scheme, StyrkCode,
};

const CPV: &str = include_str!("../../data/cpv.csv");
const NUTS: &str = include_str!("../../data/nuts.csv");
const NUTS_RETIRED: &str = include_str!("../../data/nuts_retired.csv");
const MUNICIPALITIES_RETIRED: &str = include_str!("../../data/municipalities_retired.csv");
const POSTAL: &str = include_str!("../../data/postal.csv");
const STYRK: &str = include_str!("../../data/styrk.csv");

/// The day the embedded lists were written, as their first lines say.
const WRITTEN: Date = date(2026, 11, 23);

/// The embedded lists.
#[derive(Debug)]
pub struct Embedded {
    /// A selection of CPV.
    pub cpv: Edition<CpvCode>,
    /// The geography.
    pub nuts: Edition<NutsCode>,
    /// Occupations.
    pub styrk: Edition<StyrkCode>,
    /// Places out of use.
    pub history: History,
    /// Where postal codes lie.
    pub postal: Postal,
}

/// Reads the embedded lists. Fails only if the program was built from broken files.
pub fn load() -> Result<Embedded, Error> {
    let nuts = edition()?;
    let mut retired = retired(NUTS_RETIRED)?;
    retired.extend(self::retired(MUNICIPALITIES_RETIRED)?);
    let history = History::new(&nuts, retired, since()?)?;
    Ok(Embedded { cpv: edition()?, nuts, styrk: edition()?, history, postal: postal()? })
}

/// The rows of an embedded list.
pub fn rows(scheme: Scheme) -> Result<Vec<Row>, Error> {
    let text = match scheme {
        Scheme::Cpv => CPV,
        Scheme::Nuts => NUTS,
        Scheme::Styrk => STYRK,
    };
    parse::parse(text, WRITTEN)
}

fn edition<C: Code>() -> Result<Edition<C>, Error> {
    let as_of =
        WRITTEN.to_zoned_datetime(TimeZone::UTC).map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp());
    Ok(Edition { list: List::build(rows(C::SCHEME)?)?, origin: Origin::Embedded, as_of })
}

fn retired(text: &str) -> Result<Vec<Retired>, Error> {
    let retired = |record: &StringRecord| {
        let mut successors = Vec::new();
        for successor in field(record, 2).split(',') {
            successors.push(code(successor)?);
        }
        successors.sort();
        let (name, on) = (field(record, 1).to_owned(), day(field(record, 3))?);
        Ok(Retired { code: code(field(record, 0))?, name, successors, on })
    };
    records(text)?.iter().map(retired).collect()
}

/// The days on which codes in force came into force.
fn since() -> Result<BTreeMap<NutsCode, Date>, Error> {
    let since = |record: &StringRecord| Ok((code(field(record, 0))?, day(field(record, 4))?));
    records(NUTS)?.iter().map(since).collect()
}

fn postal() -> Result<Postal, Error> {
    let number = |text: &str| text.parse::<u16>().map_err(|error| wrong(&format!("{text:?}: {error}")));
    let range = |record: &StringRecord| {
        let (from, to) = (number(field(record, 0))?, number(field(record, 1))?);
        Ok(Range { from, to, code: code(field(record, 2))? })
    };
    let ranges: Result<Vec<Range>, Error> = records(POSTAL)?.iter().map(range).collect();
    Ok(Postal::new(ranges?))
}

fn records(text: &str) -> Result<Vec<StringRecord>, Error> {
    let mut reader = ReaderBuilder::new().delimiter(b';').comment(Some(b'#')).from_reader(text.as_bytes());
    reader.records().collect::<Result<_, _>>().map_err(|error| wrong(&error.to_string()))
}

fn field(record: &StringRecord, column: usize) -> &str {
    record.get(column).unwrap_or_default().trim()
}

fn code(text: &str) -> Result<NutsCode, Error> {
    Ok(NutsCode::parse(text).map_err(Broken::from)?)
}

fn day(text: &str) -> Result<Date, Error> {
    text.parse().map_err(|error| wrong(&format!("{text:?}: {error}")))
}

fn wrong(problem: &str) -> Error {
    Error::Format { format: "CSV", problem: problem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_lists_are_sound_and_say_what_they_are() {
        let embedded = load().unwrap();
        assert_eq!(embedded.cpv.list.roots().count(), 45, "every division is there");
        assert_eq!(embedded.cpv.complete(), embedded.cpv.list.len() >= 9000);
        assert!(embedded.nuts.complete() && embedded.styrk.complete());
        assert_eq!(embedded.nuts.list.roots().count(), 7);
        assert_eq!(embedded.styrk.list.roots().count(), 10);
        assert!(embedded.cpv.list.english() > 0 && embedded.styrk.list.english() > 0);
    }

    #[test]
    fn the_files_say_the_day_the_program_says() {
        for text in [CPV, NUTS, NUTS_RETIRED, MUNICIPALITIES_RETIRED, POSTAL, STYRK] {
            let first = text.lines().next().unwrap();
            assert!(first.contains(&format!("as of {WRITTEN}")), "{first}");
        }
    }

    #[test]
    fn every_retired_code_leads_to_codes_in_force_and_is_not_in_force_itself() {
        let embedded = load().unwrap();
        let list = &embedded.nuts.list;
        for retired in embedded.history.retired() {
            assert!(list.get(&retired.code).is_none(), "{} is in force", retired.code);
            assert!(retired.successors.iter().all(|code| list.get(code).is_some()), "{retired:?}");
        }
        assert!(embedded.history.retired().filter(|retired| retired.code.level() == 2).count() > 15);
        assert!(embedded.history.retired().filter(|retired| retired.code.level() == 3).count() > 400);
    }

    #[test]
    fn every_postal_code_lies_in_a_place_in_force() {
        let embedded = load().unwrap();
        for range in embedded.postal.ranges() {
            assert!(range.from <= range.to && range.to <= 9999, "{range:?}");
            assert!(embedded.nuts.list.get(&range.code).is_some_and(|entry| entry.level >= 2), "{range:?}");
        }
    }

    #[test]
    fn the_geography_between_the_reforms_is_whole() {
        let embedded = load().unwrap();
        let past = &embedded.history.on(date(2022, 6, 1)).unwrap().list;
        let level = |level| past.entries().iter().filter(|entry| entry.level == level).count();
        assert_eq!((level(1), level(2), level(3)), (7, 13, 356));
        let viken = past.get(&NutsCode::parse("NO082").unwrap()).unwrap();
        assert_eq!((past.children(viken).count(), viken.nb.as_str()), (51, "Viken"));
        assert!(embedded.history.on(WRITTEN).is_none());
    }
}
