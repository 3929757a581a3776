//! What is kept of answers: in the gateway, and by callers that ask whether theirs is still good.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use http::Method;
use simulator::{Faults, Outage, OutageKind};
use system_tests::{Answer, World, failure};

const CODE: &str = "/api/styrk/codes/2512";

/// How a server counts what it was asked.
async fn metrics(addr: std::net::SocketAddr) -> String {
    let asked = system_tests::client().get(format!("http://{addr}/metrics")).send().await;
    asked.unwrap().text().await.unwrap()
}

/// The value of a series that begins like this, or 0.
fn value(metrics: &str, series: &str) -> u64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(series));
    line.map_or(0, |rest| rest.trim().parse().unwrap())
}

async fn outcomes(world: &World, outcome: &str) -> u64 {
    let text = metrics(world.system.gateway.metrics_addr).await;
    value(&text, &format!("response_cache_total{{outcome=\"{outcome}\"}}"))
}

#[tokio::test]
async fn a_second_answer_is_the_first_one_with_its_age() {
    let world = World::start().await;
    let first = world.get(CODE).await;
    assert_eq!(first.header("cache-status"), "gateway; fwd=uri-miss; stored");
    assert_eq!(first.header("age"), "");
    let second = world.get(CODE).await;
    assert!(second.header("cache-status").starts_with("gateway; hit; ttl="), "{:?}", second.headers);
    assert!(second.header("age").parse::<u64>().is_ok(), "{:?}", second.headers);
    assert_eq!(first.body, second.body);
    for name in ["etag", "content-type", "cache-control", "content-language", "vary"] {
        assert_eq!(first.header(name), second.header(name), "{name}");
    }
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
    assert_eq!((outcomes(&world, "miss").await, outcomes(&world, "hit").await), (1, 1));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_who_ask_at_once_cost_one_call() {
    let world = World::start_with(|setup| {
        let outage = Outage { kind: OutageKind::Slow, count: None, delay_ms: 500 };
        setup.simulator.faults = Faults { outage, ..Faults::without_rate_limit() };
    })
    .await;
    let path = "/api/doffin/search?search=vei&hitsPerPage=5";
    let answers = futures_util::future::join_all((0..100).map(|_| world.get(path))).await;
    assert!(answers.iter().all(|answer| answer.status == 200 && answer.body == answers[0].body));
    let procurement = metrics(world.system.procurement.metrics_addr).await;
    let series = "rpc_server_requests_total{route=\"/bouvetradar.procurement.v1.ProcurementService/SearchNotices\",\
                  status=\"Ok\"}";
    assert_eq!(value(&procurement, series), 1, "{procurement}");
    assert_eq!(outcomes(&world, "miss").await, 1);
    assert_eq!(outcomes(&world, "shared").await + outcomes(&world, "hit").await, 99);
    // Who says how long it waits shares with those who wait as long, and leaves what it got to all.
    for (header, path) in
        [(("x-request-timeout", "20"), "&location=NO081"), (("grpc-timeout", "25S"), "&location=NO11")]
    {
        let (path, headers) = (format!("/api/doffin/search?search=vei{path}"), [header]);
        let asked = (0..40).map(|_| world.send(Method::GET, &path, &headers));
        let answers = futures_util::future::join_all(asked).await;
        assert!(answers.iter().all(|answer| answer.status == 200), "{:?}", answers[0]);
    }
    assert_eq!(world.send(Method::GET, CODE, &[("x-request-timeout", "20")]).await.status, 200);
    assert!(world.get(CODE).await.header("cache-status").starts_with("gateway; hit"));
    let procurement = metrics(world.system.procurement.metrics_addr).await;
    assert_eq!(value(&procurement, series), 3, "{procurement}");
    world.stop().await;
}

#[tokio::test]
async fn equal_requests_are_equal_however_they_are_written_and_others_are_not() {
    let world = World::start().await;
    world.get("/api/classifications/search?q=vei&limit=5").await;
    for same in [
        "/api/classifications/search?limit=5&q=vei",
        "/api/classifications/search?limit=5&q=vei&utm_source=x",
    ] {
        let answer = world.get(same).await;
        assert!(answer.header("cache-status").contains("hit"), "{same}: {:?}", answer.headers);
    }
    for other in ["/api/classifications/search?q=vei&limit=6", "/api/classifications/search?q=veg&limit=5"] {
        let answer = world.get(other).await;
        assert!(answer.header("cache-status").contains("miss"), "{other}: {:?}", answer.headers);
    }
    let asked = [("accept-language", "en")];
    let english = world.send(Method::GET, CODE, &asked).await;
    let norwegian = world.send(Method::GET, CODE, &[("accept-language", "nb")]).await;
    assert_ne!(english.header("content-language"), norwegian.header("content-language"));
    assert_eq!(world.send(Method::GET, CODE, &asked).await.body, english.body);
    world.stop().await;
}

#[tokio::test]
async fn a_caller_that_wants_a_new_answer_gets_one_and_one_that_wants_none_kept_leaves_none() {
    let world = World::start().await;
    let said = async |directive: &str| {
        world.send(Method::GET, CODE, &[("cache-control", directive)]).await.header("cache-status")
    };
    assert_eq!(said("no-store").await, "gateway; fwd=request");
    assert_eq!(said("max-age=600").await, "gateway; fwd=uri-miss; stored");
    assert_eq!(said("no-cache").await, "gateway; fwd=request");
    assert!(said("max-age=600").await.contains("hit"));
    world.stop().await;
}

#[tokio::test]
async fn failures_and_answers_that_must_not_be_stored_are_not_kept() {
    let world = World::start().await;
    for _ in 0..2 {
        let answer = world.get("/api/styrk/codes/9999").await;
        failure(&answer, 404, "STYRK_CODE_NOT_FOUND");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!((answer.header("etag"), answer.header("cache-status")), (String::new(), String::new()));
        let health = world.get("/api/health").await;
        assert_eq!(
            (health.header("cache-control"), health.header("etag")),
            ("no-store".into(), String::new())
        );
    }
    assert_eq!((outcomes(&world, "failure").await, outcomes(&world, "hit").await), (2, 0));
    world.stop().await;
}

#[tokio::test]
async fn answers_of_a_mirror_that_is_being_filled_are_not_kept_and_those_of_a_full_one_are() {
    let paths = ["/api/doffin/search?source=MIRROR&hitsPerPage=5", "/api/doffin/organizations?q=kommune"];
    let live = "/api/doffin/search?source=LIVE&hitsPerPage=5";
    let world = World::start().await;
    for path in paths.into_iter().chain([live]) {
        for _ in 0..2 {
            let answer = world.get(path).await;
            assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "no-store".into()));
            assert_eq!(answer.header("cache-status"), "gateway; fwd=uri-miss", "{path}");
            assert_eq!((answer.header("age"), answer.header("etag")), (String::new(), String::new()));
        }
    }
    world.stop().await;
    let world = World::start_mirrored().await;
    world.mirrored().await;
    for path in paths {
        world.until(path, |answer| answer.header("cache-control").starts_with("public")).await;
        assert!(world.get(path).await.header("cache-status").contains("hit"), "{path}");
    }
    world.stop().await;
}

#[tokio::test]
async fn a_cache_of_nothing_asks_every_time() {
    let world = World::start_with(|setup| setup.settings.gateway.response_cache_mib = 0).await;
    let (first, second) = (world.get(CODE).await, world.get(CODE).await);
    assert_eq!((first.header("cache-status"), second.header("age")), (String::new(), String::new()));
    assert_eq!(first.header("etag"), second.header("etag"));
    world.stop().await;
}

#[tokio::test]
async fn what_a_caller_has_is_not_sent_again() {
    let world = World::start().await;
    for path in [CODE, "/api/cpv/categories", "/api/openapi.json", "/api/styrk/codes"] {
        let plain = world.get(path).await;
        let zipped = world.send(Method::GET, path, &[("accept-encoding", "gzip")]).await;
        let (tag, other) = (plain.header("etag"), zipped.header("etag"));
        assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 10, "{path}: {tag}");
        if zipped.header("content-encoding") == "gzip" {
            assert_eq!(
                other,
                format!("{}-gzip\"", tag.trim_end_matches('"')),
                "{path}: other bytes, other tag"
            );
            assert!(zipped.header("vary").contains("accept-encoding"), "{path}: {:?}", zipped.headers);
        } else {
            assert_eq!(other, tag, "{path}");
        }
        let listed = format!("\"x\", W/{tag}");
        for known in [tag.as_str(), other.as_str(), listed.as_str(), "*"] {
            for encoding in ["gzip", "identity"] {
                let headers = [("if-none-match", known), ("accept-encoding", encoding)];
                let again = world.send(Method::GET, path, &headers).await;
                nothing(&again, path);
                assert_eq!(again.header("cache-control"), plain.header("cache-control"), "{path}");
            }
        }
        nothing(&world.send(Method::HEAD, path, &[("if-none-match", &tag)]).await, path);
        let changed = world.send(Method::GET, path, &[("if-none-match", "\"x\"")]).await;
        assert_eq!((changed.status.as_u16(), &changed.body), (200, &plain.body), "{path}");
    }
    world.stop().await;
}

/// 304, and no body nor word of one.
fn nothing(answer: &Answer, path: &str) {
    assert_eq!((answer.status.as_u16(), answer.body.len()), (304, 0), "{path}: {:?}", answer.headers);
    assert!(answer.header("etag").starts_with('"'), "{path}: {:?}", answer.headers);
    assert_eq!(answer.header("content-encoding") + &answer.header("content-type"), "", "{path}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_waits_less_long_does_not_cut_off_the_others() {
    let world = World::start_with(|setup| {
        let outage = Outage { kind: OutageKind::Slow, count: None, delay_ms: 1000 };
        setup.simulator.faults = Faults { outage, ..Faults::without_rate_limit() };
    })
    .await;
    let path = "/api/doffin/search?search=bru&hitsPerPage=5";
    let hasty = world.send(Method::GET, path, &[("x-request-timeout", "0.2")]);
    let patient = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        world.get(path).await
    };
    let (hasty, patient) = tokio::join!(hasty, patient);
    failure(&hasty, 504, "API_TIMEOUT");
    assert_eq!(patient.status, 200);
    world.stop().await;
}
