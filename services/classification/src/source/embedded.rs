//! The lists inside the program: what is served before and without any publisher.

use csv::ReaderBuilder;
use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::TimeZone;

use super::{Error, parse};
use crate::domain::list::Broken;
use crate::domain::nuts::Retirements;
use crate::domain::{Code, CpvCode, Edition, List, NutsCode, Origin, Retired, Row, Scheme, StyrkCode};

const CPV: &str = include_str!("../../data/cpv.csv");
const NUTS: &str = include_str!("../../data/nuts.csv");
const RETIRED: &str = include_str!("../../data/nuts_retired.csv");
const STYRK: &str = include_str!("../../data/styrk.csv");

/// The day the embedded lists were written, as their first lines say.
const WRITTEN: jiff::civil::Date = date(2026, 11, 23);

/// The embedded lists.
#[derive(Debug)]
pub struct Embedded {
    /// A selection of CPV.
    pub cpv: Edition<CpvCode>,
    /// The geography.
    pub nuts: Edition<NutsCode>,
    /// Occupations.
    pub styrk: Edition<StyrkCode>,
    /// NUTS codes out of use.
    pub retired: Retirements,
}

/// Reads the embedded lists. Fails only if the program was built from broken files.
pub fn load() -> Result<Embedded, Error> {
    Ok(Embedded { cpv: edition()?, nuts: edition()?, styrk: edition()?, retired: retired(RETIRED)? })
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

fn retired(text: &str) -> Result<Retirements, Error> {
    let mut reader = ReaderBuilder::new().delimiter(b';').comment(Some(b'#')).from_reader(text.as_bytes());
    let mut all = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| Error::Format { format: "CSV", problem: error.to_string() })?;
        let field = |column| record.get(column).unwrap_or_default().trim();
        let mut successors = Vec::new();
        for code in field(2).split(',') {
            successors.push(NutsCode::parse(code).map_err(Broken::from)?);
        }
        let code = NutsCode::parse(field(0)).map_err(Broken::from)?;
        all.push(Retired { code, name: field(1).to_owned(), successors });
    }
    Ok(Retirements::new(all))
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
        for text in [CPV, NUTS, RETIRED, STYRK] {
            let first = text.lines().next().unwrap();
            assert!(first.contains(&format!("as of {WRITTEN}")), "{first}");
        }
    }

    #[test]
    fn every_retired_code_leads_to_codes_in_force_and_is_not_in_force_itself() {
        let embedded = load().unwrap();
        assert!(!embedded.retired.is_empty());
        let mut reader =
            ReaderBuilder::new().delimiter(b';').comment(Some(b'#')).from_reader(RETIRED.as_bytes());
        for record in reader.records() {
            let code = NutsCode::parse(&record.unwrap()[0]).unwrap();
            let retired = embedded.retired.code(&code).unwrap();
            assert!(embedded.nuts.list.get(&code).is_none(), "{code} is in force");
            assert!(
                retired.successors.iter().all(|code| embedded.nuts.list.get(code).is_some()),
                "{retired:?}"
            );
        }
    }
}
