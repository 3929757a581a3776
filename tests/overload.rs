//! Too many requests, too many connections, and clients that hold on to them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use simulator::{Faults, Outage, OutageKind};
use system_tests::{Answer, Setup, World, failure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

const LIST: &str = "/api/cpv/categories";

/// A world with few notices, which starts sooner.
async fn small(change: impl FnOnce(&mut Setup)) -> World {
    World::start_with(|setup| {
        setup.simulator.notices = 50;
        change(setup);
    })
    .await
}

/// Doffin answers right, and late.
fn slow(delay_ms: u64) -> Faults {
    let outage = Outage { kind: OutageKind::Slow, count: None, delay_ms };
    Faults { outage, ..Faults::without_rate_limit() }
}

/// A search that no cache has the answer to.
async fn search(world: &World, number: usize) -> Answer {
    world.get(&format!("/api/doffin/search?search=vei{number}&hitsPerPage=1")).await
}

/// Sends bytes, reads until the server closes, and tells how long it took.
async fn hold(addr: SocketAddr, sent: &[u8]) -> (String, Duration) {
    let begin = Instant::now();
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(sent).await.unwrap();
    let mut answer = Vec::new();
    // A reset is an end as well.
    let ended = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut answer)).await;
    assert!(ended.is_ok(), "the connection was not closed");
    (String::from_utf8_lossy(&answer).into_owned(), begin.elapsed())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_much_is_refused_at_once_and_the_rest_answered() {
    let world = small(|setup| {
        setup.simulator.faults = slow(2000);
        setup.settings.gateway.max_in_flight = 10;
    })
    .await;
    let world = &world;
    // Ten times what there is room for, all at once, and again when that is over.
    for round in 0..2usize {
        let ask = |number| async move {
            let begin = Instant::now();
            (search(world, round * 100 + number).await, begin.elapsed())
        };
        let answers = futures_util::future::join_all((0..100).map(ask)).await;
        let (good, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|(answer, _)| answer.status == 200);
        assert!(good.len() >= 10, "only {} of ten places were used", good.len());
        assert!(refused.len() >= 50, "only {} of a hundred were refused", refused.len());
        for (answer, _) in &refused {
            failure(answer, 503, "SERVICE_UNAVAILABLE");
            assert_eq!(answer.header("retry-after"), "1");
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
        }
        // Not one waited for a place.
        let first = good.iter().map(|(_, took)| *took).min().unwrap();
        let waited = refused.iter().filter(|(_, took)| *took > first).count();
        assert_eq!(waited, 0, "refusals came after the first answer");
    }
    assert_eq!(search(world, 1000).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_answers_when_nothing_else_does() {
    let world = small(|setup| {
        setup.simulator.faults = slow(3000);
        setup.settings.gateway.max_in_flight = 1;
    })
    .await;
    // It may itself come while the place is taken.
    let busy = async { while search(&world, 1).await.status != 200 {} };
    let look = async {
        while world.get(LIST).await.status != 503 {}
        for path in ["/livez", "/readyz", "/api/health"] {
            assert_eq!(world.get(path).await.status, 200, "{path}");
        }
    };
    tokio::join!(busy, look);
    world.stop().await;
}

#[tokio::test]
async fn open_streams_leave_room_for_calls_and_an_address_has_so_many() {
    let world = World::start_with(|setup| {
        let gateway = &mut setup.settings.gateway;
        gateway.max_in_flight = 2;
        gateway.max_streams_per_address = 5;
        gateway.trusted_proxies = vec!["127.0.0.1".to_owned()];
    })
    .await;
    let client = system_tests::client();
    let watch = async |address: &str| {
        let request = client.get(world.url("/api/doffin/watch")).header("x-forwarded-for", address);
        request.send().await.unwrap()
    };
    let mut open = Vec::new();
    for _ in 0..5 {
        open.push(watch("203.0.113.1").await);
    }
    assert!(open.iter().all(|stream| stream.status() == 200));
    let refused = watch("203.0.113.1").await;
    assert_eq!((refused.status().as_u16(), refused.headers()["retry-after"].as_bytes()), (429, &b"30"[..]));
    assert_eq!(watch("203.0.113.2").await.status(), 200);
    assert_eq!(world.get(LIST).await.status, 200, "streams took the room of calls");
    open.clear();
    let freed = async { while watch("203.0.113.1").await.status() != 200 {} };
    tokio::time::timeout(Duration::from_secs(10), freed).await.unwrap();
    world.stop().await;
}

#[tokio::test]
async fn short_memory_closes_connections_and_refuses_requests_but_not_health() {
    let world = small(|setup| setup.settings.gateway.memory_limit_bytes = Some(1 << 20)).await;
    let refused = world.until(LIST, |answer| answer.status == 503).await;
    failure(&refused, 503, "SERVICE_UNAVAILABLE");
    assert_eq!(refused.header("connection"), "close");
    assert_eq!(world.get("/livez").await.status, 200);
    world.stop().await;
}

#[tokio::test]
async fn an_address_has_so_many_connections_and_others_are_not_in_its_way() {
    let world = small(|setup| setup.settings.gateway.max_connections_per_address = 20).await;
    let addr = world.system.gateway.addr;
    let from = async |source: [u8; 4]| {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from((source, 0))).unwrap();
        socket.connect(addr).await.unwrap()
    };
    let request = "GET /livez HTTP/1.1\r\nhost: x\r\n\r\n";
    let answers = async |stream: &mut TcpStream| {
        let mut head = [0; 15];
        let _ = stream.write_all(request.as_bytes()).await;
        stream.read_exact(&mut head).await.is_ok_and(|_| head == *b"HTTP/1.1 200 OK")
    };
    let mut open = Vec::new();
    for _ in 0..20 {
        let mut stream = from([127, 0, 0, 9]).await;
        assert!(answers(&mut stream).await);
        open.push(stream);
    }
    assert!(!answers(&mut from([127, 0, 0, 9]).await).await, "the 21st connection was served");
    assert!(answers(&mut from([127, 0, 0, 10]).await).await);
    open.clear();
    let freed = async { while !answers(&mut from([127, 0, 0, 9]).await).await {} };
    tokio::time::timeout(Duration::from_secs(10), freed).await.unwrap();
    world.stop().await;
}

fn hasty(setup: &mut Setup) {
    let gateway = &mut setup.settings.gateway;
    gateway.first_byte_timeout = Duration::from_millis(400);
    gateway.header_timeout = Duration::from_millis(400);
    gateway.body_timeout = Duration::from_millis(400);
    gateway.write_timeout = Duration::from_millis(800);
    gateway.idle_timeout = Duration::from_millis(400);
}

/// What an HTTP/2 client begins with.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_hold_on_to_their_connection_are_let_go() {
    let world = small(hasty).await;
    let addr = world.system.gateway.addr;
    let body = b"GET /api/cpv/categories HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nab";
    for (sent, what) in [
        (PREFACE, "an HTTP/2 connection that asks nothing"),
        (body.as_slice(), "a body that does not come"),
        (b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n".as_slice(), "nothing after an answer"),
        (b"GET /livez HTTP/1.1\r\nhost: x\r\nx-a: b\r\n".as_slice(), "headers that do not end"),
    ] {
        let (_, took) = hold(addr, sent).await;
        assert!(took < Duration::from_secs(10), "{what} held its connection {took:?}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_does_not_read_is_let_go() {
    let world = small(hasty).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(2048).unwrap();
    let mut stream = socket.connect(world.system.gateway.addr).await.unwrap();
    // More answers than the buffers of both sides hold.
    let request = b"GET /api/styrk/codes HTTP/1.1\r\nhost: x\r\n\r\n".repeat(200);
    let cut = async {
        loop {
            // Writing fails when the server has closed; reading would take the answers.
            if stream.write_all(&request).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), cut).await.unwrap();
    assert_eq!(world.get(LIST).await.status, 200);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_ends_with_its_age_and_no_request_is_lost_by_it() {
    let world = small(|setup| {
        setup.settings.gateway.max_connection_age = Duration::from_millis(500);
        setup.settings.gateway.header_timeout = Duration::from_secs(2);
    })
    .await;
    let connections = async || world.counter("http_connections_accepted").await;
    for http2 in [false, true] {
        let before = connections().await;
        let mut client = system_tests::builder().pool_max_idle_per_host(1);
        if http2 {
            client = client.http2_prior_knowledge();
        }
        let client = client.build().unwrap();
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(3) {
            let answer = client.get(world.url(LIST)).send().await.unwrap();
            assert_eq!(answer.status(), 200);
            answer.bytes().await.unwrap();
        }
        let used = connections().await - before;
        assert!(used >= 3, "{used} connections were used for three seconds, at half a second each");
    }
    let mut stream = TcpStream::connect(world.system.gateway.addr).await.unwrap();
    stream.write_all(PREFACE).await.unwrap();
    let mut answer = Vec::new();
    tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    // GOAWAY is a frame of type 7.
    let mut frames = Vec::new();
    let mut rest = answer.as_slice();
    while rest.len() >= 9 {
        let length = usize::from(rest[0]) << 16 | usize::from(rest[1]) << 8 | usize::from(rest[2]);
        frames.push(rest[3]);
        rest = &rest[9 + length..];
    }
    assert!(frames.contains(&7), "closed without a word: {frames:?}");
    world.stop().await;
}
