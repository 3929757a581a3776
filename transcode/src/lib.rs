//! gRPC to JSON transcoding over HTTP, driven by compiled descriptors.
//!
//! ```text
//! DescriptorPool ──Table::compile──▶ routes (google.api.http rules; conflicts are errors)
//!
//! HTTP request ─▶ match ─▶ bind path > body > query ─▶ wire bytes ─▶ gRPC call (raw codec)
//! HTTP reply   ◀─ JSON, NDJSON, events or passed-through bytes ◀──────────┘
//! ```
//!
//! The crate knows any protobuf API and no particular one: what an error looks like, where services are and
//! which headers go along is decided by an [`Edge`]. It opens no sockets and reads no configuration. Absent:
//! client streams, and a writer from wire to JSON that does without messages in between.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;

pub mod codec;
mod comments;
mod deadline;
mod edge;
mod field_path;
mod json;
mod matcher;
pub mod openapi;
mod query;
mod reply;
mod request;
mod scalar;
mod stream;
mod table;
pub mod template;
mod transcoder;
pub mod violation;
mod writer;

pub use edge::{Edge, Problem, Rendered};
pub use matcher::Found;
pub use reply::{Reply, Unreadable};
pub use table::{Binding, Body, Error, Table};
pub use transcoder::{Matched, Settings, Transcoder};
pub use violation::Violation;

/// Body of a reply.
pub type ReplyBody = UnsyncBoxBody<Bytes, Infallible>;
