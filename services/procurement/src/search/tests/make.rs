//! Notices and indexes to test with.

use jiff::{Timestamp, ToSpan as _};
use tempfile::TempDir;

use crate::domain::{
    Facts, Hit, Identity, Lot, Money, NoticeId, OrgNumber, Organization, Outcome, Query, Seq, Stored, Words,
};
use crate::search::{Entry, Facet, Find, Found, Index, Opened, Paging, Settings};

/// The moment tests ask at.
pub(super) fn now() -> Timestamp {
    "2026-09-01T10:00:00Z".parse().unwrap()
}

/// An organisation number that exists in form: the eight digits with their check digit, if they have one.
pub(super) fn organization_number(base: u32) -> Option<OrgNumber> {
    (0..10).find_map(|check| OrgNumber::find(&format!("{base:08}{check}")))
}

/// An organisation.
pub(super) fn organization(number: Option<&str>, name: &str) -> Organization {
    let given = number.map(ToOwned::to_owned);
    Organization {
        row: String::new(),
        number: number.and_then(OrgNumber::find),
        given,
        name: name.to_owned(),
    }
}

/// A competition with nothing in it, whose number is also the position of its first change.
pub(super) fn entry(number: u32) -> Entry {
    let kinds = ["ANNOUNCEMENT_OF_COMPETITION", "COMPETITION"];
    let hit = Hit {
        id: id(number),
        buyers: Vec::new(),
        heading: String::new(),
        description: String::new(),
        locations: Vec::new(),
        estimated_value: None,
        kind: kinds[0].to_owned(),
        all_kinds: kinds.map(ToOwned::to_owned).to_vec(),
        status: Some("ACTIVE".to_owned()),
        issued: None,
        deadline: None,
        published: None,
        received_tenders: None,
        received: Vec::new(),
        cpv: Vec::new(),
        lots: Vec::new(),
    };
    let stored = Stored {
        hit,
        outcome: None,
        superseded_by: None,
        listed: true,
        first_seen: now(),
        last_seen: now(),
        first_seq: Seq(number.into()),
        identity: Identity::default(),
        main_cpv: None,
        has_document: false,
        unreadable: None,
    };
    Entry { stored, facts: None }
}

/// The id of a number.
pub(super) fn id(number: u32) -> NoticeId {
    NoticeId::parse(&format!("2026-{number:06}")).unwrap()
}

/// A competition with a heading and a description.
pub(super) fn text(number: u32, heading: &str, description: &str) -> Entry {
    let mut entry = entry(number);
    entry.stored.hit.heading = heading.to_owned();
    entry.stored.hit.description = description.to_owned();
    entry
}

/// An index in a directory of its own.
pub(super) struct Made {
    pub(super) index: Index,
    pub(super) dir: TempDir,
}

impl Made {
    /// An index of some notices, at the position of the last one's first change.
    pub(super) fn of(entries: &[Entry]) -> Self {
        let dir = TempDir::new().unwrap();
        let (index, opened) = Index::open(&settings(&dir)).unwrap();
        assert!(matches!(opened, Opened::Rebuilt(_)));
        let last = entries.iter().map(|entry| entry.stored.first_seq).max().unwrap_or_default();
        index.apply(entries, last).unwrap();
        Self { index, dir }
    }

    /// The numbers of what is found, in order.
    pub(super) fn numbers(&self, query: Query) -> Vec<u32> {
        numbers(&self.index.find(&find(query)).unwrap())
    }

    /// The numbers of what is found, sorted.
    pub(super) fn sorted(&self, query: Query) -> Vec<u32> {
        let mut numbers = self.numbers(query);
        numbers.sort_unstable();
        numbers
    }
}

/// Settings for a directory.
pub(super) fn settings(dir: &TempDir) -> Settings {
    Settings { dir: dir.path().join("search"), memory: 16_000_000 }
}

/// The numbers of ids.
pub(super) fn numbers(found: &Found) -> Vec<u32> {
    found.ids.iter().map(|id| id.as_str()[5..].parse().unwrap()).collect()
}

/// A question for everything that matches.
pub(super) fn find(query: Query) -> Find {
    Find { query, now: now(), paging: Paging::Offset { skip: 0, take: 1_000 }, facets: Vec::<Facet>::new() }
}

/// A query of words.
pub(super) fn words(text: &str) -> Query {
    Query { words: Words::parse(text).unwrap(), ..Query::default() }
}

/// One of some values.
pub(super) fn one<'a, T>(random: &mut fastrand::Rng, values: &'a [T]) -> &'a T {
    &values[random.usize(..values.len())]
}

/// A notice with a bit of everything, the same for the same seed.
pub(super) fn random(number: u32, seed: u64) -> Entry {
    let mut random = fastrand::Rng::with_seed(seed.wrapping_mul(1_000_003).wrapping_add(number.into()));
    let mut entry = entry(number);
    let hit = &mut entry.stored.hit;
    let kinds = [
        ("ANNOUNCEMENT_OF_COMPETITION", "COMPETITION"),
        ("ANNOUNCEMENT_OF_COMPETITION", "COMPETITION"),
        ("ADVISORY_NOTICE", "PLANNING"),
        ("ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT", "RESULT"),
    ];
    let (kind, group) = one(&mut random, &kinds);
    hit.kind = (*kind).to_owned();
    hit.all_kinds = vec![(*kind).to_owned(), (*group).to_owned()];
    let vocabulary =
        ["vei", "bru", "skole", "drift", "vedlikehold", "båt", "anlegg", "renhold", "IKT", "tjenester"];
    let sentence = |random: &mut fastrand::Rng, most| {
        let count = random.usize(1..most);
        (0..count).map(|_| *one(random, &vocabulary)).collect::<Vec<_>>().join(" ")
    };
    hit.heading = sentence(&mut random, 6);
    hit.description = sentence(&mut random, 40);
    let said = [None, Some("ACTIVE"), Some("EXPIRED"), Some("AWARDED"), Some("CANCELLED"), Some("PAUSED")];
    hit.status = one(&mut random, &said).map(ToOwned::to_owned).filter(|_| *group == "COMPETITION");
    let seconds = |random: &mut fastrand::Rng| now() + random.i64(-200_000..200_000).seconds();
    hit.deadline = random.bool().then(|| seconds(&mut random));
    hit.issued = random.bool().then(|| seconds(&mut random));
    hit.published =
        (random.u8(0..10) > 0).then(|| jiff::civil::date(2026, random.i8(1..13), random.i8(1..29)));
    let currencies = ["NOK", "NOK", "NOK", "EUR"];
    hit.estimated_value = random.bool().then(|| Money {
        currency: (*one(&mut random, &currencies)).to_owned(),
        amount: f64::from(random.u32(0..50)) * 100_000.0,
    });
    let cpv =
        ["72000000", "72200000", "72210000", "45000000", "45233000", "30000000", "90910000", "03100000"];
    hit.cpv = (0..random.usize(1..4)).map(|_| (*one(&mut random, &cpv)).to_owned()).collect();
    let places = ["NO081", "NO082", "NO0A1", "NO08", "NO020", "anyw", "anyw-cou", "SE110"];
    hit.locations = (0..random.usize(0..3)).map(|_| (*one(&mut random, &places)).to_owned()).collect();
    let buyer = random.u32(0..20);
    let number_of = |n: u32| organization_number(91_000_000 + n).map(|number| number.as_str().to_owned());
    hit.buyers = vec![organization(number_of(buyer).as_deref(), &format!("Kommune {buyer}"))];
    let winner = random.u32(0..30);
    let winners = (*group == "RESULT")
        .then(|| organization(number_of(1_000 + winner).as_deref(), &format!("Leverandør {winner} AS")));
    hit.lots = vec![Lot {
        heading: String::new(),
        description: String::new(),
        winners: winners.into_iter().collect(),
    }];
    hit.received_tenders = (*group == "RESULT").then(|| random.i32(0..5));
    entry.stored.outcome =
        *one(&mut random, &[None, None, None, Some(Outcome::Awarded), Some(Outcome::Cancelled)]);
    entry.stored.listed = random.u8(0..20) > 0;
    entry.stored.superseded_by = (random.u8(..) < 8).then(|| id(999_999));
    entry.facts = random.bool().then(|| Facts {
        languages: vec![(*one(&mut random, &["NOR", "ENG", "NOB"])).to_owned()],
        procedure: Some((*one(&mut random, &["open", "restricted"])).to_owned()),
        lots: random.u32(1..6),
        ..Facts::default()
    });
    entry
}
