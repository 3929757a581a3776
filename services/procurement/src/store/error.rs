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
