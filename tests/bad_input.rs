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
