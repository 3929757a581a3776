//! Codes of the Common Procurement Vocabulary.

use super::Invalid;

/// A CPV code, eight digits without its check digit.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct CpvCode(String);

impl CpvCode {
    /// Reads eight digits with or without the check digit (`72000000-5`), or the two to seven leading digits.
    pub(crate) fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim_matches(' ');
        let digits = match text.split_once('-') {
            Some((code, check)) if code.len() == 8 && check.len() == 1 && is_number(check) => code,
            Some(_) => "",
            None => text,
        };
        if (2..=8).contains(&digits.len()) && is_number(digits) {
            return Ok(Self(format!("{digits:0<8}")));
        }
        let problem = format!(
            "{text:?} is not a CPV code: give eight digits, with or without the check digit, or the first two to seven"
        );
        Err(Invalid::new("cpvCode", problem).with("code", text))
    }

    /// The eight digits.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// The most specific of some codes: those that are not an ancestor of another. Expects them sorted and
/// distinct, and keeps their order.
pub(crate) fn leaves(sorted: &[String]) -> Vec<String> {
    // An ancestor ends in zeros, so the first of its descendants, if there are any, sorts right after it.
    let is_ancestor = |(index, code): (usize, &String)| {
        let stem = code.trim_end_matches('0');
        let stem = if stem.len() < 2 { code.get(..2).unwrap_or(code) } else { stem };
        sorted.get(index + 1).is_some_and(|next| next.starts_with(stem))
    };
    let all = sorted.iter().enumerate();
    all.filter(|entry| !is_ancestor(*entry)).map(|(_, code)| code.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_dropped_and_short_codes_padded() {
        let parsed = |text: &str| CpvCode::parse(text).map(|code| code.0);
        assert_eq!(parsed("72000000-5").unwrap(), "72000000");
        assert_eq!(parsed("03").unwrap(), "03000000");
        assert_eq!(parsed(" 4533 ").unwrap(), "45330000");
        for bad in
            ["", "7", "720000000", "72-5", "72000000-", "72000000-55", "72*", "72000000,45000000", "７２"]
        {
            assert_eq!(parsed(bad).unwrap_err().field, "cpvCode", "{bad}");
        }
    }

    #[test]
    fn leaves_are_the_codes_nothing_else_descends_from() {
        let list = |codes: &[&str]| codes.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>();
        let sorted = list(&[
            "30000000", "30200000", "48000000", "48200000", "48220000", "72000000", "72200000", "72210000",
            "72212000", "72212220", "72212222",
        ]);
        assert_eq!(leaves(&sorted), list(&["30200000", "48220000", "72212222"]));
        assert_eq!(leaves(&list(&["72000000"])), list(&["72000000"]));
        assert_eq!(leaves(&[]), list(&[]));
    }
}
