//! Postal codes, and the places they lie in.

use super::nuts::NutsCode;

/// Postal codes from one to another, both inclusive, in a municipality or, where no more is known, a county.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// First postal code.
    pub from: u16,
    /// Last postal code.
    pub to: u16,
    /// The place.
    pub code: NutsCode,
}

/// All ranges that are known.
#[derive(Debug, Default)]
pub struct Postal(Vec<Range>);

impl Postal {
    /// Keeps ranges; they may lie within each other.
    pub fn new(mut ranges: Vec<Range>) -> Self {
        ranges.sort_by_key(|range| range.to.saturating_sub(range.from));
        Self(ranges)
    }

    /// The ranges, narrowest first.
    pub fn ranges(&self) -> &[Range] {
        &self.0
    }

    /// The places of a postal code of four digits: those of the narrowest range around it.
    pub fn places(&self, text: &str) -> impl Iterator<Item = &NutsCode> {
        let sound = text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
        let number = text.parse::<u16>().ok().filter(|_| sound);
        let around =
            move |range: &&Range| number.is_some_and(|number| (range.from..=range.to).contains(&number));
        let narrowest = self.0.iter().find(around).map(|range| range.to.saturating_sub(range.from));
        let as_narrow = move |range: &&Range| Some(range.to.saturating_sub(range.from)) == narrowest;
        self.0.iter().filter(around).filter(as_narrow).map(|range| &range.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Code as _;

    #[test]
    fn the_narrowest_range_around_a_postal_code_says_where_it_lies() {
        let range = |from, to, code| Range { from, to, code: NutsCode::parse(code).unwrap() };
        let postal = Postal::new(vec![
            range(1300, 1399, "NO084"),
            range(1340, 1369, "3201"),
            range(1370, 1379, "3203"),
            range(1379, 1388, "3201"),
        ]);
        let places = |text: &str| postal.places(text).map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(places("1366"), ["NO3201"]);
        assert_eq!(places("1379"), ["NO3203", "NO3201"], "as narrow as each other");
        assert_eq!(places("1399"), ["NO084"]);
        for none in ["1400", "136", "01366", "+136", "13 66", ""] {
            assert_eq!(places(none), Vec::<String>::new(), "{none}");
        }
    }
}
