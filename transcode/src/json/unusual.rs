//! What the mapping allows and prost-reflect does not read: whole numbers as `"1e5"`, and `{}` as an empty Any.
//! Rare, so that the body is only made into objects and rewritten when one of the two has been seen.

use prost_reflect::{DynamicMessage, FieldDescriptor, ReflectMessage as _, Value};
use serde_json::Value as Json;

use super::Shape;

/// Where the type of an Any comes from that stands for an empty one until the message is read.
const NOWHERE: &str = "empty.invalid/";

/// The body in a form that is read. `known` is the full name of any message in the pool.
pub(super) fn rewritten(body: &[u8], shape: &Shape, known: &str) -> Option<Vec<u8>> {
    let mut value = serde_json::from_slice(body).ok()?;
    rewrite(&mut value, shape, known);
    serde_json::to_vec(&value).ok()
}

fn rewrite(value: &mut Json, shape: &Shape, known: &str) {
    match value {
        Json::String(text) if matches!(shape, Shape::Whole(_)) => {
            if let Some(number) = whole(text) {
                *text = number.to_string();
            }
        }
        Json::Object(members) if members.is_empty() && matches!(shape, Shape::Any) => {
            members.insert("@type".into(), format!("{NOWHERE}{known}").into());
        }
        Json::Object(members) => {
            for (name, member) in members {
                rewrite(member, &shape.member(name.clone()).1, known);
            }
        }
        Json::Array(items) => items.iter_mut().for_each(|item| rewrite(item, shape, known)),
        _ => {}
    }
}

/// Whether a text is a whole number in a form of its own, such as `1e5` or `1.0`.
pub(super) fn is_unusual_number(text: &str) -> bool {
    text.contains(['e', 'E', '.']) && whole(text).is_some()
}

fn whole(text: &str) -> Option<i64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    let number: f64 = text.parse().ok().filter(|_| plain)?;
    // Up to 2^53 every whole number is one of these.
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and in range")]
    (number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0).then_some(number as i64)
}

/// Empties what stands for an empty Any.
pub(super) fn forget(message: &mut DynamicMessage) {
    if message.descriptor().full_name() == "google.protobuf.Any" {
        let url = message.get_field_by_name("type_url").and_then(|url| url.as_str().map(str::to_owned));
        if url.is_some_and(|url| url.starts_with(NOWHERE)) {
            *message = DynamicMessage::new(message.descriptor());
        }
        return;
    }
    let set: Vec<FieldDescriptor> =
        message.descriptor().fields().filter(|field| message.has_field(field)).collect();
    for field in set {
        match message.get_field_mut(&field) {
            Value::Message(inner) => forget(inner),
            Value::List(items) => items.iter_mut().filter_map(Value::as_message_mut).for_each(forget),
            Value::Map(entries) => entries.values_mut().filter_map(Value::as_message_mut).for_each(forget),
            _ => {}
        }
    }
}
