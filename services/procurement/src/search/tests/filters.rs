//! What filters let through: compared with the plain definition of each, over random notices.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::make::{Made, find, id, now, numbers, one, organization, organization_number, random};
use crate::domain::{
    CountRange, CpvCode, DateRange, Named, NoticeType, Query, Refine, Status, ValueRange, Words, status,
};
use crate::search::{Entry, Find};

#[expect(clippy::too_many_lines, reason = "the definition of every filter, on one page")]
/// What a query means, said as plainly as it can be.
fn holds(entry: &Entry, query: &Query, now: Timestamp) -> bool {
    let (stored, hit) = (&entry.stored, &entry.stored.hit);
    let facts = entry.facts.as_ref();
    let refine = &query.refine;
    let within = |day: Option<jiff::civil::Date>, range: DateRange| {
        (range.from.is_none() && range.to.is_none())
            || day.is_some_and(|day| {
                range.from.is_none_or(|from| day >= from) && range.to.is_none_or(|to| day <= to)
            })
    };
    let oslo = TimeZone::get("Europe/Oslo").unwrap();
    let day = |at: Timestamp| at.to_zoned_datetime(oslo.clone()).date();
    let any = |wanted: bool, holds: bool| !wanted || holds;
    let value = hit.estimated_value.as_ref();
    let valued = query.value.from.is_some() || query.value.to.is_some();
    let currencies = match (refine.currencies.is_empty(), valued) {
        (true, true) => BTreeSet::from(["NOK".to_owned()]),
        _ => refine.currencies.clone(),
    };
    let lots = facts.map_or_else(|| u32::try_from(hit.lots.len()).unwrap(), |facts| facts.lots);
    let party = |parties: &BTreeSet<Named>, organizations: Vec<&crate::domain::Organization>| {
        parties.iter().any(|named| match named {
            Named::Number(number) => organizations.iter().any(|o| o.number.as_ref() == Some(number)),
            Named::Name(name) => organizations.iter().any(|o| o.name.to_lowercase() == name.to_lowercase()),
        })
    };
    stored.listed
        && stored.superseded_by.is_none()
        && any(
            !query.types.is_empty(),
            query.types.iter().any(|t| hit.all_kinds.iter().any(|k| k == t.as_str())),
        )
        && any(!query.statuses.is_empty(), status(stored, now).is_some_and(|s| query.statuses.contains(&s)))
        && any(
            !query.cpv.is_empty(),
            query.cpv.iter().any(|code| {
                let stem = code.as_str().trim_end_matches('0');
                let stem = if stem.len() < 2 { &code.as_str()[..2] } else { stem };
                hit.cpv.iter().any(|of| of.starts_with(stem))
            }),
        )
        && any(
            !query.locations.is_empty(),
            query.locations.iter().any(|wanted| {
                let exact = wanted.starts_with("anyw");
                hit.locations
                    .iter()
                    .any(|of| if exact { of == wanted } else { of.starts_with(wanted.as_str()) })
            }),
        )
        && any(
            valued,
            value.is_some_and(|v| {
                query.value.from.is_none_or(|from| v.amount >= from)
                    && query.value.to.is_none_or(|to| v.amount <= to)
            }),
        )
        && any(!currencies.is_empty(), value.is_some_and(|v| currencies.contains(&v.currency)))
        && within(hit.issued.map(day), query.issued)
        && within(hit.published, refine.published)
        && within(hit.deadline.map(day), refine.deadline)
        && any(
            !refine.languages.is_empty(),
            facts.is_some_and(|f| f.languages.iter().any(|l| refine.languages.contains(l))),
        )
        && any(
            !refine.procedures.is_empty(),
            facts.and_then(|f| f.procedure.as_ref()).is_some_and(|p| refine.procedures.contains(p)),
        )
        && refine.lots.from.is_none_or(|from| lots >= from)
        && refine.lots.to.is_none_or(|to| lots <= to)
        && any(!refine.buyers.is_empty(), party(&refine.buyers, hit.buyers.iter().collect()))
        && any(
            !refine.suppliers.is_empty(),
            party(&refine.suppliers, hit.lots.iter().flat_map(|lot| &lot.winners).collect()),
        )
}

fn some<T: Ord + Clone>(random: &mut fastrand::Rng, values: &[T]) -> BTreeSet<T> {
    (0..random.usize(1..3)).map(|_| one(random, values).clone()).collect()
}

/// A query of one to three filters.
fn random_query(random: &mut fastrand::Rng) -> Query {
    let mut query = Query::default();
    let texts = |values: &[&str]| values.iter().map(ToString::to_string).collect::<Vec<_>>();
    let days = |random: &mut fastrand::Rng| {
        let day = |random: &mut fastrand::Rng| jiff::civil::date(2026, random.i8(8..10), random.i8(1..29));
        let (a, b) = (day(random), day(random));
        let (from, to) = (a.min(b), a.max(b));
        DateRange { from: random.bool().then_some(from), to: random.bool().then_some(to) }
    };
    for _ in 0..random.usize(1..4) {
        let refine: &mut Refine = &mut query.refine;
        match random.u8(0..14) {
            0 => {
                query.types =
                    some(random, &[NoticeType::Competition, NoticeType::AdvisoryNotice, NoticeType::Result]);
            }
            1 | 2 => {
                let all = [Status::Active, Status::Expired, Status::Awarded, Status::Cancelled];
                query.statuses = some(random, &all);
            }
            3 => {
                let codes = ["72", "7221", "45", "30", "3", "03", "90910000", "722"].map(CpvCode::parse);
                query.cpv = some(random, &codes.into_iter().flatten().collect::<Vec<_>>());
            }
            4 => {
                query.locations =
                    some(random, &texts(&["NO08", "NO", "NO081", "NO0A", "anyw", "anyw-cou", "SE"]));
            }
            5 => {
                let bound = |random: &mut fastrand::Rng| f64::from(random.u32(0..50)) * 100_000.0;
                let (a, b) = (bound(random), bound(random));
                query.value = ValueRange::new(random.bool().then_some(a.min(b)), Some(a.max(b))).unwrap();
            }
            6 => refine.currencies = some(random, &texts(&["NOK", "EUR", "USD"])),
            7 => query.issued = days(random),
            8 => refine.published = days(random),
            9 => refine.deadline = days(random),
            10 => refine.languages = some(random, &texts(&["NOR", "ENG", "SME"])),
            11 => refine.procedures = some(random, &texts(&["open", "restricted"])),
            12 => {
                let most = random.i32(1..6);
                refine.lots = CountRange::new(("a", "b"), Some(random.i32(0..=most)), Some(most)).unwrap();
            }
            _ => {
                let n = random.u32(0..20);
                let number = organization_number(91_000_000 + n).map(Named::Number);
                refine.buyers = [number.unwrap_or_else(|| Named::Name(format!("kommune {n}")))].into();
                if random.bool() {
                    refine.suppliers = [Named::Name(format!("LEVERANDØR {} as", random.u32(0..30)))].into();
                    refine.buyers.clear();
                }
            }
        }
    }
    query
}

#[test]
fn filters_let_through_what_their_definitions_do() {
    let entries: Vec<Entry> = (1..=1_500).map(|number| random(number, 11)).collect();
    let made = Made::of(&entries[..900]);
    for batch in entries[900..].chunks(100) {
        made.index.apply(batch, batch[99].stored.first_seq).unwrap();
    }
    let mut random = fastrand::Rng::with_seed(5);
    let mut matched = 0;
    for _ in 0..600 {
        let query = random_query(&mut random);
        let expected: Vec<u32> =
            (1..=1_500u32).filter(|n| holds(&entries[*n as usize - 1], &query, now())).collect();
        matched += expected.len();
        let found = made
            .index
            .find(&Find {
                paging: crate::search::Paging::Offset { skip: 0, take: 5_000 },
                ..find(query.clone())
            })
            .unwrap();
        let mut ids = numbers(&found);
        ids.sort_unstable();
        assert_eq!(ids, expected, "{query:?}");
        assert_eq!(found.total, expected.len());
    }
    assert!(matched > 10_000, "the queries matched {matched} in all");
}

#[test]
fn the_status_filter_agrees_with_the_domain_at_every_moment_without_indexing_again() {
    let entries: Vec<Entry> = (1..=800).map(|number| random(number, 23)).collect();
    let made = Made::of(&entries);
    let mut random = fastrand::Rng::with_seed(1);
    let deadlines: Vec<Timestamp> = entries.iter().filter_map(|e| e.stored.hit.deadline).collect();
    for round in 0..200 {
        // At, just before and just after deadlines, and anywhere.
        let at = *one(&mut random, &deadlines);
        let nanosecond = jiff::SignedDuration::from_nanos(1);
        let at = match round % 4 {
            0 => at,
            1 => at - nanosecond,
            2 => at + nanosecond,
            _ => at + jiff::SignedDuration::from_secs(random.i64(-90_000..90_000)),
        };
        for wanted in [Status::Active, Status::Expired, Status::Awarded, Status::Cancelled] {
            let query = Query { statuses: [wanted].into(), ..Query::default() };
            let found = made.index.find(&Find { now: at, ..find(query) }).unwrap();
            let shown = |entry: &&Entry| entry.stored.listed && entry.stored.superseded_by.is_none();
            let expected =
                entries.iter().filter(shown).filter(|entry| status(&entry.stored, at) == Some(wanted));
            let expected: BTreeSet<u32> =
                expected.map(|e| u32::try_from(e.stored.first_seq.0).unwrap()).collect();
            assert_eq!(numbers(&found).into_iter().collect::<BTreeSet<_>>(), expected, "{wanted:?} at {at}");
        }
    }
}

#[test]
fn what_is_filtered_by_and_no_notice_carries_is_told_of() {
    let entries: Vec<Entry> = (1..=300).map(|number| random(number, 3)).collect();
    let number = Named::parse("supplier", "923609016").unwrap();
    let texts = |values: &[&str]| values.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    let query = Query {
        refine: Refine {
            suppliers: [number, Named::Name("ingen".into())].into(),
            languages: texts(&["NOR", "XXX"]),
            procedures: texts(&["open", "opne"]),
            currencies: texts(&["NOK", "ZZZ"]),
            ..Refine::default()
        },
        ..Query::default()
    };
    let absent = Made::of(&entries).index.absent(&query).unwrap();
    let absent: Vec<_> = absent.iter().map(|(filter, value)| (*filter, value.as_str())).collect();
    let expected =
        [("supplier", "923609016"), ("language", "XXX"), ("procedure", "opne"), ("currency", "ZZZ")];
    assert_eq!(absent, expected);
    assert_eq!(Made::of(&[]).index.absent(&query).unwrap(), [], "an index without notices knows nothing");
}

#[test]
fn a_name_filter_wants_all_words_of_the_name_and_folds_them() {
    let mut entry = super::make::entry(1);
    entry.stored.hit.buyers = vec![organization(None, "Ålesund kommune")];
    let mut other = super::make::entry(2);
    other.stored.hit.buyers = vec![organization(None, "Oslo kommune")];
    other.stored.hit.description = "Ålesund".into();
    let made = Made::of(&[entry, other]);
    let buyer = |name: &str| Query {
        refine: Refine { buyers: [Named::parse("buyer", name).unwrap()].into(), ..Refine::default() },
        ..Query::default()
    };
    assert_eq!(made.sorted(buyer("kommunen")), [1, 2]);
    assert_eq!(made.sorted(buyer("kommune aalesund")), [1]);
    assert_eq!(made.sorted(buyer("alesund")), [1]);
    assert_eq!(made.sorted(buyer("Ålesund fylke")), Vec::<u32>::new());
}

#[test]
fn the_words_of_a_name_filter_belong_to_one_name() {
    let buyers = |number, names: &[&str]| {
        let mut entry = super::make::entry(number);
        entry.stored.hit.buyers = names.iter().map(|name| organization(None, name)).collect();
        entry
    };
    let made = Made::of(&[
        buyers(1, &["Oslo universitetssykehus", "Bærum kommune"]),
        buyers(2, &["Bærum kommune", "Oslo kommune"]),
        buyers(3, &["Kommune i Oslo, Oslo"]),
        buyers(4, &["", "...", "Oslo", "kommune"]),
    ]);
    let named = |parties: &[&str]| Query {
        refine: Refine {
            buyers: parties.iter().map(|name| Named::parse("buyer", name).unwrap()).collect(),
            ..Refine::default()
        },
        ..Query::default()
    };
    assert_eq!(made.sorted(named(&["Oslo kommune"])), [2, 3]);
    assert_eq!(made.sorted(named(&["kommune Bærum"])), [1, 2]);
    assert_eq!(made.sorted(named(&["kommune"])), [1, 2, 3, 4]);
    assert_eq!(made.sorted(named(&["Oslo Bærum", "universitetssykehus Oslo"])), [1]);
    let both = Query { words: Words::parse("bærum").unwrap(), ..named(&["oslo kommune"]) };
    assert_eq!(made.sorted(both), [2]);
}

#[test]
fn withdrawn_and_superseded_notices_are_kept_but_not_found() {
    let mut withdrawn = super::make::text(1, "vei", "");
    withdrawn.stored.listed = false;
    let mut superseded = super::make::text(2, "vei", "");
    superseded.stored.superseded_by = Some(id(3));
    let made = Made::of(&[withdrawn.clone(), superseded, super::make::text(3, "vei", "")]);
    assert_eq!(made.sorted(super::make::words("vei")), [3]);
    assert_eq!(made.sorted(super::make::words("2026-000001")), Vec::<u32>::new());
    assert_eq!(made.index.facts().documents, 3);
    withdrawn.stored.listed = true;
    made.index.apply(&[withdrawn], crate::domain::Seq(4)).unwrap();
    assert_eq!(made.sorted(super::make::words("vei")), [1, 3]);
}

#[test]
fn days_are_oslo_s_also_across_midnight_and_summer_time() {
    let at = |number, deadline: &str| {
        let mut entry = super::make::entry(number);
        entry.stored.hit.deadline = Some(deadline.parse().unwrap());
        entry.stored.hit.issued = entry.stored.hit.deadline;
        entry
    };
    let made = Made::of(&[
        at(1, "2026-06-30T21:59:59Z"),
        at(2, "2026-06-30T22:00:00Z"),
        at(3, "2026-07-01T21:59:59Z"),
        at(4, "2026-07-01T22:00:00Z"),
        at(5, "2026-10-24T22:00:00Z"),
        at(6, "2026-10-25T22:59:59Z"),
        at(7, "2026-10-25T23:00:00Z"),
    ]);
    let day = |from: &str, to: &str| DateRange::parse(from, to).unwrap();
    for range in [day("2026-07-01", "2026-07-01"), day("2026-10-25", "2026-10-25")] {
        let deadline = Query { refine: Refine { deadline: range, ..Refine::default() }, ..Query::default() };
        let issued = Query { issued: range, ..Query::default() };
        let expected = if range.from.unwrap().month() == 7 { [2, 3] } else { [5, 6] };
        assert_eq!(made.sorted(deadline), expected);
        assert_eq!(made.sorted(issued), expected);
    }
}
