//! One route of the document.

use std::collections::BTreeSet;

use prost_reflect::{FieldDescriptor, Kind};
use serde_json::{Value, json};

use super::Describe;
use super::schema::Schemas;
use crate::comments::Comments;
use crate::field_path;
use crate::table::{Binding, Body};

pub(super) fn write(
    binding: &Binding,
    comments: &Comments,
    schemas: &mut Schemas<'_>,
    describe: &impl Describe,
) -> Value {
    let rpc = binding.rpc.full_name();
    let (text, summary) = (comments.get(rpc), comments.summary(rpc));
    let mut operation = json!({
        "operationId": binding.rpc.name(),
        "summary": summary,
        "parameters": parameters(binding, schemas, describe),
        "responses": responses(binding, comments, schemas, describe),
    });
    let Some(members) = operation.as_object_mut() else { return operation };
    // Whoever shows both would otherwise say the same twice.
    if text.trim_end_matches('.') != summary {
        members.insert("description".into(), text.into());
    }
    if let Some(tag) = describe.tag(binding) {
        members.insert("tags".into(), json!([tag]));
    }
    if let Some(scope) = describe.scope(binding) {
        members.insert("x-required-scope".into(), scope.into());
    }
    let body = match &binding.body {
        Body::None => None,
        Body::Message => Some(schemas.message(&binding.rpc.input())),
        Body::Field(field) => Some(schemas.field(field)),
    };
    if let Some(schema) = body {
        members.insert("requestBody".into(), json!({"content": {"application/json": {"schema": schema}}}));
    }
    operation
}

/// The RPC's name with the route's path.
pub(super) fn further_id(binding: &Binding) -> String {
    let path: String =
        binding.route.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    format!("{}{path}", binding.rpc.name())
}

fn responses(
    binding: &Binding,
    comments: &Comments,
    schemas: &mut Schemas<'_>,
    describe: &impl Describe,
) -> Value {
    let mut responses = json!({
        "200": success(binding, schemas, describe),
        "default": {"$ref": "#/components/responses/Error"},
    });
    let service = comments.get(binding.rpc.parent_service().full_name());
    let text = format!("{service}\n{}", comments.get(binding.rpc.full_name()));
    for (status, response) in describe.errors(binding, &text) {
        responses[status.to_string()] = response;
    }
    responses
}

fn parameters(binding: &Binding, schemas: &mut Schemas<'_>, describe: &impl Describe) -> Vec<Value> {
    let example = describe.example(binding);
    let mut parameters = Vec::new();
    let mut add = |name: &str, place, field: &FieldDescriptor| {
        let mut parameter = parameter(name, field, schemas, &example);
        let required = describe.restrict(field, &mut parameter["schema"]);
        parameter["in"] = Value::from(place);
        parameter["required"] = (place == "path" || required).into();
        parameters.push(parameter);
    };
    for variable in &binding.template.variables {
        let fields = field_path::find(&binding.rpc.input(), &variable.field).unwrap_or_default();
        if let Some(field) = fields.last() {
            add(&variable.field, "path", field);
        }
    }
    for (name, field) in binding.query_parameters() {
        add(&name, "query", &field);
    }
    parameters
}

fn parameter(
    name: &str,
    field: &FieldDescriptor,
    schemas: &mut Schemas<'_>,
    example: &[(String, String)],
) -> Value {
    let mut schema = schemas.field(field);
    let description =
        schema.as_object_mut().and_then(|schema| schema.remove("description")).unwrap_or_default();
    if let Some(one) = text(&field.kind()) {
        schema = if field.is_list() { json!({"type": "array", "items": one}) } else { one };
    }
    let mut parameter = json!({
        "name": name,
        "description": description,
        "schema": schema,
    });
    let values = example.iter().filter(|(of, _)| of == name).map(|(_, value)| typed(field, value));
    let values: Vec<Value> = values.collect();
    if !values.is_empty() {
        let value = if field.is_list() { Some(values.into()) } else { values.into_iter().next() };
        parameter["example"] = value.unwrap_or_default();
    }
    parameter
}

/// The schema of what differs between the text of a parameter and JSON.
fn text(kind: &Kind) -> Option<Value> {
    Some(match kind {
        // A number of JSON has no end, one of the field does.
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => {
            json!({"type": "integer", "format": "int32", "minimum": i32::MIN, "maximum": i32::MAX})
        }
        Kind::Uint32 | Kind::Fixed32 => json!({"type": "integer", "minimum": 0, "maximum": u32::MAX}),
        Kind::Enum(descriptor) => {
            // The words first; that nothing is said, and the numbers, which are read too, last.
            let (said, unsaid): (Vec<_>, Vec<_>) = descriptor.values().partition(|value| value.number() != 0);
            let names = said.iter().chain(&unsaid).map(|value| value.name().to_owned());
            let numbers: BTreeSet<_> = descriptor.values().map(|value| value.number()).collect();
            let numbers = numbers.iter().map(ToString::to_string);
            json!({"type": "string", "enum": names.chain(numbers).collect::<Vec<_>>()})
        }
        _ => return None,
    })
}

/// A value as the parameter's schema has it; one that does not parse stays text, which a check of the document finds.
fn typed(field: &FieldDescriptor, text: &str) -> Value {
    let parsed = match field.kind() {
        Kind::Bool
        | Kind::Int32
        | Kind::Sint32
        | Kind::Sfixed32
        | Kind::Uint32
        | Kind::Fixed32
        | Kind::Float
        | Kind::Double => serde_json::from_str(text).ok(),
        _ => None,
    };
    parsed.unwrap_or_else(|| text.into())
}

fn success(binding: &Binding, schemas: &mut Schemas<'_>, describe: &impl Describe) -> Value {
    if binding.is_passed_through() {
        return json!({"description": "The document.", "content": {"*/*": {"schema": {}}}});
    }
    let output = binding.rpc.output();
    let schema = match &binding.response_body {
        Some(field) => schemas.field(field),
        None if binding.rpc.is_server_streaming() => schemas.message(&output),
        None => {
            let envelope = describe.envelope(binding);
            if envelope.is_empty() { schemas.message(&output) } else { schemas.object(&output, envelope) }
        }
    };
    if binding.rpc.is_server_streaming() {
        return json!({
            "description": "One message a line, or one an event for those who ask for events (`Accept: text/event-stream`). \
                            An error is the last one.",
            "content": {
                "application/x-ndjson": {"schema": schema},
                "text/event-stream": {"schema": {"type": "string"}},
            },
        });
    }
    json!({"description": "The answer.", "content": {"application/json": {"schema": schema}}})
}
