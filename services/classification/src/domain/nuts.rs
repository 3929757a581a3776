//! NUTS codes: where.

use std::fmt;

use super::code::{Code, Malformed, Scheme, digits};
use super::language::Language;

/// Countries whose codes notices carry besides Norway's: those with NUTS or statistical regions like them.
const COUNTRIES: &str = "AL AT BA BE BG CH CY CZ DE DK EE EL ES FI FR HR HU IE IS IT LI LT LU LV ME MK MT NL \
                         PL PT RO RS SE SI SK TR UA UK XK";
/// What notices carry where no region is meant: anywhere, in the country, the EEA or the EU.
const ANYWHERE: [&str; 4] = ["ANYW", "ANYW-COU", "ANYW-EEA", "ANYW-EU"];

/// A place as lists and notices write it: "NO" and two characters (region), three (county), or the four digits
/// of a municipality's number; a code of another country ("SE110"); or "anywhere" ("ANYW-EEA"). Only the
/// Norwegian ones are in the list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NutsCode(Box<str>);

impl NutsCode {
    /// The municipality's number of four digits, if it is a municipality.
    pub fn number(&self) -> Option<&str> {
        self.0.strip_prefix("NO").and_then(|rest| digits(rest, 4..=4))
    }

    /// Whether it says that no region is meant.
    pub fn is_anywhere(&self) -> bool {
        self.0.starts_with("ANYW")
    }

    fn is_foreign(text: &str) -> bool {
        let (Some(country), Some(rest)) = (text.get(..2), text.get(2..)) else { return false };
        COUNTRIES.split_ascii_whitespace().any(|known| known == country)
            && (1..=3).contains(&rest.len())
            && rest.bytes().all(|b| b.is_ascii_alphanumeric())
    }
}

impl Code for NutsCode {
    const SCHEME: Scheme = Scheme::Nuts;
    const GAPS: bool = false;

    fn parse(text: &str) -> Result<Self, Malformed> {
        let upper = text.trim_matches(' ').to_ascii_uppercase();
        if digits(&upper, 4..=4).is_some() {
            return Ok(Self(format!("NO{upper}").into()));
        }
        let sound = upper.strip_prefix("NO").is_some_and(|rest| {
            digits(rest, 4..=4).is_some()
                || ((2..=3).contains(&rest.len())
                    && rest.bytes().all(|b| b.is_ascii_alphanumeric())
                    && rest.bytes().any(|b| b.is_ascii_digit()))
        });
        if sound || ANYWHERE.contains(&upper.as_str()) || Self::is_foreign(&upper) {
            return Ok(Self(upper.into()));
        }
        let form =
            "a Norwegian NUTS code (NO08, NO081, NO0301) or the four digits of a municipality's number";
        Err(Malformed(text.trim_matches(' ').to_owned(), form))
    }

    fn as_str(&self) -> &str {
        &self.0
    }

    fn level(&self) -> u8 {
        match self.0.len() {
            _ if self.is_anywhere() => 0,
            0..=3 => 0,
            4 => 1,
            5 => 2,
            _ => 3,
        }
    }

    fn listed(&self) -> bool {
        self.0.starts_with("NO")
    }

    fn ancestors(&self) -> Vec<Self> {
        // A municipality's number does not tell its county's NUTS code: the list does.
        match self.level() {
            2 => self.0.get(..4).map(|region| Self(region.into())).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    fn level_name(level: u8, _: Language) -> &'static str {
        // There is one set of official names; these have no English ones either.
        match level {
            1 => "landsdel",
            2 => "fylke",
            _ => "kommune",
        }
    }

    fn prefix(query: &str) -> Option<String> {
        let upper = query.trim().to_ascii_uppercase();
        let sound =
            upper.len() >= 3 && upper.starts_with("NO") && upper.bytes().all(|b| b.is_ascii_alphanumeric());
        sound.then_some(upper)
    }

    fn names(label: &str) -> Vec<&str> {
        let mut names = vec![label];
        for alternative in label.split(" - ").flat_map(|part| part.split('/')) {
            names.push(alternative.trim());
            if let Some((everyday, _)) = alternative.split_once('(') {
                names.push(everyday.trim());
            }
        }
        names.retain(|name| !name.is_empty());
        names.dedup();
        names
    }
}

impl fmt::Display for NutsCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_goes_in_any_case_and_a_number_stands_for_its_municipality() {
        for (text, code, level) in
            [("no0a1", "NO0A1", 2), ("NO08", "NO08", 1), ("0301", "NO0301", 3), (" NO0301", "NO0301", 3)]
        {
            let parsed = NutsCode::parse(text).unwrap();
            assert_eq!((parsed.as_str(), parsed.level()), (code, level), "{text}");
        }
        for bad in [
            "", "NO", "NO0", "SE", "SE1100", "ZZ110", "ANYW-X", "NO03010", "301", "NOÅ1", "NO0A12", "NORD",
            "oslo",
        ] {
            assert!(NutsCode::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn codes_of_other_countries_and_anywhere_are_codes_but_in_no_list() {
        for (text, code, level) in
            [("se110", "SE110", 2), ("DK01", "DK01", 1), ("DEA", "DEA", 0), ("anyw-eea", "ANYW-EEA", 0)]
        {
            let parsed = NutsCode::parse(text).unwrap();
            assert_eq!((parsed.as_str(), parsed.level(), parsed.listed()), (code, level, false), "{text}");
        }
        assert!(NutsCode::parse("anyw").unwrap().is_anywhere());
        assert!(NutsCode::parse("0301").unwrap().listed());
        assert_eq!(NutsCode::parse("NO0301").unwrap().number(), Some("0301"));
        assert_eq!(NutsCode::parse("NO081").unwrap().number(), None);
    }

    #[test]
    fn a_label_gives_every_official_and_everyday_name() {
        assert_eq!(
            NutsCode::names("Troms - Romsa - Tromssa"),
            ["Troms - Romsa - Tromssa", "Troms", "Romsa", "Tromssa"]
        );
        assert_eq!(NutsCode::names("Herøy (Nordland)"), ["Herøy (Nordland)", "Herøy"]);
        assert_eq!(
            NutsCode::names("Trøndelag/Trööndelage"),
            ["Trøndelag/Trööndelage", "Trøndelag", "Trööndelage"]
        );
        assert_eq!(NutsCode::names("Oslo"), ["Oslo"]);
    }
}
