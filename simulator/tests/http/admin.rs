//! Control over HTTP: faults, clock, life of notices.

use serde_json::{Value, json};

use crate::probe::{Probe, ids};

impl Probe {
    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let address = format!("{}{path}", self.simulator.admin_url());
        let response = self.client.post(address).json(&body).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    async fn told(&self, path: &str) -> Value {
        let address = format!("{}{path}", self.simulator.admin_url());
        self.client.get(address).send().await.unwrap().json().await.unwrap()
    }

    async fn one(&self, id: &str) -> Option<Value> {
        self.hits(&format!("searchString={id}")).await.into_iter().find(|hit| hit["id"] == id)
    }
}

#[tokio::test]
async fn faults_are_patched_and_read_back() {
    let probe = Probe::start().await;
    let address = format!("{}/faults", probe.simulator.admin_url());
    let patch = json!({"doffin": {"bom": true, "outage": {"kind": "html503", "count": 1}}});
    let changed: Value = probe.client.put(&address).json(&patch).send().await.unwrap().json().await.unwrap();
    assert_eq!(changed["doffin"]["bom"], true);
    assert_eq!(changed["doffin"]["rate"]["requests"], 0, "what was not named stays");
    assert_eq!(probe.search("").await.status(), 503);
    assert_eq!(probe.told("/faults").await["doffin"]["outage"]["kind"], "off");
    let refused = probe.client.patch(&address).json(&json!({"dofin": {}})).send().await.unwrap();
    assert_eq!(refused.status(), 400);
}

#[tokio::test]
async fn a_published_notice_is_in_search_and_download_at_once() {
    let probe = Probe::start().await;
    let before = probe.total("").await;
    let (status, body) =
        probe.post("/notices", json!({"heading": "Ny kunngjøring", "type": "ADVISORY_NOTICE"})).await;
    assert_eq!(status, 201);
    let id = body["id"].as_str().unwrap();
    assert_eq!(probe.total("").await, before + 1);
    let hit = probe.one(id).await.unwrap();
    assert_eq!(hit["publicationDate"], "2026-11-23");
    assert_eq!(hit["issueDate"].as_str().unwrap().len(), "2026-11-23T12:00:00Z".len());
    assert_eq!(probe.download(id).await.status(), 200);
    let (status, _) = probe.post("/notices", json!({"type": "RESULT"})).await;
    assert_eq!(status, 400);
    let (status, _) = probe.post("/notices", json!({"cpvCodes": ["72"]})).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn a_late_import_has_an_old_date() {
    let probe = Probe::start().await;
    let (_, body) = probe.post("/notices", json!({"issueDate": "2023-04-12T08:00:00Z"})).await;
    let id = body["id"].as_str().unwrap();
    assert!(id.starts_with("2023-"));
    let hit = probe.one(id).await.unwrap();
    assert_eq!(
        (hit["publicationDate"].as_str(), hit["status"].as_str()),
        (Some("2023-04-12"), Some("EXPIRED"))
    );
    let newest = probe.hits("numHitsPerPage=100").await;
    assert!(!ids(&newest).contains(&id.to_owned()), "a watermark never sees it");
}

#[tokio::test]
async fn a_corrected_notice_vanishes_from_search_and_stays_downloadable() {
    let probe = Probe::start().await;
    let (_, body) = probe.post("/notices", json!({})).await;
    let old = body["id"].as_str().unwrap().to_owned();
    let total = probe.total("").await;
    let (status, body) = probe.post(&format!("/notices/{old}/correct"), json!({})).await;
    let new = body["id"].as_str().unwrap();
    assert_eq!((status, probe.total("").await), (201, total));
    assert!(probe.one(&old).await.is_none() && probe.one(new).await.is_some());
    assert_eq!(probe.download(&old).await.status(), 200);
    assert_eq!(probe.post(&format!("/notices/{old}/correct"), json!({})).await.0, 409);
    assert_eq!(probe.post("/notices/2026-999999/correct", json!({})).await.0, 404);
    assert_eq!(probe.post(&format!("/notices/{new}/sell"), json!({})).await.0, 404);
}

#[tokio::test]
async fn a_notice_that_search_lost_is_found_again_when_it_is_restored() {
    let probe = Probe::start().await;
    let before = probe.total("").await;
    let id = probe.hits("numHitsPerPage=1").await[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(probe.post(&format!("/notices/{id}/restore"), json!({})).await.0, 409);
    assert_eq!(probe.post(&format!("/notices/{id}/withdraw"), json!({})).await.0, 201);
    assert_eq!(probe.total("").await, before - 1);
    assert!(probe.one(&id).await.is_none());
    assert_eq!(probe.download(&id).await.status(), 200, "its document is still there");
    assert_eq!(probe.post(&format!("/notices/{id}/restore"), json!({})).await.0, 201);
    assert!(probe.one(&id).await.is_some());
    assert_eq!(probe.post("/notices/2026-999999/withdraw", json!({})).await.0, 404);
}

#[tokio::test]
async fn much_happens_at_once_on_demand_and_the_truth_listing_knows_it() {
    let probe = Probe::start().await;
    let (status, done) = probe.post("/bustle", json!({"events": 200})).await;
    assert_eq!(status, 200);
    assert!(
        ["published", "corrected", "withdrawn"].iter().all(|kind| done[kind].as_u64() > Some(5)),
        "{done}"
    );
    assert_eq!(probe.told("/notices").await["visible"].as_u64(), Some(probe.total("").await));
    assert_eq!(probe.post("/bustle", json!({})).await.0, 400);
}

#[tokio::test]
async fn an_award_makes_its_competition_awarded_and_a_cancellation_cancelled() {
    let probe = Probe::start().await;
    for (event, status, kind) in [
        ("award", "AWARDED", "ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT"),
        ("cancel", "CANCELLED", "CANCELLED_OR_MISSING_CONCLUSION_OF_CONTRACT"),
    ] {
        let (_, body) = probe.post("/notices", json!({})).await;
        let competition = body["id"].as_str().unwrap().to_owned();
        assert_eq!(probe.one(&competition).await.unwrap()["status"], "ACTIVE");
        let (_, body) = probe.post(&format!("/notices/{competition}/{event}"), json!({})).await;
        let result = body["id"].as_str().unwrap();
        assert_eq!(probe.one(&competition).await.unwrap()["status"], status);
        assert_eq!(probe.one(result).await.unwrap()["type"], kind);
        assert_eq!(probe.post(&format!("/notices/{result}/award"), json!({})).await.0, 409);
    }
}

#[tokio::test]
async fn a_status_flips_when_the_clock_passes_the_deadline() {
    let probe = Probe::start().await;
    let (_, body) = probe.post("/notices", json!({"deadline": "2026-11-24T10:00:00Z"})).await;
    let id = body["id"].as_str().unwrap();
    assert_eq!(probe.one(id).await.unwrap()["status"], "ACTIVE");
    probe.post("/clock", json!({"advance_seconds": 86_400})).await;
    assert_eq!(probe.one(id).await.unwrap()["status"], "EXPIRED");
    let (_, clock) = probe.post("/clock", json!({"now": "2026-11-24T09:00:00Z"})).await;
    assert!(clock["now"].as_str().unwrap().starts_with("2026-11-24T09:00:0"));
    assert_eq!(probe.one(id).await.unwrap()["status"], "ACTIVE");
}

#[tokio::test]
async fn a_notice_is_seen_from_the_day_of_its_publication_on() {
    let probe = Probe::start().await;
    let whole = probe.total("").await;
    probe.post("/clock", json!({"now": "2026-10-01T12:00:00Z"})).await;
    let fewer = probe.total("").await;
    assert!(fewer < whole);
    let newest = probe.hits("numHitsPerPage=1").await.remove(0);
    assert!(newest["publicationDate"].as_str().unwrap() <= "2026-10-01");
    let later =
        probe.simulator.notices().into_iter().find(|notice| notice.publication_date.as_str() > "2026-10-01");
    assert_eq!(probe.download(&later.unwrap().id).await.status(), 404);
    assert_eq!(probe.simulator.notices().iter().filter(|notice| notice.visible).count() as u64, fewer);
    probe.post("/clock", json!({"now": "2026-11-23T12:00:00Z"})).await;
    assert_eq!(probe.total("").await, whole);
}

#[tokio::test]
async fn the_truth_listing_pages_and_agrees_with_search() {
    let probe = Probe::start().await;
    let truth = probe.told("/notices?offset=10&limit=5").await;
    assert_eq!(
        (truth["total"].as_u64(), truth["visible"].as_u64()),
        (Some(1_500), Some(probe.total("").await))
    );
    let page = truth["notices"].as_array().unwrap();
    assert_eq!(page.len(), 5);
    for key in ["id", "type", "issueDate", "publicationDate", "visible"] {
        assert!(!page[0][key].is_null(), "{key}");
    }
}

#[tokio::test]
async fn requests_are_counted_until_reset() {
    let probe = Probe::start().await;
    probe.search("page=0").await;
    probe.klass("/versions/33", "text/csv").await;
    let stats = probe.told("/stats").await;
    assert_eq!(stats["requests"]["search"]["400"], 1);
    assert_eq!(stats["requests"]["klass.versions"]["200"], 1);
    assert_eq!(stats["recent"], json!(["/public/v2/search?page=0", "/api/klass/v1/versions/33"]));
    let (_, stats) = probe.post("/reset-stats", json!({})).await;
    assert_eq!(stats["requests"], json!({}));
}
