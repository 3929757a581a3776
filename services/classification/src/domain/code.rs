//! What the codes of every list have in common.

use std::fmt;
use std::hash::Hash;

use super::language::Language;

/// A code list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// Common Procurement Vocabulary 2008.
    Cpv,
    /// Norwegian regions, counties and municipalities.
    Nuts,
    /// Standard for yrkesklassifisering, 2008.
    Styrk,
}

impl Scheme {
    /// The name people know it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpv => "CPV",
            Self::Nuts => "NUTS",
            Self::Styrk => "STYRK",
        }
    }

    /// The name in file names and metric labels.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Cpv => "cpv",
            Self::Nuts => "nuts",
            Self::Styrk => "styrk",
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Text that is not a code of its list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not {1}")]
pub struct Malformed(pub String, pub &'static str);

/// A well-formed code of one list.
pub trait Code: Clone + Ord + Hash + fmt::Display + fmt::Debug + Send + Sync + 'static {
    /// The list it belongs to.
    const SCHEME: Scheme;
    /// Whether levels may be missing between a code and its nearest ancestor.
    const GAPS: bool;

    /// Reads a code in any of the forms callers write it.
    fn parse(text: &str) -> Result<Self, Malformed>;

    /// The canonical form.
    fn as_str(&self) -> &str;

    /// Level within the list, 1 at the top.
    fn level(&self) -> u8;

    /// Whether the list itself may hold it; codes of other countries are well formed and in no list.
    fn listed(&self) -> bool {
        true
    }

    /// Codes above this one as far as the code itself tells, nearest first.
    fn ancestors(&self) -> Vec<Self>;

    /// The beginning of codes that a query stands for, if it looks like one.
    fn prefix(query: &str) -> Option<String>;

    /// What codes of a level are called.
    fn level_name(level: u8, language: Language) -> &'static str;

    /// Every name a label gives, the whole label first.
    fn names(label: &str) -> Vec<&str> {
        vec![label]
    }
}

/// `text` if it is `lengths` digits long.
pub(super) fn digits(text: &str, lengths: std::ops::RangeInclusive<usize>) -> Option<&str> {
    (lengths.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())).then_some(text)
}
