//! Counts of matches by value.

use std::cmp::Reverse;

use tantivy::DocId;

use super::columns::{Columns, year_and_month};
use super::find::Facet;
use super::names::Names;
use super::schema::Label;
use super::standing::STATUSES;

/// Most values a facet gives.
const LIMIT: usize = 100;

/// Months are counted up to this number.
pub(super) const MONTHS: usize = 230 * 12 + 1;

/// Counts of one facet.
pub(super) struct Count {
    facet: Facet,
    counts: Vec<usize>,
}

/// The column a facet counts; none for what is computed.
fn label(facet: Facet) -> Option<Label> {
    Some(match facet {
        Facet::Type => Label::Kind,
        Facet::CpvDivision => Label::Division,
        Facet::Location => Label::Place,
        Facet::Buyer => Label::Buyer,
        Facet::Supplier => Label::Supplier,
        Facet::Procedure => Label::Procedure,
        Facet::Currency => Label::Currency,
        Facet::Language => Label::Language,
        Facet::Status | Facet::Year => return None,
    })
}

impl Count {
    /// Counts nothing yet.
    pub(super) fn new(facet: Facet, names: &Names) -> Self {
        let values = match facet {
            Facet::Status => STATUSES.len() + 1,
            Facet::Year => MONTHS,
            _ => label(facet).map_or(0, |label| names.of(label).len()),
        };
        Self { facet, counts: vec![0; values] }
    }

    /// Counts documents.
    pub(super) fn add(&mut self, columns: &Columns, docs: &[DocId], now: i64) {
        let counts = &mut self.counts;
        let docs = docs.iter().map(|doc| *doc as usize);
        match (label(self.facet), self.facet) {
            (Some(label), _) => {
                for doc in docs {
                    columns.labels(label, doc).iter().for_each(|number| counts[*number as usize] += 1);
                }
            }
            (None, Facet::Status) => docs.for_each(|doc| counts[usize::from(columns.status(doc, now))] += 1),
            (None, _) => docs.for_each(|doc| counts[usize::from(columns.months[doc])] += 1),
        }
    }

    /// Values with how many matches have them: most first, then by value.
    pub(super) fn values(self, names: &Names) -> (Facet, Vec<(String, usize)>) {
        let mut numbered: Vec<(usize, usize)> = match self.facet {
            Facet::Year => years(&self.counts),
            _ => self.counts.into_iter().enumerate().skip(1).filter(|(_, count)| *count > 0).collect(),
        };
        let word = |number: usize| match (label(self.facet), self.facet) {
            (Some(label), _) => names.of(label).word(number).to_owned(),
            (None, Facet::Status) => {
                number.checked_sub(1).and_then(|at| STATUSES.get(at)).map_or("", |s| s.as_str()).to_owned()
            }
            (None, _) => number.to_string(),
        };
        // Words are looked up for the most counted alone; equal counts at the border are settled by word.
        if numbered.len() > LIMIT {
            numbered.select_nth_unstable_by_key(LIMIT - 1, |(_, count)| Reverse(*count));
            let least = numbered[LIMIT - 1].1;
            numbered.retain(|(_, count)| *count >= least);
        }
        let mut values: Vec<_> = numbered.into_iter().map(|(number, count)| (word(number), count)).collect();
        values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        values.truncate(LIMIT);
        (self.facet, values)
    }
}

fn years(months: &[usize]) -> Vec<(usize, usize)> {
    let mut years = std::collections::BTreeMap::new();
    for (month, count) in months.iter().enumerate().skip(1).filter(|(_, count)| **count > 0) {
        *years.entry(year_and_month(month).0).or_default() += *count;
    }
    years.into_iter().collect()
}
