//! Connections: who writes and who reads.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, ConnectOptions as _, Connection as _};
use tokio::time::timeout;

use super::engine::Engine;
use super::error::{Fault, Meaning};
use super::replica::Replica;
use super::sql::{Fields as _, Sql};
use super::{Error, Settings};
use crate::domain::Seq;

/// How long the replica may take to give a connection before the primary is asked.
const REPLICA_PATIENCE: Duration = Duration::from_secs(1);

/// How soon a start that met another one is tried again.
const AGAIN: Duration = Duration::from_millis(50);

/// What a reader has to see, at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reads {
    /// What was shown before, and something older rather than nothing while the primary does not answer.
    Shown,
    /// What was shown before, or nothing.
    AllShown,
    /// All that was written, as whoever writes must.
    Written,
}

/// Connections to the one database that is written, and to what is read.
#[derive(Debug)]
pub(super) struct Connections {
    writers: Pool,
    readers: Option<Pool>,
    replica: Option<Replica>,
}

impl Connections {
    /// Brings the schema up to date over a connection of its own, and opens the others when they are needed.
    pub(super) async fn open(settings: &Settings, engine: &Arc<dyn Engine>) -> Result<Self, Fault> {
        sqlx::any::install_default_drivers();
        let wait = settings.acquire_timeout;
        prepare(engine, wait).await?;
        let (writing, reading) = engine.connections(settings.pool);
        let open = |url, size, wait, writes| Pool::new(engine, url, size, wait, writes);
        let readers = (reading > 0).then(|| open(engine.url(), reading, wait, false)).transpose()?;
        let replica = settings.read_url.as_deref();
        let replica = replica.map(|url| open(url, settings.pool.max(1), wait.min(REPLICA_PATIENCE), false));
        Ok(Self {
            writers: open(engine.url(), writing, wait, true)?,
            readers,
            replica: replica.transpose()?.map(Replica::new),
        })
    }

    /// A connection that may write.
    pub(super) async fn writer(&self) -> Result<PoolConnection<Any>, Fault> {
        self.writers.acquire().await
    }

    /// A connection to read with: to the replica if there is one and it has come to what was shown before, else
    /// to the primary.
    pub(super) async fn reader(&self, reads: Reads, shown: Seq) -> Result<PoolConnection<Any>, Fault> {
        let replica = self.replica.as_ref().filter(|_| reads != Reads::Written);
        let Some(replica) = replica else { return self.primary().acquire().await };
        let kept = match replica.preferred().await {
            Some((connection, head)) if head >= shown => return Ok(connection),
            other => other.map(|(connection, _)| connection),
        };
        let fault = match self.primary().acquire().await {
            Ok(connection) => return Ok(connection),
            Err(fault) => fault,
        };
        let old = match kept {
            _ if reads == Reads::AllShown => None,
            None => replica.anyhow().await,
            kept => kept,
        };
        old.ok_or(fault)
    }

    /// The replica, if there is one: what is read follows what is written after a while.
    pub(super) fn replica(&self) -> Option<&Replica> {
        self.replica.as_ref()
    }

    /// Sees how far the replica is.
    pub(super) async fn look_at_replica(&self, shown: Seq) {
        if let Some(replica) = &self.replica {
            replica.look(self.primary(), shown).await;
        }
    }

    fn primary(&self) -> &Pool {
        self.readers.as_ref().unwrap_or(&self.writers)
    }

    pub(super) async fn close(&self) {
        let replica = self.replica.as_ref().map(Replica::pool);
        for pool in [replica, self.readers.as_ref(), Some(&self.writers)].into_iter().flatten() {
            pool.connections.close().await;
        }
    }
}

/// A pool that says why a connection could not be set up; the library's only says that it took too long.
#[derive(Debug)]
pub(super) struct Pool {
    connections: AnyPool,
    failure: Arc<Mutex<Option<sqlx::Error>>>,
}

impl Pool {
    fn new(
        engine: &Arc<dyn Engine>,
        url: &str,
        size: u32,
        wait: Duration,
        writes: bool,
    ) -> Result<Self, Fault> {
        let session: Arc<[String]> = engine.session(wait, writes).into();
        let failure: Arc<Mutex<Option<sqlx::Error>>> = Arc::default();
        let slot = failure.clone();
        let pool = AnyPoolOptions::new().max_connections(size).acquire_timeout(wait);
        let pool = pool.after_connect(move |connection, _| {
            let (session, slot) = (session.clone(), slot.clone());
            Box::pin(async move {
                set_up(connection, &session).await.map_err(|error| {
                    slot.lock().unwrap_or_else(PoisonError::into_inner).replace(error);
                    sqlx::Error::WorkerCrashed
                })
            })
        });
        Ok(Self { connections: pool.connect_lazy_with(options(url)?), failure })
    }

    pub(super) async fn acquire(&self) -> Result<PoolConnection<Any>, Fault> {
        let failure = || self.failure.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(failure());
        match self.connections.acquire().await {
            Err(sqlx::Error::PoolTimedOut) => Err(failure().unwrap_or(sqlx::Error::PoolTimedOut).into()),
            other => Ok(other?),
        }
    }
}

fn options(url: &str) -> Result<AnyConnectOptions, sqlx::Error> {
    Ok(url.parse::<AnyConnectOptions>()?.disable_statement_logging())
}

/// Runs the statements that set up a connection.
async fn set_up(connection: &mut AnyConnection, session: &[String]) -> Result<(), sqlx::Error> {
    for statement in session {
        // The program's own words.
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement.clone())).execute(&mut *connection).await?;
    }
    Ok(())
}

/// A connection outside the pools, set up to write.
pub(super) async fn connect(engine: &dyn Engine, wait: Duration) -> Result<AnyConnection, Fault> {
    let connecting = timeout(wait, options(engine.url())?.connect()).await;
    let mut connection = connecting.map_err(|_| sqlx::Error::PoolTimedOut)??;
    set_up(&mut connection, &engine.session(wait, true)).await?;
    Ok(connection)
}

/// Checks the engine and migrates. Another process that does the same at once can make it fail for a moment.
async fn prepare(engine: &Arc<dyn Engine>, wait: Duration) -> Result<(), Fault> {
    let started = Instant::now();
    loop {
        let done = async {
            let mut connection = connect(engine.as_ref(), wait).await?;
            assert_version(&mut connection, engine.as_ref()).await?;
            super::schema::migrate(&mut connection, engine.as_ref()).await?;
            drop(connection.close().await);
            Ok(())
        };
        match done.await {
            Err(Fault::Sql(sqlx::Error::Database(error)))
                if started.elapsed() < wait
                    && engine.meaning(&error.code().unwrap_or_default()) == Meaning::Busy =>
            {
                tokio::time::sleep(AGAIN).await;
            }
            other => return other,
        }
    }
}

async fn assert_version(connection: &mut AnyConnection, engine: &dyn Engine) -> Result<(), Fault> {
    let Some((query, oldest)) = engine.version() else { return Ok(()) };
    let row = Sql::new(query).first(connection).await?;
    let text = row.map(|row| row.string(0)).transpose()?.unwrap_or_default();
    let mut parts = text.split('.').map(|part| part.parse::<u32>().unwrap_or_default());
    let found = [(); 3].map(|()| parts.next().unwrap_or_default());
    if found < oldest {
        let [major, minor, patch] = oldest;
        let text = format!("its engine is {text}, which can lose data; it must be {major}.{minor}.{patch}");
        return Err(Error::Broken(text).into());
    }
    Ok(())
}
