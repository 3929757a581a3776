//! SQLite: one file, one connection that writes, several that read beside it.

use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use sqlx::Connection as _;
use tokio::sync::watch;

use super::{Claim, Engine, Hold, Later};
use crate::store::Error;
use crate::store::connection::connect;
use crate::store::error::{Fault, Meaning};
use crate::store::sql::Sql;

/// Characters a path must not hold in a URL.
const RESERVED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'<').add(b'>').add(b'?');

/// A database in a file.
#[derive(Debug)]
pub(super) struct Sqlite {
    path: PathBuf,
    url: String,
}

impl Sqlite {
    /// The database of a URL, `sqlite:PATH`. Its directory is made, and tried for whether it can be written.
    pub(super) fn new(url: &str) -> Result<Self, Error> {
        let path = url.strip_prefix("sqlite:").unwrap_or(url);
        let path = path.strip_prefix("//").unwrap_or(path);
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        let path = percent_decode_str(path).decode_utf8_lossy().into_owned();
        if path.is_empty() || path == ":memory:" {
            return Err(Error::Broken("sqlite: must be followed by the path of a file".to_owned()));
        }
        let encoded = utf8_percent_encode(&path, RESERVED);
        let sqlite = Self { url: format!("sqlite:{encoded}?mode=rwc"), path: path.into() };
        sqlite.lock_file().map(|_| sqlite)
    }

    fn failed(path: &Path, error: &std::io::Error) -> Error {
        let text = format!("{}: {error}", path.display());
        match error.kind() {
            ErrorKind::StorageFull
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::QuotaExceeded
            | ErrorKind::PermissionDenied => Error::Full(text),
            _ => Error::Unavailable(text),
        }
    }

    /// The file whose lock is the right to write.
    fn lock_file(&self) -> Result<File, Error> {
        if let Some(directory) = self.path.parent().filter(|path| !path.as_os_str().is_empty()) {
            std::fs::create_dir_all(directory).map_err(|error| Self::failed(directory, &error))?;
        }
        let mut path = self.path.clone().into_os_string();
        path.push(".lock");
        let options = File::options().read(true).write(true).create(true).truncate(false).open(&path);
        options.map_err(|error| Self::failed(path.as_ref(), &error))
    }
}

impl Engine for Sqlite {
    fn url(&self) -> &str {
        &self.url
    }

    fn connections(&self, pool: u32) -> (u32, u32) {
        (1, pool.max(1))
    }

    fn session(&self, wait: Duration, writes: bool) -> Vec<String> {
        let mut statements = vec![format!("PRAGMA busy_timeout = {}", wait.as_millis())];
        if writes {
            statements.extend(
                [
                    "PRAGMA journal_mode = WAL",
                    "PRAGMA synchronous = FULL",
                    "PRAGMA wal_autocheckpoint = 4000",
                    "PRAGMA journal_size_limit = 67108864",
                    "PRAGMA cache_size = -65536",
                    "PRAGMA temp_store = MEMORY",
                ]
                .map(ToOwned::to_owned),
            );
        } else {
            statements.extend(["PRAGMA query_only = ON", "PRAGMA cache_size = -8192"].map(ToOwned::to_owned));
        }
        statements
    }

    fn migration(&self) -> (&'static str, Option<&'static str>) {
        ("BEGIN IMMEDIATE", None)
    }

    fn version(&self) -> Option<(&'static str, [u32; 3])> {
        // Earlier ones can corrupt a database in WAL mode when a checkpoint meets a commit.
        Some(("SELECT sqlite_version()", [3, 51, 3]))
    }

    fn dialect(&self, definition: &str) -> String {
        definition.replace("KEY!", "INTEGER PRIMARY KEY").replace("COMPACT!", "WITHOUT ROWID")
    }

    fn meaning(&self, code: &str) -> Meaning {
        let code: u32 = code.parse().unwrap_or_default();
        match (code & 0xff, code >> 8) {
            // Busy, locked, interrupted, the schema changed under a statement, the file cannot be opened.
            (5 | 6 | 9 | 14 | 15 | 17, _) => Meaning::Busy,
            // Read-only, full; input and output that only writing does: write, fsync, truncate, delete, locks,
            // shared memory.
            (8 | 13, _) | (10, 3..=6 | 8 | 10 | 15 | 18..=22) => Meaning::Unwritable,
            _ => Meaning::Broken,
        }
    }

    fn size(&self) -> &'static str {
        "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    }

    fn claim(&self) -> Later<'_, Result<Option<Claim>, Fault>> {
        Box::pin(async move {
            let file = self.lock_file()?;
            match file.try_lock() {
                Ok(()) => {
                    let (sender, lost) = watch::channel(false);
                    drop(sender);
                    Ok(Some(Claim { lost, held_by: Hold::File(file) }))
                }
                Err(TryLockError::WouldBlock) => Ok(None),
                Err(TryLockError::Error(error)) => Err(Error::Unavailable(error.to_string()).into()),
            }
        })
    }

    fn copy_to<'a>(&'a self, path: &'a Path) -> Later<'a, Result<(), Fault>> {
        Box::pin(async move {
            let mut connection = connect(self, Duration::from_secs(5)).await?;
            let name = path.to_string_lossy().into_owned();
            Sql::new("VACUUM INTO ").bind(name).run(&mut connection).await?;
            drop(connection.close().await);
            let synced = File::open(path).and_then(|file| file.sync_all());
            synced.map_err(|error| Self::failed(path, &error))?;
            Ok(())
        })
    }
}
