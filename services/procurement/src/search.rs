//! The search index: derived from the change feed, one a replica, disposable.

mod absent;
mod analysis;
mod answer;
mod bits;
mod columns;
mod condition;
mod cursor;
#[cfg(test)]
mod digest;
mod docs;
mod entry;
mod error;
mod facets;
mod feed;
mod filter;
mod find;
mod fold;
mod kept;
mod names;
mod near;
mod open;
mod order;
mod pairs;
mod part;
mod payload;
mod places;
mod plan;
mod record;
mod scan;
mod schema;
mod score;
mod snippet;
mod standing;
mod statistics;
mod tally;
#[cfg(test)]
mod tests;
mod together;
mod view;
mod words;
mod writer;

use std::path::PathBuf;

use arc_swap::ArcSwap;
use jiff::Timestamp;

use crate::domain::{Query, Seq, Words};
use plan::Plan;
use schema::Fields;
use snippet::Marker;
use view::View;
use writer::Writer;

pub(crate) use absent::Absent;
pub(crate) use entry::Entry;
pub(crate) use error::Error;
#[cfg(test)]
pub(crate) use feed::fill;
pub(crate) use feed::{Feed, Progress, Source};
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
pub(crate) struct Index {
    dir: PathBuf,
    fields: Fields,
    view: ArcSwap<View>,
    writer: Writer,
}

impl Index {
    /// Opens the index. One that is missing, torn, unreadable or of another version is set aside and begun
    /// anew; where nothing can be written, in memory.
    pub(crate) fn open(settings: &Settings) -> Result<(Self, Opened), Error> {
        let open::Open { index, reader, view, fields, opened, mark } = open::open(&settings.dir)?;
        let writer = Writer::new(index, reader, settings.memory, mark);
        let view = ArcSwap::from_pointee(view);
        Ok((Self { dir: settings.dir.clone(), fields, view, writer }, opened))
    }

    /// Position in the change feed up to which it is complete.
    pub(crate) fn position(&self) -> Seq {
        self.view.load().position
    }

    /// Takes notices in, each replacing what was known of it, and moves to a position, in one commit. Blocks.
    #[cfg(test)]
    pub(crate) fn apply(&self, entries: &[Entry], position: Seq) -> Result<(), Error> {
        self.stage(entries)?;
        self.commit(position)
    }

    /// Takes notices in without showing them yet. What is not committed is lost with the process, and with the
    /// next error. Blocks.
    pub(crate) fn stage(&self, entries: &[Entry]) -> Result<(), Error> {
        self.writer.stage(&self.fields, entries)
    }

    /// Shows what was staged and moves to a position, durably. Blocks.
    pub(crate) fn commit(&self, position: Seq) -> Result<(), Error> {
        self.commit_marked(position, 0)
    }

    /// The same, and marks the position with what is there.
    pub(crate) fn commit_marked(&self, position: Seq, mark: u64) -> Result<(), Error> {
        self.writer.commit(&self.fields, position, mark, &self.view)
    }

    /// What its position was marked with, 0 if with nothing.
    pub(crate) fn mark(&self) -> u64 {
        self.writer.mark()
    }

    /// Shows segments that were merged since the last commit. Blocks for milliseconds.
    pub(crate) fn settle(&self) -> Result<(), Error> {
        self.writer.settle(&self.fields, &self.view)
    }

    /// Forgets everything; the position is 0 again. Blocks.
    pub(crate) fn clear(&self) -> Result<(), Error> {
        self.writer.clear()?;
        self.commit(Seq::default())
    }

    /// Answers a question. Blocks for milliseconds.
    pub(crate) fn find(&self, find: &Find) -> Result<Found, Error> {
        answer::find(&self.view.load(), &self.fields, find)
    }

    /// What a search filters by and no notice carries.
    pub(crate) fn absent(&self, query: &Query) -> Result<Vec<Absent>, Error> {
        absent::absent(&self.view.load(), &self.fields, query)
    }

    /// The part of each text that fits the words best: about 200 characters, escaped for HTML, hits in `<b>`;
    /// none for a text without hits.
    #[expect(clippy::unused_self, reason = "how words are read is the index's business")]
    pub(crate) fn snippets(&self, words: &Words, texts: &[&str]) -> Vec<Option<String>> {
        let marker = Marker::new(&Plan::new(Some(words)));
        texts.iter().map(|text| marker.snippet(text)).collect()
    }

    /// Counts and sums of what matches, by one dimension, at most `limit` rows. Blocks for milliseconds.
    pub(crate) fn stats(
        &self,
        query: &Query,
        now: Timestamp,
        by: Dimension,
        limit: usize,
    ) -> Result<Stats, Error> {
        statistics::stats(&self.view.load(), &self.fields, query, now, by, limit)
    }

    /// A hash over every notice's id and all that is indexed of it; the same however the index came to be.
    #[cfg(test)]
    pub(crate) fn digest(&self) -> Result<String, Error> {
        digest::digest(&self.view.load())
    }

    /// What it holds.
    pub(crate) fn facts(&self) -> Facts {
        let view = self.view.load();
        Facts {
            documents: usize::try_from(view.searcher.num_docs()).unwrap_or(usize::MAX),
            bytes: size(&self.dir),
            segments: view.parts.len(),
        }
    }
}

/// Bytes of the files in a directory.
fn size(dir: &std::path::Path) -> u64 {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.metadata().ok()).map(|file| file.len()).sum()
}
