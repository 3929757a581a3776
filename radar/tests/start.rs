//! How the program starts, and how it refuses to.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::TcpListener;
use std::process::{Command, Output};

/// Runs `radar` with an empty environment but for these variables. Only for starts that end by themselves.
fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let dir = tempfile::tempdir().unwrap();
    let free =
        ["PORT", "GATEWAY_ADDR", "PROCUREMENT_ADDR", "CLASSIFICATION_ADDR", "METRICS_ADDR", "SIMULATOR_ADDR"];
    let free = free.map(|name| (name, if name == "PORT" { "0" } else { "127.0.0.1:0" }));
    Command::new(env!("CARGO_BIN_EXE_radar"))
        .args(arguments)
        .env_clear()
        .envs(free)
        .env("DATA_DIR", dir.path())
        .env("SOURCES_ENABLED", "false")
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

/// Checks that a start is refused with 78 and one line that names the variable.
fn refused(arguments: &[&str], variables: &[(&str, &str)], named: &str) -> String {
    let output = run(arguments, variables);
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(78), "{variables:?}: {told}");
    assert_eq!(told.trim_end().lines().count(), 1, "{told}");
    assert!(told.starts_with(&format!("configuration error: {named}: ")), "{told}");
    told
}

#[test]
fn serve_without_a_key_says_where_to_get_one_and_that_demo_exists() {
    let told = refused(&["serve"], &[], "DOFFIN_API_KEY");
    assert!(told.contains("developer portal") && told.contains("radar demo"), "{told}");
}

#[test]
fn a_mistake_in_a_variable_stops_the_start_and_is_named() {
    for (name, value) in [
        ("RADAR_ENV", "staging"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_FORMAT", "xml"),
        ("METRICS_ADDR", "9464"),
        ("METRICS_ADDR", "127.0.0.1:65535"),
        ("DRAIN_TIMEOUT", "soon"),
        ("GATEWAY_ADDR", "localhost"),
        ("PORT", "http"),
        ("CORS_ALLOWED_ORIGINS", "https://radar.example/path"),
        ("REQUEST_TIMEOUT", "0s"),
        ("MAX_CONNECTIONS", "0"),
        ("MAX_HEADER_BYTES", "0"),
        ("MAX_BODY_BYTES", "x"),
        ("DOFFIN_BASE_URL", "doffin.no"),
        ("DOFFIN_RATE", "fast"),
        ("DOFFIN_API_KEY", "two words"),
        ("KLASS_BASE_URL", "ftp://data.ssb.no"),
        ("CPV_SOURCE", "ftp://example.org/cpv.yaml"),
    ] {
        let key = ("DOFFIN_API_KEY", "k");
        refused(&["serve"], &[key, (name, value)], name);
    }
    for (name, value) in [
        ("SIMULATOR_DATA", "/nowhere/at/all"),
        ("SIMULATOR_NOTICES", "99999999999"),
        ("SIMULATOR_SEED", "x"),
        ("SIMULATOR_FAULTS", "{\"doffin\":{\"celing\":1}}"),
        ("SIMULATOR_NOW", "yesterday"),
    ] {
        refused(&["demo"], &[(name, value)], name);
    }
}

#[test]
fn every_origin_is_refused_in_production() {
    let production = [("DOFFIN_API_KEY", "k"), ("RADAR_ENV", "production"), ("CORS_ALLOWED_ORIGINS", "*")];
    refused(&["serve"], &production, "CORS_ALLOWED_ORIGINS");
}

#[test]
fn a_taken_port_is_told_with_the_variable_that_changes_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = run(&["demo", "--notices", "10"], &[("PORT", &port)]);
    assert_eq!(output.status.code(), Some(98));
    let told = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    assert!(told.contains(&format!("port {port} on 127.0.0.1 is taken")) && told.contains("PORT"), "{told}");
}

#[test]
fn without_a_command_the_help_is_shown() {
    let output = run(&[], &[]);
    let told = String::from_utf8(output.stderr).unwrap() + &String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("demo") && told.contains("serve") && told.contains("Usage"), "{told}");
}
