//! Lines of a list before anything about them is checked, and why they may make no list.

use super::code::Malformed;

/// One line of a list as its publisher wrote it; nothing about it is checked yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// The code.
    pub code: String,
    /// The code above, where the publisher says it.
    pub parent: Option<String>,
    /// Label in bokmål.
    pub nb: String,
    /// Label in English.
    pub en: Option<String>,
}

impl Row {
    /// A row without parent and English label.
    pub fn new(code: impl Into<String>, nb: impl Into<String>) -> Self {
        Self { code: code.into(), nb: nb.into(), ..Self::default() }
    }

    /// The row below `code`; empty text is no code.
    pub fn below(mut self, code: &str) -> Self {
        self.parent = Some(code.trim().to_owned()).filter(|code| !code.is_empty());
        self
    }

    /// The row with an English label; empty text is no label.
    pub fn english(mut self, label: &str) -> Self {
        self.en = Some(label.trim().to_owned()).filter(|label| !label.is_empty());
        self
    }
}

/// Why rows make no list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// There are none.
    #[error("the list is empty")]
    Empty,
    /// One has no valid code.
    #[error("{0}")]
    Code(#[from] Malformed),
    /// One has no label.
    #[error("code {0} has no label")]
    Label(String),
    /// Two have the same code.
    #[error("code {0} occurs twice")]
    Twice(String),
    /// One has no place in the hierarchy.
    #[error("code {code} has no place in the hierarchy: {problem}")]
    Orphan {
        /// The code.
        code: String,
        /// What is wrong with its parent.
        problem: String,
    },
}
