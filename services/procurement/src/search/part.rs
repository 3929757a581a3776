//! One segment as a search sees it: which of its documents are shown, and what is kept of it in memory.

use std::sync::Arc;

use tantivy::SegmentReader;
use tantivy::directory::{CompositeFile, FileSlice};
use tantivy::index::SegmentComponent;

use super::Error;
use super::bits::Bits;
use super::columns::Columns;
use super::kept::Kept;
use super::names::Names;
use super::schema::Fields;
use super::tally::Totals;

/// A segment.
pub(super) struct Part {
    /// Its words and codes.
    pub(super) reader: SegmentReader,
    /// Its columns.
    pub(super) columns: Arc<Columns>,
    /// The documents that are neither deleted nor hidden.
    pub(super) shown: Arc<Bits>,
    /// Where the words of texts stand; none where no notice has a text.
    pub(super) positions: Option<FileSlice>,
    /// The common words that were asked for.
    pub(super) kept: Arc<Kept>,
    /// Counts of the documents that are shown.
    pub(super) totals: Totals,
}

impl Part {
    /// Reads a segment and numbers the words it brings.
    pub(super) fn read(reader: &SegmentReader, fields: &Fields, names: &mut Names) -> Result<Self, Error> {
        let columns = Arc::new(Columns::read(reader, fields, names)?);
        // Without the file of its own, positions are read through the library, which is slower.
        let positions = reader.open_read(SegmentComponent::Positions).ok();
        let positions = positions.map(|file| CompositeFile::open(&file)).transpose()?;
        Ok(Self {
            shown: Arc::new(shown(reader, &columns)),
            positions: positions.and_then(|file| file.open_read(fields.text)),
            kept: Arc::new(Kept::new(reader.max_doc())),
            totals: Totals::default(),
            reader: reader.clone(),
            columns,
        })
    }

    /// The same segment, of which more may have been deleted.
    pub(super) fn again(&self, reader: &SegmentReader) -> Self {
        let (shown, totals) = if reader.num_deleted_docs() == self.reader.num_deleted_docs() {
            (Arc::clone(&self.shown), self.totals.clone())
        } else {
            let shown = shown(reader, &self.columns);
            let mut gone = Bits::clone(&self.shown);
            gone.subtract(&shown);
            (Arc::new(shown), self.totals.without(&self.columns, &gone))
        };
        Self {
            shown,
            totals,
            reader: reader.clone(),
            columns: Arc::clone(&self.columns),
            positions: self.positions.clone(),
            kept: Arc::clone(&self.kept),
        }
    }
}

fn shown(reader: &SegmentReader, columns: &Columns) -> Bits {
    let hidden = |doc| columns.hidden(doc as usize);
    match reader.alive_bitset() {
        Some(alive) => Bits::of(reader.max_doc(), |doc| alive.is_alive(doc) && !hidden(doc)),
        None => Bits::of(reader.max_doc(), |doc| !hidden(doc)),
    }
}
