use proto::ErrorCode;
use proto::classification as pb;

use crate::server::{Server, absent, ok, refused};

#[tokio::test]
async fn occupations_are_nested_to_the_level_asked_for() {
    let server = Server::embedded().await;
    let mut client = server.client.clone();
    let mut list = async |level| {
        ok(client.list_styrk_codes(pb::ListStyrkCodesRequest {
            level,
            language: "nn".into(),
            ..Default::default()
        }))
        .await
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
    assert_eq!(unspecified.language.as_deref(), Some("nb"), "and says so");
    assert_eq!((get("0000", "nb").await.language, get("2512", "en").await.language), (None, None));
    let names =
        |related: &[pb::RelatedStyrkCode]| related.iter().map(|one| one.code.clone()).collect::<Vec<_>>();
    assert_eq!(
        (names(&role.ancestors), names(&role.siblings)),
        (vec!["2".into(), "25".into()], vec!["252".into()])
    );
    assert_eq!(usize::try_from(role.descendants).unwrap(), role.children.len());
    assert_eq!(
        (role.level_name.as_str(), get("251", "en").await.level_name.as_str()),
        ("yrkesgruppe", "minor group")
    );
    server.stop().await;
}

#[tokio::test]
async fn a_branch_is_answered_nested_in_what_is_above_it() {
    let server = Server::embedded().await;
    let request = pb::ListStyrkCodesRequest { under: "251".into(), ..Default::default() };
    let branch = ok(server.client.clone().list_styrk_codes(request)).await;
    let (group, subgroup) = (&branch.data[0], &branch.data[0].subgroups[0]);
    assert_eq!((branch.data.len(), group.subgroups.len(), subgroup.roles.len()), (1, 1, 1));
    assert_eq!(
        (group.code.as_str(), subgroup.code.as_str(), subgroup.roles[0].code.as_str()),
        ("2", "25", "251")
    );
    assert_eq!(usize::try_from(branch.total).unwrap(), 3 + subgroup.roles[0].titles.len());
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
    let list = |level, language: &str| pb::ListStyrkCodesRequest {
        level,
        language: language.into(),
        ..Default::default()
    };
    refused(client.list_styrk_codes(list(Some(5), "")), ErrorCode::InvalidInput, "level", "1 to 4").await;
    let under =
        |level, under: &str| pb::ListStyrkCodesRequest { level, under: under.into(), ..Default::default() };
    for (code, mention) in [("25123", "one to four"), ("9999", "STYRK code 9999 not found")] {
        refused(client.list_styrk_codes(under(None, code)), ErrorCode::InvalidInput, "under", mention).await;
    }
    refused(client.list_styrk_codes(under(Some(1), "25")), ErrorCode::InvalidInput, "level", "above 25")
        .await;
    let language = ErrorCode::InvalidParameterType;
    refused(client.list_styrk_codes(list(None, "sv")), language, "language", "sv").await;
    server.stop().await;
}
