//! Relevance: BM25 over all words of a notice, with statistics that can be frozen between two pages.
//!
//! Scores are summed in the order of the words, so that equal statistics give equal scores, bit for bit,
//! whatever the segments look like.

use std::sync::Arc;

use tantivy::postings::{Postings as _, SegmentPostings};
use tantivy::query::{Bm25StatisticsProvider as _, Bm25Weight};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet as _, Searcher, Term};

use super::Error;
use super::condition::{COMMON, SELDOM};
use super::kept::Frequencies;
use super::part::Part;

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

    /// Readers for about so many documents of one segment.
    pub(super) fn open<'a>(&self, part: &'a Part, documents: usize) -> Result<Scores<'a>, Error> {
        let mut words = Vec::with_capacity(self.words.len());
        for (term, weight) in &self.words {
            if let Some(word) = Word::open(part, self.field, term, documents)? {
                words.push((word, weight.clone()));
            }
        }
        Ok(Scores { lengths: &part.columns.lengths, words })
    }
}

/// How often a word occurs in documents.
enum Word {
    /// Kept for all documents.
    Kept(Arc<Frequencies>),
    /// Read for those asked for.
    Read(Box<SegmentPostings>),
}

impl Word {
    fn open(part: &Part, field: Field, term: &Term, documents: usize) -> Result<Option<Self>, Error> {
        if let Some(kept) = part.kept.frequencies(term) {
            return Ok(Some(Self::Kept(kept)));
        }
        let index = part.reader.inverted_index(field)?;
        let Some(info) = index.get_term_info(term)? else { return Ok(None) };
        let (with, all) = (info.doc_freq, part.reader.max_doc());
        if with <= all / COMMON || documents * SELDOM < with as usize {
            let postings = index.read_postings_from_terminfo(&info, IndexRecordOption::WithFreqs)?;
            return Ok(Some(Self::Read(Box::new(postings))));
        }
        let mut frequencies = Frequencies::none(all);
        let mut postings = index.read_block_postings_from_terminfo(&info, IndexRecordOption::WithFreqs)?;
        while !postings.docs().is_empty() {
            frequencies.set(postings.docs(), postings.freqs());
            postings.advance();
        }
        let frequencies = Arc::new(frequencies);
        part.kept.keep_frequencies(term, &frequencies);
        Ok(Some(Self::Kept(frequencies)))
    }
}

/// Scores of the documents of one segment.
pub(super) struct Scores<'a> {
    lengths: &'a [u8],
    words: Vec<(Word, Bm25Weight)>,
}

impl Scores<'_> {
    /// The scores of documents; blocks and the documents in them come in rising order.
    pub(super) fn of(&mut self, docs: &[DocId], scores: &mut Vec<f32>) {
        scores.clear();
        scores.resize(docs.len(), 0.0);
        let lengths = self.lengths;
        for (word, weight) in &mut self.words {
            let each = docs.iter().zip(scores.iter_mut());
            match word {
                // A word that does not occur adds nothing: its score is 0.
                Word::Kept(kept) => each.for_each(|(doc, score)| {
                    *score += weight.score(lengths[*doc as usize], kept.of(*doc));
                }),
                Word::Read(postings) => each.for_each(|(doc, score)| {
                    let at = if postings.doc() < *doc { postings.seek(*doc) } else { postings.doc() };
                    if at == *doc {
                        *score += weight.score(lengths[*doc as usize], postings.term_freq());
                    }
                }),
            }
        }
    }
}
