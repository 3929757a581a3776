//! Route tables: what does not compile, what comes first.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

#[path = "support/pool.rs"]
mod pool;

use http::Method;
use transcode::{Body, Found, Table};

fn table() -> Table {
    Table::compile(&pool::pool(None)).unwrap()
}

/// The error of a service with these RPCs.
fn error(rpcs: &str) -> String {
    let source = format!(
        r#"syntax = "proto3";
        package bad.v1;
        import "google/api/annotations.proto";
        service Bad {{ {rpcs} }}
        message M {{ string a = 1; M m = 2; repeated string list = 3; map<string, string> map = 4; }}"#
    );
    Table::compile(&pool::pool(Some(&source))).unwrap_err().to_string()
}

fn rule(rule: &str) -> String {
    error(&format!("rpc A(M) returns (M) {{ option (google.api.http) = {{ {rule} }}; }}"))
}

#[test]
fn a_rule_that_cannot_work_stops_the_start_and_says_why() {
    for (text, reason) in [
        (r#"get: "a""#, "does not begin with a slash"),
        (r#"get: """#, "does not begin with a slash"),
        (r#"get: "/a/{a""#, "unbalanced braces"),
        (r#"get: "/a/{a=**}/b""#, "** before its end"),
        (r#"get: "/a/{a}/{a}""#, "occurs twice"),
        (r#"get: "/{x}""#, r#"path variable "x" is not a field"#),
        (r#"get: "/{m.x}""#, r#"path variable "m.x" is not a field"#),
        (r#"get: "/{a.x}""#, r#"path variable "a.x" is not a field"#),
        (r#"get: "/{m}""#, "is not a singular scalar"),
        (r#"get: "/{list}""#, "is not a singular scalar"),
        (r#"get: "/{map}""#, "is not a singular scalar"),
        (r#"post: "/a" body: "x""#, r#"body "x" is not a field"#),
        (r#"post: "/a" body: "m.a""#, r#"body "m.a" is not a field"#),
        (r#"put: "/{a}" body: "a""#, r#"body "a" is also a path variable"#),
        (r#"get: "/a" response_body: "x""#, r#"response_body "x" is not a field"#),
        (r#"custom { kind: "" path: "/a" }"#, "invalid HTTP method"),
        (r#"custom { kind: "A B" path: "/a" }"#, "invalid HTTP method"),
        (r#"body: "*""#, "no path"),
        (
            r#"get: "/a" additional_bindings { get: "/b" additional_bindings { get: "/c" } }"#,
            "additional bindings cannot have",
        ),
        (r#"get: "/a" additional_bindings { get: "b" }"#, "does not begin with a slash"),
    ] {
        let error = rule(text);
        assert!(error.contains(reason), "{text}: {error}");
        assert!(error.contains("bad.v1.Bad.A"), "{text}: {error}");
    }
}

#[test]
fn two_rules_for_the_same_requests_are_a_conflict_that_names_both() {
    let rpc = |name: &str, rule: &str| {
        format!("rpc {name}(M) returns (M) {{ option (google.api.http) = {{ {rule} }}; }}")
    };
    let error = error(&(rpc("A", r#"get: "/x/{a}""#) + &rpc("B", r#"get: "/x/{m.a=*}""#)));
    assert!(error.contains("bad.v1.Bad.A") && error.contains("bad.v1.Bad.B"), "{error}");
    assert!(error.contains("GET /x/{m.a}"), "{error}");
}

#[test]
fn one_rpc_may_not_have_the_same_route_twice() {
    let error = rule(r#"get: "/a" additional_bindings { get: "/a" }"#);
    assert!(error.contains("both match GET /a"), "{error}");
}

#[test]
fn a_client_stream_has_no_route() {
    let error =
        error(r#"rpc A(stream M) returns (M) { option (google.api.http) = { post: "/a" body: "*" }; }"#);
    assert!(error.contains("client streams"), "{error}");
}

#[test]
fn a_pool_without_rules_is_an_empty_table() {
    let source = r#"syntax = "proto3"; package quiet.v1; service S { rpc A(M) returns (M); } message M {}"#;
    assert!(Table::compile(&pool::pool(Some(source))).unwrap().bindings().is_empty());
}

#[test]
fn every_rule_becomes_a_route_and_an_rpc_without_one_does_not() {
    let table = table();
    let of = |rpc: &str| table.bindings().iter().filter(|b| b.rpc.name() == rpc).count();
    assert_eq!((of("Get"), of("Put"), of("Bodies"), of("Parts"), of("Hidden")), (6, 1, 5, 9, 0));
    let archive = table.bindings().iter().find(|b| b.rpc.name() == "Archive").unwrap();
    assert_eq!(archive.to_string(), "POST /items/{id}:archive");
    assert_eq!(archive.rpc_path, "/transcode.test.v1.Routes/Archive");
    assert!(matches!(archive.body, Body::Message));
    let patch = table.bindings().iter().find(|b| b.rpc.name() == "Patch").unwrap();
    assert!(matches!(&patch.body, Body::Field(field) if field.name() == "nested"));
    let nested = table.bindings().iter().find(|b| b.route == "/parts/nested").unwrap();
    assert_eq!(nested.response_body.as_ref().unwrap().name(), "nested");
}

#[test]
fn a_request_finds_its_route() {
    let table = table();
    for (method, path, route) in [
        ("GET", "/items/7", "GET /items/{id}"),
        ("HEAD", "/items/7", "GET /items/{id}"),
        ("DELETE", "/items/7", "DELETE /items/{id}"),
        ("PUT", "/items/7", "PUT /items/{id}"),
        ("PATCH", "/items/7", "PATCH /items/{id}"),
        ("REPORT", "/items/7", "REPORT /items/{id}"),
        ("POST", "/items/7:archive", "POST /items/{id}:archive"),
        ("GET", "/items/7:archive", "GET /items/{id}"),
        ("GET", "/names/shelves/1", "GET /names/{name}"),
        ("GET", "/files", "GET /files/{name}"),
        ("GET", "/files/a/b/c", "GET /files/{name}"),
        ("GET", "/open/1", "* /open/{id}"),
        ("TRACE", "/open/1", "* /open/{id}"),
        ("GET", "/%69tems/7", "GET /items/{id}"),
    ] {
        let method: Method = method.parse().unwrap();
        match table.find(path, &method) {
            Found::Route(binding) => assert_eq!(binding.to_string(), route, "{method} {path}"),
            other => panic!("{method} {path}: {other:?}"),
        }
    }
}

#[test]
fn a_path_that_is_not_there_is_told_from_a_method_that_is_not() {
    let table = table();
    for path in
        ["/", "", "/items", "/items/", "/items/7/", "//items/7", "/Items/7", "/names/shelves", "/names/x/1"]
    {
        assert!(matches!(table.find(path, &Method::GET), Found::Nothing), "{path}");
    }
    let Found::Methods(mut methods) = table.find("/items/7", &Method::POST) else {
        panic!("a route or nothing")
    };
    methods.sort_by_key(Method::to_string);
    assert_eq!(methods, ["DELETE", "GET", "PATCH", "PUT", "REPORT"].map(|m| m.parse::<Method>().unwrap()));
    // The verb opens one more method.
    let Found::Methods(methods) = table.find("/items/7:archive", &Method::OPTIONS) else { panic!("a route") };
    assert!(methods.contains(&Method::POST) && methods.contains(&Method::GET));
}

#[test]
fn query_parameters_are_listed_by_json_name_without_what_path_and_body_fill() {
    let table = table();
    let names = |route: &str, method: &Method| -> Vec<String> {
        let binding = table.bindings().iter().find(|b| b.route == route && b.http_method == method).unwrap();
        binding.query_parameters().into_iter().map(|(name, _)| name).collect()
    };
    let get = names("/items/{id}", &Method::GET);
    assert!(!get.contains(&"id".to_owned()));
    for name in ["name", "color", "nested.itemCount", "nested.tags", "tags", "known.time", "known.int64Value"]
    {
        assert!(get.contains(&name.to_owned()), "{name}: {get:?}");
    }
    for name in ["nested", "many", "labels", "nested.inner.name", "known.any.typeUrl", "known.time.seconds"] {
        assert!(!get.contains(&name.to_owned()), "{name}: {get:?}");
    }
    assert!(names("/items/{id}", &Method::PUT).is_empty());
    let patch = names("/items/{id}", &Method::PATCH);
    assert!(patch.contains(&"name".to_owned()) && !patch.iter().any(|name| name.starts_with("nested")));
}
