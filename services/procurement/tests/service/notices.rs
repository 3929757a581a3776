//! Single notices, their documents, and the state of the service.

use proto::ErrorCode;
use proto::procurement as pb;
use serde_json::json;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use crate::doffin::{Reply, hit};
use crate::system::{System, nowhere, refused, words};

#[tokio::test]
async fn a_notice_is_found_among_the_hits_for_its_id_and_told_with_labels() {
    let system = System::start().await;
    let mut award = hit("2026-112546");
    award["estimatedValue"] = json!({"currencyCode": "NOK", "amount": 5_000_000.0});
    award["cpvCodes"] = json!(["72200000", "72000000", "48000000"]);
    award["locationId"] = json!(["anyw", "NO081", "NO082", "NO0", "anyw-cou", "NO999"]);
    let winner = json!({"id": "0b", "organizationId": "Org.nr.978693024", "name": "Leverandør B"});
    award["lots"] = json!([{"heading": "Del 1", "description": "D", "winner": [winner]}, {"heading": "Del 2", "description": "E", "winner": [winner]}]);
    system.doffin.script([Reply::hits(2, &[hit("2026-112545"), award])]);
    let response = system.notice(" 2026-112546").await.unwrap();
    let asked = &system.doffin.asked()[0];
    assert_eq!(
        (asked.values("searchString"), asked.values("numHitsPerPage")),
        (vec!["2026-112546"], vec!["100"])
    );
    assert_eq!(response.source(), pb::Source::Live);
    let notice = response.data.unwrap();
    assert_eq!((notice.id.as_str(), notice.title.as_str()), ("2026-112546", "Tittel"));
    let parties: Vec<_> = notice
        .parties
        .iter()
        .map(|p| (p.role(), p.organization_number.as_deref(), p.name.as_str()))
        .collect();
    let expected = [
        (pb::PartyRole::Buyer, Some("938801363"), "Kommune A"),
        (pb::PartyRole::Winner, Some("978693024"), "Leverandør B"),
    ];
    assert_eq!(parties, expected);
    assert_eq!(
        (notice.values[0].kind(), notice.values[0].rule.as_str()),
        (pb::ValueKind::Estimated, "BT-27 as Doffin lists it")
    );
    assert_eq!(notice.deadlines[0].kind(), pb::DeadlineKind::Submission);
    let cpv = notice.cpv.unwrap();
    let labelled = |code: &str, label: &str| pb::LabelledCode { code: code.into(), label: label.into() };
    assert_eq!(
        (cpv.main, cpv.additional),
        (None, vec![labelled("48000000", ""), labelled("72200000", "Programvare")])
    );
    let named = |code: &str, name: &str| pb::Location { code: code.into(), name: name.into() };
    let places = [
        named("NO0", "Norge"),
        named("NO081", "Oslo"),
        named("NO082", "Viken"),
        named("NO999", ""),
        named("anyw", "Hele landet"),
        named("anyw-cou", "Hele landet"),
    ];
    assert_eq!(notice.locations, places);
    assert!(notice.lots.len() == 2 && notice.lots.iter().all(|lot| lot.id.is_none()));
}

/// A call for tenders of one lot in Oslo.
const DOCUMENT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ContractNotice xmlns="urn:oasis:names:specification:ubl:schema:xsd:ContractNotice-2"
    xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
    xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:ContractFolderID>3f1b9a52-6f2f-4f0c-9d5e-0d3d8f6a7b11</cbc:ContractFolderID>
  <cbc:NoticeTypeCode listName="competition">cn-standard</cbc:NoticeTypeCode>
  <cac:ProcurementProject>
    <cbc:Name languageID="NOR">Renhold</cbc:Name>
    <cac:MainCommodityClassification>
      <cbc:ItemClassificationCode listName="cpv">72200000</cbc:ItemClassificationCode>
    </cac:MainCommodityClassification>
  </cac:ProcurementProject>
  <cac:ProcurementProjectLot>
    <cbc:ID schemeName="Lot">LOT-0001</cbc:ID>
    <cac:ProcurementProject><cbc:Name languageID="NOR">Del 1</cbc:Name></cac:ProcurementProject>
  </cac:ProcurementProjectLot>
</ContractNotice>"#;

#[tokio::test]
async fn a_notice_is_told_with_what_its_document_says_which_is_fetched_once() {
    let system = System::start().await;
    system.doffin.script([Reply::hits(1, &[hit("2026-112546")]), Reply::text(200, DOCUMENT)]);
    for _ in 0..2 {
        let notice = system.notice("2026-112546").await.unwrap().data.unwrap();
        assert!(notice.has_document && notice.notes.is_empty(), "{notice:?}");
        assert_eq!(notice.procedure_id.as_deref(), Some("3f1b9a52-6f2f-4f0c-9d5e-0d3d8f6a7b11"));
        assert_eq!(notice.notice_type_code.as_deref(), Some("cn-standard"));
        let main = notice.cpv.unwrap().main.unwrap();
        assert_eq!((main.code.as_str(), main.label.as_str()), ("72200000", "Programvare"));
        assert_eq!(notice.lots[0].id.as_deref(), Some("LOT-0001"));
    }
    let paths: Vec<_> = system.doffin.asked().into_iter().map(|asked| asked.path).collect();
    assert_eq!(paths, ["/public/v2/search", "/public/v2/download/2026-112546"]);
}

#[tokio::test]
async fn a_notice_without_its_document_is_told_as_listed_and_why() {
    let java = || Reply::text(500, "java.lang.NullPointerException");
    for (replies, why) in [
        (vec![Reply::text(404, "")], "is not out yet"),
        (vec![java(), java()], "could not be fetched just now"),
        (vec![Reply::text(200, "<ContractNotice/>")], "could not be read"),
    ] {
        let system = System::start().await;
        system.doffin.script([Reply::hits(1, &[hit("2026-112546")])].into_iter().chain(replies));
        let notice = system.notice("2026-112546").await.unwrap().data.unwrap();
        assert_eq!((notice.title.as_str(), notice.has_document), ("Tittel", false));
        assert_eq!(notice.notes, [format!("Its eForms document {why}; only what Doffin lists is shown.")]);
    }
}

#[tokio::test]
async fn a_notice_that_is_not_listed_is_not_found() {
    let system = System::start().await;
    system.doffin.script([Reply::hits(1, &[hit("2026-112545")])]);
    let failure = system.notice("2026-112546").await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::NoticeNotFound);
    assert_eq!(failure.message, "Doffin does not list notice 2026-112546");
    refused(&system.notice("2026").await.unwrap_err(), ErrorCode::InvalidInput, "id");
    refused(&system.xml("../search").await.unwrap_err(), ErrorCode::InvalidInput, "id");
}

#[tokio::test]
async fn a_notice_is_told_without_labels_when_nobody_knows_them() {
    let system = System::start_with(&[&format!("--classification-url=http://{}", nowhere())]).await;
    system.doffin.script([Reply::hits(1, &[hit("2026-112546")])]);
    let notice = system.notice("2026-112546").await.unwrap().data.unwrap();
    assert_eq!(notice.cpv.unwrap().additional[0].label, "");
}

#[tokio::test]
async fn a_document_is_passed_on_byte_for_byte_and_fetched_once() {
    let system = System::start().await;
    let document = "\u{feff}<?xml version=\"1.0\"?>\r\n<ContractNotice>æ\u{1}</ContractNotice>\n";
    system.doffin.script([Reply::text(200, document).with("content-type", "application/octet-stream")]);
    for _ in 0..2 {
        let body = system.xml("2026-112546").await.unwrap();
        assert_eq!((body.content_type.as_str(), &body.data[..]), ("application/xml", document.as_bytes()));
    }
    let asked = system.doffin.asked();
    assert_eq!((asked.len(), asked[0].path.as_str()), (1, "/public/v2/download/2026-112546"));
}

#[tokio::test]
async fn those_who_want_one_document_at_a_time_share_one_request() {
    let system = System::start().await;
    let busy = Reply::text(429, "").with("retry-after", "1");
    system.doffin.script([
        busy,
        Reply::text(200, "<a/>"),
        Reply::text(200, "<b/>"),
        Reply::text(200, "<c/>"),
    ]);
    let get = || system.xml("2026-112546");
    let (a, b, c) = tokio::join!(get(), get(), get());
    assert!([a, b, c].iter().all(|got| got.as_ref().is_ok_and(|body| &body.data[..] == b"<a/>")));
    assert_eq!(system.doffin.asked().len(), 2);
}

#[tokio::test]
async fn what_is_no_document_is_asked_for_once_more_and_never_kept() {
    let system = System::start().await;
    for body in ["", "garbage", "{\"reason\":\"busy\"}", "\n<!doctype HTML><h1>busy</h1>", "<HTML></HTML>"] {
        let before = system.doffin.asked().len();
        system.doffin.script([Reply::text(200, body), Reply::text(200, body)]);
        let failure = system.xml("2026-112546").await.unwrap_err();
        assert_eq!(failure.code, ErrorCode::DoffinApiError, "{body}");
        assert_eq!(system.doffin.asked().len(), before + 2, "{body}");
    }
    system.doffin.script([Reply::text(200, "garbage"), Reply::text(200, " <a/>")]);
    assert_eq!(&system.xml("2026-112546").await.unwrap().data[..], b" <a/>");
}

#[tokio::test]
async fn a_document_that_is_not_out_is_not_found_and_one_doffin_cannot_give_is_tried_twice() {
    let system = System::start().await;
    let java = "Cannot invoke \"com.fasterxml.jackson.databind.JsonNode.textValue()\"";
    system.doffin.script([Reply::text(404, ""), Reply::text(500, java), Reply::text(500, java)]);
    let missing = system.xml("2026-112546").await.unwrap_err();
    assert_eq!(missing.code, ErrorCode::NoticeNotFound);
    assert_eq!(missing.message, "Doffin has no document of notice 2026-112546, or it is not out yet");
    let failure = system.xml("2026-112546").await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::DoffinApiError);
    assert!(!failure.message.contains("jackson"), "{failure:?}");
    assert_eq!(system.doffin.asked().len(), 3);
}

#[tokio::test]
async fn the_state_tells_what_was_seen_of_doffin() {
    let system = System::start().await;
    let status = system.sync_status().await;
    assert_eq!(status, pb::SyncStatus { phase: pb::SyncPhase::Disabled.into(), ..Default::default() });
    system.search(words("a")).await.unwrap();
    system.doffin.script([Reply::text(401, "")]);
    system.search(words("b")).await.unwrap_err();
    let status = system.sync_status().await;
    assert!(status.last_success.is_some() && status.last_failure.is_some());
    assert_eq!((status.last_error.as_deref(), status.upstream_requests), (Some("our key was refused"), 2));
}

#[tokio::test]
async fn the_service_is_ready_whether_doffin_answers_or_not() {
    let url = format!("--doffin-base-url=http://{}", nowhere());
    let system = System::start_with(&[&url]).await;
    system.search(words("a")).await.unwrap_err();
    let channel = tonic::transport::Channel::from_shared(format!("http://{}", system.addr)).unwrap();
    let mut client = HealthClient::new(channel.connect_lazy());
    for service in ["", "bouvetradar.procurement.v1.ProcurementService"] {
        let response = client.check(HealthCheckRequest { service: service.into() }).await.unwrap();
        assert_eq!(response.into_inner().status, 1, "{service:?} does not serve");
    }
}
