//! What a search sees: one commit, with its columns in memory.

use std::collections::HashMap;

use tantivy::Searcher;
use tantivy::index::SegmentId;

use super::Error;
use super::names::Names;
use super::part::Part;
use super::schema::Fields;
use crate::domain::Seq;

/// One commit.
pub(super) struct View {
    /// How common words are.
    pub(super) searcher: Searcher,
    /// The segments.
    pub(super) parts: Vec<Part>,
    /// The words columns count by.
    pub(super) names: Names,
    /// Position in the feed up to which it is complete.
    pub(super) position: Seq,
}

impl View {
    /// Reads the segments that an earlier view did not have.
    pub(super) fn new(
        searcher: Searcher,
        fields: &Fields,
        position: Seq,
        before: Option<&Self>,
    ) -> Result<Self, Error> {
        let known = before.into_iter().flat_map(|view| &view.parts);
        let known: HashMap<SegmentId, &Part> = known.map(|part| (part.reader.segment_id(), part)).collect();
        let mut names = before.map(|view| view.names.clone()).unwrap_or_default();
        let mut parts = Vec::with_capacity(searcher.segment_readers().len());
        for segment in searcher.segment_readers() {
            parts.push(match known.get(&segment.segment_id()) {
                Some(known) => known.again(segment),
                None => Part::read(segment, fields, &mut names)?,
            });
        }
        Ok(Self { searcher, parts, names, position })
    }
}
