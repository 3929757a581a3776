//! Counts and durations of what is asked of Doffin.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use runtime::metrics::DURATION_BUCKETS;

use super::Endpoint;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    endpoint: &'static str,
    status: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    endpoint: &'static str,
}

/// The client's metrics.
#[derive(Debug)]
pub(super) struct Metrics {
    requests: Family<Outcome, Counter>,
    duration: Family<Kind, Histogram>,
    /// Answers that were not JSON before they were repaired.
    pub(super) repaired: Counter,
}

impl Metrics {
    /// Registers the metrics.
    pub(super) fn new(metrics: &runtime::Metrics) -> Self {
        let histogram: fn() -> Histogram = || Histogram::new(DURATION_BUCKETS);
        Self {
            requests: metrics.register(
                "doffin_requests",
                "Requests sent to Doffin, by HTTP status or by what prevented an answer",
                Family::default(),
            ),
            duration: metrics.register(
                "doffin_request_duration_seconds",
                "Time from sending a request to the last byte of Doffin's answer",
                Family::new_with_constructor(histogram),
            ),
            repaired: metrics.register(
                "doffin_repaired_bodies",
                "Answers whose JSON held raw control characters",
                Counter::default(),
            ),
        }
    }

    /// A request has ended.
    pub(super) fn ended(&self, endpoint: Endpoint, status: String, duration: Duration) {
        let endpoint = endpoint.name();
        self.requests.get_or_create(&Outcome { endpoint, status }).inc();
        self.duration.get_or_create(&Kind { endpoint }).observe(duration.as_secs_f64());
    }
}
