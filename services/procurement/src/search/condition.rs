//! What the words and codes of a notice are asked, and which documents of a segment it holds for.
//!
//! Everything is answered in full, because matches are counted exactly: words that many notices have as bits, a
//! handful of machine words for thousands of notices, others as lists. What is dear comes last and looks only at
//! documents that are left.

use std::sync::Arc;

use tantivy::Term;
use tantivy::schema::{Field, IndexRecordOption};

use super::Error;
use super::bits::Bits;
use super::docs::{Docs, is_at};
use super::near::Near;
use super::part::Part;
use super::together::Together;

/// A word of so many documents in so few is kept as bits: both take the same memory then.
pub(super) const COMMON: u32 = 32;

/// A document among so many of a word is looked for; where there are more, the word is read.
pub(super) const SELDOM: usize = 16;

/// A condition on words and codes.
#[derive(Debug, Clone)]
pub(super) enum Condition {
    /// Always holds.
    Everything,
    /// A word or code.
    Term(Term),
    /// One of some.
    Any(Vec<Self>),
    /// All of some.
    All(Vec<Self>),
    /// One, and none of others.
    Except(Box<Self>, Vec<Self>),
    /// Words side by side.
    Near(Near),
    /// Words of one name.
    Together(Together),
    /// A word that begins so, in one of two fields.
    Beginning([Field; 2], String),
}

impl Condition {
    /// The documents it holds for. Documents that are not `within` may be left out.
    pub(super) fn docs(&self, part: &Part, within: Option<&Docs>) -> Result<Docs, Error> {
        match self {
            Self::Everything => Ok(Docs::Many(Arc::clone(&part.shown))),
            Self::Term(term) => with_term(part, term, within),
            Self::Any(some) => {
                let mut found = Docs::none();
                for one in some {
                    found = found.or(one.docs(part, within)?);
                }
                Ok(found)
            }
            Self::All(all) => {
                let mut all =
                    all.iter().map(|one| Ok((one.cost(part)?, one))).collect::<Result<Vec<_>, Error>>()?;
                all.sort_by_key(|(cost, _)| *cost);
                let mut found: Option<Docs> = None;
                for (_, one) in all {
                    let next = one.docs(part, found.as_ref().or(within))?;
                    let both = match found {
                        Some(found) => found.and(next),
                        None => next,
                    };
                    if both.is_empty() {
                        return Ok(both);
                    }
                    found = Some(both);
                }
                Ok(found.unwrap_or_else(Docs::none))
            }
            Self::Except(wanted, unwanted) => {
                let mut found = wanted.docs(part, within)?;
                for one in unwanted {
                    let unwanted = one.docs(part, Some(&found))?;
                    found = found.without(&unwanted);
                }
                Ok(found)
            }
            Self::Near(near) => near.docs(part, within),
            Self::Together(words) => words.docs(part, within),
            Self::Beginning(fields, beginning) => begins(part, *fields, beginning),
        }
    }

    /// About how many documents have to be read.
    fn cost(&self, part: &Part) -> Result<u64, Error> {
        // What looks only at documents that are left comes last, whatever it costs.
        const LATE: u64 = 1 << 32;
        Ok(match self {
            Self::Everything => 0,
            Self::Term(term) => part.reader.inverted_index(term.field())?.doc_freq(term)?.into(),
            Self::Any(some) | Self::All(some) => {
                let mut sum = 0;
                for one in some {
                    sum += one.cost(part)?;
                }
                sum
            }
            Self::Except(wanted, _) => wanted.cost(part)?,
            Self::Beginning(..) => LATE,
            Self::Near(_) | Self::Together(_) => 2 * LATE,
        })
    }
}

/// The documents with a word or code.
fn with_term(part: &Part, term: &Term, within: Option<&Docs>) -> Result<Docs, Error> {
    let index = part.reader.inverted_index(term.field())?;
    let Some(info) = index.get_term_info(term)? else { return Ok(Docs::none()) };
    let documents = part.reader.max_doc();
    let common = info.doc_freq > documents / COMMON;
    if let Some(bits) = common.then(|| part.kept.docs(term)).flatten() {
        return Ok(Docs::Many(bits));
    }
    if let Some(Docs::Few(docs)) = within
        && docs.len() * SELDOM < info.doc_freq as usize
    {
        let mut postings = index.read_postings_from_terminfo(&info, IndexRecordOption::Basic)?;
        return Ok(Docs::Few(docs.iter().copied().filter(|doc| is_at(&mut postings, *doc)).collect()));
    }
    let mut postings = index.read_block_postings_from_terminfo(&info, IndexRecordOption::Basic)?;
    if !common {
        let mut docs = Vec::with_capacity(info.doc_freq as usize);
        while !postings.docs().is_empty() {
            docs.extend_from_slice(postings.docs());
            postings.advance();
        }
        return Ok(Docs::Few(docs));
    }
    let mut bits = Bits::none(documents);
    while !postings.docs().is_empty() {
        bits.extend(postings.docs());
        postings.advance();
    }
    let bits = Arc::new(bits);
    part.kept.keep_docs(term, &bits);
    Ok(Docs::Many(bits))
}

/// The documents with a word that begins so: a stem does for every word it stands for, because a stem is the
/// beginning of its words, and where the letters reach into the ending, the inflected form does.
fn begins(part: &Part, fields: [Field; 2], beginning: &str) -> Result<Docs, Error> {
    let mut found = Bits::none(part.reader.max_doc());
    // No character sorts after the end of this range and begins with these letters.
    let end = format!("{beginning}\u{10ffff}");
    for field in fields {
        let index = part.reader.inverted_index(field)?;
        let mut terms = index.terms().range().ge(beginning).le(&end).into_stream()?;
        let mut postings = None;
        while terms.advance() {
            let postings = match &mut postings {
                Some(postings) => {
                    index.reset_block_postings_from_terminfo(terms.value(), postings)?;
                    postings
                }
                none => none.insert(
                    index.read_block_postings_from_terminfo(terms.value(), IndexRecordOption::Basic)?,
                ),
            };
            while !postings.docs().is_empty() {
                found.extend(postings.docs());
                postings.advance();
            }
        }
    }
    Ok(Docs::Many(Arc::new(found)))
}
