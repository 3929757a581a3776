//! Who tendered for what, and what came of it.

use std::borrow::Cow;
use std::collections::HashMap;

use super::raw::{LotResult, Raw};
use super::resolve::{is_placeholder, told};
use crate::domain::LotKind;

/// The tenders of a document, each by its place there.
pub(super) struct Bids<'r> {
    /// Which of them won, or are meant to.
    pub(super) won: Vec<bool>,
    /// Which of them took part without winning.
    pub(super) lost: Vec<bool>,
    /// The lots each is for, sorted.
    pub(super) lots: Vec<Vec<&'r str>>,
    by_id: HashMap<&'r str, usize>,
}

impl<'r> Bids<'r> {
    /// Tells winners from others: what a contract names has won; what a result lists and no contract names
    /// has not.
    pub(super) fn of(raw: &'r Raw<'_>) -> Self {
        let by_id = places(raw.tenders.iter().map(|tender| &*tender.id));
        let mut bids = Self {
            won: vec![false; raw.tenders.len()],
            lost: Vec::new(),
            lots: tender_lots(raw, &by_id),
            by_id,
        };
        for contract in &raw.contracts {
            for at in bids.places(&contract.tenders).collect::<Vec<_>>() {
                bids.won[at] = true;
            }
        }
        for result in &raw.results {
            bids.without_contract(result, &raw.form);
        }
        let mut lost = vec![false; raw.tenders.len()];
        for at in raw.results.iter().flat_map(|result| bids.places(&result.tenders)) {
            lost[at] = !bids.won[at];
        }
        bids.lost = lost;
        bids
    }

    /// Places of the tenders of these identifiers, those that exist.
    pub(super) fn places<'s>(&'s self, ids: &'s [Cow<'_, str>]) -> impl Iterator<Item = usize> {
        ids.iter().filter_map(|id| self.by_id.get(&**id).copied())
    }

    /// A result that chose a winner but names tenders of no contract: a notice of intent may not have
    /// contracts yet, so that all its tenders are meant; otherwise only a single tender can be the winner.
    fn without_contract(&mut self, result: &LotResult<'_>, form: &str) {
        let chosen = match &*result.code {
            "selec-w" => true,
            "" => form == "dir-awa-pre",
            _ => false,
        };
        let listed: Vec<usize> = self.places(&result.tenders).collect();
        if chosen && !listed.iter().any(|at| self.won[*at]) && (form == "dir-awa-pre" || listed.len() == 1) {
            for at in listed {
                self.won[at] = true;
            }
        }
    }
}

/// Places of things by their identifier; the first of several with the same.
pub(super) fn places<'r>(ids: impl Iterator<Item = &'r str>) -> HashMap<&'r str, usize> {
    let mut places = HashMap::new();
    for (at, id) in ids.enumerate().filter(|(_, id)| !id.is_empty()) {
        places.entry(id).or_insert(at);
    }
    places
}

/// The only lot of a document. What names no lot there can only mean this one.
pub(super) fn sole_lot<'r>(raw: &'r Raw<'_>) -> Option<&'r str> {
    told(sole(raw)?)
}

/// The identifier of the only lot, whatever stands in its place.
pub(super) fn sole<'r>(raw: &'r Raw<'_>) -> Option<&'r str> {
    let mut lots = raw.lots.iter().filter(|lot| lot.kind == LotKind::Lot);
    match (lots.next(), lots.next()) {
        (Some(lot), None) => Some(&lot.id),
        _ => None,
    }
}

/// The lot a result is about.
pub(super) fn result_lot<'r>(result: &'r LotResult<'_>, sole: Option<&'r str>) -> Option<&'r str> {
    told(&result.lot).or(sole)
}

/// The lots of each tender. One for a group of lots, or for none that is told, is for the lots of the
/// results that list it.
fn tender_lots<'r>(raw: &'r Raw<'_>, by_id: &HashMap<&str, usize>) -> Vec<Vec<&'r str>> {
    let sole = sole_lot(raw);
    let mut listed = vec![Vec::new(); raw.tenders.len()];
    for result in &raw.results {
        let lot = result_lot(result, None);
        for at in result.tenders.iter().filter_map(|id| by_id.get(&**id)) {
            listed[*at].extend(lot);
        }
    }
    let own = raw.tenders.iter().zip(listed).map(|(tender, listed)| {
        let own: Vec<&str> = tender.lots.iter().map(|id| &**id).filter(|id| !is_placeholder(id)).collect();
        let is_group = own.iter().any(|id| LotKind::of(None, id) == LotKind::Group);
        let mut lots = if listed.is_empty() || !(own.is_empty() || is_group) { own } else { listed };
        if lots.is_empty() {
            lots.extend(sole);
        }
        lots.sort_unstable();
        lots.dedup();
        lots
    });
    own.collect()
}
