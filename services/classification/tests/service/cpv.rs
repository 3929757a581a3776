use proto::ErrorCode;
use proto::classification as pb;

use crate::server::{Server, absent, ok, refused};

fn codes(category: &str, search: &str, level: Option<i32>) -> pb::ListCpvCodesRequest {
    pb::ListCpvCodesRequest { category: category.into(), search: search.into(), level, ..Default::default() }
}

fn under(under: &str) -> pb::ListCpvCodesRequest {
    pb::ListCpvCodesRequest { under: under.into(), ..Default::default() }
}

fn one(code: &str, language: &str) -> pb::GetCpvCodeRequest {
    pb::GetCpvCodeRequest { code: code.into(), language: language.into() }
}

#[tokio::test]
async fn categories_are_the_divisions_by_code_with_their_names() {
    let server = Server::embedded().await;
    let mut client = server.client.clone();
    let answer = ok(client.list_cpv_categories(pb::ListCpvCategoriesRequest { language: "EN".into() })).await;
    assert_eq!((answer.data.len(), answer.total), (45, 45));
    assert!(answer.data.is_sorted_by(|a, b| a.code < b.code));
    let first = &answer.data[0];
    assert_eq!((first.code.as_str(), first.level), ("03000000", 1));
    assert_eq!(first.name.as_deref(), Some(first.description.as_str()));
    assert!(first.description.starts_with("Agricultural"), "{}", first.description);
    let snapshot = answer.snapshot.unwrap();
    assert_eq!((snapshot.origin.as_str(), snapshot.version.len()), ("embedded", 16));
    assert!(snapshot.as_of.is_some());
    server.stop().await;
}

#[tokio::test]
async fn codes_are_narrowed_by_division_words_and_level_together() {
    let server = Server::embedded().await;
    let mut client = server.client.clone();
    let all = ok(client.list_cpv_codes(codes("", "", None))).await;
    assert_eq!(usize::try_from(all.total).unwrap(), all.data.len());
    assert!(all.data.len() > 45 && all.data.is_sorted_by(|a, b| a.code < b.code));
    let narrowed = ok(client.list_cpv_codes(codes("72000000-5", "", Some(2)))).await;
    assert!(!narrowed.data.is_empty());
    for code in &narrowed.data {
        assert!(code.code.starts_with("72") && code.level == 2 && code.name.is_none(), "{code:?}");
    }
    let division = ok(client.list_cpv_codes(codes("72", "", Some(1)))).await.data.remove(0);
    assert!(narrowed.data.iter().all(|code| code.category == division.description));
    let by_name =
        ok(client.list_cpv_codes(codes(&division.description.to_uppercase(), "  720 ", None))).await;
    assert_eq!(by_name.filters, Some(pb::CpvFilters { category: "72000000".into(), search: "720".into() }));
    assert!(by_name.data.iter().all(|code| code.code.starts_with("720")));
    let english = ok(client.list_cpv_codes(codes("", "SOFTWARE", None))).await;
    assert!(english.data.iter().any(|code| code.code == "48000000"));
    server.stop().await;
}

#[tokio::test]
async fn a_code_comes_with_its_ancestors_and_children() {
    let server = Server::embedded().await;
    let mut client = server.client.clone();
    let detail = ok(client.get_cpv_code(one("72000000-5", "nb"))).await.data.unwrap();
    assert_eq!((detail.code.as_str(), detail.level, detail.parent), ("72000000", 1, None));
    assert_eq!(detail.name.as_deref(), Some(detail.description.as_str()));
    assert!(!detail.children.is_empty());
    assert_eq!(detail.related_codes, detail.children);
    let child = &detail.children[0];
    let detail = ok(client.get_cpv_code(one(&child.code, "nb"))).await.data.unwrap();
    assert_eq!((detail.parent.as_deref(), &detail.description), (Some("72000000"), &child.description));
    let above: Vec<_> = detail.ancestors.iter().map(|related| related.code.as_str()).collect();
    assert_eq!(above, ["72000000"]);
    assert_eq!(detail.related_codes[1..], detail.children);
    assert_eq!((detail.name, detail.category), (None, detail.related_codes[0].description.clone()));
    server.stop().await;
}

#[tokio::test]
async fn every_code_finds_its_way_up_down_and_sideways() {
    let server = Server::embedded().await;
    let mut client = server.client.clone();
    let all = ok(client.list_cpv_codes(under("72000000"))).await.data;
    assert!(all.len() > 50 && all.iter().all(|code| code.code.starts_with("72")));
    for listed in &all {
        let detail = ok(client.get_cpv_code(one(&listed.code, ""))).await.data.unwrap();
        assert_eq!((&detail.description, detail.level), (&listed.description, listed.level));
        assert_eq!(detail.parent.as_ref(), detail.ancestors.last().map(|above| &above.code));
        let below = ok(client.list_cpv_codes(under(&listed.code))).await;
        assert_eq!(below.total, detail.descendants + 1, "{}", listed.code);
        assert_eq!(below.data[0].code, listed.code);
        for child in detail.children.iter().chain(&detail.siblings) {
            let other = ok(client.get_cpv_code(one(&child.code, ""))).await.data.unwrap();
            let is_child = other.parent.as_ref() == Some(&detail.code);
            assert!(is_child || other.parent == detail.parent, "{} of {}", child.code, detail.code);
        }
    }
    let division = ok(client.get_cpv_code(one("72000000", "en"))).await.data.unwrap();
    assert_eq!((division.siblings.len(), division.level_name.as_str()), (44, "division"));
    let within = pb::ListCpvCodesRequest { category: "48".into(), ..under("72200000-7") };
    assert_eq!(ok(client.list_cpv_codes(within)).await.total, 0, "nothing is in two divisions");
    server.stop().await;
}

#[tokio::test]
async fn counts_add_up() {
    let server = Server::embedded().await;
    let answer = ok(server.client.clone().get_cpv_stats(pb::GetCpvStatsRequest::default())).await;
    let stats = answer.data.unwrap();
    assert_eq!(stats.category_details.iter().map(|division| division.count).sum::<i32>(), stats.total_codes);
    assert_eq!(stats.main_categories.values().sum::<i32>(), stats.total_codes);
    assert_eq!(stats.top_level_distribution.values().sum::<i32>(), stats.total_codes);
    let software = stats.category_details.iter().find(|division| division.code == "48000000").unwrap();
    assert_eq!(stats.top_level_distribution["48"], software.count);
    assert_eq!(stats.main_categories[&software.name], software.count);
    server.stop().await;
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let server = Server::embedded().await;
    let mut client = server.client.clone();
    let missing = "CPV code 99999999 not found";
    absent(client.get_cpv_code(one("99999999-1", "")), ErrorCode::CpvCodeNotFound, missing).await;
    for code in ["4800", "abc", "48000000-88", ""] {
        refused(client.get_cpv_code(one(code, "")), ErrorCode::InvalidInput, "code", "eight digits").await;
    }
    let language = ErrorCode::InvalidParameterType;
    refused(client.get_cpv_code(one("48000000", "de")), language, "language", "nb, no, nn, en").await;
    let categories = pb::ListCpvCategoriesRequest { language: "xx".into() };
    refused(client.list_cpv_categories(categories), language, "language", "xx").await;
    let stats = pb::GetCpvStatsRequest { language: "xx".into() };
    refused(client.get_cpv_stats(stats), language, "language", "xx").await;
    let invalid = ErrorCode::InvalidInput;
    for level in [0, 8, -1, 300] {
        refused(client.list_cpv_codes(codes("", "", Some(level))), invalid, "level", "1 to 7").await;
    }
    for category in ["99", "Romfart og magi", "72200000"] {
        refused(client.list_cpv_codes(codes(category, "", None)), invalid, "category", category).await;
    }
    refused(client.list_cpv_codes(codes("", &"ø".repeat(201), None)), invalid, "search", "200").await;
    for (code, mention) in [("72", "eight digits"), ("99999999", "CPV code 99999999 not found")] {
        refused(client.list_cpv_codes(under(code)), invalid, "under", mention).await;
    }
    server.stop().await;
}
