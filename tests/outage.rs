//! Services that die and come back, and a stop under load.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use radar::system::Service;
use simulator::{Faults, Outage, OutageKind};
use system_tests::{World, failure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[tokio::test]
async fn a_dead_service_is_a_503_without_its_address_and_recovers_when_it_returns() {
    let cases = [
        (Service::Classification, "/api/cpv/categories", "/api/doffin/search?hitsPerPage=1"),
        (Service::Procurement, "/api/doffin/search?hitsPerPage=1", "/api/cpv/categories"),
    ];
    for (service, dead, alive) in cases {
        let mut world = World::start().await;
        world.system.stop_service(service).await.unwrap();
        let body = failure(&world.get(dead).await, 503, "SERVICE_UNAVAILABLE");
        for server in [&world.system.procurement, &world.system.classification] {
            assert!(!body.to_string().contains(&server.addr.port().to_string()), "{body}");
        }
        assert_eq!(world.get(alive).await.status.as_u16(), 200, "{service:?} took {alive} with it");
        world.until("/readyz", |answer| answer.status.as_u16() == 503).await;
        let health = world.get("/api/health").await;
        assert_eq!(health.status.as_u16(), 503);
        assert_eq!(
            health.json()["services"].as_object().unwrap().values().filter(|s| *s == "NOT_SERVING").count(),
            1
        );
        assert_eq!(
            world.get("/livez").await.status.as_u16(),
            200,
            "a dead service must not restart the gateway"
        );

        world.system.start_service(service).unwrap();
        world.until(dead, |answer| answer.status.as_u16() == 200).await;
        world.until("/readyz", |answer| answer.status.as_u16() == 200).await;
        world.stop().await;
    }
}

#[tokio::test]
async fn place_names_need_classification_and_codes_do_not() {
    let mut world = World::start().await;
    world.system.stop_service(Service::Classification).await.unwrap();
    failure(&world.get("/api/doffin/search?location=Oslo").await, 503, "SERVICE_UNAVAILABLE");
    let found = world.json("/api/doffin/search?location=NO081&cpvCode=72000000").await;
    assert!(found["notes"].to_string().contains("not checked"), "{}", found["notes"]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_search_waits_long_for_doffin_that_the_mirror_can_answer_too() {
    let today = TimeZone::UTC.to_datetime(Timestamp::now()).date();
    let world = World::start_with(|setup| {
        setup.simulator.notices = 400;
        let sync = &mut setup.settings.procurement.sync;
        sync.enabled = true;
        sync.from = today.saturating_sub(60.days());
    })
    .await;
    world.mirrored().await;
    // From before the mirror's first day on, so that Doffin would know more.
    let since = today.saturating_sub(1.year());
    let path = |word: &str| format!("/api/doffin/search?search={word}&issueDateFrom={since}");
    let live = world.json(&path("vei")).await;
    assert_eq!(live["source"], "LIVE", "{live}");
    // In this order: while Doffin is not to be asked for a while, nothing would hang.
    for (kind, word) in [(OutageKind::Hang, "bygg"), (OutageKind::RateStorm, "skole")] {
        let mut faults = Faults::without_rate_limit();
        faults.doffin.outage = Outage::from(kind);
        world.simulator.set_faults(faults);
        let asked = Instant::now();
        let answer = world.json(&path(word)).await;
        let took = asked.elapsed();
        assert!(took < Duration::from_secs(10), "{kind:?}: {took:?}");
        assert_eq!((&answer["source"], &answer["coverage"]["complete"]), (&"MIRROR".into(), &false.into()));
        assert!(answer["notes"].to_string().contains("could not be asked"), "{answer}");
        assert!(answer["data"]["totalHits"].as_u64().unwrap() > 0, "{answer}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_that_go_away_do_not_fail_the_requests_of_others() {
    let world = World::start().await;
    let addr = world.system.gateway.addr;
    let others = tokio::spawn({
        let (client, url) = (system_tests::client(), world.url("/api/styrk/codes/2512"));
        async move {
            let mut statuses = Vec::new();
            for _ in 0..200 {
                statuses.push(client.get(&url).send().await.unwrap().status().as_u16());
            }
            statuses
        }
    });
    for _ in 0..20 {
        let leavers: Vec<_> = (0..50)
            .map(|_| {
                tokio::spawn(async move {
                    let mut stream = TcpStream::connect(addr).await.unwrap();
                    // An answer that is never read, on a connection that is reset.
                    stream.write_all(b"GET /api/cpv/codes HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
                    stream.set_zero_linger().unwrap();
                })
            })
            .collect();
        for leaver in leavers {
            leaver.await.unwrap();
        }
    }
    let statuses = others.await.unwrap();
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    world.stop().await;
}

/// Asks again and again until told to stop; counts answers, and failures of requests that were accepted.
///
/// A kept connection may be closed by the server in the very moment the client uses it again: HTTP/1.1 has no
/// way to tell the client before. Nothing was accepted then, and clients send the request again on a new
/// connection; so does this one, and that must succeed or find the listener closed.
async fn load(url: String, go: Arc<AtomicBool>, served: Arc<AtomicUsize>) -> Vec<String> {
    let client = system_tests::client();
    let mut failures = Vec::new();
    while go.load(Ordering::Relaxed) {
        let mut answer = client.get(&url).send().await;
        if answer.as_ref().is_err_and(|error| !error.is_connect()) {
            answer = system_tests::client().get(&url).send().await;
        }
        match answer {
            Ok(response) => {
                let status = response.status().as_u16();
                match response.bytes().await {
                    Ok(_) if status == 200 => drop(served.fetch_add(1, Ordering::Relaxed)),
                    Ok(body) => failures.push(format!("{status}: {}", String::from_utf8_lossy(&body))),
                    Err(error) => failures.push(format!("cut off: {error:?}")),
                }
            }
            // The listener is closed: nothing was accepted, and nothing will be.
            Err(error) if error.is_connect() => break,
            Err(error) => failures.push(format!("{error:?}")),
        }
    }
    failures
}

/// Sends requests on new connections, each of them written before it is looked at, until none is accepted.
async fn fresh(addr: SocketAddr) -> Vec<String> {
    let mut unanswered = Vec::new();
    while let Ok(mut stream) = TcpStream::connect(addr).await {
        let request = b"GET /api/cpv/codes/48000000 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        let sent = stream.write_all(request).await;
        let mut answer = Vec::new();
        let read = stream.read_to_end(&mut answer).await;
        if !answer.starts_with(b"HTTP/1.1 200") {
            unanswered.push(format!("{sent:?} {read:?} {}", String::from_utf8_lossy(&answer)));
        }
    }
    unanswered
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_answers_every_new_connection_that_was_accepted() {
    let world = World::start().await;
    let addr = world.system.gateway.addr;
    let loads: Vec<_> = (0..8).map(|_| tokio::spawn(fresh(addr))).collect();
    world.until("/api/cpv/codes/48000000", |answer| answer.status.as_u16() == 200).await;
    world.stop().await;
    for load in loads {
        let unanswered = load.await.unwrap();
        // Between the last accept and the close of the listener the system may have taken a connection for us,
        // which it resets; nothing was read from it. More than the odd one is a fault.
        assert!(unanswered.len() <= 1, "{unanswered:?}");
        assert!(unanswered.iter().all(|told| told.contains("Err(")), "closed without a word: {unanswered:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_under_load_fails_no_request_that_was_accepted() {
    for round in 0..3 {
        let world = World::start().await;
        let (go, served) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicUsize::new(0)));
        let paths = ["/api/cpv/categories", "/api/doffin/search?search=renhold", "/api/nuts/codes", "/livez"];
        let loads: Vec<_> = (0..16)
            .map(|at| tokio::spawn(load(world.url(paths[at % paths.len()]), go.clone(), served.clone())))
            .collect();
        while served.load(Ordering::Relaxed) < 200 {
            tokio::task::yield_now().await;
        }
        let start = Instant::now();
        world.stop().await;
        assert!(start.elapsed() < Duration::from_secs(10), "the drain took {:?}", start.elapsed());
        go.store(false, Ordering::Relaxed);
        for load in loads {
            let failures = load.await.unwrap();
            assert!(failures.is_empty(), "round {round}: {failures:?}");
        }
    }
}
