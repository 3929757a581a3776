//! A value a caller gave that cannot be used.

/// Why a parameter cannot be used, with its name as the caller writes it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub(crate) struct Invalid {
    /// The parameter, such as `hitsPerPage`.
    pub(crate) field: &'static str,
    /// What is wrong with it, and what would be right.
    pub(crate) problem: String,
    /// A fact for programs, such as the code that does not exist.
    pub(crate) fact: Option<(&'static str, String)>,
    /// Whether the value is not even of the parameter's type.
    pub(crate) wrong_type: bool,
}

impl Invalid {
    /// A parameter whose value is out of range, malformed, or does not go with another.
    pub(crate) fn new(field: &'static str, problem: impl Into<String>) -> Self {
        Self { field, problem: problem.into(), fact: None, wrong_type: false }
    }

    /// A parameter whose value is not of its type.
    pub(crate) fn wrong_type(field: &'static str, problem: impl Into<String>) -> Self {
        Self { wrong_type: true, ..Self::new(field, problem) }
    }

    /// Adds a fact for programs.
    pub(crate) fn with(self, key: &'static str, value: impl Into<String>) -> Self {
        Self { fact: Some((key, value.into())), ..self }
    }
}
