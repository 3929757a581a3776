//! `selectCodes`: exact codes, prefixes and ranges; malformed items are dropped without a word.

use super::Problem;

/// Which codes are wanted.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Selection(Vec<Item>);

#[derive(Debug, PartialEq, Eq)]
enum Item {
    Exact(String),
    Prefix(String),
    /// Both ends inclusive, the upper with its descendants.
    Range(String, String),
}

impl Selection {
    pub(super) fn parse(text: &str) -> Result<Self, Problem> {
        if text.chars().count() > 200 {
            return Err(Problem::bad("selectCodes too long".to_owned()));
        }
        let legal = |letter: char| {
            letter.is_ascii_alphanumeric() || ",.-*".contains(letter) || letter.is_whitespace()
        };
        if !text.chars().all(legal) {
            return Err(Problem::bad("selectCodes contains illegal characters".to_owned()));
        }
        let items: Vec<&str> = text.split(',').map(str::trim).filter(|item| !item.is_empty()).collect();
        if items.len() > 20 {
            return Err(Problem::bad("Too many selectCodes parameters".to_owned()));
        }
        Ok(Self(items.into_iter().filter_map(Item::parse).collect()))
    }

    /// Whether a code is wanted; with nothing valid in the filter, all are.
    pub(super) fn wants(&self, code: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|item| item.wants(code))
    }
}

impl Item {
    fn parse(text: &str) -> Option<Self> {
        if let Some((from, to)) = text.split_once('-') {
            let (from, to) = (from.trim(), to.trim());
            let well_formed = |end: &str| {
                let digits = end.trim_end_matches('*');
                !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
            };
            let range =
                || Self::Range(from.trim_end_matches('*').to_owned(), to.trim_end_matches('*').to_owned());
            return (well_formed(from) && well_formed(to)).then(range);
        }
        if text.contains(char::is_whitespace) {
            return None;
        }
        match text.strip_suffix('*') {
            Some(prefix) => {
                (!prefix.is_empty() && !prefix.contains('*')).then(|| Self::Prefix(prefix.to_owned()))
            }
            None => (!text.contains('*')).then(|| Self::Exact(text.to_owned())),
        }
    }

    fn wants(&self, code: &str) -> bool {
        match self {
            Self::Exact(exact) => code == exact,
            Self::Prefix(prefix) => code.starts_with(prefix.as_str()),
            Self::Range(from, to) => {
                code >= from.as_str() && (code <= to.as_str() || code.starts_with(to.as_str()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(filter: &str) -> Vec<&'static str> {
        let selection = Selection::parse(filter).unwrap();
        ["01", "0110", "02", "03", "0310", "25", "2512"]
            .into_iter()
            .filter(|code| selection.wants(code))
            .collect()
    }

    #[test]
    fn codes_prefixes_and_ranges_select() {
        assert_eq!(wanted("2512"), ["2512"]);
        assert_eq!(wanted("25*"), ["25", "2512"]);
        assert_eq!(wanted("02-03"), ["02", "03", "0310"]);
        assert_eq!(wanted("01*-02*, 25"), ["01", "0110", "02", "25"]);
    }

    #[test]
    fn a_filter_with_nothing_valid_is_off() {
        assert_eq!(wanted("**"), wanted(""));
        assert_eq!(wanted("a-b").len(), 7);
        assert_eq!(wanted("a-b,2512"), ["2512"]);
    }

    #[test]
    fn too_much_and_strange_letters_are_refused() {
        assert!(Selection::parse(&"1".repeat(201)).is_err());
        assert!(Selection::parse(&"1,".repeat(21)).is_err());
        assert!(Selection::parse("blå").is_err());
        assert!(Selection::parse("1/2").is_err());
    }
}
