//! Keys, unknown paths and the rate limit.

use simulator::{Counters, Rate, RateAnswer};

use crate::probe::{Probe, header};

const MISSING: &str = "Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API.";
const INVALID: &str = "Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.";

#[tokio::test]
async fn a_request_without_a_key_is_told_so_before_anything_else_is_looked_at() {
    let probe = Probe::start().await;
    for path in ["/search?page=0", "/nothing", "/download/x"] {
        let address = format!("{}{path}", probe.simulator.doffin_url());
        let response = probe.client.get(address).send().await.unwrap();
        assert_eq!(response.status(), 401);
        assert!(header(&response, "www-authenticate").starts_with("AzureApiManagementKey realm="));
        let body: serde_json::Value = response.json().await.unwrap();
        assert_eq!(body, serde_json::json!({"statusCode": 401, "message": MISSING}));
    }
}

#[tokio::test]
async fn a_wrong_key_has_another_body_and_the_query_may_carry_the_key() {
    let probe = Probe::start().await;
    let search = format!("{}/search", probe.simulator.doffin_url());
    let wrong = probe.client.get(&search).header("ocp-apim-subscription-key", "nope").send().await.unwrap();
    assert_eq!(wrong.status(), 401);
    assert_eq!(wrong.json::<serde_json::Value>().await.unwrap()["message"], INVALID);
    let right = probe.client.get(format!("{search}?subscription-key=demo-key")).send().await.unwrap();
    assert_eq!(right.status(), 200);
    assert_eq!(probe.simulator.stats().recent.back().unwrap(), "/public/v2/search");
}

#[tokio::test]
async fn the_beta_host_knows_no_production_key() {
    let probe = Probe::faulty(|faults| faults.doffin.beta_host_key_mismatch = true).await;
    let response = probe.search("").await;
    assert_eq!(response.status(), 401);
    assert_eq!(response.json::<serde_json::Value>().await.unwrap()["message"], INVALID);
}

#[tokio::test]
async fn every_other_path_and_method_is_the_gateways_404() {
    let probe = Probe::start().await;
    let root = probe.simulator.doffin_url();
    let get = |path: &str| {
        probe.client.get(format!("{root}{path}")).header("ocp-apim-subscription-key", "demo-key")
    };
    let known = "/search/2026-100001 /notices/2026-100001 /reference/cpv /download /download/ /download/a/b /../v1/search";
    for path in known.split(' ') {
        let response = get(path).send().await.unwrap();
        assert_eq!(response.status(), 404, "{path}");
        let body: serde_json::Value = response.json().await.unwrap();
        assert_eq!(body, serde_json::json!({"statusCode": 404, "message": "Resource not found"}));
    }
    let post = probe.client.post(format!("{root}/search")).header("ocp-apim-subscription-key", "demo-key");
    assert_eq!(post.send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn content_types_and_the_gateways_headers_are_the_real_ones() {
    let probe = Probe::start().await;
    let response = probe.search("numHitsPerPage=1").await;
    assert_eq!(header(&response, "content-type"), "application/json;charset=UTF-8");
    for name in [
        "strict-transport-security",
        "x-content-type-options",
        "request-context",
        "x-ms-middleware-request-id",
    ] {
        assert!(!header(&response, name).is_empty(), "{name}");
    }
    assert!(header(&response, "etag").is_empty() && header(&response, "cache-control").is_empty());
}

#[tokio::test]
async fn the_thirty_first_request_of_a_window_is_throttled_with_the_time_to_wait() {
    let probe = Probe::faulty(|faults| faults.doffin.rate = Rate { requests: 30, window_ms: 60_000 }).await;
    for _ in 0..30 {
        assert_eq!(probe.search("numHitsPerPage=1").await.status(), 200);
    }
    let response = probe.search("").await;
    assert_eq!(response.status(), 429);
    let wait: u64 = header(&response, "retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait));
    let body: serde_json::Value = response.json().await.unwrap();
    let message = format!("Rate limit is exceeded. Try again in {wait} seconds.");
    assert_eq!(body, serde_json::json!({"statusCode": 429, "message": message}));
    assert_eq!(probe.download("x").await.status(), 429, "one counter for both");
    assert_eq!(probe.simulator.stats().count_of("search", 429), 1);
}

#[tokio::test]
async fn a_bare_429_has_neither_header_nor_body() {
    let probe = Probe::faulty(|faults| {
        faults.doffin.rate = Rate { requests: 1, window_ms: 60_000 };
        faults.doffin.rate_answer = RateAnswer::Bare;
    })
    .await;
    probe.search("").await;
    let response = probe.search("").await;
    assert_eq!(response.status(), 429);
    assert!(header(&response, "retry-after").is_empty());
    assert!(response.bytes().await.unwrap().is_empty());
}

#[tokio::test]
async fn downloads_can_be_counted_apart_and_other_keys_always_are() {
    let mut config = crate::probe::config();
    config.api_keys = vec!["demo-key".to_owned(), "other-key".to_owned()];
    config.faults.doffin.rate = Rate { requests: 1, window_ms: 60_000 };
    config.faults.doffin.search_download_counters = Counters::Separate;
    let probe = Probe::with(config).await;
    assert_eq!(probe.search("").await.status(), 200);
    assert_eq!(probe.search("").await.status(), 429);
    assert_eq!(probe.download("x").await.status(), 404);
    assert_eq!(probe.download("x").await.status(), 429);
    let search = format!("{}/search", probe.simulator.doffin_url());
    let other =
        probe.client.get(search).header("ocp-apim-subscription-key", "other-key").send().await.unwrap();
    assert_eq!(other.status(), 200);
}

#[tokio::test]
async fn a_window_ends() {
    let probe = Probe::faulty(|faults| faults.doffin.rate = Rate { requests: 1, window_ms: 1 }).await;
    assert_eq!(probe.search("").await.status(), 200);
    let mut statuses = Vec::new();
    while statuses.last() != Some(&200) && statuses.len() < 1_000 {
        statuses.push(probe.search("").await.status().as_u16());
    }
    assert_eq!(statuses.last(), Some(&200));
}
