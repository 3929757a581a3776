//! Relevance: BM25 over all words of a notice, with statistics that can be frozen between two pages.
//!
//! Scores are summed in the order of the words, so that equal statistics give equal scores, bit for bit,
//! whatever the segments look like.

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{Postings as _, SegmentPostings};
use tantivy::query::{Bm25StatisticsProvider as _, Bm25Weight};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet as _, Searcher, SegmentReader, Term};

use super::Error;

/// How common words are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statistics {
    /// Notices.
    pub(super) notices: u64,
    /// Words in all of them.
    pub(super) words: u64,
    /// Notices with each of the words asked for.
    pub(super) with: Vec<u64>,
}

impl Statistics {
    /// Counts.
    pub(super) fn count(searcher: &Searcher, field: Field, stems: &[String]) -> Result<Self, Error> {
        let with = stems.iter().map(|stem| searcher.doc_freq(&Term::from_field_text(field, stem)));
        Ok(Self {
            notices: searcher.total_num_docs()?,
            words: searcher.total_num_tokens(field)?,
            with: with.collect::<Result<_, _>>()?,
        })
    }

    /// Whether they can be those of some index.
    pub(super) fn are_possible(&self) -> bool {
        self.with.iter().all(|with| *with <= self.notices)
    }
}

/// What the words asked for weigh.
pub(super) struct Weights {
    field: Field,
    words: Vec<(Term, Bm25Weight)>,
}

impl Weights {
    /// Weighs words by how common they are.
    pub(super) fn new(field: Field, stems: &[String], statistics: &Statistics) -> Self {
        let Statistics { notices, words, with } = statistics;
        #[expect(clippy::cast_precision_loss, reason = "an average of lengths")]
        let length = (*words as f64 / (*notices).max(1) as f64).max(1.0);
        #[expect(clippy::cast_possible_truncation, reason = "an average of lengths")]
        let length = length as f32;
        let weigh = |with: &u64| Bm25Weight::for_one_term_without_explain(*with, *notices, length);
        let terms = stems.iter().map(|stem| Term::from_field_text(field, stem));
        Self { field, words: terms.zip(with.iter().map(weigh)).collect() }
    }

    /// Readers for one segment.
    pub(super) fn open(&self, segment: &SegmentReader) -> Result<Scores, Error> {
        let index = segment.inverted_index(self.field)?;
        let mut words = Vec::with_capacity(self.words.len());
        for (term, weight) in &self.words {
            if let Some(postings) = index.read_postings(term, IndexRecordOption::WithFreqs)? {
                words.push((postings, weight.clone()));
            }
        }
        Ok(Scores { lengths: segment.get_fieldnorms_reader(self.field)?, words })
    }
}

/// Scores of the documents of one segment.
pub(super) struct Scores {
    lengths: FieldNormReader,
    words: Vec<(SegmentPostings, Bm25Weight)>,
}

impl Scores {
    /// The scores of documents; blocks and the documents in them come in rising order.
    pub(super) fn of(&mut self, docs: &[DocId], scores: &mut Vec<f32>) {
        scores.clear();
        scores.resize(docs.len(), 0.0);
        for (postings, weight) in &mut self.words {
            for (doc, score) in docs.iter().zip(scores.iter_mut()) {
                if postings.doc() < *doc {
                    postings.seek(*doc);
                }
                if postings.doc() == *doc {
                    *score += weight.score(self.lengths.fieldnorm_id(*doc), postings.term_freq());
                }
            }
        }
    }
}
