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
    /// Reads "nb", "no", "nn" or "en" in any case, with or without spaces around; empty text is bokmål.
    pub fn parse(text: &str) -> Result<Self, Error> {
        match text.trim_matches(' ').to_ascii_lowercase().as_str() {
            "" | "nb" | "no" | "nn" => Ok(Self::Nb),
            "en" => Ok(Self::En),
            _ => Err(Error::wrong_type("language", format!("{text:?} is not one of nb, no, nn, en"))),
        }
    }

    /// The language asked for, else the best of an `Accept-Language` header, else bokmål.
    pub fn choose(asked: &str, accepted: &str) -> Result<Self, Error> {
        if asked.trim_matches(' ').is_empty() { Ok(Self::accepted(accepted)) } else { Self::parse(asked) }
    }

    /// The best of an `Accept-Language` header by its quality values, the first of equals; bokmål if it names
    /// none that there is. Headers are sent by browsers, not people: nothing in one is an error.
    pub fn accepted(header: &str) -> Self {
        let ranges = header.split(',').filter_map(weighed);
        // `max_by` would take the last of equals.
        let best = ranges.reduce(|best, next| if next.0 > best.0 { next } else { best });
        best.map(|(_, language)| language).unwrap_or_default()
    }

    /// Its tag (BCP 47).
    pub fn tag(self) -> &'static str {
        match self {
            Self::Nb => "nb",
            Self::En => "en",
        }
    }
}

/// A language the caller would take, with its weight.
fn weighed(range: &str) -> Option<(f32, Language)> {
    let mut parts = range.split(';').map(str::trim);
    let tag = parts.next()?.to_ascii_lowercase();
    let language = match tag.split('-').next()? {
        "nb" | "no" | "nn" | "*" => Language::Nb,
        "en" => Language::En,
        _ => return None,
    };
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    let weight = weight.map_or(Some(1.0), |text| text.trim().parse::<f32>().ok())?;
    (weight > 0.0 && weight <= 1.0).then_some((weight, language))
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

    #[test]
    fn the_header_is_weighed_and_the_parameter_goes_before_it() {
        for (header, expected) in [
            ("", Language::Nb),
            ("en", Language::En),
            ("en-GB,en;q=0.9,nb;q=0.8", Language::En),
            ("nb-NO;q=0.4, en ; q=0.5", Language::En),
            ("de-DE,nn;q=0.7,en;q=0.3", Language::Nb),
            ("de, fr;q=0.5", Language::Nb),
            ("en;q=0, nb;q=0.1", Language::Nb),
            ("nb,en", Language::Nb),
            ("en,nb", Language::En),
            ("*;q=0.1,en;q=0.2", Language::En),
            ("en;q=x, ;;, q=1", Language::Nb),
        ] {
            assert_eq!(Language::accepted(header), expected, "{header}");
        }
        assert_eq!(Language::choose("nb", "en"), Ok(Language::Nb));
        assert_eq!(Language::choose(" ", "en"), Ok(Language::En));
        assert!(Language::choose("de", "en").is_err());
    }
}
