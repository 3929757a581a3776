//! STYRK-08 codes: which occupation.

use std::fmt;

use super::code::{Code, Malformed, Scheme, digits};
use super::language::Language;

/// One to four digits; each digit more is one level deeper.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StyrkCode(Box<str>);

impl Code for StyrkCode {
    const SCHEME: Scheme = Scheme::Styrk;
    const GAPS: bool = false;

    fn parse(text: &str) -> Result<Self, Malformed> {
        let text = text.trim_matches(' ');
        digits(text, 1..=4).map_or_else(
            || Err(Malformed(text.to_owned(), "a STYRK-08 code: one to four digits")),
            |code| Ok(Self(code.into())),
        )
    }

    fn as_str(&self) -> &str {
        &self.0
    }

    fn level(&self) -> u8 {
        u8::try_from(self.0.len()).unwrap_or(4)
    }

    fn ancestors(&self) -> Vec<Self> {
        (1..self.0.len())
            .rev()
            .filter_map(|length| self.0.get(..length))
            .map(|code| Self(code.into()))
            .collect()
    }

    fn level_name(level: u8, language: Language) -> &'static str {
        match (language, level) {
            (Language::Nb, 1) => "yrkesfelt",
            (Language::Nb, 2) => "yrkesområde",
            (Language::Nb, 3) => "yrkesgruppe",
            (Language::Nb, _) => "yrke",
            // As ISCO-08 calls them.
            (Language::En, 1) => "major group",
            (Language::En, 2) => "sub-major group",
            (Language::En, 3) => "minor group",
            (Language::En, _) => "unit group",
        }
    }

    fn prefix(query: &str) -> Option<String> {
        digits(query.trim(), 1..=4).map(str::to_owned)
    }
}

impl fmt::Display for StyrkCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_one_to_four_digits_and_zero_may_lead() {
        assert_eq!(StyrkCode::parse("0110").unwrap().level(), 4);
        assert_eq!(StyrkCode::parse("2").unwrap().ancestors(), []);
        let above: Vec<_> =
            StyrkCode::parse("2512").unwrap().ancestors().iter().map(ToString::to_string).collect();
        assert_eq!(above, ["251", "25", "2"]);
        for bad in ["", "25123", "25a", "-1", "２５"] {
            assert!(StyrkCode::parse(bad).is_err(), "{bad}");
        }
    }
}
