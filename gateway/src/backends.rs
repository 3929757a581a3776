//! The services behind the gateway, whether they serve, and when a call is made again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use runtime::Metrics;
use runtime::client::{self, Connected, Meter, Nowhere, Pool, Target};
use runtime::config::Error;
use tonic::Status;
use tower::retry::budget::{Budget as _, TpsBudget};

use crate::Config;

/// How often one call is made again.
const RETRIES: u32 = 2;

/// What calls may be made again for: a fifth of those made in the last ten seconds, and two a second where there are
/// few. More would be load on servers that have trouble as it is.
const BUDGET: (Duration, u32, f32) = (Duration::from_secs(10), 2, 0.2);

/// The services behind the gateway.
#[derive(Debug, Clone)]
pub(crate) struct Backends {
    by_service: Arc<BTreeMap<&'static str, Backend>>,
}

#[derive(Debug)]
struct Backend {
    name: &'static str,
    pool: Arc<Pool>,
    channel: Connected,
    retries: TpsBudget,
}

impl Backends {
    /// Connects to every service when it is first needed, and watches the health of each.
    pub(crate) fn connect(config: &Config, metrics: &Metrics) -> Result<Self, Error> {
        let services = [
            (
                "procurement",
                "bouvetradar.procurement.v1.ProcurementService",
                &config.procurement_url,
                "PROCUREMENT_URL",
            ),
            (
                "classification",
                "bouvetradar.classification.v1.ClassificationService",
                &config.classification_url,
                "CLASSIFICATION_URL",
            ),
        ];
        let meter = Meter::new(metrics);
        let mut by_service = BTreeMap::new();
        for (name, service, urls, variable) in services {
            let remotes = client::remotes(urls, variable, &config.process.grpc_tls)?;
            let pool = Pool::start(Target { name, service, remotes }, meter.clone());
            let channel = pool.channel(config.request_timeout);
            let (ttl, least, share) = BUDGET;
            let retries = TpsBudget::new(ttl, least, share);
            by_service.insert(service, Backend { name, pool, channel, retries });
        }
        Ok(Self { by_service: Arc::new(by_service) })
    }

    /// The channel to a service, by its full name.
    ///
    /// Asked for once a call, however often that is made again.
    pub(crate) fn channel(&self, service: &str) -> Option<Connected> {
        let backend = self.by_service.get(service)?;
        backend.retries.deposit();
        Some(backend.channel.clone())
    }

    /// Whether a call that only reads and ended like this is made again.
    pub(crate) fn again(&self, service: &str, status: &Status, attempt: u32) -> bool {
        // A status with a source is the transport's: the service did not say it. One without any server is refused
        // at once, because another attempt would find none either.
        let Some(cause) = std::error::Error::source(status) else { return false };
        let Some(backend) = self.by_service.get(service) else { return false };
        let hopeless = attempt >= RETRIES
            || client::chain(cause).any(|cause| cause.is::<Nowhere>() || client::is_late(cause));
        let again = !hopeless && backend.retries.withdraw();
        if again {
            backend.pool.retried();
        } else {
            tracing::debug!(attempt, hopeless, code = ?status.code(), cause = %cause, "a call is not made again");
        }
        again
    }

    /// Each service's short name and whether it serves.
    pub(crate) fn serving(&self) -> BTreeMap<&'static str, bool> {
        self.by_service.values().map(|backend| (backend.name, backend.pool.is_serving())).collect()
    }
}
