//! Documents of a segment that match: a list of few, or a bit for each.

use std::sync::Arc;

use tantivy::postings::SegmentPostings;
use tantivy::{DocId, DocSet as _};

use super::bits::Bits;

/// Documents of a segment, each once.
#[derive(Debug, Clone)]
pub(super) enum Docs {
    /// In rising order.
    Few(Vec<DocId>),
    /// By bit; shared with what is kept for later questions.
    Many(Arc<Bits>),
}

impl Docs {
    /// No documents.
    pub(super) fn none() -> Self {
        Self::Few(Vec::new())
    }

    /// Whether there are none. Bits are not counted for it.
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Few(docs) if docs.is_empty())
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        match self {
            Self::Few(docs) => docs.len(),
            Self::Many(bits) => bits.count(),
        }
    }

    /// Those that are in another set, too.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Few(mut docs), other) | (other, Self::Few(mut docs)) => {
                other.filter(&mut docs, true);
                Self::Few(docs)
            }
            (Self::Many(mut one), Self::Many(other)) => {
                Arc::make_mut(&mut one).intersect(&other);
                Self::Many(one)
            }
        }
    }

    /// Those that are not in another set.
    pub(super) fn without(self, other: &Self) -> Self {
        match (self, other) {
            (Self::Few(mut docs), other) => {
                other.filter(&mut docs, false);
                Self::Few(docs)
            }
            (Self::Many(mut bits), Self::Few(docs)) => {
                Arc::make_mut(&mut bits).remove(docs);
                Self::Many(bits)
            }
            (Self::Many(mut bits), Self::Many(other)) => {
                Arc::make_mut(&mut bits).subtract(other);
                Self::Many(bits)
            }
        }
    }

    /// These and those of another set.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Few(mut docs), Self::Few(others)) => {
                docs.extend(others);
                docs.sort_unstable();
                docs.dedup();
                Self::Few(docs)
            }
            (Self::Few(docs), Self::Many(mut bits)) | (Self::Many(mut bits), Self::Few(docs)) => {
                Arc::make_mut(&mut bits).extend(&docs);
                Self::Many(bits)
            }
            (Self::Many(mut one), Self::Many(other)) => {
                Arc::make_mut(&mut one).unite(&other);
                Self::Many(one)
            }
        }
    }

    /// Those that a condition holds for. It may be asked of others, too.
    pub(super) fn keep(self, holds: impl Fn(DocId) -> bool) -> Self {
        match self {
            Self::Few(mut docs) => {
                docs.retain(|doc| holds(*doc));
                Self::Few(docs)
            }
            Self::Many(mut bits) => {
                Arc::make_mut(&mut bits).keep(holds);
                Self::Many(bits)
            }
        }
    }

    /// Shows them in rising order, some at a time.
    pub(super) fn blocks(&self, mut show: impl FnMut(&[DocId])) {
        match self {
            Self::Few(docs) if docs.is_empty() => {}
            Self::Few(docs) => show(docs),
            Self::Many(bits) => bits.blocks(&mut show),
        }
    }

    /// Documents in rising order, as a set of the same kind.
    pub(super) fn like(&self, found: Vec<DocId>, documents: u32) -> Self {
        match self {
            Self::Few(_) => Self::Few(found),
            Self::Many(_) => {
                let mut bits = Bits::none(documents);
                bits.extend(&found);
                Self::Many(Arc::new(bits))
            }
        }
    }

    /// Leaves of a rising list what is in this set, or what is not.
    fn filter(&self, list: &mut Vec<DocId>, within: bool) {
        match self {
            Self::Many(bits) => list.retain(|doc| bits.contains(*doc) == within),
            Self::Few(docs) => {
                let mut rest = docs.as_slice();
                list.retain(|doc| {
                    let smaller = rest.iter().take_while(|other| *other < doc).count();
                    rest = &rest[smaller..];
                    (rest.first() == Some(doc)) == within
                });
            }
        }
    }
}

/// Goes to a document of a rising row; whether it is in the list.
pub(super) fn is_at(postings: &mut SegmentPostings, doc: DocId) -> bool {
    doc == if postings.doc() < doc { postings.seek(doc) } else { postings.doc() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn docs(set: &BTreeSet<DocId>, documents: u32, few: bool) -> Docs {
        let list: Vec<DocId> = set.iter().copied().collect();
        if few {
            return Docs::Few(list);
        }
        let mut bits = Bits::none(documents);
        bits.extend(&list);
        assert_eq!(bits, Bits::of(documents, |doc| set.contains(&doc)));
        Docs::Many(Arc::new(bits))
    }

    fn set(docs: &Docs) -> BTreeSet<DocId> {
        let mut all = Vec::new();
        docs.blocks(|block| all.extend_from_slice(block));
        assert!(all.is_sorted_by(|a, b| a < b));
        assert_eq!(docs.count(), all.len());
        all.into_iter().collect()
    }

    #[test]
    fn lists_and_bits_answer_alike() {
        let mut random = fastrand::Rng::with_seed(5);
        for round in 0..400 {
            let documents = random.u32(1..3_000);
            let mut some =
                |share: f64| -> BTreeSet<DocId> { (0..documents).filter(|_| random.f64() < share).collect() };
            let shares = [0.0, 0.01, 0.4, 0.97, 1.0];
            let (one, other) = (some(shares[round % 5]), some(shares[round / 5 % 5]));
            for (few, others_few) in [(true, true), (true, false), (false, true), (false, false)] {
                let (a, b) = (docs(&one, documents, few), docs(&other, documents, others_few));
                assert_eq!(set(&a), one);
                assert_eq!(set(&a.clone().and(b.clone())), &one & &other);
                assert_eq!(set(&a.clone().or(b.clone())), &one | &other);
                assert_eq!(set(&a.clone().without(&b)), &one - &other);
                assert_eq!(set(&a.keep(|doc| other.contains(&doc))), &one & &other);
            }
        }
    }
}
