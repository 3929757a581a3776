//! Parameters of the search and the shape of its hits.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use simulator::{Draft, Nuts2, Type};

use crate::probe::{Probe, header, ids};

const KEYS: [&str; 18] = [
    "allReceivedTenders",
    "allTypes",
    "buyer",
    "cpvCodes",
    "deadline",
    "description",
    "doffinClassicUrl",
    "estimatedValue",
    "heading",
    "id",
    "issueDate",
    "limitedDataFlag",
    "locationId",
    "lots",
    "publicationDate",
    "receivedTenders",
    "status",
    "type",
];

#[tokio::test]
async fn every_hit_has_exactly_the_18_keys() {
    let probe = Probe::start().await;
    for hit in probe.hits("numHitsPerPage=500").await {
        let keys: BTreeSet<&str> = hit.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, BTreeSet::from(KEYS));
        assert!(hit["limitedDataFlag"].is_null() && hit["doffinClassicUrl"].is_null());
        assert!(!hit["buyer"].as_array().unwrap().is_empty());
        assert_eq!(hit["buyer"][0]["id"].as_str().unwrap().len(), 32);
    }
}

#[tokio::test]
async fn unknown_parameters_are_ignored_and_give_the_unfiltered_set() {
    let probe = Probe::start().await;
    let total = probe.total("").await;
    for query in [
        "noticeType=RESULT",
        "id=2026-100001",
        "cpv=45000000",
        "publicationDateFrom=2026-01-01",
        "SearchString=x",
    ] {
        assert_eq!(probe.total(query).await, total, "{query}");
    }
    assert!(probe.total("type=RESULT").await < total);
}

#[tokio::test]
async fn an_order_that_does_not_exist_is_an_empty_404() {
    let probe = Probe::start().await;
    for order in ["ISSUE_DATE_DESC", "DEADLINE_ASC", "publication_date_desc"] {
        let response = probe.search(&format!("sortBy={order}")).await;
        assert_eq!(response.status(), 404);
        assert!(response.bytes().await.unwrap().is_empty());
    }
    assert_eq!(probe.search("sortBy=ESTIMATED_VALUE_ASC").await.status(), 200);
    probe.change(|faults| faults.doffin.value_asc = false);
    assert_eq!(probe.search("sortBy=ESTIMATED_VALUE_ASC").await.status(), 404);
}

#[tokio::test]
async fn an_unknown_constant_is_answered_by_java() {
    let probe = Probe::start().await;
    let cases = [("type=ZZZBOGUS", "NoticeType.ZZZBOGUS"), ("status=OPEN", "NoticeStatus.OPEN")];
    for (query, text) in cases {
        let response = probe.search(query).await;
        assert_eq!(response.status(), 400);
        let body: Value = response.json().await.unwrap();
        assert_eq!(
            body,
            json!({"reason": format!("No enum constant no.dfo.dof.notices.domain.elements.{text}")})
        );
    }
}

#[tokio::test]
async fn dates_of_any_other_shape_are_refused() {
    let probe = Probe::start().await;
    for date in ["01.02.2026", "2026-1-2", "2026-01-02T00:00:00Z", "20260102", "2026-13-01"] {
        let response = probe.search(&format!("issueDateFrom={date}")).await;
        assert_eq!(response.status(), 400, "{date}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body, json!({"reason": "Wrong issue date format. Correct format: YYYY-MM-DD"}));
    }
}

#[tokio::test]
async fn both_ends_of_a_date_window_are_inclusive_and_windows_add_up() {
    let probe = Probe::start().await;
    let whole = probe.total("issueDateFrom=2026-08-01&issueDateTo=2026-08-31").await;
    let first = probe.total("issueDateFrom=2026-08-01&issueDateTo=2026-08-15").await;
    let second = probe.total("issueDateFrom=2026-08-16&issueDateTo=2026-08-31").await;
    assert!(first > 0 && second > 0);
    assert_eq!(whole, first + second);
    assert_eq!(probe.total("issueDateFrom=2026-08-31&issueDateTo=2026-08-01").await, 0);
}

#[tokio::test]
async fn types_add_up_and_roll_ups_match_all_types() {
    let probe = Probe::start().await;
    let awards = probe.total("type=ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT").await;
    let changes = probe.total("type=CHANGE_OF_CONCLUSION_OF_CONTRACT").await;
    let both = probe
        .total("type=ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT&type=CHANGE_OF_CONCLUSION_OF_CONTRACT")
        .await;
    assert!(awards > 0 && changes > 0);
    assert_eq!(both, awards + changes);
    for hit in probe.hits("type=RESULT&numHitsPerPage=100").await {
        assert_ne!(hit["type"], "RESULT");
        assert!(hit["allTypes"].as_array().unwrap().contains(&json!("RESULT")));
    }
}

#[tokio::test]
async fn only_competitions_have_a_status() {
    let probe = Probe::start().await;
    for status in ["ACTIVE", "EXPIRED", "AWARDED", "CANCELLED"] {
        assert!(probe.total(&format!("status={status}")).await > 0, "{status}");
        assert_eq!(probe.total(&format!("status={status}&type=RESULT")).await, 0);
    }
    for hit in probe.hits("status=AWARDED").await {
        assert!(hit["lots"].as_array().unwrap().iter().all(|lot| lot["winner"] == json!([])));
    }
}

#[tokio::test]
async fn cpv_codes_are_matched_whole_and_ancestors_are_among_them() {
    let probe = Probe::start().await;
    let division = probe.total("cpvCode=72000000").await;
    let group = probe.total("cpvCode=72200000").await;
    assert!(division > group && group > 0);
    for query in ["cpvCode=72", "cpvCode=72*", "cpvCode=72000000-5", "cpvCode=72000000,45000000"] {
        assert_eq!(probe.total(query).await, 0, "{query}");
    }
    let either = probe.total("cpvCode=72000000&cpvCode=45000000").await;
    assert!(either > division && either <= division + probe.total("cpvCode=45000000").await);
}

#[tokio::test]
async fn sets_inside_a_hit_come_in_another_order_every_time() {
    let probe = Probe::start().await;
    let query = "cpvCode=72000000&numHitsPerPage=50";
    let (first, second) = (probe.hits(query).await, probe.hits(query).await);
    assert_eq!(ids(&first), ids(&second), "the hits themselves keep their order");
    let codes = |hits: &[Value]| hits.iter().map(|hit| hit["cpvCodes"].clone()).collect::<Vec<_>>();
    assert_ne!(codes(&first), codes(&second));
    let sorted = |hits: &[Value]| {
        let set = |hit: &Value| {
            hit["cpvCodes"].as_array().unwrap().iter().map(Value::to_string).collect::<BTreeSet<_>>()
        };
        hits.iter().map(set).collect::<Vec<_>>()
    };
    assert_eq!(sorted(&first), sorted(&second));
}

#[tokio::test]
async fn a_location_is_matched_whole_unless_regions_expand() {
    let probe = Probe::start().await;
    let oslo = probe.total("location=NO081").await;
    assert!(oslo > 10 && probe.total("location=anyw").await > 100);
    assert_eq!(probe.total("location=Oslo").await + probe.total("location=03").await, 0);
    let exact = probe.total("location=NO08").await;
    probe.change(|faults| faults.doffin.nuts2 = Nuts2::Expand);
    let expanded = probe.total("location=NO08").await;
    assert!(expanded > exact && expanded >= oslo);
}

#[tokio::test]
async fn values_are_compared_without_their_currency_and_missing_ones_are_left_out() {
    let probe = Probe::start().await;
    let large = probe.hits("estimatedValueFrom=50000000&numHitsPerPage=500").await;
    assert!(!large.is_empty());
    assert!(large.iter().all(|hit| hit["estimatedValue"]["amount"].as_f64().unwrap() >= 50_000_000.0));
    let any = probe.total("estimatedValueFrom=0").await;
    assert!(any < probe.total("").await);
    assert!(probe.total("estimatedValueTo=100").await > 0, "junk values exist");
}

#[tokio::test]
async fn all_words_must_occur_in_any_case() {
    let probe = Probe::start().await;
    let hits = probe.hits("searchString=KUNSTIG%20intelligens&location=NO081&status=ACTIVE").await;
    assert!(!hits.is_empty());
    for hit in &hits {
        let text = format!("{} {}", hit["heading"], hit["description"]).to_lowercase();
        assert!(text.contains("kunstig") && text.contains("intelligens"));
    }
    for word in ["pasientjournal", "renhold", "skoleskyss", "vikar"] {
        assert!(probe.total(&format!("searchString={word}")).await > 0, "{word}");
    }
    assert_eq!(probe.total("searchString=renhold%20OR%20skoleskyss").await, 0, "there is no OR");
}

#[tokio::test]
async fn a_doffin_id_finds_its_notice() {
    let probe = Probe::start().await;
    let id = ids(&probe.hits("numHitsPerPage=1").await).remove(0);
    assert_eq!(ids(&probe.hits(&format!("searchString={id}")).await), [id]);
}

#[tokio::test]
async fn winners_are_on_awards_and_intents_only() {
    let probe = Probe::start().await;
    let winners = |hits: &[Value]| {
        hits.iter()
            .flat_map(|hit| hit["lots"].as_array().unwrap().clone())
            .all(|lot| lot["winner"] != json!([]))
    };
    for kind in ["ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT", "ANNOUNCEMENT_OF_INTENT"] {
        assert!(winners(&probe.hits(&format!("type={kind}&numHitsPerPage=100")).await), "{kind}");
    }
    for hit in probe.hits("type=CANCELLED_OR_MISSING_CONCLUSION_OF_CONTRACT&numHitsPerPage=100").await {
        assert!(hit["lots"].as_array().unwrap().iter().all(|lot| lot["winner"] == json!([])));
    }
}

#[tokio::test]
async fn numbers_come_in_every_messy_form() {
    let mut config = crate::probe::config();
    config.notices = 5_000;
    let probe = Probe::with(config).await;
    let mut numbers: Vec<Option<String>> = Vec::new();
    for year in 2017..=2026 {
        for half in ["01-01&issueDateTo=Y-06-30", "07-01&issueDateTo=Y-12-31"] {
            let window = format!("issueDateFrom={year}-{}", half.replace('Y', &year.to_string()));
            for hit in probe.hits(&format!("{window}&numHitsPerPage=1000")).await {
                let lots = hit["lots"].as_array().unwrap().clone();
                let winners = lots.iter().flat_map(|lot| lot["winner"].as_array().unwrap().clone());
                let all = hit["buyer"].as_array().unwrap().iter().cloned().chain(winners);
                numbers.extend(all.map(|party| party["organizationId"].as_str().map(str::to_owned)));
            }
        }
    }
    let share = |test: &dyn Fn(&str) -> bool| {
        let count = numbers.iter().flatten().filter(|number| test(number)).count();
        count * 1_000 / numbers.len()
    };
    let plain = |number: &str| number.len() == 9 && number.bytes().all(|byte| byte.is_ascii_digit());
    assert!((780..930).contains(&share(&plain)), "{}", share(&plain));
    assert!((30..80).contains(&share(&|number| number.len() == 11 && number.contains(' '))));
    for form in ["MVA", "NO9", "Org.nr.", "\u{200B}", "xxxxxxx", "SE5560", " og "] {
        assert!(numbers.iter().flatten().any(|number| number.contains(form)), "{form:?}");
    }
    assert!(numbers.iter().any(Option::is_none));
}

#[tokio::test]
async fn control_characters_make_the_body_invalid_json() {
    let probe = Probe::faulty(|faults| faults.doffin.control_chars = 100).await;
    let response = probe.search("numHitsPerPage=3").await;
    assert_eq!(header(&response, "content-type"), "application/json;charset=UTF-8");
    let bytes = response.bytes().await.unwrap();
    assert!(bytes.contains(&b'\n') && bytes.contains(&b'\t'));
    assert!(serde_json::from_slice::<Value>(&bytes).is_err());
    let repaired: Vec<u8> = bytes.iter().map(|&byte| if byte < 0x20 { b' ' } else { byte }).collect();
    assert_eq!(serde_json::from_slice::<Value>(&repaired).unwrap()["hits"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn one_hit_can_be_an_object() {
    let probe = Probe::faulty(|faults| faults.doffin.single_hit_object = true).await;
    assert!(probe.found("numHitsPerPage=1").await["hits"].is_object());
    assert!(probe.found("numHitsPerPage=2").await["hits"].is_array());
    let nothing = probe.found("searchString=qqqqqq").await;
    assert_eq!(nothing, json!({"numHitsTotal": 0, "numHitsAccessible": 0, "hits": []}));
}

#[tokio::test]
async fn a_type_nobody_announced_can_turn_up() {
    let probe = Probe::faulty(|faults| faults.doffin.new_type = true).await;
    let hits = probe.hits("type=ANNOUNCEMENT_OF_COMPETITION").await;
    assert!(hits.iter().all(|hit| hit["type"] == "ANNOUNCEMENT_OF_DIALOGUE"));
}

#[tokio::test]
async fn a_published_draft_is_found_by_all_it_says() {
    let probe = Probe::start().await;
    let draft = Draft {
        kind: Some(Type::AnnouncementOfCompetition),
        heading: Some("Levering av xylofoner".to_owned()),
        cpv_codes: Some(vec!["48814400".to_owned()]),
        location_id: Some(vec!["NO0A2".to_owned()]),
        estimated_value: Some(1_250_000.0),
        buyer: Some("Vestre kulturskole".to_owned()),
        buyer_number: Some("NO900000009MVA".to_owned()),
        ..Draft::default()
    };
    let id = probe.simulator.publish(draft).unwrap();
    let query =
        "searchString=xylofoner&cpvCode=48800000&location=NO0A2&estimatedValueFrom=1250000&status=ACTIVE";
    let hits = probe.hits(query).await;
    assert_eq!(ids(&hits), [id]);
    assert_eq!(hits[0]["buyer"][0]["organizationId"], "NO900000009MVA");
}
