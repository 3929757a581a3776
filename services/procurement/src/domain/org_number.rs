//! Norwegian organisation numbers, out of what people type where one belongs.

use serde::{Deserialize, Serialize};

/// A Norwegian organisation number: nine digits with a valid check digit.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct OrgNumber(String);

impl OrgNumber {
    /// Finds the number in a field of a notice. Spaces, dots, invisible characters, and `NO`, `Org.nr.` and
    /// `MVA` around it do not count; foreign numbers and anything else are none.
    pub(crate) fn find(raw: &str) -> Option<Self> {
        let counts = |c: &char| {
            !c.is_whitespace()
                && !c.is_control()
                && !matches!(c, '.' | ':' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
        };
        let mut text: String = raw.chars().filter(counts).collect();
        text.make_ascii_uppercase();
        let mut rest = text.as_str();
        for prefix in ["ORGANISASJONSNUMMER", "ORGNUMMER", "ORGNR", "NO-", "NO"] {
            rest = rest.strip_prefix(prefix).unwrap_or(rest);
        }
        for suffix in ["(MVA)", "MVA", "-", "/"] {
            rest = rest.strip_suffix(suffix).unwrap_or(rest);
        }
        is_number(rest).then(|| Self(rest.to_owned()))
    }

    /// Finds the number in a field that may hold more: what is there begins with it, and no other number follows.
    pub(crate) fn in_field(raw: &str) -> Option<Self> {
        Self::find(raw).or_else(|| {
            let is_part = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '\u{a0}');
            let parse = |group: &str| Self::parse(&group.replace('\u{a0}', " "));
            let (head, rest) = raw.split_at(raw.find(|c| !is_part(c))?);
            let first = parse(head)?;
            // A letter right behind the digits makes them part of something else.
            let apart = head.ends_with([' ', '\u{a0}']) || !rest.starts_with(char::is_alphanumeric);
            let mut others = rest.split(|c| !is_part(c)).filter_map(parse);
            (apart && others.all(|number| number == first)).then_some(first)
        })
    }

    /// Reads a number that has to be one: nine digits, in groups or not.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|c| *c != ' ').collect();
        is_number(&digits).then_some(Self(digits))
    }

    /// The nine digits.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A number as it was kept, by rules that may have been others.
impl TryFrom<String> for OrgNumber {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if is_valid(&text) { Ok(Self(text)) } else { Err(format!("{text:?} is no organisation number")) }
    }
}

impl From<OrgNumber> for String {
    fn from(number: OrgNumber) -> Self {
        number.0
    }
}

/// Whether it may be somebody's. One digit again and again is what people type who have no number; its check digit is
/// right each time.
fn is_number(text: &str) -> bool {
    let mut digits = text.bytes();
    let first = digits.next();
    digits.any(|digit| Some(digit) != first) && is_valid(text)
}

/// Checks the modulo 11 check digit that Brønnøysund's register prescribes.
fn is_valid(text: &str) -> bool {
    const WEIGHTS: [u32; 8] = [3, 2, 7, 6, 5, 4, 3, 2];
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(10)).collect();
    let Some([first @ .., check]) = digits.as_deref() else { return false };
    if first.len() != WEIGHTS.len() {
        return false;
    }
    let sum: u32 = first.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    *check == (11 - sum % 11) % 11
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_however_it_is_dressed() {
        for (raw, number) in [
            ("938801363", "938801363"),
            ("999 601 391", "999601391"),
            ("999\u{a0}601\u{a0}391", "999601391"),
            ("NO981604032", "981604032"),
            ("NO952522035MVA", "952522035"),
            ("NO 952 522 035 mva", "952522035"),
            ("932151286MVA", "932151286"),
            ("Org.nr.978693024", "978693024"),
            ("Org.nr: 978693024", "978693024"),
            ("Org. nr. 978 693 024", "978693024"),
            ("Org.nr. NO 978693024 MVA", "978693024"),
            ("organisasjonsnummer: 978693024", "978693024"),
            ("NO-978693024-MVA", "978693024"),
            ("978.693.024", "978693024"),
            ("978693024 (mva)", "978693024"),
            ("978 693\u{ad}024.", "978693024"),
            ("983974791\u{200B}", "983974791"),
            ("\u{feff}983974791", "983974791"),
        ] {
            assert_eq!(OrgNumber::find(raw).map(|n| n.0).as_deref(), Some(number), "{raw:?}");
        }
    }

    #[test]
    fn a_field_may_hold_more_than_its_number_but_no_other_number() {
        for (raw, number) in [
            ("938801363", Some("938801363")),
            ("Org.nr. 978 693 024", Some("978693024")),
            ("938 801 363 (hovedenhet) og 938801363 (avdeling)", Some("938801363")),
            ("938801363 / avd. 12", Some("938801363")),
            ("938801363, avd. Oslo", Some("938801363")),
            ("938801363 Oslo", Some("938801363")),
            ("938801363 og 991825827", None),
            ("avd. 12 / 938801363", None),
            ("938801363X", None),
            ("938801363X og mer", None),
            ("9388013631", None),
            ("938801363-1-2-991825827", None),
            ("", None),
        ] {
            assert_eq!(OrgNumber::in_field(raw).map(|n| n.0).as_deref(), number, "{raw:?}");
        }
    }

    #[test]
    fn what_was_kept_is_read_whatever_counts_now() {
        assert_eq!(OrgNumber::try_from("222222222".to_owned()).unwrap().as_str(), "222222222");
        assert!(OrgNumber::try_from("938801364".to_owned()).is_err());
    }

    #[test]
    fn where_a_number_is_asked_for_only_its_digits_are_one() {
        for text in ["938801363", " 938 801 363 "] {
            assert_eq!(OrgNumber::parse(text).map(|n| n.0).as_deref(), Some("938801363"), "{text:?}");
        }
        for text in [
            "",
            "938801364",
            "93880136",
            "NO938801363",
            "938801363MVA",
            "938.801.363",
            "938801363\n",
            "９38801363",
        ] {
            assert_eq!(OrgNumber::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn foreign_numbers_garbage_and_wrong_check_digits_are_none() {
        for raw in [
            "SE556289739601",
            "556516-1352",
            "2348368-2",
            "xxxxxxx",
            "N/A",
            "978-693-024",
            "ORG978693024",
            "978693024978693024",
            "",
            "938801364",
            "93880136",
            "938801363 og 991825827",
            "000000000",
            "111 111 111",
            "999999999",
            // Remainder 1 has no check digit.
            "000000060",
        ] {
            assert_eq!(OrgNumber::find(raw), None, "{raw:?}");
        }
    }
}
