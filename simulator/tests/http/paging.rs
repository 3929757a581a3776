//! Pages, the ceiling and the order of hits.

use std::collections::HashSet;

use serde_json::{Value, json};
use simulator::{Ceiling, Draft, TieOrder};

use crate::probe::{Probe, ids};

const BEYOND: &str = "Unable to access more than the top 1000 hits, please lower either the page or numHitsPerPage parameters.";

async fn reason(probe: &Probe, query: &str) -> Value {
    let response = probe.search(query).await;
    assert_eq!(response.status(), 400, "{query}");
    response.json::<Value>().await.unwrap()["reason"].clone()
}

#[tokio::test]
async fn pages_start_at_1_and_hold_15() {
    let probe = Probe::start().await;
    assert_eq!(probe.hits("").await.len(), 15);
    assert_eq!(reason(&probe, "page=0").await, "Parameter page must be >= 1");
    assert_eq!(reason(&probe, "page=-3").await, "Parameter page must be >= 1");
}

#[tokio::test]
async fn nothing_beyond_the_first_thousand_can_be_reached() {
    let probe = Probe::start().await;
    let page = probe.found("numHitsPerPage=100&page=10").await;
    assert!(page["numHitsTotal"].as_u64().unwrap() > 1_000);
    assert_eq!(page["numHitsAccessible"], 1_000);
    assert_eq!(page["hits"].as_array().unwrap().len(), 100);
    for query in ["numHitsPerPage=2&page=501", "numHitsPerPage=300&page=4", "numHitsPerPage=1001"] {
        assert_eq!(reason(&probe, query).await, BEYOND);
    }
}

#[tokio::test]
async fn the_ceiling_can_be_an_empty_page_with_totals() {
    let probe = Probe::faulty(|faults| faults.doffin.ceiling = Ceiling::Empty200).await;
    let page = probe.found("numHitsPerPage=100&page=11").await;
    assert_eq!(page["hits"], json!([]));
    assert!(page["numHitsTotal"].as_u64().unwrap() > 1_000);
}

#[tokio::test]
async fn a_page_behind_the_last_is_empty() {
    let probe = Probe::start().await;
    let total = probe.total("type=ANNOUNCEMENT_OF_INTENT").await;
    assert!(total < 100);
    let page = probe.found("type=ANNOUNCEMENT_OF_INTENT&numHitsPerPage=100&page=2").await;
    assert_eq!((page["hits"].clone(), page["numHitsTotal"].as_u64()), (json!([]), Some(total)));
}

#[tokio::test]
async fn large_pages_are_accepted_until_they_are_not() {
    let probe = Probe::start().await;
    assert_eq!(probe.hits("numHitsPerPage=1000").await.len(), 1_000);
    probe.change(|faults| faults.doffin.page_size_cap = Some(100));
    assert_eq!(
        reason(&probe, "numHitsPerPage=101").await,
        "Unable to access more than the top 100 hits, please lower numHitsPerPage parameters."
    );
    assert_eq!(probe.hits("numHitsPerPage=100").await.len(), 100);
}

/// Sixty notices of one day, as on the real service.
async fn busy_day() -> Probe {
    let probe = Probe::start().await;
    for number in 0..60 {
        let heading = Some(format!("Travel dag {number}"));
        probe.simulator.publish(Draft { heading, ..Draft::default() }).unwrap();
    }
    probe
}

const DAY: &str = "searchString=travel%20dag&sortBy=PUBLICATION_DATE_DESC";

#[tokio::test]
async fn identical_requests_are_ordered_identically() {
    let probe = busy_day().await;
    let query = format!("{DAY}&numHitsPerPage=20&page=2");
    assert_eq!(ids(&probe.hits(&query).await), ids(&probe.hits(&query).await));
}

#[tokio::test]
async fn pages_of_one_day_overlap_and_leave_gaps() {
    let probe = busy_day().await;
    let mut seen = Vec::new();
    for page in 1..=3 {
        seen.extend(ids(&probe.hits(&format!("{DAY}&numHitsPerPage=20&page={page}")).await));
    }
    let distinct: HashSet<&String> = seen.iter().collect();
    assert_eq!(seen.len(), 60);
    assert!(distinct.len() < 60, "some ids come twice, others never");
    let whole: HashSet<String> =
        ids(&probe.hits(&format!("{DAY}&numHitsPerPage=60")).await).into_iter().collect();
    assert_eq!(whole.len(), 60, "one page is always whole");
}

#[tokio::test]
async fn with_an_order_by_page_size_only_pages_of_one_size_fit() {
    let probe = busy_day().await;
    probe.change(|faults| faults.doffin.tie_order = TieOrder::PageSize);
    let mut pages = Vec::new();
    for page in 1..=3 {
        pages.extend(ids(&probe.hits(&format!("{DAY}&numHitsPerPage=20&page={page}")).await));
    }
    assert_eq!(pages.iter().collect::<HashSet<_>>().len(), 60);
    let other = ids(&probe.hits(&format!("{DAY}&numHitsPerPage=30&page=1")).await);
    assert_ne!(other[..20], pages[..20]);
    probe.change(|faults| faults.doffin.tie_order = TieOrder::Stable);
    let stable = ids(&probe.hits(&format!("{DAY}&numHitsPerPage=60")).await);
    assert_eq!(ids(&probe.hits(&format!("{DAY}&numHitsPerPage=20&page=2")).await), stable[20..40]);
}

#[tokio::test]
async fn each_order_sorts_by_its_key() {
    let probe = Probe::start().await;
    let column = |hits: Vec<Value>, key: &'static str| -> Vec<String> {
        hits.iter().map(|hit| hit[key].as_str().unwrap_or("~").to_owned()).collect()
    };
    let newest = column(probe.hits("numHitsPerPage=200").await, "publicationDate");
    assert!(newest.is_sorted_by(|left, right| left >= right));
    let oldest =
        column(probe.hits("sortBy=PUBLICATION_DATE_ASC&numHitsPerPage=200").await, "publicationDate");
    assert!(oldest.is_sorted() && oldest[0].starts_with("2017-01"));
    assert!(
        column(probe.hits("sortBy=DEADLINE&status=ACTIVE&numHitsPerPage=200").await, "deadline").is_sorted()
    );
    let amounts = |hits: Vec<Value>| -> Vec<f64> {
        hits.iter().map(|hit| hit["estimatedValue"]["amount"].as_f64().unwrap()).collect()
    };
    let falling = amounts(probe.hits("sortBy=ESTIMATED_VALUE_DESC&numHitsPerPage=100").await);
    assert!(falling.is_sorted_by(|left, right| left >= right));
    assert!(amounts(probe.hits("sortBy=ESTIMATED_VALUE_ASC&numHitsPerPage=100").await).is_sorted());
}

#[tokio::test]
async fn relevance_is_the_order_of_a_text_search() {
    let probe = Probe::start().await;
    let heading = Some("Renhold".to_owned());
    let description = Some("Renhold, ".repeat(20));
    let issue_date = Some("2018-03-01T09:00:00Z".parse().unwrap());
    let id = probe.simulator.publish(Draft { heading, description, issue_date, ..Draft::default() }).unwrap();
    assert_eq!(ids(&probe.hits("searchString=renhold").await)[0], id, "old, but a better match");
    assert_ne!(ids(&probe.hits("searchString=renhold&sortBy=PUBLICATION_DATE_DESC").await)[0], id);
}
