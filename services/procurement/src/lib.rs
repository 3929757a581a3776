//! Public procurement notices: a mirror of Doffin that is searched and explained, over gRPC.
//!
//! ```text
//! grpc ──▶ desk ──┬─▶ mirror ──▶ search (index, derived) ──▶ store (the truth: SQLite or PostgreSQL)
//!                 └─▶ live ──▶ cache ──▶ upstream ──HTTP──▶ Doffin      ▲ ▲
//!  filters ──▶ codes ◀── grpc::classification        ▲                  │ │
//!                                                    └── sync ── eforms ┘ └── search::feed (follows the changes)
//! domain: what a search, a notice, a document and a change are; everybody's, and nobody's I/O
//! ```

mod answer;
mod backup;
mod cache;
mod catchup;
mod clock;
mod codes;
mod config;
mod desk;
mod domain;
mod eforms;
mod error;
mod export;
mod filling;
mod filters;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod grpc;
mod import;
mod indexing;
mod live;
mod mirror;
mod progress;
mod search;
mod store;
mod sync;
mod upstream;

use std::sync::Arc;

use runtime::{Grpc, Health, Metrics, Stop};
use tokio::net::TcpListener;
use tokio::sync::watch;

use store::Store;

pub use backup::backup;
pub use catchup::{Week, sync_days};
pub use config::{Command, Config};
pub use error::Error;
pub use filling::Standing;
pub use import::{Loaded, import};

/// Serves until `stop`, and drains. It is ready as soon as store and index are open, whether Doffin answers or not.
pub async fn serve(listener: TcpListener, config: Config, metrics: Metrics, stop: Stop) -> Result<(), Error> {
    serve_shown(listener, config, metrics, stop, watch::Sender::default()).await
}

/// The same, and shows how far the mirror is until it is full.
pub async fn serve_shown(
    listener: TcpListener,
    config: Config,
    metrics: Metrics,
    stop: Stop,
    shown: watch::Sender<Standing>,
) -> Result<(), Error> {
    let doffin = match config.doffin()? {
        Some(settings) => Some(Arc::new(upstream::Doffin::new(&settings, &metrics)?)),
        None => None,
    };
    let tls = &config.process.grpc_tls;
    let codes = Arc::new(grpc::Classification::new(&config.classification_url, tls, &metrics)?);
    let store = Store::open(&config.store()?).await.map_err(|error| Error::Mirror(error.to_string()))?;
    let index = open_index(&config).await?;
    let worker = doffin.as_ref().map(|doffin| {
        let (doffin, settings) = (Arc::clone(doffin), config.sync.clone());
        Arc::new(sync::Worker::new(doffin, store.clone(), settings, &metrics, clock::Clock::system()))
    });
    let feed = search::Feed::new(store.clone(), Arc::clone(&index)).measured(&metrics);
    let reporter = progress::Reporter::new(store.clone(), feed.progress(), worker.clone());
    let pages = || cache::Pages::new(config.search_cache_ttl, config.search_cache_entries, &metrics);
    let live = doffin.map(|doffin| live::Live::new(doffin, pages(), Arc::clone(&codes)));
    let mirror = mirror::Mirror::new(store.clone(), index, Arc::clone(&codes), config.sync.from);
    let desk = Arc::new(desk::Desk::new(codes, mirror, live, config.sync.enabled));
    let health = Health::new(&[grpc::NAME]);
    let server = Grpc {
        routes: grpc::Service::routes(desk, reporter, stop.clone()),
        health: health.clone(),
        descriptors: grpc::DESCRIPTORS,
        metrics,
        tls: config.process.grpc_tls,
        drain_timeout: config.process.drain_timeout,
    };
    let background = Background::start(worker, &store, feed, shown, &stop);
    health.set(grpc::NAME, true);
    let outcome = server.serve(listener, stop).await;
    background.ended().await;
    store.close().await;
    Ok(outcome?)
}

/// What runs beside the server, and ends with it.
struct Background(Vec<tokio::task::JoinHandle<()>>);

impl Background {
    fn start(
        worker: Option<Arc<sync::Worker>>,
        store: &Store,
        feed: search::Feed<Store>,
        shown: watch::Sender<Standing>,
        stop: &Stop,
    ) -> Self {
        let mut tasks = vec![tokio::spawn(feed.follow(stop.clone()))];
        if let Some(worker) = worker {
            tasks.push(tokio::spawn(filling::tell(Arc::clone(&worker), store.clone(), shown, stop.clone())));
            let stop = stop.clone();
            tasks.push(tokio::spawn(async move { worker.run(stop).await }));
        }
        Self(tasks)
    }

    /// Waits until everything has come to its end, so that no commit is cut off.
    async fn ended(self) {
        for task in self.0 {
            if let Err(error) = task.await {
                tracing::error!(%error, "a background task ended badly");
            }
        }
    }
}

/// Opens the search index; one that has to be rebuilt is no reason not to start.
async fn open_index(config: &Config) -> Result<Arc<search::Index>, Error> {
    let settings = config.index();
    let opened = tokio::task::spawn_blocking(move || search::Index::open(&settings)).await;
    let opened = opened.map_err(|error| Error::Mirror(error.to_string()))?;
    let (index, opened) = opened.map_err(|error| Error::Mirror(format!("{error:#}")))?;
    if let search::Opened::Rebuilt(reason) = opened {
        tracing::info!(reason, "the search index is built anew");
    }
    Ok(Arc::new(index))
}
