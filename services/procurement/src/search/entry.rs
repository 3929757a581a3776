//! What the index takes in.

use crate::domain::{Facts, Stored};

/// A notice to index.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// The notice.
    pub(crate) stored: Stored,
    /// What its document adds, once it is here and read.
    pub(crate) facts: Option<Facts>,
}
