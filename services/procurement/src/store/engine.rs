//! What differs between SQLite and PostgreSQL. Everything else is written once.

mod postgres;
mod sqlite;

use std::fmt::Debug;
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::error::{Fault, Meaning};
use super::{Error, Settings};

use postgres::Postgres;
use sqlite::Sqlite;

/// A future of a trait that is used as an object.
pub(super) type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A database engine.
pub(super) trait Engine: Debug + Send + Sync {
    /// URL of the one database that is written.
    fn url(&self) -> &str;

    /// How many connections write, and how many only read. Where the second is 0, all do both.
    fn connections(&self, pool: u32) -> (u32, u32);

    /// Statements that set up a connection.
    fn session(&self, wait: Duration, writes: bool) -> Vec<String>;

    /// How a transaction that migrates begins; it waits for others that do.
    fn migration(&self) -> (&'static str, Option<&'static str>);

    /// A query for the engine's version, if too old a one loses data, and the oldest that does not.
    fn version(&self) -> Option<(&'static str, [u32; 3])>;

    /// The engine's words for `KEY`, `BLOB`, `TEXT` and `COMPACT` in a definition.
    fn dialect(&self, definition: &str) -> String;

    /// What an error code means.
    fn meaning(&self, code: &str) -> Meaning;

    /// A query for the bytes the database takes.
    fn size(&self) -> &'static str;

    /// Takes the right to write, if nobody has it.
    fn claim(&self) -> Later<'_, Result<Option<Claim>, Fault>>;

    /// Copies the database to a file that is not there yet, durably.
    fn copy_to<'a>(&'a self, path: &'a Path) -> Later<'a, Result<(), Fault>>;
}

/// The right to write, as the engine holds it. Dropping it gives it up.
#[derive(Debug)]
pub(super) struct Claim {
    /// Becomes true when it is lost.
    pub(super) lost: watch::Receiver<bool>,
    /// What holds it.
    #[expect(dead_code, reason = "it is held, not read")]
    pub(super) held_by: Hold,
}

/// What holds a claim.
#[derive(Debug)]
#[expect(dead_code, reason = "they are held, not read")]
pub(super) enum Hold {
    /// A locked file.
    File(std::fs::File),
    /// A connection, in a task of its own that ends with the set.
    Connection(tokio::task::JoinSet<()>),
}

/// The engine a URL names.
pub(super) fn of(settings: &Settings) -> Result<Arc<dyn Engine>, Error> {
    match settings.url.split_once(':').map(|(scheme, _)| scheme) {
        Some("sqlite") => Ok(Arc::new(Sqlite::new(&settings.url)?)),
        Some("postgres" | "postgresql") => Ok(Arc::new(Postgres::new(&settings.url))),
        _ => Err(Error::Broken("its URL must begin with sqlite: or postgres:".to_owned())),
    }
}
