//! Which values a request's field takes, from the contract's option into JSON Schema.

use prost_reflect::{DynamicMessage, FieldDescriptor};
use serde_json::{Map, Value, json};

use crate::options::option;

/// Control characters, as they stand in a class of a regular expression.
const CONTROLS: &str = r"\x00-\x1f\x7f-\x9f";

/// Writes what a field's option says into the schema of its parameter, and answers whether a value has to be given.
pub(super) fn restrict(field: &FieldDescriptor, schema: &mut Value) -> bool {
    let Some(values) = option(field.parent_pool(), "bouvetradar.http.v1.values", &field.options()) else {
        return false;
    };
    let Some(values) = values.as_message().map(Values) else { return false };
    let required = values.is("required");
    if !field.is_list() {
        add(schema, values.keywords(required));
        return required;
    }
    add(&mut schema["items"], values.keywords(true));
    add(schema, [("maxItems", values.int("max_items"))].into_iter().filter_map(some).collect());
    if required {
        schema["minItems"] = 1.into();
    }
    required
}

fn add(schema: &mut Value, keywords: Map<String, Value>) {
    if let Some(schema) = schema.as_object_mut() {
        schema.extend(keywords);
    }
}

fn some((name, value): (&str, Option<Value>)) -> Option<(String, Value)> {
    Some((name.to_owned(), value?))
}

struct Values<'a>(&'a DynamicMessage);

impl Values<'_> {
    /// Keywords of one value. One that need not be given may be an empty text, which says the same.
    fn keywords(&self, given: bool) -> Map<String, Value> {
        let mut keywords: Map<String, Value> = [
            ("maxLength", self.int("max_length")),
            ("minimum", self.number("minimum")),
            ("maximum", self.number("maximum")),
        ]
        .into_iter()
        .filter_map(some)
        .collect();
        let pattern = self.text("pattern");
        if self.is("date") {
            let mut day = Map::from_iter([("format".to_owned(), "date".into())]);
            day.extend(pattern.map(|pattern| ("pattern".to_owned(), pattern.into())));
            keywords.extend(if given {
                day
            } else {
                Map::from_iter([("anyOf".to_owned(), json!([day, {"maxLength": 0}]))])
            });
            return keywords;
        }
        let pattern = match pattern {
            Some(pattern) if given => Some(format!("^ *(?:{pattern}) *$")),
            Some(pattern) => Some(format!("^ *(?:{pattern})? *$")),
            None if self.is("line") && given => Some(format!("^ *[^ {CONTROLS}][^{CONTROLS}]*$")),
            None if self.is("line") => Some(format!("^[^{CONTROLS}]*$")),
            None if self.is("required") => Some("[^ ]".to_owned()),
            None => None,
        };
        keywords.extend(pattern.map(|pattern| ("pattern".to_owned(), pattern.into())));
        keywords
    }

    fn member(&self, name: &str) -> Option<prost_reflect::Value> {
        let given = self.0.has_field_by_name(name);
        self.0.get_field_by_name(name).filter(|_| given).map(std::borrow::Cow::into_owned)
    }

    fn text(&self, name: &str) -> Option<String> {
        self.member(name)?.as_str().map(str::to_owned)
    }

    fn is(&self, name: &str) -> bool {
        self.member(name).and_then(|value| value.as_bool()).unwrap_or_default()
    }

    fn int(&self, name: &str) -> Option<Value> {
        self.member(name)?.as_i32().map(Value::from)
    }

    /// A bound, written whole where it is whole.
    fn number(&self, name: &str) -> Option<Value> {
        let number = self.member(name)?.as_f64()?;
        serde_json::from_str(&number.to_string()).ok()
    }
}
