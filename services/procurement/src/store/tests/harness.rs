//! Places for stores: a directory, or a database of its own on the PostgreSQL server.

use std::env;
use std::io::Write as _;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, ConnectOptions as _};
use tempfile::TempDir;

use crate::store::{Lease, Settings, Store};

/// A place for a store, gone with it.
pub(crate) struct Place {
    pub(crate) settings: Settings,
    directory: Option<TempDir>,
    database: Option<String>,
}

/// Where PostgreSQL is; the default is a server with its usual port and no password for `postgres`.
fn server() -> String {
    env::var("TEST_DATABASE_URL").unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned())
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}/mirror.db", directory.path().display());
        Self { settings: settings(url), directory: Some(directory), database: None }
    }

    /// A new database; `None` without a server.
    pub(crate) async fn postgres() -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("radar_test_{}_{number}", std::process::id());
        match administer(&format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")).await {
            Ok(()) => {}
            Err(error) => {
                assert!(env::var_os("REQUIRE_POSTGRES").is_none(), "PostgreSQL: {error}");
                // Past the capture of tests' output: this must be seen.
                let text =
                    format!("NOT TESTED with PostgreSQL, TEST_DATABASE_URL does not answer: {error}\n");
                std::io::stderr().write_all(text.as_bytes()).unwrap();
                return None;
            }
        }
        let (base, _) = server().rsplit_once('/').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        Some(Self { settings: settings(format!("{base}/{name}")), directory: None, database: Some(name) })
    }

    pub(crate) async fn open(&self) -> Store {
        Store::open(&self.settings).await.unwrap()
    }

    pub(crate) async fn lead(&self) -> (Store, Lease) {
        let store = self.open().await;
        let lease = store.lead().await.unwrap().unwrap();
        (store, lease)
    }

    /// A connection past the store, to see and to do what it would not.
    pub(crate) async fn connection(&self) -> AnyConnection {
        sqlx::any::install_default_drivers();
        self.settings.url.parse::<AnyConnectOptions>().unwrap().connect().await.unwrap()
    }

    pub(crate) fn directory(&self) -> Option<&std::path::Path> {
        self.directory.as_ref().map(TempDir::path)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(name) = self.database.take() else { return };
        // A runtime of its own: this one may be at its end.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(administer(&format!("DROP DATABASE {name} WITH (FORCE)")))
        });
        drop(dropping.join());
    }
}

async fn administer(statement: &str) -> Result<(), sqlx::Error> {
    sqlx::any::install_default_drivers();
    let mut connection = server().parse::<AnyConnectOptions>()?.connect().await?;
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned())).execute(&mut connection).await.map(drop)
}

fn settings(url: String) -> Settings {
    Settings { url, read_url: None, pool: 4, acquire_timeout: Duration::from_secs(10) }
}
