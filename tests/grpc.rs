//! The services over gRPC, as internal callers meet them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::time::Duration;

use proto::classification::classification_service_client::ClassificationServiceClient;
use proto::classification::{BatchGetLabelsRequest, CodeReference, GetCpvCodeRequest, Scheme};
use proto::procurement::procurement_service_client::ProcurementServiceClient;
use proto::procurement::{SearchNoticesRequest, Source};
use proto::{ErrorCode, Failure};
use system_tests::World;
use tonic::transport::Endpoint;
use tonic::{Code, Request};

async fn channel(addr: std::net::SocketAddr) -> tonic::transport::Channel {
    Endpoint::from_shared(format!("http://{addr}")).unwrap().connect().await.unwrap()
}

#[tokio::test]
async fn errors_carry_their_reason_and_the_fields_at_fault() {
    let world = World::start().await;
    let mut classification =
        ClassificationServiceClient::new(channel(world.system.classification.addr).await);
    let request = GetCpvCodeRequest { code: "99999999".into(), ..GetCpvCodeRequest::default() };
    let status = classification.get_cpv_code(request).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    let failure = Failure::from_status(&status);
    assert_eq!(failure.code, ErrorCode::CpvCodeNotFound);
    assert!(failure.metadata.contains(&("code".into(), "99999999".into())), "{failure:?}");

    let mut procurement = ProcurementServiceClient::new(channel(world.system.procurement.addr).await);
    let request = SearchNoticesRequest { hits_per_page: Some(0), ..SearchNoticesRequest::default() };
    let failure = Failure::from_status(&procurement.search_notices(request).await.unwrap_err());
    assert_eq!(
        (failure.code, failure.violations[0].field.as_str()),
        (ErrorCode::InvalidInput, "hitsPerPage")
    );
    // An enum number that JSON callers cannot even write.
    let request = SearchNoticesRequest { status: vec![77], ..SearchNoticesRequest::default() };
    let failure = Failure::from_status(&procurement.search_notices(request).await.unwrap_err());
    assert_eq!(failure.violations[0].field, "status");
    world.stop().await;
}

#[tokio::test]
async fn labels_of_many_codes_come_in_one_call() {
    let world = World::start().await;
    let mut classification =
        ClassificationServiceClient::new(channel(world.system.classification.addr).await);
    let code = |scheme: Scheme, code: &str| CodeReference { scheme: scheme.into(), code: code.into() };
    let codes = vec![
        code(Scheme::Cpv, "48000000"),
        code(Scheme::Nuts, "NO081"),
        code(Scheme::Styrk, "2512"),
        code(Scheme::Nuts, "NO999"),
    ];
    let answer = classification
        .batch_get_labels(BatchGetLabelsRequest { codes, language: "nb".into() })
        .await
        .unwrap();
    let answer = answer.into_inner();
    assert_eq!(answer.labels.len(), 3);
    assert!(answer.labels.iter().all(|label| !label.label.is_empty()));
    assert_eq!(answer.missing, vec![code(Scheme::Nuts, "NO999")]);
    world.stop().await;
}

#[tokio::test]
async fn a_search_over_grpc_is_the_search_over_json() {
    let world = World::start().await;
    let mut procurement = ProcurementServiceClient::new(channel(world.system.procurement.addr).await);
    let request = SearchNoticesRequest { search: "renhold".into(), ..SearchNoticesRequest::default() };
    let answer = procurement.search_notices(request).await.unwrap().into_inner();
    assert_eq!(answer.source(), Source::Live);
    let page = answer.data.unwrap();
    let json = world.json("/api/doffin/search?search=renhold").await;
    let ids: BTreeSet<&str> = page.hits.iter().map(|hit| hit.id.as_str()).collect();
    let json_ids: BTreeSet<&str> =
        json["data"]["hits"].as_array().unwrap().iter().map(|hit| hit["id"].as_str().unwrap()).collect();
    assert_eq!(ids, json_ids);
    assert_eq!(i64::from(page.total_hits), json["data"]["totalHits"].as_i64().unwrap());
    world.stop().await;
}

#[tokio::test]
async fn a_deadline_is_kept() {
    let world =
        World::start_with(|setup| setup.simulator.faults.doffin.outage = simulator::Outage::slow(30_000))
            .await;
    let mut procurement = ProcurementServiceClient::new(channel(world.system.procurement.addr).await);
    let mut request = Request::new(SearchNoticesRequest::default());
    request.set_timeout(Duration::from_millis(400));
    let start = std::time::Instant::now();
    let status = procurement.search_notices(request).await.unwrap_err();
    assert!(matches!(status.code(), Code::DeadlineExceeded | Code::Cancelled), "{status:?}");
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    world.stop().await;
}
