//! What can go wrong with the index, by what the caller can do.

use crate::domain::{Invalid, Seq};

/// Why the index did not answer or take something in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The question cannot be asked: a cursor that is none, or one of another question.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The cursor began at a position this index has not reached yet; come back in a moment.
    #[error("the index is at {at}, the cursor began at {wanted}", at = at.0, wanted = wanted.0)]
    Behind {
        /// Where the index is.
        at: Seq,
        /// Where the cursor began.
        wanted: Seq,
    },
    /// The index cannot be written to or read: disk full, read-only, damaged.
    #[error(transparent)]
    Broken(#[from] anyhow::Error),
}

impl From<tantivy::TantivyError> for Error {
    fn from(error: tantivy::TantivyError) -> Self {
        Self::Broken(error.into())
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::Broken(error.into())
    }
}
