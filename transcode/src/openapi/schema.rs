//! JSON schemas of messages, as the proto3 JSON mapping writes them.

use std::collections::BTreeMap;

use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

use crate::comments::Comments;

/// Schemas that have been asked for, by message or enum name.
#[derive(Debug)]
pub(super) struct Schemas<'a> {
    comments: &'a Comments,
    written: BTreeMap<String, Value>,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(comments: &'a Comments) -> Self {
        Self { comments, written: BTreeMap::new() }
    }

    pub(super) fn into_components(self) -> Map<String, Value> {
        self.written.into_iter().collect()
    }

    /// The schema of a field's value.
    pub(super) fn field(&mut self, field: &FieldDescriptor) -> Value {
        let mut schema = if field.is_map() {
            let value = match field.kind() {
                Kind::Message(entry) => self.kind(&entry.map_entry_value_field().kind()),
                _ => json!({}),
            };
            json!({"type": "object", "additionalProperties": value})
        } else if field.is_list() {
            json!({"type": "array", "items": self.kind(&field.kind())})
        } else {
            self.kind(&field.kind())
        };
        let text = self.comments.get(field.full_name());
        if let Some(schema) = schema.as_object_mut().filter(|_| !text.is_empty()) {
            schema.insert("description".into(), text.into());
        }
        schema
    }

    /// The schema of a message, written once and referred to.
    pub(super) fn message(&mut self, message: &MessageDescriptor) -> Value {
        if let Some(schema) = well_known(message.full_name()) {
            return schema;
        }
        let name = message.full_name().to_owned();
        if !self.written.contains_key(&name) {
            // Stands in while the fields are written, for messages that hold themselves.
            self.written.insert(name.clone(), Value::Null);
            let schema = self.object(message, Vec::new());
            self.written.insert(name.clone(), schema);
        }
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    /// The schema of an object reply, with members of the envelope before its own.
    pub(super) fn object(&mut self, message: &MessageDescriptor, envelope: Vec<(String, Value)>) -> Value {
        // What has no presence is always printed, and so are the envelope's members.
        let mut required: Vec<Value> = envelope.iter().map(|(name, _)| name.as_str().into()).collect();
        let mut properties: Map<String, Value> = envelope.into_iter().collect();
        for field in message.fields() {
            if !field.supports_presence() {
                required.push(field.json_name().into());
            }
            properties.insert(field.json_name().to_owned(), self.field(&field));
        }
        let mut schema = json!({"type": "object", "properties": properties});
        if let Some(schema) = schema.as_object_mut() {
            if !required.is_empty() {
                schema.insert("required".into(), required.into());
            }
            let text = self.comments.get(message.full_name());
            if !text.is_empty() {
                schema.insert("description".into(), text.into());
            }
        }
        schema
    }

    /// The schema of a singular value.
    pub(super) fn kind(&mut self, kind: &Kind) -> Value {
        match kind {
            Kind::Bool => json!({"type": "boolean"}),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => json!({"type": "integer", "format": "int32"}),
            Kind::Uint32 | Kind::Fixed32 => json!({"type": "integer", "minimum": 0}),
            // As the mapping says: numbers that JavaScript cannot hold are texts.
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 | Kind::Uint64 | Kind::Fixed64 => {
                json!({"type": "string", "format": "int64"})
            }
            Kind::Float | Kind::Double => json!({"type": "number"}),
            Kind::String => json!({"type": "string"}),
            Kind::Bytes => json!({"type": "string", "contentEncoding": "base64"}),
            Kind::Enum(descriptor) => self.enumeration(descriptor),
            Kind::Message(message) => self.message(message),
        }
    }

    fn enumeration(&mut self, descriptor: &EnumDescriptor) -> Value {
        if descriptor.full_name() == "google.protobuf.NullValue" {
            return json!({"type": "null"});
        }
        let name = descriptor.full_name().to_owned();
        if !self.written.contains_key(&name) {
            let mut text = self.comments.get(&name).to_owned();
            for value in descriptor.values() {
                let meaning = self.comments.get(&format!("{name}.{}", value.name()));
                text.extend(["\n- `", value.name(), "`: ", meaning]);
            }
            let names: Vec<_> = descriptor.values().map(|value| value.name().to_owned()).collect();
            self.written.insert(name.clone(), json!({"type": "string", "enum": names, "description": text}));
        }
        json!({"$ref": format!("#/components/schemas/{name}")})
    }
}

fn well_known(name: &str) -> Option<Value> {
    Some(match name.strip_prefix("google.protobuf.")? {
        "Timestamp" => json!({"type": "string", "format": "date-time"}),
        "Duration" => json!({"type": "string", "pattern": "^-?[0-9]+(\\.[0-9]{1,9})?s$"}),
        "FieldMask" | "StringValue" => json!({"type": "string"}),
        "BytesValue" => json!({"type": "string", "contentEncoding": "base64"}),
        "BoolValue" => json!({"type": "boolean"}),
        "Int32Value" | "UInt32Value" => json!({"type": "integer"}),
        "Int64Value" | "UInt64Value" => json!({"type": "string", "format": "int64"}),
        "FloatValue" | "DoubleValue" => json!({"type": "number"}),
        "Struct" | "Empty" => json!({"type": "object"}),
        "Value" => json!({}),
        "ListValue" => json!({"type": "array", "items": {}}),
        "Any" => {
            json!({"type": "object", "required": ["@type"], "properties": {"@type": {"type": "string"}}})
        }
        _ => return None,
    })
}
