//! Unary calls.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};
use tonic::transport::Channel;
use tonic::{Response, Status};
use transcode::{Matched, ReplyBody, Settings, Transcoder};

use crate::backend::{self, Guard, Plain, transcoder};

/// Answers with the bytes it is asked with.
async fn echo() -> Channel {
    backend::unary(|request| async { Ok(Response::new(request.into_inner())) }).await
}

async fn echoing() -> Transcoder<Plain> {
    transcoder(echo().await, Settings::default())
}

async fn ask(
    transcoder: &Transcoder<Plain>,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &'static str,
) -> http::Response<ReplyBody> {
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    transcoder.handle(request.body(Full::new(Bytes::from(body))).unwrap()).await
}

async fn json_of(response: http::Response<ReplyBody>) -> (StatusCode, Value) {
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap_or_else(|e| panic!("{e}: {body:?}")))
}

async fn problem(response: http::Response<ReplyBody>) -> (StatusCode, String) {
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.headers()["x-rendered"], "yes");
    let (status, value) = json_of(response).await;
    (status, value["problem"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_unary_call_answers_json_with_the_envelope_and_its_route() {
    let transcoder = echoing().await;
    let response = ask(&transcoder, "GET", "/items/7?count=5", &[], "").await;
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.headers()["x-route"], "/items/{id}");
    let Matched(binding) = response.extensions().get::<Matched>().unwrap();
    assert_eq!(binding.rpc.full_name(), "transcode.test.v1.Routes.Get");
    let length: usize = response.headers()["content-length"].to_str().unwrap().parse().unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body.len(), length);
    assert!(body.starts_with(br#"{"success":true,"id":"7","#), "{body:?}");
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap()["count"], "5");
}

#[tokio::test]
async fn an_empty_object_takes_the_envelope_too() {
    let response = ask(&echoing().await, "DELETE", "/items/7", &[], "").await;
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, r#"{"success":true}"#);
}

#[tokio::test]
async fn a_list_and_a_route_without_an_envelope_have_none() {
    let transcoder = echoing().await;
    let (_, value) = json_of(ask(&transcoder, "GET", "/parts/many", &[], "").await).await;
    assert_eq!(value, json!([]));
    let (_, value) = json_of(ask(&transcoder, "GET", "/parts/nested?nested.name=x", &[], "").await).await;
    assert_eq!(value, json!({"name": "x", "itemCount": 0, "tags": []}));
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let transcoder = echoing().await;
    let get = ask(&transcoder, "GET", "/items/7", &[], "").await;
    let head = ask(&transcoder, "HEAD", "/items/7", &[], "").await;
    assert_eq!((head.status(), head.headers()), (get.status(), get.headers()));
    assert!(head.extensions().get::<Matched>().is_some());
    assert!(head.into_body().collect().await.unwrap().to_bytes().is_empty());
    let lost = ask(&transcoder, "HEAD", "/nothing", &[], "").await;
    assert_eq!(lost.status(), StatusCode::NOT_FOUND);
    assert!(lost.into_body().collect().await.unwrap().to_bytes().is_empty());
}

#[tokio::test]
async fn no_route_and_no_method_are_told_apart() {
    let transcoder = echoing().await;
    for path in ["/nothing", "/items/", "/items/7/"] {
        let response = ask(&transcoder, "GET", path, &[], "").await;
        assert!(response.extensions().get::<Matched>().is_none());
        assert_eq!(problem(response).await, (StatusCode::NOT_FOUND, "NoRoute".into()), "{path}");
    }
    let response = ask(&transcoder, "POST", "/items/7", &[], "").await;
    let mut allow: Vec<_> = response.headers()["allow"].to_str().unwrap().split(", ").collect();
    allow.sort_unstable();
    assert_eq!(allow, ["DELETE", "GET", "HEAD", "PATCH", "PUT", "REPORT"]);
    assert_eq!(problem(response).await.0, StatusCode::METHOD_NOT_ALLOWED);
    let response = ask(&transcoder, "GET", "/bodies/many", &[], "").await;
    assert_eq!(response.headers()["allow"], "POST");
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_told_and_its_route_known() {
    let transcoder = echoing().await;
    let response = ask(&transcoder, "GET", "/items/7?x=1", &[], "").await;
    assert!(response.extensions().get::<Matched>().is_some());
    let (status, text) = problem(response).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(text.contains("Unknown") && text.contains("\"x\""), "{text}");
    let headers = [("x-request-timeout", "soon")];
    let (_, text) = problem(ask(&transcoder, "GET", "/items/7", &headers, "").await).await;
    assert!(text.contains("x-request-timeout"), "{text}");
}

#[tokio::test]
async fn a_body_is_read_to_its_limit() {
    let settings = Settings { max_body: 20, ..Settings::default() };
    let transcoder = transcoder(echo().await, settings);
    let (status, value) =
        json_of(ask(&transcoder, "PUT", "/items/7", &[], r#"{"name":"12345678"} "#).await).await;
    assert_eq!((status, &value["name"]), (StatusCode::OK, &json!("12345678")));
    let response = ask(&transcoder, "PUT", "/items/7", &[], r#"{"name":"12345678"}  "#).await;
    assert_eq!(problem(response).await, (StatusCode::PAYLOAD_TOO_LARGE, "TooLarge(20)".into()));
    // A route without a body does not read one, however long.
    let response = ask(&transcoder, "DELETE", "/items/7", &[], "this is longer than twenty bytes").await;
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_lost() {
    let chunks = [Ok(http_body::Frame::data(Bytes::from_static(b"{"))), Err(std::io::Error::other("gone"))];
    let body = http_body_util::StreamBody::new(futures_util::stream::iter(chunks));
    let request = Request::builder().method("PUT").uri("/items/7").body(body).unwrap();
    let response = echoing().await.handle(request).await;
    assert_eq!(problem(response).await, (StatusCode::BAD_REQUEST, "BodyLost".into()));
}

#[tokio::test]
async fn only_json_is_read() {
    let transcoder = echoing().await;
    for media in ["application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json"] {
        let response = ask(&transcoder, "PUT", "/items/7", &[("content-type", media)], "{}").await;
        assert_eq!(response.status(), StatusCode::OK, "{media}");
    }
    for media in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""] {
        let response = ask(&transcoder, "PUT", "/items/7", &[("content-type", media)], "{}").await;
        let expected = (StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("MediaType({media:?})"));
        assert_eq!(problem(response).await, expected);
    }
}

#[tokio::test]
async fn a_status_is_handed_on_and_a_dead_backend_is_unavailable() {
    let channel = backend::unary(|_| async { Err(Status::not_found("no such item")) }).await;
    let response = ask(&transcoder(channel, Settings::default()), "GET", "/items/7", &[], "").await;
    assert!(response.extensions().get::<Matched>().is_some());
    assert_eq!(problem(response).await.1, "Status(NotFound, no such item)");
    let transcoder = transcoder(backend::nobody().await, Settings::default());
    let (_, text) = problem(ask(&transcoder, "GET", "/items/7", &[], "").await).await;
    assert!(text.starts_with("Status(Unavailable, "), "{text}");
    let (status, text) = problem(ask(&transcoder, "GET", "/lost", &[], "").await).await;
    assert_eq!(
        (status, text.as_str()),
        (StatusCode::NOT_IMPLEMENTED, r#"NoBackend("transcode.test.v1.Lost")"#)
    );
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_the_services_fault() {
    let channel = backend::unary(|_| async { Ok(Response::new(Bytes::from_static(b"\x0a\x05x"))) }).await;
    let transcoder = transcoder(channel, Settings::default());
    let (status, text) = problem(ask(&transcoder, "GET", "/items/7", &[], "").await).await;
    assert_eq!(status, StatusCode::BAD_GATEWAY);
    assert!(text.contains("transcode.test.v1.Routes.Get"), "{text}");
}

#[tokio::test]
async fn an_answer_longer_than_allowed_is_refused() {
    let settings = Settings { max_reply: 10, ..Settings::default() };
    let transcoder = transcoder(echo().await, settings);
    assert_eq!(ask(&transcoder, "GET", "/items/12345678", &[], "").await.status(), StatusCode::OK);
    let (_, text) = problem(ask(&transcoder, "GET", "/items/123456789", &[], "").await).await;
    assert!(text.starts_with("Status(OutOfRange"), "{text}");
}

#[tokio::test]
async fn bytes_of_an_http_body_pass_through() {
    let channel = backend::unary(|_| async {
        // content_type, then data.
        Ok(Response::new(Bytes::from_static(b"\x0a\x08text/csv\x12\x04a,b\n")))
    })
    .await;
    let response = ask(&transcoder(channel, Settings::default()), "GET", "/download", &[], "").await;
    assert_eq!(response.headers()["content-type"], "text/csv");
    assert_eq!(response.headers()["content-length"], "4");
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "a,b\n");
    // One that does not say what it is.
    let response = ask(&echoing().await, "GET", "/parts/file", &[], "").await;
    assert_eq!(response.headers()["content-type"], "application/octet-stream");
}

#[tokio::test]
async fn metadata_goes_along_and_comes_back_as_the_edge_says() {
    let seen: Arc<Mutex<HeaderMap>> = Arc::default();
    let record = seen.clone();
    let channel = backend::unary(move |request| {
        *record.lock().unwrap() = request.metadata().clone().into_headers();
        async {
            let mut response = Response::new(Bytes::new());
            response.metadata_mut().insert("x-cursor", "12".parse().unwrap());
            response.metadata_mut().insert("x-secret", "13".parse().unwrap());
            Ok(response)
        }
    })
    .await;
    let headers = [("x-request-id", "r1"), ("cookie", "c"), ("grpc-encoding", "gzip")];
    let response = ask(&transcoder(channel, Settings::default()), "GET", "/items/7", &headers, "").await;
    assert_eq!(response.headers()["x-cursor"], "12");
    assert!(!response.headers().contains_key("x-secret"));
    let seen = seen.lock().unwrap();
    assert_eq!(seen["x-request-id"], "r1");
    assert!(!seen.contains_key("cookie") && !seen.contains_key("grpc-encoding"));
    assert_eq!(seen["grpc-timeout"], "29950000u");
}

#[tokio::test]
async fn the_smallest_deadline_counts_and_the_service_knows_it() {
    for (headers, sent) in [
        (vec![("x-request-timeout", "2")], "1950000u"),
        (vec![("x-request-timeout", "2"), ("grpc-timeout", "1S")], "950000u"),
        (vec![("x-request-timeout", "250ms"), ("grpc-timeout", "1S")], "225000u"),
        (vec![("x-request-timeout", "900")], "29950000u"),
        (vec![("grpc-timeout", "99999999H")], "29950000u"),
    ] {
        let (sender, mut seen) = tokio::sync::mpsc::unbounded_channel();
        let channel = backend::unary(move |request| {
            sender
                .send(request.metadata().get("grpc-timeout").unwrap().to_str().unwrap().to_owned())
                .unwrap();
            async { Ok(Response::new(Bytes::new())) }
        })
        .await;
        ask(&transcoder(channel, Settings::default()), "GET", "/items/7", &headers, "").await;
        let micros = |text: &str| -> Duration {
            let (number, unit) = text.split_at(text.len() - 1);
            let number: u32 = number.parse().unwrap();
            number * if unit == "u" { Duration::from_micros(1) } else { Duration::from_nanos(1) }
        };
        assert_eq!(micros(&seen.recv().await.unwrap()), micros(sent), "{headers:?}");
    }
}

#[tokio::test]
async fn a_service_that_never_answers_is_a_deadline_and_is_told_to_stop() {
    let (guard, mut stopped) = Guard::new();
    let guard = Mutex::new(Some(guard));
    let channel = backend::unary(move |_| {
        let guard = guard.lock().unwrap().take().unwrap();
        async {
            guard.hold().await;
            unreachable!()
        }
    })
    .await;
    let transcoder = transcoder(channel, Settings::default());
    let started = Instant::now();
    let response = ask(&transcoder, "GET", "/items/7", &[("x-request-timeout", "0.2")], "").await;
    assert!((Duration::from_millis(170)..Duration::from_secs(5)).contains(&started.elapsed()));
    assert_eq!(problem(response).await, (StatusCode::GATEWAY_TIMEOUT, "Deadline".into()));
    tokio::time::timeout(Duration::from_secs(5), &mut stopped).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_deadline_is_a_deadline_whichever_layer_notices_it_first() {
    let channel = backend::unary(|_| std::future::pending()).await;
    let transcoder =
        transcoder(channel, Settings { timeout: Duration::from_millis(20), ..Settings::default() });
    for _ in 0..30 {
        assert_eq!(problem(ask(&transcoder, "GET", "/items/7", &[], "").await).await.1, "Deadline");
    }
}

#[tokio::test]
async fn a_service_that_gives_up_early_is_not_our_deadline() {
    let channel = backend::unary(|_| async { Err(Status::deadline_exceeded("its own")) }).await;
    let transcoder = transcoder(channel, Settings::default());
    let (_, text) = problem(ask(&transcoder, "GET", "/items/7", &[], "").await).await;
    assert_eq!(text, "Status(DeadlineExceeded, its own)");
}

#[tokio::test]
async fn a_caller_that_leaves_cancels_the_call() {
    let (guard, stopped) = Guard::new();
    let (called, mut arrived) = tokio::sync::mpsc::unbounded_channel();
    let guard = Mutex::new(Some(guard));
    let channel = backend::unary(move |_| {
        called.send(()).unwrap();
        let guard = guard.lock().unwrap().take().unwrap();
        async {
            guard.hold().await;
            unreachable!()
        }
    })
    .await;
    let transcoder = transcoder(channel, Settings::default());
    {
        let call = ask(&transcoder, "GET", "/items/7", &[], "");
        tokio::select! {
            _ = call => panic!("it answered"),
            _ = arrived.recv() => {}
        }
    }
    tokio::time::timeout(Duration::from_secs(5), stopped).await.unwrap().unwrap();
}
