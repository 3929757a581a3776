//! Searches: what Doffin is asked, what callers are told, what is refused.

use std::time::Duration;

use proto::ErrorCode;
use proto::procurement as pb;
use serde_json::json;

use crate::doffin::{Reply, hit};
use crate::system::{KEY, System, answered, config, ids, logs, nowhere, refused, words};

#[tokio::test]
async fn a_search_is_asked_in_doffin_s_own_words_with_the_key_in_a_header() {
    let system = System::start().await;
    system.doffin.holds(3);
    let request = pb::SearchNoticesRequest {
        search: " vei & bru ".into(),
        cpv_code: vec!["72000000-5".into(), "45".into(), "72".into()],
        location: vec!["no0a1".into()],
        status: vec![pb::NoticeStatus::Active.into()],
        r#type: vec![pb::NoticeType::Result.into()],
        page: Some(1),
        hits_per_page: Some(15),
        issue_date_from: "2026-01-01".into(),
        issue_date_to: "2026-12-31".into(),
        estimated_value_from: Some(1_000_000.0),
        estimated_value_to: Some(2_500_000.5),
        sort_by: pb::SortBy::Deadline.into(),
        include_nationwide: true,
        source: pb::Source::Live.into(),
        ..Default::default()
    };
    let response = system.search(request).await.unwrap();
    assert_eq!(ids(&response), ["2026-000001", "2026-000002", "2026-000003"]);
    let asked = &system.doffin.asked()[0];
    assert_eq!(asked.path, "/public/v2/search");
    assert_eq!(asked.key.as_deref(), Some(KEY));
    let expected = [
        ("searchString", "vei & bru"),
        ("type", "RESULT"),
        ("status", "ACTIVE"),
        ("cpvCode", "45000000"),
        ("cpvCode", "72000000"),
        ("location", "NO0A1"),
        ("location", "anyw"),
        ("location", "anyw-cou"),
        ("location", "anyw-eea"),
        ("issueDateFrom", "2026-01-01"),
        ("issueDateTo", "2026-12-31"),
        ("estimatedValueFrom", "1000000"),
        ("estimatedValueTo", "2500000.5"),
        ("sortBy", "DEADLINE"),
        ("page", "1"),
        ("numHitsPerPage", "15"),
    ];
    assert_eq!(asked.query, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!((response.source(), response.notes.len()), (pb::Source::Live, 0));
}

#[tokio::test]
async fn a_hit_carries_doffin_s_fields_and_ours() {
    let system = System::start().await;
    let mut award = hit("2026-112546");
    award["estimatedValue"] = json!({"currencyCode": "NOK", "amount": 4_000_000.5});
    award["type"] = json!("SOMETHING_NEW");
    award["status"] = json!(null);
    award["deadline"] = json!(null);
    award["receivedTenders"] = json!(0);
    award["allReceivedTenders"] = json!([{"type": "t-esubm", "total": 3}]);
    award["cpvCodes"] = json!(["72200000", "45000000", "72000000"]);
    award["lots"] = json!([{"heading": "Del 1", "description": null, "winner": [{"id": "0b", "organizationId": null, "name": "Leverandør Oy"}]}]);
    system.doffin.script([Reply::hits(1, &[award])]);
    let response = system.search(words("kontakt")).await.unwrap();
    let hit = response.data.unwrap().hits.remove(0);
    assert_eq!(hit.url, "https://www.doffin.no/notices/2026-112546");
    assert_eq!(hit.buyer[0].organization_id.as_deref(), Some("938 801 363"));
    assert_eq!(hit.buyer[0].organization_number.as_deref(), Some("938801363"));
    assert_eq!(hit.estimated_value, Some(pb::Amount { currency_code: "NOK".into(), amount: 4_000_000.5 }));
    assert_eq!((hit.r#type.as_str(), hit.status, hit.deadline), ("SOMETHING_NEW", None, None));
    assert_eq!(hit.issue_date.unwrap().seconds, 1_785_414_992);
    assert_eq!((hit.publication_date.as_str(), hit.received_tenders), ("2026-08-03", Some(0)));
    assert_eq!(hit.all_received_tenders, [pb::ReceivedTenders { r#type: "t-esubm".into(), total: 3 }]);
    assert_eq!(hit.cpv_codes, ["45000000", "72000000", "72200000"]);
    assert_eq!(hit.leaf_cpv_codes, ["45000000", "72200000"]);
    assert_eq!(hit.winner, hit.lots[0].winner);
    assert_eq!(hit.lots[0].winner[0].name, "Leverandør Oy");
    assert_eq!(hit.lots[0].winner[0].organization_number, None);
}

#[tokio::test]
async fn equal_searches_share_one_answer_however_they_are_written() {
    let system = System::start().await;
    system.doffin.holds(1);
    let search = |codes: [&str; 2]| {
        let cpv_code = codes.map(str::to_owned).to_vec();
        system.search(pb::SearchNoticesRequest { cpv_code, ..Default::default() })
    };
    let first = search(["72", "45000000-7"]).await.unwrap();
    let second = search(["45000000", "72000000"]).await.unwrap();
    assert_eq!(system.doffin.asked().len(), 1);
    assert_eq!(first.as_of, second.as_of);
    assert!(second.age_seconds >= 0 && second.age_seconds < 60, "{}", second.age_seconds);
    let text = system.metrics.text();
    for line in ["search_cache_total{outcome=\"hit\"} 1", "search_cache_total{outcome=\"miss\"} 1"] {
        assert!(text.contains(line), "{line} not in\n{text}");
    }
}

#[tokio::test]
async fn what_cannot_be_searched_for_is_refused_by_name_and_never_sent() {
    let system = System::start().await;
    let none = pb::SearchNoticesRequest::default;
    let many = || vec!["72".to_owned(); 51];
    for (field, request) in [
        ("search", pb::SearchNoticesRequest { search: "x".repeat(501), ..none() }),
        ("search", pb::SearchNoticesRequest { search: "a\u{7}".into(), ..none() }),
        ("cpvCode", pb::SearchNoticesRequest { cpv_code: vec!["7".into()], ..none() }),
        ("cpvCode", pb::SearchNoticesRequest { cpv_code: many(), ..none() }),
        ("location", pb::SearchNoticesRequest { location: many(), ..none() }),
        ("location", pb::SearchNoticesRequest { location: vec![" ".into()], ..none() }),
        ("page", pb::SearchNoticesRequest { page: Some(0), ..none() }),
        ("page", pb::SearchNoticesRequest { page: Some(11), ..none() }),
        ("hitsPerPage", pb::SearchNoticesRequest { hits_per_page: Some(1001), ..none() }),
        ("issueDateFrom", pb::SearchNoticesRequest { issue_date_from: "2026-02-30".into(), ..none() }),
        ("issueDateTo", pb::SearchNoticesRequest { issue_date_to: "today".into(), ..none() }),
        ("estimatedValueFrom", pb::SearchNoticesRequest { estimated_value_from: Some(-1.0), ..none() }),
        ("estimatedValueTo", pb::SearchNoticesRequest { estimated_value_to: Some(f64::NAN), ..none() }),
        ("sortBy", pb::SearchNoticesRequest { sort_by: pb::SortBy::Relevance.into(), ..none() }),
        ("includeNationwide", pb::SearchNoticesRequest { include_nationwide: true, ..none() }),
    ] {
        refused(&system.search(request).await.unwrap_err(), ErrorCode::InvalidInput, field);
    }
    let unknown = pb::SearchNoticesRequest { status: vec![77], ..none() };
    refused(&system.search(unknown).await.unwrap_err(), ErrorCode::InvalidParameterType, "status");
    assert!(system.doffin.asked().is_empty());
}

#[tokio::test]
async fn a_cpv_code_that_does_not_exist_is_refused_unless_the_list_may_lack_it() {
    let system = System::start().await;
    let search = || {
        let cpv_code = vec!["99999999".to_owned()];
        system.search(pb::SearchNoticesRequest { cpv_code, ..Default::default() })
    };
    let failure = search().await.unwrap_err();
    refused(&failure, ErrorCode::InvalidInput, "cpvCode");
    assert_eq!(failure.metadata, [("code".to_owned(), "99999999".to_owned())]);
    system.classification.lacks_codes();
    assert_eq!(search().await.unwrap().notes, [""; 0]);
    assert_eq!(system.doffin.asked()[0].values("cpvCode"), ["99999999"]);
}

#[tokio::test]
async fn several_codes_that_do_not_exist_are_told_in_one_sentence() {
    let system = System::start().await;
    let cpv_code = vec!["99999999".to_owned(), "72000000".to_owned(), "88888888".to_owned()];
    let request = pb::SearchNoticesRequest { cpv_code, ..Default::default() };
    let failure = system.search(request).await.unwrap_err();
    assert!(failure.message.contains("CPV codes 88888888 and 99999999 do not exist"), "{failure:?}");
    assert_eq!(failure.metadata, [("code".to_owned(), "88888888, 99999999".to_owned())]);
}

#[tokio::test]
async fn codes_are_searched_unchecked_when_nobody_can_check_them() {
    let url = format!("--classification-url=http://{}", nowhere());
    let system = System::start_with(&[&url]).await;
    let request = pb::SearchNoticesRequest {
        cpv_code: vec!["99999999".into()],
        location: vec!["NO08".into()],
        ..Default::default()
    };
    let notes = system.search(request).await.unwrap().notes;
    assert!(notes[0].contains("not checked") && notes[1].contains("counties of NO08"), "{notes:?}");
    assert_eq!(system.doffin.asked()[0].values("location"), ["NO08"]);
}

#[tokio::test]
async fn an_empty_mirror_answers_when_it_is_asked_and_says_what_it_lacks() {
    let system = System::start().await;
    system.doffin.holds(3);
    let mirror = pb::SearchNoticesRequest { source: pb::Source::Mirror.into(), ..Default::default() };
    let response = system.search(mirror).await.unwrap();
    let coverage = response.coverage.clone().unwrap();
    assert_eq!((response.source(), response.elements, coverage.complete), (pb::Source::Mirror, 0, false));
    assert!(coverage.reason.unwrap().contains("not been filled"), "{:?}", response.coverage);
    assert!(system.doffin.asked().is_empty());

    let response = system.search(pb::SearchNoticesRequest::default()).await.unwrap();
    assert_eq!((response.source(), response.elements), (pb::Source::Live, 3), "it is not complete");
}

#[tokio::test]
async fn without_sync_what_was_imported_is_served_unless_doffin_is_asked_for() {
    let (data, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(files.path().join("hits.json"), json!([hit("2026-112546")]).to_string()).unwrap();
    let settings = config(nowhere(), nowhere(), data.path(), &[]);
    procurement::import(&settings, files.path(), |_| ()).await.unwrap();
    let system = System::start_over(data, &[]).await;
    system.doffin.holds(3);
    let of = |source: pb::Source| {
        system.search(pb::SearchNoticesRequest { source: source.into(), ..Default::default() })
    };
    let indexed = async {
        while of(pb::Source::Mirror).await.unwrap().elements == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), indexed).await.unwrap();
    let response = of(pb::Source::Unspecified).await.unwrap();
    assert_eq!((response.source(), ids(&response)), (pb::Source::Mirror, vec!["2026-112546"]));
    assert!(system.doffin.asked().is_empty());
    assert_eq!(of(pb::Source::Live).await.unwrap().elements, 3);
}

#[tokio::test]
async fn doffin_s_answers_tell_their_age_so_nobody_on_the_way_may_keep_them() {
    let system = System::start().await;
    system.doffin.script([Reply::hits(1, &[hit("2026-112546")]), Reply::hits(1, &[hit("2026-112546")])]);
    let mut client = system.client.clone();
    let found = client.search_notices(pb::SearchNoticesRequest::default()).await.unwrap();
    let notice = client.get_notice(pb::GetNoticeRequest { id: "2026-112546".into() }).await.unwrap();
    assert_eq!((found.get_ref().source(), notice.get_ref().source()), (pb::Source::Live, pb::Source::Live));
    for metadata in [found.metadata(), notice.metadata()] {
        assert_eq!(metadata.get("cache-control").unwrap(), "no-store");
    }
}

#[tokio::test]
async fn a_filter_doffin_would_ignore_is_the_mirror_s_and_refused_with_source_live() {
    let system = System::start().await;
    let live = |request| pb::SearchNoticesRequest { source: pb::Source::Live.into(), ..request };
    for (field, request) in [
        ("buyer", pb::SearchNoticesRequest { buyer: vec!["Bergen".into()], ..Default::default() }),
        ("supplier", pb::SearchNoticesRequest { supplier: vec!["938801363".into()], ..Default::default() }),
        ("language", pb::SearchNoticesRequest { language: vec!["nor".into()], ..Default::default() }),
        ("lotsFrom", pb::SearchNoticesRequest { lots_from: Some(2), ..Default::default() }),
        (
            "publishedFrom",
            pb::SearchNoticesRequest { published_to: "2026-01-01".into(), ..Default::default() },
        ),
        ("facet", pb::SearchNoticesRequest { facet: vec![1], ..Default::default() }),
        ("cursor", pb::SearchNoticesRequest { cursor: "x".into(), ..Default::default() }),
    ] {
        let failure = system.search(live(request)).await.unwrap_err();
        refused(&failure, ErrorCode::InvalidInput, field);
    }
    assert!(system.doffin.asked().is_empty());
    let buyer = pb::SearchNoticesRequest { buyer: vec!["Bergen".into()], ..Default::default() };
    assert_eq!(system.search(buyer).await.unwrap().source(), pb::Source::Mirror);
}

#[tokio::test]
async fn what_an_empty_mirror_does_not_hold_is_not_found_or_nothing() {
    let system = System::start().await;
    let mut client = system.client.clone();
    let timeline = pb::GetNoticeTimelineRequest { id: "2026-000001".into() };
    let failure = answered(client.get_notice_timeline(timeline).await).unwrap_err();
    assert_eq!(failure.code, ErrorCode::NoticeNotFound);
    let organization = pb::GetOrganizationRequest { number: "938801363".into() };
    let failure = answered(client.get_organization(organization).await).unwrap_err();
    assert_eq!(failure.code, ErrorCode::OrganizationNotFound);
    let changes = answered(client.list_changes(pb::ListChangesRequest::default()).await).unwrap();
    assert_eq!((changes.data.len(), changes.next_cursor.as_str()), (0, "0"));
    let ahead = pb::ListChangesRequest { cursor: "7".into(), ..Default::default() };
    refused(&answered(client.list_changes(ahead).await).unwrap_err(), ErrorCode::InvalidInput, "cursor");
    let stats = answered(client.get_stats(pb::GetStatsRequest::default()).await).unwrap();
    assert_eq!((stats.total, stats.coverage.unwrap().complete), (0, false));
}

#[tokio::test]
async fn a_filter_that_filters_nothing_is_noticed() {
    let system = System::start().await;
    system.doffin.holds(8731);
    system.search(pb::SearchNoticesRequest::default()).await.unwrap();
    system.search(words("skole")).await.unwrap();
    let logs = logs();
    assert!(logs.lines().any(|line| line.contains("may ignore a filter") && line.contains("8731")));
}

#[tokio::test]
async fn a_range_wide_enough_for_everything_is_not_taken_for_an_ignored_filter() {
    let system = System::start().await;
    system.doffin.holds(8642);
    system.search(pb::SearchNoticesRequest::default()).await.unwrap();
    for wide in [
        pb::SearchNoticesRequest { issue_date_to: "9999-12-31".into(), ..Default::default() },
        pb::SearchNoticesRequest { estimated_value_from: Some(0.0), ..Default::default() },
    ] {
        system.search(wide).await.unwrap();
    }
    assert_eq!(system.doffin.asked().len(), 3);
    let logs = logs();
    assert!(!logs.lines().any(|line| line.contains("may ignore a filter") && line.contains("8642")));
}
