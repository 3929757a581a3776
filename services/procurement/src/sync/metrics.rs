//! What the worker counts.

use std::sync::atomic::AtomicU64;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;

/// The worker's metrics. Requests are counted by the client of Doffin.
#[derive(Debug)]
pub(super) struct Metrics {
    /// Hits taken in, known ones too.
    pub(super) seen: Counter,
    /// Notices new or changed.
    pub(super) changed: Counter,
    /// Documents kept.
    pub(super) documents: Counter,
    /// Notices whose document failed to come.
    pub(super) parked: Gauge,
    /// Notices without a document.
    pub(super) wanted: Gauge,
    /// Weeks proved complete.
    pub(super) complete: Gauge,
    /// Whether this replica syncs.
    pub(super) leads: Gauge,
    /// Work that failed and comes again.
    pub(super) failures: Counter,
    /// When the newest notices were last asked for with success.
    pub(super) tail: Gauge<f64, AtomicU64>,
}

impl Metrics {
    pub(super) fn new(metrics: &runtime::Metrics) -> Self {
        let counter = |name, help| metrics.register(name, help, Counter::default());
        let gauge = |name, help| metrics.register(name, help, Gauge::<i64, _>::default());
        Self {
            seen: counter("sync_notices_seen", "Hits taken in by the sync worker, known ones too"),
            changed: counter("sync_notices_changed", "Notices the sync worker found new or changed"),
            documents: counter("sync_documents_kept", "Documents the sync worker fetched and kept"),
            parked: gauge("sync_documents_parked", "Notices whose document failed to come"),
            wanted: gauge("sync_documents_wanted", "Notices without a document"),
            complete: gauge("sync_windows_complete", "Weeks whose notices equal the source's"),
            leads: gauge("sync_leader", "1 while this replica syncs"),
            failures: counter("sync_failures", "Pieces of sync work that failed and come again"),
            tail: metrics.register(
                "sync_last_tail_success_timestamp_seconds",
                "When the newest notices were last asked for with success; its age is how old the mirror is",
                Gauge::default(),
            ),
        }
    }
}
