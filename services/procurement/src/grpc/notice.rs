//! One notice in full, in the contract's form.

use std::collections::{BTreeSet, HashMap};

use proto::procurement as pb;

use super::{hit, lot, party};
use crate::answer::{Full, Link};
use crate::domain::{
    Award, Deadline, DeadlineKind, Document, Hit, Money, NoticeId, Role, Subject, ValueKind, Valued, leaves,
};

/// A notice in the contract's form.
pub(super) fn response(notice: &Full) -> pb::GetNoticeResponse {
    pb::GetNoticeResponse {
        data: Some(full(notice)),
        source: hit::source(notice.origin).into(),
        as_of: Some(hit::timestamp(notice.as_of)),
        age_seconds: hit::age(notice.as_of),
    }
}

/// What Doffin lists, and what the document adds to it. Where both say something, the document is nearer to the
/// buyer, but title, description and type stay as they are in lists.
fn full(notice: &Full) -> pb::Notice {
    let hit = &*notice.shown.hit;
    let mut full = listed(notice, hit);
    if let Some(document) = &notice.document {
        add(document, notice, &mut full);
    }
    full
}

fn listed(notice: &Full, hit: &Hit) -> pb::Notice {
    pb::Notice {
        id: hit.id.to_string(),
        title: hit.heading.clone(),
        description: hit.description.clone(),
        r#type: hit.kind.clone(),
        status: hit.status.clone(),
        issue_date: hit.issued.map(hit::timestamp),
        publication_date: hit::publication_date(hit),
        buyers: hit.buyers.iter().map(hit::organization).collect(),
        lots: lot::listed(hit),
        parties: party::listed(hit),
        values: hit.estimated_value.iter().map(estimate).collect(),
        deadlines: hit.deadline.into_iter().map(submission).collect(),
        cpv: Some(cpv(None, &leaves(&hit.cpv), &notice.labels.cpv)),
        locations: locations(&hit.locations, &notice.labels.nuts),
        links: notice.links.iter().map(link).collect(),
        url: hit.id.url(),
        received_tenders: hit.received.iter().map(hit::received).collect(),
        superseded_by: notice.shown.superseded_by.as_ref().map(ToString::to_string),
        withdrawn: notice.shown.withdrawn,
        notes: notice.notes.clone(),
        ..pb::Notice::default()
    }
}

fn add(document: &Document, notice: &Full, full: &mut pb::Notice) {
    let Document { identity, form, subject, .. } = document;
    full.has_document = true;
    full.notice_type_code.clone_from(&form.notice_type);
    full.subtype.clone_from(&form.subtype);
    full.procedure_id.clone_from(&identity.procedure_id);
    full.internal_id.clone_from(&identity.internal_id);
    full.ojs_number.clone_from(&identity.ojs_number);
    full.languages.clone_from(&document.languages);
    full.procedure.clone_from(&document.procedure);
    full.legal_basis.clone_from(&document.legal_basis);
    full.nature.clone_from(&subject.nature);
    full.change_reasons.clone_from(&document.change_reasons);
    full.awards = document.awards.iter().map(award).collect();
    if !document.lots.is_empty() {
        full.lots = document.lots.iter().map(|lot| lot::full(lot, &notice.labels)).collect();
    }
    if !document.parties.is_empty() {
        full.parties = document.parties.iter().map(party::full).collect();
    }
    if !document.values.is_empty() {
        full.values = document.values.iter().map(value).collect();
    }
    let deadlines: Vec<_> =
        document.lots.iter().flat_map(|lot| deadlines(lot.id.as_ref(), &lot.deadlines)).collect();
    if !deadlines.is_empty() {
        full.deadlines = deadlines;
    }
    let additional = additional_cpv(document);
    if subject.main_cpv.is_some() || !additional.is_empty() {
        full.cpv = Some(cpv(subject.main_cpv.as_deref(), &additional, &notice.labels.cpv));
    }
}

/// Every code besides the main one, of the procedure and of its lots: documents converted from older forms have
/// additional codes on lots alone.
fn additional_cpv(document: &Document) -> Vec<String> {
    let subjects = std::iter::once(&document.subject).chain(document.lots.iter().map(|lot| &lot.subject));
    let codes = subjects.flat_map(|subject| subject.main_cpv.iter().chain(&subject.additional_cpv));
    let others = codes.filter(|code| Some(*code) != document.subject.main_cpv.as_ref());
    others.cloned().collect::<BTreeSet<_>>().into_iter().collect()
}

/// CPV codes of a subject with their labels.
pub(super) fn of_subject(subject: &Subject, labels: &HashMap<String, String>) -> pb::Cpv {
    cpv(subject.main_cpv.as_deref(), &subject.additional_cpv, labels)
}

fn cpv(main: Option<&str>, additional: &[String], labels: &HashMap<String, String>) -> pb::Cpv {
    pb::Cpv {
        main: main.map(|code| labelled(code, labels)),
        additional: additional.iter().map(|code| labelled(code, labels)).collect(),
    }
}

/// Places with their names.
pub(super) fn locations(codes: &[String], names: &HashMap<String, String>) -> Vec<pb::Location> {
    let location = |code: &String| pb::Location {
        code: code.clone(),
        name: names.get(code).cloned().unwrap_or_default(),
    };
    codes.iter().map(location).collect()
}

fn labelled(code: &str, labels: &HashMap<String, String>) -> pb::LabelledCode {
    pb::LabelledCode { code: code.to_owned(), label: labels.get(code).cloned().unwrap_or_default() }
}

fn estimate(money: &Money) -> pb::Value {
    of_money(pb::ValueKind::Estimated, money, "BT-27 as Doffin lists it")
}

fn value(valued: &Valued) -> pb::Value {
    of_money(value_kind(valued.kind), &valued.money, valued.rule.as_str())
}

/// A value of one notice.
fn of_money(kind: pb::ValueKind, money: &Money, rule: &str) -> pb::Value {
    pb::Value {
        kind: kind.into(),
        currency_code: money.currency.clone(),
        amount: money.amount,
        rule: rule.to_owned(),
        notices: None,
    }
}

/// What a value is, in the contract's form.
pub(super) fn value_kind(kind: ValueKind) -> pb::ValueKind {
    match kind {
        ValueKind::Estimated => pb::ValueKind::Estimated,
        ValueKind::Total => pb::ValueKind::Total,
        ValueKind::FrameworkMaximum => pb::ValueKind::FrameworkMaximum,
    }
}

/// A role in the contract's form.
pub(super) fn role(role: Role) -> pb::PartyRole {
    match role {
        Role::Buyer => pb::PartyRole::Buyer,
        Role::Winner => pb::PartyRole::Winner,
        Role::Tenderer => pb::PartyRole::Tenderer,
        Role::Subcontractor => pb::PartyRole::Subcontractor,
    }
}

fn submission(time: jiff::Timestamp) -> pb::Deadline {
    pb::Deadline { kind: pb::DeadlineKind::Submission.into(), time: Some(hit::timestamp(time)), lot_id: None }
}

fn deadlines<'a>(
    lot: Option<&'a String>,
    deadlines: &'a [Deadline],
) -> impl Iterator<Item = pb::Deadline> + 'a {
    deadlines.iter().map(move |deadline| pb::Deadline {
        kind: match deadline.kind {
            DeadlineKind::Submission => pb::DeadlineKind::Submission,
            DeadlineKind::Participation => pb::DeadlineKind::Participation,
            DeadlineKind::Interest => pb::DeadlineKind::Interest,
        }
        .into(),
        time: Some(hit::timestamp(deadline.at)),
        lot_id: lot.cloned(),
    })
}

fn award(award: &Award) -> pb::Award {
    let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string()).unwrap_or_default();
    pb::Award {
        contract: award.contract.clone(),
        lot_ids: award.lots.clone(),
        decided: day(award.decided),
        signed: day(award.signed),
        title: award.title.clone().unwrap_or_default(),
        value: award.value.as_ref().map(hit::amount),
        suppliers: award.suppliers.iter().map(hit::organization).collect(),
    }
}

/// A reference that is itself a Doffin id tells the notice also while we do not hold it.
fn link(link: &Link) -> pb::NoticeLink {
    let given = || NoticeId::parse(&link.reference).ok();
    pb::NoticeLink {
        id: link.id.clone().or_else(given).as_ref().map(ToString::to_string),
        reference: link.reference.clone(),
        rule: link.rule.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::LotDetail;

    #[test]
    fn other_codes_are_those_of_the_lots_too_without_the_main_one_and_repeats() {
        let subject = |main: Option<&str>, others: &[&str]| Subject {
            main_cpv: main.map(str::to_owned),
            additional_cpv: others.iter().map(ToString::to_string).collect(),
            ..Subject::default()
        };
        let lot = |subject| LotDetail { subject, ..LotDetail::default() };
        let document = Document {
            subject: subject(Some("45000000"), &["72000000"]),
            lots: vec![
                lot(subject(Some("45000000"), &["72000000", "30000000"])),
                lot(subject(Some("45233000"), &["45000000"])),
            ],
            ..Document::default()
        };
        assert_eq!(additional_cpv(&document), ["30000000", "45233000", "72000000"]);
    }

    #[test]
    fn a_reference_that_is_a_doffin_id_is_one_also_of_a_notice_that_is_not_here() {
        let of = |id: Option<&str>, reference: &str| {
            let id = id.map(|id| NoticeId::parse(id).unwrap());
            link(&Link { id, reference: reference.to_owned(), rule: "changes".to_owned() }).id
        };
        assert_eq!(of(None, "2023-648589").as_deref(), Some("2023-648589"));
        assert_eq!(of(Some("2023-100001"), "2023-648589").as_deref(), Some("2023-100001"));
        assert_eq!(of(None, "403922-2019"), None);
    }
}
