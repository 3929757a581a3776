//! Reads the documents notices come as: eForms, UBL 2.3 with the EU's extension, from any of its families.
//!
//! ```text
//! bytes ─▶ decode ─▶ walk (quick-xml, one pass) ─▶ collect ─▶ raw ─▶ resolve ─▶ domain::Document
//!                     └ names, paths: what is read         bids, roles, awards, values ┘
//! ```
//!
//! Documents come from anybody. Entities cannot be declared, everything that can grow has a limit, nothing
//! recurses, and what breaks a rule is [`Unreadable`]. Names of contact persons are never read.

mod awards;
mod bids;
mod collect;
mod decode;
mod hit;
mod moment;
mod names;
mod paths;
mod raw;
mod resolve;
mod roles;
#[cfg(test)]
mod tests;
mod values;
mod walk;

pub(crate) use hit::hit;

use bytes::Bytes;

use crate::domain::{Document, Text};

/// Version of the reading. It is raised when the same document would be read differently, or something else kept of
/// it, so that stored documents are read again.
pub(crate) const VERSION: i64 = 3;

/// Why a document cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    /// It is larger than is read.
    #[error("{bytes} bytes are more than a notice has")]
    Large {
        /// Its size.
        bytes: usize,
    },
    /// Its bytes are not text.
    #[error("encoding: {0}")]
    Encoding(&'static str),
    /// It is not well-formed.
    #[error("not well-formed at byte {at}: {problem}")]
    Xml {
        /// Where, in bytes of its text.
        at: u64,
        /// What.
        problem: String,
    },
    /// It ends before its elements do.
    #[error("the document ends too early")]
    Cut,
    /// It brings a document type, which may declare entities.
    #[error("a document type is not allowed")]
    DocumentType,
    /// It refers to an entity that XML does not declare, or to a character that does not exist.
    #[error("a reference to an unknown entity or character")]
    Reference,
    /// It is something else than one notice.
    #[error("not one eForms notice")]
    NotANotice,
    /// It is nested too deeply.
    #[error("nested too deeply")]
    Deep,
    /// One of its elements has too many attributes, or declares too many namespaces.
    #[error("too many attributes or namespaces")]
    Attributes,
    /// It has too many lots, organisations, tenders or combinations of them.
    #[error("too many parts")]
    Many,
}

/// Reads a notice's document where that does not hold up other work. The error is in words for an operator.
pub(crate) async fn read(raw: Bytes) -> Result<Document, String> {
    let read = tokio::task::spawn_blocking(move || parse(&raw)).await;
    let read = read.map_err(|error| format!("the parser failed: {error}"))?;
    read.map_err(|error| error.to_string())
}

/// Reads a notice's document.
pub(crate) fn parse(bytes: &[u8]) -> Result<Document, Unreadable> {
    let text = decode::text(bytes)?;
    let collected = walk::walk(&text, collect::Collect::default())?;
    resolve::document(&collected.raw)
}
