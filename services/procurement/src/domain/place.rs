//! Places a search can name.

use super::Invalid;

/// Longest place name that is looked up, in characters.
const NAME_LIMIT: usize = 200;

/// Marks of notices that hold for a whole country or more (BT-727): anywhere, in the country, in the EEA.
pub(crate) const ANYWHERE: [&str; 3] = ["anyw", "anyw-cou", "anyw-eea"];

/// A NUTS code: two letters and up to three digits or letters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NutsCode(String);

impl NutsCode {
    /// Reads a code in any case. A word of letters alone ("MOSS") is a name, not a code, unless it is a
    /// country's two letters or an extra-regio code ("NOZZZ").
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let code = text.to_ascii_uppercase();
        let (country, rest) = code.split_at_checked(2)?;
        let form = country.bytes().all(|b| b.is_ascii_uppercase())
            && rest.len() <= 3
            && rest.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        let plain =
            rest.bytes().any(|b| b.is_ascii_digit()) || rest == "ZZZ" || (rest.is_empty() && text == code);
        (form && plain).then_some(Self(code))
    }

    /// The code as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is one of Norway's.
    pub(crate) fn is_norwegian(&self) -> bool {
        self.0.starts_with("NO")
    }

    /// Whether it stands above counties: the country or a region.
    pub(crate) fn is_above_counties(&self) -> bool {
        self.0.len() < 5
    }
}

/// A place as a caller gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// A code that can be searched for as it is.
    Code(NutsCode),
    /// One of [`ANYWHERE`].
    Anywhere(String),
    /// A name or a municipality's number, which has to be looked up.
    Name(String),
}

impl Place {
    /// Reads a place.
    pub(crate) fn parse(text: &str) -> Result<Self, Invalid> {
        if text.chars().count() > NAME_LIMIT || text.chars().any(char::is_control) {
            let problem = format!("must be at most {NAME_LIMIT} characters, none of them control characters");
            return Err(Invalid::new("location", problem));
        }
        let text = text.trim_matches(' ');
        let lower = text.to_ascii_lowercase();
        if ANYWHERE.contains(&lower.as_str()) {
            return Ok(Self::Anywhere(lower));
        }
        if let Some(code) = NutsCode::parse(text) {
            return Ok(Self::Code(code));
        }
        if text.is_empty() {
            let problem = "must be a NUTS code, a municipality number, a place name, or anyw";
            return Err(Invalid::new("location", problem));
        }
        Ok(Self::Name(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_with_letters_among_their_digits_are_codes() {
        for text in ["NO", "NO0", "NO08", "NO0A", "NO081", "no0a1", "NO0B2", "NOZZZ", "FI1D9", "SE110"] {
            assert_eq!(
                Place::parse(text),
                Ok(Place::Code(NutsCode(text.to_uppercase()))),
                "{text} was not read as a code"
            );
        }
    }

    #[test]
    fn names_and_numbers_are_looked_up_even_in_capitals() {
        for text in ["Oslo", "OSLO", "MOSS", "Vik", "no", "0301", "NO0301", "Bærum", "ÅS"] {
            assert_eq!(Place::parse(text), Ok(Place::Name(text.to_owned())), "{text}");
        }
        assert_eq!(Place::parse("ANYW"), Ok(Place::Anywhere("anyw".into())));
        for bad in ["", " ", "a\nb", &"x".repeat(201)] {
            assert_eq!(Place::parse(bad).unwrap_err().field, "location", "{bad:?}");
        }
    }
}
