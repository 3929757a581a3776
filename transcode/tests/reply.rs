//! Wire bytes made into replies.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

#[path = "support/pool.rs"]
mod pool;

use std::collections::BTreeMap;

use bytes::Bytes;
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage};
use serde_json::{Value, json};
use transcode::{Binding, Reply, Table};

struct Replies {
    pool: DescriptorPool,
    table: Table,
}

impl Replies {
    fn new() -> Self {
        let pool = pool::pool(None);
        Self { table: Table::compile(&pool).unwrap(), pool }
    }

    fn binding(&self, route: &str) -> &Binding {
        self.table.bindings().iter().find(|binding| binding.route == route).unwrap()
    }

    /// Wire bytes of a message written as JSON, by prost-reflect alone.
    fn wire(&self, message: &str, json: &Value) -> Bytes {
        let descriptor = self.pool.get_message_by_name(message).unwrap();
        DynamicMessage::deserialize(descriptor, json).unwrap().encode_to_vec().into()
    }

    fn text(&self, route: &str, wire: impl Into<Bytes>) -> String {
        match self.binding(route).reply(wire.into()).unwrap() {
            Reply::Object(json) | Reply::Json(json) => String::from_utf8(json).unwrap(),
            body @ Reply::Body { .. } => panic!("{body:?}"),
        }
    }

    fn kinds(&self, json: &Value) -> Value {
        let wire = self.wire("transcode.test.v1.Kinds", json);
        serde_json::from_str(&self.text("/kinds", wire)).unwrap()
    }

    fn well_known(&self, json: &Value) -> Value {
        let wire = self.wire("transcode.test.v1.WellKnown", json);
        serde_json::from_str(&self.text("/wellknown", wire)).unwrap()
    }

    fn problem(&self, route: &str, wire: impl Into<Bytes>) -> String {
        let error = self.binding(route).reply(wire.into()).unwrap_err();
        assert!(error.rpc.starts_with("transcode.test.v1.Routes."), "{error}");
        error.problem
    }
}

#[test]
fn defaults_are_printed_and_what_is_absent_is_not() {
    let text = Replies::new().text("/kinds", "");
    assert_eq!(
        text,
        concat!(
            r#"{"doubleField":0.0,"floatField":0.0,"int32Field":0,"int64Field":"0","uint32Field":0,"#,
            r#""uint64Field":"0","sint32Field":0,"sint64Field":"0","fixed32Field":0,"fixed64Field":"0","#,
            r#""sfixed32Field":0,"sfixed64Field":"0","boolField":false,"stringField":"","bytesField":"","#,
            r#""color":"COLOR_UNSPECIFIED","otherName":"","numbers":[],"texts":[],"colors":[],"inners":[],"#,
            r#""floats":[],"byName":{},"byNumber":{},"byFlag":{},"weights":{}}"#
        )
    );
}

#[test]
fn every_kind_is_printed_as_the_mapping_says() {
    let replies = Replies::new();
    let values = json!({
        "doubleField": 1.5, "floatField": 0.1, "int32Field": -2_147_483_648i64,
        "int64Field": "-9223372036854775808", "uint32Field": 4_294_967_295u32,
        "uint64Field": "18446744073709551615", "sint32Field": -1, "sint64Field": "-2",
        "fixed32Field": 3, "fixed64Field": "4", "sfixed32Field": -5, "sfixed64Field": "-6",
        "boolField": true, "stringField": "æ\"\\\n\u{1}🐟", "bytesField": "+/8=", "color": "COLOR_BLUE",
        "inner": {"name": "x", "itemCount": 2, "tags": ["t"], "left": ""},
        "maybeNumber": 0, "maybeText": "", "otherName": "o",
        "numbers": [1, -1], "texts": ["", "a"], "colors": ["COLOR_RED", 9],
        "inners": [{"name": "", "itemCount": 0, "tags": []}], "floats": [0.1, 1e10],
        "byName": {"a": 1}, "byNumber": {"-7": {"name": "y", "itemCount": 0, "tags": []}},
        "byFlag": {"true": "yes"}, "weights": {"w": 0.1}, "choiceNumber": 0
    });
    assert_eq!(replies.kinds(&values), values);
}

#[test]
fn numbers_that_are_none_are_named() {
    let replies = Replies::new();
    for name in ["NaN", "Infinity", "-Infinity"] {
        let printed = replies.kinds(&json!({"doubleField": name, "floatField": name, "floats": [name]}));
        assert_eq!(printed["doubleField"], name);
        assert_eq!(printed["floatField"], name);
        assert_eq!(printed["floats"], json!([name]));
        let printed = replies.well_known(&json!({"doubleValue": name, "floatValue": name}));
        assert_eq!((&printed["doubleValue"], &printed["floatValue"]), (&json!(name), &json!(name)));
    }
}

#[test]
fn an_enum_number_without_a_name_stays_a_number() {
    let replies = Replies::new();
    // Field 16, varint 9.
    let value: Value = serde_json::from_str(&replies.text("/kinds", vec![0x80, 0x01, 9])).unwrap();
    assert_eq!(value["color"], 9);
}

#[test]
fn equal_messages_are_equal_bytes_and_map_keys_are_sorted() {
    let replies = Replies::new();
    let names: BTreeMap<_, _> = (0..50).map(|n| (format!("key{n}"), n)).collect();
    let values = json!({
        "byName": names,
        "byNumber": {"10": {}, "9": {}, "-3": {}, "100": {}},
        "byFlag": {"true": "", "false": ""}
    });
    // Read anew each time: every message has a hash map of its own, in an order of its own.
    let texts: Vec<String> =
        (0..20).map(|_| replies.text("/kinds", replies.wire("transcode.test.v1.Kinds", &values))).collect();
    assert!(texts.iter().all(|text| *text == texts[0]));
    let inner = r#"{"name":"","itemCount":0,"tags":[]}"#;
    for part in [
        format!(r#""byName":{}"#, serde_json::to_string(&names).unwrap()),
        format!(r#""byNumber":{{"-3":{inner},"9":{inner},"10":{inner},"100":{inner}}}"#),
        r#""byFlag":{"false":"","true":""}"#.to_owned(),
    ] {
        assert!(texts[0].contains(&part), "{part} is not in {}", texts[0]);
    }
}

#[test]
fn well_known_messages_have_their_own_form() {
    let replies = Replies::new();
    for value in [
        json!({"time": "2026-01-31T12:00:00Z"}),
        json!({"time": "2026-01-31T12:00:00.120Z"}),
        json!({"time": "0001-01-01T00:00:00Z"}),
        json!({"time": "9999-12-31T23:59:59.999999999Z"}),
        json!({"span": "0s"}),
        json!({"span": "-0.500s"}),
        json!({"span": "315576000000s"}),
        json!({"mask": "a.bC,d"}),
        json!({"struct": {"b": [1.0, null, {"c": true}], "a": "x"}}),
        json!({"struct": {}}),
        json!({"value": null}),
        json!({"value": {"a": []}}),
        json!({"list": ["a", 2.5, null]}),
        json!({"empty": {}}),
        json!({"boolValue": false, "stringValue": "", "int32Value": 0, "uint32Value": 0}),
        json!({"bytesValue": "+/8=", "doubleValue": 0.0, "floatValue": 0.1f32.to_string().parse::<f64>().unwrap()}),
        json!({"int64Value": "-5", "uint64Value": "18446744073709551615"}),
        json!({"any": {"@type": "type.googleapis.com/google.protobuf.Duration", "value": "1s"}}),
        json!({"any": {"@type": "type.googleapis.com/google.protobuf.Empty", "value": {}}}),
        json!({"any": {"@type": "x/google.protobuf.Struct", "value": {"b": 1.0, "a": 2.0}}}),
        json!({"any": {"@type": "x/google.protobuf.Int64Value", "value": "3"}}),
        json!({"any": {"@type": "x/transcode.test.v1.Inner", "name": "n", "itemCount": 0, "tags": []}}),
        json!({"any": {"@type": "x/google.protobuf.Any",
            "value": {"@type": "x/google.protobuf.StringValue", "value": "deep"}}}),
    ] {
        let mut expected = value.clone();
        expected["nullValue"] = Value::Null;
        assert_eq!(replies.well_known(&value), expected);
    }
}

#[test]
fn an_any_of_nothing_is_an_empty_object() {
    // Field 7, length 0.
    assert_eq!(Replies::new().text("/wellknown", vec![0x3a, 0]), r#"{"any":{},"nullValue":null}"#);
}

#[test]
fn a_well_known_message_out_of_its_range_is_unreadable() {
    let replies = Replies::new();
    let (time, span) = (0x0a, 0x12);
    let part = |field: u8, seconds: i64, nanos: i32| -> Vec<u8> {
        let inner = seconds_and_nanos(seconds, nanos);
        [vec![field, u8::try_from(inner.len()).unwrap()], inner].concat()
    };
    for (wire, text) in [
        (part(time, 253_402_300_800, 0), "out of range"),
        (part(time, -62_135_596_801, 0), "out of range"),
        (part(time, 0, -1), "out of range"),
        (part(time, 0, 1_000_000_000), "out of range"),
        (part(span, 315_576_000_001, 0), "out of range"),
        (part(span, i64::MIN, 0), "out of range"),
        (part(span, 0, i32::MIN), "out of range"),
        (part(span, 1, -1), "different signs"),
        (part(span, -1, 1), "different signs"),
        // An Any whose type nobody knows, and one that names none.
        (b"\x3a\x09\x0a\x07x/y.Zed".to_vec(), "y.Zed"),
        (b"\x3a\x03\x0a\x01x".to_vec(), "not the type"),
        // A mask that cannot be written in camel case and read back.
        (b"\x1a\x03\x0a\x01A".to_vec(), "camelcase"),
        // A Value that is not a number.
        (b"\x2a\x09\x11\0\0\0\0\0\0\xf8\x7f".to_vec(), "finite"),
    ] {
        let problem = replies.problem("/wellknown", wire.clone());
        assert!(problem.contains(text), "{wire:?}: {problem}");
    }
}

/// Seconds in field 1 and nanos in field 2.
fn seconds_and_nanos(seconds: i64, nanos: i32) -> Vec<u8> {
    let mut out = Vec::new();
    prost::encoding::int64::encode(1, &seconds, &mut out);
    prost::encoding::int32::encode(2, &nanos, &mut out);
    out
}

#[test]
fn unknown_wire_fields_are_skipped() {
    let replies = Replies::new();
    let unknown: [&[u8]; 4] = [
        &[0xa0, 0x06, 1],                      // field 100, varint
        &[0xa1, 0x06, 1, 2, 3, 4, 5, 6, 7, 8], // 64 bits
        &[0xa2, 0x06, 2, 0xff, 0xff],          // bytes that are not UTF-8
        &[0xa5, 0x06, 1, 2, 3, 4],             // 32 bits
    ];
    let known = replies.wire("transcode.test.v1.Inner", &json!({"name": "x"}));
    let wire = [unknown.concat(), known.to_vec(), unknown.concat()].concat();
    assert_eq!(replies.text("/watch", wire), r#"{"name":"x","itemCount":0,"tags":[]}"#);
}

#[test]
fn packed_split_and_repeated_fields_are_put_together() {
    let replies = Replies::new();
    // numbers (30): packed 1, 2, then 3 on its own; inner (17) in two halves; stringField (14) twice.
    let wire = b"\xf2\x01\x02\x01\x02\xf0\x01\x03\x8a\x01\x03\x0a\x01n\x72\x01a\x8a\x01\x02\x10\x05\x72\x01b";
    let value: Value = serde_json::from_str(&replies.text("/kinds", wire.to_vec())).unwrap();
    assert_eq!(value["numbers"], json!([1, 2, 3]));
    assert_eq!(value["inner"], json!({"name": "n", "itemCount": 5, "tags": []}));
    assert_eq!(value["stringField"], "b");
}

#[test]
fn broken_wire_is_unreadable() {
    let replies = Replies::new();
    let whole = replies.wire("transcode.test.v1.Inner", &json!({"name": "long enough", "itemCount": 3}));
    replies.text("/watch", whole.clone());
    for cut in 1..13 {
        replies.problem("/watch", whole.slice(..cut));
    }
    let invalid: [&[u8]; 6] = [
        b"\x0a\x01\xff",             // a name that is not UTF-8
        b"\x08\x01",                 // a name as a varint
        b"\x12\x01a",                // a count as bytes
        b"\x00",                     // field number 0
        b"\x0f",                     // wire type 7
        b"\x0a\xff\xff\xff\xff\x7f", // longer than there is
    ];
    for wire in invalid {
        replies.problem("/watch", Bytes::from_static(wire));
    }
    let deep = (0..150).fold(Vec::new(), |inner: Vec<u8>, _| {
        let mut out = Vec::new();
        prost::encoding::bytes::encode(3, &inner, &mut out);
        out
    });
    assert!(replies.problem("/watch", deep).contains("recursion"));
}

#[test]
fn anys_in_anys_end_somewhere() {
    let replies = Replies::new();
    let deep = (0..2000).fold(Vec::new(), |inner: Vec<u8>, _| {
        let mut out = Vec::new();
        prost::encoding::string::encode(1, &"x/google.protobuf.Any".to_owned(), &mut out);
        prost::encoding::bytes::encode(2, &inner, &mut out);
        out
    });
    let mut wire = Vec::new();
    prost::encoding::bytes::encode(7, &deep, &mut wire);
    assert!(replies.problem("/wellknown", wire).contains("more than 100 deep"));
}

#[test]
fn a_reply_may_be_one_field() {
    let replies = Replies::new();
    let item = |json: Value| replies.wire("transcode.test.v1.Item", &json);
    let object = |route: &str, json: Value| match replies.binding(route).reply(item(json)).unwrap() {
        Reply::Object(json) => String::from_utf8(json).unwrap(),
        other => panic!("{route}: {other:?}"),
    };
    let value = |route: &str, json: Value| match replies.binding(route).reply(item(json)).unwrap() {
        Reply::Json(json) => String::from_utf8(json).unwrap(),
        other => panic!("{route}: {other:?}"),
    };
    assert_eq!(
        object("/parts/nested", json!({"nested": {"name": "x"}})),
        r#"{"name":"x","itemCount":0,"tags":[]}"#
    );
    assert_eq!(object("/parts/nested", json!({})), r#"{"name":"","itemCount":0,"tags":[]}"#);
    assert_eq!(
        value("/parts/many", json!({"many": [{"name": "x"}]})),
        r#"[{"name":"x","itemCount":0,"tags":[]}]"#
    );
    assert_eq!(value("/parts/many", json!({})), "[]");
    assert_eq!(value("/parts/count", json!({"count": "5"})), r#""5""#);
    assert_eq!(value("/parts/count", json!({})), r#""0""#);
    assert_eq!(value("/parts/id", json!({"id": "x"})), r#""x""#);
    assert_eq!(value("/parts/labels", json!({"labels": {"b": 0.1, "a": 2.0}})), r#"{"a":2.0,"b":0.1}"#);
    assert_eq!(value("/parts/time", json!({"time": "2026-01-31T12:00:00Z"})), r#""2026-01-31T12:00:00Z""#);
    assert_eq!(value("/parts/time", json!({})), "null");
    assert_eq!(value("/parts/note", json!({"note": ""})), r#""""#);
    assert_eq!(value("/parts/note", json!({})), "null");
}

#[test]
fn an_http_body_is_passed_through() {
    let replies = Replies::new();
    let body = json!({"contentType": "text/csv", "data": "YSxiCg=="});
    let expected = Reply::Body { content_type: "text/csv".into(), data: Bytes::from_static(b"a,b\n") };
    let wire = replies.wire("google.api.HttpBody", &body);
    assert_eq!(replies.binding("/download").reply(wire).unwrap(), expected);
    let wire = replies.wire("transcode.test.v1.Item", &json!({"file": body}));
    assert_eq!(replies.binding("/parts/file").reply(wire).unwrap(), expected);
    for (route, passed) in [
        ("/download", true),
        ("/export", true),
        ("/parts/file", true),
        ("/parts/id", false),
        ("/kinds", false),
    ] {
        assert_eq!(replies.binding(route).is_passed_through(), passed, "{route}");
    }
}
