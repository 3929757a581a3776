//! Downloads, and whether each document says what its hit says.

use std::collections::{BTreeSet, HashMap};

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;
use simulator::Draft;

use crate::probe::{Probe, config, header, ids};

/// A document read to the end: texts by element path, comments counted.
#[derive(Default)]
struct Xml {
    texts: Vec<(String, String)>,
    comments: usize,
}

impl Xml {
    fn read(text: &str) -> Self {
        let mut reader = Reader::from_str(text);
        let (mut xml, mut path) = (Self::default(), Vec::<String>::new());
        let mut current = String::new();
        loop {
            match reader.read_event().unwrap() {
                Event::Start(start) => {
                    path.push(start.name().as_ref().to_owned());
                    current.clear();
                }
                Event::Text(piece) => current.push_str(&piece),
                Event::GeneralRef(name) => current.push_str(match &*name {
                    "amp" => "&",
                    "lt" => "<",
                    "gt" => ">",
                    _ => "\"",
                }),
                Event::End(_) => {
                    xml.texts.push((path.join("/"), current.trim().to_owned()));
                    current.clear();
                    path.pop();
                }
                Event::Empty(empty) => {
                    let name = empty.name().as_ref().to_owned();
                    xml.texts.push((format!("{}/{name}", path.join("/")), String::new()));
                }
                Event::Comment(_) => xml.comments += 1,
                Event::Eof => break,
                _ => {}
            }
        }
        assert!(path.is_empty());
        xml
    }

    fn all(&self, end: &str) -> Vec<&str> {
        self.texts.iter().filter(|(path, _)| path.ends_with(end)).map(|(_, text)| text.as_str()).collect()
    }

    fn one(&self, end: &str) -> &str {
        self.all(end).first().copied().unwrap_or_default()
    }

    fn notice_id(&self) -> &str {
        self.texts
            .iter()
            .find(|(path, _)| path.matches('/').count() == 1 && path.ends_with("/cbc:ID"))
            .map_or("", |(_, text)| text)
    }
}

impl Probe {
    async fn document(&self, id: &str) -> Xml {
        let response = self.download(id).await;
        assert_eq!(response.status(), 200, "{id}");
        Xml::read(&response.text().await.unwrap())
    }
}

fn texts(hit: &Value, key: &str) -> BTreeSet<String> {
    hit[key].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_document_is_octets_of_utf8_with_a_bom_on_request() {
    let probe = Probe::start().await;
    let id = ids(&probe.hits("numHitsPerPage=1").await).remove(0);
    let response = probe.download(&id).await;
    assert_eq!(header(&response, "content-type"), "application/octet-stream");
    let plain = response.bytes().await.unwrap();
    assert!(plain.starts_with(b"<"));
    probe.change(|faults| faults.doffin.bom = true);
    let marked = probe.download(&id).await.bytes().await.unwrap();
    assert_eq!(marked[..3], *b"\xef\xbb\xbf");
    assert_eq!(marked[3..], plain);
}

#[tokio::test]
async fn an_unknown_notice_is_an_empty_404() {
    let probe = Probe::start().await;
    let response = probe.download("2026-999999").await;
    assert_eq!(response.status(), 404);
    assert!(response.bytes().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_listed_notice_can_be_broken_for_download_only() {
    let probe = Probe::start().await;
    let id = ids(&probe.hits("numHitsPerPage=1").await).remove(0);
    probe.change(|faults| faults.doffin.download_500 = vec![id.clone()]);
    let response = probe.download(&id).await;
    assert_eq!(response.status(), 500);
    assert!(response.text().await.unwrap().starts_with("Cannot invoke \"com.fasterxml.jackson"));
}

#[tokio::test]
async fn a_new_notice_is_in_search_before_it_can_be_downloaded() {
    let probe = Probe::faulty(|faults| faults.doffin.download_lag_s = 3_600).await;
    let id = probe.simulator.publish(Draft::default()).unwrap();
    assert_eq!(probe.total(&format!("searchString={id}")).await, 1);
    assert_eq!(probe.download(&id).await.status(), 404);
    probe.simulator.advance(3_601);
    assert_eq!(probe.download(&id).await.status(), 200);
}

#[tokio::test]
async fn every_document_is_well_formed_and_says_what_its_hit_says() {
    let probe = Probe::start().await;
    let mut families = HashMap::new();
    for year in 2017..=2026 {
        let window = format!("issueDateFrom={year}-01-01&issueDateTo={year}-12-31&numHitsPerPage=60");
        for hit in probe.hits(&window).await {
            let id = hit["id"].as_str().unwrap();
            let xml = probe.document(id).await;
            let native = xml.comments == 0;
            *families.entry(native).or_insert(0) += 1;
            assert_eq!(native, hit["issueDate"].as_str().unwrap() >= "2023-10-03", "{id}");
            agrees(&xml, &hit, native);
        }
    }
    assert!(families[&true] > 50 && families[&false] > 200, "{families:?}");
}

fn agrees(xml: &Xml, hit: &Value, native: bool) {
    let id = hit["id"].as_str().unwrap();
    assert_eq!(xml.notice_id().len(), if native { 36 } else { 11 }, "{id}");
    let day = &hit["issueDate"].as_str().unwrap()[..10];
    let time = xml.one("/cbc:IssueTime");
    if native {
        assert_eq!(xml.one("Notice/cbc:IssueDate"), format!("{day}+00:00"));
        assert_eq!(time[..8], hit["issueDate"].as_str().unwrap()[11..19]);
    } else {
        assert!(matches!(time, "12:00:00+02:00" | "12:00:00+01:00"), "{time}");
    }
    let language = xml.one("/cbc:NoticeLanguageCode");
    assert_eq!(language, if native { "NOR" } else { "NOB" });
    assert_eq!(xml.one("Notice/cac:ProcurementProject/cbc:Name"), hit["heading"].as_str().unwrap());
    let names: BTreeSet<&str> = xml.all("efac:Company/cac:PartyName/cbc:Name").into_iter().collect();
    let lots = hit["lots"].as_array().unwrap();
    let winners = lots.iter().flat_map(|lot| lot["winner"].as_array().unwrap());
    for party in hit["buyer"].as_array().unwrap().iter().chain(winners) {
        assert!(names.contains(party["name"].as_str().unwrap()), "{id}: {party}");
    }
    let codes: BTreeSet<String> =
        xml.all("/cbc:ItemClassificationCode").into_iter().map(str::to_owned).collect();
    assert!(!codes.is_empty() && codes.is_subset(&texts(hit, "cpvCodes")), "{id}: {codes:?}");
    assert_eq!(xml.all("cac:ProcurementProjectLot/cbc:ID").len(), lots.len());
    if !lots.is_empty() {
        let places: BTreeSet<String> = xml
            .texts
            .iter()
            .filter(|(path, _)| path.contains("cac:RealizedLocation"))
            .filter(|(path, _)| path.ends_with("/cbc:CountrySubentityCode") || path.ends_with("/cbc:Region"))
            .map(|(_, text)| text.clone())
            .collect();
        assert_eq!(places, texts(hit, "locationId"), "{id}");
    }
    let estimate = xml.one("cac:RequestedTenderTotal/cbc:EstimatedOverallContractAmount");
    assert_eq!(estimate.parse::<f64>().ok(), hit["estimatedValue"]["amount"].as_f64(), "{id}");
    settled(xml, hit);
}

fn settled(xml: &Xml, hit: &Value) {
    let codes = xml.all("efac:LotResult/cbc:TenderResultCode");
    match hit["type"].as_str().unwrap() {
        "ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT" => {
            assert!(codes.iter().all(|code| *code == "selec-w"));
            let contracts = xml.all("efac:NoticeResult/efac:SettledContract/cbc:ID").len();
            assert!(contracts >= hit["lots"].as_array().unwrap().len());
        }
        "CANCELLED_OR_MISSING_CONCLUSION_OF_CONTRACT" => {
            assert!(codes.iter().all(|code| *code == "clos-nw"));
            assert!(xml.all("/efac:SettledContract/cbc:ID").is_empty());
        }
        _ => {}
    }
}

#[tokio::test]
async fn corrections_and_awards_refer_to_what_they_follow() {
    let probe = Probe::start().await;
    let competition = probe.simulator.publish(Draft::default()).unwrap();
    let first = probe.document(&competition).await;
    let folder = first.one("/cbc:ContractFolderID").to_owned();
    let correction = probe.simulator.correct(&competition).unwrap();
    let second = probe.document(&correction).await;
    assert_eq!(second.one("/cbc:ContractFolderID"), folder);
    let expected = format!("{}-{}", first.notice_id(), first.one("/cbc:VersionID"));
    assert_eq!(second.one("efac:Changes/efbc:ChangedNoticeIdentifier"), expected);
    let same_uuid = second.notice_id() == first.notice_id();
    assert_eq!(second.one("/cbc:VersionID"), if same_uuid { "02" } else { "01" });
    let award = probe.simulator.award(&correction).unwrap();
    let third = probe.document(&award).await;
    assert_eq!(third.one("/cbc:ContractFolderID"), folder);
    let previous = third.one("cac:NoticeDocumentReference/cbc:ID");
    assert!(previous.is_empty() || previous.starts_with(second.notice_id()), "{previous}");
}

#[tokio::test]
async fn converted_documents_have_the_converters_habits() {
    let mut config = config();
    config.notices = 3_000;
    let probe = Probe::with(config).await;
    let mut all = String::new();
    let mut changes = 0;
    for notice in probe.simulator.notices() {
        if notice.issue_date.to_string().as_str() < "2023-10-01" {
            let text = probe.download(&notice.id).await.text().await.unwrap();
            if text.contains("notice-subtype\">99<") {
                changes += 1;
                assert!(text.contains(&format!("https://classic.doffin.no/Notice/Details/{}", notice.id)));
                assert!(text.contains("<efbc:ChangedNoticeIdentifier schemeName=\"ojs-notice-id\">20"));
            }
            all.push_str(&text);
        }
    }
    assert!(changes > 5);
    for habit in [
        "WARNING",
        "xmlns:dfo=\"dfo-conversion-hacks\"",
        "12:00:00+02:00",
        "languageID=\"NOB\"",
        ">MISSING<",
        "DOCUMENT_ID_REQUIRED_HERE",
        ">UNKNOWN<",
        ">sme<",
        ">OTHER<",
        ">n.a.<",
        "2023:eforms:national<",
        "<cbc:PlannedDate/>",
    ] {
        assert!(all.contains(habit), "{habit}");
    }
    assert!(!all.contains("#extended") && !all.contains("schemeID=\"002\""));
}

#[tokio::test]
async fn native_documents_have_losers_consortia_subcontractors_and_twins() {
    let mut config = config();
    config.notices = 4_000;
    let probe = Probe::with(config).await;
    let mut all = String::new();
    for notice in probe.simulator.notices() {
        if notice.issue_date.to_string().as_str() > "2023-10-04" {
            all.push_str(&probe.download(&notice.id).await.text().await.unwrap());
        }
    }
    for trait_of_some in [
        "languageID=\"ENG\"",
        "<efac:SubContractor>",
        "<efbc:GroupLeadIndicator>true<",
        "<cbc:AwardDate>2000-01-01Z<",
        ">anyw<",
        "#extended#",
        "<cbc:VersionID>02<",
        "cac:ParticipationRequestReceptionPeriod",
        ">UNLIMITED<",
        "<cbc:PayableAmount currencyID=\"NOK\">",
        ">dps-nlist<",
        ">qu-sy<",
        ">veat<",
        ">can-modif<",
        "<cbc:CompanyID schemeID=\"002\">",
    ] {
        assert!(all.contains(trait_of_some), "{trait_of_some}");
    }
}

#[tokio::test]
async fn some_downloads_fail_for_ever_and_some_documents_end_in_the_middle() {
    let probe = Probe::faulty(|faults| {
        faults.doffin.download_500_per_mille = 150;
        faults.doffin.download_torn_per_mille = 150;
    })
    .await;
    let (mut failed, mut torn) = (0, 0);
    for id in ids(&probe.hits("numHitsPerPage=100").await) {
        let (first, second) = (probe.download(&id).await, probe.download(&id).await);
        assert_eq!(first.status(), second.status(), "{id} fails always or never");
        failed += u32::from(first.status() == 500);
        let whole = first.status() == 200 && first.text().await.unwrap().trim_end().ends_with("Notice>");
        torn += u32::from(second.status() == 200 && !whole);
    }
    assert!((5..30).contains(&failed) && (5..30).contains(&torn), "{failed} failed, {torn} are torn");
}
