//! The accept loop: caps on connections, in all and by address, and the drain.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use runtime::config::Error;
use runtime::{Metrics, Stop};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;

use crate::app::App;
use crate::connection::Serve;
use crate::crowd::{Crowd, Seat};
use crate::overload::Load;
use crate::{Config, health};

/// Pause after an accept that failed for lack of file descriptors; trying again at once would spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Bytes of an answer that the system takes ahead of what it has sent. By itself it takes up to 4 MiB, in which an answer
/// is out of our hands and a slow reader out of sight, and copying which for many of these keeps everybody waiting.
/// What is under way to a client that does read is not bounded by it. Accepted connections take it from the listener.
#[cfg(target_os = "linux")]
const UNSENT: u32 = 32 << 10;

/// Why a connection was closed as soon as it came.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Refused {
    cause: &'static str,
}

/// Accepts connections.
#[derive(Debug)]
pub(crate) struct Server {
    serve: Arc<Serve>,
    places: Arc<Semaphore>,
    crowd: Arc<Crowd>,
    open: Gauge,
    accepted: Counter,
    refused: Family<Refused, Counter>,
}

impl Server {
    pub(crate) fn new(
        app: App,
        config: &Config,
        metrics: &Metrics,
        health: health::State,
        load: Arc<Load>,
    ) -> Result<Self, Error> {
        let tls = config.tls()?.map(|(cert, key)| runtime::tls::edge(cert, key, "TLS_CERT_FILE"));
        let (tls, closing) = (tls.transpose()?, Stop::new());
        let held = metrics.register(
            "http_connections_held",
            "Times a connection was left alone for asking on while refused",
            Counter::default(),
        );
        Ok(Self {
            serve: Arc::new(Serve { app, health, config: config.clone(), tls, load, held, closing }),
            places: Arc::new(Semaphore::new(config.max_connections)),
            crowd: Crowd::new(config.max_connections_per_address, config.proxies()?),
            open: metrics.register("http_connections", "Open connections", Gauge::default()),
            accepted: metrics.register("http_connections_accepted", "Connections served", Counter::default()),
            refused: metrics.register(
                "http_connections_refused",
                "Connections over a cap",
                Family::default(),
            ),
        })
    }

    /// Accepts and serves connections until `stop`, then drains.
    pub(crate) async fn run(self, listener: TcpListener, stop: Stop) {
        #[cfg(target_os = "linux")]
        if let Err(error) = socket2::SockRef::from(&listener).set_tcp_notsent_lowat(UNSENT) {
            tracing::warn!(%error, "the system takes as much of an answer ahead as it likes");
        }
        let config = &self.serve.config;
        let connections = TaskTracker::new();
        let end = async {
            stop.stopped().await;
            self.serve.health.drain();
            // Load balancers see the readiness, and clients that keep connections are asked to close them.
            tokio::time::sleep(config.drain_delay).await;
        };
        tokio::pin!(end);
        loop {
            let accepted = tokio::select! {
                () = &mut end => break,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, addr)) => {
                    if let Some(place) = self.admit(addr) {
                        connections.spawn(self.connection(stream, addr, Some(place)));
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        // What the system has accepted for us already would be reset with the listener.
        while let Some(Ok((stream, addr))) = listener.accept().now_or_never() {
            connections.spawn(self.connection(stream, addr, None));
        }
        drop(listener);
        self.serve.closing.stop();
        connections.close();
        if tokio::time::timeout(config.process.drain_timeout, connections.wait()).await.is_err() {
            let timeout_s = config.process.drain_timeout.as_secs_f64();
            let left = connections.len();
            tracing::warn!(timeout_s, left, "drain timed out; connections that are left are cut off");
        }
    }

    fn admit(&self, addr: SocketAddr) -> Option<(OwnedSemaphorePermit, Seat)> {
        let refuse = |cause| {
            self.refused.get_or_create(&Refused { cause }).inc();
        };
        let Ok(place) = self.places.clone().try_acquire_owned() else {
            refuse("all");
            return None;
        };
        let seat = self.crowd.enter(addr.ip());
        if seat.is_none() {
            refuse("address");
        }
        seat.map(|seat| (place, seat))
    }

    fn connection(
        &self,
        stream: TcpStream,
        addr: SocketAddr,
        place: Option<(OwnedSemaphorePermit, Seat)>,
    ) -> impl Future<Output = ()> + Send + 'static {
        let (serve, open) = (self.serve.clone(), self.open.clone());
        self.accepted.inc();
        async move {
            open.inc();
            serve.connection(stream, addr).await;
            open.dec();
            drop(place);
        }
    }
}
