//! Words that begin with given letters: stems do so for every word they stand for, because a stem is the beginning
//! of its words, and where the letters reach into the ending, the inflected form does.

use tantivy::query::{BitSetDocSet, ConstScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{BitSet, DocId, DocSet as _, Score, SegmentReader, TantivyError};

/// Matches notices with a word that begins so.
#[derive(Debug, Clone)]
pub(super) struct Beginning {
    /// The fields to look in.
    pub(super) fields: [Field; 2],
    /// The letters, folded.
    pub(super) beginning: String,
}

impl Query for Beginning {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for Beginning {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let mut found = BitSet::with_max_value(segment.max_doc());
        // No character sorts after the end of this range and begins with these letters.
        let end = format!("{}\u{10ffff}", self.beginning);
        for field in self.fields {
            let index = segment.inverted_index(field)?;
            let mut terms = index.terms().range().ge(&self.beginning).le(&end).into_stream()?;
            while terms.advance() {
                let mut postings =
                    index.read_block_postings_from_terminfo(terms.value(), IndexRecordOption::Basic)?;
                while !postings.docs().is_empty() {
                    for doc in postings.docs() {
                        found.insert(*doc);
                    }
                    postings.advance();
                }
            }
        }
        Ok(Box::new(ConstScorer::new(BitSetDocSet::from(found), boost)))
    }

    fn explain(&self, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        if self.scorer(segment, 1.0)?.seek(doc) == doc {
            Ok(Explanation::new("beginning", 1.0))
        } else {
            Err(TantivyError::InvalidArgument(format!("document {doc} has no such word")))
        }
    }
}
