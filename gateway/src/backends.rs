//! The services behind the gateway, and whether they serve.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use runtime::Stop;
use runtime::client::{self, Connected};
use runtime::config::Error;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::Config;

/// How long to wait before asking a backend again that could not be reached.
const RETRY: Duration = Duration::from_millis(500);

/// How long a backend may take to say how it is, once asked.
const FIRST_WORD: Duration = Duration::from_secs(3);

/// The services behind the gateway.
#[derive(Debug, Clone)]
pub(crate) struct Backends {
    by_service: Arc<BTreeMap<&'static str, Backend>>,
}

#[derive(Debug)]
struct Backend {
    name: &'static str,
    channel: Connected,
    serving: Arc<RwLock<bool>>,
}

impl Backends {
    /// Connects to every service when it is first needed, and watches the health of each until `stop`.
    pub(crate) fn connect(config: &Config, stop: &Stop) -> Result<Self, Error> {
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
        let tls = &config.process.grpc_tls;
        let mut by_service = BTreeMap::new();
        for (name, service, url, variable) in services {
            let channel = client::channel(url, variable, tls, config.request_timeout)?;
            let serving = Arc::new(RwLock::new(false));
            tokio::spawn(watch(
                name,
                service,
                client::Remote::new(url, variable, tls)?,
                serving.clone(),
                stop.clone(),
            ));
            by_service.insert(service, Backend { name, channel, serving });
        }
        Ok(Self { by_service: Arc::new(by_service) })
    }

    /// The channel to a service, by its full name.
    pub(crate) fn channel(&self, service: &str) -> Option<Connected> {
        self.by_service.get(service).map(|backend| backend.channel.clone())
    }

    /// Each service's short name and whether it serves.
    pub(crate) fn serving(&self) -> BTreeMap<&'static str, bool> {
        let read = |b: &Backend| *b.serving.read().unwrap_or_else(PoisonError::into_inner);
        self.by_service.values().map(|backend| (backend.name, read(backend))).collect()
    }
}

/// Follows a service's own word on its health. A service that cannot be reached does not serve.
async fn watch(
    name: &'static str,
    service: &'static str,
    remote: client::Remote,
    serving: Arc<RwLock<bool>>,
    stop: Stop,
) {
    let set = |now: bool| {
        let mut serving = serving.write().unwrap_or_else(PoisonError::into_inner);
        if std::mem::replace(&mut *serving, now) != now {
            tracing::info!(backend = name, serving = now, "backend health changed");
        }
    };
    let follow = async {
        loop {
            // A new connection each time: one that hangs while networks are being set up is not waited for.
            let mut client = HealthClient::new(remote.connect_lazy());
            let request = HealthCheckRequest { service: service.to_owned() };
            let first = async {
                let mut changes = client.watch(request).await?.into_inner();
                let first = changes.message().await?;
                Ok::<_, tonic::Status>((first, changes))
            };
            match tokio::time::timeout(FIRST_WORD, first).await {
                Ok(Ok((mut change, mut changes))) => {
                    while let Some(now) = change {
                        set(now.status() == ServingStatus::Serving);
                        change = changes.message().await.ok().flatten();
                    }
                }
                Ok(Err(status)) => tracing::debug!(backend = name, cause = status.message(), "no health"),
                Err(_) => tracing::debug!(backend = name, "no health in time"),
            }
            set(false);
            tokio::time::sleep(RETRY).await;
        }
    };
    tokio::select! {
        () = follow => {}
        () = stop.stopped() => {}
    }
}
