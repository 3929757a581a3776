//! What every process of Bouvet Radar does alike.
//!
//! ```text
//! main: config::parse ─▶ telemetry::start ─▶ bind ─▶ (the program's own parts) ─▶ serve(listener, …, stop)
//!                                                      │
//!              Grpc::serve: health, reflection, observation, drain        client::channel: deadlines,
//!              metrics::serve: Prometheus text on a port of its own       request id, trace context
//! ```
//!
//! Nothing here knows a service, a route or a message of the contract.

pub mod bind;
pub mod client;
pub mod config;
pub mod context;
pub mod grpc;
pub mod health;
mod incoming;
pub mod metrics;
pub mod observe;
pub mod probe;
pub mod program;
pub mod reload;
pub mod stop;
pub mod telemetry;
pub mod tls;

pub use bind::bind;
pub use config::{Environment, Process, exit};
pub use context::Context;
pub use grpc::Grpc;
pub use health::Health;
pub use metrics::Metrics;
pub use program::Program;
pub use reload::Reloaded;
pub use stop::Stop;
