//! Pages: nothing twice, nothing missing, also while notices arrive.

use std::collections::HashSet;

use super::make::{Made, find, id, numbers, random, settings, text, words};
use crate::domain::{Query, Seq, SortBy, Status};
use crate::search::{Entry, Error, Find, Found, Index, Paging};

const ORDERS: [SortBy; 7] = [
    SortBy::PublicationDateDesc,
    SortBy::PublicationDateAsc,
    SortBy::Deadline,
    SortBy::DeadlineDesc,
    SortBy::Relevance,
    SortBy::EstimatedValueDesc,
    SortBy::EstimatedValueAsc,
];

fn page(index: &Index, query: &Query, paging: Paging) -> Found {
    index.find(&Find { paging, ..find(query.clone()) }).unwrap()
}

fn first(index: &Index, query: &Query, take: usize) -> Found {
    page(index, query, Paging::Offset { skip: 0, take })
}

#[test]
fn offset_pages_put_together_are_the_whole_in_every_order() {
    let entries: Vec<Entry> = (1..=400).map(|number| random(number, 2)).collect();
    let made = Made::of(&entries);
    for order in ORDERS {
        let query = Query { sort: Some(order), ..words("vei") };
        let whole = numbers(&first(&made.index, &query, 1_000));
        assert!(whole.len() > 100);
        for take in [1, 7, 100] {
            let mut pages = Vec::new();
            for skip in (0..whole.len() + take).step_by(take) {
                let part = page(&made.index, &query, Paging::Offset { skip, take });
                assert_eq!(part.total, whole.len());
                assert_eq!(part.next.is_some(), skip + take < whole.len());
                pages.extend(numbers(&part));
            }
            assert_eq!(pages, whole, "{order:?} by {take}");
        }
    }
    let far = page(&made.index, &words("vei"), Paging::Offset { skip: usize::MAX, take: usize::MAX });
    assert_eq!((far.ids.len(), far.next), (0, None));
    let none = first(&made.index, &words("vei"), 0);
    assert!(none.ids.is_empty() && none.total > 100);
}

/// Follows cursors from the first page to the end, doing something between the pages.
fn follow(index: &Index, query: &Query, take: usize, mut between: impl FnMut(usize)) -> Vec<u32> {
    let mut found = first(index, query, take);
    let mut all = numbers(&found);
    let total = found.total;
    for round in 0.. {
        let Some(cursor) = found.next else { break };
        between(round);
        found = page(index, query, Paging::After { cursor, take });
        assert_eq!(found.total, total, "the total changed on the way");
        all.extend(numbers(&found));
    }
    all
}

#[test]
fn cursor_pages_are_the_first_answer_whole_while_notices_arrive_and_segments_merge() {
    let mut rng = fastrand::Rng::with_seed(42);
    for (round, order) in ORDERS.into_iter().cycle().take(7).enumerate() {
        let seed = 100 + round as u64;
        let entries: Vec<Entry> = (1..=250).map(|number| random(number, seed)).collect();
        let made = Made::of(&entries[..150]);
        for piece in entries[150..].chunks(rng.usize(20..60)) {
            made.index.apply(piece, piece[piece.len() - 1].stored.first_seq).unwrap();
        }
        let text = ["vei", "vei bru", "drift* vei", "vei drift anlegg"][round % 4];
        let query = Query { sort: Some(order), ..words(text) };
        let expected = numbers(&first(&made.index, &query, 1_000));
        let mut next = 251;
        let all = follow(&made.index, &query, rng.usize(10..40), |_| {
            // Other notices, most of which match; they change how common every word is.
            let count = rng.u32(0..25);
            let arriving: Vec<Entry> = (next..next + count).map(|number| random(number, seed)).collect();
            next += count;
            made.index.apply(&arriving, Seq((next - 1).into())).unwrap();
            made.index.settle().unwrap();
        });
        assert_eq!(all, expected, "{order:?} {text}");
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
    }
}

#[test]
fn a_cursor_goes_on_at_a_replica_that_was_built_in_another_way() {
    let entries: Vec<Entry> = (1..=300).map(|number| random(number, 8)).collect();
    let one = Made::of(&entries);
    let other = Made::of(&[]);
    for piece in entries.chunks(50) {
        other.index.apply(piece, piece[piece.len() - 1].stored.first_seq).unwrap();
    }
    let later: Vec<Entry> = (301..=400).map(|number| random(number, 8)).collect();
    other.index.apply(&later, Seq(400)).unwrap();
    for order in ORDERS {
        let query = Query { sort: Some(order), ..words("vei anlegg renhold") };
        let expected = numbers(&first(&one.index, &query, 1_000));
        let mut found = first(&one.index, &query, 6);
        let mut all = numbers(&found);
        let mut turn = 0;
        while let Some(cursor) = found.next {
            turn += 1;
            let index = if turn % 2 == 0 { &one.index } else { &other.index };
            found = page(index, &query, Paging::After { cursor, take: 6 });
            all.extend(numbers(&found));
        }
        assert_eq!(all, expected, "{order:?}");
    }
}

#[test]
fn a_deadline_that_passes_between_two_pages_moves_nothing() {
    let entries: Vec<Entry> = (1..=300).map(|number| random(number, 77)).collect();
    let made = Made::of(&entries);
    let query = Query { statuses: [Status::Active].into(), ..Query::default() };
    let expected = numbers(&first(&made.index, &query, 1_000));
    let mut found = first(&made.index, &query, 5);
    let mut all = numbers(&found);
    let mut later = super::make::now();
    while let Some(cursor) = found.next {
        later += jiff::SignedDuration::from_hours(7);
        let paging = Paging::After { cursor, take: 5 };
        found = made.index.find(&Find { now: later, paging, ..find(query.clone()) }).unwrap();
        all.extend(numbers(&found));
    }
    assert_eq!(all, expected);
    let passed = made.index.find(&Find { now: later, ..find(query) }).unwrap();
    assert!(passed.total < expected.len());
}

#[test]
fn a_cursor_of_another_search_or_none_at_all_is_refused_by_name() {
    let entries: Vec<Entry> = (1..=50).map(|number| text(number, "vei bru", "")).collect();
    let made = Made::of(&entries);
    let cursor = first(&made.index, &words("vei"), 10).next.unwrap();
    let refused = |query: Query, cursor: &str| {
        let paging = Paging::After { cursor: cursor.to_owned(), take: 10 };
        match made.index.find(&Find { paging, ..find(query) }) {
            Err(Error::Invalid(invalid)) => invalid.field,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(refused(words("bru"), &cursor), "cursor");
    assert_eq!(refused(Query { sort: Some(SortBy::Deadline), ..words("vei") }, &cursor), "cursor");
    assert_eq!(refused(words("vei"), "drivel"), "cursor");
    assert_eq!(refused(words("vei"), &cursor[1..]), "cursor");
}

#[test]
fn an_index_that_has_not_come_as_far_as_the_cursor_says_so() {
    let entries: Vec<Entry> = (1..=50).map(|number| text(number, "vei", "")).collect();
    let ahead = Made::of(&entries);
    let behind = Made::of(&entries[..40]);
    let cursor = first(&ahead.index, &words("vei"), 10).next.unwrap();
    let paging = Paging::After { cursor, take: 10 };
    let error = behind.index.find(&Find { paging, ..find(words("vei")) }).unwrap_err();
    assert!(matches!(error, Error::Behind { at: Seq(40), wanted: Seq(50) }), "{error}");
}

#[test]
fn questions_are_answered_while_notices_are_written() {
    let entries: Vec<Entry> = (1..=100).map(|number| text(number, "vei", "")).collect();
    let made = Made::of(&entries);
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let mut seen = Vec::new();
            while seen.last() != Some(&2_100) {
                let found = first(&made.index, &words("vei"), 1);
                assert_eq!(
                    found.position,
                    Seq(i64::try_from(found.total).unwrap()),
                    "a commit was seen in part"
                );
                seen.push(found.total);
            }
            seen
        });
        for begin in (101..=2_100).step_by(200) {
            let batch: Vec<Entry> = (begin..begin + 200).map(|number| text(number, "vei", "")).collect();
            made.index.apply(&batch, Seq((begin + 199).into())).unwrap();
        }
        assert!(asking.join().unwrap().is_sorted());
    });
    let (again, _) = Index::open(&settings(&made.dir)).unwrap();
    assert_eq!(first(&again, &words("vei"), 1).ids, [id(2_100)]);
}
