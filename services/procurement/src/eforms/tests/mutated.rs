//! Documents and pages of hits that somebody broke: whatever becomes of them, they neither panic nor hang.

use std::time::{Duration, Instant};

use super::super::{hit, parse};
use super::written::{contract, framework, lot, notice, party, result, results, tender};
use crate::domain::NoticeId;
use crate::upstream::is_page;

/// How many of each are broken.
const COUNT: u64 = 10_000;

/// Longest a single one may take, on a busy machine; they have a few kilobytes.
const LONGEST: Duration = Duration::from_secs(2);

/// Documents of each root, with most of what is read.
fn documents() -> Vec<Vec<u8>> {
    let period = "<cac:TenderSubmissionDeadlinePeriod><cbc:EndDate>2024-06-17+02:00</cbc:EndDate><cbc:EndTime>12:00:00</cbc:EndTime></cac:TenderSubmissionDeadlinePeriod>";
    let project = r#"<cbc:ID schemeName="InternalID">24/1</cbc:ID><cbc:Name languageID="NOR">Bygg &amp; anlegg æøå</cbc:Name><cbc:Name languageID="ENG">Works</cbc:Name>
     <cac:RequestedTenderTotal><cbc:EstimatedOverallContractAmount currencyID="NOK">5000000.00</cbc:EstimatedOverallContractAmount></cac:RequestedTenderTotal>
     <cac:MainCommodityClassification><cbc:ItemClassificationCode listName="cpv">45000000</cbc:ItemClassificationCode></cac:MainCommodityClassification>
     <cac:RealizedLocation><cac:Address><cbc:CountrySubentityCode>NO0A2</cbc:CountrySubentityCode></cac:Address></cac:RealizedLocation>
     <cac:PlannedPeriod><cbc:DurationMeasure unitCode="MONTH">24</cbc:DurationMeasure></cac:PlannedPeriod>"#;
    let body = |form: &str, kind: &str| {
        format!(
            r#"<cbc:CustomizationID>eforms-sdk-1.13#extended#urn:fdc:anskaffelser.no:2023:eforms:eu</cbc:CustomizationID>
            <cbc:ID schemeName="notice-id">b0f6c1f4-0d5e-4c39-9f1c-111111111111</cbc:ID><cbc:IssueDate>2024-05-01+02:00</cbc:IssueDate><cbc:IssueTime>08:00:00+02:00</cbc:IssueTime>
            <cbc:NoticeTypeCode listName="{form}">{kind}</cbc:NoticeTypeCode><cbc:NoticeLanguageCode>NOR</cbc:NoticeLanguageCode>
            <cac:ContractingParty><cac:Party><cac:PartyIdentification><cbc:ID>ORG-1</cbc:ID></cac:PartyIdentification></cac:Party></cac:ContractingParty>
            <cac:ProcurementProject>{project}</cac:ProcurementProject>{}{}"#,
            framework("LOT-0001"),
            lot("LOT-0002", project, period)
        )
    };
    let award = [
        r#"<cbc:TotalAmount currencyID="NOK">300</cbc:TotalAmount>"#.to_owned(),
        result("LOT-0001", "selec-w", &["T1", "T2"], &["C1"]),
        result("LOT-0002", "clos-nw", &["T3"], &[]),
        tender("T1", "P1", "LOT-0001", "100"),
        tender("T2", "P2", "LOT-0001", "200"),
        tender("T3", "P2", "LOT-0002", "300"),
        contract("C1", &["T1", "T2"]),
        party("P1", &["ORG-1", "ORG-2"], &["ORG-3"]),
        party("P2", &["ORG-4"], &[]),
    ];
    let changes =
        "<efac:Changes><efbc:ChangedNoticeIdentifier>u-01</efbc:ChangedNoticeIdentifier></efac:Changes>";
    [
        notice("ContractAwardNotice", &results(&award.concat()), &body("result", "can-standard")),
        notice("ContractNotice", &format!("{changes}{}", results("")), &body("competition", "cn-standard")),
        notice("PriorInformationNotice", &results(""), &body("planning", "pin-only")),
    ]
    .map(String::into_bytes)
    .to_vec()
}

fn page() -> Vec<u8> {
    r#"{"numHitsTotal":31,"numHitsAccessible":31,"hits":[{"id":"2026-100001","buyer":[{"id":"ab","organizationId":"NO 938 801 363 MVA","name":"Kommune Å"}],
     "heading":"H\u00e6\n\"x\"","description":null,"locationId":["NO0A2","anyw"],"estimatedValue":{"currencyCode":"NOK","amount":5000000.0},
     "type":"ANNOUNCEMENT_OF_COMPETITION","allTypes":["COMPETITION"],"status":"ACTIVE","issueDate":"2026-07-31T07:32:02Z","deadline":"2026-09-01T10:00:00Z",
     "publicationDate":"2026-08-03","receivedTenders":0,"allReceivedTenders":[{"type":"t-esubm","total":3}],"cpvCodes":["72000000"],
     "lots":[{"heading":"L","description":"","winner":[{"id":"c","organizationId":null,"name":"Oy"}]}]},{"id":"2026-100002"}]}"#
        .as_bytes()
        .to_vec()
}

/// Breaks bytes in one to four ways. What is put in is what their format is made of.
fn broken(random: &mut fastrand::Rng, whole: &[u8], pieces: &[&str]) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    for _ in 0..random.usize(1..=4) {
        let length = bytes.len();
        let (at, other) = (random.usize(..=length), random.usize(..=length));
        let (from, to) = (at.min(other), at.max(other));
        let piece = random.choice(pieces).unwrap().as_bytes().to_vec();
        match random.u8(..8) {
            0 => bytes.truncate(at),
            1 => drop(bytes.splice(at..(at + 1).min(length), [random.u8(..)])),
            2 => drop(bytes.drain(from..to.min(from + 200))),
            3 => drop(bytes.splice(at..at, piece)),
            4 => drop(bytes.splice(from..to.min(from + 20), piece)),
            5 => {
                let copy = bytes[from..to.min(from + 500)].to_vec();
                drop(bytes.splice(at..at, copy));
            }
            6 => drop(bytes.splice(at..at, piece.repeat(random.usize(1..300)))),
            // The same element twice, or none: from one mark to a later one.
            _ => {
                let marks: Vec<usize> = bytes
                    .iter()
                    .enumerate()
                    .filter(|(_, b)| matches!(b, b'<' | b'{' | b','))
                    .map(|(at, _)| at)
                    .collect();
                if let (Some(from), Some(to)) = (random.choice(&marks), random.choice(&marks)) {
                    let copy = bytes[*from.min(to)..*from.max(to)].to_vec();
                    drop(bytes.splice(*to..*to, copy));
                }
            }
        }
    }
    bytes
}

fn timed(bytes: &[u8], read: impl FnOnce(&[u8]) -> bool) -> bool {
    let start = Instant::now();
    let is_read = read(bytes);
    assert!(start.elapsed() < LONGEST, "{:?} for {:?}", start.elapsed(), String::from_utf8_lossy(bytes));
    is_read
}

#[test]
fn ten_thousand_broken_documents_neither_panic_nor_hang() {
    let pieces = [
        "<",
        ">",
        "/>",
        "</",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<!DOCTYPE x [",
        "<!ENTITY a 'b'>",
        "&amp;",
        "&#x0;",
        "&a;",
        "\"",
        "'",
        "=",
        " xmlns=''",
        " xmlns:cbc='urn:x'",
        "<cbc:ID>",
        "</cbc:ID>",
        "<cac:ProcurementProjectLot>",
        "<efac:LotTender>",
        "T1",
        "LOT-0001",
        "MISSING",
        "2000-01-01",
        "9999-99-99",
        "+99:99",
        "-1",
        "1e308",
        "99999999999999999999",
        "\u{0}",
        "\u{feff}",
        "æ",
        "\u{200b}",
        "encoding='UTF-16'",
    ];
    let documents = documents();
    assert!(documents.iter().all(|document| parse(document).is_ok()));
    let id = NoticeId::parse("2024-100001").unwrap();
    let mut read = 0;
    for seed in 0..COUNT {
        let mut random = fastrand::Rng::with_seed(seed);
        let whole = random.choice(&documents).unwrap();
        let bytes = broken(&mut random, whole, &pieces);
        let is_read =
            timed(&bytes, |bytes| parse(bytes).is_ok_and(|document| hit(id.clone(), &document).id == id));
        read += u64::from(is_read);
    }
    // Neither all refused at the first byte, nor all taken as they are.
    assert!((100..COUNT - 1000).contains(&read), "{read} were read");
}

#[test]
fn ten_thousand_broken_pages_neither_panic_nor_hang() {
    let pieces = [
        "{",
        "}",
        "[",
        "]",
        "\"",
        ",",
        ":",
        "null",
        "true",
        "-1",
        "1e400",
        "\\u0000",
        "\\",
        "\n",
        "\u{0}",
        "\"id\":",
        "\"hits\":",
        "[[",
        "{}",
    ];
    let whole = page();
    assert!(is_page(&whole));
    let mut read = 0;
    for seed in 0..COUNT {
        let mut random = fastrand::Rng::with_seed(seed);
        let bytes = broken(&mut random, &whole, &pieces);
        read += u64::from(timed(&bytes, is_page));
    }
    assert!((100..COUNT - 1000).contains(&read), "{read} were read");
}
