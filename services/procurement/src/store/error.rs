//! What can go wrong, by what the caller can do about it.

/// Why the store did not do something. A write that failed has left nothing behind, unless the connection
/// broke while it was being committed; writing the same again is right in either case.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// It cannot be reached, is locked, or has no connection to spare: come back.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// Its disk is full or read-only: writes fail, reads go on.
    #[error("the store cannot write: {0}")]
    Full(String),
    /// The lease was lost. Whoever wrote must stop and lead anew.
    #[error("another process writes to the store")]
    Deposed,
    /// Its schema is of a later version of the program.
    #[error(
        "the store's schema has {found}, which this program does not know (it knows up to {known}): run the later version, or restore a backup made before it"
    )]
    Newer {
        /// The migration that is not known.
        found: String,
        /// The last one that is.
        known: String,
    },
    /// It is damaged, or was asked something wrong.
    #[error("the store is broken: {0}")]
    Broken(String),
}

impl Error {
    /// What is wrong, without causes: they may hold names and paths.
    pub(crate) fn shown(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "the store cannot be reached or is busy",
            Self::Full(_) => "the store's disk is full or read-only; what is held is served",
            Self::Deposed => "another process writes to the store",
            Self::Newer { .. } => "the store belongs to a later version of this program",
            Self::Broken(_) => "the store is damaged or answers wrongly",
        }
    }
}

/// What went wrong inside, before anyone says what its caller can do.
#[derive(Debug)]
pub(super) enum Fault {
    /// The database.
    Sql(sqlx::Error),
    /// The lease was lost.
    Deposed,
    /// Something stored cannot be read back.
    Data(String),
    /// It has been said already.
    Said(Error),
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Said(error)
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::Data(error.to_string())
    }
}

/// What an error code of a database means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Come back.
    Busy,
    /// It cannot write.
    Unwritable,
    /// Anything else.
    Broken,
}

impl Fault {
    /// What the caller can do, given what the engine's codes mean.
    pub(super) fn told(self, meaning: impl Fn(&str) -> Meaning) -> Error {
        match self {
            Self::Deposed => Error::Deposed,
            Self::Data(text) => Error::Broken(text),
            Self::Said(error) => error,
            Self::Sql(sqlx::Error::Database(error)) => {
                let code = error.code().unwrap_or_default().into_owned();
                let text = error.to_string();
                match meaning(&code) {
                    Meaning::Busy => Error::Unavailable(text),
                    Meaning::Unwritable => Error::Full(text),
                    Meaning::Broken => Error::Broken(text),
                }
            }
            Self::Sql(
                error @ (sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed
                | sqlx::Error::BeginFailed),
            ) => Error::Unavailable(error.to_string()),
            Self::Sql(error) => Error::Broken(error.to_string()),
        }
    }
}
