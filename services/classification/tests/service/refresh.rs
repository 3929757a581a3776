use std::fmt::Write as _;

use proto::classification as pb;
use runtime::config::GrpcTls;

use crate::publisher::{Answer, Publisher};
use crate::server::{Server, ok};

const JSON: &str = "application/json";

/// A KLASS version of `fields` major groups, each with a subgroup.
fn styrk(fields: usize) -> Answer {
    let mut items = Vec::new();
    for field in 0..fields {
        items.push(format!(r#"{{"code":"{field}","parentCode":"","level":"1","name":"Felt {field}"}}"#));
        items.push(format!(
            r#"{{"code":"{field}1","parentCode":"{field}","level":"2","name":"Område {field}"}}"#
        ));
    }
    Answer(
        200,
        JSON,
        format!(r#"{{"name":"STYRK","classificationItems":[{}]}}"#, items.join(",")).into_bytes(),
    )
}

/// As many complete STYRK codes as the embedded list has, so that a refresh is not refused as shrunken.
async fn whole(server: &Server) -> Answer {
    let request = pb::ListStyrkCodesRequest::default();
    let answer = ok(server.client.clone().list_styrk_codes(request)).await;
    let mut csv = String::from("code;parentCode;level;name;shortName;notes;validFrom;validTo\n");
    let mut add = |code: &str, name: &str| {
        let above = &code[..code.len() - 1];
        writeln!(csv, "\"{code}\";\"{above}\";\"{}\";\"Ny {name}\";;;;", code.len()).unwrap();
    };
    for field in &answer.data {
        add(&field.code, &field.name);
        for area in &field.subgroups {
            add(&area.code, &area.name);
            for role in &area.roles {
                add(&role.code, &role.name);
                role.titles.iter().for_each(|title| add(&title.code, &title.name));
            }
        }
    }
    // ISO-8859-1 is the low half of Unicode, one byte a letter.
    let latin1 = csv.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?')).collect();
    Answer(200, "text/csv;charset=ISO-8859-1", latin1)
}

/// A CPV list as DFØ writes it: of the embedded codes those at the numbers wanted.
fn cpv(wanted: impl Fn(usize) -> bool) -> Answer {
    let rows = classification::embedded_lists().unwrap().cpv.into_iter().enumerate();
    let mut yaml = String::new();
    for (_, row) in rows.filter(|(number, row)| row.code.ends_with("000000") || wanted(*number)) {
        let english = row.en.unwrap_or_else(|| row.nb.clone()).replace('\'', "''");
        writeln!(yaml, "'{}':\n  name: '{english}'\n  nob: 'Hel {}'", row.code, row.nb.replace('\'', "''"))
            .unwrap();
    }
    Answer(200, "text/plain; charset=utf-8", yaml.into())
}

/// How many codes such a list has.
fn count(Answer(_, _, yaml): &Answer) -> i32 {
    i32::try_from(std::str::from_utf8(yaml).unwrap().lines().filter(|line| line.starts_with('\'')).count())
        .unwrap()
}

async fn refreshing(publisher: &Publisher) -> Server {
    let styrk = format!("{}/styrk", publisher.url);
    let cpv = format!("{}/cpv", publisher.url);
    let nuts = format!("{}/nuts", publisher.url);
    let sources = ["--styrk-source", &styrk, "--cpv-source", &cpv, "--nuts-source", &nuts];
    Server::start(&[sources.as_slice(), &["--cpv-refresh", "20ms", "--klass-refresh", "20ms"]].concat()).await
}

async fn name(server: &Server, code: &str, language: &str) -> String {
    let request = pb::GetStyrkCodeRequest { code: code.into(), language: language.into() };
    ok(server.client.clone().get_styrk_code(request)).await.data.unwrap().name
}

#[tokio::test]
async fn a_good_list_in_latin_1_replaces_the_embedded_one_and_is_counted() {
    let publisher = Publisher::start().await;
    let server = refreshing(&publisher).await;
    let before = server.source(pb::Scheme::Styrk).await;
    assert_eq!(before.snapshot.as_ref().unwrap().origin, "embedded");
    let developers = name(&server, "2512", "nb").await;
    publisher.answer("styrk", whole(&server).await);
    publisher.processed("styrk").await;
    let after = server.source(pb::Scheme::Styrk).await;
    let snapshot = after.snapshot.unwrap();
    assert_eq!((snapshot.origin.as_str(), snapshot.complete), ("upstream", true));
    assert_ne!(snapshot.version, before.snapshot.unwrap().version);
    assert_eq!((after.entries, after.last_error), (before.entries, None));
    assert_eq!(after.labels["en"], before.labels["en"], "English labels outlive a bokmål list");
    assert!(after.last_success.is_some() && after.next_refresh.is_some());
    assert_eq!(name(&server, "2512", "nb").await, format!("Ny {developers}"));
    assert!(name(&server, "0", "nb").await.starts_with("Ny Militære"), "letters survive ISO-8859-1");
    assert!(publisher.accepted()[0].starts_with("application/json"));
    let metrics = server.metrics.text();
    for line in [
        "classification_source_refreshes_total{scheme=\"styrk\",outcome=\"replaced\"} 1",
        "classification_source_refreshes_total{scheme=\"cpv\",outcome=\"failed\"}",
        &format!("classification_entries{{scheme=\"styrk\"}} {}", after.entries),
    ] {
        assert!(metrics.contains(line), "{line} not in\n{metrics}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_bad_download_leaves_the_old_list_and_says_why_until_a_good_one_comes() {
    let publisher = Publisher::start().await;
    let server = refreshing(&publisher).await;
    let html = b"<!DOCTYPE html><html><body>Guru Meditation</body></html>".to_vec();
    let orphan = r#"{"codes":[{"code":"2512","parentCode":"251","level":"4","name":"Uten overordnet"}]}"#;
    let word = r#"{"codes":[{"code":"Sum","parentCode":null,"level":"1","name":"I alt"}]}"#;
    let version = server.source(pb::Scheme::Styrk).await.snapshot.unwrap().version;
    for (answer, reason) in [
        (Answer(503, "text/html", html.clone()), "answered 503"),
        (Answer(200, "text/html", html), "HTML"),
        (Answer(200, JSON, b"{\"codes\": [".to_vec()), "JSON"),
        (Answer(200, JSON, b"{\"codes\": []}".to_vec()), "empty"),
        (Answer(200, JSON, orphan.into()), "2512 has no place"),
        (Answer(200, JSON, word.into()), "\"Sum\""),
        (Answer(200, "text/csv;charset=UTF-8", b"code;name\n1;Yrker p\xe5 sj\xf8\n".to_vec()), "UTF-8"),
        (styrk(10), "20 codes, fewer than 90 %"),
    ] {
        publisher.answer("styrk", answer);
        publisher.processed("styrk").await;
        let status = server.source(pb::Scheme::Styrk).await;
        let error = status.last_error.clone().unwrap_or_default();
        assert!(error.contains(reason), "{reason:?} is not in {error:?}");
        assert_eq!(status.snapshot.unwrap().version, version, "{reason}");
        assert!(status.last_success.is_none() && status.next_refresh.is_some(), "{reason}");
    }
    publisher.answer("styrk", whole(&server).await);
    publisher.processed("styrk").await;
    let status = server.source(pb::Scheme::Styrk).await;
    assert_eq!((status.last_error, status.snapshot.unwrap().origin.as_str()), (None, "upstream"));
    server.stop().await;
}

#[tokio::test]
async fn an_embedded_selection_gives_way_to_a_whole_list_but_that_not_to_a_shrunken_one() {
    let publisher = Publisher::start().await;
    let server = refreshing(&publisher).await;
    let whole = cpv(|_| true);
    publisher.answer("cpv", whole.clone());
    publisher.processed("cpv").await;
    let status = server.source(pb::Scheme::Cpv).await;
    assert_eq!(
        (status.entries, status.labels["en"], status.last_error),
        (count(&whole), count(&whole), None)
    );
    let snapshot = status.snapshot.unwrap();
    // Fewer codes than CPV has are a selection, whoever publishes them.
    assert!(!snapshot.complete && snapshot.origin == "upstream");
    let version = snapshot.version;
    for broken in
        [cpv(|number| number % 2 == 0), cpv(|number| number < 800), Answer(200, "text/plain", b"{}\n".into())]
    {
        publisher.answer("cpv", broken);
        publisher.processed("cpv").await;
        let status = server.source(pb::Scheme::Cpv).await;
        assert_eq!((status.entries, status.snapshot.unwrap().version), (count(&whole), version.clone()));
        assert!(status.last_error.is_some());
    }
    server.stop().await;
}

#[tokio::test]
async fn the_last_good_download_outlives_the_process() {
    let publisher = Publisher::start().await;
    let data = tempfile::tempdir().unwrap();
    let url = format!("{}/cpv", publisher.url);
    let settings = [
        "--cpv-source",
        &url,
        "--klass-base-url",
        &publisher.url,
        "--cpv-refresh",
        "20ms",
        "--klass-refresh",
        "20ms",
    ];
    publisher.answer("cpv", cpv(|_| true));
    let server = Server::start_in(data.path(), &settings).await;
    publisher.processed("cpv").await;
    let first = server.source(pb::Scheme::Cpv).await.snapshot.unwrap();
    server.stop().await;
    let server = Server::start_in(data.path(), &["--sources-enabled", "false"]).await;
    let status = server.source(pb::Scheme::Cpv).await;
    let second = status.snapshot.unwrap();
    assert_eq!((first.origin.as_str(), second.origin.as_str()), ("upstream", "file"));
    assert_eq!((first.version, status.source.as_str()), (second.version, ""));
    assert_eq!((status.last_success, status.next_refresh, status.last_error), (None, None, None));
    server.stop().await;
}

#[tokio::test]
async fn a_data_directory_that_cannot_be_written_costs_only_the_copy() {
    let publisher = Publisher::start().await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("taken");
    std::fs::write(&file, "a file where the directory should be").unwrap();
    let url = format!("{}/cpv", publisher.url);
    publisher.answer("cpv", cpv(|_| true));
    let settings = [
        "--cpv-source",
        &url,
        "--klass-base-url",
        &publisher.url,
        "--cpv-refresh",
        "20ms",
        "--klass-refresh",
        "20ms",
    ];
    let server = Server::start_in(&file, &settings).await;
    publisher.processed("cpv").await;
    let status = server.source(pb::Scheme::Cpv).await;
    assert_eq!((status.entries, status.last_error), (count(&cpv(|_| true)), None));
    server.stop().await;
}

#[tokio::test]
async fn a_list_that_is_still_the_same_is_not_sent_again_even_after_a_restart() {
    let publisher = Publisher::start().await;
    let data = tempfile::tempdir().unwrap();
    let url = format!("{}/cpv", publisher.url);
    let settings = [
        "--cpv-source",
        &url,
        "--klass-base-url",
        &publisher.url,
        "--cpv-refresh",
        "20ms",
        "--klass-refresh",
        "1h",
    ];
    publisher.answer("cpv", cpv(|_| true));
    let server = Server::start_in(data.path(), &settings).await;
    publisher.processed("cpv").await;
    let fetched = server.source(pb::Scheme::Cpv).await;
    assert!(publisher.unchanged() >= 1 && fetched.last_error.is_none() && fetched.last_success.is_some());
    server.stop().await;
    let asked = publisher.accepted().len() - publisher.unchanged();
    let server = Server::start_in(data.path(), &settings).await;
    publisher.processed("cpv").await;
    let kept = server.source(pb::Scheme::Cpv).await;
    let (kept_snapshot, fetched_snapshot) = (kept.snapshot.unwrap(), fetched.snapshot.unwrap());
    assert_eq!((kept_snapshot.origin.as_str(), kept_snapshot.as_of), ("file", fetched_snapshot.as_of));
    assert!(kept.last_success.is_some() && kept.last_error.is_none());
    // The two lists of KLASS, which are not there, are asked for once more.
    assert_eq!(publisher.accepted().len() - publisher.unchanged(), asked + 2, "the list was sent again");
    publisher.answer("cpv", cpv(|number| number != 7));
    publisher.processed("cpv").await;
    assert_eq!(server.source(pb::Scheme::Cpv).await.snapshot.unwrap().origin, "upstream");
    server.stop().await;
}

#[tokio::test]
async fn a_file_is_read_without_any_publisher_and_a_missing_one_is_reported() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cpv.csv");
    std::fs::write(&path, "code;nb;en\n48000000;Programvare;Software\n").unwrap();
    let (path, missing) = (path.to_str().unwrap(), directory.path().join("none.json"));
    let settings =
        ["--sources-enabled", "false", "--cpv-source", path, "--nuts-source", missing.to_str().unwrap()];
    let server =
        Server::start(&[settings.as_slice(), &["--cpv-refresh", "10ms", "--klass-refresh", "10ms"]].concat())
            .await;
    // Files tell nobody that they were read, so the server is asked until it says so.
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    let (cpv, nuts) = loop {
        let (cpv, nuts) = (server.source(pb::Scheme::Cpv).await, server.source(pb::Scheme::Nuts).await);
        if (cpv.last_success.is_some() && nuts.last_error.is_some()) || tokio::time::Instant::now() > deadline
        {
            break (cpv, nuts);
        }
    };
    assert_eq!((cpv.entries, cpv.snapshot.unwrap().origin.as_str(), cpv.source.as_str()), (1, "file", path));
    assert!(nuts.last_error.unwrap().contains("none.json"));
    assert_eq!(nuts.snapshot.unwrap().origin, "embedded");
    server.stop().await;
}

#[tokio::test]
async fn the_server_is_healthy_from_the_start_and_gone_after_the_stop() {
    let server = Server::embedded().await;
    assert_eq!(runtime::probe::probe(server.addr, &GrpcTls::default()).await, Ok(()));
    let addr = server.addr;
    server.stop().await;
    assert!(runtime::probe::probe(addr, &GrpcTls::default()).await.is_err());
}
