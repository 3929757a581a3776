//! JSON bodies made into messages.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

#[path = "support/ask.rs"]
mod ask;
#[path = "support/pool.rs"]
mod pool;

use ask::Asked;
use serde_json::json;
use transcode::Table;
use transcode::violation::Kind::{Conflict, Malformed, Type, Unknown};

fn asked() -> Asked {
    Asked::new(Table::compile(&pool::pool(None)).unwrap())
}

#[test]
fn a_body_fills_the_message() {
    let asked = asked();
    for (body, message) in [
        ("", json!({})),
        ("{}", json!({})),
        (" {\n\"stringField\" :\t\"a\" }\r\n", json!({"stringField": "a"})),
        (r#"{"string_field":"a","otherName":"b"}"#, json!({"stringField": "a", "otherName": "b"})),
        (r#"{"stringField":null,"numbers":null,"inner":null,"byName":null,"choiceText":null}"#, json!({})),
        (r#"{"choiceText":null,"choiceNumber":1}"#, json!({"choiceNumber": 1})),
        (r#"{"maybeNumber":0,"maybeText":null}"#, json!({"maybeNumber": 0})),
        (r#"{"int64Field":"9223372036854775807"}"#, json!({"int64Field": "9223372036854775807"})),
        (r#"{"int64Field":-9223372036854775808}"#, json!({"int64Field": "-9223372036854775808"})),
        (r#"{"uint64Field":18446744073709551615}"#, json!({"uint64Field": "18446744073709551615"})),
        (r#"{"int32Field":1.0}"#, json!({"int32Field": 1})),
        (r#"{"int32Field":1e5}"#, json!({"int32Field": 100_000})),
        (r#"{"int32Field":"12"}"#, json!({"int32Field": 12})),
        (
            r#"{"doubleField":"NaN","floatField":"-Infinity"}"#,
            json!({"doubleField": "NaN", "floatField": "-Infinity"}),
        ),
        (r#"{"doubleField":"1.5"}"#, json!({"doubleField": 1.5})),
        // One unit in the last place is lost without serde_json's `float_roundtrip`.
        (
            r#"{"doubleField":51.24817837550540}"#,
            json!({"doubleField": "51.24817837550540".parse::<f64>().unwrap()}),
        ),
        (r#"{"bytesField":"+/8="}"#, json!({"bytesField": "+/8="})),
        (r#"{"bytesField":"-_8"}"#, json!({"bytesField": "+/8="})),
        (
            r#"{"color":"COLOR_RED","colors":[2,"COLOR_RED"]}"#,
            json!({"color": "COLOR_RED", "colors": ["COLOR_BLUE", "COLOR_RED"]}),
        ),
        (r#"{"color":7}"#, json!({"color": 7})),
        (
            r#"{"byName":{"a":1,"b":2},"byFlag":{"true":"x"}}"#,
            json!({"byName": {"a": 1, "b": 2}, "byFlag": {"true": "x"}}),
        ),
        (r#"{"byNumber":{"-1":{"name":"x"}}}"#, json!({"byNumber": {"-1": {"name": "x"}}})),
        (r#"{"inners":[{},{"inner":{"name":"x"}}]}"#, json!({"inners": [{}, {"inner": {"name": "x"}}]})),
        (r#"{"stringField":"\u00e6\ud83d\udc1f\n"}"#, json!({"stringField": "æ🐟\n"})),
    ] {
        asked.good("POST", "/kinds", body, &message);
    }
}

#[test]
fn well_known_messages_are_read_in_their_own_form() {
    let asked = asked();
    for body in [
        r#"{"time":"2026-01-31T12:00:00.120Z","span":"-1.500s","mask":"a.bC,d"}"#,
        r#"{"struct":{"a":[1.0,null,{"b":true}],"c":"d"},"value":[1.5],"list":["a",null]}"#,
        r#"{"value":null}"#,
        r#"{"any":{"@type":"type.googleapis.com/transcode.test.v1.Inner","name":"x","itemCount":2}}"#,
        r#"{"any":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1s"}}"#,
        r#"{"empty":{}}"#,
        r#"{"boolValue":false,"bytesValue":"+/8=","doubleValue":0.0,"int32Value":0,"int64Value":"5","stringValue":""}"#,
    ] {
        asked.good("POST", "/wellknown", body, &serde_json::from_str(body).unwrap());
    }
    asked.good(
        "POST",
        "/wellknown",
        r#"{"boolValue":null,"time":null,"any":null,"struct":null}"#,
        &json!({}),
    );
    for (body, field) in [
        (r#"{"time":"2026-01-31"}"#, "time"),
        (r#"{"time":"2026-01-31T12:00:00"}"#, "time"),
        (r#"{"time":"0000-01-01T00:00:00Z"}"#, "time"),
        (r#"{"time":"10000-01-01T00:00:00Z"}"#, "time"),
        (r#"{"time":5}"#, "time"),
        (r#"{"span":"1"}"#, "span"),
        (r#"{"span":"315576000001s"}"#, "span"),
        (r#"{"span":1}"#, "span"),
        (r#"{"mask":"a_b"}"#, "mask"),
        (r#"{"struct":[]}"#, "struct"),
        (r#"{"list":{}}"#, "list"),
        (r#"{"empty":{"a":1}}"#, "empty.a"),
        (r#"{"any":{"name":"x"}}"#, "any"),
        (r#"{"any":{"@type":"type.googleapis.com/not.There"}}"#, "any.@type"),
        (r#"{"boolValue":"yes"}"#, "boolValue"),
        (r#"{"int32Value":2147483648}"#, "int32Value"),
    ] {
        let before = field.split('.').next().unwrap();
        let violation = asked.wrong("POST", "/wellknown", body.as_bytes());
        assert_eq!(violation.kind, Type, "{body}: {violation:?}");
        assert!(violation.field.starts_with(before), "{body}: {violation:?}");
    }
}

#[test]
fn a_value_that_does_not_fit_is_refused_with_its_path() {
    let asked = asked();
    for (body, field, kind) in [
        (r#"{"colour":1}"#, "colour", Unknown),
        (r#"{"inner":{"x":1}}"#, "inner.x", Unknown),
        (r#"{"inners":[{},{"x":1}]}"#, "inners[1].x", Unknown),
        (r#"{"byNumber":{"5":{"x":1}}}"#, "byNumber.5.x", Unknown),
        (r#"{"stringField":1}"#, "stringField", Type),
        (r#"{"string_field":1}"#, "string_field", Type),
        (r#"{"int32Field":"x"}"#, "int32Field", Type),
        (r#"{"int32Field":1.5}"#, "int32Field", Type),
        (r#"{"int32Field":2147483648}"#, "int32Field", Type),
        (r#"{"int32Field":true}"#, "int32Field", Type),
        (r#"{"uint32Field":-1}"#, "uint32Field", Type),
        (r#"{"int64Field":"9223372036854775808"}"#, "int64Field", Type),
        (r#"{"floatField":1e39}"#, "floatField", Type),
        (r#"{"boolField":"true"}"#, "boolField", Type),
        (r#"{"boolField":1}"#, "boolField", Type),
        (r#"{"bytesField":"!"}"#, "bytesField", Type),
        (r#"{"color":"RED"}"#, "color", Type),
        (r#"{"color":1.5}"#, "color", Type),
        (r#"{"numbers":1}"#, "numbers", Type),
        (r#"{"numbers":[1,"x"]}"#, "numbers[1]", Type),
        (r#"{"numbers":[null]}"#, "numbers[0]", Type),
        (r#"{"inner":{"inner":{"itemCount":"x"}}}"#, "inner.inner.itemCount", Type),
        (r#"{"inner":[]}"#, "inner", Type),
        (r#"{"inner":"x"}"#, "inner", Type),
        (r#"{"byName":[]}"#, "byName", Type),
        (r#"{"byName":{"a":"x"}}"#, "byName.a", Type),
        (r#"{"byName":{"a":null}}"#, "byName.a", Type),
        (r#"{"choiceText":"a","choiceNumber":1}"#, "", Conflict),
        (r#"{"inners":[{"left":"a","right":"b"}]}"#, "inners[0]", Conflict),
        ("[]", "", Type),
        ("1", "", Type),
        ("null", "", Type),
    ] {
        let violation = asked.wrong("POST", "/kinds", body.as_bytes());
        assert_eq!((violation.field.as_str(), violation.kind), (field, kind), "{body}: {violation:?}");
        assert!(!violation.description.contains(" at line "), "{body}: {violation:?}");
    }
}

#[test]
fn what_is_not_one_json_value_is_refused() {
    let asked = asked();
    for body in [
        "{",
        "{}{}",
        "{} x",
        "{}\0",
        "nul",
        "{'a':1}",
        "{\"a\":1,}",
        "\u{feff}{}",
        "{\"stringField\":\"\\ud800\"}",
    ] {
        asked.bad("POST", "/kinds", body.as_bytes(), ("", Malformed, "not valid JSON"));
    }
    asked.bad("POST", "/kinds", b"{\"stringField\":\"\xff\"}", ("", Malformed, "not valid JSON"));
    asked.bad("POST", "/kinds", b"{\"stringField\":\"a\nb\"}", ("", Malformed, "not valid JSON"));
    for body in [
        r#"{"uint64Field":18446744073709551616}"#,
        r#"{"int64Field":-9223372036854775809}"#,
        r#"{"sint64Field":1e19}"#,
        r#"{"doubleField":1e999}"#,
    ] {
        asked.bad("POST", "/kinds", body.as_bytes(), ("", Malformed, "number out of range"));
    }
}

#[test]
fn a_quoted_number_is_what_the_mapping_names_and_not_what_rust_reads() {
    let asked = asked();
    for body in [
        r#"{"doubleField":"inf"}"#,
        r#"{"doubleField":"nan"}"#,
        r#"{"floatField":"infinity"}"#,
        r#"{"doubleField":"1e999"}"#,
        r#"{"floatField":"1e39"}"#,
        r#"{"floats":["Inf"]}"#,
        r#"{"weights":{"a":"INFINITY"}}"#,
    ] {
        let violation = asked.wrong("POST", "/kinds", body.as_bytes());
        assert!(
            violation.description.contains("number") || violation.description.contains("large"),
            "{body}"
        );
    }
}

#[test]
fn a_member_named_twice_is_refused_under_whatever_name() {
    let asked = asked();
    for (body, key) in [
        (r#"{"stringField":"a","stringField":"a"}"#, "stringField"),
        (r#"{"stringField":"a","string_field":"b"}"#, "stringField"),
        (r#"{"inner":{"item_count":1,"name":"x","itemCount":1}}"#, "itemCount"),
        (r#"{"inners":[{"item_count":1,"itemCount":1}]}"#, "itemCount"),
        (r#"{"byName":{"a":1,"a":2}}"#, "a"),
        (r#"{"byNumber":{"1":{"itemCount":1,"item_count":2}}}"#, "itemCount"),
        (r#"{"otherName":"a","renamed":"b"}"#, "otherName"),
        (r#"{"\u0063olor":1,"color":2}"#, "color"),
    ] {
        asked.bad("POST", "/kinds", body.as_bytes(), ("", Malformed, &format!("{key:?} occurs twice")));
    }
    // In a map and in a Struct these are two keys.
    let body = r#"{"byName":{"itemCount":1,"item_count":2}}"#;
    asked.good("POST", "/kinds", body, &serde_json::from_str(body).unwrap());
    let body = r#"{"struct":{"int32Value":1.0,"int32_value":2.0}}"#;
    asked.good("POST", "/wellknown", body, &serde_json::from_str(body).unwrap());
}

#[test]
fn nesting_ends_at_a_hundred() {
    let asked = asked();
    let nested = |depth: usize| format!("{}{{}}{}", r#"{"inner":"#.repeat(depth - 1), "}".repeat(depth - 1));
    let body = nested(100);
    asked.good("POST", "/kinds", &body, &serde_json::from_str(&body).unwrap());
    asked.bad("POST", "/kinds", nested(101).as_bytes(), ("", Malformed, "more than 100 deep"));
    asked.bad("POST", "/kinds", "[".repeat(1_000_000).as_bytes(), ("", Malformed, "more than 100 deep"));
    asked.bad("PATCH", "/items/7", nested(101).as_bytes(), ("nested", Malformed, "more than 100 deep"));
    let list = format!(r#"{{"list":{}{}}}"#, "[".repeat(30), "]".repeat(30));
    asked.good("POST", "/wellknown", &list, &serde_json::from_str(&list).unwrap());
}

#[test]
fn a_body_may_be_one_field() {
    let asked = asked();
    for (target, body, message) in [
        ("/bodies/many", r#"[{"name":"a"},{}]"#, json!({"many": [{"name": "a"}, {}]})),
        ("/bodies/many", "[]", json!({})),
        ("/bodies/many", "", json!({})),
        ("/bodies/many", "null", json!({})),
        ("/bodies/tags", r#"["a","b"]"#, json!({"tags": ["a", "b"]})),
        ("/bodies/count", r#""5""#, json!({"count": "5"})),
        ("/bodies/count", " 5 ", json!({"count": "5"})),
        ("/bodies/labels", r#"{"a":1.5}"#, json!({"labels": {"a": 1.5}})),
        ("/bodies/text", r#""""#, json!({"text": ""})),
        ("/bodies/many?name=n&tags=t", "[]", json!({"name": "n", "tags": ["t"]})),
    ] {
        asked.good("POST", target, body, &message);
    }
    asked.good(
        "PATCH",
        "/items/7?name=n",
        r#"{"tags":["t"]}"#,
        &json!({"id": "7", "name": "n", "nested": {"tags": ["t"]}}),
    );
    for (target, body, field, kind) in [
        ("/bodies/many", "{}", "many", Type),
        ("/bodies/many", r#"[{"x":1}]"#, "many[0].x", Unknown),
        ("/bodies/count", "1.5", "count", Type),
        ("/bodies/count", r#"1,"id":"x""#, "count", Malformed),
        ("/bodies/tags", r#"["a"#, "tags", Malformed),
        ("/bodies/tags?tags=a", "[]", "tags", Conflict),
    ] {
        asked.bad("POST", target, body.as_bytes(), (field, kind, ""));
    }
    asked.bad("PATCH", "/items/7?nested.name=a", b"{}", ("nested.name", Conflict, "by the path or the body"));
}

#[test]
fn path_and_body_may_agree_but_not_differ() {
    let asked = asked();
    asked.good("PUT", "/items/7", r#"{"name":"n"}"#, &json!({"id": "7", "name": "n"}));
    asked.good("PUT", "/items/7", r#"{"id":"7"}"#, &json!({"id": "7"}));
    asked.bad("PUT", "/items/7", br#"{"id":"8"}"#, ("id", Conflict, "something else in the body"));
    asked.good("PATCH", "/deep/a", r#"{"itemCount":2}"#, &json!({"nested": {"name": "a", "itemCount": 2}}));
    asked.bad(
        "PATCH",
        "/deep/a",
        br#"{"name":"b"}"#,
        ("nested.name", Conflict, "something else in the body"),
    );
    asked.bad("PUT", "/items/7?name=n", b"{}", ("name", Conflict, "by the path or the body"));
}

#[test]
fn a_route_without_a_body_does_not_read_one() {
    asked().good("DELETE", "/items/7", "not json", &json!({"id": "7"}));
}

#[test]
fn a_whole_number_may_be_quoted_with_an_exponent_and_an_any_may_be_empty() {
    let asked = asked();
    let body = r#"{"int32Field": "1e5", "uint64Field": "12E2", "numbers": ["1.0", 2]}"#;
    let read = json!({"int32Field": 100_000, "uint64Field": "1200", "numbers": [1, 2]});
    asked.good("POST", "/kinds", body, &read);
    for (body, field) in [
        (r#"{"int32Field": "1e10"}"#, "int32Field"),
        (r#"{"int32Field": "1.5"}"#, "int32Field"),
        (r#"{"uint32Field": "-1e1"}"#, "uint32Field"),
        (r#"{"int64Field": "1e400"}"#, "int64Field"),
    ] {
        assert_eq!(asked.wrong("POST", "/kinds", body.as_bytes()).field, field);
    }
    let table = Table::compile(&pool::pool(None)).unwrap();
    let any = table.bindings().iter().find(|b| b.route == "/wellknown" && b.http_method == "POST").unwrap();
    // Field 7, present and empty.
    assert_eq!(any.request("/wellknown", None, br#"{"any": {}}"#, &[]).unwrap()[..], [0x3a, 0]);
}
