//! What is counted of the servers behind a channel.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;

use crate::Metrics;

/// Counts of every service a process calls.
#[derive(Debug, Clone)]
pub struct Meter {
    addresses: Family<State, Gauge>,
    ejections: Family<Backend, Counter>,
    retries: Family<Backend, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Backend {
    backend: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct State {
    backend: &'static str,
    state: &'static str,
}

impl Meter {
    /// Registers the counts; once for each process.
    pub fn new(metrics: &Metrics) -> Self {
        Self {
            addresses: metrics.register(
                "backend_addresses",
                "Addresses of a service's servers by whether they serve",
                Family::default(),
            ),
            ejections: metrics.register(
                "backend_ejections",
                "Times an address was left out because calls to it failed",
                Family::default(),
            ),
            retries: metrics.register(
                "backend_retries",
                "Calls made again because no server could be reached",
                Family::default(),
            ),
        }
    }

    pub(super) fn addresses(&self, backend: &'static str, serving: usize, others: usize) {
        for (state, count) in [("serving", serving), ("not_serving", others)] {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            self.addresses.get_or_create(&State { backend, state }).set(count);
        }
    }

    pub(super) fn ejected(&self, backend: &'static str) {
        self.ejections.get_or_create(&Backend { backend }).inc();
    }

    pub(super) fn retried(&self, backend: &'static str) {
        self.retries.get_or_create(&Backend { backend }).inc();
    }
}
