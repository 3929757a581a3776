//! Where an answer ended, so that the next one goes on there, on any replica.
//!
//! It carries the last match's place, the feed position and the moment the first page was asked at (later
//! notices stay out, passing deadlines change nothing) and, for relevance, how common the words were then (so
//! scores do not drift). It begins with a checksum: not against forgers, who gain nothing, but so that a
//! cursor that was cut or mistyped is told from a good one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::order::Place;
use super::record::nanoseconds;
use super::score::Statistics;
use crate::domain::{Invalid, Query, Seq};

/// Version of the form below.
const VERSION: u8 = 1;

/// Longest cursor that is read, in characters. One of 250 words, all that a search can hold, has 2,755.
const LONGEST: usize = 4096;

/// Where an answer ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cursor {
    /// Place of the last match.
    pub(super) last: Place,
    /// Position of the feed that the first page saw.
    pub(super) seen_by: Seq,
    /// When the first page was asked for.
    pub(super) now: Timestamp,
    /// How common the words were, for relevance.
    pub(super) statistics: Option<Statistics>,
}

impl Cursor {
    /// Writes the cursor of a query.
    pub(super) fn write(&self, query: &Query) -> String {
        let mut body = vec![VERSION];
        body.extend(print(query));
        for number in [self.last.rank, self.last.tie] {
            body.extend(number.to_be_bytes());
        }
        body.extend(self.seen_by.0.to_be_bytes());
        body.extend(nanoseconds(self.now).to_be_bytes());
        if let Some(Statistics { notices, words, with }) = &self.statistics {
            [notices, words].into_iter().chain(with).for_each(|n| body.extend(n.to_be_bytes()));
        }
        let mut whole = checksum(&body).to_vec();
        whole.extend(body);
        URL_SAFE_NO_PAD.encode(whole)
    }

    /// Reads a cursor that was written for this query, with statistics of so many words where the order needs them.
    pub(super) fn read(text: &str, query: &Query, words: Option<usize>) -> Result<Self, Invalid> {
        let none = || Invalid::new("cursor", "is not a cursor of this service, or was cut or changed");
        let short = (text.len() <= LONGEST).then_some(text).ok_or_else(none)?;
        let whole = URL_SAFE_NO_PAD.decode(short.trim_matches(' ')).map_err(|_| none())?;
        let (sum, body) = whole.split_first_chunk::<8>().ok_or_else(none)?;
        if checksum(body) != *sum {
            return Err(none());
        }
        let (&version, body) = body.split_first().ok_or_else(none)?;
        if version != VERSION {
            return Err(Invalid::new(
                "cursor",
                "is of another version of this service; begin again without it",
            ));
        }
        let (of, body) = body.split_first_chunk::<8>().ok_or_else(none)?;
        if *of != print(query) {
            let problem = "belongs to another search; keep every filter and the order as they were, or begin again without it";
            return Err(Invalid::new("cursor", problem));
        }
        let (numbers, []) = body.as_chunks::<8>() else { return Err(none()) };
        let numbers: Vec<u64> = numbers.iter().map(|bytes| u64::from_be_bytes(*bytes)).collect();
        let [rank, tie, seen_by, now, statistics @ ..] = numbers.as_slice() else { return Err(none()) };
        let statistics = match (words, statistics) {
            (None, []) => None,
            (Some(words), [notices, all, with @ ..]) if with.len() == words => {
                Some(Statistics { notices: *notices, words: *all, with: with.to_vec() })
            }
            _ => return Err(none()),
        };
        if !statistics.as_ref().is_none_or(Statistics::are_possible) {
            return Err(none());
        }
        Ok(Self {
            last: Place { rank: *rank, tie: *tie },
            seen_by: Seq(seen_by.cast_signed()),
            now: Timestamp::from_nanosecond(now.cast_signed().into()).map_err(|_| none())?,
            statistics,
        })
    }
}

fn hash(bytes: impl AsRef<[u8]>) -> [u8; 8] {
    Sha256::digest(bytes).first_chunk().copied().unwrap_or_default()
}

fn checksum(body: &[u8]) -> [u8; 8] {
    hash(body)
}

/// A hash of filters and order. Their sets are sorted, so it does not depend on how the query was written.
fn print(query: &Query) -> [u8; 8] {
    hash(format!("{query:?} {:?}", query.order()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Words;

    fn query(words: &str) -> Query {
        Query { words: Words::parse(words).unwrap(), ..Query::default() }
    }

    fn cursor(statistics: Option<Statistics>) -> Cursor {
        Cursor {
            last: Place { rank: u64::MAX - 3, tie: 2_026_112_546 },
            seen_by: Seq(99),
            now: "2026-09-01T10:00:00.5Z".parse().unwrap(),
            statistics,
        }
    }

    #[test]
    fn what_is_written_is_read_by_the_same_query_and_no_other() {
        let frozen = Statistics { notices: 150_000, words: 30_000_000, with: vec![9, 120_000] };
        let written = cursor(Some(frozen.clone())).write(&query("vei bru"));
        assert_eq!(Cursor::read(&written, &query("vei bru"), Some(2)), Ok(cursor(Some(frozen))));
        let other = Cursor::read(&written, &query("vei"), Some(1)).unwrap_err();
        assert_eq!(other.field, "cursor");
        assert!(other.problem.contains("another search"));
        let plain = cursor(None).write(&query(""));
        assert_eq!(Cursor::read(&plain, &query(""), None), Ok(cursor(None)));
    }

    #[test]
    fn a_cursor_that_was_cut_changed_or_made_up_is_refused_by_name() {
        let query = query("vei");
        let possible = Statistics { notices: 10, words: 100, with: vec![3] };
        let written = cursor(Some(possible)).write(&query);
        let mut wrong: Vec<String> = (0..written.len()).map(|end| written[..end].to_owned()).collect();
        for at in 0..written.len() {
            let flipped = if &written[at..=at] == "A" { "B" } else { "A" };
            wrong.push(format!("{}{flipped}{}", &written[..at], &written[at + 1..]));
        }
        wrong.extend(["", "æøå", "====", "AAAA", &"A".repeat(100_000)].map(ToOwned::to_owned));
        let impossible = Statistics { notices: 10, words: 100, with: vec![11] };
        wrong.push(cursor(Some(impossible)).write(&query));
        wrong.push(cursor(None).write(&query));
        for text in wrong {
            assert_eq!(Cursor::read(&text, &query, Some(1)).unwrap_err().field, "cursor", "{text}");
        }
    }
}
