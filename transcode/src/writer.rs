//! A message written as proto3 JSON.
//!
//! Members come in the order of field numbers and map keys sorted, so that equal messages are equal bytes.
//! Fields without presence are printed even when empty, so that a reader sees one stable shape, unless the table's
//! mapping says otherwise.

use prost::Message as _;
use prost_reflect::{
    DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, ReflectMessage as _, Value,
};
use serde::Serialize;

use crate::{scalar, text};

/// Deepest nesting of messages. Decoding has the same limit, but an Any begins anew each time.
pub(crate) const MAX_DEPTH: usize = 100;

/// Writes a message.
pub(crate) fn message(message: &DynamicMessage, defaults: bool) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(message.encoded_len() * 3);
    message_into(message, &mut out, 0, defaults)?;
    Ok(out)
}

/// Writes a message that is inside of `depth` others.
pub(crate) fn message_into(
    message: &DynamicMessage,
    out: &mut Vec<u8>,
    depth: usize,
    defaults: bool,
) -> Result<(), String> {
    Writer { out, depth, defaults }.message(message)
}

/// Writes one field of a message as a value of its own; one that is absent is null.
pub(crate) fn field(
    message: &DynamicMessage,
    field: &FieldDescriptor,
    defaults: bool,
) -> Result<Vec<u8>, String> {
    if field.supports_presence() && !message.has_field(field) {
        return Ok(b"null".to_vec());
    }
    value(&message.get_field(field), &field.kind(), defaults)
}

/// Writes a value of a field of this kind.
pub(crate) fn value(value: &Value, kind: &Kind, defaults: bool) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    Writer { out: &mut out, depth: 0, defaults }.value(value, kind)?;
    Ok(out)
}

struct Writer<'a> {
    out: &'a mut Vec<u8>,
    depth: usize,
    /// Whether fields without presence are printed when they are empty.
    defaults: bool,
}

impl Writer<'_> {
    fn message(&mut self, message: &DynamicMessage) -> Result<(), String> {
        if self.depth >= MAX_DEPTH {
            return Err(format!("is nested more than {MAX_DEPTH} deep"));
        }
        self.depth += 1;
        let descriptor = message.descriptor();
        match descriptor.full_name() {
            "google.protobuf.Any" => self.any(message)?,
            "google.protobuf.Timestamp" => {
                check_timestamp(message)?;
                self.reflected(message)?;
            }
            "google.protobuf.Duration" => {
                check_duration(message)?;
                self.reflected(message)?;
            }
            "google.protobuf.FieldMask"
            | "google.protobuf.Struct"
            | "google.protobuf.Value"
            | "google.protobuf.ListValue" => self.reflected(message)?,
            // What is left of the texts are the wrappers.
            _ if scalar::is_textual(&Kind::Message(descriptor.clone())) => {
                let inner = descriptor.get_field_by_name("value").ok_or("is not a wrapper")?;
                self.value(&message.get_field(&inner), &inner.kind())?;
            }
            _ => {
                self.out.push(b'{');
                self.fields(message, true)?;
                self.out.push(b'}');
            }
        }
        self.depth -= 1;
        Ok(())
    }

    fn fields(&mut self, message: &DynamicMessage, mut first: bool) -> Result<(), String> {
        for field in message.descriptor().fields() {
            if (field.supports_presence() || !self.defaults) && !message.has_field(&field) {
                continue;
            }
            self.comma(&mut first);
            self.plain(field.json_name())?;
            self.out.push(b':');
            self.value(&message.get_field(&field), &field.kind())?;
        }
        Ok(())
    }

    fn value(&mut self, value: &Value, kind: &Kind) -> Result<(), String> {
        match value {
            Value::Bool(value) => self.plain(value),
            Value::I32(value) => self.plain(value),
            Value::U32(value) => self.plain(value),
            Value::I64(value) => self.plain(&value.to_string()),
            Value::U64(value) => self.plain(&value.to_string()),
            Value::F32(value) => {
                text::real(self.out, (*value).into(), value);
                Ok(())
            }
            Value::F64(value) => {
                text::real(self.out, *value, value);
                Ok(())
            }
            Value::String(value) => self.plain(value),
            Value::Bytes(value) => {
                text::base64(self.out, value);
                Ok(())
            }
            Value::EnumNumber(number) => self.enumeration(*number, kind),
            Value::Message(message) => self.message(message),
            Value::List(values) => {
                let mut first = true;
                self.out.push(b'[');
                for value in values {
                    self.comma(&mut first);
                    self.value(value, kind)?;
                }
                self.out.push(b']');
                Ok(())
            }
            Value::Map(entries) => {
                let value_kind = kind.as_message().ok_or("is not a map")?.map_entry_value_field().kind();
                let mut entries: Vec<_> = entries.iter().collect();
                entries.sort_unstable_by_key(|(key, _)| *key);
                self.map(&entries, &value_kind)
            }
        }
    }

    fn map(&mut self, entries: &[(&MapKey, &Value)], kind: &Kind) -> Result<(), String> {
        let mut first = true;
        self.out.push(b'{');
        for (key, value) in entries {
            self.comma(&mut first);
            match key {
                MapKey::Bool(key) => self.plain(&key.to_string())?,
                MapKey::I32(key) => self.plain(&key.to_string())?,
                MapKey::I64(key) => self.plain(&key.to_string())?,
                MapKey::U32(key) => self.plain(&key.to_string())?,
                MapKey::U64(key) => self.plain(&key.to_string())?,
                MapKey::String(key) => self.plain(key)?,
            }
            self.out.push(b':');
            self.value(value, kind)?;
        }
        self.out.push(b'}');
        Ok(())
    }

    fn enumeration(&mut self, number: i32, kind: &Kind) -> Result<(), String> {
        let descriptor = kind.as_enum().ok_or("is not an enum")?;
        if descriptor.full_name() == "google.protobuf.NullValue" {
            return self.plain(&());
        }
        match descriptor.get_value(number) {
            Some(value) => self.plain(value.name()),
            None => self.plain(&number),
        }
    }

    fn any(&mut self, message: &DynamicMessage) -> Result<(), String> {
        let url = message.get_field_by_name("type_url");
        let url = url.as_deref().and_then(Value::as_str).unwrap_or_default();
        let wire = message.get_field_by_name("value");
        let wire = wire.as_deref().and_then(Value::as_bytes).cloned().unwrap_or_default();
        if url.is_empty() && wire.is_empty() {
            self.out.extend(b"{}");
            return Ok(());
        }
        let name = url.rsplit_once('/').map(|(_, name)| name);
        let name = name.ok_or_else(|| format!("{url:?} is not the type of an Any"))?;
        let descriptor = message.descriptor().parent_pool().get_message_by_name(name);
        let descriptor = descriptor.ok_or_else(|| format!("the type {name} of an Any is not known"))?;
        let special = is_special(&descriptor);
        let inner = DynamicMessage::decode(descriptor, wire).map_err(|e| e.to_string())?;
        self.out.extend(b"{\"@type\":");
        self.plain(url)?;
        if special {
            self.out.extend(b",\"value\":");
            self.message(&inner)?;
        } else {
            self.fields(&inner, false)?;
        }
        self.out.push(b'}');
        Ok(())
    }

    /// Left to prost-reflect: its text is right, and has no maps in random order.
    fn reflected(&mut self, message: &DynamicMessage) -> Result<(), String> {
        self.plain(message)
    }

    fn plain<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), String> {
        serde_json::to_writer(&mut *self.out, value).map_err(|error| error.to_string())
    }

    fn comma(&mut self, first: &mut bool) {
        if !std::mem::take(first) {
            self.out.push(b',');
        }
    }
}

/// Whether a message has a JSON form of its own, so that an Any holds it in a member `value`.
fn is_special(message: &MessageDescriptor) -> bool {
    let other = ["Any", "Struct", "Value", "ListValue", "Empty"];
    scalar::is_textual(&Kind::Message(message.clone()))
        || (message.package_name() == "google.protobuf" && other.contains(&message.name()))
}

fn seconds_and_nanos(message: &DynamicMessage) -> (i64, i32) {
    let seconds = message.get_field_by_name("seconds").and_then(|value| value.as_i64());
    let nanos = message.get_field_by_name("nanos").and_then(|value| value.as_i32());
    (seconds.unwrap_or_default(), nanos.unwrap_or_default())
}

fn check_timestamp(message: &DynamicMessage) -> Result<(), String> {
    let (seconds, nanos) = seconds_and_nanos(message);
    let fits = text::TIMESTAMP_SECONDS.contains(&seconds) && (0..1_000_000_000).contains(&nanos);
    fits.then_some(()).ok_or_else(|| "a Timestamp is out of range".into())
}

fn check_duration(message: &DynamicMessage) -> Result<(), String> {
    let (seconds, nanos) = seconds_and_nanos(message);
    if seconds.signum() * i64::from(nanos.signum()) < 0 {
        return Err("a Duration has seconds and nanos of different signs".into());
    }
    let fits = seconds.unsigned_abs() <= text::MAX_DURATION_SECONDS && nanos.unsigned_abs() < 1_000_000_000;
    fits.then_some(()).ok_or_else(|| "a Duration is out of range".into())
}
