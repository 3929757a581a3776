//! Hits made of documents alone.

use super::super::{hit, parse};
use super::written::{contract, lot, notice, organization, party, read, result, results, tender};
use crate::domain::{Document, NoticeId};

fn of(document: &Document) -> crate::domain::Hit {
    hit(NoticeId::parse("2024-100001").unwrap(), document)
}

fn kinds(root: &str, form: &str, kind: &str, extension: &str, body: &str) -> (String, String) {
    let body = format!(r#"<cbc:NoticeTypeCode listName="{form}">{kind}</cbc:NoticeTypeCode>{body}"#);
    let hit = of(&read(root, extension, &body));
    assert_eq!(hit.status, None);
    let group = hit.all_kinds.iter().find(|other| **other != hit.kind).unwrap().clone();
    assert!(hit.all_kinds.is_sorted() && hit.all_kinds.len() == 2);
    (hit.kind, group)
}

#[test]
fn a_notice_s_type_gives_doffin_s_word_for_it() {
    for (root, form, kind, word, group) in [
        ("PriorInformationNotice", "planning", "pin-only", "ADVISORY_NOTICE", "PLANNING"),
        ("PriorInformationNotice", "planning", "pin-rtl", "ADVISORY_NOTICE", "PLANNING"),
        ("PriorInformationNotice", "planning", "pin-buyer", "NOTICE_ON_BUYER_PROFILE", "PLANNING"),
        ("PriorInformationNotice", "competition", "pin-cfc-social", "PRE_ANNOUNCEMENT", "COMPETITION"),
        ("ContractNotice", "competition", "pin-cfc-standard", "PRE_ANNOUNCEMENT", "COMPETITION"),
        ("ContractNotice", "competition", "cn-standard", "ANNOUNCEMENT_OF_COMPETITION", "COMPETITION"),
        ("ContractNotice", "competition", "cn-desg", "ANNOUNCEMENT_OF_COMPETITION", "COMPETITION"),
        ("ContractNotice", "competition", "subco", "ANNOUNCEMENT_OF_COMPETITION", "COMPETITION"),
        ("ContractNotice", "competition", "qu-sy", "QUALIFICATION_SCHEME", "COMPETITION"),
        ("ContractAwardNotice", "dir-awa-pre", "veat", "ANNOUNCEMENT_OF_INTENT", "RESULT"),
        ("ContractAwardNotice", "cont-modif", "can-modif", "CHANGE_OF_CONCLUSION_OF_CONTRACT", "RESULT"),
        (
            "ContractAwardNotice",
            "result",
            "can-desg",
            "CANCELLED_OR_MISSING_CONCLUSION_OF_CONTRACT",
            "RESULT",
        ),
        // Types nobody knows yet go by their form, and forms nobody knows by their root.
        ("ContractNotice", "competition", "new", "ANNOUNCEMENT_OF_COMPETITION", "COMPETITION"),
        ("ContractAwardNotice", "cont-modif", "new", "CHANGE_OF_CONCLUSION_OF_CONTRACT", "RESULT"),
        ("ContractAwardNotice", "completion", "compl", "CHANGE_OF_CONCLUSION_OF_CONTRACT", "RESULT"),
        ("PriorInformationNotice", "", "", "ADVISORY_NOTICE", "PLANNING"),
    ] {
        assert_eq!(
            kinds(root, form, kind, "", ""),
            (word.to_owned(), group.to_owned()),
            "{root} {form} {kind}"
        );
    }
    let system = r#"<cac:ContractingSystem><cbc:ContractingSystemTypeCode listName="dps-usage">dps-nlist</cbc:ContractingSystemTypeCode></cac:ContractingSystem>"#;
    let dynamic = kinds("ContractNotice", "competition", "cn-standard", "", &lot("LOT-0001", "", system));
    assert_eq!(dynamic.0, "DYNAMIC_PURCHASING_SCHEME");
}

#[test]
fn an_award_is_told_from_a_cancellation_by_its_results() {
    let word = |code: &str| {
        let extension = results(&result("LOT-0001", code, &[], &[]));
        kinds("ContractAwardNotice", "result", "can-standard", &extension, "").0
    };
    assert_eq!(word("selec-w"), "ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT");
    assert_eq!(word("clos-nw"), "CANCELLED_OR_MISSING_CONCLUSION_OF_CONTRACT");
}

#[test]
fn codes_come_with_their_ancestors_and_places_from_everywhere() {
    let project = |cpv: &str, nuts: &str| {
        format!(
            "<cac:MainCommodityClassification><cbc:ItemClassificationCode>{cpv}</cbc:ItemClassificationCode></cac:MainCommodityClassification>
            <cac:RealizedLocation><cac:Address><cbc:CountrySubentityCode>{nuts}</cbc:CountrySubentityCode></cac:Address></cac:RealizedLocation>"
        )
    };
    let body = format!(
        "<cac:ProcurementProject>{}</cac:ProcurementProject>{}",
        project("72212222", "NO0A2"),
        lot("LOT-0001", &project("72200000", "NO081"), "")
    );
    let hit = of(&read("ContractNotice", "", &body));
    assert_eq!(hit.cpv, ["72000000", "72200000", "72210000", "72212000", "72212200", "72212220", "72212222"]);
    assert_eq!(hit.locations, ["NO081", "NO0A2"]);
}

#[test]
fn the_deadline_is_the_last_of_the_lots_and_requests_stand_in_for_tenders() {
    let period = |name: &str, date: &str| {
        format!(
            "<cac:{name}><cbc:EndDate>{date}Z</cbc:EndDate><cbc:EndTime>10:00:00Z</cbc:EndTime></cac:{name}>"
        )
    };
    let tenders = |date: &str| period("TenderSubmissionDeadlinePeriod", date);
    let requests = |date: &str| period("ParticipationRequestReceptionPeriod", date);
    let deadline = |lots: &[String]| {
        let body: String =
            lots.iter().enumerate().map(|(at, process)| lot(&format!("LOT-000{at}"), "", process)).collect();
        of(&read("ContractNotice", "", &body)).deadline.map(|at| at.to_string()).unwrap_or_default()
    };
    assert_eq!(deadline(&[tenders("2024-05-01"), tenders("2024-06-01")]), "2024-06-01T10:00:00Z");
    assert_eq!(deadline(&[requests("2024-04-01")]), "2024-04-01T10:00:00Z");
    assert_eq!(deadline(&[tenders("2024-05-01") + &requests("2024-04-01")]), "2024-05-01T10:00:00Z");
    assert_eq!(deadline(&[tenders("2099-01-01")]), "");
    assert_eq!(deadline(&[]), "");
}

#[test]
fn lots_have_their_winners_and_the_notice_its_buyers_days_and_counts() {
    let inside = [
        result("LOT-0002", "selec-w", &["T1"], &["C1"]).replace(
            "<efac:TenderLot>",
            "<efac:ReceivedSubmissionsStatistics><efbc:StatisticsCode>tenders</efbc:StatisticsCode><efbc:StatisticsNumeric>4</efbc:StatisticsNumeric></efac:ReceivedSubmissionsStatistics><efac:TenderLot>",
        ),
        tender("T1", "P1", "LOT-0002", ""),
        contract("C1", &["T1"]),
        party("P1", &["ORG-2", "ORG-3"], &["ORG-4"]),
    ];
    let body = format!(
        r"<cbc:IssueDate>2024-03-31+00:00</cbc:IssueDate><cbc:IssueTime>22:30:00+00:00</cbc:IssueTime>
        <cac:ContractingParty><cac:Party><cac:PartyIdentification><cbc:ID>ORG-1</cbc:ID></cac:PartyIdentification></cac:Party></cac:ContractingParty>
        <cac:ProcurementProject><cbc:Name>N</cbc:Name></cac:ProcurementProject>{}{}{}",
        lot("GLO-0001", "", ""),
        lot("LOT-0001", "<cbc:Name>One</cbc:Name>", ""),
        lot("LOT-0002", "<cbc:Name>Two</cbc:Name><cbc:Description>D</cbc:Description>", "")
    );
    let hit = of(&super::written::award(&results(&inside.concat()), &body));
    let lots: Vec<_> = hit
        .lots
        .iter()
        .map(|lot| (lot.heading.as_str(), lot.description.as_str(), lot.winners.len()))
        .collect();
    assert_eq!(lots, [("One", "", 0), ("Two", "D", 2)]);
    assert_eq!((hit.heading.as_str(), hit.buyers.len(), hit.buyers[0].name.as_str()), ("N", 1, "Company 1"));
    assert_eq!((hit.received_tenders, hit.received.len()), (Some(4), 1));
    assert_eq!(hit.issued.unwrap().to_string(), "2024-03-31T22:30:00Z");
    // It was already April in Norway.
    assert_eq!(hit.published.unwrap().to_string(), "2024-04-01");
}

#[test]
fn a_bare_notice_is_a_bare_hit() {
    let extension = format!("<efac:Organizations>{}</efac:Organizations>", organization("ORG-1", "A", "1"));
    let hit = of(&parse(notice("ContractNotice", &extension, "").as_bytes()).unwrap());
    assert_eq!((hit.heading.as_str(), hit.buyers.len(), hit.cpv.len(), hit.published), ("", 0, 0, None));
    assert_eq!((hit.received_tenders, hit.estimated_value, hit.lots.len()), (None, None, 0));
}
