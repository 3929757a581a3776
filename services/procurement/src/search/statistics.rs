//! Counts and sums of matches by one dimension.

use std::cmp::Reverse;

use jiff::Timestamp;
use tantivy::{DocId, SegmentReader};

use super::columns::{Columns, year_and_month};
use super::facets::MONTHS;
use super::filter::{Check, condition, is_amount};
use super::names::Names;
use super::plan::Plan;
use super::scan::{Matches, Visitor};
use super::schema::{Fields, Label};
use super::view::View;
use super::{Dimension, Error, Row, Stats};
use crate::domain::Query;

/// Counts.
pub(super) fn stats(
    view: &View,
    fields: &Fields,
    query: &Query,
    now: Timestamp,
    by: Dimension,
    limit: usize,
) -> Result<Stats, Error> {
    let plan = Plan::new(query.words.as_ref());
    let matches = Matches {
        condition: condition(fields, query, &plan),
        checks: Check::all(query, now, None, &view.names),
    };
    let groups = Groups::new(by, &view.names);
    let mut counting = Counting {
        nok: view.names.of(Label::Currency).find("NOK"),
        rows: vec![Row::default(); groups.words.len()],
        groups,
        total: 0,
    };
    matches.visit(view, &mut counting)?;
    let Counting { groups, rows, total, .. } = counting;
    let mut rows: Vec<Row> = rows
        .into_iter()
        .zip(groups.words)
        .skip(1)
        .filter(|(row, _)| row.notices > 0)
        .map(|(row, key)| Row { key, ..row })
        .collect();
    match by {
        Dimension::Buyer | Dimension::Supplier => {
            rows.sort_by(|a, b| Reverse(a.notices).cmp(&Reverse(b.notices)).then_with(|| a.key.cmp(&b.key)));
        }
        _ => rows.sort_by(|a, b| a.key.cmp(&b.key)),
    }
    let left_out = rows.len().saturating_sub(limit);
    rows.truncate(limit);
    Ok(Stats { rows, total, left_out })
}

/// How documents fall into rows.
struct Groups {
    by: Dimension,
    /// Keys of the rows; the first stands for none.
    words: Vec<String>,
    /// The row of each of a column's words, where several words fall into one row.
    row_of: Option<Vec<u32>>,
}

impl Groups {
    fn new(by: Dimension, names: &Names) -> Self {
        let words = |label| {
            let list = names.of(label);
            (0..list.len()).map(|number| list.word(number).to_owned()).collect::<Vec<_>>()
        };
        let (words, row_of) = match by {
            Dimension::Month => {
                let month = |number| {
                    let (year, month) = year_and_month(number);
                    format!("{year:04}-{month:02}")
                };
                ((0..MONTHS).map(month).collect(), None)
            }
            Dimension::CpvDivision => (words(Label::Division), None),
            Dimension::Buyer => (words(Label::Buyer), None),
            Dimension::Supplier => (words(Label::Supplier), None),
            Dimension::Type => (words(Label::Kind), None),
            Dimension::Region => {
                let region = |place: String| {
                    if place.starts_with("anyw") { "anyw".to_owned() } else { first_four(place) }
                };
                let all: Vec<String> = words(Label::Place).into_iter().map(region).collect();
                let mut rows = all.clone();
                rows.sort();
                rows.dedup();
                let row =
                    |word: &String| rows.binary_search(word).ok().and_then(|row| u32::try_from(row).ok());
                let row_of = all.iter().map(|word| row(word).unwrap_or(0)).collect();
                (rows, Some(row_of))
            }
        };
        Self { by, words, row_of }
    }

    /// The rows of a document, each once.
    fn rows<'a>(&self, columns: &'a Columns, doc: usize, scratch: &'a mut Vec<u32>) -> &'a [u32] {
        let label = match self.by {
            Dimension::Month => {
                scratch.clear();
                scratch.push(columns.months[doc].into());
                return scratch;
            }
            Dimension::CpvDivision => Label::Division,
            Dimension::Region => Label::Place,
            Dimension::Buyer => Label::Buyer,
            Dimension::Supplier => Label::Supplier,
            Dimension::Type => Label::Kind,
        };
        let words = columns.labels(label, doc);
        let Some(row_of) = &self.row_of else { return words };
        scratch.clear();
        for word in words {
            let row = row_of.get(*word as usize).copied().unwrap_or(0);
            if !scratch.contains(&row) {
                scratch.push(row);
            }
        }
        scratch
    }
}

/// The code of a place's region: its first four characters.
fn first_four(mut place: String) -> String {
    let end = place.char_indices().nth(4).map_or(place.len(), |(at, _)| at);
    place.truncate(end);
    place
}

/// A count under way.
struct Counting {
    groups: Groups,
    rows: Vec<Row>,
    nok: Option<u32>,
    total: usize,
}

impl Visitor for Counting {
    fn enter(&mut self, _: &SegmentReader) -> Result<(), Error> {
        Ok(())
    }

    fn visit(&mut self, columns: &Columns, docs: &[DocId]) {
        self.total += docs.len();
        let mut scratch = Vec::new();
        for doc in docs {
            let doc = *doc as usize;
            let in_nok =
                columns.labels(Label::Currency, doc).first().copied() == self.nok && self.nok.is_some();
            let estimated = Some(columns.estimated[doc]).filter(|amount| in_nok && is_amount(*amount));
            let awarded = Some(columns.awarded[doc]).filter(|amount| is_amount(*amount));
            let (counted, single) = columns.tenders[doc];
            for row in self.groups.rows(columns, doc, &mut scratch) {
                let Some(row) = self.rows.get_mut(*row as usize) else { continue };
                row.notices += 1;
                row.estimates += usize::from(estimated.is_some());
                row.estimated_nok += estimated.unwrap_or(0.0);
                row.totals += usize::from(awarded.is_some());
                row.awarded_nok += awarded.unwrap_or(0.0);
                row.awards_counted += usize::from(counted);
                row.single_bid += usize::from(single);
            }
        }
    }
}
