//! What is indexed of one notice.

use std::collections::HashSet;
use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sha2::{Digest as _, Sha256};
use tantivy::TantivyDocument;

use super::Entry;
use super::schema::{Amount, Code, Fields, Label, NO_AMOUNT, NONE, Number};
use super::standing::Standing;
use crate::domain::{Facts, Hit, NoticeId, NoticeType, OrgNumber, ValueKind};

/// The zone in which days are counted.
pub(super) static OSLO: LazyLock<TimeZone> =
    LazyLock::new(|| TimeZone::get("Europe/Oslo").unwrap_or(TimeZone::UTC));

/// How often the heading is read, so that its words weigh more.
const HEADING_WEIGHT: usize = 3;

/// One notice, ready to be indexed.
#[derive(Debug, Default)]
pub(super) struct Record<'a> {
    key: u64,
    heading: &'a str,
    texts: Vec<&'a str>,
    buyer_names: Vec<&'a str>,
    supplier_names: Vec<&'a str>,
    codes: [Vec<String>; Code::ALL.len()],
    labels: [Vec<String>; Label::ALL.len()],
    numbers: [i64; Number::ALL.len()],
    amounts: [f64; Amount::ALL.len()],
}

impl<'a> Record<'a> {
    /// What is indexed of a notice.
    pub(super) fn new(entry: &'a Entry) -> Self {
        let mut record = Self { key: key(&entry.stored.hit.id), ..Self::default() };
        record.heading = &entry.stored.hit.heading;
        record.read_names(entry);
        record.read_texts(entry);
        record.read_codes(entry);
        record.read_numbers(entry);
        record.set(Number::Print, i64::from_ne_bytes(record.print().to_ne_bytes()));
        record
    }

    fn read_names(&mut self, entry: &'a Entry) {
        let hit = &entry.stored.hit;
        let winners = hit.lots.iter().flat_map(|lot| &lot.winners);
        for (organizations, names, code, label) in [
            (hit.buyers.iter().collect::<Vec<_>>(), &mut self.buyer_names, Code::Buyer, Label::Buyer),
            (winners.collect(), &mut self.supplier_names, Code::Supplier, Label::Supplier),
        ] {
            let facts = entry.facts.as_ref();
            let read = facts.map(|facts| if code == Code::Buyer { &facts.buyers } else { &facts.winners });
            let listed = organizations.into_iter().map(|party| (&party.number, &party.name));
            let read = read.into_iter().flatten().map(|(number, name)| (number, name));
            let parties: Vec<(&Option<OrgNumber>, &String)> = listed.chain(read).collect();
            for (_, name) in &parties {
                push(names, name);
            }
            let numbers = parties.iter().filter_map(|(number, _)| number.as_ref());
            self.codes[code as usize] = distinct(numbers.map(|number| number.as_str().to_owned()));
            let keys = self.codes[code as usize].iter().cloned().chain(unnumbered(&parties));
            self.labels[label as usize] = distinct(keys);
        }
    }

    fn read_texts(&mut self, entry: &'a Entry) {
        let hit = &entry.stored.hit;
        let mut seen = HashSet::from([self.heading]);
        let mut add = |text: &'a str| {
            if !text.trim().is_empty() && seen.insert(text) {
                self.texts.push(text);
            }
        };
        add(&hit.description);
        for lot in &hit.lots {
            add(&lot.heading);
            add(&lot.description);
        }
        self.buyer_names.iter().chain(&self.supplier_names).for_each(|name| add(name));
        let number = |number: &'a Option<OrgNumber>| number.as_ref().map(OrgNumber::as_str);
        for party in hit.buyers.iter().chain(hit.lots.iter().flat_map(|lot| &lot.winners)) {
            number(&party.number).into_iter().for_each(&mut add);
        }
        let Some(facts) = &entry.facts else { return };
        facts.lot_texts.iter().for_each(|text| add(text));
        for parties in [&facts.buyers, &facts.winners, &facts.tenderers, &facts.subcontractors] {
            for (of, name) in parties {
                add(name);
                number(of).into_iter().for_each(&mut add);
            }
        }
    }

    fn read_codes(&mut self, entry: &Entry) {
        let hit = &entry.stored.hit;
        self.codes[Code::Kind as usize] = distinct(hit.all_kinds.iter().chain([&hit.kind]).cloned());
        self.codes[Code::Cpv as usize] = distinct(hit.cpv.iter().flat_map(|code| beginnings(stem(code), 2)));
        let places = hit.locations.iter().flat_map(|code| match code.bytes().next() {
            Some(b'A'..=b'Z') => beginnings(code, 2),
            _ => vec![code.clone()],
        });
        self.codes[Code::Place as usize] = distinct(places);
        let division = |code: &String| code.get(..2).map(|division| format!("{division}000000"));
        self.labels[Label::Kind as usize] = vec![hit.kind.clone()];
        self.labels[Label::Division as usize] = distinct(hit.cpv.iter().filter_map(division));
        self.labels[Label::Place as usize] = distinct(hit.locations.iter().cloned());
        let currency = hit.estimated_value.as_ref().filter(|value| value.amount.is_finite());
        self.labels[Label::Currency as usize].extend(currency.map(|value| value.currency.clone()));
        let Some(facts) = &entry.facts else { return };
        self.codes[Code::Language as usize] = distinct(facts.languages.iter().cloned());
        self.codes[Code::Procedure as usize].extend(facts.procedure.clone());
        self.labels[Label::Language as usize].extend(facts.languages.first().cloned());
        self.labels[Label::Procedure as usize].extend(facts.procedure.clone());
    }

    fn read_numbers(&mut self, entry: &Entry) {
        let (stored, facts) = (&entry.stored, entry.facts.as_ref());
        let hit = &stored.hit;
        self.set(Number::FirstSeq, stored.first_seq.0);
        self.set(Number::Published, hit.published.map_or(NONE, day));
        self.set(
            Number::Issued,
            hit.issued.map_or(NONE, |at| day(at.to_zoned_datetime(OSLO.clone()).date())),
        );
        self.set(Number::Deadline, hit.deadline.map_or(NONE, nanoseconds));
        let listed_lots = i64::try_from(hit.lots.len()).unwrap_or(i64::MAX);
        let lots = facts.map(|facts| i64::from(facts.lots)).filter(|lots| *lots > 0);
        self.set(Number::Lots, lots.unwrap_or(listed_lots));
        let (counted, single) = tenders(hit, facts);
        self.set(Number::Counted, counted.into());
        self.set(Number::Single, single.into());
        self.set(Number::Standing, Standing::of(stored).packed());
        let estimated = hit.estimated_value.as_ref().map(|value| value.amount);
        self.amounts[Amount::Estimated as usize] = estimated.filter(|v| v.is_finite()).unwrap_or(NO_AMOUNT);
        let totals = facts.into_iter().filter(|_| is_award(hit)).flat_map(|facts| &facts.values);
        let mut totals =
            totals.filter(|value| value.kind == ValueKind::Total && value.money.currency == "NOK");
        let awarded = totals.find(|value| value.money.amount.is_finite()).map(|value| value.money.amount);
        self.amounts[Amount::Awarded as usize] = awarded.unwrap_or(NO_AMOUNT);
    }

    fn set(&mut self, number: Number, value: i64) {
        self.numbers[number as usize] = value;
    }

    /// A hash over everything that is indexed.
    fn print(&self) -> u64 {
        let mut hash = Sha256::new();
        let mut text = |text: &str| {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        };
        text(self.heading);
        for list in [&self.texts, &self.buyer_names, &self.supplier_names] {
            for entry in list {
                text(entry);
            }
            text("");
        }
        for list in self.codes.iter().chain(&self.labels) {
            for entry in list {
                text(entry);
            }
            text("");
        }
        self.numbers.iter().for_each(|number| hash.update(number.to_le_bytes()));
        self.amounts.iter().for_each(|amount| hash.update(amount.to_bits().to_le_bytes()));
        hash.finalize().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }

    /// The Doffin id as a number.
    pub(super) fn key(&self) -> u64 {
        self.key
    }

    /// The document for the index.
    pub(super) fn document(&self, fields: &Fields) -> TantivyDocument {
        let mut document = TantivyDocument::new();
        document.add_u64(fields.key, self.key);
        for text in std::iter::repeat_n(&self.heading, HEADING_WEIGHT).chain(&self.texts) {
            document.add_text(fields.text, text);
        }
        for text in std::iter::once(&self.heading).chain(&self.texts) {
            document.add_text(fields.forms, text);
            document.add_text(fields.pairs, text);
        }
        self.buyer_names.iter().for_each(|name| document.add_text(fields.buyer_name, name));
        self.supplier_names.iter().for_each(|name| document.add_text(fields.supplier_name, name));
        let words = self.codes.iter().zip(fields.codes).chain(self.labels.iter().zip(fields.labels));
        for (list, field) in words {
            for word in list {
                document.add_text(field, word);
            }
        }
        for (value, field) in self.numbers.iter().zip(fields.numbers).filter(|(value, _)| **value != NONE) {
            document.add_i64(field, *value);
        }
        for (value, field) in self.amounts.iter().zip(fields.amounts).filter(|(value, _)| value.is_finite()) {
            document.add_f64(field, *value);
        }
        document
    }
}

/// Names of organisations without a number, by which they are counted; not those that have one where else they are named.
fn unnumbered(parties: &[(&Option<OrgNumber>, &String)]) -> Vec<String> {
    let fold = |name: &str| name.trim().to_lowercase();
    let numbered = parties.iter().filter(|(number, _)| number.is_some());
    let mut seen: HashSet<String> = numbered.map(|(_, name)| fold(name)).collect();
    let others = parties.iter().filter(|(number, _)| number.is_none());
    others.filter(|(_, name)| seen.insert(fold(name))).map(|(_, name)| name.trim().to_owned()).collect()
}

/// Whether a notice tells of contracts for the first time. Intents and changes give whole values once more, and
/// cancellations have no award.
fn is_award(hit: &Hit) -> bool {
    hit.kind == NoticeType::AnnouncementOfConclusionOfContract.as_str()
}

/// Awards whose number of tenders is known and not 0, and those of them with exactly one tender.
fn tenders(hit: &Hit, facts: Option<&Facts>) -> (u32, u32) {
    match facts {
        _ if !is_award(hit) => (0, 0),
        Some(facts) if facts.received.is_some() => (facts.counted, facts.single),
        _ => {
            let most = hit.most_received();
            (u32::from(most > 0), u32::from(most == 1))
        }
    }
}

/// A Doffin id as a number: year and number side by side.
pub(super) fn key(id: &NoticeId) -> u64 {
    id.as_str().bytes().filter(u8::is_ascii_digit).fold(0, |key, digit| key * 10 + u64::from(digit - b'0'))
}

/// The Doffin id of a number.
pub(super) fn id(key: u64) -> Option<NoticeId> {
    NoticeId::parse(&format!("{:04}-{:06}", key / 1_000_000, key % 1_000_000)).ok()
}

/// Days since 1970.
pub(super) fn day(date: Date) -> i64 {
    let days = date.since(Date::constant(1970, 1, 1)).map(|span| span.get_days());
    days.map_or(NONE, i64::from)
}

/// Nanoseconds since 1970, as near as 64 bits come.
pub(super) fn nanoseconds(at: Timestamp) -> i64 {
    let limited = at.as_nanosecond().clamp(i128::from(NONE + 1), i128::from(i64::MAX));
    i64::try_from(limited).unwrap_or(NONE)
}

/// The digits of a CPV code that tell it from its ancestors, at least two.
pub(super) fn stem(code: &str) -> &str {
    let stem = code.trim_end_matches('0');
    if stem.len() < 2 { code.get(..2).unwrap_or(code) } else { stem }
}

fn beginnings(code: &str, shortest: usize) -> Vec<String> {
    let ends = shortest.min(code.len())..=code.len();
    ends.filter_map(|end| code.get(..end)).map(ToOwned::to_owned).collect()
}

fn distinct(values: impl Iterator<Item = String>) -> Vec<String> {
    values.filter(|value| !value.is_empty()).collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

fn push<'a>(names: &mut Vec<&'a str>, name: &'a str) {
    if !name.trim().is_empty() && !names.contains(&name) {
        names.push(name);
    }
}
