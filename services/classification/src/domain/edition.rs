//! One edition of a list: its contents, and where they come from.

use jiff::Timestamp;

use super::code::{Code, Scheme};
use super::cpv;
use super::list::List;

/// Where an edition was loaded from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The program itself.
    Embedded,
    /// A file: one that is configured as the source, or the last good download kept on disk.
    File,
    /// The publisher.
    Upstream,
}

impl Origin {
    /// Its name in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::File => "file",
            Self::Upstream => "upstream",
        }
    }
}

/// A list and its provenance.
#[derive(Debug)]
pub struct Edition<C> {
    /// The contents.
    pub list: List<C>,
    /// Where they were loaded from.
    pub origin: Origin,
    /// When they were fetched or, for the embedded list, written.
    pub as_of: Timestamp,
}

impl<C: Code> Edition<C> {
    /// Whether it is a whole list. A CPV list may be a selection, such as the embedded one.
    pub fn complete(&self) -> bool {
        C::SCHEME != Scheme::Cpv || self.list.len() >= cpv::COMPLETE
    }
}
