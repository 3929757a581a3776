//! Real documents. They are no part of the project: `TEST_NOTICES_DIR` names a directory with them
//! (`doffin-xml/`, `doffin-xml-dfo-tests/`), and without it these tests have nothing to say.
//!
//! `expected.json` holds what people found in some of them by reading them: codes, dates, counts, roles and
//! rules as they are, names and numbers as the beginning of their SHA-256.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::super::{Unreadable, hit, parse};
use crate::domain::{
    Document, Duration, LotDetail, LotKind, Money, NoticeId, OrgNumber, Outcome, Party, Received, Role,
    ValueKind,
};

fn directory() -> Option<PathBuf> {
    std::env::var_os("TEST_NOTICES_DIR").map(PathBuf::from)
}

fn files(folder: &str) -> Vec<PathBuf> {
    let Some(directory) = directory() else { return Vec::new() };
    let entries = fs::read_dir(directory.join(folder)).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "xml"));
    files.sort();
    assert!(!files.is_empty(), "{folder} holds no documents");
    files
}

/// The Doffin id at the end of a file's name; another one where there is none.
fn id(file: &Path) -> NoticeId {
    let name = file.file_stem().unwrap().to_str().unwrap();
    NoticeId::parse(&name[name.len() - 11..]).unwrap_or_else(|_| NoticeId::parse("2000-000000").unwrap())
}

#[test]
fn every_real_notice_is_read() {
    for file in files("doffin-xml") {
        let document = parse(&fs::read(&file).unwrap()).unwrap_or_else(|error| panic!("{file:?}: {error}"));
        let hit = hit(id(&file), &document);
        assert!(
            !hit.heading.is_empty() && !hit.buyers.is_empty() && !hit.cpv.is_empty(),
            "{file:?}: {hit:?}"
        );
        assert!(hit.issued.is_some() && hit.published.is_some(), "{file:?}: {hit:?}");
    }
}

#[test]
fn every_test_notice_of_dfo_is_read_and_what_is_none_is_refused() {
    for file in files("doffin-xml-dfo-tests") {
        let document = parse(&fs::read(&file).unwrap());
        // The unit tests of single rules wrap pieces of notices in a root of their own.
        if file.to_str().unwrap().contains("__unit__") {
            assert_eq!(document.unwrap_err(), Unreadable::NotANotice, "{file:?}");
        } else {
            assert!(document.unwrap().title.is_some(), "{file:?}");
        }
    }
}

#[test]
fn real_notices_say_what_people_read_in_them() {
    let Some(directory) = directory() else { return };
    let expected: serde_json::Map<String, Value> =
        serde_json::from_str(include_str!("expected.json")).unwrap();
    assert!(expected.len() >= 20);
    for (file, expected) in expected {
        let file = directory.join(file);
        let document = parse(&fs::read(&file).unwrap()).unwrap();
        let found = record(&document, id(&file));
        for (field, expected) in expected.as_object().unwrap() {
            assert_eq!(&found[field], expected, "{field} of {file:?}");
        }
    }
}

fn hash(text: Option<&str>) -> Option<String> {
    let hash = Sha256::digest(text?);
    Some(hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat())
}

fn record(document: &Document, id: NoticeId) -> Value {
    let (identity, form) = (&document.identity, &document.form);
    let hit = hit(id, document);
    let value = |value: &crate::domain::Valued| {
        let kind = match value.kind {
            ValueKind::Estimated => "estimated",
            ValueKind::Total => "total",
            ValueKind::FrameworkMaximum => "framework",
        };
        json!([kind, value.money.amount, value.money.currency, value.rule.as_str()])
    };
    let award = |award: &crate::domain::Award| {
        let (decided, signed) = (award.decided.map(|d| d.to_string()), award.signed.map(|d| d.to_string()));
        json!([award.contract, award.lots, decided, signed, amount(award.value.as_ref())])
    };
    json!({
        "root": form.root, "form": form.kind, "type": form.notice_type, "subtype": form.subtype,
        "native": form.native, "id": identity.uuid, "version": identity.version,
        "procedureId": identity.procedure_id, "internalId": hash(identity.internal_id.as_deref()),
        "languages": document.languages, "dispatched": document.dispatched.map(|at| at.to_string()),
        "published": document.published.map(|day| day.to_string()),
        "planned": document.planned.map(|day| day.to_string()),
        "title": hash(document.title.as_ref().map(|title| title.text.as_str())),
        "nature": document.subject.nature, "mainCpv": document.subject.main_cpv,
        "additionalCpv": document.subject.additional_cpv, "places": document.subject.places,
        "procedure": document.procedure, "legalBasis": document.legal_basis,
        "lots": document.lots.iter().map(lot).collect::<Vec<_>>(),
        "parties": document.parties.iter().map(party).collect::<Vec<_>>(),
        "values": document.values.iter().map(value).collect::<Vec<_>>(),
        "awards": document.awards.iter().map(award).collect::<Vec<_>>(),
        "links": document.links.iter().map(|l| json!([l.kind.as_str(), l.given])).collect::<Vec<_>>(),
        "reasons": document.change_reasons,
        "outcome": document.outcome.map(|outcome| match outcome {
            Outcome::Awarded => "awarded",
            Outcome::Cancelled => "cancelled",
        }),
        "received": received(&document.received),
        "hit": hit.kind, "deadline": hit.deadline.map(|at| at.to_string()),
    })
}

fn amount(money: Option<&Money>) -> Option<f64> {
    money.map(|money| money.amount)
}

fn received(counts: &[Received]) -> Vec<Value> {
    counts.iter().map(|count| json!([count.kind, count.total])).collect()
}

fn party(party: &Party) -> Value {
    let role = match party.role {
        Role::Buyer => "buyer",
        Role::Winner => "winner",
        Role::Tenderer => "tenderer",
        Role::Subcontractor => "subcontractor",
    };
    json!({
        "role": role, "name": hash(Some(&party.name)), "number": hash(party.number.as_ref().map(OrgNumber::as_str)),
        "lots": party.lots, "group": party.group, "leads": party.is_leader, "value": amount(party.value.as_ref()),
    })
}

fn lot(lot: &LotDetail) -> Value {
    let kind = match lot.kind {
        LotKind::Lot => "lot",
        LotKind::Part => "part",
        LotKind::Group => "group",
    };
    let deadline = |deadline: &crate::domain::Deadline| {
        (format!("{:?}", deadline.kind).to_lowercase(), Value::from(deadline.at.to_string()))
    };
    let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string()).unwrap_or_default();
    json!({
        "id": lot.id, "kind": kind, "result": lot.result, "framework": lot.framework,
        "dps": lot.dynamic_purchasing,
        "deadlines": lot.deadlines.iter().map(deadline).collect::<serde_json::Map<_, _>>(),
        "duration": lot.duration.as_ref().map(|duration| match duration {
            Duration::Measured(number, unit) => format!("{number} {unit}"),
            Duration::Between(from, to) => format!("{}/{}", day(*from), day(*to)),
            Duration::Unlimited => "unlimited".to_owned(),
        }),
        "mainCpv": lot.subject.main_cpv, "additionalCpv": lot.subject.additional_cpv, "places": lot.subject.places,
        "received": received(&lot.received), "noAwardReason": lot.no_award_reason,
    })
}
