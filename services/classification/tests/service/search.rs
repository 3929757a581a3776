use proto::ErrorCode;
use proto::classification as pb;

use crate::server::{Server, ok, refused};

fn words(q: &str) -> pb::SearchClassificationsRequest {
    pb::SearchClassificationsRequest { q: q.into(), ..Default::default() }
}

fn reference(scheme: pb::Scheme, code: &str) -> pb::CodeReference {
    pb::CodeReference { scheme: scheme.into(), code: code.into() }
}

#[tokio::test]
async fn a_search_covers_all_lists_and_says_why_each_code_matched() {
    let server = Server::embedded().await;
    let mut client = server.client.clone();
    let oslo = ok(client.search_classifications(words("oslo"))).await;
    assert_eq!(usize::try_from(oslo.total).unwrap(), oslo.data.len());
    let codes: Vec<_> = oslo.data.iter().map(|hit| hit.code.as_str()).collect();
    assert_eq!(codes[..2], ["NO081", "NO0301"], "the whole label first, the higher level before the lower");
    assert_eq!(oslo.data[0].matched.as_ref().unwrap().kind, "exact");
    let developers = ok(client.search_classifications(words("software developer"))).await;
    let first = &developers.data[0];
    assert_eq!((first.scheme(), first.level), (pb::Scheme::Styrk, 4));
    let matched = first.matched.as_ref().unwrap();
    assert_eq!((matched.field.as_str(), matched.text.as_str()), ("name_en", "Software developers"));
    let code = ok(client.search_classifications(words("48000000-8"))).await;
    let matched = code.data[0].matched.as_ref().unwrap();
    assert_eq!((matched.field.as_str(), matched.kind.as_str(), code.data.len()), ("code", "exact", 1));
    server.stop().await;
}

#[tokio::test]
async fn a_search_is_narrowed_by_list_ancestor_and_limit() {
    let server = Server::embedded().await;
    let mut client = server.client.clone();
    let mut request = words("25");
    request.scheme = pb::Scheme::Styrk.into();
    let hits = ok(client.search_classifications(request.clone())).await.data;
    assert!(hits.iter().all(|hit| hit.scheme() == pb::Scheme::Styrk && hit.code.starts_with("25")));
    assert_eq!(hits[0].matched.as_ref().unwrap().kind, "exact");
    request.limit = Some(2);
    assert_eq!(ok(client.search_classifications(request)).await.data.len(), 2);
    let below =
        pb::SearchClassificationsRequest { under: "72000000".into(), limit: Some(100), ..words("tjenester") };
    let hits = ok(client.search_classifications(below)).await.data;
    assert!(!hits.is_empty());
    assert!(hits.iter().all(|hit| hit.code.starts_with("72") && hit.code != "72000000"), "{hits:?}");
    let below = pb::SearchClassificationsRequest { under: "NO08".into(), ..words("oslo") };
    let hits = ok(client.search_classifications(below)).await.data;
    assert_eq!(hits.iter().map(|hit| hit.code.as_str()).collect::<Vec<_>>(), ["NO081", "NO0301"]);
    server.stop().await;
}

#[tokio::test]
async fn a_search_names_what_is_wrong_with_it() {
    let server = Server::embedded().await;
    let mut client = server.client.clone();
    let invalid = ErrorCode::InvalidInput;
    refused(client.search_classifications(words("  ")), ErrorCode::MissingParameter, "q", "words").await;
    refused(client.search_classifications(words(&"x".repeat(201))), invalid, "q", "200").await;
    for limit in [0, 101, -5] {
        let request = pb::SearchClassificationsRequest { limit: Some(limit), ..words("x") };
        refused(client.search_classifications(request), invalid, "limit", "1 to 100").await;
    }
    for under in ["99999999", "NO99", "?"] {
        let request = pb::SearchClassificationsRequest { under: under.into(), ..words("x") };
        refused(client.search_classifications(request), invalid, "under", under).await;
    }
    let request = pb::SearchClassificationsRequest { scheme: 7, ..words("x") };
    let wrong = ErrorCode::InvalidParameterType;
    refused(client.search_classifications(request), wrong, "scheme", "CPV, NUTS, STYRK").await;
    let request = pb::SearchClassificationsRequest { language: "fr".into(), ..words("x") };
    refused(client.search_classifications(request), wrong, "language", "fr").await;
    server.stop().await;
}

#[tokio::test]
async fn labels_come_in_the_order_asked_and_absent_codes_are_no_error() {
    let server = Server::embedded().await;
    let mut client = server.client.clone();
    let codes = vec![
        reference(pb::Scheme::Styrk, "2512"),
        reference(pb::Scheme::Cpv, "99999999"),
        reference(pb::Scheme::Nuts, "0301"),
        reference(pb::Scheme::Nuts, "NO"),
        reference(pb::Scheme::Cpv, "48000000-8"),
    ];
    let request = pb::BatchGetLabelsRequest { codes: codes.clone(), language: "en".into() };
    let answer = ok(client.batch_get_labels(request)).await;
    let labels: Vec<_> = answer.labels.iter().map(|label| (label.scheme(), label.code.as_str())).collect();
    let expected = [(pb::Scheme::Styrk, "2512"), (pb::Scheme::Nuts, "NO0301"), (pb::Scheme::Cpv, "48000000")];
    assert_eq!(labels, expected);
    assert_eq!(answer.labels[0].label, "Software developers");
    assert_eq!(answer.missing, [codes[1].clone(), codes[3].clone()]);
    let read: Vec<_> = answer.snapshots.iter().map(pb::SchemeSnapshot::scheme).collect();
    assert_eq!(read, [pb::Scheme::Cpv, pb::Scheme::Nuts, pb::Scheme::Styrk]);
    let unnamed = pb::BatchGetLabelsRequest {
        codes: vec![reference(pb::Scheme::Unspecified, "1")],
        ..Default::default()
    };
    refused(client.batch_get_labels(unnamed), ErrorCode::MissingParameter, "codes.scheme", "list").await;
    let many = vec![reference(pb::Scheme::Cpv, "48000000"); 1001];
    let many = pb::BatchGetLabelsRequest { codes: many, ..Default::default() };
    refused(client.batch_get_labels(many), ErrorCode::InvalidInput, "codes", "1000").await;
    server.stop().await;
}
