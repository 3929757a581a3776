//! Random valid requests over the routes of the transcoder's tests.

use std::fmt;

use fastrand::Rng;
use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use prost_reflect::{DescriptorPool, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

/// A request.
pub(crate) struct Case {
    pub(crate) method: Method,
    pub(crate) target: String,
    pub(crate) body: Option<Value>,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.method, self.target, self.body.as_ref().unwrap_or(&Value::Null))
    }
}

const TEXTS: [&str; 7] = ["", "a", "æøå", "a b", "\"quoted\" & <more>", "x/y", "🐟\n\t\u{1}"];

/// A random one.
pub(crate) fn random(rng: &mut Rng, pool: &DescriptorPool) -> Case {
    let message = |name: &str| pool.get_message_by_name(&format!("transcode.test.v1.{name}"));
    let (Some(kinds), Some(known), Some(item), Some(inner)) =
        (message("Kinds"), message("WellKnown"), message("Item"), message("Inner"))
    else {
        unreachable!("the protos of the tests have these messages")
    };
    let get = |target: String| Case { method: Method::GET, target, body: None };
    let with = |method: Method, target: String, body: Value| Case { method, target, body: Some(body) };
    let (segment, number) = (segment(rng), rng.i32(..));
    match rng.u8(0..16) {
        0..=2 => with(Method::POST, "/kinds".into(), object(rng, &kinds, 0)),
        3 | 4 => with(Method::POST, "/wellknown".into(), object(rng, &known, 0)),
        5..=7 => get(format!("/kinds?{}", query(rng, &kinds, &[]))),
        8 => get(format!("/wellknown?{}", query(rng, &known, &[]))),
        9 => get(format!("/items/{segment}?{}", query(rng, &item, &["id"]))),
        10 => get(format!("/colors/COLOR_RED/items/{segment}?{}", query(rng, &item, &["id", "color"]))),
        11 => get(format!("/names/shelves/{}", self::segment(rng))),
        12 => get(format!("/deep/{segment}/{number}?{}", query(rng, &item, &["nested"]))),
        13 => with(Method::PATCH, format!("/items/{segment}"), object(rng, &inner, 0)),
        14 => with(Method::POST, format!("/items/{segment}:archive"), json!({"name": text(rng)})),
        _ => {
            let many: Vec<Value> = (0..rng.usize(0..4)).map(|_| object(rng, &inner, 0)).collect();
            with(Method::POST, "/bodies/many".into(), Value::from(many))
        }
    }
}

fn text(rng: &mut Rng) -> &'static str {
    TEXTS[rng.usize(0..TEXTS.len())]
}

fn segment(rng: &mut Rng) -> String {
    let text = ["a", "æ", "a b", "q?&=", "100%"][rng.usize(0..5)];
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// Some fields of a message with values.
fn object(rng: &mut Rng, message: &MessageDescriptor, depth: usize) -> Value {
    let mut members = Map::new();
    let mut taken = Vec::new();
    for field in message.fields() {
        let oneof = field.containing_oneof().map(|oneof| oneof.full_name().to_owned());
        let rival = oneof.as_ref().is_some_and(|oneof| taken.contains(oneof));
        if rng.u8(0..3) > 0 || rival {
            continue;
        }
        let Some(value) = value(rng, &field, depth) else { continue };
        taken.extend(oneof);
        // Both names of a field are read.
        let name = if rng.bool() { field.json_name() } else { field.name() };
        members.insert(name.to_owned(), value);
    }
    Value::Object(members)
}

fn value(rng: &mut Rng, field: &FieldDescriptor, depth: usize) -> Option<Value> {
    if field.is_map() {
        let kind = field.kind();
        let (key, inner) =
            (kind.as_message()?.map_entry_key_field(), kind.as_message()?.map_entry_value_field());
        let mut entries = Map::new();
        for _ in 0..rng.usize(0..3) {
            let key = match key.kind() {
                Kind::String => text(rng).to_owned(),
                Kind::Bool => rng.bool().to_string(),
                _ => rng.i32(..).to_string(),
            };
            entries.insert(key, single(rng, &inner.kind(), depth)?);
        }
        return Some(Value::Object(entries));
    }
    if field.is_list() {
        return (0..rng.usize(0..4)).map(|_| single(rng, &field.kind(), depth)).collect::<Option<_>>();
    }
    single(rng, &field.kind(), depth)
}

fn single(rng: &mut Rng, kind: &Kind, depth: usize) -> Option<Value> {
    Some(match kind {
        Kind::Bool => rng.bool().into(),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => rng.i32(..).into(),
        Kind::Uint32 | Kind::Fixed32 => rng.u32(..).into(),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => rng.i64(..).to_string().into(),
        Kind::Uint64 | Kind::Fixed64 => rng.u64(..).to_string().into(),
        Kind::Float => [0.0, 0.5, -1.25, 1e10][rng.usize(0..4)].into(),
        Kind::Double => [0.0, 0.1, -1e-7, 1.5e300][rng.usize(0..4)].into(),
        Kind::String => text(rng).into(),
        Kind::Bytes => ["", "AA==", "+/8=", "YWJj"][rng.usize(0..4)].into(),
        Kind::Enum(names) if names.name() == "NullValue" => return None,
        Kind::Enum(_) => [json!("COLOR_RED"), json!("COLOR_UNSPECIFIED"), json!(2)][rng.usize(0..3)].clone(),
        Kind::Message(message) => match message.full_name() {
            "google.protobuf.Timestamp" => "2026-01-31T12:00:00.120Z".into(),
            "google.protobuf.Duration" => ["0s", "-1.500s", "3.000000001s"][rng.usize(0..3)].into(),
            "google.protobuf.FieldMask" => ["a", "a.bC,d"][rng.usize(0..2)].into(),
            "google.protobuf.Struct" => json!({"a": [1.5, null, {"b": true}], "c": text(rng)}),
            "google.protobuf.Value" => [json!(1.5), json!("x"), json!([false])][rng.usize(0..3)].clone(),
            "google.protobuf.ListValue" => json!(["a", 2.5]),
            "google.protobuf.Any" => {
                json!({"@type": "type.googleapis.com/google.protobuf.Duration", "value": "1s"})
            }
            "google.protobuf.Empty" => json!({}),
            name if name.starts_with("google.protobuf.") => {
                return single(rng, &message.get_field_by_name("value")?.kind(), depth);
            }
            name if name.starts_with("google.api.") || depth > 2 => return None,
            _ => object(rng, message, depth + 1),
        },
    })
}

/// Some fields as a query.
fn query(rng: &mut Rng, message: &MessageDescriptor, without: &[&str]) -> String {
    let members = object(rng, message, 0);
    let mut pairs = Vec::new();
    let mut members = members.as_object().cloned().unwrap_or_default();
    members.retain(|name, _| !without.contains(&name.as_str()));
    for (name, value) in members {
        let field = message.get_field_by_name(&name).or_else(|| message.get_field_by_json_name(&name));
        let Some(field) = field.filter(|field| !field.is_map()) else { continue };
        flatten(&name, &value, &field.kind(), &mut pairs);
    }
    pairs.join("&")
}

fn flatten(name: &str, value: &Value, kind: &Kind, pairs: &mut Vec<String>) {
    let mut pair = |text: &str| pairs.push(format!("{name}={}", utf8_percent_encode(text, NON_ALPHANUMERIC)));
    let structured = ["Struct", "Value", "ListValue", "Any", "Empty"];
    match (value, kind) {
        (_, Kind::Message(message)) if structured.contains(&message.name()) => {}
        (Value::Array(items), Kind::Message(_)) if !items.is_empty() => {}
        (Value::Object(members), Kind::Message(message)) => {
            for (member, value) in members {
                let field =
                    message.get_field_by_name(member).or_else(|| message.get_field_by_json_name(member));
                let Some(field) = field.filter(|field| !field.is_map()) else { continue };
                flatten(&format!("{name}.{member}"), value, &field.kind(), pairs);
            }
        }
        (Value::Array(items), _) => items.iter().for_each(|item| flatten(name, item, kind, pairs)),
        (Value::String(text), _) => pair(text),
        (other, _) => pair(&other.to_string()),
    }
}

/// Numbers in one form: 1 and 1.0 are the same value.
pub(crate) fn normal(value: Value) -> Value {
    match value {
        Value::Number(number) => number.as_f64().map_or(Value::Null, Value::from),
        Value::Array(items) => items.into_iter().map(normal).collect(),
        Value::Object(members) => members.into_iter().map(|(name, member)| (name, normal(member))).collect(),
        other => other,
    }
}
