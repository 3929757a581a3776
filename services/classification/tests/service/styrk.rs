use proto::ErrorCode;
use proto::classification as pb;

use crate::server::{Server, absent, ok, refused};

#[tokio::test]
async fn occupations_are_nested_to_the_level_asked_for() {
    let server = Server::embedded().await;
    let mut client = server.client.clone();
    let mut list = async |level| {
        ok(client.list_styrk_codes(pb::ListStyrkCodesRequest { level, language: "nn".into() })).await
    };
    let mut totals = Vec::new();
    for level in 1..=4 {
        let answer = list(Some(level)).await;
        assert_eq!((answer.data.len(), answer.level), (10, level));
        let subgroups: Vec<_> = answer.data.iter().flat_map(|group| &group.subgroups).collect();
        let roles: Vec<_> = subgroups.iter().flat_map(|group| &group.roles).collect();
        let titles = roles.iter().map(|role| role.titles.len()).sum::<usize>();
        assert_eq!(usize::try_from(answer.total).unwrap(), 10 + subgroups.len() + roles.len() + titles);
        totals.push(answer.total);
    }
    assert!(totals.is_sorted_by(|a, b| a < b), "{totals:?}");
    let all = list(None).await;
    assert_eq!((all.level, all.total), (4, totals[3]));
    let ict = all.data[2].subgroups.iter().find(|group| group.code == "25").unwrap();
    assert!(ict.roles[0].titles.iter().any(|title| title.code == "2512"));
    server.stop().await;
}

#[tokio::test]
async fn an_occupation_comes_with_its_parent_and_children() {
    let server = Server::embedded().await;
    let mut client = server.client.clone();
    let mut get = async |code: &str, language: &str| {
        let request = pb::GetStyrkCodeRequest { code: code.into(), language: language.into() };
        ok(client.get_styrk_code(request)).await.data.unwrap()
    };
    let role = get("251", "").await;
    assert_eq!((role.code.as_str(), role.level, role.parent.as_deref()), ("251", 3, Some("25")));
    let developer = role.children.iter().find(|child| child.code == "2512").unwrap();
    assert_eq!(get("2512", "no").await.name, developer.name);
    assert_eq!(get("2512", "en").await.name, "Software developers");
    assert_eq!(get("2", "").await.parent, None);
    let unspecified = get("0000", "en").await;
    assert_eq!(unspecified.name, get("0000", "nb").await.name, "bokmål stands in for missing English");
    server.stop().await;
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let server = Server::embedded().await;
    let mut client = server.client.clone();
    let get = |code: &str| pb::GetStyrkCodeRequest { code: code.into(), language: String::new() };
    let missing = "STYRK code 9999 not found";
    absent(client.get_styrk_code(get("9999")), ErrorCode::StyrkCodeNotFound, missing).await;
    for code in ["25123", "x", ""] {
        refused(client.get_styrk_code(get(code)), ErrorCode::InvalidInput, "code", "one to four").await;
    }
    let list = |level, language: &str| pb::ListStyrkCodesRequest { level, language: language.into() };
    refused(client.list_styrk_codes(list(Some(5), "")), ErrorCode::InvalidInput, "level", "1 to 4").await;
    let language = ErrorCode::InvalidParameterType;
    refused(client.list_styrk_codes(list(None, "sv")), language, "language", "sv").await;
    server.stop().await;
}
