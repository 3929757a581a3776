//! When there is too much to do: requests that find no place are refused at once, and memory that runs short closes
//! connections, then refuses requests. Health checks are always answered.

mod memory;

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use proto::{ErrorCode, Failure};
use runtime::{Metrics, Stop};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::Config;
use crate::address::{Client, Proxies};
use crate::crowd::{Crowd, Seat};
pub(crate) use memory::Pressure;

/// How often memory is looked at.
const LOOK: Duration = Duration::from_millis(250);

/// When a caller that was refused may come back.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// When a caller may come back that has too many streams open. They end seldom.
const STREAM_RETRY_AFTER: Duration = Duration::from_secs(30);

/// How much there is to do.
#[derive(Debug)]
pub(crate) struct Load {
    places: Arc<Semaphore>,
    streams: Arc<Semaphore>,
    streaming: Arc<Crowd>,
    pressure: AtomicU8,
    shed: Counter,
}

/// What a request asks for. Streams may stay open for as long as a connection does, so they have places of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    Call,
    Stream,
}

/// A request's place among those under way, given up when the last of its answer has been handed over.
#[derive(Debug, Clone)]
#[expect(dead_code, reason = "held for as long as it lives")]
pub(crate) struct Place(Arc<OwnedSemaphorePermit>, Option<Arc<Seat>>);

impl Place {
    /// The same place, held together with a stream's.
    pub(crate) fn beside(self, seat: Option<Seat>) -> Self {
        Self(self.0, seat.map(Arc::new))
    }
}

impl Load {
    pub(crate) fn new(config: &Config, metrics: &Metrics) -> Self {
        Self {
            places: Arc::new(Semaphore::new(config.max_in_flight)),
            streams: Arc::new(Semaphore::new(config.max_streams)),
            streaming: Crowd::new(config.max_streams_per_address, Proxies::default()),
            pressure: AtomicU8::new(0),
            shed: metrics.register("http_requests_shed", "Requests refused under load", Counter::default()),
        }
    }

    /// A place for a request, or the refusal.
    pub(crate) fn enter(&self, ask: Ask) -> Result<Place, Failure> {
        let refused = |text: &str| {
            self.shed.inc();
            Err(Failure::new(ErrorCode::ServiceUnavailable, text).retry_after(RETRY_AFTER))
        };
        if self.pressure() >= Pressure::Refuse {
            return refused("memory is short; try again in a moment");
        }
        let (places, text) = match ask {
            Ask::Call => (&self.places, "too much is being asked at once; try again in a moment"),
            Ask::Stream => (&self.streams, "too many streams are open; try again in a moment"),
        };
        match places.clone().try_acquire_owned() {
            Ok(place) => Ok(Place(Arc::new(place), None)),
            Err(_) => refused(text),
        }
    }

    /// A stream's place among those of its client, or the refusal.
    pub(crate) fn seat(&self, client: Client) -> Result<Seat, Failure> {
        self.streaming.enter_as(client).ok_or_else(|| {
            let text =
                format!("too many streams: {} at once are open from this address", self.streaming.most());
            Failure::new(ErrorCode::RateLimited, text).retry_after(STREAM_RETRY_AFTER)
        })
    }

    /// How short memory is.
    pub(crate) fn pressure(&self) -> Pressure {
        Pressure::from_number(self.pressure.load(Ordering::Relaxed))
    }

    /// Looks at memory until `stop`. Nothing to do where there is no limit.
    pub(crate) async fn watch_memory(self: Arc<Self>, configured: Option<u64>, stop: Stop) {
        let Some(limit) = configured.or_else(memory::limit_of_group) else { return };
        tracing::debug!(limit_bytes = limit, "memory is watched");
        loop {
            tokio::select! {
                () = stop.stopped() => return,
                () = tokio::time::sleep(LOOK) => {}
            }
            let Some(used) = memory::used() else { continue };
            let now = Pressure::of(used, limit);
            let before = Pressure::from_number(self.pressure.swap(now as u8, Ordering::Relaxed));
            if now != before {
                tracing::warn!(used_bytes = used, limit_bytes = limit, pressure = ?now, "memory pressure changed");
            }
        }
    }
}
