//! The JSON an existing frontend reads, field by field.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::Value;
use system_tests::World;

/// The keys of an object, in alphabetical order.
fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> =
        value.as_object().unwrap_or_else(|| panic!("{value}")).keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_else(|| panic!("{path} is not text in {value}"))
}

fn list<'a>(value: &'a Value, path: &str) -> &'a Vec<Value> {
    value.pointer(path).and_then(Value::as_array).unwrap_or_else(|| panic!("{path} is not a list in {value}"))
}

fn number(value: &Value, path: &str) -> usize {
    let number = value
        .pointer(path)
        .and_then(Value::as_u64)
        .unwrap_or_else(|| panic!("{path} is not a number in {value}"));
    usize::try_from(number).unwrap()
}

#[tokio::test]
async fn every_success_says_so_first() {
    let world = World::start().await;
    for path in
        ["/api/cpv/categories", "/api/nuts/codes", "/api/styrk/codes", "/api/doffin/search", "/api/cpv/stats"]
    {
        let answer = world.get(path).await;
        assert!(
            answer.body.starts_with(br#"{"success":true,"#),
            "{path}: {}",
            String::from_utf8_lossy(&answer.body)
        );
        assert_eq!(answer.header("content-type"), "application/json");
    }
    world.stop().await;
}

#[tokio::test]
async fn cpv_lists_and_codes_have_the_known_fields() {
    let world = World::start().await;

    let categories = world.json("/api/cpv/categories").await;
    assert_eq!(list(&categories, "/data").len(), number(&categories, "/total"));
    assert_eq!(number(&categories, "/total"), 45);
    let first = &list(&categories, "/data")[0];
    assert_eq!(text(first, "/code"), "03000000", "codes are text, with their leading zero");
    assert!(!text(first, "/name").is_empty() && !text(first, "/description").is_empty());
    assert_eq!(text(first, "/category"), text(first, "/description"));

    let codes = world.json("/api/cpv/codes?category=48&search=programvare").await;
    assert_eq!(keys(&codes["filters"]), ["category", "search"]);
    assert_eq!(text(&codes, "/filters/category"), "48000000");
    assert_eq!(text(&codes, "/filters/search"), "programvare");
    assert_eq!(list(&codes, "/data").len(), number(&codes, "/total"));
    assert!(number(&codes, "/total") > 10);
    for code in list(&codes, "/data") {
        assert!(text(code, "/code").starts_with("48"), "{code}");
        assert!(text(code, "/description").to_lowercase().contains("programvare"), "{code}");
        assert!(!text(code, "/category").is_empty());
    }

    for code in ["48000000", "48000000-8"] {
        let one = world.json(&format!("/api/cpv/codes/{code}")).await;
        assert_eq!(text(&one, "/data/code"), "48000000");
        let related = list(&one, "/data/related_codes");
        assert!(related.iter().any(|code| text(code, "/code") == "48100000"), "{one}");
        assert_eq!(keys(&related[0]), ["code", "description"]);
    }

    let stats = world.json("/api/cpv/stats").await;
    let stats = &stats["data"];
    assert_eq!(keys(stats), ["category_details", "main_categories", "top_level_distribution", "total_codes"]);
    let by_digits = stats["top_level_distribution"].as_object().unwrap();
    assert_eq!(
        by_digits.values().map(|n| n.as_u64().unwrap()).sum::<u64>(),
        number(stats, "/total_codes") as u64
    );
    assert!(by_digits.contains_key("48") && by_digits.contains_key("03"));
    assert_eq!(list(stats, "/category_details").len(), stats["main_categories"].as_object().unwrap().len());
    assert_eq!(keys(&list(stats, "/category_details")[0]), ["code", "count", "description", "name"]);
    world.stop().await;
}

#[tokio::test]
async fn nuts_nests_counties_and_municipalities() {
    let world = World::start().await;
    let all = world.json("/api/nuts/codes?level=3").await;
    assert_eq!(number(&all, "/level"), 3);
    assert_eq!(number(&all, "/total"), 381);
    let region = list(&all, "/data").iter().find(|r| r["code"] == "NO08").unwrap();
    let county = list(region, "/counties").iter().find(|c| c["code"] == "NO081").unwrap();
    let municipality = &list(county, "/municipalities")[0];
    assert_eq!((text(municipality, "/code"), text(municipality, "/name")), ("NO0301", "Oslo"));

    let by_path = world.json("/api/nuts/codes/level/2").await;
    assert_eq!(by_path["data"], world.json("/api/nuts/codes?level=2").await["data"]);
    assert_eq!(number(&by_path, "/level"), 2);
    assert!(list(&by_path, "/data/0/counties/0/municipalities").is_empty());

    let one = world.json("/api/nuts/codes/NO081").await;
    assert_eq!((text(&one, "/data/code"), text(&one, "/data/parent")), ("NO081", "NO08"));
    let retired = world.json("/api/nuts/retired?level=2").await;
    let viken = list(&retired, "/data").iter().find(|one| one["code"] == "NO082").unwrap();
    assert_eq!(keys(viken), ["code", "level", "name", "retired_on", "successors"]);
    assert_eq!(viken["successors"], serde_json::json!(["NO083", "NO084", "NO085"]));

    let resolved = world.json("/api/nuts/resolve?name=Baerum").await;
    assert_eq!(text(&resolved, "/data/0/code"), "NO3201");
    assert_eq!(text(&resolved, "/data/0/notice_code"), "NO084");
    world.stop().await;
}

#[tokio::test]
async fn styrk_nests_subgroups_roles_and_titles() {
    let world = World::start().await;
    let all = world.json("/api/styrk/codes?level=4").await;
    assert_eq!((number(&all, "/level"), number(&all, "/total")), (4, 582));
    let find = |items: &Vec<Value>, code: &str| items.iter().find(|i| i["code"] == code).unwrap().clone();
    let major = find(list(&all, "/data"), "2");
    let subgroup = find(list(&major, "/subgroups"), "25");
    let role = find(list(&subgroup, "/roles"), "251");
    let title = find(list(&role, "/titles"), "2512");
    assert_eq!(keys(&title), ["code", "name"]);
    let by_path = world.json("/api/styrk/codes/level/1").await;
    assert_eq!((list(&by_path, "/data").len(), number(&by_path, "/total")), (10, 10));
    assert_eq!(text(&world.json("/api/styrk/codes/2512").await, "/data/parent"), "251");
    world.stop().await;
}

#[tokio::test]
async fn a_search_has_doffin_s_own_field_names() {
    let world = World::start().await;
    let found =
        world.json("/api/doffin/search?type=ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT&hitsPerPage=50").await;
    assert_eq!(keys(&found["data"]), ["hits", "hitsPerPage", "page", "totalHits"]);
    let hits = list(&found, "/data/hits");
    assert_eq!(number(&found, "/elements"), hits.len());
    assert_eq!((number(&found, "/data/page"), number(&found, "/data/hitsPerPage")), (1, 50));
    assert!(number(&found, "/data/totalHits") >= hits.len() && !hits.is_empty());
    for hit in hits {
        assert_eq!(text(hit, "/type"), "ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT");
        assert!(list(hit, "/allTypes").contains(&Value::from("RESULT")));
        assert!(text(hit, "/issueDate").ends_with('Z'));
        assert_eq!(text(hit, "/publicationDate").len(), 10);
        assert_eq!(text(hit, "/url"), format!("https://www.doffin.no/notices/{}", text(hit, "/id")));
        for field in ["/heading", "/description", "/buyer/0/name", "/buyer/0/id"] {
            assert!(!text(hit, field).is_empty(), "{field} of {hit}");
        }
        assert!(!list(hit, "/locationId").is_empty() && !list(hit, "/cpvCodes").is_empty());
        let winners: usize = list(hit, "/lots").iter().map(|lot| list(lot, "/winner").len()).sum();
        assert!(winners > 0 || list(hit, "/lots").is_empty(), "an award without a winner: {hit}");
    }
    let valued = hits.iter().find(|hit| hit["estimatedValue"].is_object()).unwrap();
    assert_eq!(keys(&valued["estimatedValue"]), ["amount", "currencyCode"]);
    assert_eq!(found["source"], "LIVE");
    assert!(text(&found, "/asOf").ends_with('Z'));
    assert!(found["coverage"]["complete"].is_boolean() && found["ageSeconds"].is_number());
    world.stop().await;
}

#[tokio::test]
async fn a_notice_and_its_document_are_the_publisher_s() {
    let world = World::start().await;
    let found = world.json("/api/doffin/search?hitsPerPage=3").await;
    for hit in list(&found, "/data/hits") {
        let id = text(hit, "/id");
        let notice = world.json(&format!("/api/doffin/notices/{id}")).await;
        assert_eq!((text(&notice, "/data/id"), text(&notice, "/data/title")), (id, text(hit, "/heading")));
        assert_eq!(text(&notice, "/data/parties/0/role"), "BUYER");
        assert_eq!(text(&notice, "/data/buyers/0/name"), text(hit, "/buyer/0/name"));

        let document = world.get(&format!("/api/doffin/notices/{id}/xml")).await;
        assert_eq!(
            (document.status.as_u16(), document.header("content-type").as_str()),
            (200, "application/xml")
        );
        let direct = system_tests::client()
            .get(format!("{}/download/{id}", world.simulator.doffin_url()))
            .header("Ocp-Apim-Subscription-Key", "demo-key")
            .send()
            .await
            .unwrap();
        assert_eq!(document.body, direct.bytes().await.unwrap(), "{id} is not byte for byte the publisher's");
    }
    world.stop().await;
}

#[tokio::test]
async fn health_has_a_message_and_a_version() {
    let world = World::start().await;
    let health = world.json("/api/health").await;
    assert_eq!(keys(&health), ["message", "services", "success", "version"]);
    assert_eq!(text(&health, "/version"), env!("CARGO_PKG_VERSION"));
    assert_eq!(
        health["services"],
        serde_json::json!({"classification": "SERVING", "procurement": "SERVING"})
    );
    world.stop().await;
}
