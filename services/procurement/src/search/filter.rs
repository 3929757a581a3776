//! Which notices match: codes and words through the index, everything with an order through the columns.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use tantivy::query::{
    AllQuery, BooleanQuery, Occur, PhraseQuery, Query as Condition, TermQuery, TermSetQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, Term};

use super::beginning::Beginning;
use super::columns::{Columns, NO_DAY};
use super::names::Names;
use super::plan::{Clause, Plan};
use super::record::{OSLO, day, key, nanoseconds, stem};
use super::schema::{Code, Fields, Label, NO_AMOUNT, NONE};
use super::standing::number;
use crate::domain::{DateRange, Named, Query, Seq};

/// The part of a search that the index answers.
pub(super) fn condition(fields: &Fields, query: &Query, plan: &Plan) -> Box<dyn Condition> {
    let mut all: Vec<(Occur, Box<dyn Condition>)> = Vec::new();
    all.extend(plan.wanted.iter().map(|clause| (Occur::Must, words(fields, clause))));
    let mut any = |code, values: Vec<String>| {
        if !values.is_empty() {
            all.push((Occur::Must, any_of(fields.code(code), values)));
        }
    };
    any(Code::Kind, query.types.iter().map(|kind| kind.as_str().to_owned()).collect());
    any(Code::Cpv, query.cpv.iter().map(|code| stem(code.as_str()).to_owned()).collect());
    any(Code::Place, query.locations.iter().cloned().collect());
    any(Code::Language, query.refine.languages.iter().cloned().collect());
    any(Code::Procedure, query.refine.procedures.iter().cloned().collect());
    for (parties, code, names) in [
        (&query.refine.buyers, Code::Buyer, fields.buyer_name),
        (&query.refine.suppliers, Code::Supplier, fields.supplier_name),
    ] {
        if !parties.is_empty() {
            let parties = parties.iter().map(|party| (Occur::Should, named(fields, party, code, names)));
            all.push((Occur::Must, Box::new(BooleanQuery::new(parties.collect()))));
        }
    }
    if all.is_empty() {
        all.push((Occur::Must, Box::new(AllQuery)));
    }
    for group in &plan.unwanted {
        let group = group.iter().map(|clause| (Occur::Must, words(fields, clause))).collect();
        all.push((Occur::MustNot, together(group)));
    }
    together(all)
}

fn together(mut all: Vec<(Occur, Box<dyn Condition>)>) -> Box<dyn Condition> {
    match all.pop() {
        Some((Occur::Must, only)) if all.is_empty() => only,
        last => {
            all.extend(last);
            Box::new(BooleanQuery::new(all))
        }
    }
}

fn term(field: Field, text: &str) -> Box<dyn Condition> {
    Box::new(TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::Basic))
}

fn any_of(field: Field, mut values: Vec<String>) -> Box<dyn Condition> {
    match values.pop() {
        Some(only) if values.is_empty() => term(field, &only),
        last => {
            let values = values.into_iter().chain(last);
            Box::new(TermSetQuery::new(values.map(|value| Term::from_field_text(field, &value))))
        }
    }
}

fn phrase(field: Field, stems: &[String]) -> Box<dyn Condition> {
    Box::new(PhraseQuery::new(stems.iter().map(|stem| Term::from_field_text(field, stem)).collect()))
}

fn words(fields: &Fields, clause: &Clause) -> Box<dyn Condition> {
    match clause {
        Clause::Word(stem) => term(fields.text, stem),
        Clause::Phrase(stems) => phrase(fields.text, stems),
        Clause::Beginning { form, stem } => {
            let beginning = Beginning { fields: [fields.text, fields.forms], beginning: form.clone() };
            either(term(fields.text, stem), Box::new(beginning))
        }
        Clause::Notice { id, mention } => {
            let itself = TermQuery::new(Term::from_field_u64(fields.key, key(id)), IndexRecordOption::Basic);
            either(Box::new(itself), phrase(fields.text, mention))
        }
    }
}

fn either(one: Box<dyn Condition>, other: Box<dyn Condition>) -> Box<dyn Condition> {
    Box::new(BooleanQuery::new(vec![(Occur::Should, one), (Occur::Should, other)]))
}

fn named(fields: &Fields, party: &Named, code: Code, names: Field) -> Box<dyn Condition> {
    match party {
        Named::Number(number) => term(fields.code(code), number.as_str()),
        Named::Name(name) => {
            let stems = Plan::of_name(name);
            together(stems.iter().map(|stem| (Occur::Must, term(names, stem))).collect())
        }
    }
}

/// The part of a search that the columns answer: all of it must hold.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Check {
    /// Search shows it.
    Shown,
    /// First seen at this position or before.
    SeenBy(i64),
    /// Stands, at a moment, in one of the ways whose bits are set.
    Status { wanted: u8, now: i64 },
    /// Issued between two days.
    Issued(i32, i32),
    /// Published between two days.
    Published(i32, i32),
    /// Due from one moment to before another.
    Due(i64, i64),
    /// Estimated between two amounts.
    Value(f64, f64),
    /// Estimated in one of these currencies.
    Currency(Vec<u32>),
    /// Divided in so many lots.
    Lots(u32, u32),
}

impl Check {
    /// What the columns have to be asked for a search.
    pub(super) fn all(query: &Query, now: Timestamp, seen_by: Option<Seq>, names: &Names) -> Vec<Self> {
        let mut checks = vec![Self::Shown];
        checks.extend(seen_by.map(|seq| Self::SeenBy(seq.0)));
        if !query.statuses.is_empty() {
            let wanted = query.statuses.iter().fold(0, |bits, status| bits | 1 << number(Some(*status)));
            checks.push(Self::Status { wanted, now: nanoseconds(now) });
        }
        checks.extend(days(query.issued).map(|(from, to)| Self::Issued(from, to)));
        checks.extend(days(query.refine.published).map(|(from, to)| Self::Published(from, to)));
        checks.extend(moments(query.refine.deadline).map(|(from, to)| Self::Due(from, to)));
        let value = query.value;
        let valued = value.from.is_some() || value.to.is_some();
        if valued {
            checks.push(Self::Value(value.from.unwrap_or(f64::MIN), value.to.unwrap_or(f64::MAX)));
        }
        let number = |currency: &str| names.of(Label::Currency).find(currency);
        if !query.refine.currencies.is_empty() {
            let wanted = query.refine.currencies.iter().filter_map(|currency| number(currency));
            checks.push(Self::Currency(wanted.collect()));
        } else if valued {
            checks.push(Self::Currency(number("NOK").into_iter().collect()));
        }
        let lots = query.refine.lots;
        if lots.from.is_some() || lots.to.is_some() {
            checks.push(Self::Lots(lots.from.unwrap_or(0), lots.to.unwrap_or(u32::MAX)));
        }
        checks
    }

    /// Keeps the documents that hold.
    pub(super) fn keep(&self, columns: &Columns, docs: &mut Vec<DocId>) {
        let at = |doc: &DocId| *doc as usize;
        match self {
            Self::Shown => docs.retain(|doc| !columns.hidden(at(doc))),
            Self::SeenBy(seq) => docs.retain(|doc| columns.first_seq[at(doc)] <= *seq),
            Self::Status { wanted, now } => {
                docs.retain(|doc| wanted >> columns.status(at(doc), *now) & 1 == 1);
            }
            Self::Issued(from, to) => docs.retain(|doc| (*from..=*to).contains(&columns.issued[at(doc)])),
            Self::Published(from, to) => {
                docs.retain(|doc| (*from..=*to).contains(&columns.published[at(doc)]));
            }
            Self::Due(from, to) => docs.retain(|doc| (*from..*to).contains(&columns.deadlines[at(doc)])),
            Self::Value(from, to) => {
                docs.retain(|doc| (*from..=*to).contains(&columns.estimated[at(doc)]));
            }
            Self::Currency(wanted) => docs.retain(|doc| {
                columns.labels(Label::Currency, at(doc)).iter().any(|currency| wanted.contains(currency))
            }),
            Self::Lots(from, to) => docs.retain(|doc| (*from..=*to).contains(&columns.lots[at(doc)])),
        }
    }
}

/// First and last day, where a range has either end.
fn days(range: DateRange) -> Option<(i32, i32)> {
    let number = |date: Date| i32::try_from(day(date)).unwrap_or(NO_DAY);
    let bounded = range.from.is_some() || range.to.is_some();
    bounded.then(|| (range.from.map_or(NO_DAY + 1, number), range.to.map_or(i32::MAX, number)))
}

/// First moment of the first day in Oslo, and of the day after the last, where a range has either end.
fn moments(range: DateRange) -> Option<(i64, i64)> {
    let midnight =
        |date: Date| date.to_zoned_datetime(OSLO.clone()).ok().map(|at| nanoseconds(at.timestamp()));
    let bounded = range.from.is_some() || range.to.is_some();
    let from = range.from.and_then(midnight).unwrap_or(NONE + 1);
    let to = range.to.and_then(|last| last.checked_add(1.day()).ok()).and_then(midnight);
    bounded.then(|| (from, to.unwrap_or(i64::MAX)))
}

/// Whether an amount is one.
pub(super) fn is_amount(amount: f64) -> bool {
    amount > NO_AMOUNT
}
