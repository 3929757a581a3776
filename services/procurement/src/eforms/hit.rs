//! A hit as Doffin's search would list it, from a document alone: for documents that come without one.

use std::collections::BTreeSet;

use super::moment;
use crate::domain::{
    DeadlineKind, Document, Hit, Lot, LotDetail, LotKind, NoticeId, NoticeType, Organization, Outcome, Party,
    Role, ValueKind,
};

/// The hit of a document. It has no status: that depends on the day and on other notices.
pub(crate) fn hit(id: NoticeId, document: &Document) -> Hit {
    let kind = kind(document);
    let mut all_kinds = vec![kind.as_str().to_owned(), group(kind).as_str().to_owned()];
    all_kinds.sort_unstable();
    let subjects = || {
        let lots = document.lots.iter().map(|lot| &lot.subject);
        std::iter::once(&document.subject).chain(lots)
    };
    let locations: BTreeSet<&String> = subjects().flat_map(|subject| &subject.places).collect();
    let codes = subjects().flat_map(|subject| subject.main_cpv.iter().chain(&subject.additional_cpv));
    let text = |text: &Option<super::Text>| text.as_ref().map(|t| t.text.clone()).unwrap_or_default();
    let estimate = document.values.iter().find(|value| value.kind == ValueKind::Estimated);
    Hit {
        id,
        buyers: holders(document, Role::Buyer, |_| true),
        heading: text(&document.title),
        description: text(&document.description),
        locations: locations.into_iter().cloned().collect(),
        estimated_value: estimate.map(|value| value.money.clone()),
        kind: kind.as_str().to_owned(),
        all_kinds,
        status: None,
        issued: document.dispatched,
        deadline: deadline(document),
        published: document.published.or_else(|| document.dispatched.map(moment::day_in_oslo)),
        received_tenders: document.received.iter().find(|count| count.kind == "tenders").map(|c| c.total),
        received: document.received.clone(),
        cpv: with_ancestors(codes),
        lots: document
            .lots
            .iter()
            .filter(|lot| lot.kind != LotKind::Group)
            .map(|l| lot(document, l))
            .collect(),
    }
}

/// Doffin's word for a notice, by its type and, where that is new, by its form.
fn kind(document: &Document) -> NoticeType {
    let form = document.form.kind.as_deref().unwrap_or_default();
    match document.form.notice_type.as_deref().unwrap_or_default() {
        "pin-buyer" => NoticeType::NoticeOnBuyerProfile,
        "pin-only" | "pin-rtl" | "pin-tran" | "pmc" => NoticeType::AdvisoryNotice,
        kind if kind.starts_with("pin-cfc") => NoticeType::PreAnnouncement,
        "qu-sy" => NoticeType::QualificationScheme,
        kind if kind.starts_with("cn-") || kind == "subco" => competition(document),
        "veat" => NoticeType::AnnouncementOfIntent,
        "can-modif" => NoticeType::ChangeOfConclusionOfContract,
        kind if kind.starts_with("can-") => result(document),
        _ => match (form, document.form.root.as_str()) {
            ("planning" | "consultation", _) | ("", "PriorInformationNotice") => NoticeType::AdvisoryNotice,
            ("competition", _) | ("", "ContractNotice") => competition(document),
            ("dir-awa-pre", _) => NoticeType::AnnouncementOfIntent,
            // What became of a contract that was concluded before is no other conclusion.
            ("cont-modif" | "completion", _) => NoticeType::ChangeOfConclusionOfContract,
            ("result", _) => result(document),
            _ => NoticeType::AnnouncementOfConclusionOfContract,
        },
    }
}

fn competition(document: &Document) -> NoticeType {
    if document.lots.iter().any(|lot| lot.dynamic_purchasing.is_some()) {
        NoticeType::DynamicPurchasingScheme
    } else {
        NoticeType::AnnouncementOfCompetition
    }
}

fn result(document: &Document) -> NoticeType {
    match document.outcome {
        Some(Outcome::Awarded) => NoticeType::AnnouncementOfConclusionOfContract,
        Some(Outcome::Cancelled) | None => NoticeType::CancelledOrMissingConclusionOfContract,
    }
}

/// The group a kind of notice is filtered by.
fn group(kind: NoticeType) -> NoticeType {
    match kind {
        NoticeType::Planning | NoticeType::AdvisoryNotice | NoticeType::NoticeOnBuyerProfile => {
            NoticeType::Planning
        }
        NoticeType::PreAnnouncement
        | NoticeType::Competition
        | NoticeType::AnnouncementOfCompetition
        | NoticeType::DynamicPurchasingScheme
        | NoticeType::QualificationScheme => NoticeType::Competition,
        NoticeType::Result
        | NoticeType::AnnouncementOfIntent
        | NoticeType::AnnouncementOfConclusionOfContract
        | NoticeType::ChangeOfConclusionOfContract
        | NoticeType::CancelledOrMissingConclusionOfContract => NoticeType::Result,
    }
}

/// The last of the lots' deadlines: until then there is something to tender for. A request to participate
/// counts where a lot has no deadline for tenders.
fn deadline(document: &Document) -> Option<jiff::Timestamp> {
    let of_lot = |lot: &LotDetail| {
        let of = |kind| lot.deadlines.iter().find(|deadline| deadline.kind == kind);
        of(DeadlineKind::Submission).or_else(|| of(DeadlineKind::Participation)).map(|deadline| deadline.at)
    };
    document.lots.iter().filter_map(of_lot).max()
}

/// Codes and all they descend from, by prefixes filled up with zeros, sorted.
fn with_ancestors<'d>(codes: impl Iterator<Item = &'d String>) -> Vec<String> {
    let prefixes =
        |code: &'d String| (2..8).filter_map(move |length| Some(format!("{:0<8}", code.get(..length)?)));
    let all: BTreeSet<String> = codes.flat_map(|code| prefixes(code).chain([code.clone()])).collect();
    all.into_iter().collect()
}

fn lot(document: &Document, lot: &LotDetail) -> Lot {
    let text = |text: &Option<super::Text>| text.as_ref().map(|t| t.text.clone()).unwrap_or_default();
    let won = |party: &Party| lot.id.as_ref().is_some_and(|id| party.lots.contains(id));
    Lot {
        heading: text(&lot.title),
        description: text(&lot.description),
        winners: holders(document, Role::Winner, won),
    }
}

/// Organisations in a role, each once.
fn holders(document: &Document, role: Role, wanted: impl Fn(&Party) -> bool) -> Vec<Organization> {
    let mut organizations: Vec<Organization> = Vec::new();
    for party in document.parties.iter().filter(|party| party.role == role && wanted(party)) {
        let organization = Organization {
            row: String::new(),
            given: party.given.clone(),
            name: party.name.clone(),
            number: party.number.clone(),
        };
        if !organizations.contains(&organization) {
            organizations.push(organization);
        }
    }
    organizations
}
