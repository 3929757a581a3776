//! Hits, from our form to the contract's.

use jiff::Timestamp;
use proto::procurement as pb;

use crate::answer::{Origin, Shown};
use crate::domain::{Hit, Lot, Money, OrgNumber, Organization, Received, leaves};

/// A notice of a list in the contract's form.
pub(super) fn shown(shown: &Shown) -> pb::NoticeHit {
    let hit = &*shown.hit;
    pb::NoticeHit {
        id: hit.id.to_string(),
        buyer: hit.buyers.iter().map(organization).collect(),
        heading: hit.heading.clone(),
        description: hit.description.clone(),
        location_id: hit.locations.clone(),
        estimated_value: hit.estimated_value.as_ref().map(amount),
        r#type: hit.kind.clone(),
        all_types: hit.all_kinds.clone(),
        status: hit.status.clone(),
        issue_date: hit.issued.map(timestamp),
        deadline: hit.deadline.map(timestamp),
        publication_date: publication_date(hit),
        received_tenders: hit.received_tenders,
        all_received_tenders: hit.received.iter().map(received).collect(),
        cpv_codes: hit.cpv.clone(),
        lots: hit.lots.iter().map(lot).collect(),
        url: hit.id.url(),
        leaf_cpv_codes: leaves(&hit.cpv),
        main_cpv_code: shown.main_cpv.clone(),
        snippet: shown.snippet.clone(),
        superseded_by: shown.superseded_by.as_ref().map(ToString::to_string),
        withdrawn: shown.withdrawn,
        winner: shown.winners.iter().map(organization).collect(),
    }
}

/// Who answered, in the contract's form.
pub(super) fn source(origin: Origin) -> pb::Source {
    match origin {
        Origin::Mirror => pb::Source::Mirror,
        Origin::Live => pb::Source::Live,
    }
}

/// An organisation in the contract's form.
pub(super) fn organization(organization: &Organization) -> pb::OrganizationRef {
    pb::OrganizationRef {
        id: organization.row.clone(),
        organization_id: organization.given.clone(),
        name: organization.name.clone(),
        organization_number: number(organization),
    }
}

/// The organisation's Norwegian number.
pub(super) fn number(organization: &Organization) -> Option<String> {
    organization.number.as_ref().map(OrgNumber::as_str).map(str::to_owned)
}

/// The day of publication, empty when Doffin gives none.
pub(super) fn publication_date(hit: &Hit) -> String {
    hit.published.map(|day| day.to_string()).unwrap_or_default()
}

/// A count of tenders in the contract's form.
pub(super) fn received(received: &Received) -> pb::ReceivedTenders {
    pb::ReceivedTenders { r#type: received.kind.clone(), total: received.total }
}

/// A time in the contract's form.
pub(super) fn timestamp(time: Timestamp) -> prost_types::Timestamp {
    // Protobuf counts nanoseconds forward from the second, also before 1970.
    let (mut seconds, mut nanos) = (time.as_second(), time.subsec_nanosecond());
    if nanos < 0 {
        (seconds, nanos) = (seconds - 1, nanos + 1_000_000_000);
    }
    prost_types::Timestamp { seconds, nanos }
}

/// Seconds since a time, not negative.
pub(super) fn age(time: Timestamp) -> i32 {
    let age = Timestamp::now().duration_since(time).as_secs();
    i32::try_from(age.max(0)).unwrap_or(i32::MAX)
}

/// An amount of money in the contract's form.
pub(super) fn amount(money: &Money) -> pb::Amount {
    pb::Amount { currency_code: money.currency.clone(), amount: money.amount }
}

fn lot(lot: &Lot) -> pb::LotHit {
    pb::LotHit {
        heading: lot.heading.clone(),
        description: lot.description.clone(),
        winner: lot.winners.iter().map(organization).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_before_1970_count_their_nanoseconds_forward() {
        let time = Timestamp::new(-2, -500_000_000).unwrap();
        assert_eq!(timestamp(time), prost_types::Timestamp { seconds: -3, nanos: 500_000_000 });
        assert_eq!(timestamp(Timestamp::UNIX_EPOCH), prost_types::Timestamp { seconds: 0, nanos: 0 });
    }
}
