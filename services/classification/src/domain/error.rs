//! Why a question cannot be answered.

use jiff::civil::Date;

use super::code::{Code, Malformed, Scheme};

/// Why a question cannot be answered, by what the caller can do about it. None of these is a fault of ours:
/// answers come from memory, and nothing there can fail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A required parameter is absent.
    #[error("{parameter}: {problem}")]
    Missing {
        /// The parameter.
        parameter: &'static str,
        /// What to give.
        problem: String,
    },
    /// A value has the wrong form or is out of range.
    #[error("{parameter}: {problem}")]
    Invalid {
        /// The parameter.
        parameter: &'static str,
        /// What is wrong, and what would be right.
        problem: String,
    },
    /// A value is none of its parameter's choices.
    #[error("{parameter}: {problem}")]
    WrongType {
        /// The parameter.
        parameter: &'static str,
        /// What is wrong, and what would be right.
        problem: String,
    },
    /// The list does not have the code.
    #[error("{scheme} code {code} not found")]
    NotFound {
        /// The list.
        scheme: Scheme,
        /// The code in its canonical form.
        code: String,
    },
    /// The code is out of use.
    #[error("NUTS code {code} not found: replaced by {} on {on}", successors.join(", "))]
    Retired {
        /// The code in its canonical form.
        code: String,
        /// The codes in force that cover its area.
        successors: Vec<String>,
        /// First day without it.
        on: Date,
    },
}

impl Error {
    /// A required parameter is absent.
    pub fn missing(parameter: &'static str, problem: impl Into<String>) -> Self {
        Self::Missing { parameter, problem: problem.into() }
    }

    /// A value has the wrong form or is out of range.
    pub fn invalid(parameter: &'static str, problem: impl Into<String>) -> Self {
        Self::Invalid { parameter, problem: problem.into() }
    }

    /// A value is none of its parameter's choices.
    pub fn wrong_type(parameter: &'static str, problem: impl Into<String>) -> Self {
        Self::WrongType { parameter, problem: problem.into() }
    }

    /// Text that is not a code.
    pub fn malformed(parameter: &'static str, malformed: &Malformed) -> Self {
        Self::invalid(parameter, malformed.to_string())
    }

    /// The list does not have a code.
    pub fn not_found<C: Code>(code: &C) -> Self {
        Self::NotFound { scheme: C::SCHEME, code: code.to_string() }
    }
}
