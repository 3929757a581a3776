//! Checks of JSON that the protobuf mapping asks for and serde leaves to its caller.

mod unusual;

use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::Deserializer;

use crate::scalar;

/// Deepest nesting of a request body.
pub(crate) const MAX_DEPTH: usize = 100;

/// What a value is read into, as far as the names of its members matter.
#[derive(Debug, Clone)]
pub(crate) enum Shape {
    /// Members are what they are called.
    Free,
    /// Members are fields, which have a proto name and a JSON name each.
    Message(MessageDescriptor),
    /// Members are entries of a map with values of this kind.
    Map(Kind),
    /// A whole number below this, either way.
    Whole(f64),
    /// A number of this kind, which may be quoted.
    Real(Kind),
    /// A message with its type.
    Any,
}

/// One more than the largest whole numbers of 64 bits; those of 32 bits are checked where they are read.
const SIGNED_END: f64 = 9_223_372_036_854_775_808.0;
const UNSIGNED_END: f64 = 18_446_744_073_709_551_616.0;

impl Shape {
    /// The shape of a field's value.
    pub(crate) fn of(field: &FieldDescriptor) -> Self {
        match field.kind() {
            Kind::Message(entry) if field.is_map() => Self::Map(entry.map_entry_value_field().kind()),
            kind => Self::of_kind(kind),
        }
    }

    fn of_kind(kind: Kind) -> Self {
        match kind {
            Kind::Message(message) if message.package_name() != "google.protobuf" => Self::Message(message),
            Kind::Message(message) if message.name() == "Any" => Self::Any,
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 | Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => {
                Self::Whole(SIGNED_END)
            }
            Kind::Uint32 | Kind::Fixed32 | Kind::Uint64 | Kind::Fixed64 => Self::Whole(UNSIGNED_END),
            Kind::Double | Kind::Float => Self::Real(kind),
            _ => Self::Free,
        }
    }

    /// What makes a key the same as another, and the shape of its value.
    fn member(&self, key: String) -> (String, Self) {
        match self {
            Self::Free | Self::Whole(_) | Self::Real(_) | Self::Any => (key, Self::Free),
            Self::Map(kind) => (key, Self::of_kind(kind.clone())),
            Self::Message(message) => {
                let field = message.get_field_by_json_name(&key).or_else(|| message.get_field_by_name(&key));
                field.map_or((key, Self::Free), |field| (field.json_name().to_owned(), Self::of(&field)))
            }
        }
    }
}

/// Refuses what is not one JSON value, is nested too deeply, or names a member twice in one object: which of two
/// equal keys wins differs between readers, and that difference has been used to slip values past checks.
///
/// Answers whether it holds what must be rewritten to be read.
pub(crate) fn check(bytes: &[u8], shape: &Shape) -> Result<bool, String> {
    if depth(bytes) > MAX_DEPTH {
        return Err(format!("is nested more than {MAX_DEPTH} deep"));
    }
    let mut reader = Deserializer::from_slice(bytes);
    let unusual = Cell::new(false);
    let unique = Unique(shape.clone(), &unusual);
    let result = serde::de::Deserializer::deserialize_any(&mut reader, unique);
    result.and_then(|()| reader.end()).map_err(|error| format!("is not valid JSON: {error}"))?;
    Ok(unusual.get())
}

/// A body that has something unusual, so that it can be read; what is read then goes to `settle`.
pub(crate) fn rewrite(bytes: &[u8], shape: &Shape, known: &str) -> Option<Vec<u8>> {
    unusual::rewritten(bytes, shape, known)
}

/// Undoes in a message what `rewrite` put in for want of another form.
pub(crate) fn settle(message: &mut DynamicMessage) {
    unusual::forget(message);
}

fn depth(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0usize, 0, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Reads any value and refuses equal keys. Tells of what must be rewritten.
struct Unique<'n>(Shape, &'n Cell<bool>);

impl<'de> serde::de::DeserializeSeed<'de> for Unique<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> serde::de::Visitor<'de> for Unique<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        match self.0 {
            // What is too long for an integer comes as a float, and would be made the nearest one that fits.
            Shape::Whole(end) if value.abs() >= end => Err(E::custom("number out of range")),
            _ => Ok(()),
        }
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        match &self.0 {
            // Readers that take Rust's word for what a number is also take "inf".
            Shape::Real(kind) => scalar::parse(kind, text).map(drop).map_err(E::custom),
            Shape::Whole(_) if unusual::is_unusual_number(text) => {
                self.1.set(true);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Self(self.0.clone(), self.1))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let mut keys = HashSet::new();
        while let Some(key) = entries.next_key::<String>()? {
            let (member, shape) = self.0.member(key);
            if keys.contains(&member) {
                return Err(serde::de::Error::custom(format_args!("key {member:?} occurs twice")));
            }
            keys.insert(member);
            entries.next_value_seed(Self(shape, self.1))?;
        }
        if keys.is_empty() && matches!(self.0, Shape::Any) {
            self.1.set(true);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8]) -> Result<bool, String> {
        super::check(bytes, &Shape::Free)
    }

    #[test]
    fn equal_keys_deep_nesting_and_broken_text_are_refused() {
        assert_eq!(check(br#"{"a":[1,{"b":null}],"c":"\"}{"}"#), Ok(false));
        assert!(check(br#"{"a":1,"a":2}"#).unwrap_err().contains("twice"));
        assert!(check(br#"[{"x":{"a":1,"b":2,"a":3}}]"#).unwrap_err().contains("twice"));
        assert!(check("[".repeat(101).as_bytes()).unwrap_err().contains("deep"));
        for broken in ["", "{", "{}{}", "nul", "{\"a\":}", "'x'"] {
            assert!(check(broken.as_bytes()).unwrap_err().contains("JSON"), "{broken}");
        }
    }
}
