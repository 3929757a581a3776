use proto::ErrorCode;
use proto::classification as pb;

use crate::server::{Server, absent, failure, ok, refused};

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
    let mut list = async |level| {
        ok(client.list_nuts_codes(pb::ListNutsCodesRequest { level, ..Default::default() })).await
    };
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
    let codes = |matches: &[pb::NutsMatch]| matches.iter().map(|one| one.code.clone()).collect::<Vec<_>>();
    assert_eq!(codes(&city.ancestors), ["NO08", "NO081"]);
    assert_eq!(codes(&county.siblings), ["NO081", "NO083", "NO085"]);
    assert_eq!(usize::try_from(county.descendants).unwrap(), county.children.len());
    assert_eq!((county.level_name.as_str(), county.valid_from.as_deref()), ("fylke", Some("2024-01-01")));
    assert_eq!((city.level_name.as_str(), city.valid_from), ("kommune", None));
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

/// Name, codes in order, how they were found.
const PLACES: &[(&str, &[&str], pb::NutsMatchKind)] = {
    use pb::NutsMatchKind::{Code, Fuzzy, Name, PostalCode, Prefix, Successor};
    &[
        ("Oslo", &["NO081", "NO0301"], Name),
        ("Viken", &["NO083", "NO084", "NO085"], Successor),
        ("Bærum", &["NO3201"], Name),
        ("Baerum", &["NO3201"], Name),
        ("Troms", &["NO072"], Name),
        ("Romsa", &["NO072"], Name),
        ("Nesseby", &["NO5636"], Name),
        ("Herøy", &["NO1515", "NO1818"], Name),
        ("1820", &["NO1820"], Code),
        ("0301", &["NO0301"], Code),
        ("NO08", &["NO08"], Code),
        ("NO0A", &["NO0A"], Code),
        ("Kvam", &["NO4622"], Name),
        ("Troms og Finnmark", &["NO072", "NO073"], Successor),
        ("NO074", &["NO072", "NO073"], Successor),
        ("NO091", &["NO093", "NO094"], Successor),
        ("NO01", &["NO08"], Successor),
        ("NO012", &["NO084"], Successor),
        ("Sør-Trøndelag", &["NO060"], Successor),
        ("0219", &["NO3201"], Successor),
        ("1507", &["NO1508", "NO1580"], Successor),
        ("Førde", &["NO4647"], Successor),
        ("1366", &["NO3201"], PostalCode),
        ("Bæru", &["NO3201"], Prefix),
        ("Trondhjem", &["NO5001"], Fuzzy),
        ("Kristiandsand", &["NO4204"], Fuzzy),
    ]
};

#[tokio::test]
async fn places_resolve_as_people_write_them() {
    let server = Server::embedded().await;
    for (name, expected, kind) in PLACES {
        let found = resolve(&server, name).await;
        let codes: Vec<_> = found.iter().map(|r| r.code.as_str()).collect();
        assert_eq!((codes.as_slice(), found[0].kind()), (*expected, *kind), "{name}");
        let is_past = *kind == pb::NutsMatchKind::Successor;
        assert!(found.iter().all(|r| r.replaces.is_some() == is_past), "{name}");
        assert!(found.iter().all(|r| r.replaced_on.is_some() == is_past), "{name}");
    }
    let viken = &resolve(&server, "Viken").await[0];
    assert_eq!(viken.replaced_on.as_deref(), Some("2024-01-01"));
    server.stop().await;
}

#[tokio::test]
async fn a_retired_code_is_not_found_and_names_its_successors_and_the_day() {
    let server = Server::embedded().await;
    let mut client = server.client.clone();
    let code = pb::GetNutsCodeRequest { code: "no082".into() };
    let failure = failure(client.get_nuts_code(code)).await;
    assert_eq!(failure.code, ErrorCode::NutsCodeNotFound);
    let detail =
        |key: &str| failure.metadata.iter().find(|(k, _)| k.as_str() == key).map(|(_, v)| v.as_str());
    assert_eq!(detail("code"), Some("NO082"));
    assert_eq!(detail("successors"), Some("NO083,NO084,NO085"));
    assert_eq!(detail("retired_on"), Some("2024-01-01"));
    assert_eq!(failure.message, "NUTS code NO082 not found: replaced by NO083, NO084, NO085 on 2024-01-01");
    server.stop().await;
}

#[tokio::test]
async fn the_geography_of_an_earlier_or_a_far_later_day_is_answered() {
    let server = Server::embedded().await;
    let mut client = server.client.clone();
    let mut on = async |day: &str, under: &str| {
        let request = pb::ListNutsCodesRequest { level: None, under: under.into(), as_of: day.into() };
        ok(client.list_nuts_codes(request)).await
    };
    let today = on("", "").await;
    for day in ["2024-01-01", "2026-11-23", "2036-11-23"] {
        assert_eq!(on(day, "").await, today, "{day}");
    }
    for day in ["2020-01-01", "2023-12-31"] {
        let past = on(day, "").await;
        assert_eq!(past.total, 7 + 13 + 356, "{day}");
        assert_ne!(past.snapshot.unwrap().version, today.snapshot.as_ref().unwrap().version);
        let counties: Vec<_> =
            past.data.iter().flat_map(|region| &region.counties).map(|county| county.code.as_str()).collect();
        assert!(counties.contains(&"NO082") && counties.contains(&"NO074") && !counties.contains(&"NO084"));
    }
    let viken = on("2022-06-01", "NO082").await;
    let county = &viken.data[0].counties[0];
    assert_eq!((viken.data.len(), viken.data[0].counties.len(), county.municipalities.len()), (1, 1, 51));
    assert_eq!((viken.total, county.name.as_str()), (53, "Viken"));
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
    // Codes of notices that are in no Norwegian list are well formed, but not found.
    for foreign in ["SE110", "ANYW-EEA"] {
        let message = format!("NUTS code {foreign} not found");
        absent(client.get_nuts_code(get(foreign)), ErrorCode::NutsCodeNotFound, &message).await;
    }
    refused(client.get_nuts_code(get("XX110")), invalid, "code", "XX110").await;
    let list = |level, under: &str, as_of: &str| pb::ListNutsCodesRequest {
        level,
        under: under.into(),
        as_of: as_of.into(),
    };
    for (under, mention) in
        [("oslo", "NUTS code"), ("NO099", "NO099 not found"), ("NO082", "replaced by NO083, NO084, NO085")]
    {
        refused(client.list_nuts_codes(list(None, under, "")), invalid, "under", mention).await;
    }
    refused(client.list_nuts_codes(list(Some(1), "NO084", "")), invalid, "level", "above NO084").await;
    for (day, mention) in
        [("2019-12-31", "2020-01-01"), ("2024-02-30", "YYYY-MM-DD"), ("20240101", "YYYY-MM-DD")]
    {
        refused(client.list_nuts_codes(list(None, "", day)), invalid, "as_of", mention).await;
    }
    for level in [0, 4] {
        let request = pb::ListNutsCodesRequest { level: Some(level), ..Default::default() };
        refused(client.list_nuts_codes(request), invalid, "level", "1 to 3").await;
    }
    let resolve = |name: &str| pb::ResolveNutsRequest { name: name.into() };
    refused(client.resolve_nuts(resolve(" ")), ErrorCode::MissingParameter, "name", "place name").await;
    refused(client.resolve_nuts(resolve(&"x".repeat(201))), invalid, "name", "200").await;
    server.stop().await;
}
