//! `/api/docs` and what it shows. What a browser makes of it is in `tests/browser`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use http::Method;
use serde_json::{Value, json};
use system_tests::{World, builder, failure};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What the page loads and links to, as it names it, from the root.
async fn references(world: &World) -> Vec<String> {
    let page = String::from_utf8(world.get("/api/docs").await.body).unwrap();
    let names = page.split("\"docs/").skip(1).map(|rest| rest.split('"').next().unwrap());
    names.map(|name| format!("/api/docs/{name}")).collect()
}

#[tokio::test]
async fn the_page_may_run_only_what_comes_from_here() {
    let world = World::start().await;
    let answer = world.get("/api/docs").await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-type")),
        (200, "text/html; charset=utf-8".into())
    );
    assert_eq!(answer.header("content-security-policy"), POLICY);
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), value, "{name}");
    }
    let page = String::from_utf8(answer.body).unwrap();
    for forbidden in ["<style", "style=", "onclick", "onload", "://unpkg", "https://"] {
        assert!(!page.contains(forbidden), "{forbidden} in {page}");
    }
    assert_eq!(page.matches("<script").count(), page.matches("<script defer src=\"docs/").count());
    world.stop().await;
}

#[tokio::test]
async fn what_the_page_loads_is_kept_for_good_as_long_as_it_is_what_was_named() {
    let world = World::start().await;
    let references = references(&world).await;
    assert!(references.len() >= 5, "{references:?}");
    for reference in references {
        let answer = world.get(&reference).await;
        let (path, _) = reference.split_once('?').unwrap();
        let kind = match path.rsplit_once('.').map(|(_, ending)| ending) {
            Some("css") => "text/css; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            _ => "text/plain; charset=utf-8",
        };
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (200, kind.into()),
            "{reference}"
        );
        assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable", "{reference}");
        // While versions are rolled out, a page of one may ask for files of another.
        for other in [path.to_owned(), format!("{path}?v=0123456789abcdef")] {
            let other = world.get(&other).await;
            assert_eq!(other.header("cache-control"), "public, max-age=300");
            assert_eq!(other.body, answer.body);
        }
    }
    world.stop().await;
}

#[tokio::test]
async fn each_form_of_a_file_has_its_own_tag() {
    let world = World::start().await;
    for path in ["/api/docs", "/api/docs/page.js", "/api/docs/swagger-ui/swagger-ui-bundle.js"] {
        let plain = world.get(path).await;
        let packed = world.send(Method::GET, path, &[("accept-encoding", "gzip")]).await;
        assert_eq!(
            (plain.header("content-encoding").as_str(), packed.header("content-encoding").as_str()),
            ("", "gzip")
        );
        assert!(packed.body.len() < plain.body.len(), "{path}");
        let unpacked = builder().gzip(true).build().unwrap().get(world.url(path)).send().await.unwrap();
        assert_eq!(unpacked.bytes().await.unwrap(), plain.body, "{path}");
        assert_ne!(plain.header("etag"), packed.header("etag"), "{path}");
        for (answer, accepted) in [(&plain, "identity"), (&packed, "gzip")] {
            assert_eq!(answer.header("vary"), "accept-encoding", "{path}");
            let tag = answer.header("etag");
            assert!(tag.starts_with('"') && tag.len() > 10, "{tag}");
            let headers = [("accept-encoding", accepted), ("if-none-match", tag.as_str())];
            let again = world.send(Method::GET, path, &headers).await;
            assert_eq!(
                (again.status.as_u16(), again.body.len(), again.header("etag")),
                (304, 0, tag),
                "{path}"
            );
            assert_eq!(again.header("cache-control"), answer.header("cache-control"));
        }
    }
    world.stop().await;
}

#[tokio::test]
async fn other_methods_and_names_are_answered_as_everywhere() {
    let world = World::start().await;
    for path in ["/api/docs", "/api/docs/page.css"] {
        let (get, head) = (world.get(path).await, world.send(Method::HEAD, path, &[]).await);
        assert_eq!((head.status.as_u16(), head.body.len()), (200, 0), "{path}");
        for name in ["content-type", "content-length", "etag", "cache-control", "content-security-policy"] {
            assert_eq!(head.header(name), get.header(name), "{name} of {path}");
        }
        let post = world.send(Method::POST, path, &[]).await;
        failure(&post, 405, "METHOD_NOT_ALLOWED");
        assert_eq!(post.header("allow"), "GET, HEAD");
    }
    for nothing in [
        "/api/docs/nothing.js",
        "/api/docs/swagger-ui",
        "/api/docs/..%2fCargo.toml",
        "/api/docs/%2e%2e/build.rs",
    ] {
        failure(&world.get(nothing).await, 404, "ROUTE_NOT_FOUND");
    }
    let slash = world.get("/api/docs/").await;
    assert_eq!((slash.status.as_u16(), slash.header("location").as_str()), (308, "../docs"));
    world.stop().await;
}

/// Path and query of the call that an operation's examples make, if it has any.
fn example(path: &str, operation: &Value) -> Option<String> {
    let mut url = reqwest::Url::parse("http://localhost").unwrap();
    let mut path = path.to_owned();
    let mut found = false;
    for parameter in operation["parameters"].as_array().unwrap() {
        let (name, example) = (parameter["name"].as_str().unwrap(), &parameter["example"]);
        let one = std::slice::from_ref(example);
        for value in example.as_array().map_or(one, Vec::as_slice).iter().filter(|value| !value.is_null()) {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            found = true;
            if parameter["in"] == "path" {
                path = path.replace(&format!("{{{name}}}"), &text);
            } else {
                url.query_pairs_mut().append_pair(name, &text);
            }
        }
        let kind = &parameter["schema"]["type"];
        assert!(example.is_null() || *kind != "integer" || example.is_i64(), "{path}: {parameter}");
        assert!(example.is_null() || *kind != "array" || example.is_array(), "{path}: {parameter}");
    }
    url.set_path(&path);
    found.then(|| url.as_str().trim_start_matches("http://localhost").to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_examples_in_the_document_succeed() {
    let world = World::start_mirrored().await;
    world.mirrored().await;
    let document = world.json("/api/openapi.json").await;
    let browser = builder().gzip(true).build().unwrap();
    let mut tried = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let Some(call) = example(path, &methods["get"]) else { continue };
        let answer = browser.get(world.url(&call)).send().await.unwrap();
        let status = answer.status().as_u16();
        let body = answer.text().await.unwrap_or_else(|e| panic!("{call}: {e}"));
        assert_eq!(status, 200, "{call}: {body}");
        if path == "/api/doffin/search" {
            assert_eq!(call, "/api/doffin/search?search=kunstig+intelligens&location=Oslo&hitsPerPage=5");
            let body: Value = serde_json::from_str(&body).unwrap();
            assert_ne!(body["data"]["totalHits"], 0);
        }
        tried += 1;
    }
    assert!(tried >= 13, "only {tried} examples were tried");
    world.stop().await;
}

#[tokio::test]
async fn the_document_says_what_a_newcomer_needs() {
    let world = World::start().await;
    let document = world.json("/api/openapi.json").await;
    assert_eq!(document["info"]["title"], "Bouvet Radar API");
    for word in ["X-API-Key", "error_name", "Retry-After", "CC BY 4.0"] {
        assert!(document["info"]["description"].as_str().unwrap().contains(word), "{word}");
    }
    for tag in document["tags"].as_array().unwrap() {
        assert!(tag["description"].is_string(), "the heading {} is not explained", tag["name"]);
    }
    // Without credentials first: nobody has to have any here.
    assert_eq!(document["security"], json!([{}, {"key": []}, {"token": []}]));
    let responses = &document["paths"]["/api/doffin/notices/{id}"]["get"]["responses"];
    let not_found = &responses["404"];
    assert!(not_found["description"].as_str().unwrap().contains("`NOTICE_NOT_FOUND`"), "{not_found}");
    assert_eq!(not_found["content"]["application/json"]["example"]["error_code"], 5004);
    for status in ["400", "429", "502", "503", "504", "default"] {
        assert!(responses[status].is_object(), "{status}");
    }
    assert!(responses["401"].is_null(), "nobody is asked for credentials here");
    world.stop().await;
}

/// The schema of a query or path parameter.
fn schema(document: &Value, path: &str, name: &str) -> (Value, bool) {
    let parameters = document["paths"][path]["get"]["parameters"].as_array().unwrap();
    let found = parameters.iter().find(|parameter| parameter["name"] == name);
    let found = found.unwrap_or_else(|| panic!("{path} has no {name}"));
    let mut schema = found["schema"].clone();
    schema.as_object_mut().unwrap().remove("description");
    (schema, found["required"].as_bool().unwrap())
}

#[tokio::test]
async fn the_document_says_which_values_are_taken() {
    let world = World::start().await;
    let document = world.json("/api/openapi.json").await;
    let day = json!({"type": "string", "anyOf": [{"format": "date"}, {"maxLength": 0}]});
    let line = r"^ *[^ \x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$";
    let since = json!({"format": "date", "pattern": "^(?:20[2-9]|2[1-9]|[3-9])"});
    for (path, name, required, expected) in [
        (
            "/api/cpv/codes",
            "level",
            false,
            json!({"type": "integer", "format": "int32", "minimum": 1, "maximum": 7}),
        ),
        ("/api/cpv/codes", "search", false, json!({"type": "string", "maxLength": 200})),
        // What need not be given may be empty, which says the same.
        (
            "/api/cpv/codes",
            "language",
            false,
            json!({"type": "string", "pattern": "^ *(?:[Nn][BbNnOo]|[Ee][Nn])? *$"}),
        ),
        (
            "/api/doffin/notices/{id}",
            "id",
            true,
            json!({"type": "string", "pattern": "^ *(?:[0-9]{4}-[0-9]{6}) *$"}),
        ),
        ("/api/nuts/resolve", "name", true, json!({"type": "string", "maxLength": 200, "pattern": "[^ ]"})),
        ("/api/nuts/codes", "as_of", false, json!({"type": "string", "anyOf": [since, {"maxLength": 0}]})),
        ("/api/doffin/search", "issueDateFrom", false, day),
        (
            "/api/doffin/search",
            "page",
            false,
            json!({"type": "integer", "format": "int32", "minimum": 1, "maximum": i32::MAX}),
        ),
        ("/api/doffin/search", "estimatedValueFrom", false, json!({"type": "number", "minimum": 0})),
        (
            "/api/doffin/search",
            "search",
            false,
            json!({"type": "string", "maxLength": 500, "pattern": r"^[^\x00-\x1f\x7f-\x9f]*$"}),
        ),
        (
            "/api/doffin/search",
            "buyer",
            false,
            json!({"type": "array", "maxItems": 50, "items": {"type": "string", "maxLength": 200, "pattern": line}}),
        ),
    ] {
        assert_eq!(schema(&document, path, name), (expected, required), "{path} {name}");
    }
    world.stop().await;
}
