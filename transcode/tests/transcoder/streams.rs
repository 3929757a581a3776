//! Server streams, to the last frame.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Empty};
use tokio::sync::oneshot;
use tonic::Status;
use transcode::{Matched, ReplyBody, Settings, Transcoder};

use crate::backend::{self, Guard, Message, Plain, transcoder};

const FIRST: &str = r#"{"name":"a","itemCount":0,"tags":[]}"#;
const SECOND: &str = r#"{"name":"b","itemCount":0,"tags":[]}"#;

/// An `Inner` with a name of one letter.
#[expect(clippy::unnecessary_wraps, reason = "streams are of results")]
fn named(name: &str) -> Message {
    Ok([b"\x0a\x01", name.as_bytes()].concat().into())
}

fn settings() -> Settings {
    Settings { heartbeat: Duration::from_millis(20), ..Settings::default() }
}

/// Once `named("a")`, then what comes after it.
async fn first_then(rest: BoxStream<'static, Message>) -> Transcoder<Plain> {
    let messages = Mutex::new(Some(stream::iter([named("a")]).chain(rest).boxed()));
    let channel = backend::streaming(move || messages.lock().unwrap().take().unwrap()).await;
    transcoder(channel, settings())
}

async fn ask(
    transcoder: &Transcoder<Plain>,
    path: &str,
    headers: &[(&str, &str)],
) -> http::Response<ReplyBody> {
    let mut request = Request::builder().uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    transcoder.handle(request.body(Empty::<Bytes>::new()).unwrap()).await
}

async fn frame(body: &mut ReplyBody) -> Option<String> {
    let frame = tokio::time::timeout(Duration::from_secs(5), body.frame()).await.unwrap()?;
    Some(String::from_utf8(frame.unwrap().into_data().unwrap().to_vec()).unwrap())
}

const EVENTS: [(&str, &str); 1] = [("accept", "text/html;q=0.1, Text/Event-Stream; q=0.9")];

#[tokio::test]
async fn a_stream_is_a_line_a_message() {
    let transcoder = first_then(stream::iter([named("b")]).boxed()).await;
    let response = ask(&transcoder, "/watch", &[("accept", "*/*")]).await;
    assert_eq!(response.headers()["content-type"], "application/x-ndjson");
    assert_eq!(response.headers()["x-route"], "/watch");
    assert!(!response.headers().contains_key("content-length"));
    assert!(response.extensions().get::<Matched>().is_some());
    let mut body = response.into_body();
    assert_eq!(frame(&mut body).await, Some(format!("{FIRST}\n")));
    assert_eq!(frame(&mut body).await, Some(format!("{SECOND}\n")));
    // Compression asks again after the end.
    assert_eq!(frame(&mut body).await, None);
    assert_eq!(frame(&mut body).await, None);
}

#[tokio::test]
async fn those_who_ask_get_events_with_a_heartbeat_between() {
    let (go, wait) = oneshot::channel::<()>();
    let rest = stream::once(async move {
        wait.await.unwrap();
        named("b")
    });
    let transcoder = first_then(rest.boxed()).await;
    let response = ask(&transcoder, "/watch", &EVENTS).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut body = response.into_body();
    assert_eq!(frame(&mut body).await, Some(format!("data: {FIRST}\n\n")));
    for _ in 0..3 {
        assert_eq!(frame(&mut body).await.as_deref(), Some(": alive\n\n"));
    }
    go.send(()).unwrap();
    let next = loop {
        match frame(&mut body).await {
            Some(beat) if beat == ": alive\n\n" => {}
            other => break other,
        }
    };
    assert_eq!(next, Some(format!("data: {SECOND}\n\n")));
    assert_eq!(frame(&mut body).await, None);
}

#[tokio::test]
async fn events_carry_their_cursor_and_a_caller_goes_on_after_the_last_it_has_seen() {
    let (sender, mut asked) = tokio::sync::mpsc::unbounded_channel();
    let channel = backend::streaming_on(move |request| {
        sender.send(request).unwrap();
        stream::iter([named("a"), named("\n"), Ok(Bytes::new())]).boxed()
    })
    .await;
    let cursor = Some("name".to_owned());
    let transcoder = transcoder(channel, Settings { cursor, ..settings() });
    let response = ask(&transcoder, "/watch?name=old&id=7", &[EVENTS[0], ("last-event-id", "b c&")]).await;
    let mut body = response.into_body();
    // The request's `id` (1) and `name` (2): the header is newer than the address.
    assert_eq!(asked.recv().await.unwrap(), Bytes::from_static(b"\x0a\x017\x12\x04b c&"));
    assert_eq!(frame(&mut body).await, Some(format!("id: a\ndata: {FIRST}\n\n")));
    for _ in 0..2 {
        // One that would break out of its line, and one that has none.
        assert!(frame(&mut body).await.unwrap().starts_with("data: {"));
    }
    let response = ask(&transcoder, "/watch?name=old", &[]).await;
    assert_eq!(asked.recv().await.unwrap(), Bytes::from_static(b"\x12\x03old"));
    let mut body = response.into_body();
    assert_eq!(frame(&mut body).await, Some(format!("{FIRST}\n")));
}

#[tokio::test]
async fn a_caller_that_does_not_read_stops_the_service_from_writing() {
    let written = Arc::new(AtomicUsize::new(0));
    let count = written.clone();
    // A stream that never ends, of messages of 4 KiB.
    let channel = backend::streaming(move || {
        let count = count.clone();
        let message = [&b"\x0a\x80\x20"[..], &[b'x'; 4096]].concat();
        stream::repeat_with(move || {
            count.fetch_add(1, Ordering::Relaxed);
            Ok(Bytes::from(message.clone()))
        })
        .boxed()
    })
    .await;
    let mut body = ask(&transcoder(channel, settings()), "/watch", &[]).await.into_body();
    // What the service has written and nobody has read fits the windows in between: 64 KiB here, some more in
    // the sockets. Were it read ahead, an endless stream would be far ahead soon.
    for read in 0..4000 {
        assert!(frame(&mut body).await.is_some());
        let ahead = written.load(Ordering::Relaxed) - read;
        assert!(ahead < 1000, "{ahead} messages of 4 KiB were written for nobody");
    }
}

#[tokio::test]
async fn an_error_mid_stream_is_the_last_frame() {
    for (headers, start, end) in [(&[][..], "", "\n"), (&EVENTS[..], "event: error\ndata: ", "\n\n")] {
        let rest = stream::iter([Err(Status::data_loss("half")), named("b")]);
        let transcoder = first_then(rest.boxed()).await;
        let mut body = ask(&transcoder, "/watch", headers).await.into_body();
        assert!(frame(&mut body).await.unwrap().contains(FIRST));
        let error = format!(r#"{start}{{"problem":"Status(DataLoss, half)"}}{end}"#);
        assert_eq!(frame(&mut body).await, Some(error));
        assert_eq!(frame(&mut body).await, None);
    }
}

#[tokio::test]
async fn a_message_that_cannot_be_read_is_the_last_frame() {
    let transcoder =
        first_then(stream::iter([Ok(Bytes::from_static(b"\x0a\x05x")), named("b")]).boxed()).await;
    let mut body = ask(&transcoder, "/watch", &[]).await.into_body();
    assert!(frame(&mut body).await.unwrap().contains(FIRST));
    assert!(frame(&mut body).await.unwrap().contains("Unreadable"));
    assert_eq!(frame(&mut body).await, None);
}

#[tokio::test]
async fn a_stream_that_does_not_begin_is_an_error_with_a_status() {
    let transcoder = transcoder(backend::nobody().await, settings());
    let response = ask(&transcoder, "/watch", &EVENTS).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()["content-type"], "application/json");
}

#[tokio::test]
async fn a_deadline_ends_a_stream_that_has_nothing_more_to_say() {
    for headers in [&[][..], &EVENTS[..]] {
        let (guard, stopped) = Guard::new();
        let rest = stream::once(async {
            guard.hold().await;
            named("b")
        });
        let transcoder = first_then(rest.boxed()).await;
        let started = Instant::now();
        let headers = [headers, &[("x-request-timeout", "0.2")]].concat();
        let mut body = ask(&transcoder, "/watch", &headers).await.into_body();
        assert!(frame(&mut body).await.unwrap().contains(FIRST));
        let last = loop {
            match frame(&mut body).await {
                Some(beat) if beat == ": alive\n\n" => {}
                other => break other.unwrap(),
            }
        };
        assert!(last.contains("Deadline"), "{last}");
        assert!((Duration::from_millis(190)..Duration::from_secs(5)).contains(&started.elapsed()));
        assert_eq!(frame(&mut body).await, None);
        tokio::time::timeout(Duration::from_secs(5), stopped).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_deadline_ends_a_stream_that_never_pauses() {
    let channel = backend::streaming(|| stream::repeat_with(|| named("a")).boxed()).await;
    let transcoder = transcoder(channel, settings());
    let mut body = ask(&transcoder, "/watch", &[("grpc-timeout", "100m")]).await.into_body();
    let mut last = String::new();
    while let Some(next) = frame(&mut body).await {
        last = next;
    }
    assert!(last.contains("Deadline"), "{last}");
}

#[tokio::test]
async fn a_caller_that_leaves_a_stream_cancels_it_within_a_tenth_of_a_second() {
    let mut fastest = Duration::MAX;
    for _ in 0..5 {
        let (guard, stopped) = Guard::new();
        let rest = stream::once(async {
            guard.hold().await;
            named("b")
        });
        let transcoder = first_then(rest.boxed()).await;
        let mut body = ask(&transcoder, "/watch", &[]).await.into_body();
        assert!(frame(&mut body).await.unwrap().contains(FIRST));
        drop(body);
        let left = Instant::now();
        tokio::time::timeout(Duration::from_secs(5), stopped).await.unwrap().unwrap();
        fastest = fastest.min(left.elapsed());
    }
    // Of several, because a busy machine may be late once.
    assert!(fastest < Duration::from_millis(100), "{fastest:?}");
}

#[tokio::test]
async fn a_stream_of_bytes_is_what_its_first_message_says() {
    let channel = backend::streaming(|| {
        let parts: [&[u8]; 2] = [b"\x0a\x08text/csv\x12\x04a,b\n", b"\x12\x04c,d\n"];
        stream::iter(parts.map(|part| Ok(Bytes::from_static(part)))).boxed()
    })
    .await;
    let response = ask(&transcoder(channel, settings()), "/export", &EVENTS).await;
    assert_eq!(response.headers()["content-type"], "text/csv");
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "a,b\nc,d\n");
}

#[tokio::test]
async fn a_stream_of_bytes_that_fails_before_its_first_is_an_error_with_a_status() {
    let channel = backend::streaming(|| stream::iter([Err(Status::not_found("no"))]).boxed()).await;
    let response = ask(&transcoder(channel, settings()), "/export", &[]).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let channel = backend::streaming(|| stream::empty().boxed()).await;
    let response = ask(&transcoder(channel, settings()), "/export", &[]).await;
    assert_eq!(response.headers()["content-type"], "application/octet-stream");
    assert!(response.into_body().collect().await.unwrap().to_bytes().is_empty());
}
