//! Words of one name: a notice of "Oslo universitetssykehus" and "Bærum kommune" is none of "Oslo kommune".

use tantivy::postings::{Postings as _, SegmentPostings};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, Term};

use super::Error;
use super::condition::Condition;
use super::docs::{Docs, is_at};
use super::part::Part;

/// Words that are wanted in one name. In the field each name has a position, which all its words stand at.
#[derive(Debug, Clone)]
pub(super) struct Together {
    words: Vec<Term>,
}

impl Together {
    /// Stems in one name.
    pub(super) fn new(names: Field, stems: &[String]) -> Self {
        Self { words: stems.iter().map(|stem| Term::from_field_text(names, stem)).collect() }
    }

    /// The documents with such a name. Documents that are not `within` may be left out.
    pub(super) fn docs(&self, part: &Part, within: Option<&Docs>) -> Result<Docs, Error> {
        let each = self.words.iter().cloned().map(Condition::Term).collect();
        let candidates = Condition::All(each).docs(part, within)?;
        if self.words.len() < 2 || candidates.is_empty() {
            return Ok(candidates);
        }
        let mut words = Vec::with_capacity(self.words.len());
        for word in &self.words {
            let index = part.reader.inverted_index(word.field())?;
            let postings = index.read_postings(word, IndexRecordOption::WithFreqsAndPositions)?;
            let Some(postings) = postings else { return Ok(Docs::none()) };
            words.push(postings);
        }
        let (mut shared, mut next, mut found) = (Vec::new(), Vec::new(), Vec::new());
        candidates.blocks(|block| {
            let one_has_all = block.iter().filter(|doc| have_name(&mut words, **doc, &mut shared, &mut next));
            found.extend(one_has_all);
        });
        Ok(candidates.like(found, part.reader.max_doc()))
    }
}

/// Whether a name of a document has all words. Documents are asked for in rising order.
fn have_name(words: &mut [SegmentPostings], doc: DocId, shared: &mut Vec<u32>, next: &mut Vec<u32>) -> bool {
    for (at, word) in words.iter_mut().enumerate() {
        if !is_at(word, doc) {
            return false;
        }
        if at == 0 {
            word.positions(shared);
        } else {
            word.positions(next);
            shared.retain(|name| next.contains(name));
        }
        if shared.is_empty() {
            return false;
        }
    }
    true
}
