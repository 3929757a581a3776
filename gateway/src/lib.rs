//! The HTTP edge: JSON for browsers and curl, gRPC behind it.
//!
//! ```text
//! accept loop ─▶ middleware (one page: app.rs) ─▶ transcode ─▶ gRPC channel ─▶ service
//!   server.rs                        responses.rs ──┤  ▲
//!                            answers that are kept  └──┴── edge.rs: errors, caching, envelope from the contract
//! ```
//!
//! There is no code here for any single RPC, and no message type of the contract is linked in: routes and
//! their behaviour come from the descriptors. `docs.rs` shows them to people.

mod address;
mod app;
mod auth;
mod backends;
mod coding;
mod config;
mod connection;
mod crowd;
mod docs;
mod edge;
mod etag;
mod failure;
mod guard;
mod headers;
pub mod health;
mod keep;
mod limit;
mod observe;
mod openapi;
mod options;
mod overload;
mod preface;
mod responses;
mod server;

pub use auth::{Mode as AuthMode, Settings as AuthSettings};
pub use config::{Command, Config};
pub use limit::{Fail as LimitFail, Settings as LimitSettings};

use std::sync::Arc;

use runtime::{Metrics, Stop};
use tokio::net::TcpListener;

/// Why the gateway could not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting is wrong.
    #[error("configuration error")]
    Config(#[from] runtime::config::Error),
    /// The contract gives no route table.
    #[error("the contract's routes are wrong: {0}")]
    Routes(#[from] transcode::Error),
}

/// Serves until `stop`, then drains: readiness says no and connections are asked to close, no connection is
/// accepted, requests in flight finish or are cut off at the drain timeout.
pub async fn serve(listener: TcpListener, config: Config, metrics: Metrics, stop: Stop) -> Result<(), Error> {
    let backends = backends::Backends::connect(&config, &metrics)?;
    let health = health::State::new(backends.clone());
    let load = Arc::new(overload::Load::new(&config, &metrics));
    let app = app::App::new(&config, &metrics, backends, health.clone(), load.clone(), &stop)?;
    let server = server::Server::new(app, &config, &metrics, health, load.clone())?;
    tokio::spawn(load.watch_memory(config.memory_limit_bytes, stop.clone()));
    server.run(listener, stop).await;
    Ok(())
}
