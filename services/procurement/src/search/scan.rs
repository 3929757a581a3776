//! Goes through all matches of a search, block by block.

use tantivy::query::EnableScoring;
use tantivy::{DocId, Searcher};

use super::Error;
use super::columns::Columns;
use super::filter::Check;
use super::view::View;

/// Everything that must hold of a match.
pub(super) struct Matches {
    /// What the index answers.
    pub(super) condition: Box<dyn tantivy::query::Query>,
    /// What the columns answer.
    pub(super) checks: Vec<Check>,
}

/// What is done with the matches of one segment.
pub(super) trait Visitor {
    /// A segment begins.
    fn enter(&mut self, segment: &tantivy::SegmentReader) -> Result<(), Error>;
    /// Matches of it, in rising order.
    fn visit(&mut self, columns: &Columns, docs: &[DocId]);
}

impl Matches {
    /// Shows every match to a visitor.
    pub(super) fn visit(&self, view: &View, visitor: &mut impl Visitor) -> Result<(), Error> {
        let searcher: &Searcher = &view.searcher;
        let weight = self.condition.weight(EnableScoring::disabled_from_searcher(searcher))?;
        let mut kept: Vec<DocId> = Vec::with_capacity(tantivy::COLLECT_BLOCK_BUFFER_LEN);
        for (segment, columns) in searcher.segment_readers().iter().zip(&view.columns) {
            visitor.enter(segment)?;
            let alive = segment.alive_bitset();
            weight.for_each_no_score(segment, &mut |docs| {
                kept.clear();
                match alive {
                    Some(alive) => kept.extend(docs.iter().filter(|doc| alive.is_alive(**doc))),
                    None => kept.extend_from_slice(docs),
                }
                self.checks.iter().for_each(|check| check.keep(columns, &mut kept));
                if !kept.is_empty() {
                    visitor.visit(columns, &kept);
                }
            })?;
        }
        Ok(())
    }
}
