//! Pages and coverage: what can be had of Doffin's first thousand hits.

use proto::ErrorCode;
use proto::procurement as pb;

use crate::doffin::Reply;
use crate::system::{System, ids, refused};

const TOP: &str = r#"{"reason":"Unable to access more than the top 1000 hits, please lower either the page or numHitsPerPage parameters."}"#;
const FIFTY: &str =
    r#"{"reason":"Unable to access more than the top 50 hits, please lower numHitsPerPage parameters."}"#;

fn page(page: i32, hits_per_page: i32) -> pb::SearchNoticesRequest {
    pb::SearchNoticesRequest { page: Some(page), hits_per_page: Some(hits_per_page), ..Default::default() }
}

fn asked(system: &System) -> Vec<(String, String)> {
    let first = |asked: &crate::doffin::Asked, name| asked.values(name)[0].to_owned();
    let asked = system.doffin.asked();
    asked.iter().map(|asked| (first(asked, "page"), first(asked, "numHitsPerPage"))).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(page, size)| ((*page).to_owned(), (*size).to_owned())).collect()
}

#[tokio::test]
async fn one_page_that_holds_everything_is_complete() {
    let system = System::start().await;
    system.doffin.holds(7);
    let response = system.search(page(1, 10)).await.unwrap();
    let coverage = response.coverage.clone().unwrap();
    assert_eq!(coverage, pb::Coverage { complete: true, accessible_hits: 7, reason: None });
    assert_eq!(response.elements, 7);
    let data = response.data.unwrap();
    assert_eq!((data.total_hits, data.page, data.hits_per_page), (7, 1, 10));
    assert_eq!(asked(&system), pairs(&[("1", "10")]));
}

#[tokio::test]
async fn more_than_one_page_is_never_complete() {
    let system = System::start().await;
    system.doffin.holds(25);
    let coverage = system.search(page(2, 10)).await.unwrap().coverage.unwrap();
    assert_eq!((coverage.complete, coverage.accessible_hits), (false, 25));
    assert!(coverage.reason.unwrap().contains("order is not stable"));
}

#[tokio::test]
async fn a_large_page_is_put_together_from_hundreds_without_its_repetitions() {
    let system = System::start().await;
    system.doffin.holds(230);
    system.doffin.overlap();
    let response = system.search(page(1, 250)).await.unwrap();
    assert_eq!(asked(&system), pairs(&[("1", "100"), ("2", "100"), ("3", "100")]));
    let mut distinct = ids(&response);
    assert_eq!(distinct.len(), 228);
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), 228);
    assert!(response.notes[0].contains("listed 2 of these notices twice"), "{:?}", response.notes);
    assert!(!response.coverage.unwrap().complete);
}

#[tokio::test]
async fn pages_that_hold_nothing_more_are_not_asked_for() {
    let system = System::start().await;
    system.doffin.holds(30);
    let response = system.search(page(1, 1000)).await.unwrap();
    assert_eq!(asked(&system), pairs(&[("1", "100")]));
    assert_eq!((response.elements, response.coverage.unwrap().complete), (30, true));
}

#[tokio::test]
async fn a_page_across_the_ceiling_gives_what_there_is_and_one_beyond_it_is_refused() {
    let system = System::start().await;
    system.doffin.holds(5000);
    let response = system.search(page(4, 300)).await.unwrap();
    assert_eq!(asked(&system), pairs(&[("10", "100")]));
    assert_eq!((ids(&response)[0], response.elements), ("2026-000901", 100));
    let coverage = response.coverage.unwrap();
    assert_eq!((coverage.complete, coverage.accessible_hits), (false, 1000));
    assert!(coverage.reason.unwrap().contains("first 1000 hits"));
    let failure = system.search(page(5, 300)).await.unwrap_err();
    refused(&failure, ErrorCode::InvalidInput, "page");
    assert!(failure.message.contains("first 1000 hits"), "{failure:?}");
}

#[tokio::test]
async fn an_empty_page_where_there_should_be_more_ends_an_answer() {
    let system = System::start().await;
    system.doffin.holds(5000);
    system.search(page(1, 100)).await.unwrap();
    system.doffin.script([Reply::hits(5000, &[])]);
    let response = system.search(page(1, 300)).await.unwrap();
    assert_eq!(response.elements, 100);
    let coverage = response.coverage.unwrap();
    assert!(!coverage.complete && coverage.reason.unwrap().contains("first 1000 hits"));
    assert_eq!(asked(&system), pairs(&[("1", "100"), ("2", "100")]));
    assert_eq!(response.data.unwrap().total_hits, 5000);
}

#[tokio::test]
async fn a_cap_that_doffin_lowers_is_a_refusal_and_never_nothing_found() {
    for cap in [TOP, FIFTY] {
        let system = System::start().await;
        system.doffin.holds(5000);
        system.doffin.script([Reply::text(400, cap)]);
        let failure = system.search(page(1, 100)).await.unwrap_err();
        assert_eq!(failure.code, ErrorCode::DoffinApiError, "{failure:?}");
        assert_eq!(system.search(page(1, 100)).await.unwrap().data.unwrap().total_hits, 5000);
        system.doffin.script([Reply::text(400, cap)]);
        let failure = system.search(page(1, 300)).await.unwrap_err();
        assert_eq!(failure.code, ErrorCode::DoffinApiError, "{failure:?}");
        assert_eq!(asked(&system), pairs(&[("1", "100"), ("1", "100"), ("2", "100")]));
    }
}

#[tokio::test]
async fn a_list_shorter_than_its_count_is_not_complete() {
    let system = System::start().await;
    system.doffin.script([Reply::hits(3, &[crate::doffin::hit("2026-000001")])]);
    let coverage = system.search(page(1, 100)).await.unwrap().coverage.unwrap();
    assert!(!coverage.complete && coverage.reason.unwrap().contains("counts more notices"));
}
