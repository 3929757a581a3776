//! One notice, as far as Doffin's list tells it.

use std::collections::HashMap;

use proto::procurement as pb;

use super::hit;
use crate::domain::{Hit, Organization};
use crate::live::Notice;

/// A notice in the contract's form.
pub(super) fn response(notice: &Notice) -> pb::GetNoticeResponse {
    let as_of = notice.as_of;
    pb::GetNoticeResponse {
        data: Some(full(notice)),
        source: pb::Source::Live.into(),
        as_of: Some(hit::timestamp(as_of)),
        age_seconds: hit::age(as_of),
    }
}

fn full(notice: &Notice) -> pb::Notice {
    let hit = &*notice.hit;
    pb::Notice {
        id: hit.id.to_string(),
        title: hit.heading.clone(),
        description: hit.description.clone(),
        r#type: hit.kind.clone(),
        notice_type_code: None,
        subtype: None,
        procedure_id: None,
        languages: Vec::new(),
        status: hit.status.clone(),
        issue_date: hit.issued.map(hit::timestamp),
        publication_date: hit::publication_date(hit),
        buyers: hit.buyers.iter().map(hit::organization).collect(),
        lots: lots(hit),
        parties: parties(hit),
        values: values(hit),
        deadlines: deadlines(hit),
        cpv: Some(pb::Cpv {
            main: None,
            additional: notice.cpv.iter().map(|code| labelled(code, &notice.labels.cpv)).collect(),
        }),
        locations: hit.locations.iter().map(|code| location(code, &notice.labels.nuts)).collect(),
        links: Vec::new(),
        url: hit.id.url(),
        received_tenders: hit.received.iter().map(hit::received).collect(),
    }
}

fn lots(hit: &Hit) -> Vec<pb::Lot> {
    let lot = |lot: &crate::domain::Lot| pb::Lot {
        id: None,
        title: lot.heading.clone(),
        description: lot.description.clone(),
    };
    hit.lots.iter().map(lot).collect()
}

/// Buyers, then winners. Who wins several lots is one party, because the lots carry no identifiers here.
fn parties(hit: &Hit) -> Vec<pb::Party> {
    let buyers = hit.buyers.iter().map(|buyer| party(pb::PartyRole::Buyer, buyer));
    let winners =
        hit.lots.iter().flat_map(|lot| &lot.winners).map(|winner| party(pb::PartyRole::Winner, winner));
    let mut parties: Vec<pb::Party> = Vec::new();
    for party in buyers.chain(winners) {
        if !parties.contains(&party) {
            parties.push(party);
        }
    }
    parties
}

fn party(role: pb::PartyRole, organization: &Organization) -> pb::Party {
    pb::Party {
        role: role.into(),
        organization_number: hit::number(organization),
        name: organization.name.clone(),
        is_leader: false,
        lot_ids: Vec::new(),
        value: None,
    }
}

fn values(hit: &Hit) -> Vec<pb::Value> {
    let value = |money: &crate::domain::Money| pb::Value {
        kind: pb::ValueKind::Estimated.into(),
        currency_code: money.currency.clone(),
        amount: money.amount,
        rule: "BT-27 as Doffin lists it".into(),
    };
    hit.estimated_value.iter().map(value).collect()
}

fn deadlines(hit: &Hit) -> Vec<pb::Deadline> {
    let deadline = |time| pb::Deadline {
        kind: pb::DeadlineKind::Submission.into(),
        time: Some(hit::timestamp(time)),
        lot_id: None,
    };
    hit.deadline.into_iter().map(deadline).collect()
}

fn labelled(code: &str, labels: &HashMap<String, String>) -> pb::LabelledCode {
    pb::LabelledCode { code: code.to_owned(), label: labels.get(code).cloned().unwrap_or_default() }
}

fn location(code: &str, names: &HashMap<String, String>) -> pb::Location {
    pb::Location { code: code.to_owned(), name: names.get(code).cloned().unwrap_or_default() }
}
