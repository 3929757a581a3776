//! Answers a question from one commit.

use std::collections::HashMap;

use tantivy::{DocId, SegmentReader};

use super::columns::Columns;
use super::cursor::Cursor;
use super::facets::Count;
use super::filter::{Check, condition};
use super::order::{First, Place};
use super::plan::Plan;
use super::record::{id, nanoseconds};
use super::scan::{Matches, Visitor};
use super::schema::Fields;
use super::score::{Scores, Statistics, Weights};
use super::view::View;
use super::{Error, Find, Found, Paging};
use crate::domain::SortBy;

/// Which matches a page is of.
struct Page {
    skip: usize,
    take: usize,
    from: Option<Cursor>,
}

/// Finds.
pub(super) fn find(view: &View, fields: &Fields, find: &Find) -> Result<Found, Error> {
    let plan = Plan::new(find.query.words.as_ref());
    let order = find.query.order();
    let stems = (order == SortBy::Relevance).then(|| plan.scored());
    let page = page(view, find, stems.as_ref().map(Vec::len))?;
    let now = page.from.as_ref().map_or(find.now, |cursor| cursor.now);
    let seen_by = page.from.as_ref().map_or(view.position, |cursor| cursor.seen_by);
    let statistics = match (&stems, page.from.as_ref().and_then(|cursor| cursor.statistics.clone())) {
        (None, _) => None,
        (Some(_), Some(frozen)) => Some(frozen),
        (Some(stems), None) => Some(Statistics::count(&view.searcher, fields.text, stems)?),
    };
    let weights = stems.zip(statistics.as_ref()).map(|(stems, s)| Weights::new(fields.text, &stems, s));
    let matches = Matches {
        condition: condition(fields, &find.query, &plan),
        checks: Check::all(&find.query, now, page.from.as_ref().map(|_| seen_by), &view.names),
    };
    let wanted = page.skip.saturating_add(page.take);
    // One more than wanted tells whether there is more.
    let limit = wanted.saturating_add(1).min(documents(view) + 1);
    let mut finding = Finding {
        order,
        weights,
        scores: None,
        scored: Vec::new(),
        first: First::new(limit, page.from.as_ref().map(|cursor| cursor.last)),
        counts: find.facets.iter().map(|facet| Count::new(*facet, &view.names)).collect(),
        now: nanoseconds(now),
        total: 0,
    };
    matches.visit(view, &mut finding)?;
    let places = finding.first.sorted();
    let shown = places.get(page.skip..wanted.min(places.len())).unwrap_or_default();
    let next = shown.last().filter(|_| places.len() > wanted);
    let next = next.map(|last| Cursor { last: *last, seen_by, now, statistics }.write(&find.query));
    Ok(Found {
        ids: shown.iter().filter_map(|place| id(place.key())).collect(),
        total: finding.total,
        next,
        facets: finding.counts.into_iter().map(|count| count.values(&view.names)).collect::<HashMap<_, _>>(),
        position: view.position,
    })
}

fn page(view: &View, find: &Find, words: Option<usize>) -> Result<Page, Error> {
    match &find.paging {
        Paging::Offset { skip, take } => Ok(Page { skip: *skip, take: *take, from: None }),
        Paging::After { cursor, take } => {
            let from = Cursor::read(cursor, &find.query, words)?;
            if from.seen_by > view.position {
                return Err(Error::Behind { at: view.position, wanted: from.seen_by });
            }
            Ok(Page { skip: 0, take: *take, from: Some(from) })
        }
    }
}

fn documents(view: &View) -> usize {
    view.columns.iter().map(|columns| columns.keys.len()).sum()
}

/// A search under way.
struct Finding {
    order: SortBy,
    weights: Option<Weights>,
    scores: Option<Scores>,
    scored: Vec<f32>,
    first: First,
    counts: Vec<Count>,
    now: i64,
    total: usize,
}

impl Visitor for Finding {
    fn enter(&mut self, segment: &SegmentReader) -> Result<(), Error> {
        self.scores = self.weights.as_ref().map(|weights| weights.open(segment)).transpose()?;
        Ok(())
    }

    fn visit(&mut self, columns: &Columns, docs: &[DocId]) {
        self.total += docs.len();
        for count in &mut self.counts {
            count.add(columns, docs, self.now);
        }
        if let Some(scores) = &mut self.scores {
            scores.of(docs, &mut self.scored);
        }
        // Without scores the order asks for none.
        for (at, doc) in docs.iter().enumerate() {
            let score = self.scored.get(at).copied().unwrap_or(0.0);
            self.first.add(Place::of(self.order, columns, *doc as usize, score));
        }
    }
}
