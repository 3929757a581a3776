//! KLASS: shapes, forms, filters, errors and faults.

use serde_json::{Value, json};

use crate::probe::{Probe, header};

const CODE_KEYS: &str = "{\"code\":\"0\",\"parentCode\":null,\"level\":\"1\",\"name\":\"Militære yrker og uoppgitt\",\
    \"shortName\":\"\",\"presentationName\":\"\",\"validFrom\":null,\"validTo\":null,\
    \"validFromInRequestedRange\":\"2024-01-01\",\"validToInRequestedRange\":null,\"notes\":\"\"}";

#[tokio::test]
async fn codes_have_their_keys_in_order_text_levels_and_null_parents() {
    let probe = Probe::start().await;
    let response = probe.klass("/classifications/7/codes?from=2024-01-01", "application/json").await;
    assert_eq!(header(&response, "content-type"), "application/json");
    let text = response.text().await.unwrap();
    assert!(text.starts_with(&format!("{{\"codes\":[{CODE_KEYS}")), "{}", &text[..300]);
    let at = probe.klass_json("/classifications/7/codesAt?date=2024-01-01").await;
    assert!(at["codes"][0].get("validFromInRequestedRange").is_none());
}

#[tokio::test]
async fn a_version_prints_no_parent_as_an_empty_string() {
    let probe = Probe::start().await;
    let version = probe.klass_json("/versions/33").await;
    assert_eq!(version["name"], "Yrkesklassifisering 08 (STYRK-08) ");
    let item = &version["classificationItems"][0];
    assert_eq!(
        *item,
        json!({"code": "0", "parentCode": "", "level": "1", "name": "Militære yrker og uoppgitt",
        "shortName": null, "notes": null})
    );
    assert!(version.get("validTo").is_none());
    assert_eq!(version["levels"][0]["levelNumber"], 1);
    assert!(version["changelogs"][0]["changeOccured"].as_str().unwrap().ends_with("+0000"));
}

#[tokio::test]
async fn csv_is_latin_1_unless_utf_8_is_asked_for() {
    let probe = Probe::start().await;
    let plain = probe.klass("/versions/2482", "text/csv").await;
    assert_eq!(header(&plain, "content-type"), "text/csv;charset=ISO-8859-1");
    let bytes = plain.bytes().await.unwrap();
    assert!(bytes.windows(7).any(|window| window == b"Tr\xf8ndel"));
    assert!(
        bytes.starts_with(
            b"code;parentCode;level;name;shortName;notes;validFrom;validTo\n\"NO02\";\"\";\"1\";"
        )
    );
    let wide = probe.klass("/versions/2482", "text/csv;charset=UTF-8").await;
    assert_eq!(header(&wide, "content-type"), "text/csv;charset=UTF-8");
    assert!(wide.text().await.unwrap().contains("Trøndelag - Trööndelage"));
    probe.change(|faults| faults.klass.latin1_only = true);
    let stubborn = probe.klass("/versions/2482", "text/csv;charset=UTF-8").await;
    assert_eq!(header(&stubborn, "content-type"), "text/csv;charset=ISO-8859-1");
}

#[tokio::test]
async fn csv_of_codes_has_a_separator_of_choice_and_versions_do_not() {
    let probe = Probe::start().await;
    let csv = async |path: &str| probe.klass(path, "text/csv").await.text().await.unwrap();
    let commas = csv("/classifications/7/codesAt?date=2024-01-01").await;
    assert!(commas.starts_with(
        "code,parentCode,level,name,shortName,presentationName,validFrom,validTo,notes\n\"0\",,\"1\","
    ));
    let semicolons =
        csv("/classifications/7/codesAt?date=2024-01-01&csvSeparator=%3B&csvFields=code,name").await;
    assert!(semicolons.starts_with("code;name\n\"0\";\"Milit"));
    assert!(csv("/versions/33?csvSeparator=,").await.starts_with("code;parentCode;"));
    let refused = probe.klass("/classifications/7/codesAt?date=2024-01-01&csvSeparator=ab", "text/csv").await;
    assert_eq!(refused.status(), 400);
    assert_eq!(refused.text().await.unwrap(), "Separator must be a single character");
    let fields = "/classifications/7/codes?from=2024-01-01&csvFields=code,validToInRequestedRange";
    let refused: Value = probe.klass(fields, "application/json").await.json().await.unwrap();
    assert_eq!(
        refused["detail"],
        "CorrespondenceList does not contain the following field(s): validToInRequestedRange"
    );
}

#[tokio::test]
async fn suffixes_win_over_accept() {
    let probe = Probe::start().await;
    let xml = probe.klass("/versions/33.xml", "application/json").await;
    assert!(xml.text().await.unwrap().contains("<classificationVersion>\n<name>"));
    let csv = probe.klass("/classifications/131/codes.csv?from=2024-01-01", "application/json").await;
    assert!(header(&csv, "content-type").starts_with("text/csv"));
    assert_eq!(probe.klass("/versions/33.pdf", "*/*").await.status(), 404);
    let any = probe.klass("/versions/33", "*/*").await;
    assert_eq!(header(&any, "content-type"), "application/json");
}

#[tokio::test]
async fn problems_come_in_three_forms() {
    let probe = Probe::start().await;
    let json = probe.klass("/classifications/99999", "application/json").await;
    assert_eq!(
        (json.status().as_u16(), header(&json, "content-type").as_str()),
        (404, "application/problem+json")
    );
    assert_eq!(
        json.text().await.unwrap(),
        "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,\"detail\":\"Classification not found with \
         id = 99999\",\"instance\":\"/api/klass/v1/classifications/99999\"}"
    );
    let xml = probe.klass("/versions/99999", "application/xml").await.text().await.unwrap();
    assert!(xml.contains("<problem xmlns=\"urn:ietf:rfc:7807\">") && xml.contains("<status>404</status>"));
    let csv = probe.klass("/versions/99999", "text/csv").await;
    assert_eq!(csv.text().await.unwrap(), "Classification Version not found with id = 99999");
}

#[tokio::test]
async fn what_has_no_csv_is_500_in_csv_and_wrong_types_are_400() {
    let probe = Probe::start().await;
    assert_eq!(probe.klass("/classifications", "text/csv").await.status(), 500);
    assert_eq!(probe.klass("/versions/abc", "application/json").await.status(), 400);
    assert_eq!(probe.klass("/nothing", "application/json").await.status(), 404);
}

#[tokio::test]
async fn a_range_needs_a_beginning_and_is_half_open() {
    let probe = Probe::start().await;
    let missing: Value =
        probe.klass("/classifications/7/codes", "application/json").await.json().await.unwrap();
    assert!(missing["detail"].as_str().unwrap().starts_with("Required request parameter 'from'"));
    let backwards = "/classifications/7/codes?from=2024-01-02&to=2024-01-01";
    let refused: Value = probe.klass(backwards, "application/json").await.json().await.unwrap();
    assert_eq!(refused["detail"], "From is equal or after to. From: 2024-01-02 To: 2024-01-01");
    let before = probe.klass_json("/classifications/7/codes?from=2000-01-01&to=2011-01-01").await;
    assert_eq!(before, json!({"codes": []}));
    let first = probe.klass_json("/classifications/7/codes?from=2000-01-01&to=2011-01-02").await;
    assert_eq!(first["codes"][0]["validFromInRequestedRange"], "2011-01-01");
    assert_eq!(first["codes"][0]["validToInRequestedRange"], "2011-01-02");
    assert_eq!(
        probe.klass("/classifications/7/codesAt?date=01.01.2024", "application/json").await.status(),
        400
    );
}

#[tokio::test]
async fn unknown_parameters_are_ignored_and_levels_are_compared_as_text() {
    let probe = Probe::start().await;
    let count = async |query: &str| {
        let path = format!("/classifications/7/codesAt?date=2024-01-01&{query}");
        probe.klass_json(&path).await["codes"].as_array().unwrap().len()
    };
    let all = count("").await;
    assert_eq!(count("level=1").await, all, "the parameter is called selectLevel");
    assert_eq!(count("selectLevel=1").await, 10);
    assert_eq!(count("selectLevel=9").await, 0);
    assert_eq!(count("selectCodes=2512").await, 1);
    assert!(count("selectCodes=25*").await > 5);
    assert_eq!(count("selectCodes=**").await, all, "nothing valid switches the filter off");
    let illegal = probe
        .klass("/classifications/7/codesAt?date=2024-01-01&selectCodes=bl%C3%A5", "application/json")
        .await;
    assert_eq!(illegal.json::<Value>().await.unwrap()["detail"], "selectCodes contains illegal characters");
}

#[tokio::test]
async fn names_can_be_presented_by_a_pattern() {
    let probe = Probe::start().await;
    let path = "/classifications/7/codesAt?date=2024-01-01&selectCodes=25&presentationNamePattern=%7Bcode%7D-%7Buppercase(name)%7D";
    assert_eq!(probe.klass_json(path).await["codes"][0]["presentationName"], "25-IKT-RÅDGIVERE");
}

#[tokio::test]
async fn counties_and_municipalities_are_flat_lists() {
    let probe = Probe::start().await;
    let counties = probe.klass_json("/classifications/104/codesAt?date=2025-01-01").await;
    let counties = counties["codes"].as_array().unwrap();
    assert_eq!(counties.len(), 16);
    assert!(counties.iter().all(|county| county["parentCode"].is_null() && county["level"] == "1"));
    let places = probe.klass_json("/classifications/131/codes?from=2024-01-01").await;
    let places = places["codes"].as_array().unwrap();
    assert_eq!(places[0]["code"], "0301");
    assert_eq!(places.last().unwrap()["name"], "Uoppgitt");
}

#[tokio::test]
async fn future_versions_are_hidden_until_asked_for() {
    let probe = Probe::start().await;
    let path = "/classifications/131/codes?from=2039-01-01";
    let codes = |body: &Value| -> Vec<String> {
        body["codes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|code| code["code"].as_str().unwrap().to_owned())
            .collect()
    };
    let now = codes(&probe.klass_json(path).await);
    let then = codes(&probe.klass_json(&format!("{path}&includeFuture=true")).await);
    assert!(!now.contains(&"0399".to_owned()) && then.contains(&"0399".to_owned()));
    assert_eq!(then.iter().filter(|code| *code == "1103").count(), 1, "the same code of two versions is one");
    assert_eq!(probe.klass("/versions/3131", "application/json").await.status(), 404);
    assert_eq!(probe.klass("/versions/3131?includeFuture=true", "application/json").await.status(), 200);
}

#[tokio::test]
async fn a_language_it_is_not_published_in_is_404() {
    let probe = Probe::start().await;
    let english: Value =
        probe.klass("/versions/33?language=EN", "application/json").await.json().await.unwrap();
    assert!(english["detail"].as_str().unwrap().ends_with("Is not published in language: EN"));
    assert_eq!(probe.klass("/versions/33?language=Nn", "application/json").await.status(), 200);
    assert_eq!(probe.klass("/versions/33?language=xx", "application/json").await.status(), 400);
}

#[tokio::test]
async fn every_answer_has_two_vary_headers() {
    let probe = Probe::start().await;
    for path in ["/versions/33", "/versions/1", "/classifications"] {
        let response = probe.klass(path, "application/json").await;
        let vary: Vec<_> = response.headers().get_all("vary").iter().collect();
        assert_eq!(vary, ["Accept", "X-Forwarded-Proto"], "{path}");
        assert_eq!(header(&response, "access-control-allow-origin"), "*");
    }
}

#[tokio::test]
async fn classifications_are_listed_in_pages_from_0() {
    let probe = Probe::start().await;
    let first = probe.klass_json("/classifications?size=2").await;
    assert_eq!(first["_embedded"]["classifications"].as_array().unwrap().len(), 2);
    assert_eq!(first["page"], json!({"size": 2, "totalElements": 3, "totalPages": 2, "number": 0}));
    assert!(first["_links"]["next"]["href"].as_str().unwrap().contains("page=1&size=2"));
    let beyond = probe.klass_json("/classifications?size=2&page=7").await;
    assert!(beyond.get("_embedded").is_none());
    let one = probe.klass_json("/classifications/7").await;
    assert_eq!(one["versions"][0]["id"], 33);
    let found = probe.klass_json("/classifications/search?query=yrke").await;
    assert_eq!(found["_embedded"]["searchResults"][0]["id"], 7);
}

#[tokio::test]
async fn lists_can_be_empty_or_half() {
    let probe = Probe::start().await;
    let count = async || {
        let codes = probe.klass_json("/classifications/7/codesAt?date=2024-01-01").await;
        let items = probe.klass_json("/versions/33").await;
        (codes["codes"].as_array().unwrap().len(), items["classificationItems"].as_array().unwrap().len())
    };
    let (codes, items) = count().await;
    probe.change(|faults| faults.klass.half_list = true);
    assert_eq!(count().await, (codes / 2, items / 2));
    probe.change(|faults| faults.klass.empty_list = true);
    assert_eq!(count().await, (0, 0));
}

#[tokio::test]
async fn an_open_end_can_be_the_last_day_java_knows() {
    let probe = Probe::faulty(|faults| faults.klass.legacy_valid_to = true).await;
    assert_eq!(probe.klass_json("/versions/33").await["validTo"], "+999999999-12-31");
    let codes = probe.klass_json("/classifications/7/codes?from=2024-01-01").await;
    assert_eq!(codes["codes"][0]["validTo"], "+999999999-12-31");
}

#[tokio::test]
async fn a_version_can_die() {
    let probe = Probe::faulty(|faults| faults.klass.version_404 = true).await;
    let response = probe.klass("/versions/2482", "application/json").await;
    assert_eq!(response.status(), 404);
    let codes = probe.klass("/classifications/7/codesAt?date=2024-01-01", "application/json").await;
    assert_eq!(codes.status(), 200);
}
