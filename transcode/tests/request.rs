//! Paths and queries made into messages.
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
fn every_kind_of_query_parameter_is_read() {
    let asked = asked();
    for (query, message) in [
        ("", json!({})),
        ("doubleField=1.5", json!({"doubleField": 1.5})),
        ("doubleField=-2e-3", json!({"doubleField": -0.002})),
        ("doubleField=NaN", json!({"doubleField": "NaN"})),
        ("doubleField=Infinity", json!({"doubleField": "Infinity"})),
        ("floatField=-Infinity", json!({"floatField": "-Infinity"})),
        ("floatField=0.25", json!({"floatField": 0.25})),
        ("int32Field=-2147483648", json!({"int32Field": -2_147_483_648i64})),
        ("int64Field=-9223372036854775808", json!({"int64Field": "-9223372036854775808"})),
        ("int64Field=9223372036854775807", json!({"int64Field": "9223372036854775807"})),
        ("uint32Field=4294967295", json!({"uint32Field": 4_294_967_295u32})),
        ("uint64Field=18446744073709551615", json!({"uint64Field": "18446744073709551615"})),
        ("sint32Field=-3", json!({"sint32Field": -3})),
        ("sint64Field=-4", json!({"sint64Field": "-4"})),
        ("fixed32Field=5", json!({"fixed32Field": 5})),
        ("fixed64Field=6", json!({"fixed64Field": "6"})),
        ("sfixed32Field=-7", json!({"sfixed32Field": -7})),
        ("sfixed64Field=-8", json!({"sfixed64Field": "-8"})),
        ("boolField=true", json!({"boolField": true})),
        ("boolField=false", json!({})),
        ("stringField=a", json!({"stringField": "a"})),
        ("stringField=", json!({})),
        ("stringField", json!({})),
        ("bytesField=-_8", json!({"bytesField": "+/8="})),
        ("bytesField=%2B%2F8%3D", json!({"bytesField": "+/8="})),
        ("bytesField=-_8%3D", json!({"bytesField": "+/8="})),
        ("color=COLOR_RED", json!({"color": "COLOR_RED"})),
        ("color=2", json!({"color": "COLOR_BLUE"})),
        ("color=0", json!({})),
        ("maybeNumber=0", json!({"maybeNumber": 0})),
        ("maybeText=", json!({"maybeText": ""})),
        ("choiceNumber=0", json!({"choiceNumber": 0})),
    ] {
        asked.good("GET", &format!("/kinds?{query}"), "", &message);
    }
}

#[test]
fn names_are_proto_names_or_json_names_and_nest() {
    let asked = asked();
    for (query, message) in [
        ("string_field=a", json!({"stringField": "a"})),
        ("renamed=a", json!({"otherName": "a"})),
        ("otherName=a", json!({"otherName": "a"})),
        ("inner.name=a&inner.item_count=2", json!({"inner": {"name": "a", "itemCount": 2}})),
        ("inner.itemCount=2", json!({"inner": {"itemCount": 2}})),
        ("inner.inner.inner.name=a", json!({"inner": {"inner": {"inner": {"name": "a"}}}})),
        ("inner.name=", json!({"inner": {}})),
        (
            "choiceInner.name=a&choice_inner.item_count=1",
            json!({"choiceInner": {"name": "a", "itemCount": 1}}),
        ),
        ("inner.left=a&choiceInner.right=b", json!({"inner": {"left": "a"}, "choiceInner": {"right": "b"}})),
    ] {
        asked.good("GET", &format!("/kinds?{query}"), "", &message);
    }
}

#[test]
fn a_repeated_field_is_a_repeated_parameter() {
    let asked = asked();
    for (query, message) in [
        ("numbers=1&numbers=2&numbers=1", json!({"numbers": [1, 2, 1]})),
        ("texts=a&texts=&texts=b,c", json!({"texts": ["a", "", "b,c"]})),
        ("colors=1&colors=COLOR_BLUE", json!({"colors": ["COLOR_RED", "COLOR_BLUE"]})),
        ("inner.tags=a&color=1&inner.tags=b", json!({"inner": {"tags": ["a", "b"]}, "color": "COLOR_RED"})),
    ] {
        asked.good("GET", &format!("/kinds?{query}"), "", &message);
    }
}

#[test]
fn well_known_messages_are_one_text() {
    let asked = asked();
    for (query, message) in [
        ("time=2026-01-31T12:00:00Z", json!({"time": "2026-01-31T12:00:00Z"})),
        ("time=2026-01-31T12:00:00.5%2B01:00", json!({"time": "2026-01-31T11:00:00.500Z"})),
        ("span=1.5s", json!({"span": "1.500s"})),
        ("span=-3s", json!({"span": "-3s"})),
        ("mask=a.bC,d", json!({"mask": "a.bC,d"})),
        ("boolValue=false", json!({"boolValue": false})),
        ("bytesValue=-_8", json!({"bytesValue": "+/8="})),
        ("doubleValue=1.5", json!({"doubleValue": 1.5})),
        ("floatValue=2", json!({"floatValue": 2.0})),
        ("int32Value=-5", json!({"int32Value": -5})),
        ("int64Value=9223372036854775807", json!({"int64Value": "9223372036854775807"})),
        ("stringValue=5", json!({"stringValue": "5"})),
        ("stringValue=null", json!({"stringValue": "null"})),
        ("stringValue=", json!({"stringValue": ""})),
        ("uint32Value=5", json!({"uint32Value": 5})),
        ("uint64Value=18446744073709551615", json!({"uint64Value": "18446744073709551615"})),
    ] {
        asked.good("GET", &format!("/wellknown?{query}"), "", &message);
    }
    for (query, field) in [
        ("time=yesterday", "time"),
        ("time=2026-13-01T00:00:00Z", "time"),
        ("time=2026-01-31", "time"),
        ("time=null", "time"),
        ("span=1", "span"),
        ("span=1h", "span"),
        ("mask=a_b", "mask"),
        ("boolValue=yes", "boolValue"),
        ("boolValue=null", "boolValue"),
        ("int32Value=null", "int32Value"),
        ("int32Value=1.5", "int32Value"),
        ("int32Value=2147483648", "int32Value"),
        ("uint32Value=-1", "uint32Value"),
        ("int64Value=9223372036854775808", "int64Value"),
        ("doubleValue=x", "doubleValue"),
        ("bytesValue=!", "bytesValue"),
    ] {
        asked.bad("GET", &format!("/wellknown?{query}"), b"", (field, Type, ""));
    }
}

#[test]
fn text_is_decoded_as_forms_are() {
    let asked = asked();
    for (query, text) in [
        ("a+b", "a b"),
        ("a%20b", "a b"),
        ("a%2Bb", "a+b"),
        ("%C3%A6%F0%9F%90%9F", "æ🐟"),
        ("a=b=c", "a=b=c"),
        ("100%", "100%"),
        ("%00", "\0"),
    ] {
        asked.good("GET", &format!("/kinds?stringField={query}"), "", &json!({"stringField": text}));
    }
    asked.good("GET", "/kinds?&&string%46ield=a&", "", &json!({"stringField": "a"}));
    for query in ["stringField=%FF", "%FF=a", "stringField=%C3", "stringField=%ED%A0%80"] {
        asked.bad("GET", &format!("/kinds?{query}"), b"", ("", Malformed, "UTF-8"));
    }
}

#[test]
fn a_value_of_another_type_is_refused_with_the_name_as_written() {
    let asked = asked();
    for (query, text) in [
        ("boolField=1", "true or false"),
        ("boolField=TRUE", "true or false"),
        ("boolField=", "true or false"),
        ("int32Field=2147483648", "32 bits"),
        ("int32_field=-2147483649", "32 bits"),
        ("int32Field=1.5", "whole number"),
        ("int32Field=abc", "whole number"),
        ("int32Field=", "whole number"),
        ("int32Field=0x10", "whole number"),
        ("int32Field=+1", "whole number"),
        ("int64Field=9223372036854775808", "64 bits"),
        ("int64Field=-9223372036854775809", "64 bits"),
        ("uint32Field=-1", "from 0"),
        ("uint32Field=4294967296", "32 bits"),
        ("uint64Field=18446744073709551616", "64 bits"),
        ("doubleField=inf", "not a number"),
        ("doubleField=nan", "not a number"),
        ("doubleField=infinity", "not a number"),
        ("doubleField=1e999", "not a number"),
        ("doubleField=1,5", "not a number"),
        ("floatField=1e39", "too large"),
        ("bytesField=a", "base64"),
        ("bytesField=%21%21", "base64"),
        ("color=RED", "COLOR_RED, COLOR_BLUE"),
        ("color=color_red", "COLOR_RED, COLOR_BLUE"),
        ("color=9", "COLOR_RED, COLOR_BLUE"),
        ("color=", "COLOR_RED, COLOR_BLUE"),
        ("numbers=x", "whole number"),
        ("inner.itemCount=x", "whole number"),
    ] {
        let name = query.split_once('=').unwrap().0;
        asked.bad("GET", &format!("/kinds?{query}"), b"", (name, Type, text));
    }
}

#[test]
fn an_unknown_parameter_is_named_and_the_known_ones_are_listed() {
    let asked = asked();
    for name in
        ["colour", "Color", "inner", "inner.x", "inner.name.x", "inners", "inners.name", "byName", "byName.a"]
    {
        asked.bad("GET", &format!("/kinds?{name}=1"), b"", (name, Unknown, "inner.itemCount"));
    }
    for name in ["", "inner.", ".name", "inner..name"] {
        asked.bad("GET", &format!("/kinds?{name}=1"), b"", (name, Unknown, "known ones are doubleField, "));
    }
    for name in [
        "time.seconds",
        "boolValue.value",
        "any.typeUrl",
        "value.stringValue",
        "struct.fields",
        "nullValue.x",
    ] {
        asked.bad("GET", &format!("/wellknown?{name}=1"), b"", (name, Unknown, "known ones are time, span"));
    }
    asked.bad("PUT", "/items/7?colour=1", b"", ("colour", Unknown, "takes none"));
    let deep = format!("{}name", "inner.".repeat(8));
    asked.bad("GET", &format!("/kinds?{deep}=1"), b"", (&deep, Unknown, "known ones"));
}

#[test]
fn parameters_of_campaigns_are_passed_over() {
    asked().good("GET", "/kinds?utm_source=x&stringField=a&utm_medium=%2B", "", &json!({"stringField": "a"}));
    asked().bad("GET", "/kinds?utmsource=x", b"", ("utmsource", Unknown, ""));
}

#[test]
fn what_is_given_twice_is_a_conflict() {
    let asked = asked();
    for (query, field) in [
        ("stringField=a&stringField=a", "stringField"),
        ("stringField=a&string_field=b", "string_field"),
        ("renamed=a&otherName=a", "otherName"),
        ("inner.name=a&inner.name=b", "inner.name"),
        ("choiceText=a&choiceText=b", "choiceText"),
    ] {
        asked.bad("GET", &format!("/kinds?{query}"), b"", (field, Conflict, "twice"));
    }
    for target in
        ["/items/7?id=7", "/items/7?id=8", "/deep/a/1?nested.name=a", "/deep/a/1?nested.inner.itemCount=1"]
    {
        let field = target.split_once('?').unwrap().1.split_once('=').unwrap().0;
        asked.bad("GET", target, b"", (field, Conflict, "by the path"));
    }
}

#[test]
fn two_members_of_a_oneof_are_a_conflict_wherever_they_come_from() {
    let asked = asked();
    for (query, field) in [
        ("choiceText=a&choiceNumber=1", "choiceNumber"),
        ("choiceText=&choiceInner.name=a", "choiceInner.name"),
        ("choiceInner.name=a&choiceOther.name=b", "choiceOther.name"),
        ("choiceInner.name=a&choiceText=b", "choiceText"),
        ("inner.left=a&inner.right=b", "inner.right"),
    ] {
        asked.bad("GET", &format!("/kinds?{query}"), b"", (field, Conflict, "excludes"));
    }
    // The path against the query, and the body against the query.
    asked.bad("GET", "/lefts/a?nested.right=b", b"", ("nested.left", Conflict, "excludes right"));
    asked.bad("POST", "/bodies/text?number=1", br#""a""#, ("number", Conflict, "excludes text"));
}

#[test]
fn every_mistake_is_told_at_once() {
    let asked = Table::compile(&pool::pool(None)).unwrap();
    let transcode::Found::Route(binding) = asked.find("/colors/x/items/7", &http::Method::GET) else {
        panic!()
    };
    let query = Some("a=1&count=x&name=n&id=8");
    let violations = binding.request("/colors/x/items/7", query, b"", &[]).unwrap_err();
    let found: Vec<_> = violations.iter().map(|v| (v.field.as_str(), v.kind)).collect();
    assert_eq!(found, [("a", Unknown), ("count", Type), ("id", Conflict), ("color", Type)]);
}

#[test]
fn a_path_fills_its_fields() {
    let asked = asked();
    for (target, message) in [
        ("/items/7", json!({"id": "7"})),
        ("/items/a+b%20c%2Fd", json!({"id": "a+b c/d"})),
        ("/items/a:b", json!({"id": "a:b"})),
        ("/items/%25", json!({"id": "%"})),
        ("/colors/COLOR_RED/items/7", json!({"color": "COLOR_RED", "id": "7"})),
        ("/colors/2/items/7?name=n", json!({"color": "COLOR_BLUE", "id": "7", "name": "n"})),
        ("/names/shelves/1", json!({"name": "shelves/1"})),
        ("/names/shelves/a%2Fb%20c", json!({"name": "shelves/a%2Fb c"})),
        ("/files", json!({})),
        ("/files/a/b%2fc/%C3%A6", json!({"name": "a/b%2fc/æ"})),
        (
            "/deep/a/-3?nested.tags=t",
            json!({"nested": {"name": "a", "inner": {"itemCount": -3}, "tags": ["t"]}}),
        ),
    ] {
        asked.good("GET", target, "", &message);
    }
    asked.good("POST", "/items/7:archive", "", &json!({"id": "7"}));
    for (target, field, kind) in [
        ("/items/%FF", "id", Malformed),
        ("/files/a/%FF", "name", Malformed),
        ("/colors/red/items/7", "color", Type),
        ("/deep/a/x", "nested.inner.itemCount", Type),
    ] {
        asked.bad("GET", target, b"", (field, kind, ""));
    }
}

#[test]
fn of_many_mistakes_the_first_are_told() {
    let table = Table::compile(&pool::pool(None)).unwrap();
    let kinds = table.bindings().iter().find(|b| b.route == "/kinds" && b.http_method == "GET").unwrap();
    let query = vec!["nonsense=1"; 5000].join("&");
    let violations = kinds.request("/kinds", Some(&query), b"", &[]).unwrap_err();
    assert_eq!(violations.len(), 20);
    assert!(violations.iter().all(|v| v.kind == Unknown && v.description.contains("int32Field")));
}
