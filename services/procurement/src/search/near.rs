//! Words side by side.

use std::sync::Arc;

use tantivy::postings::{Postings as _, SegmentPostings};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, Term};

use super::Error;
use super::condition::{COMMON, Condition, SELDOM};
use super::docs::{Docs, is_at};
use super::pairs::pair;
use super::part::Part;
use super::places::Places;

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
        let mut words = Vec::with_capacity(self.words.len());
        for word in &self.words {
            let Some(word) = Word::open(part, word, count)? else { return Ok(Docs::none()) };
            words.push(word);
        }
        let (mut starts, mut next, mut found) = (Vec::new(), Vec::new(), Vec::new());
        candidates.blocks(|block| match words.as_mut_slice() {
            [Word::Kept(one, _), Word::Kept(other, _)] => {
                found.extend(block.iter().filter(|doc| follows(one.of(**doc), other.of(**doc))));
            }
            words => {
                let near = block.iter().filter(|doc| are_near(words, **doc, &mut starts, &mut next));
                found.extend(near);
            }
        });
        Ok(candidates.like(found, part.reader.max_doc()))
    }
}

/// Fewer places than this are looked for one by one.
const FEW: usize = 4;

/// Whether a word follows another one, given the differences of their places: what most quotations ask for.
fn follows(one: &[u16], other: &[u16]) -> bool {
    let mut place = 0;
    if one.len() < other.len() {
        one.iter().any(|difference| {
            place += u32::from(*difference);
            stands(other, place + 1)
        })
    } else {
        other.iter().any(|difference| {
            place += u32::from(*difference);
            place > 0 && stands(one, place - 1)
        })
    }
}

/// Whether a word stands at a place. It adds up all differences: to stop early costs more than it saves.
fn stands(differences: &[u16], wanted: u32) -> bool {
    let (mut place, mut found) = (0, false);
    for difference in differences {
        place += u32::from(*difference);
        found |= place == wanted;
    }
    found
}

/// Whether words stand side by side in a document. Documents are asked for in rising order.
fn are_near(words: &mut [Word], doc: DocId, starts: &mut Vec<u32>, next: &mut Vec<u32>) -> bool {
    if !words.iter_mut().all(|word| word.find(doc)) {
        return false;
    }
    let with_places = words.iter().zip(0_u32..);
    let Some((fewest, before)) = with_places.min_by_key(|(word, _)| word.len()) else { return false };
    fewest.places(starts);
    if before > 0 {
        starts.retain(|start| *start >= before);
        for start in starts.iter_mut() {
            *start -= before;
        }
    }
    for (word, after) in words.iter().zip(0..).filter(|(_, after)| *after != before) {
        if starts.len() < FEW {
            starts.retain(|start| word.stands(start + after));
            continue;
        }
        word.places(next);
        let mut at = 0;
        starts.retain(|start| {
            while next.get(at).is_some_and(|place| *place < start + after) {
                at += 1;
            }
            next.get(at) == Some(&(start + after))
        });
    }
    !starts.is_empty()
}

/// A word in the document that was last looked for.
enum Word {
    /// One whose places are looked up, for few documents.
    Sought(Box<Sought>),
    /// One whose places are kept.
    Kept(Arc<Places>, DocId),
}

/// Looks a document up and reads its places.
struct Sought {
    postings: SegmentPostings,
    places: Vec<u32>,
}

impl Word {
    /// A word in about so many documents; none if no document has it.
    fn open(part: &Part, word: &Term, documents: usize) -> Result<Option<Self>, Error> {
        if let Some(kept) = part.kept.places(word) {
            return Ok(Some(Self::Kept(kept, 0)));
        }
        let index = part.reader.inverted_index(word.field())?;
        let Some(info) = index.get_term_info(word)? else { return Ok(None) };
        let (with, all) = (info.doc_freq, part.reader.max_doc());
        let read = with > all / COMMON && documents * SELDOM >= with as usize;
        if let Some(positions) = part.positions.as_ref().filter(|_| read)
            && let Some(places) = Places::read(&index, &info, positions, all)?
        {
            let places = Arc::new(places);
            part.kept.keep_places(word, &places);
            return Ok(Some(Self::Kept(places, 0)));
        }
        let option = IndexRecordOption::WithFreqsAndPositions;
        let postings = index.read_postings_from_terminfo(&info, option)?;
        Ok(Some(Self::Sought(Box::new(Sought { postings, places: Vec::new() }))))
    }

    /// Goes to a document; whether the word is in it.
    fn find(&mut self, doc: DocId) -> bool {
        match self {
            Self::Kept(kept, at) => {
                *at = doc;
                !kept.of(doc).is_empty()
            }
            Self::Sought(sought) => {
                let Sought { postings, places } = &mut **sought;
                let found = is_at(postings, doc);
                if found {
                    postings.positions(places);
                }
                found
            }
        }
    }

    /// How often it stands there.
    fn len(&self) -> usize {
        match self {
            Self::Kept(kept, doc) => kept.of(*doc).len(),
            Self::Sought(sought) => sought.places.len(),
        }
    }

    /// Where it stands.
    fn places(&self, places: &mut Vec<u32>) {
        places.clear();
        match self {
            Self::Kept(kept, doc) => {
                let mut place = 0;
                places.extend(kept.of(*doc).iter().map(|difference| {
                    place += u32::from(*difference);
                    place
                }));
            }
            Self::Sought(sought) => places.extend_from_slice(&sought.places),
        }
    }

    /// Whether it stands at a place.
    fn stands(&self, wanted: u32) -> bool {
        match self {
            Self::Kept(kept, doc) => stands(kept.of(*doc), wanted),
            Self::Sought(sought) => sought.places.contains(&wanted),
        }
    }
}
