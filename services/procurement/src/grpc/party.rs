//! Parties in the contract's form.

use proto::procurement as pb;

use super::{hit, notice};
use crate::domain::{Hit, OrgNumber, Organization, Party};

/// Buyers, then winners, as Doffin lists them. Who wins several lots is one party, because the lots carry no
/// identifiers there.
pub(super) fn listed(hit: &Hit) -> Vec<pb::Party> {
    let buyers = hit.buyers.iter().map(|buyer| of(pb::PartyRole::Buyer, buyer));
    let winners =
        hit.lots.iter().flat_map(|lot| &lot.winners).map(|winner| of(pb::PartyRole::Winner, winner));
    let mut parties: Vec<pb::Party> = Vec::new();
    for party in buyers.chain(winners) {
        if !parties.contains(&party) {
            parties.push(party);
        }
    }
    parties
}

fn of(role: pb::PartyRole, organization: &Organization) -> pb::Party {
    pb::Party {
        role: role.into(),
        organization_number: hit::number(organization),
        organization_id: organization.given.clone(),
        name: organization.name.clone(),
        ..pb::Party::default()
    }
}

/// A party as the document gives it.
pub(super) fn full(party: &Party) -> pb::Party {
    pb::Party {
        role: notice::role(party.role).into(),
        organization_number: party.number.as_ref().map(OrgNumber::as_str).map(str::to_owned),
        name: party.name.clone(),
        is_leader: party.is_leader,
        lot_ids: party.lots.clone(),
        value: party.value.as_ref().map(hit::amount),
        organization_id: party.given.clone(),
        country: party.country.clone(),
        size: party.size.clone(),
        group: party.group.clone(),
    }
}
