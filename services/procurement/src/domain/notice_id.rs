//! Doffin's identifier of a published notice.

use std::fmt;

use super::Invalid;

/// A Doffin id, `YYYY-NNNNNN`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NoticeId(String);

impl NoticeId {
    /// Reads an id; spaces around it do not count.
    pub(crate) fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim_matches(' ');
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        match text.split_once('-') {
            Some((year, number))
                if year.len() == 4 && number.len() == 6 && digits(year) && digits(number) =>
            {
                Ok(Self(text.to_owned()))
            }
            _ => Err(Invalid::new("id", "must be a Doffin id such as 2026-112546")),
        }
    }

    /// The id as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The notice's public page.
    pub(crate) fn url(&self) -> String {
        format!("https://www.doffin.no/notices/{}", self.0)
    }
}

impl fmt::Display for NoticeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_year_and_six_digits_are_an_id() {
        assert_eq!(NoticeId::parse(" 2026-112546 ").unwrap().as_str(), "2026-112546");
        for bad in [
            "",
            "2026",
            "2026-11254",
            "2026-1125460",
            "26-112546",
            "2026-11254x",
            "2026-112546/..",
            "²⁰²⁶-112546",
            "\t2026-112546",
        ] {
            assert_eq!(NoticeId::parse(bad).unwrap_err().field, "id", "{bad}");
        }
    }
}
