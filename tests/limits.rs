//! How much callers may ask, and what they are told of it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::IpAddr;
use std::time::Duration;

use futures_util::future::join_all;
use gateway::LimitFail;
use http::Method;
use system_tests::redis::Redis;
use system_tests::{Answer, Setup, World, failure};

/// Costs 1.
const LIST: &str = "/api/cpv/categories";
/// Costs 5.
const SEARCH: &str = "/api/doffin/search?hitsPerPage=1";

async fn limited(quota: &'static str, change: impl FnOnce(&mut Setup)) -> World {
    World::start_with(|setup| {
        setup.settings.gateway.limits.rate_limit_address = Some(quota.to_owned());
        change(setup);
    })
    .await
}

/// A request that comes from an address, as the proxy in front says.
async fn from(world: &World, address: &str, path: &str) -> Answer {
    world.send(Method::GET, path, &[("x-forwarded-for", address)]).await
}

fn behind_a_proxy(setup: &mut Setup) {
    setup.settings.gateway.trusted_proxies = vec!["127.0.0.1".to_owned()];
}

#[tokio::test]
async fn a_caller_is_told_where_it_stands_and_when_to_come_back() {
    let world = limited("8/1h", |_| {}).await;
    let first = world.get(SEARCH).await;
    assert_eq!(first.status, 200);
    assert_eq!(first.header("ratelimit-policy"), r#""address";q=8;w=3600"#);
    assert_eq!(first.header("ratelimit"), r#""address";r=3;t=2250"#);
    assert_eq!(world.get(LIST).await.header("ratelimit"), r#""address";r=2;t=2700"#);
    assert!(world.get("/nowhere").await.header("ratelimit").starts_with(r#""address";r=1;"#));
    let refused = world.get(SEARCH).await;
    let body = failure(&refused, 429, "RATE_LIMITED");
    // Four tokens are missing, at one in 450 s; a little has come back already.
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1700..=1800).contains(&wait), "{wait}");
    assert_eq!(body["details"]["retry_after_seconds"], wait);
    assert!(refused.header("ratelimit").starts_with(r#""address";r=1;"#), "a refused request took something");
    assert_eq!(world.get(LIST).await.status, 200);
    assert_eq!(world.get(LIST).await.status, 429);
    for free in ["/livez", "/readyz", "/api/health"] {
        let answer = world.get(free).await;
        assert_eq!((answer.status.as_u16(), answer.header("ratelimit").as_str()), (200, ""), "{free}");
    }
    world.stop().await;
}

#[tokio::test]
async fn what_a_caller_says_of_its_address_gains_it_nothing() {
    let world = limited("10/1h", |_| {}).await;
    let mut allowed = 0;
    for n in 0..30 {
        allowed += usize::from(from(&world, &format!("203.0.113.{n}"), LIST).await.status == 200);
    }
    assert_eq!(allowed, 10);
    world.stop().await;

    let world = limited("10/1h", behind_a_proxy).await;
    let mut allowed = 0;
    for n in 0..30 {
        // The proxy puts the address it saw behind whatever it was sent.
        let chain = format!("198.51.100.{n}, 203.0.113.7");
        allowed += usize::from(from(&world, &chain, LIST).await.status == 200);
    }
    assert_eq!(allowed, 10);
    assert_eq!(from(&world, "203.0.113.8", LIST).await.status, 200);
    world.stop().await;
}

#[tokio::test]
async fn callers_do_not_use_up_each_other_s_limits() {
    let world = limited("20/1h", behind_a_proxy).await;
    let mut refused = 0;
    for n in 0..200 {
        refused += usize::from(from(&world, "203.0.113.7", LIST).await.status == 429);
        if n % 20 == 0 {
            for good in 1..=10 {
                assert_eq!(from(&world, &format!("192.0.2.{good}"), LIST).await.status, 200);
            }
        }
    }
    assert_eq!(refused, 180);
    let home = from(&world, "2001:db8::1", LIST).await;
    let same = from(&world, "2001:db8::ffff:1", LIST).await;
    let left = |answer: &Answer| answer.header("ratelimit").chars().take(14).collect::<String>();
    assert_eq!([left(&home), left(&same)], [r#""address";r=19"#, r#""address";r=18"#]);
    world.stop().await;
}

/// Asks very often at once, time and again, until its connections are held; whether they ever were.
async fn insist(world: &World, client: &reqwest::Client) -> bool {
    for _ in 0..5 {
        let asked = (0..200).map(async |_| client.get(world.url(LIST)).send().await.unwrap().status());
        let refused = join_all(asked).await.iter().filter(|status| **status == 429).count();
        assert!(refused >= 190, "{refused}");
        if world.counter("http_connections_held").await > 0 {
            return true;
        }
    }
    false
}

#[tokio::test]
async fn a_caller_that_goes_on_asking_while_it_is_refused_is_left_alone_for_a_while_and_others_are_not() {
    for http2 in [false, true] {
        let world = limited("10/1h", |_| {}).await;
        let from = |address: &str| {
            let builder = system_tests::builder().local_address(address.parse::<IpAddr>().unwrap());
            let builder = if http2 { builder.http2_prior_knowledge() } else { builder };
            builder.build().unwrap()
        };
        assert!(insist(&world, &from("127.0.0.1")).await);
        assert_eq!(from("127.0.0.2").get(world.url(LIST)).send().await.unwrap().status(), 200);
        world.stop().await;
    }
    let world = limited("10/1h", behind_a_proxy).await;
    assert!(!insist(&world, &system_tests::client()).await, "a proxy's callers wait for one of them");
    world.stop().await;
}

fn sharing(setup: &mut Setup, redis: &Redis, fail: LimitFail) {
    behind_a_proxy(setup);
    setup.settings.gateway.limits.redis_url = Some(redis.url().into());
    setup.settings.gateway.limits.rate_limit_fail = fail;
}

#[tokio::test]
async fn gateways_with_one_redis_share_a_limit() {
    let Some(redis) = Redis::start().await else { return };
    let quota = "30/1h";
    let one = limited(quota, |setup| sharing(setup, &redis, LimitFail::Open)).await;
    let other = limited(quota, |setup| sharing(setup, &redis, LimitFail::Open)).await;
    let mut allowed = 0;
    for n in 0..50 {
        let world = if n % 2 == 0 { &one } else { &other };
        allowed += usize::from(from(world, "203.0.113.7", LIST).await.status == 200);
    }
    assert_eq!(allowed, 30);
    let refused = from(&one, "203.0.113.7", LIST).await;
    assert!((1..=120).contains(&refused.header("retry-after").parse::<u64>().unwrap()));
    assert_eq!(from(&other, "203.0.113.8", LIST).await.header("ratelimit"), r#""address";r=29;t=120"#);
    one.stop().await;
    other.stop().await;
}

#[tokio::test]
async fn without_redis_each_gateway_limits_by_itself_or_answers_nobody() {
    let Some(mut redis) = Redis::start().await else { return };
    let open = limited("10/1h", |setup| sharing(setup, &redis, LimitFail::Open)).await;
    let closed = limited("10/1h", |setup| sharing(setup, &redis, LimitFail::Closed)).await;
    assert_eq!(from(&closed, "203.0.113.1", LIST).await.status, 200);
    redis.kill();
    let mut allowed = 0;
    for _ in 0..20 {
        allowed += usize::from(from(&open, "203.0.113.7", LIST).await.status == 200);
        failure(&from(&closed, "203.0.113.1", LIST).await, 503, "SERVICE_UNAVAILABLE");
    }
    assert_eq!(allowed, 10);
    assert_eq!(closed.get("/livez").await.status, 200);
    redis.revive().await;
    let back = async {
        while from(&closed, "203.0.113.1", LIST).await.status != 200 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), back).await.unwrap();
    open.stop().await;
    closed.stop().await;
}
