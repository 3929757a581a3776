//! Facets and statistics: compared with counting by hand.

use std::collections::BTreeMap;

use super::make::{Made, find, now, random, words};
use crate::domain::{Facts, Lot, Money, OrgNumber, Query, Rule, ValueKind, Valued, status};
use crate::search::{Dimension, Entry, Facet, Find, Row};

fn shown(entries: &[Entry]) -> impl Iterator<Item = &Entry> {
    entries.iter().filter(|entry| entry.stored.listed && entry.stored.superseded_by.is_none())
}

fn tally<'a>(values: impl Iterator<Item = Vec<String>> + 'a) -> Vec<(String, usize)> {
    let mut counts = BTreeMap::new();
    for mut of in values {
        of.sort();
        of.dedup();
        for value in of {
            *counts.entry(value).or_default() += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|a: &(String, usize), b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts.truncate(100);
    counts
}

fn division(codes: &[String]) -> Vec<String> {
    codes.iter().map(|code| format!("{}000000", &code[..2])).collect()
}

/// What organisations are counted by: their numbers, names where they have none.
fn keys(organizations: &[crate::domain::Organization]) -> Vec<String> {
    let key = |of: &crate::domain::Organization| {
        of.number.as_ref().map_or(of.name.as_str(), |number| number.as_str()).to_owned()
    };
    organizations.iter().map(key).collect()
}

#[test]
fn facets_count_what_notices_have_most_first() {
    let entries: Vec<Entry> = (1..=900).map(|number| random(number, 31)).collect();
    let made = Made::of(&entries[..500]);
    made.index.apply(&entries[500..], entries[899].stored.first_seq).unwrap();
    let value = |facet: Facet, entry: &Entry| -> Vec<String> {
        let (hit, facts) = (&entry.stored.hit, entry.facts.as_ref());
        match facet {
            Facet::Type => vec![hit.kind.clone()],
            Facet::Status => {
                status(&entry.stored, now()).map(|s| s.as_str().to_owned()).into_iter().collect()
            }
            Facet::CpvDivision => division(&hit.cpv),
            Facet::Location => hit.locations.clone(),
            Facet::Buyer => keys(&hit.buyers),
            Facet::Supplier => hit.lots.iter().flat_map(|lot| keys(&lot.winners)).collect(),
            Facet::Year => hit.published.map(|day| day.year().to_string()).into_iter().collect(),
            Facet::Procedure => facts.and_then(|f| f.procedure.clone()).into_iter().collect(),
            Facet::Currency => hit.estimated_value.as_ref().map(|v| v.currency.clone()).into_iter().collect(),
            Facet::Language => facts.and_then(|f| f.languages.first().cloned()).into_iter().collect(),
        }
    };
    let facets = [
        Facet::Type,
        Facet::Status,
        Facet::CpvDivision,
        Facet::Location,
        Facet::Buyer,
        Facet::Supplier,
        Facet::Year,
        Facet::Procedure,
        Facet::Currency,
        Facet::Language,
    ];
    for text in ["", "skole"] {
        let query = words(text);
        let found = made.index.find(&Find { facets: facets.to_vec(), ..find(query) }).unwrap();
        let contains = |entry: &&Entry| {
            let texts = format!("{} {}", entry.stored.hit.heading, entry.stored.hit.description);
            text.is_empty() || texts.split(' ').any(|word| word == text)
        };
        for facet in facets {
            let expected = tally(shown(&entries).filter(contains).map(|entry| value(facet, entry)));
            assert!(!expected.is_empty(), "{facet:?}");
            assert_eq!(found.facets[&facet], expected, "{facet:?} of {text:?}");
        }
    }
}

#[test]
fn a_facet_gives_the_hundred_most_common_values_and_ties_in_order() {
    let entries: Vec<Entry> = (1..=400)
        .map(|number| {
            let mut entry = super::make::entry(number);
            entry.stored.hit.locations = vec![format!("NO{:03}", number % 150)];
            entry
        })
        .collect();
    let made = Made::of(&entries);
    let found = made.index.find(&Find { facets: vec![Facet::Location], ..find(Query::default()) }).unwrap();
    assert_eq!(found.facets[&Facet::Location], tally(entries.iter().map(|e| e.stored.hit.locations.clone())));
    assert_eq!(found.facets[&Facet::Location].len(), 100);
}

#[test]
#[expect(clippy::too_many_lines, reason = "every sum is counted by hand")]
fn statistics_count_and_sum_each_notice_once_a_value() {
    let mut entries: Vec<Entry> = (1..=600).map(|number| random(number, 13)).collect();
    for entry in entries.iter_mut().step_by(3) {
        let facts = entry.facts.get_or_insert_with(Facts::default);
        let number = entry.stored.first_seq.0;
        let money = |currency: &str| Money { currency: currency.into(), amount: 1_000.0 };
        let total = |currency: &str| Valued {
            kind: ValueKind::Total,
            money: money(currency),
            rule: Rule::NoticeTotal,
        };
        facts.values = vec![total(if number % 2 == 0 { "NOK" } else { "EUR" })];
        (facts.received, facts.counted, facts.single) = (Some(3), 2, 1);
    }
    let made = Made::of(&entries);
    let values = |by: Dimension, entry: &Entry| -> Vec<String> {
        let hit = &entry.stored.hit;
        let region = |place: &String| {
            if place.starts_with("anyw") { "anyw".to_owned() } else { place.chars().take(4).collect() }
        };
        let mut keys: Vec<String> = match by {
            Dimension::Month => hit.published.map(|d| d.strftime("%Y-%m").to_string()).into_iter().collect(),
            Dimension::CpvDivision => division(&hit.cpv),
            Dimension::Region => hit.locations.iter().map(region).collect(),
            Dimension::Buyer => keys(&hit.buyers),
            Dimension::Supplier => hit.lots.iter().flat_map(|lot| keys(&lot.winners)).collect(),
            Dimension::Type => vec![hit.kind.clone()],
        };
        keys.sort();
        keys.dedup();
        keys
    };
    let all = [
        Dimension::Month,
        Dimension::CpvDivision,
        Dimension::Region,
        Dimension::Buyer,
        Dimension::Supplier,
        Dimension::Type,
    ];
    for by in all {
        let mut expected: BTreeMap<String, Row> = BTreeMap::new();
        for entry in shown(&entries) {
            let hit = &entry.stored.hit;
            let nok = hit.estimated_value.as_ref().filter(|value| value.currency == "NOK");
            let is_award = hit.kind == "ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT";
            let facts = entry.facts.as_ref().filter(|_| is_award);
            let total = facts.iter().flat_map(|f| &f.values).find(|v| v.money.currency == "NOK");
            let counted = facts.filter(|f| f.received.is_some()).map(|f| (f.counted, f.single));
            let tenders = hit.received_tenders.filter(|_| is_award).unwrap_or(0);
            let (counted, single) = counted.unwrap_or((u32::from(tenders > 0), u32::from(tenders == 1)));
            for key in values(by, entry) {
                let row = expected.entry(key.clone()).or_insert_with(|| Row { key, ..Row::default() });
                row.notices += 1;
                row.estimates += usize::from(nok.is_some());
                row.estimated_nok += nok.map_or(0.0, |value| value.amount);
                row.totals += usize::from(total.is_some());
                row.awarded_nok += total.map_or(0.0, |value| value.money.amount);
                row.awards_counted += counted as usize;
                row.single_bid += single as usize;
            }
        }
        let mut expected: Vec<Row> = expected.into_values().collect();
        if matches!(by, Dimension::Buyer | Dimension::Supplier) {
            expected.sort_by(|a, b| b.notices.cmp(&a.notices).then_with(|| a.key.cmp(&b.key)));
        }
        let stats = made.index.stats(&Query::default(), now(), by, 1_000).unwrap();
        assert_eq!(stats.rows, expected, "{by:?}");
        assert_eq!((stats.total, stats.left_out), (shown(&entries).count(), 0));
        let few = made.index.stats(&Query::default(), now(), by, 2).unwrap();
        assert_eq!((few.rows.as_slice(), few.left_out), (&expected[..2], expected.len() - 2), "{by:?}");
    }
}

#[test]
fn a_supplier_is_counted_once_by_its_number_or_by_its_name() {
    let supplier = |number: Option<&str>, name: &str| super::make::organization(number, name);
    let mut entry = super::make::entry(1);
    entry.stored.hit.lots = vec![Lot {
        heading: String::new(),
        description: String::new(),
        winners: vec![supplier(None, "Elbit Ltd"), supplier(None, "Vei AS"), supplier(None, " elbit ltd")],
    }];
    // The document knows the number of one that Doffin lists without.
    let winners = vec![(OrgNumber::find("938801363"), "VEI AS".to_owned()), (None, "Elbit Ltd".to_owned())];
    entry.facts = Some(Facts { winners, ..Facts::default() });
    let made = Made::of(&[entry]);
    let stats = made.index.stats(&Query::default(), now(), Dimension::Supplier, 10).unwrap();
    let keys: Vec<&str> = stats.rows.iter().map(|row| row.key.as_str()).collect();
    assert_eq!((keys, stats.left_out), (vec!["938801363", "Elbit Ltd"], 0));
}
