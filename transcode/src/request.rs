//! An HTTP request made into a request message: path over body over query, and a conflict is an error.

use std::collections::HashSet;

use bytes::Bytes;
use prost::Message as _;
use prost_reflect::{DeserializeOptions, DynamicMessage, MessageDescriptor, ReflectMessage as _};

use crate::json::Shape;
use crate::matcher::capture;
use crate::table::{Binding, Body};
use crate::violation::{Kind, Violation};
use crate::{field_path, json, query, scalar};

impl Binding {
    /// Makes the request message on the wire from what the HTTP request holds.
    ///
    /// `ignored` are prefixes of query parameters that are passed over, such as `utm_`.
    pub fn request(
        &self,
        path: &str,
        query: Option<&str>,
        body: &[u8],
        ignored: &[String],
    ) -> Result<Bytes, Vec<Violation>> {
        let input = self.rpc.input();
        let mut taken = HashSet::new();
        let mut message = self.body_message(&input, body, &mut taken).map_err(|v| vec![v])?;
        let pairs = query::split(query.unwrap_or_default()).map_err(|v| vec![v])?;
        for variable in &self.template.variables {
            taken.insert(variable.field.clone());
        }
        let mut violations = query::bind(&mut message, pairs, &taken, ignored);
        for variable in &self.template.variables {
            let text = capture(&self.template, variable, path);
            if let Err(violation) = set_path(&mut message, &variable.field, text) {
                violations.push(violation);
            }
        }
        if violations.is_empty() { Ok(message.encode_to_vec().into()) } else { Err(violations) }
    }

    /// Names and fields of the query parameters this route reads.
    pub fn query_parameters(&self) -> Vec<(String, prost_reflect::FieldDescriptor)> {
        let mut taken: HashSet<String> = self.template.variables.iter().map(|v| v.field.clone()).collect();
        match &self.body {
            Body::None => {}
            Body::Message => drop(taken.insert("*".to_owned())),
            Body::Field(field) => drop(taken.insert(field.name().to_owned())),
        }
        query::names(&self.rpc.input(), &taken)
    }

    fn body_message(
        &self,
        input: &MessageDescriptor,
        body: &[u8],
        taken: &mut HashSet<String>,
    ) -> Result<DynamicMessage, Violation> {
        match &self.body {
            Body::None => Ok(DynamicMessage::new(input.clone())),
            Body::Message => {
                taken.insert("*".to_owned());
                if body.is_empty() {
                    return Ok(DynamicMessage::new(input.clone()));
                }
                let unusual = check(body, &Shape::Message(input.clone()), "")?;
                if unusual { self.read_unusual(input, body) } else { self.read(input, body) }
            }
            Body::Field(field) => {
                taken.insert(field.name().to_owned());
                let mut message = DynamicMessage::new(input.clone());
                if body.is_empty() {
                    return Ok(message);
                }
                // Any kind of field is read as a message with that one field.
                let name = serde_json::Value::from(field.json_name()).to_string();
                let wrapped = [b"{", name.as_bytes(), b":", body, b"}"].concat();
                let unusual = check(body, &Shape::of(field), field.json_name())?;
                let read =
                    if unusual { self.read_unusual(input, &wrapped) } else { self.read(input, &wrapped) }?;
                if read.has_field(field) {
                    message.set_field(field, read.get_field(field).into_owned());
                }
                Ok(message)
            }
        }
    }

    /// Reads a message from what is known to be one JSON value.
    fn read(&self, descriptor: &MessageDescriptor, body: &[u8]) -> Result<DynamicMessage, Violation> {
        let options = DeserializeOptions::new().deny_unknown_fields(!self.mapping.ignore_unknown);
        let mut reader = serde_json::Deserializer::from_slice(body);
        let mut track = serde_path_to_error::Track::new();
        let tracked = serde_path_to_error::Deserializer::new(&mut reader, &mut track);
        let result = DynamicMessage::deserialize_with_options(descriptor.clone(), tracked, &options);
        result.map_err(|error| {
            let text = error.to_string();
            // serde_json adds where it happened; the path says it better.
            let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
            let path = Some(track.path().to_string()).filter(|path| path != ".").unwrap_or_default();
            let unknown =
                text.strip_prefix("unrecognized field name '").and_then(|name| name.strip_suffix('\''));
            match unknown {
                // The path ends at the message, before the field it does not have.
                Some(name) if path.is_empty() => Violation::new(name, Kind::Unknown, "is not a field"),
                Some(name) => Violation::new(format!("{path}.{name}"), Kind::Unknown, "is not a field"),
                None if text.starts_with("multiple fields provided") => {
                    Violation::new(path, Kind::Conflict, text)
                }
                None => Violation::new(path, Kind::Type, text),
            }
        })
    }

    fn read_unusual(&self, descriptor: &MessageDescriptor, body: &[u8]) -> Result<DynamicMessage, Violation> {
        let rewritten = json::rewrite(body, &Shape::Message(descriptor.clone()), descriptor.full_name());
        let mut message = self.read(descriptor, rewritten.as_deref().unwrap_or(body))?;
        json::settle(&mut message);
        Ok(message)
    }
}

fn check(body: &[u8], shape: &Shape, field: &str) -> Result<bool, Violation> {
    json::check(body, shape).map_err(|problem| Violation::new(field, Kind::Malformed, problem))
}

fn set_path(message: &mut DynamicMessage, variable: &str, text: Option<String>) -> Result<(), Violation> {
    let missing = || Violation::new(variable, Kind::Unknown, "is not a field");
    let path = field_path::find(&message.descriptor(), variable).ok_or_else(missing)?;
    let violation = |kind, problem: String| Violation::new(field_path::json_name(&path), kind, problem);
    let text = text.ok_or_else(|| violation(Kind::Malformed, "is not UTF-8".into()))?;
    let field = path.last().ok_or_else(missing)?;
    let value = scalar::parse(&field.kind(), &text).map_err(|problem| violation(Kind::Type, problem))?;
    if field_path::get(message, &path).is_some_and(|given| given != value) {
        let problem = format!("is {text:?} in the path and something else in the body");
        return Err(violation(Kind::Conflict, problem));
    }
    if let Some(rival) = field_path::rival(message, &path) {
        let problem = format!("excludes {}, which is given too", rival.json_name());
        return Err(violation(Kind::Conflict, problem));
    }
    field_path::put(message, &path, value).ok_or_else(missing)
}
