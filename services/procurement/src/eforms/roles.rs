//! Which organisation is what.

use std::collections::{BTreeSet, HashMap};

use super::Unreadable;
use super::bids::{Bids, places};
use super::raw::{Organization, Raw};
use super::resolve::{owned, told};
use super::values::Sums;
use crate::domain::{OrgNumber, Party, Role};

/// Most lots over all entries. A document that needs more multiplies organisations by tenders on purpose.
pub(super) const ENTRY_LIMIT: usize = 200_000;

/// An organisation in a role.
struct Seat<'r> {
    role: Role,
    organization: usize,
    group: Option<&'r str>,
    leads: bool,
    lots: BTreeSet<&'r str>,
    tenders: Vec<usize>,
}

/// Seats as they are found.
#[derive(Default)]
struct Seats<'r> {
    found: Vec<Seat<'r>>,
    places: HashMap<(Role, usize, Option<&'r str>), usize>,
    entries: usize,
}

impl<'r> Seats<'r> {
    fn seat(&mut self, role: Role, organization: usize, group: Option<&'r str>) -> &mut Seat<'r> {
        let next = self.found.len();
        let at = *self.places.entry((role, organization, group)).or_insert(next);
        if at == next {
            self.found.push(Seat {
                role,
                organization,
                group,
                leads: false,
                lots: BTreeSet::new(),
                tenders: Vec::new(),
            });
        }
        &mut self.found[at]
    }

    fn spend(&mut self, entries: usize) -> Result<(), Unreadable> {
        self.entries += entries;
        if self.entries > ENTRY_LIMIT { Err(Unreadable::Many) } else { Ok(()) }
    }
}

/// The parties of a document: buyers, winners, tenderers, subcontractors. References to organisations that
/// the document does not hold are left out.
pub(super) fn parties(
    raw: &Raw<'_>,
    pool: &HashMap<&str, usize>,
    bids: &Bids<'_>,
    sums: &Sums<'_>,
) -> Result<Vec<Party>, Unreadable> {
    let mut seats = Seats::default();
    for at in raw.buyers.iter().filter_map(|id| pool.get(&**id)) {
        seats.spend(1)?;
        seats.seat(Role::Buyer, *at, None).leads = raw.organizations[*at].leads;
    }
    let by_id = places(raw.parties.iter().map(|party| &*party.id));
    for (at, tender) in raw.tenders.iter().enumerate() {
        let role = match (bids.won[at], bids.lost[at]) {
            (true, _) => Role::Winner,
            (false, true) => Role::Tenderer,
            (false, false) => continue,
        };
        let Some(party) = by_id.get(&*tender.party).map(|at| &raw.parties[*at]) else { continue };
        let lots = &bids.lots[at];
        let together = party.tenderers.len() + party.subcontractors.len();
        seats.spend(together * (lots.len() + 1))?;
        let group = if together > 1 { Some(&*party.id) } else { None };
        let tenderers = party.tenderers.iter().map(|(id, leads)| (role, id, *leads));
        let subcontractors = party.subcontractors.iter().map(|id| (Role::Subcontractor, id, false));
        for (role, id, leads) in tenderers.chain(subcontractors) {
            let Some(organization) = pool.get(&**id) else { continue };
            let seat = seats.seat(role, *organization, group);
            seat.leads |= leads;
            seat.lots.extend(lots);
            if role != Role::Subcontractor {
                seat.tenders.push(at);
            }
        }
    }
    let mut seats = seats.found;
    beaten_by_themselves(&mut seats);
    seats.sort_by_key(|seat| seat.role);
    Ok(seats.iter().map(|seat| party(seat, &raw.organizations[seat.organization], sums)).collect())
}

/// Places of organisations by their identifiers and those of their touch points. The same organisation may
/// be there several times, as conversions of older forms have it once for each of its contracts: the first
/// stands for all.
pub(super) fn pool<'r>(raw: &'r Raw<'_>) -> HashMap<&'r str, usize> {
    let mut known = HashMap::new();
    let mut same = Vec::with_capacity(raw.organizations.len());
    for (at, organization) in raw.organizations.iter().enumerate() {
        let who = (organization.name.as_str(), &organization.numbers, &organization.country);
        same.push(if who.0.is_empty() { at } else { *known.entry(who).or_insert(at) });
    }
    let mut pool = places(raw.organizations.iter().map(|organization| &*organization.id));
    for (id, at) in &raw.touch_points {
        pool.entry(id).or_insert(*at);
    }
    for at in pool.values_mut() {
        *at = same.get(*at).copied().unwrap_or(*at);
    }
    pool
}

/// Who won a lot with one tender has not lost it with another.
fn beaten_by_themselves(seats: &mut Vec<Seat<'_>>) {
    let mut won: HashMap<usize, BTreeSet<&str>> = HashMap::new();
    for seat in seats.iter().filter(|seat| seat.role == Role::Winner) {
        won.entry(seat.organization).or_default().extend(&seat.lots);
    }
    seats.retain_mut(|seat| {
        let Some(won) = won.get(&seat.organization).filter(|_| seat.role == Role::Tenderer) else {
            return true;
        };
        seat.lots.retain(|lot| !won.contains(lot));
        !seat.lots.is_empty()
    });
}

fn party(seat: &Seat<'_>, organization: &Organization<'_>, sums: &Sums<'_>) -> Party {
    let (given, number) = number(organization);
    Party {
        role: seat.role,
        name: organization.name.as_str().to_owned(),
        given,
        number,
        country: owned(&organization.country),
        size: owned(&organization.size),
        is_leader: seat.leads,
        group: seat.group.and_then(told).map(str::to_owned),
        lots: seat.lots.iter().map(|lot| (*lot).to_owned()).collect(),
        value: sums.of_some(&seat.tenders),
    }
}

/// The number an organisation gives, the Norwegian one first, and the Norwegian number in it.
pub(super) fn number(organization: &Organization<'_>) -> (Option<String>, Option<OrgNumber>) {
    let found = organization.numbers.iter().find_map(|given| Some((given, OrgNumber::in_field(given)?)));
    let (given, number) =
        found.map_or((organization.numbers.first(), None), |(given, n)| (Some(given), Some(n)));
    (given.map(|given| given.as_ref().to_owned()), number)
}
