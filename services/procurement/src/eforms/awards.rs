//! Contracts: what each is for, and with whom.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::Unreadable;
use super::bids::{self, Bids};
use super::raw::{Contract, Raw, TenderingParty};
use super::resolve::told;
use super::roles::{self, ENTRY_LIMIT};
use super::values::Sums;
use crate::domain::{Award, Organization};

/// The contracts of a document.
pub(super) fn awards(
    raw: &Raw<'_>,
    pool: &HashMap<&str, usize>,
    bids: &Bids<'_>,
    sums: &Sums<'_>,
) -> Result<Vec<Award>, Unreadable> {
    let sole = bids::sole_lot(raw);
    // Lots by contract, from the results that name it.
    let mut named: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for result in &raw.results {
        for contract in &result.contracts {
            named.entry(contract).or_default().extend(bids::result_lot(result, sole));
        }
    }
    let parties = bids::places(raw.parties.iter().map(|party| &*party.id));
    let mut entries = 0;
    let mut award = |contract: &Contract<'_>| {
        let tenders: Vec<usize> = bids.places(&contract.tenders).collect();
        let mut lots: Vec<&str> = tenders.iter().flat_map(|at| &bids.lots[*at]).copied().collect();
        lots.extend(named.get(&*contract.id).into_iter().flatten());
        lots.sort_unstable();
        lots.dedup();
        let with = tendering(raw, &parties, &tenders);
        entries += lots.len() + with.iter().map(|party| party.tenderers.len()).sum::<usize>();
        if entries > ENTRY_LIMIT {
            return Err(Unreadable::Many);
        }
        Ok(Award {
            contract: told(&contract.id).map(str::to_owned),
            lots: lots.into_iter().map(str::to_owned).collect(),
            decided: contract.decided.or(raw.award_day),
            signed: contract.signed,
            title: contract.title.text().map(|title| title.text),
            value: sums.of_some(&tenders),
            suppliers: suppliers(raw, pool, &with),
        })
    };
    raw.contracts.iter().map(&mut award).collect()
}

/// The parties of tenders, each once.
fn tendering<'r>(
    raw: &'r Raw<'_>,
    parties: &HashMap<&str, usize>,
    tenders: &[usize],
) -> Vec<&'r TenderingParty<'r>> {
    let mut seen = HashSet::new();
    let of_tenders = tenders.iter().filter_map(|at| parties.get(&*raw.tenders[*at].party));
    of_tenders.filter(|at| seen.insert(**at)).map(|at| &raw.parties[*at]).collect()
}

/// Who tendered what a contract is for, each once. A lot may have many contracts, so its winners are not those of each.
fn suppliers(
    raw: &Raw<'_>,
    pool: &HashMap<&str, usize>,
    parties: &[&TenderingParty<'_>],
) -> Vec<Organization> {
    let mut seen = HashSet::new();
    let tenderers = parties.iter().flat_map(|party| &party.tenderers);
    let organizations = tenderers.filter_map(|(id, _)| pool.get(&**id)).filter(|at| seen.insert(**at));
    let supplier = |at: &usize| {
        let organization = &raw.organizations[*at];
        let (given, number) = roles::number(organization);
        Organization { row: String::new(), given, name: organization.name.as_str().to_owned(), number }
    };
    organizations.map(supplier).collect()
}
