//! How messages are written, worked out once from their descriptors.
//!
//! A message is a list of fields by number, each with the bytes its name takes in JSON. What an absent field
//! prints is laid out in the same order in one run of bytes, so that whatever lies between two fields that are
//! there is one slice of it.

use std::collections::HashMap;

use prost_reflect::{DynamicMessage, EnumDescriptor, FieldDescriptor, MessageDescriptor};

use crate::wire::Layout;
use crate::writer;

/// Plans of messages that lead to each other, by index.
#[derive(Debug, Default)]
pub(crate) struct Plans {
    pub(crate) messages: Vec<Message>,
    pub(crate) enums: Vec<Names>,
    /// Whether fields without presence are printed when they are empty.
    pub(crate) print_defaults: bool,
}

/// How one type of message is written.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) descriptor: MessageDescriptor,
    pub(crate) form: Form,
    /// By number.
    pub(crate) fields: Vec<Field>,
    /// What absent fields print, one after another, each with a comma before it.
    pub(crate) defaults: Vec<u8>,
}

/// The JSON form of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// An object of its fields.
    Fields,
    /// An object of some of its fields; the others are passed over.
    Part,
    /// RFC 3339.
    Timestamp,
    /// Seconds with an `s`.
    Duration,
    /// The value of its only field.
    Wrapper(Scalar),
    /// Left to prost-reflect.
    Reflected,
}

/// How one field is written.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) number: u32,
    /// `,"name":`
    pub(crate) key: Box<[u8]>,
    pub(crate) shape: Shape,
    pub(crate) kind: Kind,
    /// The bit of the oneof it belongs to; 0 if to none.
    pub(crate) oneof: u64,
    /// Where what it prints when absent begins in the message's `defaults`.
    pub(crate) default_at: usize,
    /// The whole member when it is not to be printed, with its comma: that of an empty value. Empty: all are.
    pub(crate) omitted: Box<[u8]>,
    /// What a map's value that is absent prints, unless it is a message.
    pub(crate) absent: Box<[u8]>,
}

/// How many values a field has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Single,
    List,
    /// By keys of this kind.
    Map(Scalar),
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Scalar(Scalar),
    /// Index of its names.
    Enum(usize),
    /// `google.protobuf.NullValue`.
    Null,
    /// Index of its plan.
    Message(usize),
}

/// Values that are no messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scalar {
    Bool,
    Int32,
    Sint32,
    Sfixed32,
    Uint32,
    Fixed32,
    Int64,
    Sint64,
    Sfixed64,
    Uint64,
    Fixed64,
    Float,
    Double,
    String,
    Bytes,
}

/// Numbers of an enum, and the names they print, quoted.
#[derive(Debug)]
pub(crate) struct Names(Vec<(i32, Box<[u8]>)>);

impl Names {
    fn of(descriptor: &EnumDescriptor) -> Self {
        // Of two names for a number the one that the descriptor answers first is printed.
        let mut names: Vec<_> = descriptor
            .values()
            .filter_map(|value| descriptor.get_value(value.number()))
            .map(|value| (value.number(), format!("\"{}\"", value.name()).into_bytes().into()))
            .collect();
        names.sort();
        names.dedup();
        Self(names)
    }

    pub(crate) fn get(&self, number: i32) -> Option<&[u8]> {
        // Most enums count from 0, and then a number is its own place.
        let place = usize::try_from(number).ok().and_then(|at| self.0.get(at)).filter(|(n, _)| *n == number);
        let found = place
            .or_else(|| self.0.binary_search_by_key(&number, |(n, _)| *n).ok().and_then(|at| self.0.get(at)));
        found.map(|(_, name)| name.as_ref())
    }
}

impl Scalar {
    pub(crate) fn layout(self) -> Layout {
        match self {
            Self::Bool
            | Self::Int32
            | Self::Sint32
            | Self::Uint32
            | Self::Int64
            | Self::Sint64
            | Self::Uint64 => Layout::Varint,
            Self::Sfixed32 | Self::Fixed32 | Self::Float => Layout::Fixed32,
            Self::Sfixed64 | Self::Fixed64 | Self::Double => Layout::Fixed64,
            Self::String | Self::Bytes => Layout::Length,
        }
    }
}

impl Scalar {
    /// What it prints when it is not on the wire.
    pub(crate) fn default_text(self) -> &'static [u8] {
        match self {
            Self::Bool => b"false",
            Self::Int32 | Self::Sint32 | Self::Sfixed32 | Self::Uint32 | Self::Fixed32 => b"0",
            Self::Int64 | Self::Sint64 | Self::Sfixed64 | Self::Uint64 | Self::Fixed64 => b"\"0\"",
            Self::Float | Self::Double => b"0.0",
            Self::String | Self::Bytes => b"\"\"",
        }
    }
}

impl Kind {
    pub(crate) fn layout(self) -> Layout {
        match self {
            Self::Scalar(scalar) => scalar.layout(),
            Self::Enum(_) | Self::Null => Layout::Varint,
            Self::Message(_) => Layout::Length,
        }
    }
}

/// Works out plans.
#[derive(Debug, Default)]
pub(crate) struct Planner {
    plans: Plans,
    messages: HashMap<String, usize>,
    enums: HashMap<String, usize>,
    waiting: Vec<usize>,
}

impl Planner {
    pub(crate) fn new(print_defaults: bool) -> Self {
        Self { plans: Plans { print_defaults, ..Plans::default() }, ..Self::default() }
    }

    /// The index that the plan of a message will have.
    pub(crate) fn message(&mut self, descriptor: &MessageDescriptor) -> usize {
        if let Some(index) = self.messages.get(descriptor.full_name()) {
            return *index;
        }
        let index = self.plans.messages.len();
        self.messages.insert(descriptor.full_name().to_owned(), index);
        self.plans.messages.push(Message {
            descriptor: descriptor.clone(),
            form: form(descriptor),
            fields: Vec::new(),
            defaults: Vec::new(),
        });
        self.waiting.push(index);
        index
    }

    /// The index that the plan of a message with one field only will have: all its others are passed over.
    /// `None`: what that field holds depends on others.
    pub(crate) fn part(&mut self, field: &FieldDescriptor) -> Option<usize> {
        let descriptor = field.parent_message();
        if form(descriptor) != Form::Fields || field.containing_oneof().is_some_and(|o| !o.is_synthetic()) {
            return None;
        }
        let (planned, default) = self.field(field, 0)?;
        let index = self.plans.messages.len();
        self.plans.messages.push(Message {
            descriptor: descriptor.clone(),
            form: Form::Part,
            fields: vec![planned],
            defaults: default,
        });
        Some(index)
    }

    /// Works out what is asked for and all that it leads to.
    pub(crate) fn finish(mut self) -> Plans {
        while let Some(index) = self.waiting.pop() {
            if self.plans.messages[index].form != Form::Fields {
                continue;
            }
            let descriptor = self.plans.messages[index].descriptor.clone();
            let (mut fields, mut defaults) = (Vec::new(), Vec::new());
            for field in descriptor.fields() {
                if let Some((planned, default)) = self.field(&field, defaults.len()) {
                    fields.push(planned);
                    defaults.extend(default);
                }
            }
            let plan = &mut self.plans.messages[index];
            if fields.len() == descriptor.fields().len() {
                (plan.fields, plan.defaults) = (fields, defaults);
            } else {
                plan.form = Form::Reflected;
            }
        }
        self.plans
    }

    /// A field and what it prints when it is absent. `None`: it is not written by plan.
    fn field(&mut self, field: &FieldDescriptor, default_at: usize) -> Option<(Field, Vec<u8>)> {
        let (mut shape, mut value) = (Shape::Single, field.clone());
        if field.is_map() {
            let entry = field.kind().as_message()?.clone();
            shape = Shape::Map(scalar(&entry.map_entry_key_field().kind())?);
            value = entry.map_entry_value_field();
        } else if field.is_list() {
            shape = Shape::List;
        }
        let kind = self.kind(&value)?;
        let oneof = match field.containing_oneof().filter(|oneof| !oneof.is_synthetic()) {
            Some(oneof) => 1u64.checked_shl(u32::try_from(oneof.path().last().copied()?).ok()?)?,
            None => 0,
        };
        let mut key = vec![b','];
        serde_json::to_writer(&mut key, field.json_name()).ok()?;
        key.push(b':');
        let mut default = Vec::new();
        if !field.supports_presence() {
            default.extend_from_slice(&key);
            let empty = DynamicMessage::new(field.parent_message().clone());
            default.extend(writer::field(&empty, field, true).ok()?);
        }
        let omitted = if self.plans.print_defaults { Vec::new() } else { std::mem::take(&mut default) };
        let absent = match (shape, kind) {
            (Shape::Map(_), Kind::Scalar(_) | Kind::Enum(_) | Kind::Null) => absent(&value)?,
            _ => Vec::new(),
        };
        let (key, absent, omitted) = (key.into(), absent.into(), omitted.into());
        let number = field.number();
        Some((Field { number, key, shape, kind, oneof, default_at, omitted, absent }, default))
    }

    fn kind(&mut self, field: &FieldDescriptor) -> Option<Kind> {
        if field.is_group() {
            return None;
        }
        Some(match field.kind() {
            prost_reflect::Kind::Message(message) => Kind::Message(self.message(&message)),
            prost_reflect::Kind::Enum(names) if names.full_name() == "google.protobuf.NullValue" => {
                Kind::Null
            }
            prost_reflect::Kind::Enum(names) => {
                let next = self.plans.enums.len();
                let index = *self.enums.entry(names.full_name().to_owned()).or_insert(next);
                if index == next {
                    self.plans.enums.push(Names::of(&names));
                }
                Kind::Enum(index)
            }
            kind => Kind::Scalar(scalar(&kind)?),
        })
    }
}

/// What the value of a map's entry prints that has none.
fn absent(value: &FieldDescriptor) -> Option<Vec<u8>> {
    writer::value(&prost_reflect::Value::default_value_for_field(value), &value.kind(), true).ok()
}

fn form(descriptor: &MessageDescriptor) -> Form {
    let wrapped = || scalar(&descriptor.get_field_by_name("value")?.kind());
    match descriptor.full_name() {
        "google.protobuf.Timestamp" => Form::Timestamp,
        "google.protobuf.Duration" => Form::Duration,
        "google.protobuf.Any"
        | "google.protobuf.FieldMask"
        | "google.protobuf.Struct"
        | "google.protobuf.Value"
        | "google.protobuf.ListValue" => Form::Reflected,
        _ if crate::scalar::is_textual(&prost_reflect::Kind::Message(descriptor.clone())) => {
            wrapped().map_or(Form::Reflected, Form::Wrapper)
        }
        // Extensions are known to the pool, not to the plan; messages of more than 64 oneofs to nobody.
        _ if descriptor.extensions().next().is_some() || descriptor.oneofs().len() > 64 => Form::Reflected,
        _ => Form::Fields,
    }
}

fn scalar(kind: &prost_reflect::Kind) -> Option<Scalar> {
    use prost_reflect::Kind;
    Some(match kind {
        Kind::Bool => Scalar::Bool,
        Kind::Int32 => Scalar::Int32,
        Kind::Sint32 => Scalar::Sint32,
        Kind::Sfixed32 => Scalar::Sfixed32,
        Kind::Uint32 => Scalar::Uint32,
        Kind::Fixed32 => Scalar::Fixed32,
        Kind::Int64 => Scalar::Int64,
        Kind::Sint64 => Scalar::Sint64,
        Kind::Sfixed64 => Scalar::Sfixed64,
        Kind::Uint64 => Scalar::Uint64,
        Kind::Fixed64 => Scalar::Fixed64,
        Kind::Float => Scalar::Float,
        Kind::Double => Scalar::Double,
        Kind::String => Scalar::String,
        Kind::Bytes => Scalar::Bytes,
        Kind::Message(_) | Kind::Enum(_) => return None,
    })
}
