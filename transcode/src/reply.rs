//! A response message on the wire made into the bytes of an HTTP reply.

use bytes::Bytes;
use prost_reflect::{DynamicMessage, Kind, MessageDescriptor, ReflectMessage as _, Value};

use crate::table::Binding;
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

impl Binding {
    /// Makes the reply of a response message.
    pub fn reply(&self, wire: Bytes) -> Result<Reply, Unreadable> {
        let unreadable = |problem: String| Unreadable { rpc: self.rpc.full_name().to_owned(), problem };
        let message =
            DynamicMessage::decode(self.rpc.output(), wire).map_err(|e| unreadable(e.to_string()))?;
        let Some(field) = &self.response_body else {
            return reply_of(&message).map_err(unreadable);
        };
        if let Value::Message(inner) = message.get_field(field).as_ref()
            && (message.has_field(field) || !is_well_known(&inner.descriptor()))
        {
            return reply_of(inner).map_err(unreadable);
        }
        writer::field(&message, field).map(Reply::Json).map_err(unreadable)
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

fn reply_of(message: &DynamicMessage) -> Result<Reply, String> {
    if message.descriptor().full_name() == HTTP_BODY {
        let text = |name: &str| message.get_field_by_name(name).and_then(|v| v.as_str().map(str::to_owned));
        let data = message.get_field_by_name("data").and_then(|v| v.as_bytes().cloned());
        return Ok(Reply::Body {
            content_type: text("content_type").unwrap_or_default(),
            data: data.unwrap_or_default(),
        });
    }
    let json = writer::message(message)?;
    Ok(if json.first() == Some(&b'{') { Reply::Object(json) } else { Reply::Json(json) })
}

/// Of these an absent one is no object with defaults: a Timestamp that is not there is not 1970.
fn is_well_known(message: &MessageDescriptor) -> bool {
    message.package_name() == "google.protobuf"
}
