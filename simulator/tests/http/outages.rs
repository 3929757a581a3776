//! Faults of the transport, on each upstream.

use std::time::{Duration, Instant};

use simulator::{Faults, Outage, OutageKind};

use crate::probe::{Probe, header};

async fn suffering(kind: OutageKind) -> Probe {
    Probe::faulty(|faults| faults.outage = kind.into()).await
}

#[tokio::test]
async fn a_refusal_is_500_with_plain_text() {
    let probe = suffering(OutageKind::Refuse500text).await;
    for response in [probe.search("").await, probe.klass("/versions/33", "application/json").await] {
        assert_eq!(response.status(), 500);
        assert!(header(&response, "content-type").starts_with("text/plain"));
    }
}

#[tokio::test]
async fn a_cache_in_front_answers_503_in_html() {
    let probe = suffering(OutageKind::Html503).await;
    let response = probe.klass("/versions/33", "application/json").await;
    assert_eq!(response.status(), 503);
    assert!(response.text().await.unwrap().contains("<h3>Guru Meditation:</h3>"));
}

#[tokio::test]
async fn a_request_can_hang_and_is_counted_as_given_up() {
    let probe = suffering(OutageKind::Hang).await;
    let search = format!("{}/search", probe.simulator.doffin_url());
    let error = probe.client.get(search).timeout(Duration::from_millis(150)).send().await.unwrap_err();
    assert!(error.is_timeout());
    probe.change(|faults| faults.outage = Outage::default());
    assert_eq!(probe.search("").await.status(), 200);
    let stats = probe.simulator.stats();
    assert_eq!((stats.count_of("search", 0), stats.count_of("search", 200)), (1, 1));
}

#[tokio::test]
async fn a_hanging_request_does_not_keep_the_simulator_from_stopping() {
    let probe = suffering(OutageKind::Hang).await;
    let hanging = tokio::spawn(probe.client.get(probe.simulator.cpv_url()).send());
    while probe.simulator.stats().open == 0 {
        tokio::task::yield_now().await;
    }
    let started = Instant::now();
    probe.simulator.stop().await;
    assert!(started.elapsed() < Duration::from_secs(5));
    drop(hanging.await);
}

#[tokio::test]
async fn an_answer_can_be_late() {
    let probe = Probe::faulty(|faults| faults.doffin.outage = Outage::slow(700)).await;
    let started = Instant::now();
    assert_eq!(probe.search("").await.status(), 200);
    assert!(started.elapsed() >= Duration::from_millis(700));
    let started = Instant::now();
    assert_eq!(probe.klass("/versions/33", "application/json").await.status(), 200);
    assert!(started.elapsed() < Duration::from_millis(700), "the other upstream is not affected");
}

#[tokio::test]
async fn a_body_can_break_off_in_the_middle() {
    let probe = suffering(OutageKind::CutMidBody).await;
    for mut response in [probe.search("").await, probe.klass("/versions/33", "text/csv").await] {
        assert_eq!(response.status(), 200);
        let announced: usize = header(&response, "content-length").parse().unwrap();
        let mut received = 0;
        let error = loop {
            match response.chunk().await {
                Ok(Some(chunk)) => received += chunk.len(),
                Ok(None) => panic!("the body ended well after {received} of {announced} bytes"),
                Err(error) => break error,
            }
        };
        assert!(error.is_body() || error.is_decode(), "{error}");
        assert!(received > 0 && received < announced);
    }
}

#[tokio::test]
async fn a_body_can_be_garbage_behind_a_right_head() {
    let probe = suffering(OutageKind::Garbage).await;
    let response = probe.search("").await;
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "content-type"), "application/json;charset=UTF-8");
    let bytes = response.bytes().await.unwrap();
    assert!(std::str::from_utf8(&bytes).is_err());
}

#[tokio::test]
async fn every_key_can_be_wrong() {
    let probe = suffering(OutageKind::WrongKey).await;
    let response = probe.search("").await;
    assert_eq!(response.status(), 401);
    assert!(response.text().await.unwrap().contains("invalid subscription key"));
}

#[tokio::test]
async fn everything_can_be_throttled() {
    let probe = suffering(OutageKind::RateStorm).await;
    let response = probe.search("").await;
    assert_eq!((response.status().as_u16(), header(&response, "retry-after").as_str()), (429, "10"));
}

#[tokio::test]
async fn a_counted_outage_is_over_after_its_requests() {
    let probe = Probe::faulty(|faults| faults.klass.outage = Outage::times(OutageKind::Html503, 2)).await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        assert_eq!(probe.search("").await.status(), 200);
        statuses.push(probe.klass("/versions/33", "application/json").await.status().as_u16());
    }
    assert_eq!(statuses, [503, 503, 200]);
}

#[tokio::test]
async fn the_cpv_list_has_faults_of_its_own() {
    let probe = Probe::start().await;
    let list = async || probe.client.get(probe.simulator.cpv_url()).send().await.unwrap();
    let whole = list().await.text().await.unwrap();
    assert!(whole.starts_with("'09000000':\n  name: "));
    assert!(whole.contains("\n  history: []\n  nob_verify: false\n'"));
    probe.change(|faults| faults.cpv.half_list = true);
    let half = list().await.text().await.unwrap();
    assert!(whole.starts_with(&half) && half.len() < whole.len() && half.ends_with("nob_verify: false\n"));
    probe.change(|faults| faults.cpv.outage = OutageKind::Html503.into());
    assert_eq!(list().await.status(), 503);
    probe.simulator.set_faults(Faults::default());
    assert_eq!(list().await.text().await.unwrap(), whole);
}

#[tokio::test]
async fn hiccups_hit_some_requests_of_doffin_and_none_of_klass() {
    let probe = Probe::faulty(|faults| faults.doffin.hiccups.html503 = 300).await;
    let mut failed = 0;
    for _ in 0..100 {
        failed += u32::from(probe.search("numHitsPerPage=1").await.status() == 503);
        assert_eq!(probe.klass("/versions/33", "application/json").await.status(), 200);
    }
    assert!((10..60).contains(&failed), "{failed} of 100 failed");
}
