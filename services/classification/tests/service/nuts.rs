use proto::ErrorCode;
use proto::classification as pb;

use crate::server::{Server, absent, ok, refused};

async fn resolve(server: &Server, name: &str) -> Vec<pb::NutsResolution> {
    let answer = ok(server.client.clone().resolve_nuts(pb::ResolveNutsRequest { name: name.into() })).await;
    assert_eq!(usize::try_from(answer.total).unwrap(), answer.data.len());
    assert!(answer.snapshot.is_some());
    answer.data
}

async fn codes(server: &Server, name: &str) -> Vec<String> {
    resolve(server, name).await.into_iter().map(|found| found.code).collect()
}

#[tokio::test]
async fn the_geography_is_nested_to_the_level_asked_for() {
    let server = Server::embedded().await;
    let mut client = server.client.clone();
    let mut list = async |level| ok(client.list_nuts_codes(pb::ListNutsCodesRequest { level })).await;
    let regions = list(Some(1)).await;
    assert_eq!((regions.total, regions.level), (7, 1));
    assert!(regions.data.iter().all(|region| region.counties.is_empty()));
    let counties = list(Some(2)).await;
    let nested: usize = counties.data.iter().map(|region| region.counties.len()).sum();
    assert_eq!(usize::try_from(counties.total).unwrap(), nested + 7);
    assert!(counties.data.iter().flat_map(|region| &region.counties).all(|c| c.municipalities.is_empty()));
    let all = list(None).await;
    assert_eq!(all.level, 3);
    let viken = all.data.iter().find(|region| region.code == "NO08").unwrap();
    let oslo = &viken.counties[0];
    assert_eq!((oslo.code.as_str(), oslo.municipalities[0].code.as_str()), ("NO081", "NO0301"));
    let municipalities = all.data.iter().flat_map(|region| &region.counties).map(|c| c.municipalities.len());
    assert_eq!(usize::try_from(all.total).unwrap(), 7 + nested + municipalities.sum::<usize>());
    server.stop().await;
}

#[tokio::test]
async fn a_code_comes_with_its_parent_and_children() {
    let server = Server::embedded().await;
    let mut client = server.client.clone();
    let mut get = async |code: &str| {
        ok(client.get_nuts_code(pb::GetNutsCodeRequest { code: code.into() })).await.data.unwrap()
    };
    let county = get("no084").await;
    assert_eq!((county.code.as_str(), county.level, county.parent.as_deref()), ("NO084", 2, Some("NO08")));
    assert!(county.children.iter().all(|child| child.level == 3 && child.parent.as_deref() == Some("NO084")));
    assert!(county.children.iter().any(|child| child.name == "Bærum"));
    let city = get("0301").await;
    assert_eq!((city.code.as_str(), city.level, city.parent.as_deref()), ("NO0301", 3, Some("NO081")));
    assert_eq!((get("NO08").await.parent, city.children.len()), (None, 0));
    server.stop().await;
}

#[tokio::test]
async fn a_name_answers_every_candidate_of_the_best_kind() {
    let server = Server::embedded().await;
    let oslo = resolve(&server, "Oslo").await;
    let found: Vec<_> = oslo.iter().map(|r| (r.code.as_str(), r.level, r.notice_code.as_str())).collect();
    assert_eq!(found, [("NO081", 2, "NO081"), ("NO0301", 3, "NO081")]);
    assert!(oslo.iter().all(|r| r.kind() == pb::NutsMatchKind::Name && r.replaces.is_none()));
    assert_eq!(codes(&server, "Herøy").await, ["NO1515", "NO1818"]);
    assert_eq!(codes(&server, "heroy (nordland)").await, ["NO1818"]);
    let baerum = resolve(&server, "Baerum").await;
    assert_eq!((baerum[0].name.as_str(), baerum[0].notice_code.as_str()), ("Bærum", "NO084"));
    assert_eq!(codes(&server, "Romsa").await, ["NO072"]);
    assert_eq!(codes(&server, "Kautokeino").await, ["NO5612"]);
    assert_eq!(codes(&server, "nord-norge").await, ["NO07"]);
    assert_eq!(codes(&server, "Innlandet").await, ["NO02", "NO020"]);
    assert!(codes(&server, "Atlantis").await.is_empty());
    server.stop().await;
}

#[tokio::test]
async fn codes_numbers_retired_names_and_beginnings_resolve_too() {
    let server = Server::embedded().await;
    let number = resolve(&server, "0301").await;
    assert_eq!((number[0].code.as_str(), number[0].kind()), ("NO0301", pb::NutsMatchKind::Code));
    for (retired, replaces) in [("no082", "NO082"), ("viken", "Viken")] {
        let found = resolve(&server, retired).await;
        let codes: Vec<_> = found.iter().map(|r| r.code.as_str()).collect();
        assert_eq!(codes, ["NO083", "NO084", "NO085"], "{retired}");
        assert!(found.iter().all(|r| r.kind() == pb::NutsMatchKind::Successor), "{retired}");
        assert!(found.iter().all(|r| r.replaces.as_deref() == Some(replaces)), "{retired}");
    }
    let beginning = resolve(&server, "Bær").await;
    assert!(beginning.iter().any(|r| r.name == "Bærum"));
    assert!(beginning.iter().all(|r| r.kind() == pb::NutsMatchKind::Prefix));
    server.stop().await;
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let server = Server::embedded().await;
    let mut client = server.client.clone();
    let get = |code: &str| pb::GetNutsCodeRequest { code: code.into() };
    let invalid = ErrorCode::InvalidInput;
    absent(client.get_nuts_code(get("no999")), ErrorCode::NutsCodeNotFound, "NUTS code NO999 not found")
        .await;
    absent(client.get_nuts_code(get("9999")), ErrorCode::NutsCodeNotFound, "NUTS code NO9999 not found")
        .await;
    refused(client.get_nuts_code(get("SE110")), invalid, "code", "SE110").await;
    for level in [0, 4] {
        let request = pb::ListNutsCodesRequest { level: Some(level) };
        refused(client.list_nuts_codes(request), invalid, "level", "1 to 3").await;
    }
    let resolve = |name: &str| pb::ResolveNutsRequest { name: name.into() };
    refused(client.resolve_nuts(resolve(" ")), ErrorCode::MissingParameter, "name", "place name").await;
    refused(client.resolve_nuts(resolve(&"x".repeat(201))), invalid, "name", "200").await;
    server.stop().await;
}
