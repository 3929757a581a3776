//! Public procurement notices: search and documents over gRPC.
//!
//! ```text
//! grpc ──▶ live ──▶ cache ──▶ upstream ──HTTP──▶ Doffin
//!   │        └───▶ codes ◀── grpc::classification ──gRPC──▶ classification
//!   └─ domain: what a search, a notice and their parts are; everybody's, and nobody's I/O
//! ```
//!
//! There is no store here: every answer comes from Doffin, at most a moment ago. What needs a mirror of
//! Doffin (changes, statistics, organisations, export, timelines) answers `NOT_IMPLEMENTED`.

mod cache;
mod codes;
mod config;
mod domain;
mod error;
mod grpc;
mod live;
mod upstream;

use runtime::{Grpc, Health, Metrics, Stop};
use tokio::net::TcpListener;

pub use config::{Command, Config};
pub use error::Error;

/// Serves until `stop`, and drains. It is ready as soon as it listens, whether Doffin answers or not.
pub async fn serve(listener: TcpListener, config: Config, metrics: Metrics, stop: Stop) -> Result<(), Error> {
    let doffin = upstream::Doffin::new(&config.doffin()?, &metrics)?;
    let pages = cache::Pages::new(config.search_cache_ttl, config.search_cache_entries, &metrics);
    let codes = grpc::Classification::new(&config.classification_url, &config.process.grpc_tls)?;
    let health = Health::new(&[grpc::NAME]);
    let server = Grpc {
        routes: grpc::Service::routes(live::Live::new(doffin, pages, codes)),
        health: health.clone(),
        descriptors: grpc::DESCRIPTORS,
        metrics,
        tls: config.process.grpc_tls,
        drain_timeout: config.process.drain_timeout,
    };
    health.set(grpc::NAME, true);
    Ok(server.serve(listener, stop).await?)
}
