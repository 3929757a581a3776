//! What is worth how much, and the rule that says so.

use std::collections::HashSet;

use super::bids::Bids;
use super::raw::Raw;
use crate::domain::{LotKind, Money, Rule, ValueKind, Valued};

/// Most currencies of one sum.
const CURRENCY_LIMIT: usize = 20;

/// Sums of tenders, without those that only repeat another.
pub(super) struct Sums<'r> {
    raw: &'r Raw<'r>,
    bids: &'r Bids<'r>,
    /// Whether each tender is for lots that are frameworks.
    framework: Vec<bool>,
    winners: usize,
    /// Whether every winning tender repeats the notice's total, as conversions of older forms do.
    repeats: bool,
}

impl<'r> Sums<'r> {
    /// Looks at a document's tenders.
    pub(super) fn of(raw: &'r Raw<'r>, bids: &'r Bids<'r>) -> Self {
        let is_framework = |lot: &&super::raw::Lot<'_>| !matches!(&*lot.framework, "" | "none");
        let frameworks: HashSet<&str> = raw.lots.iter().filter(is_framework).map(|lot| &*lot.id).collect();
        let all = !raw.lots.is_empty() && raw.lots.iter().all(|lot| is_framework(&lot));
        let of_tender = |lots: &Vec<&str>| {
            if lots.is_empty() { all } else { lots.iter().any(|lot| frameworks.contains(lot)) }
        };
        let won = || raw.tenders.iter().zip(&bids.won).filter(|(_, won)| **won).map(|(tender, _)| tender);
        let winners = won().count();
        let repeats = winners > 1 && raw.total.is_some() && won().all(|tender| tender.value == raw.total);
        Self { raw, bids, framework: bids.lots.iter().map(of_tender).collect(), winners, repeats }
    }

    /// The sum of some tenders in each currency; of the same tender once. On frameworks a party gives the
    /// same value for each of its lots, or all parties of a lot the value of the whole: also once.
    pub(super) fn of_each_currency(&self, tenders: &[usize]) -> Vec<Money> {
        let distinct: HashSet<usize> = tenders.iter().copied().collect();
        if self.repeats && distinct.len() < self.winners {
            return Vec::new();
        }
        if self.repeats {
            return self.raw.total.clone().into_iter().collect();
        }
        let mut seen = HashSet::new();
        let mut counted = HashSet::new();
        let mut sums: Vec<Money> = Vec::new();
        for at in tenders.iter().copied().filter(|at| counted.insert(*at)) {
            let tender = &self.raw.tenders[at];
            let Some(value) = &tender.value else { continue };
            let key = |of| (of, value.currency.as_str(), value.amount.to_bits());
            let party = (!tender.party.is_empty()).then(|| key((&*tender.party, true)));
            let lots = self.bids.lots[at].iter().map(|lot| key((*lot, false)));
            let keys: Vec<_> = party.into_iter().chain(lots).collect();
            let repeats = self.framework[at] && keys.iter().any(|key| seen.contains(key));
            seen.extend(keys);
            if !repeats {
                add(&mut sums, value);
            }
        }
        sums
    }

    /// The sum of some tenders; none of tenders in several currencies.
    pub(super) fn of_some(&self, tenders: &[usize]) -> Option<Money> {
        let mut sums = self.of_each_currency(tenders);
        if sums.len() == 1 { sums.pop() } else { None }
    }
}

/// Adds an amount to the sum of its currency.
fn add(sums: &mut Vec<Money>, value: &Money) {
    if let Some(sum) = sums.iter_mut().find(|sum| sum.currency == value.currency) {
        // To whole hundredths, so that a sum of many has no dust.
        sum.amount = ((sum.amount + value.amount) * 100.0).round() / 100.0;
    } else if sums.len() < CURRENCY_LIMIT {
        sums.push(value.clone());
    }
}

fn total<'m>(values: impl Iterator<Item = &'m Money>) -> Vec<Money> {
    let mut sums = Vec::new();
    for value in values {
        add(&mut sums, value);
    }
    sums
}

/// The values of a document. Of each kind the best comes first: a procedure's own before a sum over lots, the
/// notice's total before its tenders, the notice's framework value before those of lots.
pub(super) fn values(raw: &Raw<'_>, bids: &Bids<'_>, sums: &Sums<'_>) -> Vec<Valued> {
    let mut values = Vec::new();
    let mut give = |kind, rule, money: Vec<Money>| {
        let found = !money.is_empty();
        values.extend(money.into_iter().map(|money| Valued { kind, money, rule }));
        found
    };
    let own = |money: &Option<Money>| money.clone().into_iter().collect::<Vec<_>>();
    let lots = || raw.lots.iter().filter(|lot| lot.kind != LotKind::Group);

    let _ = give(ValueKind::Estimated, Rule::ProcedureEstimate, own(&raw.project.estimate))
        || give(
            ValueKind::Estimated,
            Rule::LotEstimates,
            total(lots().filter_map(|lot| lot.project.estimate.as_ref())),
        );

    let won: Vec<usize> = (0..raw.tenders.len()).filter(|at| bids.won[*at]).collect();
    let _ = give(ValueKind::Total, Rule::NoticeTotal, own(&raw.total))
        || give(ValueKind::Total, Rule::WinningTenders, sums.of_each_currency(&won));

    let framework = ValueKind::FrameworkMaximum;
    let noticed = give(framework, Rule::NoticeFrameworkMaximum, own(&raw.maximum));
    let approximate = give(framework, Rule::NoticeFrameworkApproximate, own(&raw.approximate));
    let results = |of: fn(&super::raw::LotResult<'_>) -> Option<Money>| {
        let all: Vec<Money> = raw.results.iter().filter_map(of).collect();
        total(all.iter())
    };
    let _ = noticed
        || approximate
        || give(framework, Rule::ResultFrameworkMaxima, results(|result| result.maximum.clone()))
        || give(framework, Rule::ResultFrameworkEstimates, results(|result| result.reestimate.clone()));
    let _ = give(framework, Rule::FrameworkMaximum, own(&raw.project.framework_maximum))
        || give(
            framework,
            Rule::LotFrameworkMaxima,
            total(lots().filter_map(|lot| lot.project.framework_maximum.as_ref())),
        )
        || give(
            framework,
            Rule::GroupFrameworkMaxima,
            total(lots().filter_map(|lot| lot.group_maximum.as_ref())),
        )
        || give(
            framework,
            Rule::GroupFrameworkMaxima,
            total(raw.lots.iter().filter_map(|lot| lot.group_maximum.as_ref())),
        );
    values
}
