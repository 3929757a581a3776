//! A search that has been checked.

use std::collections::BTreeSet;

use super::{CpvCode, DateRange, Invalid, NoticeType, Place, Refine, SortBy, Status, ValueRange};

/// Longest search text, in characters.
const WORDS_LIMIT: usize = 500;

/// Most values of a repeated filter.
const VALUES_LIMIT: usize = 50;

/// Search words: not empty, at most 500 characters, none of them control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Words(String);

impl Words {
    /// Reads search words; a blank text is none.
    pub(crate) fn parse(text: &str) -> Result<Option<Self>, Invalid> {
        if text.chars().count() > WORDS_LIMIT {
            return Err(Invalid::new("search", format!("must be at most {WORDS_LIMIT} characters")));
        }
        if text.chars().any(char::is_control) {
            return Err(Invalid::new("search", "must not hold control characters"));
        }
        let text = text.trim();
        Ok((!text.is_empty()).then(|| Self(text.to_owned())))
    }

    /// The words as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Words {
    /// Whether they hold signs that only the mirror understands: a phrase, a word that must not occur, a beginning.
    pub(crate) fn have_signs(&self) -> bool {
        let sign =
            |word: &str| (word.starts_with('-') && word.len() > 1) || (word.ends_with('*') && word.len() > 1);
        self.0.contains('"') || self.0.split_whitespace().any(sign)
    }
}

impl From<&super::NoticeId> for Words {
    fn from(id: &super::NoticeId) -> Self {
        Self(id.as_str().to_owned())
    }
}

/// Checks that a repeated filter does not hold too many values.
pub(crate) fn at_most<T>(field: &'static str, values: &[T]) -> Result<(), Invalid> {
    if values.len() > VALUES_LIMIT {
        return Err(Invalid::new(field, format!("must hold at most {VALUES_LIMIT} values")));
    }
    Ok(())
}

/// What a caller asks: a search whose places have not been looked up yet.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ask {
    /// Everything but the places.
    pub(crate) query: Query,
    /// Places.
    pub(crate) places: Vec<Place>,
    /// Whether notices marked as nationwide are wanted besides those places.
    pub(crate) include_nationwide: bool,
}

impl Ask {
    /// Checks what does not go together.
    pub(crate) fn checked(self) -> Result<Self, Invalid> {
        if self.include_nationwide && self.places.is_empty() {
            let problem = "adds to a location filter, so it needs location";
            return Err(Invalid::new("includeNationwide", problem));
        }
        if self.query.sort == Some(SortBy::Relevance) && self.query.words.is_none() {
            return Err(Invalid::new("sortBy", "RELEVANCE needs search"));
        }
        Ok(self)
    }
}

/// Filters and order. Sets, so that equal searches are equal however they are written.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Query {
    /// Words in heading or description.
    pub(crate) words: Option<Words>,
    /// CPV codes.
    pub(crate) cpv: BTreeSet<CpvCode>,
    /// NUTS codes and marks for nationwide.
    pub(crate) locations: BTreeSet<String>,
    /// Where the competition stands.
    pub(crate) statuses: BTreeSet<Status>,
    /// Kinds of notice.
    pub(crate) types: BTreeSet<NoticeType>,
    /// Days of issue.
    pub(crate) issued: DateRange,
    /// Estimated value.
    pub(crate) value: ValueRange,
    /// Filters Doffin does not have.
    pub(crate) refine: Refine,
    /// Order, if one is asked for.
    pub(crate) sort: Option<SortBy>,
}

impl Query {
    /// The order of hits: relevance where there are words to be relevant to, otherwise newest first.
    pub(crate) fn order(&self) -> SortBy {
        let default = if self.words.is_some() { SortBy::Relevance } else { SortBy::PublicationDateDesc };
        self.sort.unwrap_or(default)
    }

    /// Whether anything narrows it.
    pub(crate) fn is_filtered(&self) -> bool {
        let order_alone = Self { sort: self.sort, ..Self::default() };
        *self != order_alone
    }

    /// Whether a filter narrows it that cannot match every notice. A range may be wide enough to, and several
    /// values of one filter are alternatives that may together be everything.
    pub(crate) fn surely_narrows(&self) -> bool {
        let words = |words: &Words| words.as_str().chars().any(char::is_alphanumeric);
        self.words.as_ref().is_some_and(words)
            || [self.cpv.len(), self.locations.len(), self.statuses.len(), self.types.len()].contains(&1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_trimmed_and_bounded() {
        assert_eq!(Words::parse("  skole ").unwrap().unwrap().as_str(), "skole");
        assert_eq!(Words::parse("   ").unwrap(), None);
        assert!(Words::parse(&"å".repeat(500)).is_ok());
        for (text, signs) in
            [("\"ny skole\"", true), ("skole -renhold", true), ("skol*", true), ("e-post - * IT", false)]
        {
            assert_eq!(Words::parse(text).unwrap().unwrap().have_signs(), signs, "{text}");
        }
        for bad in ["a\nb", "a\0", "\u{7f}", &"å".repeat(501)] {
            assert_eq!(Words::parse(bad).unwrap_err().field, "search", "{bad:?}");
        }
    }

    #[test]
    fn the_order_follows_the_words_unless_asked_for() {
        let mut query = Query { words: Words::parse("vei").unwrap(), ..Query::default() };
        assert_eq!(query.order(), SortBy::Relevance);
        query.sort = Some(SortBy::Deadline);
        assert_eq!(query.order(), SortBy::Deadline);
        assert_eq!(Query::default().order(), SortBy::PublicationDateDesc);
    }

    #[test]
    fn only_a_filter_that_cannot_match_everything_surely_narrows() {
        let none = Query::default;
        for narrow in [
            Query { words: Words::parse("vei").unwrap(), ..none() },
            Query { cpv: [CpvCode::parse("72").unwrap()].into(), ..none() },
            Query { locations: ["NO081".to_owned()].into(), ..none() },
            Query { statuses: [Status::Active].into(), ..none() },
            Query { types: [NoticeType::Result].into(), ..none() },
        ] {
            assert!(narrow.surely_narrows(), "{narrow:?}");
        }
        for wide in [
            none(),
            Query { words: Words::parse("*").unwrap(), ..none() },
            Query { issued: DateRange::parse("", "9999-12-31").unwrap(), ..none() },
            Query { value: ValueRange::new(Some(0.0), Some(1e15)).unwrap(), ..none() },
            Query {
                types: [NoticeType::Planning, NoticeType::Competition, NoticeType::Result].into(),
                ..none()
            },
        ] {
            assert!(!wide.surely_narrows(), "{wide:?}");
        }
    }

    #[test]
    fn an_order_does_not_narrow_and_a_filter_does() {
        assert!(!Query { sort: Some(SortBy::Deadline), ..Query::default() }.is_filtered());
        assert!(Query { statuses: BTreeSet::from([Status::Active]), ..Query::default() }.is_filtered());
    }
}
