//! What every answer of the gateway carries, whatever the route.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Read as _;
use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use http::Method;
use system_tests::World;

const STATUSES: [(&str, u16); 5] = [
    ("/api/cpv/categories", 200),
    ("/api/cpv/codes?level=x", 400),
    ("/nowhere", 404),
    ("/api/doffin/changes", 200),
    ("/livez", 200),
];

#[tokio::test]
async fn every_status_has_the_security_headers_and_a_request_id() {
    let world = World::start().await;
    for (path, status) in STATUSES {
        let answer = world.get(path).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("x-xss-protection", "0"),
            ("referrer-policy", "no-referrer"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
        ] {
            assert_eq!(answer.header(name), value, "{name} of {path}");
        }
        assert_eq!(answer.header("x-request-id").len(), 36, "{path}");
        assert_eq!(answer.header("server"), "", "{path}");
        assert_eq!(answer.header("strict-transport-security"), "", "HSTS without TLS on {path}");
    }
    let kept = world.send(Method::GET, "/nowhere", &[("x-request-id", "abc-1")]).await;
    assert_eq!(kept.header("x-request-id"), "abc-1");
    assert_eq!(kept.json()["request_id"], "abc-1");
    world.stop().await;
}

#[tokio::test]
async fn a_page_of_another_origin_may_read_in_development() {
    let world = World::start().await;
    let answer = world.send(Method::GET, "/api/cpv/categories", &[("origin", "http://localhost:3000")]).await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert!(
        answer.json()["data"][0]["code"].is_string() && answer.json()["data"][0]["description"].is_string()
    );
    let preflight = [
        ("origin", "http://localhost:3000"),
        ("access-control-request-method", "GET"),
        ("access-control-request-headers", "x-request-id"),
    ];
    let answer = world.send(Method::OPTIONS, "/api/cpv/categories", &preflight).await;
    assert!(answer.status.is_success(), "{}", answer.status);
    assert!(answer.header("access-control-allow-methods").contains("GET"));
    world.stop().await;
}

#[tokio::test]
async fn only_listed_origins_may_read_in_production() {
    let world = World::start_with(|setup| {
        setup.settings.gateway.process.environment = runtime::Environment::Production;
        setup.settings.gateway.auth.auth = Some(gateway::AuthMode::Open);
        setup.settings.gateway.cors_allowed_origins = vec!["https://radar.example".into()];
    })
    .await;
    let allowed = async |origin: &str| {
        let answer = world.send(Method::GET, "/api/cpv/stats", &[("origin", origin)]).await;
        assert!(answer.header("vary").contains("origin"), "{:?}", answer.headers);
        answer.header("access-control-allow-origin")
    };
    assert_eq!(allowed("https://radar.example").await, "https://radar.example");
    let preflight = [
        ("origin", "https://radar.example"),
        ("access-control-request-method", "GET"),
        ("access-control-request-headers", "last-event-id,x-api-key,traceparent"),
    ];
    let preflight = world.send(Method::OPTIONS, "/api/doffin/watch", &preflight).await;
    for needed in ["last-event-id", "x-api-key", "traceparent", "cache-control"] {
        let allowed = preflight.header("access-control-allow-headers");
        assert!(allowed.split(',').any(|name| name == needed), "{needed} is not in {allowed}");
    }
    for other in [
        "https://evil.example",
        "null",
        "https://radar.example.evil",
        "https://RADAR.example",
        "http://radar.example",
    ] {
        assert_eq!(allowed(other).await, "", "{other} was allowed");
    }
    world.stop().await;
}

#[tokio::test]
async fn a_list_says_how_long_it_may_be_kept_and_health_says_not_at_all() {
    let world = World::start().await;
    for (path, value) in [
        ("/api/cpv/categories", "public, max-age=86400, stale-while-revalidate=604800"),
        ("/api/doffin/search", "no-store"),
        ("/api/classifications/sources", "no-store"),
        ("/api/health", "no-store"),
        ("/nowhere", "no-store"),
    ] {
        assert_eq!(world.get(path).await.header("cache-control"), value, "{path}");
    }
    world.stop().await;
}

#[tokio::test]
async fn head_answers_like_get_without_a_body() {
    let world = World::start().await;
    for path in ["/api/nuts/codes/NO081", "/api/styrk/codes", "/api/openapi.json", "/livez", "/nowhere"] {
        for accepted in ["gzip", "identity", "zstd, br"] {
            let headers = [("accept-encoding", accepted)];
            let get = world.send(Method::GET, path, &headers).await;
            let head = world.send(Method::HEAD, path, &headers).await;
            assert_eq!((head.status, head.body.len()), (get.status, 0), "{path}");
            for name in
                ["content-type", "content-encoding", "content-length", "etag", "vary", "cache-control"]
            {
                assert_eq!(head.header(name), get.header(name), "{name} of {path} in {accepted}");
            }
        }
    }
    world.stop().await;
}

#[tokio::test]
async fn long_replies_are_compressed_for_those_who_ask() {
    let world = World::start().await;
    let plain = world.get("/api/styrk/codes").await;
    assert_eq!(plain.header("content-encoding"), "");
    let packed = world.send(Method::GET, "/api/styrk/codes", &[("accept-encoding", "gzip")]).await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert!(packed.header("vary").contains("accept-encoding"));
    assert!(packed.body.len() * 3 < plain.body.len(), "{} of {}", packed.body.len(), plain.body.len());
    for (accepted, coding) in
        [("gzip, br", "gzip"), ("gzip, deflate, br, zstd", "zstd"), ("br;q=0.1, gzip", "gzip")]
    {
        let packed = world.send(Method::GET, "/api/styrk/codes", &[("accept-encoding", accepted)]).await;
        assert_eq!(packed.header("content-encoding"), coding);
        assert!(packed.body.len() * 3 < plain.body.len(), "{coding}: {}", packed.body.len());
        let tag = packed.header("etag");
        assert_eq!(tag, format!("{}-{coding}\"", plain.header("etag").trim_end_matches('"')));
        let known = [("accept-encoding", accepted), ("if-none-match", tag.as_str())];
        assert_eq!(world.send(Method::GET, "/api/styrk/codes", &known).await.status, 304, "{coding}");
    }
    let short = world.send(Method::GET, "/api/styrk/codes/2512", &[("accept-encoding", "gzip")]).await;
    assert_eq!(short.header("content-encoding"), "");
    world.stop().await;
}

#[tokio::test]
async fn a_caller_who_refuses_what_is_not_encoded_is_answered_all_the_same() {
    let world = World::start().await;
    for refusing in ["identity;q=0", "identity; q=0.0", "*;q=0", "* ; q=0", "compress, identity;q=0"] {
        let answer = world.send(Method::GET, "/api/nuts/codes", &[("accept-encoding", refusing)]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["success"].clone()),
            (200, true.into()),
            "{refusing}"
        );
    }
    for refusing in ["gzip, *;q=0", "gzip;q=1.0, identity;q=0", "gzip;q=0.5, *;q=0"] {
        let packed = world.send(Method::GET, "/api/nuts/codes", &[("accept-encoding", refusing)]).await;
        assert_eq!((packed.status.as_u16(), packed.header("content-encoding").as_str()), (200, "gzip"));
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_has_exactly_one_host() {
    let world = World::start().await;
    let addr = world.system.gateway.addr;
    for (hosts, status) in [("", 400), ("host: a\r\nhost: b\r\n", 400), ("host: a\r\n", 200)] {
        let request = format!("GET /livez HTTP/1.1\r\n{hosts}connection: close\r\n\r\n");
        let answered = tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(addr).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            read_to_close(stream).0
        });
        let text = answered.await.unwrap();
        assert!(text.starts_with(&format!("HTTP/1.1 {status}")), "{hosts:?}: {text}");
    }
    world.stop().await;
}

#[tokio::test]
async fn the_api_describes_itself_with_every_route_and_error() {
    let world = World::start().await;
    let answer = world.get("/api/openapi.json").await;
    let document = answer.json();
    assert_eq!(document["openapi"], "3.1.0");
    let table = [
        "/api/cpv/codes/{code}",
        "/api/nuts/codes/level/{level}",
        "/api/doffin/search",
        "/api/doffin/watch",
        "/livez",
    ];
    for path in table {
        assert!(
            document["paths"][path]["get"]["summary"].as_str().is_some_and(|text| text.len() > 10),
            "{path}"
        );
    }
    let search = &document["paths"]["/api/doffin/search"]["get"];
    let parameters = search["parameters"].as_array().unwrap();
    let status = parameters.iter().find(|parameter| parameter["name"] == "status").unwrap();
    let words = ["ACTIVE", "EXPIRED", "AWARDED", "CANCELLED", "NOTICE_STATUS_UNSPECIFIED"];
    let taken: Vec<_> = words.into_iter().chain(["0", "1", "2", "3", "4"]).collect();
    assert_eq!(status["schema"]["items"]["enum"], serde_json::json!(taken), "the words come first");
    assert!(
        parameters
            .iter()
            .all(|parameter| parameter["description"].as_str().is_some_and(|text| !text.is_empty()))
    );
    let reply = &search["responses"]["200"]["content"]["application/json"]["schema"];
    assert_eq!(reply["properties"]["success"]["const"], true);
    let names =
        document["components"]["schemas"]["Error"]["properties"]["error_name"]["enum"].as_array().unwrap();
    assert_eq!(names.len(), proto::catalogue::entries().len());
    let mut references = Vec::new();
    collect(&document, &mut references);
    for reference in references {
        let pointer = reference.trim_start_matches('#');
        assert!(
            document.pointer(pointer).is_some_and(|target| !target.is_null()),
            "{reference} leads nowhere"
        );
    }

    let again =
        world.send(Method::GET, "/api/openapi.json", &[("if-none-match", &answer.header("etag"))]).await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
    world.stop().await;
}

/// Every `$ref` in a document.
fn collect(value: &serde_json::Value, out: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(members) => {
            out.extend(members.get("$ref").and_then(|r| r.as_str()).map(str::to_owned));
            members.values().for_each(|member| collect(member, out));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, out)),
        _ => {}
    }
}

/// Reads until the server closes the connection, and tells how long that took.
fn read_to_close(mut stream: TcpStream) -> (String, Duration) {
    let start = Instant::now();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut text = Vec::new();
    stream.read_to_end(&mut text).unwrap();
    (String::from_utf8_lossy(&text).into_owned(), start.elapsed())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_says_nothing_or_too_little_is_let_go() {
    let world = World::start_with(|setup| {
        setup.settings.gateway.first_byte_timeout = Duration::from_millis(300);
        setup.settings.gateway.header_timeout = Duration::from_millis(300);
    })
    .await;
    let addr: SocketAddr = world.system.gateway.addr;
    for sent in
        ["", "P", "PRI * HTTP/2.0\r\n", "GET /livez HTTP/1.1\r\n", "GET /livez HTTP/1.1\r\nhost: x\r\nx-slow"]
    {
        let closed = tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(addr).unwrap();
            stream.write_all(sent.as_bytes()).unwrap();
            read_to_close(stream)
        });
        let (_, took) = closed.await.unwrap();
        assert!(took < Duration::from_secs(5), "{sent:?} held its connection {took:?}");
    }
    assert_eq!(world.get("/livez").await.status.as_u16(), 200);
    world.stop().await;
}

#[tokio::test]
async fn what_is_too_long_is_refused_in_the_envelope_over_http_2_too() {
    let world = World::start().await;
    let client = system_tests::builder().http2_prior_knowledge().build().unwrap();
    let long = format!("/api/cpv/codes?query={}", "a".repeat(17_000));
    for (path, header, status, name) in [
        ("/livez", "a".repeat(16_500), 431, "HEADERS_TOO_LARGE"),
        (long.as_str(), String::new(), 414, "URI_TOO_LONG"),
    ] {
        let answer = client.get(world.url(path)).header("x-a", header).send().await.unwrap();
        assert_eq!(answer.status(), status);
        let body: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(body["error_name"], name);
    }
    let two = client.get(world.url("/livez")).header("host", "elsewhere").send().await.unwrap();
    assert_eq!(two.status(), 400, "which of two hosts is meant?");
    world.stop().await;
}

#[tokio::test]
async fn the_error_a_stream_ends_with_names_its_request() {
    let world = World::start_mirrored().await;
    for accept in ["application/x-ndjson", "text/event-stream"] {
        let headers = [("accept", accept), ("x-request-id", "my-id-1"), ("x-request-timeout", "500ms")];
        let answer = world.send(Method::GET, "/api/doffin/watch", &headers).await;
        assert_eq!(answer.status, 200);
        assert!(answer.header("vary").split(", ").any(|name| name == "accept"), "{:?}", answer.headers);
        let text = String::from_utf8(answer.body).unwrap();
        let last = text.trim_end().lines().next_back().unwrap().trim_start_matches("data: ").to_owned();
        let error: serde_json::Value = serde_json::from_str(&last).unwrap();
        assert_eq!((&error["error_name"], &error["request_id"]), (&"API_TIMEOUT".into(), &"my-id-1".into()));
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http_2_without_tls_is_spoken_on_the_same_port() {
    let world = World::start().await;
    let client = system_tests::builder().http2_prior_knowledge().build().unwrap();
    let response = client.get(world.url("/api/cpv/codes/48000000")).send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.version()), (200, http::Version::HTTP_2));
    world.stop().await;
}

#[tokio::test]
async fn requests_and_rpcs_are_counted_by_route_and_not_by_path() {
    let world = World::start().await;
    for at in 0..50 {
        world.get(&format!("/random/{at}")).await;
        world.get(&format!("/api/cpv/codes/4800000{}", at % 10)).await;
    }
    let text = |addr: SocketAddr| async move {
        let response = system_tests::client().get(format!("http://{addr}/metrics")).send().await.unwrap();
        response.text().await.unwrap()
    };
    let gateway = text(world.system.gateway.metrics_addr).await;
    assert!(gateway.contains(r#"http_requests_total{route="unknown",status="404"} 50"#), "{gateway}");
    assert!(gateway.contains(r#"http_requests_total{route="/api/cpv/codes/{code}""#), "{gateway}");
    assert!(!gateway.contains("/random/"), "{gateway}");
    let classification = text(world.system.classification.metrics_addr).await;
    let rpc = "/bouvetradar.classification.v1.ClassificationService/GetCpvCode";
    assert!(
        classification.contains(&format!(r#"rpc_server_requests_total{{route="{rpc}",status="Ok"}}"#)),
        "{classification}"
    );
    let procurement = text(world.system.procurement.metrics_addr).await;
    assert!(procurement.contains("rpc_server_requests_in_flight"), "{procurement}");
    world.stop().await;
}
