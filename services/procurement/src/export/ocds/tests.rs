//! Releases of made-up notices.

use std::sync::Arc;

use serde_json::{Value, json};

use super::release;
use crate::answer::Shown;
use crate::domain::{
    Award, Document, Hit, LinkKind, LotDetail, Money, NoticeId, OrgNumber, Organization, Party, Received,
    Reference, Role, Rule, ValueKind, Valued,
};

fn hit(kind: &str) -> Hit {
    Hit {
        id: NoticeId::parse("2026-100001").unwrap(),
        buyers: vec![organization("974760673", "Oppført AS")],
        heading: "Bru".into(),
        description: String::new(),
        locations: Vec::new(),
        estimated_value: None,
        kind: kind.into(),
        all_kinds: Vec::new(),
        status: None,
        issued: None,
        deadline: None,
        published: None,
        received_tenders: None,
        received: Vec::new(),
        cpv: Vec::new(),
        lots: Vec::new(),
    }
}

fn organization(number: &str, name: &str) -> Organization {
    Organization {
        row: String::new(),
        given: Some(number.into()),
        name: name.into(),
        number: OrgNumber::find(number),
    }
}

fn party(role: Role, number: &str, name: &str) -> Party {
    Party {
        role,
        name: name.into(),
        given: Some(number.into()),
        number: OrgNumber::find(number),
        country: None,
        size: None,
        is_leader: false,
        group: None,
        lots: vec!["LOT-0001".into()],
        value: None,
    }
}

fn contract(id: &str, suppliers: &[Organization]) -> Award {
    let (contract, lots) = (Some(id.into()), vec!["LOT-0001".into()]);
    Award { contract, lots, suppliers: suppliers.to_vec(), ..Award::default() }
}

fn total(amount: f64) -> Valued {
    let money = Money { currency: "NOK".into(), amount };
    Valued { kind: ValueKind::Total, money, rule: Rule::NoticeTotal }
}

fn of(kind: &str, document: &Document) -> Value {
    release(&Shown::from(Arc::new(hit(kind))), Some(document))
}

/// A lot won by two, each with a contract of its own.
fn two_contracts() -> Document {
    let firms = [organization("938801363", "En AS"), organization("991825827", "To AS")];
    Document {
        parties: vec![
            party(Role::Buyer, "889640782", "Kjøper"),
            party(Role::Winner, "938801363", "En AS"),
            party(Role::Winner, "991825827", "To AS"),
        ],
        awards: vec![contract("CON-0001", &firms[..1]), contract("CON-0002", &firms[1..])],
        ..Document::default()
    }
}

const AWARD: &str = "ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT";
const CHANGE: &str = "CHANGE_OF_CONCLUSION_OF_CONTRACT";

#[test]
fn an_award_is_to_the_suppliers_of_its_contract_and_not_to_all_of_its_lot() {
    let release = of(AWARD, &two_contracts());
    let suppliers = |at: usize| release["awards"][at]["suppliers"].clone();
    assert_eq!(suppliers(0), json!([{"id": "NO-BRC-938801363", "name": "En AS"}]));
    assert_eq!(suppliers(1), json!([{"id": "NO-BRC-991825827", "name": "To AS"}]));
    assert_eq!(release.get("contracts"), None);
}

#[test]
fn the_buyer_is_the_leader_or_the_first_listed_whatever_the_numbers() {
    let (last, first) = (party(Role::Buyer, "991825827", "Siste"), party(Role::Buyer, "889640782", "Første"));
    let leader = Party { is_leader: true, ..first.clone() };
    for (parties, expected) in [
        (vec![last.clone(), first], "Siste"),
        (vec![last, leader], "Første"),
        (vec![party(Role::Winner, "889640782", "Vinner")], "Oppført AS"),
        (Vec::new(), "Oppført AS"),
    ] {
        let release = of(AWARD, &Document { parties, ..Document::default() });
        assert_eq!(release["buyer"]["name"], expected);
        let listed = release["parties"].as_array().unwrap().iter();
        assert!(listed.clone().any(|party| party["id"] == release["buyer"]["id"]), "{release}");
    }
}

#[test]
fn an_amendment_tells_its_contracts_their_suppliers_and_why() {
    let firm = [organization("938801363", "En AS")];
    let document = Document {
        awards: vec![contract("CON-0001", &firm)],
        values: vec![total(23e6)],
        change_reasons: vec!["add-wss".into()],
        ..two_contracts()
    };
    let release = of(CHANGE, &document);
    assert_eq!(release["tag"], json!(["contractAmendment"]));
    assert_eq!(release["awards"][0]["suppliers"][0]["name"], "En AS");
    let worth = json!({"amount": 23e6, "currency": "NOK"});
    assert_eq!(
        release["contracts"],
        json!([{
            "id": "2026-100001-CON-0001",
            "awardID": "2026-100001-CON-0001",
            "status": "active",
            "value": worth,
            "amendments": [{"id": "2026-100001", "rationale": "add-wss"}],
        }])
    );
}

#[test]
fn a_total_is_told_where_contracts_do_not_add_up_to_it() {
    let worth = |amount: f64| json!({"amount": amount, "currency": "NOK"});
    let several = Document { values: vec![total(80e6)], ..two_contracts() };
    assert_eq!(of(AWARD, &several)["totalAwardedValue"], worth(80e6));
    let mut valued = several.clone();
    valued.awards[0].value = Some(Money { currency: "NOK".into(), amount: 5e6 });
    assert_eq!(of(AWARD, &valued)["totalAwardedValue"], worth(80e6), "one contract's value is not told");
    for (other, told) in [(75e6, None), (5e6, Some(worth(80e6)))] {
        valued.awards[1].value = Some(Money { currency: "NOK".into(), amount: other });
        assert_eq!(of(AWARD, &valued).get("totalAwardedValue"), told.as_ref(), "{other}");
    }
    let none = Document { awards: Vec::new(), ..several };
    let release = of(AWARD, &none);
    assert_eq!((&release["awards"][0]["value"], release.get("totalAwardedValue")), (&worth(80e6), None));
}

#[test]
fn a_change_is_an_update_also_without_a_reason() {
    let links = vec![Reference { kind: LinkKind::Changes, given: "2026-100000".into() }];
    let document = Document { links, ..Document::default() };
    for (kind, tag) in [
        ("ANNOUNCEMENT_OF_COMPETITION", "tenderUpdate"),
        ("ADVISORY_NOTICE", "planningUpdate"),
        (AWARD, "awardUpdate"),
    ] {
        assert_eq!(of(kind, &document)["tag"], json!([tag]));
    }
}

#[test]
fn a_cancellation_says_how_it_ended_and_what_is_changed_is_no_other_process() {
    let lot = |reason: &str| {
        let reason = Some(reason.to_owned()).filter(|reason| !reason.is_empty());
        LotDetail { no_award_reason: reason, ..LotDetail::default() }
    };
    let status = |reasons: &[&str]| {
        let lots = reasons.iter().map(|reason| lot(reason)).collect();
        let document = Document { lots, ..Document::default() };
        of("CANCELLED_OR_MISSING_CONCLUSION_OF_CONTRACT", &document)["tender"]["status"].clone()
    };
    assert_eq!(status(&["no-rece", "all-rej"]), "unsuccessful");
    for reasons in [&["no-rece", "ch-need"][..], &[""], &[]] {
        assert_eq!(status(reasons), "cancelled", "{reasons:?}");
    }
    let link = |kind, given: &str| Reference { kind, given: given.into() };
    let links = vec![
        link(LinkKind::Changes, "2026-100000"),
        link(LinkKind::Framework, "11-2020"),
        link(LinkKind::Previous, "12-2020"),
    ];
    let release = of(AWARD, &Document { links, ..Document::default() });
    let related = release["relatedProcesses"].as_array().unwrap().iter();
    let related: Vec<_> =
        related.map(|one| (&one["id"], &one["relationship"][0], &one["identifier"])).collect();
    let expected = [("1", "framework", "11-2020"), ("2", "prior", "12-2020")]
        .map(|(id, relationship, given)| (json!(id), json!(relationship), json!(given)));
    assert_eq!(related, expected.iter().map(|(a, b, c)| (a, b, c)).collect::<Vec<_>>());
}

#[test]
fn tenders_are_counted_by_whichever_count_says_most() {
    let received = |kind: &str, total| Received { kind: kind.into(), total };
    let count = |plain, kinds: Vec<Received>| {
        let hit = Hit { received_tenders: plain, received: kinds, ..hit(AWARD) };
        release(&Shown::from(Arc::new(hit)), None)["tender"].get("numberOfTenderers").cloned()
    };
    assert_eq!(count(Some(0), vec![received("t-esubm", 3), received("part-req", 9)]), Some(json!(3)));
    assert_eq!(count(Some(4), vec![received("t-sme", 3)]), Some(json!(4)));
    assert_eq!(count(Some(0), vec![received("part-req", 9)]), None);
}

#[test]
fn a_legal_basis_is_a_celex_number_or_not_told() {
    let basis = |basis: &str| {
        let document = Document { legal_basis: Some(basis.into()), ..Document::default() };
        of("ANNOUNCEMENT_OF_COMPETITION", &document)["tender"].get("legalBasis").cloned()
    };
    assert_eq!(basis("32014L0024"), Some(json!({"scheme": "CELEX", "id": "32014L0024"})));
    assert_eq!(basis("other"), None);
}
