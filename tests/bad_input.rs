//! Bad input on every route: the documented status and code, the field named, never a 5xx.

use http::Method;
use system_tests::{World, failure};

/// Path, status, error name, and what the message must name.
const CASES: &[(&str, u16, &str, &str)] = &[
    // Unknown parameters are refused everywhere, and the known ones listed.
    ("/api/cpv/categories?lang=nb", 400, "INVALID_INPUT", "lang"),
    ("/api/cpv/codes?kategori=48", 400, "INVALID_INPUT", "known ones are category, search, level, language"),
    ("/api/cpv/codes/48000000?x=1", 400, "INVALID_INPUT", "x"),
    ("/api/cpv/stats?x=1", 400, "INVALID_INPUT", "x"),
    ("/api/nuts/codes?lvl=1", 400, "INVALID_INPUT", "lvl"),
    ("/api/nuts/codes/NO081?x=1", 400, "INVALID_INPUT", "x"),
    ("/api/nuts/retired?x=1", 400, "INVALID_INPUT", "x"),
    ("/api/nuts/retired?level=4", 400, "INVALID_INPUT", "level"),
    ("/api/nuts/resolve?navn=Oslo", 400, "INVALID_INPUT", "navn"),
    ("/api/styrk/codes?x=1", 400, "INVALID_INPUT", "x"),
    ("/api/styrk/codes/2512?x=1", 400, "INVALID_INPUT", "x"),
    ("/api/classifications/search?query=x", 400, "INVALID_INPUT", "query"),
    ("/api/classifications/sources?x=1", 400, "INVALID_INPUT", "x"),
    ("/api/doffin/search?noticeType=RESULT", 400, "INVALID_INPUT", "noticeType"),
    ("/api/doffin/search?pageSize=10", 400, "INVALID_INPUT", "hitsPerPage"),
    ("/api/doffin/notices/2024-100000?x=1", 400, "INVALID_INPUT", "x"),
    ("/api/doffin/notices/2024-100000/xml?x=1", 400, "INVALID_INPUT", "x"),
    ("/api/doffin/sync?x=1", 400, "INVALID_INPUT", "x"),
    // Wrong types.
    ("/api/cpv/codes?level=two", 400, "INVALID_PARAMETER_TYPE", "level"),
    ("/api/nuts/codes?level=1.5", 400, "INVALID_PARAMETER_TYPE", "level"),
    ("/api/nuts/codes/level/x", 400, "INVALID_PARAMETER_TYPE", "level"),
    ("/api/styrk/codes/level/99999999999", 400, "INVALID_PARAMETER_TYPE", "level"),
    ("/api/cpv/categories?language=klingon", 400, "INVALID_PARAMETER_TYPE", "language"),
    ("/api/classifications/search?q=x&scheme=ICD", 400, "INVALID_PARAMETER_TYPE", "CPV, NUTS, STYRK"),
    ("/api/doffin/search?page=abc", 400, "INVALID_PARAMETER_TYPE", "page"),
    ("/api/doffin/search?status=OPEN", 400, "INVALID_PARAMETER_TYPE", "ACTIVE, EXPIRED, AWARDED, CANCELLED"),
    ("/api/doffin/search?type=TENDER", 400, "INVALID_PARAMETER_TYPE", "type"),
    ("/api/doffin/search?sortBy=ISSUE_DATE_ASC", 400, "INVALID_PARAMETER_TYPE", "sortBy"),
    ("/api/doffin/search?estimatedValueFrom=much", 400, "INVALID_PARAMETER_TYPE", "estimatedValueFrom"),
    ("/api/doffin/search?includeNationwide=yes", 400, "INVALID_PARAMETER_TYPE", "includeNationwide"),
    // Out of range, or of the wrong form.
    ("/api/cpv/codes?level=0", 400, "INVALID_INPUT", "level"),
    ("/api/nuts/codes?level=4", 400, "INVALID_INPUT", "level"),
    ("/api/nuts/codes/level/0", 400, "INVALID_INPUT", "level"),
    ("/api/styrk/codes?level=5", 400, "INVALID_INPUT", "level"),
    ("/api/classifications/search?q=x&limit=101", 400, "INVALID_INPUT", "limit"),
    ("/api/classifications/search?q=x&limit=-1", 400, "INVALID_INPUT", "limit"),
    ("/api/doffin/search?page=0", 400, "INVALID_INPUT", "page"),
    ("/api/doffin/search?page=-3", 400, "INVALID_INPUT", "page"),
    ("/api/doffin/search?hitsPerPage=0", 400, "INVALID_INPUT", "hitsPerPage"),
    ("/api/doffin/search?hitsPerPage=1001", 400, "INVALID_INPUT", "hitsPerPage"),
    ("/api/doffin/search?source=LIVE&hitsPerPage=100&page=11", 400, "INVALID_INPUT", "page"),
    ("/api/doffin/search?issueDateFrom=2026-13-01", 400, "INVALID_INPUT", "issueDateFrom"),
    ("/api/doffin/search?issueDateFrom=01.02.2026", 400, "INVALID_INPUT", "issueDateFrom"),
    ("/api/doffin/search?issueDateFrom=2026-02-01&issueDateTo=2026-01-01", 400, "INVALID_INPUT", "issueDate"),
    ("/api/doffin/search?estimatedValueFrom=-1", 400, "INVALID_INPUT", "estimatedValueFrom"),
    ("/api/doffin/search?estimatedValueFrom=10&estimatedValueTo=5", 400, "INVALID_INPUT", "estimatedValue"),
    ("/api/doffin/search?sortBy=RELEVANCE", 400, "INVALID_INPUT", "sortBy"),
    ("/api/doffin/search?page=1&page=2", 400, "INVALID_INPUT", "page"),
    ("/api/doffin/search?search=%00", 400, "INVALID_INPUT", "search"),
    ("/api/doffin/search?search=%FF", 400, "INVALID_INPUT", "UTF-8"),
    // Unknown codes and places.
    ("/api/cpv/codes/99999999", 404, "CPV_CODE_NOT_FOUND", "99999999"),
    ("/api/cpv/codes/48", 400, "INVALID_INPUT", "code"),
    ("/api/cpv/codes/software", 400, "INVALID_INPUT", "code"),
    ("/api/cpv/codes?category=nonsense", 400, "INVALID_INPUT", "category"),
    ("/api/nuts/codes/NO999", 404, "NUTS_CODE_NOT_FOUND", "NO999"),
    ("/api/nuts/codes/%C3%86%C3%98%C3%85", 400, "INVALID_INPUT", "code"),
    ("/api/styrk/codes/9999", 404, "STYRK_CODE_NOT_FOUND", "9999"),
    ("/api/styrk/codes/abc", 400, "INVALID_INPUT", "code"),
    ("/api/doffin/search?cpvCode=9", 400, "INVALID_INPUT", "cpvCode"),
    ("/api/doffin/search?cpvCode=72000000,48000000", 400, "INVALID_INPUT", "cpvCode"),
    ("/api/doffin/search?location=Atlantis", 400, "INVALID_INPUT", "location"),
    ("/api/doffin/search?location=Her%C3%B8y", 400, "INVALID_INPUT", "location"),
    ("/api/doffin/notices/hello", 400, "INVALID_INPUT", "id"),
    ("/api/doffin/notices/1999-000001", 404, "NOTICE_NOT_FOUND", "1999-000001"),
    ("/api/doffin/notices/1999-000001/xml", 404, "NOTICE_NOT_FOUND", "1999-000001"),
    ("/api/doffin/notices/hello/xml", 400, "INVALID_INPUT", "id"),
    // Missing parameters.
    ("/api/nuts/resolve", 400, "MISSING_PARAMETER", "name"),
    ("/api/classifications/search", 400, "MISSING_PARAMETER", "q"),
    // The mirror's routes.
    ("/api/doffin/search?source=LIVE&buyer=Oslo", 400, "INVALID_INPUT", "buyer"),
    ("/api/doffin/search?source=LIVE&sortBy=DEADLINE_DESC", 400, "INVALID_INPUT", "sortBy"),
    ("/api/doffin/search?buyer=938801364", 400, "INVALID_INPUT", "check digit"),
    ("/api/doffin/search?supplier=%26%26", 400, "INVALID_INPUT", "supplier"),
    ("/api/doffin/search?currency=kroner", 400, "INVALID_INPUT", "currency"),
    ("/api/doffin/search?publishedFrom=yesterday", 400, "INVALID_INPUT", "publishedFrom"),
    (
        "/api/doffin/search?deadlineFrom=2026-02-01&deadlineTo=2026-01-01",
        400,
        "INVALID_INPUT",
        "deadlineFrom",
    ),
    ("/api/doffin/search?lotsFrom=3&lotsTo=2", 400, "INVALID_INPUT", "lotsFrom"),
    ("/api/doffin/search?lotsFrom=-1", 400, "INVALID_INPUT", "lotsFrom"),
    ("/api/doffin/search?facet=COLOUR", 400, "INVALID_PARAMETER_TYPE", "facet"),
    ("/api/doffin/search?cursor=nonsense", 400, "INVALID_INPUT", "cursor"),
    ("/api/doffin/search?cursor=x&page=2", 400, "INVALID_INPUT", "page"),
    ("/api/doffin/changes?cursor=x", 400, "INVALID_INPUT", "cursor"),
    ("/api/doffin/changes?cursor=99999999999", 400, "INVALID_INPUT", "cursor"),
    ("/api/doffin/changes?limit=0", 400, "INVALID_INPUT", "limit"),
    ("/api/doffin/changes?notice=x", 400, "INVALID_INPUT", "notice"),
    ("/api/doffin/changes?kind=EATEN", 400, "INVALID_PARAMETER_TYPE", "kind"),
    ("/api/doffin/watch?cursor=99999999999", 400, "INVALID_INPUT", "cursor"),
    ("/api/doffin/stats?by=COLOUR", 400, "INVALID_PARAMETER_TYPE", "by"),
    ("/api/doffin/stats?limit=1001", 400, "INVALID_INPUT", "limit"),
    ("/api/doffin/organizations", 400, "INVALID_INPUT", "q"),
    ("/api/doffin/organizations?q=x&limit=0", 400, "INVALID_INPUT", "limit"),
    ("/api/doffin/organizations/938801364", 400, "INVALID_INPUT", "number"),
    ("/api/doffin/organizations/938801363", 404, "ORGANIZATION_NOT_FOUND", "938801363"),
    ("/api/doffin/notices/1999-000001/timeline", 404, "NOTICE_NOT_FOUND", "1999-000001"),
    ("/api/doffin/export?format=PDF", 400, "INVALID_PARAMETER_TYPE", "format"),
    ("/api/doffin/export?format=CSV&column=navn", 400, "INVALID_INPUT", "supplierNumber"),
    ("/api/doffin/export?format=CSV&separator=x", 400, "INVALID_INPUT", "separator"),
    ("/api/doffin/export?bom=true", 400, "INVALID_INPUT", "bom"),
    // Unknown paths.
    ("/", 404, "ROUTE_NOT_FOUND", "route"),
    ("/api", 404, "ROUTE_NOT_FOUND", "route"),
    ("/api/cpv/categories/", 404, "ROUTE_NOT_FOUND", "route"),
    ("/api/cpv/codes/", 404, "ROUTE_NOT_FOUND", "route"),
    ("/api/../etc/passwd", 404, "ROUTE_NOT_FOUND", "route"),
    ("//api/cpv/categories", 404, "ROUTE_NOT_FOUND", "route"),
    ("/API/cpv/categories", 404, "ROUTE_NOT_FOUND", "route"),
];

#[tokio::test]
async fn every_mistake_has_its_documented_answer() {
    let world = World::start().await;
    for (path, status, name, named) in CASES {
        let answer = world.get(path).await;
        assert_eq!(answer.status.as_u16(), *status, "{path}: {}", String::from_utf8_lossy(&answer.body));
        let body = failure(&answer, *status, name);
        let message = body["error"].as_str().unwrap();
        assert!(message.contains(named), "{path}: {message:?} does not name {named}");
        assert!(!answer.header("cache-control").contains("max-age"), "{path} lets its error be cached");
    }
    world.stop().await;
}

/// What is just taken, and what just is not any more, of one parameter: path and query up to its value, and values.
const EDGES: &[(&str, &[&str], &[&str])] = &[
    (
        "/api/cpv/categories?language=",
        &["", "%20", "nb", "No", "nn", "%20EN%20"],
        &["n", "nbo", "%09en", "en-GB"],
    ),
    ("/api/cpv/codes?level=", &["1", "7"], &["0", "8", ""]),
    (
        "/api/cpv/codes/",
        &["48000000", "48000000-0", "%2048000000"],
        &["00000000", "48000000-", "48000000-00", "%0948000000"],
    ),
    ("/api/nuts/codes?level=", &["1", "3"], &["0", "4"]),
    ("/api/nuts/codes/level/", &["1", "3"], &["0", "4"]),
    (
        "/api/nuts/codes?as_of=",
        &["", "2020-01-01", "2024-02-29", "9999-12-31"],
        &["2019-12-31", "2023-02-29", "%20", "%202024-01-01"],
    ),
    ("/api/nuts/retired?level=", &["1", "3"], &["0", "4"]),
    (
        "/api/nuts/codes/",
        &["0301", "no08", "no0a1", "noa0", "noaa0", "no0301", "%20NO081", "anyw", "Anyw-Eu", "se1", "xk123"],
        &["301", "no", "no0", "noaa", "noaaa", "no0a12", "anyw-x", "se", "se1100", "zz1", "%09NO081"],
    ),
    ("/api/nuts/resolve?name=", &["x", "%09", "x*200"], &["", "%20", "x*201"]),
    ("/api/styrk/codes?level=", &["1", "4"], &["0", "5"]),
    ("/api/styrk/codes/level/", &["1", "4"], &["0", "5"]),
    ("/api/styrk/codes/", &["2", "9999"], &["99999", "%092"]),
    ("/api/cpv/codes?search=", &["", "x*200"], &["x*201"]),
    ("/api/cpv/codes?category=", &["", "48"], &["x*201"]),
    ("/api/classifications/search?q=", &["x", "%09", "x*200"], &["", "%20", "x*201"]),
    ("/api/classifications/search?q=x&limit=", &["1", "100"], &["0", "101"]),
    ("/api/classifications/search?q=x&scheme=", &["CPV", "1", "0"], &["cpv", "4", ""]),
    ("/api/doffin/changes?limit=", &["1", "1000"], &["0", "1001"]),
    ("/api/doffin/changes?cursor=", &["", "0", "%200%20", "00"], &["-0", "%2B0", "0.0", "%090"]),
    (
        "/api/doffin/changes?notice=",
        &["", "2024-100000", "%202024-100000"],
        &["2024-10000", "2024-1000000", "%092024-100000"],
    ),
    ("/api/doffin/notices/", &["1999-000001", "%201999-000001%20"], &["1999-00001", "%091999-000001", "%20"]),
    ("/api/doffin/stats?limit=", &["1", "1000"], &["0", "1001"]),
    (
        "/api/doffin/organizations?limit=1&q=",
        &["x", "%20x", "%C2%A0", "x*200"],
        &["%20", "%00", "%C2%85", "x*201"],
    ),
    ("/api/doffin/organizations?q=x&limit=", &["1", "100"], &["0", "101"]),
    (
        "/api/doffin/organizations/",
        &["938801363", "938%20801%20363"],
        &["938801364", "NO938801363", "938.801.363", "93880136"],
    ),
    ("/api/doffin/search?hitsPerPage=", &["1", "1000"], &["0", "1001"]),
    ("/api/doffin/search?page=", &["1"], &["0", "2147483648"]),
    ("/api/doffin/search?search=", &["", "%C2%A0", "x*500"], &["%09", "%7F", "x*501"]),
    ("/api/doffin/search?cpvCode=", &["48", "48000000", "48000000-8"], &["", "4", "480000000", "48-8"]),
    ("/api/doffin/search?location=", &["Oslo", "%20Oslo"], &["", "%20", "%09Oslo", "x*201"]),
    (
        "/api/doffin/search?source=MIRROR&buyer=",
        &["x", "938801363", "x*200"],
        &["", "%20", "938801363%0A", "x*201"],
    ),
    ("/api/doffin/search?source=MIRROR&supplier=", &["x", "x*200"], &["", "x*201"]),
    ("/api/doffin/search?source=MIRROR&currency=", &["NOK", "%20nok"], &["", "NO", "NOKK", "N0K", "NO-"]),
    ("/api/doffin/search?source=MIRROR&language=", &["NOR", "nob"], &["no", "NORS", "N0R"]),
    ("/api/doffin/search?source=MIRROR&procedure=", &["neg-w-call", "x*40"], &["", "neg_w", "x*41"]),
    ("/api/doffin/search?source=MIRROR&lotsFrom=", &["0"], &["-1"]),
    ("/api/doffin/search?source=MIRROR&lotsTo=", &["0"], &["-1"]),
    ("/api/doffin/search?estimatedValueFrom=", &["0", "-0"], &["-0.01", "NaN", "Infinity"]),
    ("/api/doffin/search?estimatedValueTo=", &["0", "1e300"], &["-0.01", "1e400"]),
    ("/api/doffin/search?issueDateFrom=", &["", "2024-02-29"], &["2023-02-29", "%20", "2024-02-29%20"]),
    ("/api/doffin/search?issueDateTo=", &["", "2024-02-29"], &["2023-02-29", "%20"]),
    ("/api/doffin/search?source=MIRROR&publishedFrom=", &["", "2024-02-29"], &["2023-02-29", "%20"]),
    ("/api/doffin/search?source=MIRROR&publishedTo=", &["", "2024-02-29"], &["2023-02-29", "%20"]),
    ("/api/doffin/search?source=MIRROR&deadlineFrom=", &["", "2024-02-29"], &["2023-02-29", "%20"]),
    ("/api/doffin/search?source=MIRROR&deadlineTo=", &["", "2024-02-29"], &["2023-02-29", "%20"]),
    (
        "/api/doffin/search?status=",
        &["ACTIVE", "NOTICE_STATUS_UNSPECIFIED", "0", "4"],
        &["", "active", "5", "-1"],
    ),
    ("/api/doffin/export?format=CSV&separator=", &["", ",", "%20;%20"], &[":", ",,", "%09"]),
    ("/api/doffin/export?format=CSV&column=", &["id", "%20id%20"], &["", "ID", "%09id"]),
];

/// How many values a repeated parameter takes: path, name, value, most.
const MOST: &[(&str, &str, &str, usize)] = &[
    ("/api/doffin/search?", "cpvCode", "48", 50),
    ("/api/doffin/search?", "location", "NO081", 50),
    ("/api/doffin/search?source=MIRROR&", "buyer", "x", 50),
    ("/api/doffin/search?source=MIRROR&", "supplier", "x", 50),
    ("/api/doffin/search?source=MIRROR&", "currency", "NOK", 50),
    ("/api/doffin/search?source=MIRROR&", "language", "NOR", 50),
    ("/api/doffin/search?source=MIRROR&", "procedure", "open", 50),
    ("/api/doffin/search?source=MIRROR&", "facet", "TYPE", 10),
    ("/api/doffin/export?format=CSV&", "column", "id", 50),
];

/// The parameter that a path ends in, as its message names it.
fn last(path: &str) -> &str {
    match path.rsplit_once(['?', '&']) {
        Some((_, query)) => query.trim_end_matches('='),
        None if path.ends_with("/level/") => "level",
        None if path.contains("/notices/") => "id",
        None if path.contains("/organizations/") => "number",
        None => "code",
    }
}

/// A value; `x*200` stands for two hundred letters.
fn value(written: &str) -> String {
    let length = written.strip_prefix("x*").and_then(|length| length.parse().ok());
    length.map_or_else(|| written.to_owned(), |length| "x".repeat(length))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_are_where_the_contract_says() {
    let world = World::start().await;
    let taken = async |call: &str| {
        let answer = world.get(call).await;
        let status = answer.status.as_u16();
        assert!(matches!(status, 200 | 404), "{call}: {status} {}", String::from_utf8_lossy(&answer.body));
    };
    let refused = async |call: &str, name: &str| {
        let answer = world.get(call).await;
        assert_eq!(answer.status.as_u16(), 400, "{call}: {}", String::from_utf8_lossy(&answer.body));
        assert_eq!(answer.json()["details"]["violations"][0]["field"], name, "{call}");
    };
    for (path, inside, outside) in EDGES {
        for written in *inside {
            taken(&format!("{path}{}", value(written))).await;
        }
        for written in *outside {
            refused(&format!("{path}{}", value(written)), last(path)).await;
        }
    }
    for (path, name, value, most) in MOST {
        let one = format!("{name}={value}");
        taken(&format!("{path}{}", vec![one.as_str(); *most].join("&"))).await;
        refused(&format!("{path}{}", vec![one.as_str(); most + 1].join("&")), name).await;
    }
    world.stop().await;
}

#[tokio::test]
async fn a_field_at_fault_is_listed_for_programs() {
    let world = World::start().await;
    let body = failure(&world.get("/api/doffin/search?hitsPerPage=5000").await, 400, "INVALID_INPUT");
    assert_eq!(body["details"]["violations"][0]["field"], "hitsPerPage", "{body}");
    let body = failure(
        &world.get("/api/doffin/search?page=x&hitsPerPage=y&z=1").await,
        400,
        "INVALID_PARAMETER_TYPE",
    );
    assert_eq!(body["details"]["violations"].as_array().map(Vec::len), Some(3), "{body}");
    let body = failure(&world.get("/api/doffin/search?location=Her%C3%B8y").await, 400, "INVALID_INPUT");
    let text = body.to_string();
    assert!(text.contains("NO1515") && text.contains("NO1818"), "the candidates are not named: {text}");
    world.stop().await;
}

#[tokio::test]
async fn another_method_is_refused_with_those_that_work() {
    let world = World::start().await;
    for path in [
        "/api/cpv/categories",
        "/api/doffin/search",
        "/api/doffin/notices/2024-100000",
        "/api/health",
        "/livez",
    ] {
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            let answer = world.send(method, path, &[]).await;
            failure(&answer, 405, "METHOD_NOT_ALLOWED");
            assert!(answer.header("allow").contains("GET"), "{path}: {:?}", answer.headers);
        }
    }
    world.stop().await;
}

#[tokio::test]
async fn what_is_too_long_is_refused_by_its_own_name() {
    let world = World::start().await;
    let long = "x".repeat(9000);
    failure(&world.get(&format!("/api/doffin/search?search={long}")).await, 414, "URI_TOO_LONG");
    let longish = "x".repeat(600);
    failure(&world.get(&format!("/api/doffin/search?search={longish}")).await, 400, "INVALID_INPUT");
    let headers = ["x-a", "x-b", "x-c"].map(|name| (name, long.as_str()));
    failure(&world.send(Method::GET, "/api/health", &headers).await, 431, "HEADERS_TOO_LARGE");
    world.stop().await;
}

#[tokio::test]
async fn a_caller_s_timeout_must_be_one() {
    let world = World::start().await;
    let answer = world.send(Method::GET, "/api/cpv/stats", &[("x-request-timeout", "soon")]).await;
    failure(&answer, 400, "INVALID_PARAMETER_TYPE");
    let answer = world.send(Method::GET, "/api/cpv/stats", &[("x-request-timeout", "2s")]).await;
    assert_eq!(answer.status.as_u16(), 200);
    world.stop().await;
}
