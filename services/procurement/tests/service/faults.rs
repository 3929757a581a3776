//! What Doffin does to us, and what callers see of it.

use std::time::{Duration, Instant};

use proto::ErrorCode;

use crate::doffin::{Doffin, Reply, hit};
use crate::system::{System, ids, nowhere, words};

#[tokio::test]
async fn a_passing_fault_is_asked_past_and_a_lasting_one_given_up_after_three_tries() {
    let system = System::start().await;
    system.doffin.holds(1);
    system.doffin.script([Reply::text(503, "<html>busy</html>"), Reply::Cut]);
    assert_eq!(ids(&system.search(words("a")).await.unwrap()), ["2026-000001"]);
    assert_eq!(system.doffin.asked().len(), 3);
    system.doffin.script([500, 502, 504].map(|status| Reply::text(status, "at no.dfo.Thing:10.0.0.7")));
    let failure = system.search(words("b")).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::DoffinApiError);
    assert!(failure.message.contains("504") && !failure.message.contains("10.0.0.7"), "{failure:?}");
    assert_eq!(system.doffin.asked().len(), 6);
    let metrics = system.metrics.text();
    for line in [
        "doffin_requests_total{endpoint=\"search\",status=\"cut\"} 1",
        "doffin_requests_total{endpoint=\"search\",status=\"200\"} 1",
        "doffin_requests_total{endpoint=\"search\",status=\"504\"} 1",
        "doffin_request_duration_seconds_count{endpoint=\"search\"} 6",
    ] {
        assert!(metrics.contains(line), "{line} not in\n{metrics}");
    }
}

#[tokio::test]
async fn an_answer_that_ends_too_early_is_asked_for_again() {
    let system = System::start().await;
    system.doffin.holds(1);
    system.doffin.script([Reply::text(200, "{\"numHitsTotal\":1,\"hits\":[{\"id\":\"2026-")]);
    assert_eq!(system.search(words("a")).await.unwrap().elements, 1);
    assert_eq!(system.doffin.asked().len(), 2);
}

#[tokio::test]
async fn what_a_second_try_would_not_change_is_tried_once() {
    let system = System::start().await;
    for reply in [
        Reply::text(200, "<html>maintenance</html>"),
        Reply::text(404, ""),
        Reply::text(400, r#"{"reason":"No enum constant no.dfo.dof.NoticeType.X"}"#),
        Reply::text(200, r#"{"reason":"none"}"#),
        Reply::Promise(65 << 20),
    ] {
        let before = system.doffin.asked().len();
        system.doffin.script([reply.clone()]);
        let failure = system.search(words("a")).await.unwrap_err();
        assert_eq!(failure.code, ErrorCode::DoffinApiError, "{reply:?}");
        assert!(!failure.message.contains("no.dfo"), "{failure:?}");
        assert_eq!(system.doffin.asked().len(), before + 1, "{reply:?}");
    }
}

#[tokio::test]
async fn a_refused_key_is_told_and_not_tried_again() {
    let system = System::start().await;
    system.doffin.script([Reply::text(401, r#"{"statusCode":401,"message":"Access denied"}"#)]);
    let failure = system.search(words("a")).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::DoffinApiError);
    assert!(failure.message.contains("refused our key"), "{failure:?}");
    assert_eq!(system.doffin.asked().len(), 1);
}

#[tokio::test]
async fn a_short_pause_is_waited_out() {
    let system = System::start().await;
    system.doffin.holds(1);
    system.doffin.script([Reply::text(429, "").with("retry-after", "1")]);
    let start = Instant::now();
    assert_eq!(system.search(words("a")).await.unwrap().elements, 1);
    assert!(start.elapsed() >= Duration::from_secs(1), "{:?}", start.elapsed());
    assert_eq!(system.doffin.asked().len(), 2);
}

#[tokio::test]
async fn a_long_pause_fails_fast_for_everybody_and_says_when_to_come_back() {
    for (reply, seconds) in [
        (Reply::text(429, "{}").with("retry-after", "30"), 30..=32),
        (Reply::text(429, ""), 15..=17),
        (Reply::text(429, "").with("retry-after", "86400"), 59..=61),
    ] {
        let system = System::start().await;
        system.doffin.script([reply]);
        let start = Instant::now();
        let within = Duration::from_secs(5);
        for search in ["a", "b"] {
            let failure = system.search_within(words(search), within).await.unwrap_err();
            assert_eq!(failure.code, ErrorCode::DoffinApiError);
            let wait = failure.retry_after.unwrap().as_secs();
            assert!(seconds.contains(&wait), "{wait} not in {seconds:?}");
        }
        assert!(system.xml("2026-000001").await.unwrap_err().retry_after.is_some());
        assert!(start.elapsed() < within, "{:?}", start.elapsed());
        assert_eq!(system.doffin.asked().len(), 1);
    }
}

#[tokio::test]
async fn no_answer_in_the_caller_s_time_is_a_timeout() {
    let system = System::start().await;
    system.doffin.script([Reply::Hang]);
    let failure = system.search_within(words("a"), Duration::from_secs(2)).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::ApiTimeout);
    let system = System::start_with(&["--doffin-timeout=200ms"]).await;
    system.doffin.script([Reply::Hang]);
    assert_eq!(system.search(words("a")).await.unwrap_err().code, ErrorCode::ApiTimeout);
    assert_eq!(system.doffin.asked().len(), 1);
}

#[tokio::test]
async fn raw_control_characters_and_a_single_hit_are_read_and_counted() {
    let system = System::start().await;
    let mut single = hit("2026-000009");
    single["heading"] = "one@two".into();
    let body =
        format!("\u{feff}{{\"numHitsTotal\":1,\"hits\":{single},\"someday\":[1]}}").replace('@', "\n\t");
    system.doffin.script([Reply::text(200, body)]);
    let response = system.search(words("a")).await.unwrap();
    assert_eq!(response.data.unwrap().hits[0].heading, "one\n\ttwo");
    assert!(system.metrics.text().contains("doffin_repaired_bodies_total 1"));
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_the_key() {
    let system = System::start().await;
    let elsewhere = Doffin::start().await;
    let to = format!("http://{}/public/v2/search", elsewhere.addr);
    system.doffin.script([Reply::text(302, "").with("location", to)]);
    assert_eq!(system.search(words("a")).await.unwrap_err().code, ErrorCode::DoffinApiError);
    assert!(elsewhere.asked().is_empty());
}

#[tokio::test]
async fn nobody_at_doffin_s_address_is_told_without_the_address() {
    let addr = nowhere();
    let system = System::start_with(&[&format!("--doffin-base-url=http://{addr}/public/v2")]).await;
    let failure = system.search(words("a")).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::DoffinApiError);
    assert!(!failure.message.contains(&addr.port().to_string()), "{failure:?}");
    let error = system.sync_status().await.last_error.unwrap();
    assert_eq!(error, "no connection");
}

#[tokio::test]
async fn an_expired_answer_stands_in_with_its_true_age_when_doffin_fails() {
    let system = System::start_with(&["--search-cache-ttl=0s"]).await;
    system.doffin.holds(2);
    let first = system.search(words("a")).await.unwrap();
    system.doffin.script([Reply::text(401, "")]);
    let second = system.search(words("a")).await.unwrap();
    assert_eq!((second.elements, &second.as_of), (2, &first.as_of));
    assert!(first.notes.is_empty() && second.notes[0].contains("earlier answer"), "{:?}", second.notes);
    assert!(system.metrics.text().contains("search_cache_total{outcome=\"stale\"} 1"));
    let third = system.search(words("a")).await.unwrap();
    assert!(third.notes.is_empty() && third.as_of != first.as_of, "{third:?}");
}
