//! What is wrong with a request, field by field.

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Path of the field or name of the parameter, as the caller wrote it; empty for the request as a whole.
    pub field: String,
    /// What kind of mistake it is.
    pub kind: Kind,
    /// What is wrong, and what would be right.
    pub description: String,
}

/// Kinds of mistake in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// No such parameter or field.
    Unknown,
    /// Not of the field's type.
    Type,
    /// Given twice, or in two places.
    Conflict,
    /// Cannot be read at all.
    Malformed,
}

impl Violation {
    /// A mistake in a field.
    pub fn new(field: impl Into<String>, kind: Kind, description: impl Into<String>) -> Self {
        Self { field: field.into(), kind, description: description.into() }
    }
}
