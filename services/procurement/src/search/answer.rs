//! Answers a question from one commit.

use super::cursor::Cursor;
use super::facets::Facets;
use super::filter::{Check, condition};
use super::order::First;
use super::plan::Plan;
use super::record::{id, nanoseconds};
use super::scan::Matches;
use super::schema::Fields;
use super::score::{Statistics, Weights};
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
    let mut first = First::new(limit, page.from.as_ref().map(|cursor| cursor.last));
    let mut facets = Facets::new(&find.facets, &view.names, nanoseconds(now));
    let (mut total, mut relevance) = (0, Vec::new());
    matches.visit(view, |part, docs, count| {
        total += count;
        facets.add(part, docs, count);
        let mut scores = weights.as_ref().map(|weights| weights.open(part, count)).transpose()?;
        docs.blocks(|block| {
            if let Some(scores) = &mut scores {
                scores.of(block, &mut relevance);
            }
            first.consider(order, &part.columns, block, &relevance);
        });
        Ok(())
    })?;
    let places = first.sorted();
    let shown = places.get(page.skip..wanted.min(places.len())).unwrap_or_default();
    let next = shown.last().filter(|_| places.len() > wanted);
    let next = next.map(|last| Cursor { last: *last, seen_by, now, statistics }.write(&find.query));
    Ok(Found {
        ids: shown.iter().filter_map(|place| id(place.key())).collect(),
        total,
        next,
        facets: facets.values().collect(),
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
    view.parts.iter().map(|part| part.columns.keys.len()).sum()
}
