//! PostgreSQL: a pool, and a connection of its own that holds the right to write.

use std::path::Path;
use std::time::Duration;

use sqlx::{AnyConnection, Connection as _};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::{Claim, Engine, Hold, Later};
use crate::store::Error;
use crate::store::connection::connect;
use crate::store::error::{Fault, Meaning};
use crate::store::sql::{Fields as _, Sql};

/// Advisory locks of the writer and of migrations: `radar` and a number, in ASCII.
const WRITER: i64 = 0x72_61_64_61_72_01;
const MIGRATION: &str = "SELECT pg_advisory_xact_lock(125762621501954)";

/// How often the connection that holds the right is asked whether it lives, and how long it may take.
const BEAT: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(5);

/// A database on a server.
#[derive(Debug)]
pub(super) struct Postgres {
    url: String,
}

impl Postgres {
    /// The database of a URL, `postgres://…`.
    pub(super) fn new(url: &str) -> Self {
        Self { url: url.to_owned() }
    }
}

impl Engine for Postgres {
    fn url(&self) -> &str {
        &self.url
    }

    fn connections(&self, pool: u32) -> (u32, u32) {
        (pool.max(2), 0)
    }

    fn session(&self, wait: Duration, _writes: bool) -> Vec<String> {
        // A writer that froze within a transaction must not keep the next one waiting for ever, and a server
        // must notice a client whose machine is gone.
        vec![format!(
            "SET lock_timeout = {}; SET statement_timeout = '60s'; SET idle_in_transaction_session_timeout = '15s'; \
             SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 2; \
             SET synchronous_commit = on",
            wait.as_millis()
        )]
    }

    fn migration(&self) -> (&'static str, Option<&'static str>) {
        ("BEGIN", Some(MIGRATION))
    }

    fn version(&self) -> Option<(&'static str, [u32; 3])> {
        None
    }

    fn dialect(&self, definition: &str) -> String {
        definition
            .replace("KEY!", "BIGINT PRIMARY KEY")
            .replace("COMPACT!", "")
            .replace("BLOB", "BYTEA")
            .replace("TEXT", "TEXT COLLATE \"C\"")
    }

    fn meaning(&self, code: &str) -> Meaning {
        match code {
            // Disk full, read-only transaction (a standby, or a server its operator has closed).
            "53100" | "25006" => Meaning::Unwritable,
            // Deadlock, serialization, lock or statement timeout, idle in transaction, connections, resources,
            // shutdown, start and crash of the server.
            "40001" | "40P01" | "55P03" | "57014" | "25P03" => Meaning::Busy,
            code if ["08", "53", "57", "58"].iter().any(|class| code.starts_with(class)) => Meaning::Busy,
            _ => Meaning::Broken,
        }
    }

    fn size(&self) -> &'static str {
        "SELECT pg_database_size(current_database())"
    }

    fn claim(&self) -> Later<'_, Result<Option<Claim>, Fault>> {
        Box::pin(async move {
            let mut connection = connect(self, PATIENCE).await?;
            let sql = Sql::new("SELECT CASE WHEN pg_try_advisory_lock(").bind(WRITER);
            let row = sql.text(") THEN 1::bigint ELSE 0::bigint END").first(&mut connection).await?;
            if !row.map(|row| row.is(0)).transpose()?.unwrap_or_default() {
                drop(connection.close().await);
                return Ok(None);
            }
            let (sender, lost) = watch::channel(false);
            let mut task = JoinSet::new();
            task.spawn(watch_over(connection, sender));
            Ok(Some(Claim { lost, held_by: Hold::Connection(task) }))
        })
    }

    fn copy_to<'a>(&'a self, _path: &'a Path) -> Later<'a, Result<(), Fault>> {
        let text = "PostgreSQL is backed up with its own tools, such as pg_dump or pgBackRest";
        Box::pin(async move { Err(Error::Broken(text.to_owned()).into()) })
    }
}

/// Keeps the connection until it breaks. When the task is aborted, the connection closes, and the server gives
/// the right to whoever asks next.
async fn watch_over(mut connection: AnyConnection, lost: watch::Sender<bool>) {
    let mut beat = interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        if !matches!(timeout(PATIENCE, connection.ping()).await, Ok(Ok(()))) {
            lost.send_replace(true);
            return;
        }
    }
}
