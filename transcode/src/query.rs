//! Query parameters bound to the fields of a request.

use std::collections::HashSet;

use percent_encoding::percent_decode_str;
use prost_reflect::{DynamicMessage, FieldDescriptor, MessageDescriptor, ReflectMessage as _};

use crate::violation::{Kind, Violation};
use crate::{field_path, scalar};

/// How deep nested parameters (`a.b.c`) are listed and bound.
const MAX_DEPTH: usize = 8;

/// How many mistakes are told at once: a query of nothing else is not worth more work.
const MAX_VIOLATIONS: usize = 20;

/// Splits a query string into names and values, decoded. A part that is not UTF-8 is a violation.
pub(crate) fn split(query: &str) -> Result<Vec<(String, String)>, Violation> {
    let decode = |text: &str| {
        let spaced = text.replace('+', " ");
        percent_decode_str(&spaced).decode_utf8().map(std::borrow::Cow::into_owned)
    };
    let mut pairs = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (Ok(name), Ok(value)) = (decode(name), decode(value)) else {
            return Err(Violation::new("", Kind::Malformed, "the query is not UTF-8"));
        };
        pairs.push((name, value));
    }
    Ok(pairs)
}

/// Binds parameters. `taken` are fields the path or the body fills, by proto path.
pub(crate) fn bind(
    message: &mut DynamicMessage,
    pairs: Vec<(String, String)>,
    taken: &HashSet<String>,
    ignored: &[String],
) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut seen = HashSet::new();
    let mut known = None;
    for (name, value) in pairs {
        if ignored.iter().any(|prefix| name.starts_with(prefix.as_str())) {
            continue;
        }
        match bind_one(message, &name, &value, taken, &mut seen) {
            Ok(()) => {}
            Err(Mistake::Other(violation)) => violations.push(violation),
            Err(Mistake::Unknown) => {
                // All of them are told the same, which is not cheap to say.
                let known = known.get_or_insert_with(|| known_names(&message.descriptor(), taken));
                let name: String = name.chars().take(100).collect();
                let text = format!("is not a parameter of this route; {known}");
                violations.push(Violation::new(name, Kind::Unknown, text));
            }
        }
        if violations.len() == MAX_VIOLATIONS {
            break;
        }
    }
    violations
}

/// Why a parameter cannot be bound.
enum Mistake {
    /// There is none of this name.
    Unknown,
    Other(Violation),
}

fn bind_one(
    message: &mut DynamicMessage,
    name: &str,
    value: &str,
    taken: &HashSet<String>,
    seen: &mut HashSet<String>,
) -> Result<(), Mistake> {
    let path = resolve(&message.descriptor(), name).ok_or(Mistake::Unknown)?;
    let proto_path = path.iter().map(FieldDescriptor::name).collect::<Vec<_>>().join(".");
    let conflict = |text: String| Err(Mistake::Other(Violation::new(name, Kind::Conflict, text)));
    if is_taken(taken, &proto_path) {
        return conflict("is already given by the path or the body".into());
    }
    let field = path.last().ok_or(Mistake::Unknown)?;
    if !field.is_list() && !seen.insert(proto_path) {
        return conflict("is given twice, but takes one value".into());
    }
    if let Some(rival) = field_path::rival(message, &path) {
        return conflict(format!("excludes {}, which is given too", rival.json_name()));
    }
    let parsed = scalar::parse(&field.kind(), value)
        .map_err(|text| Mistake::Other(Violation::new(name, Kind::Type, text)))?;
    field_path::put(message, &path, parsed).ok_or(Mistake::Unknown)
}

fn is_taken(taken: &HashSet<String>, path: &str) -> bool {
    let mut prefix = path;
    loop {
        if taken.contains(prefix) || taken.contains("*") {
            return true;
        }
        match prefix.rsplit_once('.') {
            Some((front, _)) => prefix = front,
            None => return false,
        }
    }
}

/// The fields along a parameter's name, if it ends at one that a query can fill.
fn resolve(message: &MessageDescriptor, name: &str) -> Option<Vec<FieldDescriptor>> {
    if name.split('.').count() > MAX_DEPTH {
        return None;
    }
    let path = field_path::find_by(message, name, |message, part| {
        message.get_field_by_name(part).or_else(|| message.get_field_by_json_name(part))
    })?;
    path.last().filter(|field| !field.is_map() && scalar::is_textual(&field.kind()))?;
    Some(path)
}

fn known_names(message: &MessageDescriptor, taken: &HashSet<String>) -> String {
    let known: Vec<_> = names(message, taken).into_iter().map(|(name, _)| name).collect();
    if known.is_empty() {
        "this route takes none".to_owned()
    } else {
        format!("known ones are {}", known.join(", "))
    }
}

/// Names of the parameters a query can fill, as JSON writes them.
pub(crate) fn names(message: &MessageDescriptor, taken: &HashSet<String>) -> Vec<(String, FieldDescriptor)> {
    let mut known = Vec::new();
    collect(message, &mut Vec::new(), taken, &mut known);
    known
}

fn collect(
    message: &MessageDescriptor,
    parents: &mut Vec<FieldDescriptor>,
    taken: &HashSet<String>,
    out: &mut Vec<(String, FieldDescriptor)>,
) {
    for field in message.fields() {
        parents.push(field.clone());
        let proto_path = parents.iter().map(FieldDescriptor::name).collect::<Vec<_>>().join(".");
        if is_taken(taken, &proto_path) || field.is_map() {
            parents.pop();
            continue;
        }
        if scalar::is_textual(&field.kind()) {
            out.push((field_path::json_name(parents), field));
        } else if let Some(inner) = field_path::inside(&field) {
            // A type inside itself is listed once.
            let again = parents.iter().any(|parent| *parent.parent_message() == inner);
            if !again && parents.len() < MAX_DEPTH {
                collect(&inner, parents, taken, out);
            }
        }
        parents.pop();
    }
}
