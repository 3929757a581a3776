//! The search index: derived from the change feed, one a replica, disposable.

mod entry;
mod error;
mod find;

use std::path::PathBuf;

use jiff::Timestamp;

use crate::domain::{Query, Seq, Words};

pub(crate) use entry::Entry;
pub(crate) use error::Error;
pub(crate) use find::{Dimension, Facet, Find, Found, Paging, Row, Stats};

/// Where the index lives and what it may take.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Its directory; nothing else is kept there.
    pub(crate) dir: PathBuf,
    /// Memory for notices not yet written, in bytes.
    pub(crate) memory: usize,
}

/// How an index was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Opened {
    /// It was there and whole.
    Found,
    /// It begins anew at position 0, and why: missing, torn, of another version.
    Rebuilt(String),
}

/// What the index holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Notices, hidden ones included.
    pub(crate) documents: usize,
    /// Size on disk.
    pub(crate) bytes: u64,
    /// Segments a search goes through.
    pub(crate) segments: usize,
}

/// The search index. Questions see the last commit and never wait for a write.
pub(crate) struct Index;

impl Index {
    /// Opens the index. One that is missing, torn, unreadable or of another version is set aside and begun anew.
    pub(crate) fn open(_settings: &Settings) -> Result<(Self, Opened), Error> {
        Ok((Self, Opened::Rebuilt("not written yet".to_owned())))
    }

    /// Position in the change feed up to which it is complete.
    pub(crate) fn position(&self) -> Seq {
        Seq::default()
    }

    /// Takes notices in, each replacing what was known of it, and moves to a position, in one commit. Blocks.
    pub(crate) fn apply(&self, _entries: &[Entry], _position: Seq) -> Result<(), Error> {
        Ok(())
    }

    /// Forgets everything; the position is 0 again. Blocks.
    pub(crate) fn clear(&self) -> Result<(), Error> {
        Ok(())
    }

    /// Answers a question. Blocks for milliseconds.
    pub(crate) fn find(&self, _find: &Find) -> Result<Found, Error> {
        Ok(Found::default())
    }

    /// The part of each text that fits the words best: about 200 characters, escaped for HTML, hits in `<b>`;
    /// none for a text without hits.
    pub(crate) fn snippets(&self, _words: &Words, texts: &[&str]) -> Vec<Option<String>> {
        vec![None; texts.len()]
    }

    /// Counts and sums of what matches, by one dimension, at most `limit` rows. Blocks for milliseconds.
    pub(crate) fn stats(
        &self,
        _query: &Query,
        _now: Timestamp,
        _by: Dimension,
        _limit: usize,
    ) -> Result<Stats, Error> {
        Ok(Stats::default())
    }

    /// A hash over every notice's id and all that is indexed of it; the same however the index came to be.
    pub(crate) fn digest(&self) -> Result<String, Error> {
        Ok(String::new())
    }

    /// What it holds.
    pub(crate) fn facts(&self) -> Facts {
        Facts::default()
    }
}
