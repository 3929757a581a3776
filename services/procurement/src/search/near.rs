//! Words side by side.

use std::ops::Range;
use std::sync::Arc;

use tantivy::positions::PositionReader;
use tantivy::postings::{BlockSegmentPostings, Postings as _, SegmentPostings};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet as _, Term};

use super::Error;
use super::bits::Bits;
use super::condition::{Condition, SELDOM};
use super::docs::Docs;
use super::pairs::pair;
use super::part::Part;

/// Words that are wanted side by side, two or more.
#[derive(Debug, Clone)]
pub(super) struct Near {
    words: Vec<Term>,
    /// What every match has: pairs of the words where those are indexed, and the other words.
    needed: Vec<Condition>,
    /// Whether that is all there is to ask.
    exact: bool,
}

impl Near {
    /// Stems side by side in the field of texts.
    pub(super) fn new(text: Field, pairs: Field, stems: &[String]) -> Self {
        let words: Vec<Term> = stems.iter().map(|stem| Term::from_field_text(text, stem)).collect();
        let together: Vec<Option<String>> = stems.windows(2).map(|two| pair(&two[0], &two[1])).collect();
        let in_pair = |at: usize| {
            let pair = |at: Option<usize>| at.and_then(|at| together.get(at)).is_some_and(Option::is_some);
            pair(at.checked_sub(1)) || pair(Some(at))
        };
        let alone = words.iter().enumerate().filter(|(at, _)| !in_pair(*at)).map(|(_, term)| term.clone());
        let mut needed: Vec<Term> = alone.collect();
        needed.extend(together.iter().flatten().map(|pair| Term::from_field_text(pairs, pair)));
        let exact = words.len() == 2 && needed.len() == 1 && together[0].is_some();
        Self { words, needed: needed.into_iter().map(Condition::Term).collect(), exact }
    }

    /// The documents with the words side by side. Documents that are not `within` may be left out.
    pub(super) fn docs(&self, part: &Part, within: Option<&Docs>) -> Result<Docs, Error> {
        let mut candidates = Condition::All(self.needed.clone()).docs(part, within)?;
        if self.exact {
            return Ok(candidates);
        }
        if let Some(within) = within {
            candidates = candidates.and(within.clone());
        }
        let count = candidates.count();
        let mut places = Vec::with_capacity(self.words.len());
        for word in &self.words {
            let Some(of) = Places::open(part, word, count)? else { return Ok(Docs::none()) };
            places.push(of);
        }
        let (mut starts, mut found) = (Vec::new(), Vec::new());
        candidates.blocks(|block| {
            found.extend(block.iter().filter(|doc| are_near(&mut places, **doc, &mut starts)));
        });
        Ok(match candidates {
            Docs::Few(_) => Docs::Few(found),
            Docs::Many(_) => {
                let mut bits = Bits::none(part.reader.max_doc());
                bits.extend(&found);
                Docs::Many(Arc::new(bits))
            }
        })
    }
}

/// Fewer places than this are looked for one by one.
const FEW: usize = 4;

/// Whether a word stands at a place. It adds up all differences: to stop early costs more than it saves.
fn stands(differences: &[u32], wanted: u32) -> bool {
    let (mut place, mut found) = (0, false);
    for difference in differences {
        place += difference;
        found |= place == wanted;
    }
    found
}

/// Keeps the places that a word follows after so many words.
fn retain(starts: &mut Vec<u32>, differences: &[u32], after: u32) {
    let mut differences = differences.iter();
    let mut place = differences.next().copied();
    starts.retain(|start| {
        let wanted = start + after;
        while let Some(at) = place.filter(|at| *at < wanted) {
            place = differences.next().map(|difference| at + difference);
        }
        place == Some(wanted)
    });
}

/// Whether words stand side by side in a document. Documents are asked for in rising order.
fn are_near(words: &mut [Places], doc: DocId, starts: &mut Vec<u32>) -> bool {
    if !words.iter_mut().all(|word| word.find(doc)) {
        return false;
    }
    let with_places = words.iter().zip(0_u32..);
    let Some((fewest, before)) = with_places.min_by_key(|(word, _)| word.differences().len()) else {
        return false;
    };
    starts.clear();
    let mut place = 0;
    starts.extend(fewest.differences().iter().filter_map(|difference| {
        place += difference;
        place.checked_sub(before)
    }));
    for (word, after) in words.iter().zip(0..).filter(|(_, after)| *after != before) {
        let differences = word.differences();
        if starts.len() < FEW {
            starts.retain(|start| stands(differences, start + after));
        } else {
            retain(starts, differences, after);
        }
    }
    !starts.is_empty()
}

/// Where a word stands in documents.
enum Places {
    /// For documents far apart.
    Sought(Box<Sought>),
    /// For most documents.
    Walked(Box<Walk>),
}

impl Places {
    /// The places of a word in about so many documents; none if no document has it.
    fn open(part: &Part, word: &Term, documents: usize) -> Result<Option<Self>, Error> {
        let index = part.reader.inverted_index(word.field())?;
        let Some(info) = index.get_term_info(word)? else { return Ok(None) };
        let option = IndexRecordOption::WithFreqsAndPositions;
        let positions = part.positions.as_ref().filter(|_| documents * SELDOM >= info.doc_freq as usize);
        Ok(Some(match positions {
            None => Self::Sought(Box::new(Sought {
                postings: index.read_postings_from_terminfo(&info, option)?,
                here: Vec::new(),
            })),
            Some(positions) => Self::Walked(Box::new(Walk {
                postings: index.read_block_postings_from_terminfo(&info, IndexRecordOption::WithFreqs)?,
                positions: PositionReader::open(positions.slice(info.positions_range).read_bytes()?)?,
                before: 0,
                at: 0,
                here: 0..0,
                block: Vec::new(),
                is_read: false,
            })),
        }))
    }

    /// Goes to a document; whether the word is in it.
    fn find(&mut self, doc: DocId) -> bool {
        match self {
            Self::Walked(walk) => walk.find(doc),
            Self::Sought(sought) => sought.find(doc),
        }
    }

    /// The places in that document, each as what is added to the one before.
    fn differences(&self) -> &[u32] {
        match self {
            Self::Walked(walk) => walk.block.get(walk.here.clone()).unwrap_or_default(),
            Self::Sought(sought) => &sought.here,
        }
    }
}

/// Looks a document up and reads its places.
struct Sought {
    postings: SegmentPostings,
    here: Vec<u32>,
}

impl Sought {
    fn find(&mut self, doc: DocId) -> bool {
        let at = if self.postings.doc() < doc { self.postings.seek(doc) } else { self.postings.doc() };
        if at != doc {
            return false;
        }
        self.postings.positions(&mut self.here);
        for at in (1..self.here.len()).rev() {
            self.here[at] -= self.here[at - 1];
        }
        true
    }
}

/// Goes through the documents of a word and reads all places of a block of them at once, which is several times as
/// quick as the library's reading of one document after the other.
struct Walk {
    postings: BlockSegmentPostings,
    positions: PositionReader,
    /// Places before this block.
    before: u64,
    /// The document in the block.
    at: usize,
    /// Its places in the block.
    here: Range<usize>,
    /// Places of this block as differences, once they are read; what follows them is left from an earlier one.
    block: Vec<u32>,
    is_read: bool,
}

impl Walk {
    fn find(&mut self, doc: DocId) -> bool {
        let sum = |frequencies: &[u32]| frequencies.iter().sum::<u32>();
        while self.postings.docs().last().is_some_and(|last| *last < doc) {
            self.before += u64::from(sum(self.postings.freqs()));
            self.postings.advance();
            (self.at, self.here, self.is_read) = (0, 0..0, false);
        }
        let (docs, frequencies) = (self.postings.docs(), self.postings.freqs());
        let (mut at, mut begin) = (self.at, self.here.start);
        for (before, frequency) in docs[at..].iter().zip(&frequencies[at..]) {
            if *before >= doc {
                break;
            }
            begin += *frequency as usize;
            at += 1;
        }
        self.at = at;
        self.here = begin..begin;
        if docs.get(self.at) != Some(&doc) {
            return false;
        }
        self.here.end += frequencies[self.at] as usize;
        if !self.is_read {
            let count = sum(frequencies) as usize;
            if self.block.len() < count {
                self.block.resize(count, 0);
            }
            self.positions.read(self.before, &mut self.block[..count]);
            self.is_read = true;
        }
        true
    }
}
