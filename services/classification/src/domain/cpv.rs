//! CPV codes: what is bought.

use std::fmt;

use super::code::{Code, Malformed, Scheme, digits};
use super::error::Error;
use super::fold::{self, fold};
use super::language::Language;
use super::list::{Entry, List};

/// Fewest codes of a list that can be the whole vocabulary, which has 9454.
pub const COMPLETE: usize = 9000;

/// Eight digits. The check digit is not part of it: callers may write it, and it is let go, because the
/// published check digits follow no formula (about one in eighteen was carried over from the 2003 edition).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CpvCode(Box<str>);

impl CpvCode {
    /// The two digits of its division.
    pub fn division_digits(&self) -> &str {
        self.0.get(..2).unwrap_or_default()
    }

    /// The digits that it and every code below it begin with.
    pub fn stem(&self) -> &str {
        self.0.get(..usize::from(self.level()) + 1).unwrap_or_default()
    }

    /// The division it belongs to; itself if it is one.
    pub fn division(&self) -> Self {
        Self(format!("{}000000", self.division_digits()).into())
    }
}

impl Code for CpvCode {
    const SCHEME: Scheme = Scheme::Cpv;
    const GAPS: bool = true;

    fn parse(text: &str) -> Result<Self, Malformed> {
        let text = text.trim_matches(' ');
        let (code, check) = text.split_once('-').map_or((text, None), |(code, check)| (code, Some(check)));
        let sound = check.is_none_or(|check| digits(check, 1..=1).is_some());
        digits(code, 8..=8).filter(|code| sound && !code.starts_with("00")).map_or_else(
            || Err(Malformed(text.to_owned(), "a CPV code: eight digits, with or without the check digit")),
            |code| Ok(Self(code.into())),
        )
    }

    fn as_str(&self) -> &str {
        &self.0
    }

    fn level(&self) -> u8 {
        let significant = self.0.trim_end_matches('0').len().clamp(2, 8);
        u8::try_from(significant - 1).unwrap_or(7)
    }

    fn ancestors(&self) -> Vec<Self> {
        let length = usize::from(self.level()) + 1;
        let cut = |kept| self.0.get(..kept).map(|start| Self(format!("{start:0<8}").into()));
        let mut ancestors: Vec<Self> = (2..length).rev().filter_map(cut).collect();
        ancestors.dedup();
        ancestors
    }

    fn level_name(level: u8, language: Language) -> &'static str {
        match (language, level) {
            (Language::Nb, 1) => "avdeling",
            (Language::Nb, 2) => "gruppe",
            (Language::Nb, 3) => "klasse",
            (Language::Nb, 4) => "kategori",
            (Language::Nb, _) => "underkategori",
            (Language::En, 1) => "division",
            (Language::En, 2) => "group",
            (Language::En, 3) => "class",
            (Language::En, 4) => "category",
            (Language::En, _) => "subcategory",
        }
    }

    fn prefix(query: &str) -> Option<String> {
        digits(query.trim(), 2..=8).map(str::to_owned)
    }
}

impl fmt::Display for CpvCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The division that two digits, a code, or a name in either language stand for.
pub fn division<'a>(list: &'a List<CpvCode>, text: &str) -> Result<&'a Entry<CpvCode>, Error> {
    let text = text.trim();
    let unknown = || {
        Error::invalid(
            "category",
            format!("{text:?} is no division: give its two digits, its code or its name"),
        )
    };
    let code = digits(text, 2..=2).map_or_else(|| text.to_owned(), |two| format!("{two}000000"));
    if let Ok(code) = CpvCode::parse(&code) {
        return list.get(&code).filter(|entry| entry.level == 1).ok_or_else(unknown);
    }
    list.named(&fold(text)).find(|entry| entry.level == 1).ok_or_else(unknown)
}

/// What narrows a selection of codes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter<'a> {
    /// A division.
    pub division: Option<&'a Entry<CpvCode>>,
    /// A code and those below it.
    pub under: Option<&'a Entry<CpvCode>>,
    /// Words that all occur in one label, or the beginning of codes.
    pub search: &'a str,
    /// A level.
    pub level: Option<u8>,
}

/// The codes that a filter leaves, by code.
pub fn select<'a>(list: &'a List<CpvCode>, filter: Filter<'_>) -> Vec<&'a Entry<CpvCode>> {
    let Filter { division, under, search, level } = filter;
    let division = division.map_or("", |division| division.code.division_digits());
    let under = under.map_or("", |under| under.code.stem());
    let (short, long) = if division.len() <= under.len() { (division, under) } else { (under, division) };
    let within = if long.starts_with(short) { list.starting_with(long) } else { &[] };
    let search = search.trim();
    let prefix = CpvCode::prefix(search).or_else(|| CpvCode::parse(search).ok().map(|c| c.to_string()));
    let words = fold(search);
    let words: Vec<&str> = fold::words(&words).collect();
    let matches = |entry: &Entry<CpvCode>| match &prefix {
        _ if search.is_empty() => true,
        Some(prefix) => entry.code.as_str().starts_with(prefix.as_str()),
        // Containment, not word prefixes: Norwegian compounds carry their head last ("kontorutstyr").
        None => !words.is_empty() && list.folded(entry).any(|label| words.iter().all(|w| label.contains(w))),
    };
    within.iter().filter(|entry| level.is_none_or(|level| entry.level == level) && matches(entry)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::list::Row;

    fn list() -> List<CpvCode> {
        let rows = [
            ("03000000", "Landbruksprodukter", "Agricultural products"),
            ("30000000", "Kontormaskiner", "Office machinery"),
            ("30190000", "Diverse kontorutstyr", "Various office equipment"),
            ("30192000", "Kontorrekvisita", "Office supplies"),
            ("30192121", "Kulepenner", "Ballpoint pens"),
        ];
        List::build(rows.map(|(code, nb, en)| Row::new(code, nb).english(en))).unwrap()
    }

    #[test]
    fn a_code_is_eight_digits_and_its_check_digit_is_let_go() {
        for text in ["48000000", "48000000-8", " 48000000 ", "48000000-0"] {
            assert_eq!(CpvCode::parse(text).unwrap().as_str(), "48000000", "{text}");
        }
        for bad in [
            "",
            "4800000",
            "480000000",
            "48000000-",
            "48000000-88",
            "4800000a",
            "48000000-x",
            "٤٨٠٠٠٠٠٠",
            "00000000",
        ] {
            assert!(CpvCode::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn levels_count_significant_digits() {
        for (code, level) in [
            ("30000000", 1),
            ("03000000", 1),
            ("30190000", 3),
            ("30192000", 4),
            ("30192121", 7),
            ("48200000", 2),
        ] {
            assert_eq!(CpvCode::parse(code).unwrap().level(), level, "{code}");
        }
    }

    #[test]
    fn ancestors_run_to_the_division() {
        let codes: Vec<_> =
            CpvCode::parse("30192121").unwrap().ancestors().iter().map(ToString::to_string).collect();
        assert_eq!(codes, ["30192120", "30192100", "30192000", "30190000", "30100000", "30000000"]);
        let list = list();
        let pens = list.get(&CpvCode::parse("30192121").unwrap()).unwrap();
        assert_eq!(list.parent(pens).unwrap().code.as_str(), "30192000", "the nearest that exists");
    }

    #[test]
    fn a_division_goes_by_digits_code_or_name() {
        let list = list();
        for text in ["30", "30000000", "30000000-9", "kontormaskiner", "OFFICE MACHINERY"] {
            assert_eq!(division(&list, text).unwrap().code.as_str(), "30000000", "{text}");
        }
        for text in ["31", "30190000", "Kulepenner", "3"] {
            assert!(division(&list, text).unwrap_err().to_string().contains(text), "{text}");
        }
    }

    #[test]
    fn a_selection_takes_every_word_in_one_label_or_a_prefix() {
        let list = list();
        let codes = |search, level| {
            let filter = Filter { search, level, ..Filter::default() };
            select(&list, filter).iter().map(|e| e.code.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(codes("utstyr", None), ["30190000"]);
        assert_eq!(codes("office EQUIP", None), ["30190000"]);
        assert_eq!(codes("office utstyr", None), Vec::<String>::new());
        assert_eq!(codes("3019", None), ["30190000", "30192000", "30192121"]);
        assert_eq!(codes("30192000-1", None), ["30192000"]);
        assert_eq!(codes("", Some(1)), ["03000000", "30000000"]);
        assert_eq!(codes("!?", None), Vec::<String>::new());
        let three = division(&list, "03").ok();
        let office = Filter { division: three, search: "office", ..Filter::default() };
        assert_eq!(select(&list, office).len(), 0);
    }

    #[test]
    fn a_code_selects_itself_and_what_is_below_it_within_its_division() {
        let list = list();
        let codes = |division: Option<&str>, under: &str| {
            let division = division.map(|text| self::division(&list, text).unwrap());
            let under = list.get(&CpvCode::parse(under).unwrap());
            let filter = Filter { division, under, ..Filter::default() };
            select(&list, filter).iter().map(|e| e.code.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(codes(None, "30192000"), ["30192000", "30192121"]);
        assert_eq!(codes(Some("30"), "30190000"), ["30190000", "30192000", "30192121"]);
        assert_eq!(codes(Some("03"), "30190000"), Vec::<String>::new());
    }
}
