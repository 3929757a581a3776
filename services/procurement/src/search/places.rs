//! Where a common word stands in each document of a segment.

use tantivy::DocId;
use tantivy::directory::FileSlice;
use tantivy::index::InvertedIndexReader;
use tantivy::positions::PositionReader;
use tantivy::postings::TermInfo;
use tantivy::schema::IndexRecordOption;

use super::Error;

/// The places of a word by document, as differences: the first is a place, each other one is added to the one before.
#[derive(Debug)]
pub(super) struct Places {
    /// Where each document's differences begin, and one more.
    begins: Vec<u32>,
    differences: Vec<u16>,
}

impl Places {
    /// Reads all places of a word, a block of documents at a time, which is several times as quick as the library's
    /// reading of one document after the other. None where a difference is too large to be kept.
    pub(super) fn read(
        index: &InvertedIndexReader,
        info: &TermInfo,
        positions: &FileSlice,
        documents: u32,
    ) -> Result<Option<Self>, Error> {
        let mut postings = index.read_block_postings_from_terminfo(info, IndexRecordOption::WithFreqs)?;
        let mut reader = PositionReader::open(positions.slice(info.positions_range.clone()).read_bytes()?)?;
        let mut places = Self { begins: Vec::with_capacity(documents as usize + 1), differences: Vec::new() };
        let (mut before, mut block) = (0, Vec::new());
        while !postings.docs().is_empty() {
            for (doc, frequency) in postings.docs().iter().zip(postings.freqs()) {
                places.begins.resize(*doc as usize + 1, before);
                before += frequency;
            }
            let read = places.differences.len();
            block.resize(before as usize - read, 0);
            reader.read(read as u64, &mut block);
            let mut all_fit = true;
            places.differences.extend(block.iter().map(|difference| {
                let fits = u16::try_from(*difference);
                all_fit &= fits.is_ok();
                fits.unwrap_or_default()
            }));
            if !all_fit {
                return Ok(None);
            }
            postings.advance();
        }
        places.begins.resize(documents as usize + 1, before);
        Ok(Some(places))
    }

    /// The places in a document; empty where the word is not in it.
    pub(super) fn of(&self, doc: DocId) -> &[u16] {
        &self.differences[self.begins[doc as usize] as usize..self.begins[doc as usize + 1] as usize]
    }

    /// Memory they take, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.begins.len() * 4 + self.differences.len() * 2
    }
}
