//! What can keep the simulator from running.

use std::path::PathBuf;

/// Why the simulator could not start or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The port could not be taken.
    #[error("cannot listen: {0}")]
    Bind(#[source] std::io::Error),
    /// The accept loop ended with an error, or the signal handlers could not be set.
    #[error("cannot serve: {0}")]
    Serve(#[source] std::io::Error),
    /// A file of the data directory could not be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A file of the data directory does not hold what its name promises.
    #[error("{path} is not usable: {reason}")]
    Data {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The background task panicked.
    #[error("the simulator's task ended early: {0}")]
    Task(#[from] tokio::task::JoinError),
}
