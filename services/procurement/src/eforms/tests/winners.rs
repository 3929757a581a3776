//! Who won, who tendered without winning, who works for them, and for which lots.

#![expect(clippy::float_cmp, reason = "amounts are read, not computed, or rounded")]

use super::written::{award, contract, lot, party, result, results, tender};
use crate::domain::{Document, Outcome, Received, Role};

/// Role, number of the company, group, whether it leads, lots: for all that are not buyers.
fn roles(document: &Document) -> Vec<(Role, &str, Option<&str>, bool, String)> {
    let row = |p: &'_ crate::domain::Party| (p.role, p.group.is_some(), p.is_leader, p.lots.join(" "));
    document
        .parties
        .iter()
        .map(|p| {
            let (role, _, leads, lots) = row(p);
            (role, p.name.strip_prefix("Company ").unwrap(), p.group.as_deref(), leads, lots)
        })
        .collect()
}

fn lots(ids: &[&str]) -> String {
    ids.iter().map(|id| lot(id, "", "")).collect()
}

#[test]
fn what_a_contract_names_has_won_and_what_only_a_result_names_has_not() {
    let inside = [
        result("LOT-0001", "selec-w", &["T1", "T2"], &["C1"]),
        result("LOT-0002", "selec-w", &["T3", "T4"], &["C1"]),
        tender("T1", "P1", "LOT-0001", ""),
        tender("T2", "P2", "LOT-0001", ""),
        tender("T3", "P1", "LOT-0002", ""),
        tender("T4", "P3", "LOT-0002", ""),
        tender("T5", "P4", "LOT-0002", ""),
        // One contract over two lots names both tenders.
        contract("C1", &["T1", "T3"]),
        party("P1", &["ORG-1"], &[]),
        party("P2", &["ORG-2"], &[]),
        party("P3", &["ORG-3"], &[]),
        party("P4", &["ORG-4"], &[]),
    ]
    .concat();
    let document = award(&results(&inside), &lots(&["LOT-0001", "LOT-0002"]));
    assert_eq!(
        roles(&document),
        [
            (Role::Winner, "1", None, false, "LOT-0001 LOT-0002".into()),
            (Role::Tenderer, "2", None, false, "LOT-0001".into()),
            (Role::Tenderer, "3", None, false, "LOT-0002".into()),
        ]
    );
    assert_eq!(document.outcome, Some(Outcome::Awarded));
    assert_eq!(document.lots[0].result.as_deref(), Some("selec-w"));
    assert_eq!(document.awards[0].lots, ["LOT-0001", "LOT-0002"]);
}

#[test]
fn a_consortium_is_several_winners_of_one_group_with_a_leader_and_subcontractors() {
    let inside = [
        result("LOT-0001", "selec-w", &["T1", "T2"], &["C1"]),
        tender("T1", "P1", "LOT-0001", "100"),
        tender("T2", "P2", "LOT-0001", "200"),
        contract("C1", &["T1"]),
        party("P1", &["ORG-1", "ORG-2"], &["ORG-3"]),
        party("P2", &["ORG-4"], &["ORG-3"]),
    ]
    .concat();
    let document = award(&results(&inside), &lots(&["LOT-0001"]));
    assert_eq!(
        roles(&document),
        [
            (Role::Winner, "1", Some("P1"), true, "LOT-0001".into()),
            (Role::Winner, "2", Some("P1"), false, "LOT-0001".into()),
            (Role::Tenderer, "4", Some("P2"), false, "LOT-0001".into()),
            (Role::Subcontractor, "3", Some("P1"), false, "LOT-0001".into()),
            (Role::Subcontractor, "3", Some("P2"), false, "LOT-0001".into()),
        ]
    );
    // The consortium's tender counts once for the notice.
    assert_eq!(document.values[0].money.amount, 100.0);
}

#[test]
fn an_organisation_is_one_winner_however_many_parties_it_tenders_as() {
    let inside = [
        result("LOT-0001", "selec-w", &["T1"], &["C1"]),
        result("LOT-0002", "selec-w", &["T2", "T3"], &["C2"]),
        tender("T1", "P1", "LOT-0001", "10"),
        tender("T2", "P2", "LOT-0002", "5"),
        // It also tendered a variant that did not win.
        tender("T3", "P3", "LOT-0002", "4"),
        contract("C1", &["T1"]),
        contract("C2", &["T2"]),
        party("P1", &["ORG-1"], &[]),
        party("P2", &["ORG-1"], &[]),
        party("P3", &["ORG-1"], &[]),
    ]
    .concat();
    let document = award(&results(&inside), &lots(&["LOT-0001", "LOT-0002"]));
    assert_eq!(roles(&document), [(Role::Winner, "1", None, false, "LOT-0001 LOT-0002".into())]);
    assert_eq!(document.parties[0].value.as_ref().unwrap().amount, 15.0);
}

#[test]
fn an_organisation_that_is_in_the_pool_for_each_contract_is_still_one() {
    let inside = [
        result("LOT-0001", "selec-w", &["T1", "T2"], &["C1"]),
        tender("T1", "P1", "LOT-0001", "10"),
        tender("T2", "P2", "LOT-0001", "5"),
        contract("C1", &["T1", "T2"]),
        party("P1", &["ORG-1"], &[]),
        party("P2", &["ORG-9"], &[]),
    ]
    .concat();
    let again = |number: &str| {
        let again = super::written::organization("ORG-9", "Company 1", number);
        let extension =
            results(&inside).replace("</efac:Organizations>", &format!("{again}</efac:Organizations>"));
        award(&extension, &lots(&["LOT-0001"])).parties.len()
    };
    assert_eq!(again("938801363"), 1);
    assert_eq!(again("991825827"), 2);
}

#[test]
fn a_result_without_a_contract_has_a_winner_where_there_can_be_only_one() {
    let inside = |code: &str, tenders: &[&str]| {
        let tenders = [
            result("LOT-0001", code, tenders, &[]),
            tender("T1", "P1", "LOT-0001", ""),
            tender("T2", "P2", "LOT-0001", ""),
            party("P1", &["ORG-1"], &[]),
            party("P2", &["ORG-2"], &[]),
        ];
        results(&tenders.concat())
    };
    let of = |document: &Document| {
        roles(document).iter().map(|(role, name, ..)| (*role, name.to_string())).collect::<Vec<_>>()
    };
    let row = |role, name: &str| (role, name.to_owned());
    let body = lots(&["LOT-0001"]);
    assert_eq!(of(&award(&inside("selec-w", &["T1"]), &body)), [row(Role::Winner, "1")]);
    assert_eq!(
        of(&award(&inside("selec-w", &["T1", "T2"]), &body)),
        [row(Role::Tenderer, "1"), row(Role::Tenderer, "2")]
    );
    assert_eq!(of(&award(&inside("clos-nw", &["T1"]), &body)), [row(Role::Tenderer, "1")]);
    // A notice of intent may have neither contract nor code: all it names are meant.
    let intent = format!(r#"<cbc:NoticeTypeCode listName="dir-awa-pre">veat</cbc:NoticeTypeCode>{body}"#);
    let document = super::written::read("ContractAwardNotice", &inside("", &["T1", "T2"]), &intent);
    assert_eq!(of(&document), [row(Role::Winner, "1"), row(Role::Winner, "2")]);
    assert_eq!(document.outcome, None);
}

#[test]
fn a_result_that_names_no_lot_means_the_only_one_and_none_of_several() {
    let inside = [
        result("MISSING", "selec-w", &["T1"], &["C1"]),
        tender("T1", "P1", "", ""),
        contract("C1", &["T1"]),
        party("P1", &["ORG-1"], &[]),
    ]
    .concat();
    let one = award(&results(&inside), &lots(&["LOT-0000"]));
    assert_eq!(one.parties[0].lots, ["LOT-0000"]);
    assert_eq!(one.lots[0].result.as_deref(), Some("selec-w"));
    let several = award(&results(&inside), &lots(&["LOT-0001", "LOT-0002"]));
    assert_eq!(several.parties[0].lots, Vec::<String>::new());
    assert_eq!((several.lots[0].result.as_deref(), several.outcome), (None, Some(Outcome::Awarded)));
}

#[test]
fn the_only_lot_has_the_results_also_where_its_identifier_is_missing() {
    for (of_result, of_lot) in [("MISSING", "MISSING"), ("", "MISSING"), ("MISSING", "LOT-0000")] {
        let document = award(&results(&result(of_result, "selec-w", &[], &[])), &lots(&[of_lot]));
        assert_eq!(document.lots[0].result.as_deref(), Some("selec-w"), "{of_result:?} {of_lot:?}");
    }
}

#[test]
fn a_tender_for_a_group_of_lots_is_for_the_lots_whose_results_name_it() {
    let inside = [
        result("LOT-0001", "selec-w", &["T1"], &["C1"]),
        result("LOT-0002", "selec-w", &["T1"], &["C1"]),
        tender("T1", "P1", "GLO-0001", ""),
        contract("C1", &["T1"]),
        party("P1", &["ORG-1"], &[]),
    ]
    .concat();
    let document = award(&results(&inside), &lots(&["GLO-0001", "LOT-0001", "LOT-0002"]));
    assert_eq!(document.parties[0].lots, ["LOT-0001", "LOT-0002"]);
}

#[test]
fn a_procedure_is_cancelled_when_no_lot_has_a_winner_and_undecided_while_one_is_open() {
    let outcome = |codes: &[&str]| {
        let inside: String = codes.iter().map(|code| result("LOT-0001", code, &[], &[])).collect();
        award(&results(&inside), &lots(&["LOT-0001"])).outcome
    };
    assert_eq!(outcome(&["clos-nw", "clos-nw"]), Some(Outcome::Cancelled));
    assert_eq!(outcome(&["clos-nw", "selec-w"]), Some(Outcome::Awarded));
    assert_eq!(outcome(&["clos-nw", "open-nw"]), None);
    assert_eq!(outcome(&[]), Some(Outcome::Cancelled));
    let reason = result("LOT-0001", "clos-nw", &[], &[]).replace(
        "<efac:TenderLot>",
        "<efac:DecisionReason><efbc:DecisionReasonCode>no-rece</efbc:DecisionReasonCode></efac:DecisionReason><efac:TenderLot>",
    );
    let document = award(&results(&reason), &lots(&["LOT-0001"]));
    assert_eq!(document.lots[0].no_award_reason.as_deref(), Some("no-rece"));
}

#[test]
fn a_change_may_cancel_a_competition_and_says_nothing_of_how_a_result_ended() {
    let outcome = |root: &str, form: &str, reason: &str| {
        let extension = format!(
            "<efac:Changes><efbc:ChangedNoticeIdentifier>u-01</efbc:ChangedNoticeIdentifier><efac:ChangeReason><cbc:ReasonCode>{reason}</cbc:ReasonCode></efac:ChangeReason></efac:Changes>"
        );
        let body = format!(r#"<cbc:NoticeTypeCode listName="{form}">x</cbc:NoticeTypeCode>"#);
        super::written::read(root, &extension, &body).outcome
    };
    assert_eq!(outcome("ContractNotice", "competition", "cancel"), Some(Outcome::Cancelled));
    for reason in ["cancel-intent", "cor-buy"] {
        assert_eq!(outcome("ContractNotice", "competition", reason), None, "{reason}");
    }
    assert_eq!(outcome("PriorInformationNotice", "planning", "cancel"), None);
}

#[test]
fn what_is_withheld_is_not_told() {
    let statistics = "<efac:ReceivedSubmissionsStatistics><efbc:StatisticsCode>unpublished</efbc:StatisticsCode><efbc:StatisticsNumeric>3</efbc:StatisticsNumeric></efac:ReceivedSubmissionsStatistics><efac:ReceivedSubmissionsStatistics><efbc:StatisticsCode>t-sme</efbc:StatisticsCode><efbc:StatisticsNumeric>-1</efbc:StatisticsNumeric></efac:ReceivedSubmissionsStatistics>";
    let masked = result("LOT-0001", "unpublished", &["T1"], &["C1"])
        .replace("<efac:TenderLot>", &format!("{statistics}<efac:TenderLot>"));
    let inside =
        [masked, tender("T1", "P1", "LOT-0001", "-1"), contract("C1", &["T1"]), party("P1", &["ORG-1"], &[])]
            .concat();
    let process = "<cbc:ProcedureCode>unpublished</cbc:ProcedureCode>";
    let body = format!("<cac:TenderingProcess>{process}</cac:TenderingProcess>{}", lots(&["LOT-0001"]));
    let document = award(&results(&inside), &body);
    assert_eq!((document.lots[0].result.as_deref(), document.procedure.as_deref()), (None, None));
    assert_eq!((document.received.len(), document.values.len()), (0, 0));
    assert_eq!(document.outcome, Some(Outcome::Awarded), "there is a winner");
}

#[test]
fn tenders_received_are_counted_once_a_lot_and_added_over_lots() {
    let counted = |lot: &str, counts: &[(&str, &str)]| {
        let counts = counts
            .iter()
            .map(|(kind, total)| format!("<efac:ReceivedSubmissionsStatistics><efbc:StatisticsCode>{kind}</efbc:StatisticsCode><efbc:StatisticsNumeric>{total}</efbc:StatisticsNumeric></efac:ReceivedSubmissionsStatistics>"))
            .collect::<Vec<_>>()
            .concat();
        result(lot, "selec-w", &[], &[]).replace("<efac:TenderLot>", &format!("{counts}<efac:TenderLot>"))
    };
    let inside = [
        counted("LOT-0001", &[("tenders", "15"), ("t-sme", "2.0")]),
        // Conversions of older forms have a result for each winner, with the lot's count in each.
        counted("LOT-0001", &[("tenders", "15")]),
        counted("LOT-0002", &[("tenders", "1"), ("t-esubm", "x")]),
    ]
    .concat();
    let document = award(&results(&inside), &lots(&["LOT-0001", "LOT-0002"]));
    let count = |kind: &str, total| Received { kind: kind.into(), total };
    assert_eq!(document.lots[0].received, [count("tenders", 15), count("t-sme", 2)]);
    assert_eq!(document.lots[1].received, [count("tenders", 1)]);
    assert_eq!(document.received, [count("tenders", 16), count("t-sme", 2)]);
}

#[test]
fn the_day_of_a_decision_may_be_the_notice_s_and_is_never_a_placeholder() {
    let signed = contract("C1", &[]).replace(
        "</efac:SettledContract>",
        r#"<cbc:IssueDate>2024-01-18+01:00</cbc:IssueDate><cbc:Title languageID="ENG">T</cbc:Title><cbc:Title languageID="NOR">N</cbc:Title></efac:SettledContract>"#,
    );
    let decided = |contract: &str, day: &str| {
        let body = format!("<cac:TenderResult><cbc:AwardDate>{day}</cbc:AwardDate></cac:TenderResult>");
        let award = award(&results(contract), &body).awards.remove(0);
        (award.decided.map(|day| day.to_string()), award.signed.unwrap().to_string(), award.title.unwrap())
    };
    let row =
        |decided: Option<&str>| (decided.map(ToOwned::to_owned), "2024-01-18".to_owned(), "N".to_owned());
    assert_eq!(decided(&signed, "2000-01-01Z"), row(None));
    assert_eq!(decided(&signed, "2024-01-16 2024-01-17"), row(Some("2024-01-16")));
    let own =
        signed.replace("<cbc:IssueDate>", "<cbc:AwardDate>2024-01-17+01:00</cbc:AwardDate><cbc:IssueDate>");
    assert_eq!(decided(&own, "2024-01-16"), row(Some("2024-01-17")));
}

#[test]
fn a_contract_is_with_those_whose_tenders_it_names_and_not_with_all_winners_of_its_lot() {
    let inside = [
        result("LOT-0001", "selec-w", &["T1", "T2", "T3"], &["C1", "C2"]),
        tender("T1", "P1", "LOT-0001", ""),
        tender("T2", "P2", "LOT-0001", ""),
        tender("T3", "P3", "LOT-0001", ""),
        contract("C1", &["T1", "T3"]),
        contract("C2", &["T2"]),
        party("P1", &["ORG-1"], &["ORG-4"]),
        party("P2", &["ORG-2", "ORG-3"], &[]),
        party("P3", &["ORG-1"], &[]),
    ]
    .concat();
    let document = award(&results(&inside), &lots(&["LOT-0001"]));
    let suppliers = |at: usize| {
        let suppliers = document.awards[at].suppliers.iter();
        suppliers.map(|one| (one.name.as_str(), one.number.is_some())).collect::<Vec<_>>()
    };
    assert_eq!(suppliers(0), [("Company 1", true)]);
    assert_eq!(suppliers(1), [("Company 2", true), ("Company 3", true)]);
}
