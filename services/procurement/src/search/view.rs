//! What a search sees: one commit, with its columns in memory.

use std::collections::HashMap;
use std::sync::Arc;

use tantivy::Searcher;
use tantivy::index::SegmentId;

use super::Error;
use super::columns::Columns;
use super::names::Names;
use crate::domain::Seq;

/// One commit.
#[derive(Clone)]
pub(super) struct View {
    /// The segments.
    pub(super) searcher: Searcher,
    /// Their columns, in the same order.
    pub(super) columns: Vec<Arc<Columns>>,
    /// The words columns count by.
    pub(super) names: Names,
    /// Position in the feed up to which it is complete.
    pub(super) position: Seq,
}

impl View {
    /// Reads the columns of segments that an earlier view did not have.
    pub(super) fn new(searcher: Searcher, position: Seq, before: Option<&Self>) -> Result<Self, Error> {
        let known: HashMap<SegmentId, &Arc<Columns>> = before
            .into_iter()
            .flat_map(|view| view.searcher.segment_readers().iter().zip(&view.columns))
            .map(|(segment, columns)| (segment.segment_id(), columns))
            .collect();
        let mut names = before.map(|view| view.names.clone()).unwrap_or_default();
        let mut columns = Vec::with_capacity(searcher.segment_readers().len());
        for segment in searcher.segment_readers() {
            columns.push(match known.get(&segment.segment_id()) {
                Some(known) => Arc::clone(known),
                None => Arc::new(Columns::read(segment, &mut names)?),
            });
        }
        Ok(Self { searcher, columns, names, position })
    }
}
