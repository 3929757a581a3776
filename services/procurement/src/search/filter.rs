//! Which notices match: codes and words through the index, everything with an order through the columns.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use tantivy::Term;
use tantivy::schema::Field;

use super::columns::{Columns, NO_DAY};
use super::condition::Condition;
use super::docs::Docs;
use super::names::Names;
use super::near::Near;
use super::plan::{Clause, Plan};
use super::record::{OSLO, day, key, nanoseconds, stem};
use super::schema::{Code, Fields, Label, NO_AMOUNT, NONE};
use super::standing::number;
use super::together::Together;
use crate::domain::{DateRange, Named, Query, Seq};

/// The part of a search that the index answers.
pub(super) fn condition(fields: &Fields, query: &Query, plan: &Plan) -> Condition {
    let mut all: Vec<Condition> = plan.wanted.iter().map(|clause| words(fields, clause)).collect();
    let mut any = |code, values: Vec<String>| {
        if !values.is_empty() {
            let values = values.iter().map(|value| term(fields.code(code), value));
            all.push(Condition::Any(values.collect()));
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
            let parties = parties.iter().map(|party| named(fields, party, code, names));
            all.push(Condition::Any(parties.collect()));
        }
    }
    let wanted = if all.is_empty() { Condition::Everything } else { Condition::All(all) };
    let group =
        |group: &Vec<Clause>| Condition::All(group.iter().map(|clause| words(fields, clause)).collect());
    match plan.unwanted.as_slice() {
        [] => wanted,
        unwanted => Condition::Except(Box::new(wanted), unwanted.iter().map(group).collect()),
    }
}

fn term(field: Field, text: &str) -> Condition {
    Condition::Term(Term::from_field_text(field, text))
}

fn near(fields: &Fields, stems: &[String]) -> Condition {
    Condition::Near(Near::new(fields.text, fields.pairs, stems))
}

fn words(fields: &Fields, clause: &Clause) -> Condition {
    match clause {
        Clause::Word(stem) => term(fields.text, stem),
        Clause::Phrase(stems) => near(fields, stems),
        Clause::Beginning { form, stem } => {
            let beginning = Condition::Beginning([fields.text, fields.forms], form.clone());
            Condition::Any(vec![term(fields.text, stem), beginning])
        }
        Clause::Notice { id, mention } => {
            let itself = Condition::Term(Term::from_field_u64(fields.key, key(id)));
            Condition::Any(vec![itself, near(fields, mention)])
        }
    }
}

fn named(fields: &Fields, party: &Named, code: Code, names: Field) -> Condition {
    match party {
        Named::Number(number) => term(fields.code(code), number.as_str()),
        Named::Name(name) => Condition::Together(Together::new(names, &Plan::of_name(name))),
    }
}

/// The part of a search that the columns answer: all of it must hold.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Check {
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
    /// Estimated in one of these currencies, by the numbers of the column.
    Currency(Vec<u32>),
    /// Divided in so many lots.
    Lots(u32, u32),
}

impl Check {
    /// What the columns have to be asked for a search.
    pub(super) fn all(query: &Query, now: Timestamp, seen_by: Option<Seq>, names: &Names) -> Vec<Self> {
        let mut checks = Vec::new();
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
            checks.push(Self::Currency(names.with_any(Label::Currency, &wanted.collect::<Vec<_>>())));
        } else if valued {
            checks.push(Self::Currency(names.with_any(Label::Currency, number("NOK").as_slice())));
        }
        let lots = query.refine.lots;
        if lots.from.is_some() || lots.to.is_some() {
            checks.push(Self::Lots(lots.from.unwrap_or(0), lots.to.unwrap_or(u32::MAX)));
        }
        checks
    }

    /// Keeps the documents that hold.
    pub(super) fn keep(&self, columns: &Columns, docs: Docs) -> Docs {
        match self {
            Self::SeenBy(seq) => docs.keep(|doc| columns.first_seq[doc as usize] <= *seq),
            Self::Status { wanted, now } => {
                docs.keep(|doc| wanted >> columns.status(doc as usize, *now) & 1 == 1)
            }
            Self::Issued(from, to) => docs.keep(|doc| (*from..=*to).contains(&columns.issued[doc as usize])),
            Self::Published(from, to) => {
                docs.keep(|doc| (*from..=*to).contains(&columns.published[doc as usize]))
            }
            Self::Due(from, to) => docs.keep(|doc| (*from..*to).contains(&columns.deadlines[doc as usize])),
            Self::Value(from, to) => {
                docs.keep(|doc| (*from..=*to).contains(&columns.estimated[doc as usize]))
            }
            Self::Currency(wanted) => {
                let currencies = columns.labels(Label::Currency);
                docs.keep(|doc| wanted.contains(&currencies[doc as usize]))
            }
            Self::Lots(from, to) => docs.keep(|doc| (*from..=*to).contains(&columns.lots[doc as usize])),
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
