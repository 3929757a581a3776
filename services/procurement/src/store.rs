//! The store: the truth of the mirror, in SQLite or PostgreSQL with one SQL text.
//!
//! ```text
//! write (observe, keep_documents, import, …) ──▶ transaction: fence → rows → relations → change feed → commit
//! read  (notices, changes, organization, …)  ──▶ readers: SQLite's other connections, PostgreSQL's replica
//! engine: the only place that knows which of the two it is
//! ```
//!
//! A write is one transaction, durable when it returns. Only the holder of the lease writes, and each
//! transaction checks that it still holds it. Positions in the change feed are given out in the order of
//! commits. There is no retrying here: callers come back, and a repeated write changes nothing.

mod answer;
mod connection;
mod derive;
mod engine;
mod error;
mod form;
mod handle;
mod keep;
mod key;
mod lease;
mod notices;
mod observe;
mod organizations;
mod profile;
mod read;
mod relate;
mod replica;
mod schema;
mod sql;
mod timeline;
mod work;
mod write;

use std::time::Duration;

pub(crate) use answer::{
    Counterpart, Counts, Fetched, Imported, Linked, Listed, Observed, Profile, Sum, Via, Window,
};
pub(crate) use error::Error;
pub(crate) use handle::Store;
pub(crate) use lease::Lease;

/// Where the store is.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// `sqlite:PATH` or `postgres://…`.
    pub(crate) url: String,
    /// A read replica of a PostgreSQL primary.
    pub(crate) read_url: Option<String>,
    /// Most connections; SQLite has one more, for writing.
    pub(crate) pool: u32,
    /// How long a request waits for a connection, or for a lock, before the store counts as unavailable.
    pub(crate) acquire_timeout: Duration,
}

#[cfg(test)]
pub(crate) mod tests;
