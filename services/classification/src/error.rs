//! Why the service cannot run. Why a question cannot be answered is `domain::Error`.

use crate::source;

/// Why the service cannot start, or ended. The source says more.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A variable is set wrongly.
    #[error("configuration error")]
    Config(#[from] runtime::config::Error),
    /// The program was built from broken lists.
    #[error("the embedded lists cannot be used")]
    Embedded(#[source] source::Error),
    /// The HTTP client cannot be made.
    #[error("the HTTP client cannot be made")]
    Client(#[source] source::Error),
    /// The server failed.
    #[error("the gRPC server ended")]
    Server(#[from] runtime::grpc::Error),
    /// A part of the service ended by a fault of ours.
    #[error("a task of the service failed")]
    Task(#[from] tokio::task::JoinError),
}
