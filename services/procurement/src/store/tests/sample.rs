//! Notices and documents for tests.

use bytes::Bytes;
use jiff::Timestamp;

use crate::domain::{
    Document, Hit, Identity, LinkKind, Lot, Money, NoticeId, OrgNumber, Organization, Outcome, Party,
    Received, Reference, Role, Rule, ValueKind, Valued,
};
use crate::store::{Fetched, Imported};

pub(super) fn id(number: u32) -> NoticeId {
    NoticeId::parse(&format!("2026-{number:06}")).unwrap()
}

/// A moment, so many seconds into a day.
pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).unwrap()
}

pub(super) fn organization(number: &str, name: &str) -> Organization {
    Organization {
        row: format!("row-{number}"),
        given: Some(number.to_owned()),
        name: name.to_owned(),
        number: OrgNumber::find(number),
    }
}

/// A competition.
pub(super) fn hit(number: u32) -> Hit {
    Hit {
        id: id(number),
        buyers: vec![organization("938801363", "Sarpsborg kommune")],
        heading: format!("Kjøp av tjeneste {number}"),
        description: "Tjenesten \u{0} omfatter «drift» og vedlikehold.\nSe vedlegg.".to_owned(),
        locations: vec!["NO083".into(), "anyw".into()],
        estimated_value: Some(Money { currency: "NOK".into(), amount: 2_500_000.5 }),
        kind: "ANNOUNCEMENT_OF_COMPETITION".to_owned(),
        all_kinds: vec!["ANNOUNCEMENT_OF_COMPETITION".into(), "COMPETITION".into()],
        status: Some("ACTIVE".to_owned()),
        issued: Some("2026-07-30T12:36:32Z".parse().unwrap()),
        deadline: Some("2026-09-01T10:00:00Z".parse().unwrap()),
        published: Some("2026-08-03".parse().unwrap()),
        received_tenders: Some(3),
        received: vec![Received { kind: "tenders".into(), total: 3 }],
        cpv: vec!["72000000".into(), "72200000".into()],
        lots: vec![Lot { heading: "Del 1".into(), description: "Drift".into(), winners: Vec::new() }],
    }
}

/// A result.
pub(super) fn result(number: u32) -> Hit {
    let winners = vec![organization("997711017", "KS-Konsulent as")];
    Hit {
        kind: "ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT".to_owned(),
        all_kinds: vec!["ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT".into(), "RESULT".into()],
        status: None,
        deadline: None,
        lots: vec![Lot { heading: "Del 1".into(), description: "Drift".into(), winners }],
        ..hit(number)
    }
}

pub(super) fn party(role: Role, number: &str, name: &str, amount: Option<f64>) -> Party {
    Party {
        role,
        name: name.to_owned(),
        given: Some(number.to_owned()),
        number: OrgNumber::find(number),
        country: Some("NOR".to_owned()),
        size: None,
        is_leader: false,
        group: None,
        lots: vec!["LOT-0001".to_owned()],
        value: amount.map(|amount| Money { currency: "NOK".to_owned(), amount }),
    }
}

/// A document that says who it is and what procedure it belongs to.
pub(super) fn document(uuid: &str, procedure: Option<&str>) -> Document {
    Document {
        identity: Identity {
            uuid: Some(uuid.to_owned()),
            version: Some("01".to_owned()),
            procedure_id: procedure.map(ToOwned::to_owned),
            ..Identity::default()
        },
        languages: vec!["NOR".to_owned()],
        parties: vec![party(Role::Buyer, "938801363", "Sarpsborg kommune", None)],
        ..Document::default()
    }
}

/// The document of an award.
pub(super) fn award(uuid: &str, procedure: Option<&str>) -> Document {
    let mut document = document(uuid, procedure);
    document.outcome = Some(Outcome::Awarded);
    document.parties.push(party(Role::Winner, "997711017", "KS-Konsulent as", Some(492_700.0)));
    document.parties.push(party(Role::Tenderer, "826781742", "Focus Software AS", Some(0.0)));
    let money = Money { currency: "NOK".to_owned(), amount: 492_700.0 };
    document.values = vec![Valued { kind: ValueKind::Total, money, rule: Rule::NoticeTotal }];
    document
}

pub(super) fn link(kind: LinkKind, given: &str) -> Reference {
    Reference { kind, given: given.to_owned() }
}

pub(super) fn fetched(number: u32, document: Document) -> Fetched {
    let raw = Bytes::from(format!("<Notice>{number} {document:?}</Notice>"));
    Fetched { id: id(number), raw, read: Ok(document) }
}

pub(super) fn imported(hit: Hit, document: Option<Document>) -> Imported {
    let number: u32 = hit.id.as_str().split_once('-').unwrap().1.parse().unwrap();
    let fetched = document.map(|document| fetched(number, document));
    let (raw, read) = fetched.map(|fetched| (fetched.raw, fetched.read)).unzip();
    Imported { hit, raw, read }
}

pub(super) const UUID: [&str; 4] = [
    "510444f4-6cd2-4b26-8dd6-f3af27ffa061",
    "510444f4-6cd2-4b26-8dd6-f3af27ffa062",
    "510444f4-6cd2-4b26-8dd6-f3af27ffa063",
    "510444f4-6cd2-4b26-8dd6-f3af27ffa064",
];

pub(super) const PROCEDURE: &str = "5081837f-9dfe-4b87-98ca-cca5c60b9c28";
