//! Counts of matches by value.

use std::cmp::Reverse;

use super::columns::year_and_month;
use super::docs::Docs;
use super::find::Facet;
use super::names::Names;
use super::part::Part;
use super::schema::Label;
use super::standing::STATUSES;
use super::tally::{By, Tally};

/// Most values a facet gives.
const LIMIT: usize = 100;

/// Statuses, and none.
const STANDINGS: usize = 8;

/// What is counted of a facet.
enum Counted {
    /// What a column gives.
    Column(By, Tally),
    /// Status at the moment of the question, in several rows: the next document need not wait for the one before.
    Status(Box<[[usize; STANDINGS]; 4]>),
}

/// Counts of the facets of a question.
pub(super) struct Facets<'a> {
    names: &'a Names,
    now: i64,
    counts: Vec<(Facet, Counted)>,
}

/// The column a facet counts; none for what is computed.
fn column(facet: Facet) -> Option<By> {
    Some(By::Label(match facet {
        Facet::Type => Label::Kind,
        Facet::CpvDivision => Label::Division,
        Facet::Location => Label::Place,
        Facet::Buyer => Label::Buyer,
        Facet::Supplier => Label::Supplier,
        Facet::Procedure => Label::Procedure,
        Facet::Currency => Label::Currency,
        Facet::Language => Label::Language,
        Facet::Year => return Some(By::Month),
        Facet::Status => return None,
    }))
}

impl<'a> Facets<'a> {
    /// Counts nothing yet.
    pub(super) fn new(facets: &[Facet], names: &'a Names, now: i64) -> Self {
        let count = |facet: &Facet| {
            let counted = match column(*facet) {
                Some(by) => Counted::Column(by, Tally::new(by, names)),
                None => Counted::Status(Box::default()),
            };
            (*facet, counted)
        };
        Self { names, now, counts: facets.iter().map(count).collect() }
    }

    /// Counts documents of a segment, so many of them. Where they are most of it, the others are taken from its totals.
    pub(super) fn add(&mut self, part: &Part, docs: &Docs, count: usize) {
        let shown = part.shown.count();
        let others = (count > shown / 2).then(|| Docs::Many(part.shown.clone()).without(docs));
        let columns = &*part.columns;
        for (_, counted) in &mut self.counts {
            match (counted, &others) {
                (Counted::Column(by, tally), None) => docs.blocks(|block| tally.add(*by, columns, block)),
                (Counted::Column(by, tally), Some(others)) => {
                    tally.merge(part.totals.of(*by, columns, &part.shown, self.names));
                    others.blocks(|block| tally.take(*by, columns, block));
                }
                (Counted::Status(rows), _) => docs.blocks(|block| {
                    for docs in block.chunks(4) {
                        for (row, doc) in rows.iter_mut().zip(docs) {
                            row[usize::from(columns.status(*doc as usize, self.now))] += 1;
                        }
                    }
                }),
            }
        }
    }

    /// Values of each facet with how many matches have them: most first, then by value.
    pub(super) fn values(self) -> impl Iterator<Item = (Facet, Vec<(String, usize)>)> {
        let names = self.names;
        self.counts.into_iter().map(|(facet, counted)| (facet, first(named(counted, names))))
    }
}

/// A value that is written when it is shown, and its count.
type Numbered<'a> = (Box<dyn Fn(usize) -> String + 'a>, Vec<(usize, usize)>);

fn named(counted: Counted, names: &Names) -> Numbered<'_> {
    let numbered =
        |counts: Vec<usize>| counts.into_iter().enumerate().skip(1).filter(|(_, count)| *count > 0).collect();
    match counted {
        Counted::Column(by @ By::Label(label), tally) => {
            let list = names.of(label);
            (Box::new(|number| list.word(number).to_owned()), numbered(tally.words(by, names)))
        }
        Counted::Column(by @ By::Month, tally) => {
            (Box::new(|year| year.to_string()), years(&tally.words(by, names)))
        }
        Counted::Status(rows) => {
            let sum = |status: usize| rows.iter().map(|row| row[status]).sum();
            let status = |number: usize| STATUSES.get(number.wrapping_sub(1)).map_or("", |s| s.as_str());
            (Box::new(move |number| status(number).to_owned()), numbered((0..STANDINGS).map(sum).collect()))
        }
    }
}

/// Words are looked up for the most counted alone; equal counts at the border are settled by word.
fn first((word, mut numbered): Numbered<'_>) -> Vec<(String, usize)> {
    if numbered.len() > LIMIT {
        numbered.select_nth_unstable_by_key(LIMIT - 1, |(_, count)| Reverse(*count));
        let least = numbered[LIMIT - 1].1;
        numbered.retain(|(_, count)| *count >= least);
    }
    let mut values: Vec<_> = numbered.into_iter().map(|(number, count)| (word(number), count)).collect();
    values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    values.truncate(LIMIT);
    values
}

fn years(months: &[usize]) -> Vec<(usize, usize)> {
    let mut years = std::collections::BTreeMap::new();
    for (month, count) in months.iter().enumerate().skip(1).filter(|(_, count)| **count > 0) {
        *years.entry(year_and_month(month).0).or_default() += *count;
    }
    years.into_iter().collect()
}
