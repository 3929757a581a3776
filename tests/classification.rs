//! Code lists through the whole system: publishers that fail, languages, and codes that are no more.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use http::Method;
use jiff::ToSpan as _;
use serde_json::Value;
use simulator::{Cpv, Faults, Klass, Outage, OutageKind};
use system_tests::log::Log;
use system_tests::{Setup, World, failure};

const SOURCES: &str = "/api/classifications/sources";

/// Lists are asked for again at once, so that tests need not wait.
fn eager(setup: &mut Setup) {
    setup.simulator.notices = 20;
    setup.settings.classification.klass_refresh = Duration::from_millis(40);
    setup.settings.classification.cpv_refresh = Duration::from_millis(40);
}

fn klass(klass: Klass) -> Faults {
    Faults { klass, ..Faults::without_rate_limit() }
}

fn cpv(cpv: Cpv) -> Faults {
    Faults { cpv, ..Faults::without_rate_limit() }
}

fn outage(kind: OutageKind) -> Outage {
    Outage { kind, ..Outage::default() }
}

fn source<'a>(answer: &'a Value, scheme: &str) -> &'a Value {
    let mut all = answer["data"].as_array().unwrap().iter();
    all.find(|source| source["scheme"] == scheme).unwrap()
}

async fn asked(world: &World, scheme: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let answer = world.until(SOURCES, |answer| wanted(source(&answer.json(), scheme))).await;
    source(&answer.json(), scheme).clone()
}

/// Waits until a list was asked for a few times more.
async fn refreshed(world: &World, scheme: &str) {
    for _ in 0..3 {
        let due = source(&world.json(SOURCES).await, scheme)["next_refresh"].clone();
        asked(world, scheme, |source| source["next_refresh"] != due).await;
    }
}

/// A publisher fails after a good start: the list stays, the fault is told in the provenance and in one line of
/// the log however often it recurs, and its end is noticed without help.
async fn survives(name: &str, schemes: &[&str], path: Option<&'static str>, faults: Faults, reason: &str) {
    let (log, _guard) = Log::capture(tracing::Level::INFO);
    let world = World::start_with(|setup| {
        eager(setup);
        setup.nuts_path = path;
    })
    .await;
    let mut before = Vec::new();
    for scheme in schemes {
        before.push(asked(&world, scheme, |source| source["snapshot"]["origin"] == "upstream").await);
    }
    world.simulator.set_faults(faults);
    for (scheme, before) in schemes.iter().zip(&before) {
        let failing = asked(&world, scheme, |source| source["last_error"].is_string()).await;
        let error = failing["last_error"].as_str().unwrap();
        assert!(error.contains(reason), "{name}: {error}");
        refreshed(&world, scheme).await;
        let after = source(&world.json(SOURCES).await, scheme).clone();
        assert_eq!(after["last_error"], error, "{name}");
        assert_eq!(after["snapshot"]["version"], before["snapshot"]["version"], "{name}");
        assert_eq!((&after["entries"], &after["labels"]), (&before["entries"], &before["labels"]), "{name}");
        let scheme = format!("scheme=\"{}\"", scheme.to_lowercase());
        let lines = log.lines(&["WARN", &scheme]);
        assert_eq!(lines.len(), 1, "{name}: {lines:#?}");
        assert!(lines[0].contains("was not refreshed") && lines[0].contains(reason), "{name}: {lines:#?}");
    }
    world.simulator.set_faults(Faults::without_rate_limit());
    for scheme in schemes {
        asked(&world, scheme, |source| source.get("last_error").is_none()).await;
        let scheme = format!("scheme=\"{}\"", scheme.to_lowercase());
        assert_eq!(log.lines(&["refreshed again", &scheme]).len(), 1, "{name}");
    }
    world.stop().await;
}

#[tokio::test]
async fn klass_out_of_order_costs_nothing_but_a_line() {
    let both = ["NUTS", "STYRK"];
    for (name, fault, reason) in [
        ("503 page", Klass { outage: outage(OutageKind::Html503), ..Klass::default() }, "answered 503"),
        (
            "cut",
            Klass { outage: outage(OutageKind::CutMidBody), ..Klass::default() },
            "the answer cannot be read",
        ),
        ("garbage", Klass { outage: outage(OutageKind::Garbage), ..Klass::default() }, "the list"),
        ("unknown version", Klass { version_404: true, ..Klass::default() }, "answered 404"),
    ] {
        survives(name, &both, None, klass(fault), reason).await;
    }
}

#[tokio::test]
async fn a_list_of_klass_that_is_not_whole_is_refused() {
    let both = ["NUTS", "STYRK"];
    survives(
        "empty",
        &both,
        None,
        klass(Klass { empty_list: true, ..Klass::default() }),
        "the list is empty",
    )
    .await;
    survives("half", &both, None, klass(Klass { half_list: true, ..Klass::default() }), "fewer than 90 %")
        .await;
    let latin1 = Klass { latin1_only: true, ..Klass::default() };
    survives("latin-1", &["NUTS"], Some("versions/2482.csv"), klass(latin1), "letters are lost").await;
}

#[tokio::test]
async fn a_cpv_list_that_is_not_whole_is_refused() {
    survives("empty", &["CPV"], None, cpv(Cpv { empty_list: true, ..Cpv::default() }), "the list").await;
    survives("half", &["CPV"], None, cpv(Cpv { half_list: true, ..Cpv::default() }), "fewer than 90 %").await;
    let gone = Cpv { outage: outage(OutageKind::Refuse500text), ..Cpv::default() };
    survives("down", &["CPV"], None, cpv(gone), "answered 500").await;
}

#[tokio::test]
async fn publishers_that_never_worked_leave_the_embedded_lists() {
    for faults in [
        Faults { outage: outage(OutageKind::Html503), ..Faults::without_rate_limit() },
        Faults {
            cpv: Cpv { half_list: true, ..Cpv::default() },
            ..klass(Klass { half_list: true, ..Klass::default() })
        },
    ] {
        let world = World::start_with(|setup| {
            eager(setup);
            setup.simulator.faults = faults;
        })
        .await;
        for scheme in ["CPV", "NUTS", "STYRK"] {
            let source = asked(&world, scheme, |source| source["last_error"].is_string()).await;
            assert_eq!(source["snapshot"]["origin"], "embedded", "{scheme}");
            assert!(
                source["snapshot"]["as_of"].is_string() && source.get("last_success").is_none(),
                "{scheme}"
            );
        }
        assert_eq!(world.json("/api/cpv/codes/48000000").await["data"]["level"], 1);
        world.simulator.set_faults(Faults::without_rate_limit());
        for scheme in ["CPV", "NUTS", "STYRK"] {
            asked(&world, scheme, |source| source["snapshot"]["origin"] == "upstream").await;
        }
        world.stop().await;
    }
}

#[tokio::test]
async fn a_publisher_whose_clock_is_ten_years_ahead_changes_nothing() {
    let (log, _guard) = Log::capture(tracing::Level::INFO);
    let world = World::start_with(eager).await;
    let before = asked(&world, "NUTS", |source| source["snapshot"]["origin"] == "upstream").await;
    let geography = world.json("/api/nuts/codes").await;
    let later =
        world.simulator.now().to_zoned_datetime(jiff::tz::TimeZone::UTC).checked_add(10.years()).unwrap();
    world.simulator.set_now(later.timestamp());
    for scheme in ["CPV", "NUTS", "STYRK"] {
        refreshed(&world, scheme).await;
    }
    let after = source(&world.json(SOURCES).await, "NUTS").clone();
    assert_eq!(after["snapshot"]["version"], before["snapshot"]["version"]);
    assert_eq!(after.get("last_error"), None);
    assert_eq!(log.lines(&["was not refreshed"]), Vec::<String>::new());
    let day = later.date();
    assert_eq!(world.json(&format!("/api/nuts/codes?as_of={day}")).await["data"], geography["data"]);
    world.stop().await;
}

#[tokio::test]
async fn the_language_is_chosen_by_header_or_parameter_and_caches_are_told() {
    let world = World::start().await;
    let path = "/api/cpv/codes/48000000";
    let english = world.send(Method::GET, path, &[("accept-language", "en;q=0.9, nb;q=0.1")]).await;
    assert_eq!(english.header("content-language"), "en");
    assert!(english.header("vary").to_lowercase().contains("accept-language"), "{:?}", english.headers);
    let norwegian = world.get(path).await;
    assert_eq!(norwegian.header("content-language"), "nb");
    assert_ne!(norwegian.json()["data"]["description"], english.json()["data"]["description"]);
    let asked = world.send(Method::GET, &format!("{path}?language=en"), &[("accept-language", "nb")]).await;
    assert_eq!(asked.json(), english.json());
    let places = world.get("/api/nuts/codes?level=1").await;
    assert_eq!(places.header("content-language"), "", "official names have no language");
    assert!(!places.header("vary").to_lowercase().contains("accept-language"));
    world.stop().await;
}

#[tokio::test]
async fn codes_that_are_no_more_and_bad_parameters_are_told() {
    let world = World::start().await;
    let body = failure(&world.get("/api/nuts/codes/NO091").await, 404, "NUTS_CODE_NOT_FOUND");
    assert_eq!(body["details"]["successors"], "NO093,NO094", "{body}");
    assert_eq!(body["details"]["retired_on"], "2024-01-01", "{body}");
    for (path, field) in [
        ("/api/cpv/codes?under=48", "under"),
        ("/api/cpv/codes?under=99999999", "under"),
        ("/api/nuts/codes?under=Oslo", "under"),
        ("/api/nuts/codes?under=NO082", "under"),
        ("/api/nuts/codes?level=1&under=NO081", "level"),
        ("/api/nuts/codes?as_of=2019-12-31", "as_of"),
        ("/api/nuts/codes?as_of=yesterday", "as_of"),
        ("/api/styrk/codes?under=12345", "under"),
        ("/api/styrk/codes?level=2&under=2512", "level"),
    ] {
        let body = failure(&world.get(path).await, 400, "INVALID_INPUT");
        assert!(body["error"].as_str().unwrap().contains(field), "{path}: {body}");
    }
    let viken = world.json("/api/nuts/codes?as_of=2023-06-01&under=NO082").await;
    assert_eq!(viken["data"][0]["counties"][0]["name"], "Viken", "{viken}");
    let resolved = world.json("/api/nuts/resolve?name=1366").await;
    assert_eq!(
        (&resolved["data"][0]["kind"], &resolved["data"][0]["name"]),
        (&"POSTAL_CODE".into(), &"Bærum".into())
    );
    world.stop().await;
}
