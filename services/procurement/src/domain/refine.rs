//! Filters that Doffin's search does not have; a mirror answers them.

use std::collections::BTreeSet;

use super::{DateRange, Invalid, OrgNumber};

/// Longest name of an organisation that is searched for, in characters.
const NAME_LIMIT: usize = 200;

/// Filters beyond Doffin's. Values of one filter are alternatives; filters must all hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Refine {
    /// Who buys.
    pub(crate) buyers: BTreeSet<Named>,
    /// Who won, or is meant to be given, a contract.
    pub(crate) suppliers: BTreeSet<Named>,
    /// Currencies of the estimated value, ISO 4217 in capitals.
    pub(crate) currencies: BTreeSet<String>,
    /// Days of publication, Europe/Oslo.
    pub(crate) published: DateRange,
    /// Days of the deadline, Europe/Oslo.
    pub(crate) deadline: DateRange,
    /// Official languages, ISO 639-3 in capitals.
    pub(crate) languages: BTreeSet<String>,
    /// Procedure types (BT-105).
    pub(crate) procedures: BTreeSet<String>,
    /// How many lots.
    pub(crate) lots: CountRange,
}

/// An organisation as a caller names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Named {
    /// By its Norwegian number.
    Number(OrgNumber),
    /// By words of its name, all of which must occur.
    Name(String),
}

impl Named {
    /// Reads a number, however it is dressed, or a name.
    pub(crate) fn parse(field: &'static str, text: &str) -> Result<Self, Invalid> {
        let length = text.chars().count();
        let text = text.trim_matches(' ');
        if text.is_empty() || length > NAME_LIMIT || text.chars().any(char::is_control) {
            let problem = format!(
                "must be an organisation number of nine digits or a name of 1 to {NAME_LIMIT} characters, none of them control characters"
            );
            return Err(Invalid::new(field, problem));
        }
        if let Some(number) = OrgNumber::find(text) {
            return Ok(Self::Number(number));
        }
        if text.chars().all(|c| c.is_ascii_digit() || c == ' ') {
            let problem =
                format!("{text:?} is no Norwegian organisation number: its check digit or length is wrong");
            return Err(Invalid::new(field, problem));
        }
        if !text.chars().any(char::is_alphanumeric) {
            return Err(Invalid::new(field, "must hold a letter or a digit"));
        }
        Ok(Self::Name(text.to_owned()))
    }
}

/// Counts from one to another, both inclusive, either end open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct CountRange {
    /// Least.
    pub(crate) from: Option<u32>,
    /// Most.
    pub(crate) to: Option<u32>,
}

impl CountRange {
    /// Checks two counts.
    pub(crate) fn new(
        fields: (&'static str, &'static str),
        from: Option<i32>,
        to: Option<i32>,
    ) -> Result<Self, Invalid> {
        let count = |field, value: Option<i32>| match value.map(u32::try_from) {
            None => Ok(None),
            Some(Ok(count)) => Ok(Some(count)),
            Some(Err(_)) => Err(Invalid::new(field, "must be 0 or more")),
        };
        let range = Self { from: count(fields.0, from)?, to: count(fields.1, to)? };
        match (range.from, range.to) {
            (Some(least), Some(most)) if least > most => {
                Err(Invalid::new(fields.0, format!("{least} is above {} {most}", fields.1)))
            }
            _ => Ok(range),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_organisation_is_a_number_or_a_name_and_a_wrong_number_is_neither() {
        let named = |text| Named::parse("supplier", text);
        assert!(matches!(named("NO 938 801 363 MVA"), Ok(Named::Number(_))));
        assert_eq!(named(" Bygg & Anlegg AS "), Ok(Named::Name("Bygg & Anlegg AS".into())));
        for bad in ["", "  ", "938801364", "12", "a\nb", "938801363\n", "&&", &"x".repeat(201)] {
            assert_eq!(named(bad).unwrap_err().field, "supplier", "{bad:?}");
        }
    }

    #[test]
    fn counts_are_in_order_and_not_negative() {
        let range = |from, to| CountRange::new(("lotsFrom", "lotsTo"), from, to);
        assert_eq!(range(Some(1), None).unwrap().from, Some(1));
        assert_eq!(range(Some(-1), None).unwrap_err().field, "lotsFrom");
        assert_eq!(range(None, Some(-1)).unwrap_err().field, "lotsTo");
        assert_eq!(range(Some(3), Some(2)).unwrap_err().field, "lotsFrom");
    }
}
