//! NUTS codes of Norway: where.

use std::collections::BTreeMap;
use std::fmt;

use super::code::{Code, Malformed, Scheme, digits};
use super::fold::{Folded, fold};

/// "NO" and two characters (region), three (county), or the four digits of a municipality's number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NutsCode(Box<str>);

impl Code for NutsCode {
    const SCHEME: Scheme = Scheme::Nuts;
    const GAPS: bool = false;

    fn parse(text: &str) -> Result<Self, Malformed> {
        let upper = text.trim().to_ascii_uppercase();
        if digits(&upper, 4..=4).is_some() {
            return Ok(Self(format!("NO{upper}").into()));
        }
        let sound = upper.strip_prefix("NO").is_some_and(|rest| {
            digits(rest, 4..=4).is_some()
                || ((2..=3).contains(&rest.len())
                    && rest.bytes().all(|b| b.is_ascii_alphanumeric())
                    && rest.bytes().any(|b| b.is_ascii_digit()))
        });
        if sound {
            return Ok(Self(upper.into()));
        }
        let form =
            "a Norwegian NUTS code (NO08, NO081, NO0301) or the four digits of a municipality's number";
        Err(Malformed(text.trim().to_owned(), form))
    }

    fn as_str(&self) -> &str {
        &self.0
    }

    fn level(&self) -> u8 {
        match self.0.len() {
            4 => 1,
            5 => 2,
            _ => 3,
        }
    }

    fn ancestors(&self) -> Vec<Self> {
        // A municipality's number does not tell its county's NUTS code: the list does.
        match self.level() {
            2 => self.0.get(..4).map(|region| Self(region.into())).into_iter().collect(),
            _ => Vec::new(),
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

/// A code that is out of use, and the codes in force that cover its area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retired {
    /// The code.
    pub code: NutsCode,
    /// The name it had.
    pub name: String,
    /// What took its place, by code.
    pub successors: Vec<NutsCode>,
}

/// Retired codes, found by code or by name.
#[derive(Debug, Clone, Default)]
pub struct Retirements {
    by_code: BTreeMap<NutsCode, Retired>,
    by_name: BTreeMap<String, Vec<NutsCode>>,
}

impl Retirements {
    /// Indexes retired codes.
    pub fn new(retired: impl IntoIterator<Item = Retired>) -> Self {
        let mut all = Self::default();
        for one in retired {
            for name in NutsCode::names(&one.name) {
                for form in Folded::new(name).forms() {
                    let codes = all.by_name.entry(form.to_owned()).or_default();
                    if !codes.contains(&one.code) {
                        codes.push(one.code.clone());
                    }
                }
            }
            all.by_code.insert(one.code.clone(), one);
        }
        all
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_code.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_code.is_empty()
    }

    /// The retired code, if it is one.
    pub fn code(&self, code: &NutsCode) -> Option<&Retired> {
        self.by_code.get(code)
    }

    /// Retired codes whose name, in any spelling, is `name`.
    pub fn named(&self, name: &str) -> impl Iterator<Item = &Retired> {
        self.by_name.get(&fold(name)).into_iter().flatten().filter_map(|code| self.by_code.get(code))
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
        for bad in ["", "NO", "NO0", "SE110", "NO03010", "301", "NOÅ1", "NO0A12", "NORD", "oslo"] {
            assert!(NutsCode::parse(bad).is_err(), "{bad}");
        }
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
