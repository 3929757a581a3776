//! Every way the simulated publishers fail, seen from the far end of the whole system.

use std::time::{Duration, Instant};

use http::Method;
use simulator::{Doffin, Faults, Klass, Outage, OutageKind, RateAnswer};
use system_tests::{World, failure};

const SEARCH: &str = "/api/doffin/search?search=renhold&hitsPerPage=10";

fn doffin(outage: Outage) -> Faults {
    let quiet = Faults::without_rate_limit();
    Faults { doffin: Doffin { outage, ..quiet.doffin.clone() }, ..quiet }
}

/// A world in which Doffin fails from the start.
async fn failing(outage: Outage) -> World {
    World::start_with(|setup| {
        setup.simulator.faults = doffin(outage);
        setup.settings.procurement.doffin_timeout = Duration::from_millis(500);
        setup.settings.gateway.request_timeout = Duration::from_secs(8);
    })
    .await
}

#[tokio::test]
async fn a_publisher_that_fails_for_good_gives_a_502_that_says_whose_fault_it_is() {
    for kind in [OutageKind::Refuse500text, OutageKind::Html503, OutageKind::CutMidBody, OutageKind::Garbage]
    {
        let world = failing(Outage { kind, ..Outage::default() }).await;
        let body = failure(&world.get(SEARCH).await, 502, "DOFFIN_API_ERROR");
        let text = body["error"].as_str().unwrap();
        assert!(text.contains("Doffin"), "{kind:?}: {text}");
        for insides in ["<html", "Cannot invoke", "jackson", "reqwest"] {
            assert!(!body.to_string().contains(insides), "{kind:?} shows {insides}: {body}");
        }
        // What does not need Doffin goes on.
        assert_eq!(world.get("/api/cpv/categories").await.status.as_u16(), 200);
        assert_eq!(world.get("/readyz").await.status.as_u16(), 200, "readiness depends on a publisher");
        world.simulator.set_faults(Faults::without_rate_limit());
        world.until(SEARCH, |answer| answer.status.is_success()).await;
        world.stop().await;
    }
}

#[tokio::test]
async fn one_fault_is_survived_without_the_caller_noticing() {
    // An unreadable 200 is not among them: what it means is not known, so it is not asked for again.
    for kind in [OutageKind::Html503, OutageKind::CutMidBody, OutageKind::Refuse500text] {
        let world = failing(Outage::times(kind, 1)).await;
        let answer = world.get(SEARCH).await;
        assert_eq!(answer.status.as_u16(), 200, "{kind:?}: {}", String::from_utf8_lossy(&answer.body));
        world.stop().await;
    }
}

#[tokio::test]
async fn a_publisher_that_hangs_or_is_slow_ends_in_a_504_in_time() {
    for outage in [Outage { kind: OutageKind::Hang, ..Outage::default() }, Outage::slow(60_000)] {
        let world = failing(outage).await;
        let start = Instant::now();
        failure(&world.send(Method::GET, SEARCH, &[("x-request-timeout", "1")]).await, 504, "API_TIMEOUT");
        assert!(start.elapsed() < Duration::from_secs(2), "took {:?}", start.elapsed());
        world.stop().await;
    }
}

#[tokio::test]
async fn a_refused_key_is_told_without_the_key() {
    let world = failing(Outage { kind: OutageKind::WrongKey, ..Outage::default() }).await;
    let body = failure(&world.get(SEARCH).await, 502, "DOFFIN_API_ERROR");
    assert!(body["error"].as_str().unwrap().contains("key"), "{body}");
    assert_eq!(world.simulator.stats().count_of("search", 401), 1, "a refused key was tried again");
    world.stop().await;
}

#[tokio::test]
async fn a_storm_of_429_tells_callers_when_to_come_back_and_does_not_hammer() {
    for bare in [false, true] {
        let world = World::start_with(|setup| {
            let mut faults = doffin(Outage { kind: OutageKind::RateStorm, ..Outage::default() });
            if bare {
                faults.doffin.rate_answer = RateAnswer::Bare;
            }
            setup.simulator.faults = faults;
        })
        .await;
        for _ in 0..10 {
            let answer = world.send(Method::GET, SEARCH, &[("x-request-timeout", "1")]).await;
            let body = failure(&answer, 502, "DOFFIN_API_ERROR");
            let seconds: u64 =
                answer.header("retry-after").parse().unwrap_or_else(|_| panic!("no Retry-After: {body}"));
            assert!((1..=60).contains(&seconds), "{seconds}");
        }
        let asked = world.simulator.stats().count("search");
        assert!(asked <= 2, "Doffin was asked {asked} times while it said 429");
        world.stop().await;
    }
}

#[tokio::test]
async fn raw_control_characters_do_not_lose_a_hit() {
    let world = World::start_with(|setup| setup.simulator.faults.doffin.control_chars = 100).await;
    let found = world.json("/api/doffin/search?hitsPerPage=100").await;
    assert_eq!(found["elements"], 100);
    let raw = found["data"]["hits"].as_array().unwrap().iter();
    let has_control =
        |hit: &&serde_json::Value| hit["description"].as_str().unwrap().chars().any(char::is_control);
    assert!(
        raw.clone().filter(has_control).count() > 0,
        "no hit had a control character: the fault was not exercised"
    );
    world.stop().await;
}

#[tokio::test]
async fn a_byte_order_mark_a_lone_hit_and_a_new_type_are_read() {
    let world = World::start_with(|setup| {
        setup.simulator.faults.doffin.bom = true;
        setup.simulator.faults.doffin.new_type = true;
    })
    .await;
    let id = world.json("/api/doffin/search?hitsPerPage=1").await["data"]["hits"][0]["id"].clone();
    let id = id.as_str().unwrap();
    let mut faults = Faults::without_rate_limit();
    faults.doffin.single_hit_object = true;
    world.simulator.set_faults(faults);
    assert_eq!(world.json(&format!("/api/doffin/search?search={id}")).await["data"]["hits"][0]["id"], id);
    world.stop().await;
}

#[tokio::test]
async fn a_document_that_is_not_out_yet_is_not_found_and_then_is() {
    let world = World::start_with(|setup| setup.simulator.faults.doffin.download_lag_s = 3600).await;
    let id = world.simulator.publish(simulator::Draft::default()).unwrap();
    let path = format!("/api/doffin/notices/{id}/xml");
    failure(&world.get(&path).await, 404, "NOTICE_NOT_FOUND");
    world.simulator.set_faults(Faults::without_rate_limit());
    assert_eq!(world.get(&path).await.status.as_u16(), 200, "the refusal was remembered");
    world.stop().await;
}

#[tokio::test]
async fn a_document_that_breaks_doffin_is_its_fault_alone() {
    let world = World::start().await;
    let found = world.json("/api/doffin/search?hitsPerPage=2").await;
    let id = |at: usize| found["data"]["hits"][at]["id"].as_str().unwrap().to_owned();
    let mut faults = Faults::without_rate_limit();
    faults.doffin.download_500 = vec![id(0)];
    world.simulator.set_faults(faults);
    failure(&world.get(&format!("/api/doffin/notices/{}/xml", id(0))).await, 502, "DOFFIN_API_ERROR");
    assert_eq!(world.get(&format!("/api/doffin/notices/{}/xml", id(1))).await.status.as_u16(), 200);
    world.stop().await;
}

#[tokio::test]
async fn an_answer_is_kept_and_given_with_its_age_when_doffin_goes_down() {
    let world = World::start_with(|setup| {
        setup.settings.procurement.search_cache_ttl = Duration::from_millis(200);
        setup.settings.procurement.doffin_timeout = Duration::from_millis(500);
    })
    .await;
    let before = world.json(SEARCH).await;
    world.simulator.set_faults(doffin(Outage { kind: OutageKind::Html503, ..Outage::default() }));
    let later =
        world.until(SEARCH, |answer| answer.json()["notes"].to_string().contains("Doffin")).await.json();
    assert_eq!(later["data"], before["data"]);
    assert_eq!(later["asOf"], before["asOf"], "an old answer must say when it was true");
    world.stop().await;
}

#[tokio::test]
async fn a_hundred_callers_with_one_question_ask_doffin_once() {
    let world = World::start_with(|setup| setup.simulator.faults.doffin.outage = Outage::slow(300)).await;
    world.simulator.reset_stats();
    let client = system_tests::client();
    let calls: Vec<_> = (0..100)
        .map(|_| {
            let request = client.get(world.url(SEARCH));
            tokio::spawn(async move { request.send().await.unwrap().status().as_u16() })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap(), 200);
    }
    assert_eq!(world.simulator.stats().count("search"), 1);
    world.stop().await;
}

#[tokio::test]
async fn no_fault_of_a_code_list_s_publisher_replaces_a_good_list() {
    let klass: [Klass; 6] = [
        Klass { outage: Outage { kind: OutageKind::Html503, ..Outage::default() }, ..Klass::default() },
        Klass { outage: Outage { kind: OutageKind::CutMidBody, ..Outage::default() }, ..Klass::default() },
        Klass { outage: Outage { kind: OutageKind::Garbage, ..Outage::default() }, ..Klass::default() },
        Klass { empty_list: true, ..Klass::default() },
        Klass { half_list: true, ..Klass::default() },
        Klass { version_404: true, ..Klass::default() },
    ];
    for klass in klass {
        let shown = format!("{klass:?}");
        let world = World::start_with(|setup| setup.simulator.faults.klass = klass).await;
        let failed = |answer: &system_tests::Answer| {
            let sources = answer.json();
            let styrk =
                sources["data"].as_array().unwrap().iter().find(|s| s["scheme"] == "STYRK").unwrap().clone();
            styrk["last_error"].is_string()
        };
        world.until("/api/classifications/sources", failed).await;
        assert_eq!(world.json("/api/styrk/codes?level=4").await["total"], 582, "{shown}");
        assert_eq!(world.json("/api/nuts/codes?level=3").await["total"], 381, "{shown}");
        world.stop().await;
    }
}
