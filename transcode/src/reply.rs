//! A response message on the wire made into the bytes of an HTTP reply.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use bytes::Bytes;
use prost_reflect::{DynamicMessage, Kind, MessageDescriptor, ReflectMessage as _, Value};

use crate::direct::{Direct, Stop};
use crate::plan::Plans;
use crate::table::Binding;
use crate::wire::Broken;
use crate::writer;

/// Full name of the message whose bytes are passed through.
const HTTP_BODY: &str = "google.api.HttpBody";

/// A reply's body and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// A JSON object.
    Object(Vec<u8>),
    /// Another JSON value, chosen by `response_body`.
    Json(Vec<u8>),
    /// Bytes that are passed through, with their media type.
    Body {
        /// Media type; empty if the service does not say.
        content_type: String,
        /// The bytes.
        data: Bytes,
    },
}

/// A response could not be read or written: a fault of the service or of the descriptors.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("response of {rpc} cannot be transcoded: {problem}")]
pub struct Unreadable {
    /// The RPC.
    pub rpc: String,
    /// What is wrong with it.
    pub problem: String,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Written {
    /// A JSON object.
    Object,
    /// Another JSON value.
    Json,
    /// Nothing: these bytes are passed through.
    Body { content_type: String, data: Bytes },
}

/// How the replies of one route are written.
#[derive(Debug, Clone)]
pub(crate) struct Writing {
    pub(crate) plans: Arc<Plans>,
    /// The plan of what is printed. `None`: prost-reflect writes it.
    pub(crate) root: Option<usize>,
    room: Arc<Room>,
}

/// How much room a reply takes, learnt from those before it.
#[derive(Debug)]
struct Room {
    /// Bytes that a reply of nothing takes.
    least: usize,
    /// Bytes of JSON for `UNIT` bytes on the wire.
    growth: AtomicUsize,
}

const UNIT: usize = 64;

/// One reply that grows more than others is not to make room for all that follow.
const MAX_GROWTH: usize = 16 * UNIT;

impl Room {
    fn of(&self, wire: usize) -> usize {
        self.least + wire * self.growth.load(Relaxed) / UNIT
    }

    fn learn(&self, wire: usize, json: usize) {
        let grown = json.saturating_sub(self.least) * UNIT / wire.max(1) + 1;
        // Forgotten slowly, so that replies of many sizes find room.
        let kept = self.growth.load(Relaxed).saturating_sub(1);
        self.growth.store(grown.max(kept).min(MAX_GROWTH), Relaxed);
    }
}

impl Writing {
    pub(crate) fn new(plans: Arc<Plans>, root: Option<usize>) -> Self {
        let plan = root.and_then(|root| plans.messages.get(root));
        let least = plan.map_or(0, |plan| {
            plan.defaults.len() + plan.fields.iter().map(|field| field.key.len()).sum::<usize>()
        });
        let growth = AtomicUsize::new(3 * UNIT);
        Self { plans, root, room: Arc::new(Room { least: least + UNIT, growth }) }
    }
}

impl Binding {
    /// Makes the reply of a response message.
    pub fn reply(&self, wire: Bytes) -> Result<Reply, Unreadable> {
        self.reply_with(wire, "")
    }

    /// Makes the reply of a response message, with `members` put first if it is an object: JSON without braces,
    /// such as `"success":true`.
    pub fn reply_with(&self, wire: Bytes, members: &str) -> Result<Reply, Unreadable> {
        let mut out = Vec::with_capacity(self.room(wire.len()) + members.len());
        Ok(match self.write(wire, members, &mut out)? {
            Written::Object => Reply::Object(out),
            Written::Json => Reply::Json(out),
            Written::Body { content_type, data } => Reply::Body { content_type, data },
        })
    }

    /// What `reply` does, by prost-reflect alone: slower, and what the plans are held against.
    pub fn reply_reflected(&self, wire: Bytes) -> Result<Reply, Unreadable> {
        let message = DynamicMessage::decode(self.rpc.output(), wire).map_err(|e| self.unreadable(&e))?;
        let Some(field) = &self.response_body else {
            return self.reply_of(&message).map_err(|e| self.unreadable(&e));
        };
        if let Value::Message(inner) = message.get_field(field).as_ref()
            && (message.has_field(field) || !is_well_known(&inner.descriptor()))
        {
            return self.reply_of(inner).map_err(|e| self.unreadable(&e));
        }
        writer::field(&message, field, self.mapping.print_defaults)
            .map(Reply::Json)
            .map_err(|e| self.unreadable(&e))
    }

    /// How many bytes the reply of a message of `wire` bytes is likely to take.
    pub(crate) fn room(&self, wire: usize) -> usize {
        self.writing.room.of(wire)
    }

    /// Adds the reply of a response message to what is there.
    pub(crate) fn write(&self, wire: Bytes, members: &str, out: &mut Vec<u8>) -> Result<Written, Unreadable> {
        let start = out.len();
        match self.write_by_plan(&wire, members, out) {
            Ok(written) => {
                self.writing.room.learn(wire.len(), out.len() - start);
                return Ok(written);
            }
            Err(Stop::Broken(Broken(what))) => return Err(self.unreadable(&what)),
            Err(Stop::BrokenIn(what)) => return Err(self.unreadable(&what)),
            Err(Stop::Here | Stop::Whole | Stop::Order) => out.truncate(start),
        }
        let written = match self.reply_reflected(wire)? {
            Reply::Object(json) => {
                out.extend(json);
                put_first(out, start, members);
                Written::Object
            }
            Reply::Json(json) => {
                out.extend(json);
                Written::Json
            }
            Reply::Body { content_type, data } => Written::Body { content_type, data },
        };
        Ok(written)
    }

    fn write_by_plan(&self, wire: &[u8], members: &str, out: &mut Vec<u8>) -> Result<Written, Stop> {
        let start = out.len();
        let root = self.writing.root.ok_or(Stop::Whole)?;
        let mut direct = Direct { plans: &self.writing.plans, out, depth: 0 };
        let Some(field) = &self.response_body else {
            direct.message(root, wire, members)?;
            return Ok(if out.get(start) == Some(&b'{') { Written::Object } else { Written::Json });
        };
        direct.message(root, wire, "")?;
        let key = self.writing.plans.messages[root].fields.first().map_or(0, |field| field.key.len());
        if out.len() - start <= key {
            // It is absent, and what that means depends on what it is.
            return Err(Stop::Whole);
        }
        // The object has this one member: its value is what is asked for.
        out.drain(start..start + key);
        out.pop();
        let object = !field.is_list() && !field.is_map() && out.get(start) == Some(&b'{');
        if !object {
            return Ok(Written::Json);
        }
        put_first(out, start, members);
        Ok(Written::Object)
    }

    fn reply_of(&self, message: &DynamicMessage) -> Result<Reply, String> {
        if message.descriptor().full_name() == HTTP_BODY {
            let text =
                |name: &str| message.get_field_by_name(name).and_then(|v| v.as_str().map(str::to_owned));
            let data = message.get_field_by_name("data").and_then(|v| v.as_bytes().cloned());
            return Ok(Reply::Body {
                content_type: text("content_type").unwrap_or_default(),
                data: data.unwrap_or_default(),
            });
        }
        let json = writer::message(message, self.mapping.print_defaults)?;
        Ok(if json.first() == Some(&b'{') { Reply::Object(json) } else { Reply::Json(json) })
    }

    fn unreadable(&self, problem: &impl ToString) -> Unreadable {
        Unreadable { rpc: self.rpc.full_name().to_owned(), problem: problem.to_string() }
    }

    /// Whether replies are bytes that are passed through.
    pub fn is_passed_through(&self) -> bool {
        let is_body = |message: &MessageDescriptor| message.full_name() == HTTP_BODY;
        match self.response_body.as_ref().map(prost_reflect::FieldDescriptor::kind) {
            Some(Kind::Message(message)) => is_body(&message),
            Some(_) => false,
            None => is_body(&self.rpc.output()),
        }
    }
}

/// Puts members first in the object that begins at `start`.
fn put_first(out: &mut Vec<u8>, start: usize, members: &str) {
    if !members.is_empty() {
        let comma: &[u8] = if out[start..] == *b"{}" { b"" } else { b"," };
        let at = start + 1;
        out.splice(at..at, [members.as_bytes(), comma].concat());
    }
}

/// Of these an absent one is no object with defaults: a Timestamp that is not there is not 1970.
fn is_well_known(message: &MessageDescriptor) -> bool {
    message.package_name() == "google.protobuf"
}
