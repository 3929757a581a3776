//! Metrics of one server, as Prometheus text on a port of its own.
//!
//! Each server has its own registry instead of one global to the process, because `radar` runs several
//! servers in one process and each keeps its own port.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Metric, Registry};
use tokio::net::TcpListener;

use crate::Stop;

/// Upper bounds of duration histograms, in seconds: half a millisecond to thirty seconds.
pub const DURATION_BUCKETS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];

/// The metrics of one server.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Arc<Mutex<Registry>>,
}

/// Labels of a finished request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RequestLabels {
    /// Route template or RPC path; "unknown" for what is not one, so that callers cannot add series.
    pub route: String,
    /// HTTP status or gRPC code name.
    pub status: String,
}

/// Labels of a route.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RouteLabels {
    /// Route template or RPC path.
    pub route: String,
}

/// Counts and durations of requests of one kind.
#[derive(Debug, Clone)]
pub struct Requests {
    total: Family<RequestLabels, Counter>,
    duration: Family<RouteLabels, Histogram>,
    in_flight: Gauge,
}

impl Metrics {
    /// The metrics of a server, with its name and version as an info series.
    pub fn new(service: &str, version: &str) -> Self {
        let mut registry = Registry::default();
        let labels =
            vec![("service".to_owned(), service.to_owned()), ("version".to_owned(), version.to_owned())];
        registry.register("build", "What is running", prometheus_client::metrics::info::Info::new(labels));
        Self { registry: Arc::new(Mutex::new(registry)) }
    }

    /// Adds a metric. Names carry their unit; counters get `_total` added by the format.
    pub fn register<M: Metric + Clone>(&self, name: &str, help: &str, metric: M) -> M {
        let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        registry.register(name, help, metric.clone());
        metric
    }

    /// Adds counts and durations of requests under a prefix: `{prefix}_requests_total{route,status}`,
    /// `{prefix}_request_duration_seconds{route}` and `{prefix}_requests_in_flight`.
    pub fn requests(&self, prefix: &str) -> Requests {
        let histogram: fn() -> Histogram = || Histogram::new(DURATION_BUCKETS);
        Requests {
            total: self.register(&format!("{prefix}_requests"), "Finished requests", Family::default()),
            duration: self.register(
                &format!("{prefix}_request_duration_seconds"),
                "Time from the request's first byte to the answer's last",
                Family::new_with_constructor(histogram),
            ),
            in_flight: self.register(
                &format!("{prefix}_requests_in_flight"),
                "Requests being answered",
                Gauge::default(),
            ),
        }
    }

    /// Everything in the text format.
    pub fn text(&self) -> String {
        let mut out = String::new();
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        if text::encode(&mut out, &registry).is_err() {
            tracing::error!("metrics could not be written");
        }
        out
    }

    /// Serves the text at every path until `stop`.
    pub async fn serve(self, listener: TcpListener, stop: Stop) {
        loop {
            let stream = tokio::select! {
                () = stop.stopped() => return,
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    Err(error) => {
                        tracing::warn!(%error, "metrics connection could not be accepted");
                        continue;
                    }
                },
            };
            let metrics = self.clone();
            let stop = stop.clone();
            tokio::spawn(async move {
                let answer = service_fn(move |_: hyper::Request<Incoming>| {
                    let body = Full::new(Bytes::from(metrics.text()));
                    async move {
                        hyper::Response::builder()
                            .header(
                                "content-type",
                                "application/openmetrics-text; version=1.0.0; charset=utf-8",
                            )
                            .body(body)
                    }
                });
                let builder = auto::Builder::new(TokioExecutor::new());
                let connection = builder.serve_connection(TokioIo::new(stream), answer);
                tokio::select! {
                    () = stop.stopped() => {}
                    _ = connection => {}
                }
            });
        }
    }
}

impl Requests {
    /// A request began; the guard counts it as in flight until dropped.
    pub fn begin(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// A request ended.
    pub fn end(&self, route: &str, status: &str, duration: Duration) {
        self.total.get_or_create(&RequestLabels { route: route.to_owned(), status: status.to_owned() }).inc();
        self.duration.get_or_create(&RouteLabels { route: route.to_owned() }).observe(duration.as_secs_f64());
    }
}

/// Counts a request as in flight while it lives.
#[derive(Debug)]
pub struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_shows_in_count_and_duration_and_leaves_flight() {
        let metrics = Metrics::new("test", "1.2.3");
        let requests = metrics.requests("http");
        let guard = requests.begin();
        assert!(metrics.text().contains("http_requests_in_flight 1"));
        drop(guard);
        requests.end("/a/{id}", "200", Duration::from_millis(3));
        let text = metrics.text();
        for line in [
            "http_requests_total{route=\"/a/{id}\",status=\"200\"} 1",
            "http_request_duration_seconds_bucket{le=\"0.005\",route=\"/a/{id}\"} 1",
            "http_requests_in_flight 0",
            "build_info{service=\"test\",version=\"1.2.3\"} 1",
        ] {
            assert!(text.contains(line), "{line} not in\n{text}");
        }
    }
}
