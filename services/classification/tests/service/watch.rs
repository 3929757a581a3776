use std::time::{Duration, Instant};

use proto::classification as pb;
use tonic::Streaming;

use crate::publisher::{Answer, Publisher};
use crate::server::{Server, ok};

async fn next(stream: &mut Streaming<pb::WatchSourcesResponse>) -> pb::SourceStatus {
    let message = tokio::time::timeout(Duration::from_secs(20), stream.message()).await.unwrap();
    message.unwrap().unwrap().source.unwrap()
}

#[tokio::test]
async fn a_watcher_is_told_all_lists_then_each_that_changes_and_a_stop_ends_it() {
    let publisher = Publisher::start().await;
    let url = format!("{}/styrk", publisher.url);
    let missing = format!("{}/none", publisher.url);
    let settings = ["--styrk-source", &url, "--nuts-source", &missing, "--cpv-source", &missing];
    let server = Server::start(&[settings.as_slice(), &["--klass-refresh", "20ms"]].concat()).await;
    let mut stream = ok(server.client.clone().watch_sources(pb::WatchSourcesRequest {})).await;
    let mut first = Vec::new();
    for _ in 0..3 {
        first.push(next(&mut stream).await);
    }
    let schemes: Vec<_> = first.iter().map(pb::SourceStatus::scheme).collect();
    assert_eq!(schemes, [pb::Scheme::Cpv, pb::Scheme::Nuts, pb::Scheme::Styrk]);
    assert!(first.iter().all(|source| source.snapshot.as_ref().unwrap().origin == "embedded"));
    for word in ["Ny", "Nyere"] {
        let rows = classification::embedded_lists().unwrap().styrk.into_iter();
        let csv: Vec<String> = rows.map(|row| format!("{};{word} {}", row.code, row.nb)).collect();
        publisher.answer(
            "styrk",
            Answer(200, "text/csv;charset=UTF-8", format!("code;name\n{}\n", csv.join("\n")).into()),
        );
        let changed = next(&mut stream).await;
        assert_eq!(
            (changed.scheme(), changed.snapshot.as_ref().unwrap().origin.as_str()),
            (pb::Scheme::Styrk, "upstream")
        );
        assert_ne!(changed.snapshot, first[2].snapshot);
        first[2] = changed;
    }
    // Refreshes that change nothing are not told; the failing ones go on all the while.
    publisher.processed("styrk").await;
    let quiet = tokio::time::timeout(Duration::from_millis(100), stream.message()).await;
    assert!(quiet.is_err(), "{quiet:?}");
    let start = Instant::now();
    server.stop().await;
    assert!(start.elapsed() < Duration::from_secs(5), "the open stream held up the stop");
    assert!(!matches!(stream.message().await, Ok(Some(_))));
}
