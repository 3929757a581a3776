//! Counts and sums of matches by one dimension.

use std::borrow::Cow;
use std::cmp::Reverse;

use jiff::Timestamp;
use tantivy::DocId;

use super::columns::{Columns, year_and_month};
use super::filter::{Check, condition};
use super::names::{Names, SEVERAL};
use super::plan::Plan;
use super::scan::Matches;
use super::schema::{Fields, Label};
use super::tally::MONTHS;
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
    let mut sums = vec![Sums::default(); groups.len()];
    let mut total = 0;
    matches.visit(view, |part, docs, count| {
        total += count;
        let columns = &*part.columns;
        docs.blocks(|block| {
            groups.each(columns, block, |row, doc| sums[row as usize].add(&Sums::of(columns, doc)));
        });
        Ok(())
    })?;
    let mut rows: Vec<usize> = (1..sums.len()).filter(|row| sums[*row].notices > 0).collect();
    let key = |row: usize| groups.key(row);
    let (all, most_first) = (rows.len(), matches!(by, Dimension::Buyer | Dimension::Supplier));
    let order = |a: &usize, b: &usize| {
        let notices = |row: usize| Reverse(if most_first { sums[row].notices } else { 0 });
        notices(*a).cmp(&notices(*b)).then_with(|| key(*a).cmp(&key(*b)))
    };
    if limit < all {
        rows.select_nth_unstable_by(limit, order);
        rows.truncate(limit);
    }
    rows.sort_unstable_by(order);
    let rows: Vec<Row> = rows.into_iter().map(|row| sums[row].row(key(row))).collect();
    Ok(Stats { left_out: all - rows.len(), rows, total })
}

/// How documents fall into rows.
struct Groups<'a> {
    by: Dimension,
    names: &'a Names,
    /// Keys of the rows of regions, of which a row has several words, and the row of each word.
    regions: Option<(Vec<&'a str>, Vec<u32>)>,
}

/// The column of a dimension; none for months.
fn column(by: Dimension) -> Option<Label> {
    Some(match by {
        Dimension::Month => return None,
        Dimension::CpvDivision => Label::Division,
        Dimension::Region => Label::Place,
        Dimension::Buyer => Label::Buyer,
        Dimension::Supplier => Label::Supplier,
        Dimension::Type => Label::Kind,
    })
}

impl<'a> Groups<'a> {
    fn new(by: Dimension, names: &'a Names) -> Self {
        if by != Dimension::Region {
            return Self { by, names, regions: None };
        }
        let list = names.of(Label::Place);
        let region = |place: &'a str| {
            let end = place.char_indices().nth(4).map_or(place.len(), |(at, _)| at);
            if place.starts_with("anyw") { "anyw" } else { &place[..end] }
        };
        let all: Vec<&str> = (0..list.len()).map(|number| region(list.word(number))).collect();
        let mut rows = all.clone();
        rows.sort_unstable();
        rows.dedup();
        let row = |word: &&str| rows.binary_search(word).ok().and_then(|row| u32::try_from(row).ok());
        let row_of = all.iter().map(|word| row(word).unwrap_or(0)).collect();
        Self { by, names, regions: Some((rows, row_of)) }
    }

    /// How many rows there are, the first of which stands for none.
    fn len(&self) -> usize {
        match (&self.regions, column(self.by)) {
            (Some((rows, _)), _) => rows.len(),
            (None, Some(label)) => self.names.of(label).len(),
            (None, None) => MONTHS,
        }
    }

    /// The key of a row.
    fn key(&self, row: usize) -> Cow<'a, str> {
        match (&self.regions, column(self.by)) {
            (Some((rows, _)), _) => rows[row].into(),
            (None, Some(label)) => self.names.of(label).word(row).into(),
            (None, None) => {
                let (year, month) = year_and_month(row);
                format!("{year:04}-{month:02}").into()
            }
        }
    }

    /// Shows the rows of documents, each once a document; the first where it has none.
    fn each(&self, columns: &Columns, docs: &[DocId], mut show: impl FnMut(u32, usize)) {
        let docs = docs.iter().map(|doc| *doc as usize);
        let Some(label) = column(self.by) else {
            return docs.for_each(|doc| show(columns.months[doc].into(), doc));
        };
        let (numbers, sets) = (columns.labels(label), self.names.sets(label));
        let Some((_, row_of)) = &self.regions else {
            return docs.for_each(|doc| match &numbers[doc] {
                several if several & SEVERAL != 0 => {
                    sets.members(several).iter().for_each(|row| show(*row, doc));
                }
                one => show(*one, doc),
            });
        };
        let row = |word: &u32| row_of.get(*word as usize).copied().unwrap_or(0);
        for doc in docs {
            let words = sets.members(&numbers[doc]);
            for (at, word) in words.iter().enumerate() {
                if !words[..at].iter().any(|before| row(before) == row(word)) {
                    show(row(word), doc);
                }
            }
        }
    }
}

/// What is summed up, of one document or of many.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    estimated_nok: f64,
    awarded_nok: f64,
    notices: u32,
    estimates: u32,
    totals: u32,
    awards_counted: u32,
    single_bid: u32,
}

impl Sums {
    #[inline]
    fn of(columns: &Columns, doc: usize) -> Self {
        let [estimated_nok, awarded_nok] = columns.in_nok[doc];
        let [estimates, totals] = columns.has_nok[doc].map(u32::from);
        let (counted, single) = columns.tenders[doc];
        Self {
            estimated_nok,
            awarded_nok,
            notices: 1,
            estimates,
            totals,
            awards_counted: counted.into(),
            single_bid: single.into(),
        }
    }

    #[inline]
    fn add(&mut self, other: &Self) {
        self.estimated_nok += other.estimated_nok;
        self.awarded_nok += other.awarded_nok;
        self.notices += other.notices;
        self.estimates += other.estimates;
        self.totals += other.totals;
        self.awards_counted += other.awards_counted;
        self.single_bid += other.single_bid;
    }

    fn row(self, key: Cow<'_, str>) -> Row {
        Row {
            key: key.into_owned(),
            notices: self.notices as usize,
            estimates: self.estimates as usize,
            estimated_nok: self.estimated_nok,
            totals: self.totals as usize,
            awarded_nok: self.awarded_nok,
            awards_counted: self.awards_counted as usize,
            single_bid: self.single_bid as usize,
        }
    }
}
