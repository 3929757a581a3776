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
//! which headers go along is decided by an [`Edge`]. It opens no sockets and reads no configuration. Replies are
//! written from wire bytes without messages in between (`plan`, `direct`), and by prost-reflect (`writer`) where
//! the wire alone does not say what is printed. Absent: client streams.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;

mod call;
pub mod codec;
mod comments;
mod cursor;
mod deadline;
mod direct;
mod edge;
mod field_path;
mod json;
mod matcher;
pub mod openapi;
mod plan;
mod query;
mod reply;
mod request;
mod scalar;
mod stream;
mod table;
pub mod template;
mod text;
mod transcoder;
pub mod violation;
mod wire;
mod writer;

pub use call::{Answer, Call};
pub use edge::{Edge, Problem, Rendered};
pub use matcher::Found;
pub use reply::{Reply, Unreadable};
pub use table::{Binding, Body, Error, Mapping, Table};
pub use transcoder::{Matched, Settings, Transcoder};
pub use violation::Violation;

/// Body of a reply.
pub type ReplyBody = UnsyncBoxBody<Bytes, Infallible>;
