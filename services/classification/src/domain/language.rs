//! The language of labels.

use super::error::Error;

/// Bokmål or English.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Norwegian, bokmål.
    #[default]
    Nb,
    /// English.
    En,
}

impl Language {
    /// Reads "nb", "no", "nn" or "en" in any case; empty text is bokmål.
    pub fn parse(text: &str) -> Result<Self, Error> {
        match text.trim().to_ascii_lowercase().as_str() {
            "" | "nb" | "no" | "nn" => Ok(Self::Nb),
            "en" => Ok(Self::En),
            _ => Err(Error::wrong_type("language", format!("{text:?} is not one of nb, no, nn, en"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn norwegian_has_three_names_and_others_are_refused_with_the_choices() {
        for text in ["", "nb", "NO", "Nn"] {
            assert_eq!(Language::parse(text), Ok(Language::Nb), "{text}");
        }
        assert_eq!(Language::parse("EN"), Ok(Language::En));
        assert!(Language::parse("de").unwrap_err().to_string().contains("nb, no, nn, en"));
    }
}
