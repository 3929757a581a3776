//! The invariants of the code base that the compiler does not keep.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use prost_reflect::{FileDescriptor, Kind};
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Files that git tracks or would track, by their path from the root.
fn files(ending: &str) -> Vec<(String, String)> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let mut files: Vec<_> = listed
        .lines()
        .filter(|path| path.ends_with(ending))
        .filter_map(|path| Some((path.to_owned(), fs::read_to_string(root().join(path)).ok()?)))
        .collect();
    files.sort();
    files.dedup();
    assert!(!files.is_empty(), "no {ending} files were found");
    files
}

fn manifest(name: &str) -> Value {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    metadata["packages"].as_array().unwrap().iter().find(|p| p["name"] == name).unwrap().clone()
}

/// Our own crates that a crate links, tests apart.
fn links(name: &str) -> BTreeSet<String> {
    let package = manifest(name);
    let dependencies = package["dependencies"].as_array().unwrap().clone();
    let ours = |d: &&Value| d["path"].is_string() && d["kind"].is_null();
    dependencies.iter().filter(ours).map(|d| d["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn dependencies_point_one_way() {
    let set = |names: &[&str]| names.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    for (name, allowed) in [
        ("proto", set(&[])),
        ("runtime", set(&[])),
        ("transcode", set(&[])),
        ("simulator", set(&[])),
        ("classification", set(&["proto", "runtime"])),
        ("procurement", set(&["proto", "runtime"])),
        ("gateway", set(&["proto", "runtime", "transcode"])),
    ] {
        let links = links(name);
        assert!(links.is_subset(&allowed), "{name} links {links:?}, but only {allowed:?} are allowed");
    }
}

#[test]
fn in_a_service_only_grpc_speaks_grpc() {
    for (path, text) in files(".rs").into_iter().filter(|(path, _)| path.starts_with("services/")) {
        let in_source = path.contains("/src/") && !path.contains("/grpc");
        if in_source && !path.ends_with("/grpc.rs") {
            for (number, line) in code_lines(&text) {
                assert!(
                    !names(line, "tonic") && !names(line, "proto"),
                    "{path}:{number} speaks gRPC: {line}"
                );
            }
        }
    }
}

#[test]
fn a_domain_does_no_io_and_is_not_async() {
    let forbidden = [
        "tokio",
        "reqwest",
        "std::fs",
        "std::net",
        "std::env",
        "async fn",
        ".await",
        "runtime::",
        "tracing::",
    ];
    for (path, text) in files(".rs") {
        if path.starts_with("services/") && (path.contains("/domain/") || path.ends_with("/domain.rs")) {
            for (number, line) in code_lines(&text) {
                let found = forbidden.iter().find(|word| line.contains(*word));
                assert!(found.is_none(), "{path}:{number} has {found:?}: {line}");
            }
        }
    }
}

#[test]
fn only_config_reads_the_environment_and_the_example_lists_every_variable() {
    let mut variables = BTreeMap::new();
    for (path, text) in files(".rs") {
        let is_config = path.ends_with("/config.rs");
        for (number, line) in code_lines(&text) {
            let reads =
                ["env::var", "env::vars", "var_os(", "env = \""].iter().any(|word| line.contains(word));
            let build_script = path.ends_with("build.rs");
            let test = path.starts_with("tests/") || path.contains("/tests/") || path.contains("/examples/");
            assert!(
                is_config || build_script || test || !reads,
                "{path}:{number} reads the environment: {line}"
            );
            if is_config && let Some((_, rest)) = line.split_once("env = \"") {
                variables.insert(rest.split('"').next().unwrap().to_owned(), path.clone());
            }
        }
    }
    let used: BTreeSet<String> =
        variables.keys().filter(|name| !name.starts_with("TEST_")).cloned().collect();
    let example = fs::read_to_string(root().join(".env.example")).unwrap();
    let listed: BTreeSet<String> = example
        .lines()
        .filter_map(|line| line.trim_start_matches("# ").split_once('='))
        .map(|(name, _)| name.to_owned())
        .filter(|name| name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'))
        .collect();
    assert_eq!(used, listed, "left: variables in the code, right: variables in .env.example");
    let page = fs::read_to_string(root().join("docs/CONFIGURATION.md")).unwrap();
    for name in &used {
        assert!(page.contains(&format!("`{name}`")), "docs/CONFIGURATION.md does not explain {name}");
    }
}

/// Comments by descriptor path.
fn comments(file: &FileDescriptor) -> BTreeMap<Vec<i32>, String> {
    let info = file.file_descriptor_proto().source_code_info.clone().unwrap_or_default();
    info.location.into_iter().map(|l| (l.path.clone(), l.leading_comments().to_owned())).collect()
}

#[test]
fn every_rpc_field_and_value_of_the_contract_is_explained() {
    let pool = proto::catalogue::pool();
    let mut checked = 0;
    for file in pool.files().filter(|file| file.package_name().starts_with("bouvetradar.")) {
        let comments = comments(&file);
        let mut explained = |path: &[i32], name: &str| {
            checked += 1;
            let text = comments.get(path).map(|text| text.trim()).unwrap_or_default();
            assert!(
                text.len() >= 5 && text.ends_with(['.', ':', ')', '"']),
                "{name} has no comment: {text:?}"
            );
        };
        for service in file.services() {
            explained(service.path(), service.full_name());
            for rpc in service.methods() {
                explained(rpc.path(), rpc.full_name());
            }
        }
        for message in file.messages() {
            explained(message.path(), message.full_name());
            for field in message.fields() {
                explained(field.path(), field.full_name());
            }
        }
        for kind in file.enums() {
            explained(kind.path(), kind.full_name());
            for value in kind.values() {
                explained(value.path(), value.full_name());
            }
        }
    }
    assert!(checked > 300, "only {checked} things were checked");
}

#[test]
fn requests_and_only_they_say_which_values_they_take() {
    let pool = proto::catalogue::pool();
    let values = pool.get_extension_by_name("bouvetradar.http.v1.values").unwrap();
    let mut checked = 0;
    for field in pool.all_messages().flat_map(|message| message.fields().collect::<Vec<_>>()) {
        let (name, message) = (field.full_name().to_owned(), field.parent_message().name().to_owned());
        let asked = name.starts_with("bouvetradar.") && message.ends_with("Request");
        let says = field.options().has_extension(&values);
        assert!(asked || !says, "{name} is no request's");
        // The rest says it by its type.
        let closed = matches!(field.kind(), Kind::Bool | Kind::Enum(_) | Kind::Message(_));
        assert!(!asked || closed || says, "{name} does not say which values it takes");
        let option = field.options().get_extension(&values).into_owned();
        let has = |keyword: &str| says && option.as_message().unwrap().has_field_by_name(keyword);
        for keyword in ["pattern", "date", "line", "max_length"] {
            assert!(!has(keyword) || field.kind() == Kind::String, "{name} is no text, and has {keyword}");
        }
        for keyword in ["minimum", "maximum"] {
            assert!(!has(keyword) || !closed && field.kind() != Kind::String, "{name} is no number");
        }
        let forms = ["pattern", "line"].into_iter().filter(|form| has(form)).count();
        assert!(forms < 2, "a pattern says by itself which characters {name} takes");
        assert_eq!(
            has("max_items"),
            says && field.is_list(),
            "a repeated field, and no other, says how many: {name}"
        );
        checked += u32::from(says);
    }
    assert!(checked > 50, "only {checked} fields say it");
}

#[test]
fn every_error_reason_stands_in_the_error_page() {
    let page = fs::read_to_string(root().join("docs/ERRORS.md")).unwrap();
    for entry in proto::catalogue::entries() {
        let row = format!("| {} | {} |", entry.code as i32, entry.name);
        let row = page.lines().find(|line| line.starts_with(&row));
        let row = row.unwrap_or_else(|| panic!("{} is not in docs/ERRORS.md", entry.name));
        assert!(row.contains(&format!("| {} |", entry.http)), "{} has another HTTP status there", entry.name);
    }
}

#[test]
fn files_are_small_and_named_after_things() {
    for (path, text) in files(".rs") {
        let lines = text.lines().count();
        assert!(lines <= 400, "{path} has {lines} lines");
        let stem = Path::new(&path).file_stem().unwrap().to_str().unwrap();
        let vague = ["mod", "utils", "util", "common", "helpers", "helper", "manager", "misc"];
        assert!(!vague.contains(&stem), "{path} is named after nothing");
    }
}

#[test]
fn every_dependency_is_justified() {
    let page = fs::read_to_string(root().join("docs/DEPENDENCIES.md")).unwrap();
    let justified: BTreeSet<&str> = page
        .lines()
        .filter(|line| line.starts_with("| "))
        .flat_map(|line| line.split('|').nth(1).unwrap_or_default().split(','))
        .map(str::trim)
        .collect();
    let mut used = BTreeSet::new();
    for (path, text) in files("Cargo.toml") {
        let mut in_dependencies = false;
        for line in text.lines() {
            if line.starts_with('[') {
                in_dependencies = line.contains("dependencies");
            } else if in_dependencies
                && let Some((name, rest)) = line.split_once([' ', '.', '='])
                && !rest.contains("path = ")
                && !line.starts_with('#')
            {
                used.insert((name.to_owned(), path.clone()));
            }
        }
    }
    let ours =
        ["proto", "runtime", "transcode", "classification", "procurement", "gateway", "simulator", "radar"];
    for (name, path) in used.iter().filter(|(name, _)| !ours.contains(&name.as_str())) {
        assert!(justified.contains(name.as_str()), "{name} ({path}) is not in docs/DEPENDENCIES.md");
    }
    let names: BTreeSet<&str> = used.iter().map(|(name, _)| name.as_str()).collect();
    for name in justified.iter().filter(|name| !["crate", "---"].contains(*name)) {
        assert!(names.contains(name), "docs/DEPENDENCIES.md justifies {name}, which nothing uses");
    }
}

#[test]
fn every_crate_keeps_the_workspace_s_lints() {
    for (path, text) in files("Cargo.toml").into_iter().filter(|(path, _)| path != "Cargo.toml") {
        if path.starts_with("fuzz/") {
            continue;
        }
        assert!(text.contains("[lints]\nworkspace = true"), "{path} does not take the workspace's lints");
    }
}

#[test]
fn the_project_does_not_speak_of_the_machine_it_was_written_on() {
    // Written in two halves, so that this file does not find itself.
    let forbidden =
        [["../", "shared"], ["/work", "/main"], ["/home", "/"], ["pypi", ".org"], ["npmjs", ".org"]];
    for (path, text) in files("") {
        if path == "Cargo.lock" {
            continue;
        }
        for words in forbidden.map(|halves| halves.concat()) {
            assert!(!text.contains(&words), "{path} mentions {words}");
        }
    }
}

/// Lines that are code, with their numbers: no comments, and nothing from the tests at a file's end.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    code.lines()
        .enumerate()
        .map(|(at, line)| (at + 1, line.trim()))
        .filter(|(_, line)| !line.starts_with("//"))
}

/// Whether a line names a crate, not merely a word that contains its name.
fn names(line: &str, name: &str) -> bool {
    let boundary = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '_');
    line.match_indices(name)
        .any(|(at, _)| boundary(line[..at].chars().next_back()) && line[at + name.len()..].starts_with("::"))
}
