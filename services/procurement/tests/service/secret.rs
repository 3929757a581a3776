//! The key: needed to start, and never told to anybody but Doffin.

use std::path::Path;

use runtime::{Metrics, Stop};
use tokio::net::TcpListener;

use crate::doffin::Reply;
use crate::system::{KEY, System, config, logs, nowhere, words};

#[tokio::test]
async fn the_key_is_in_no_log_line_and_no_error_even_when_doffin_repeats_it() {
    let system = System::start().await;
    let echo = format!(r#"{{"reason":"bad key {KEY} sent"}}"#);
    for reply in [
        Reply::text(401, echo.clone()),
        Reply::text(400, echo.clone()),
        Reply::text(200, echo.clone()),
        Reply::text(200, format!("not json {KEY}")),
        Reply::Answer(500, Vec::new(), echo.clone().into()),
        Reply::Cut,
        Reply::Cut,
    ] {
        system.doffin.script([reply]);
        if let Err(failure) = system.search(words("secret-test")).await {
            assert!(!format!("{failure:?}").contains(KEY), "{failure:?}");
        }
    }
    system.doffin.script([500, 500].map(|status| Reply::text(status, format!("key {KEY}"))));
    system.xml("2026-000001").await.unwrap_err();
    let status = system.sync_status().await;
    assert!(!format!("{status:?}").contains(KEY), "{status:?}");
    let logs = logs();
    assert!(
        logs.contains("doffin refused our key") && logs.contains("bad key [key] sent"),
        "nothing was logged"
    );
    assert!(!logs.contains(KEY), "{:?}", logs.lines().find(|line| line.contains(KEY)));
    assert!(!system.metrics.text().contains(KEY));
}

#[tokio::test]
async fn without_a_key_the_start_fails_and_names_the_variable() {
    let config = config(nowhere(), nowhere(), Path::new("."), &["--doffin-api-key=", "--sync-enabled=true"]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let error = procurement::serve(listener, config, Metrics::new("p", "0"), Stop::new()).await.unwrap_err();
    assert!(matches!(&error, procurement::Error::Config(e) if e.variable == "DOFFIN_API_KEY"), "{error:?}");
}

#[tokio::test]
async fn settings_that_cannot_work_fail_the_start_by_name() {
    for (flag, variable) in [
        ("--doffin-base-url=doffin", "DOFFIN_BASE_URL"),
        ("--doffin-base-url=https://user:hunter2@doffin/v2", "DOFFIN_BASE_URL"),
        ("--doffin-base-url=https://:hunter2@doffin/v2", "DOFFIN_BASE_URL"),
        ("--classification-url=classification", "CLASSIFICATION_URL"),
    ] {
        let config = config(nowhere(), nowhere(), Path::new("."), &[flag]);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let error =
            procurement::serve(listener, config, Metrics::new("p", "0"), Stop::new()).await.unwrap_err();
        assert!(matches!(&error, procurement::Error::Config(e) if e.variable == variable), "{error:?}");
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
}
