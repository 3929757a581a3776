//! Fields inside fields: `a.b.c` found in a descriptor and filled in a message.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value};

/// The fields along a path of proto names.
pub(crate) fn find(message: &MessageDescriptor, path: &str) -> Option<Vec<FieldDescriptor>> {
    find_by(message, path, MessageDescriptor::get_field_by_name)
}

/// The fields along a path of names, each of them found by `get`.
pub(crate) fn find_by(
    message: &MessageDescriptor,
    path: &str,
    get: impl Fn(&MessageDescriptor, &str) -> Option<FieldDescriptor>,
) -> Option<Vec<FieldDescriptor>> {
    let mut fields: Vec<FieldDescriptor> = Vec::new();
    for name in path.split('.') {
        let field = match fields.last() {
            None => get(message, name)?,
            Some(parent) => get(&inside(parent)?, name)?,
        };
        fields.push(field);
    }
    Some(fields)
}

/// The message whose fields can be named one by one: well-known ones are written as a whole.
pub(crate) fn inside(field: &FieldDescriptor) -> Option<MessageDescriptor> {
    match field.kind() {
        Kind::Message(message) if !field.is_list() && message.package_name() != "google.protobuf" => {
            Some(message)
        }
        _ => None,
    }
}

/// The path as JSON writes it.
pub(crate) fn json_name(path: &[FieldDescriptor]) -> String {
    path.iter().map(FieldDescriptor::json_name).collect::<Vec<_>>().join(".")
}

/// The value at the end of a path, if it is set.
pub(crate) fn get(message: &DynamicMessage, path: &[FieldDescriptor]) -> Option<Value> {
    let (field, rest) = path.split_first()?;
    if !message.has_field(field) {
        return None;
    }
    match message.get_field(field).as_ref() {
        Value::Message(inner) if !rest.is_empty() => get(inner, rest),
        value => Some(value.clone()),
    }
}

/// A field that is set and shares a oneof with one on the path, which would push it out.
pub(crate) fn rival(message: &DynamicMessage, path: &[FieldDescriptor]) -> Option<FieldDescriptor> {
    let (field, rest) = path.split_first()?;
    if let Some(oneof) = field.containing_oneof() {
        let rival = oneof.fields().find(|member| member != field && message.has_field(member));
        if rival.is_some() {
            return rival;
        }
    }
    match message.get_field(field).as_ref() {
        Value::Message(inner) => rival(inner, rest),
        _ => None,
    }
}

/// Puts a value at the end of a path; a list gets it added.
pub(crate) fn put(message: &mut DynamicMessage, path: &[FieldDescriptor], value: Value) -> Option<()> {
    let (field, parents) = path.split_last()?;
    let target =
        parents.iter().try_fold(message, |message, parent| message.get_field_mut(parent).as_message_mut())?;
    if field.is_list() {
        target.get_field_mut(field).as_list_mut()?.push(value);
    } else {
        target.set_field(field, value);
    }
    Some(())
}
