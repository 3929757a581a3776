//! The three servers in one process.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use procurement::Standing;
use runtime::config::Error;
use runtime::{Metrics, Stop, bind};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Settings of the three servers.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The gateway's.
    pub gateway: gateway::Config,
    /// The procurement service's.
    pub procurement: procurement::Config,
    /// The classification service's.
    pub classification: classification::Config,
}

impl Settings {
    /// Reads the servers' own variables. Metrics take three ports, beginning with the configured one.
    pub fn from_environment() -> Result<Self, Error> {
        let mut settings = Self {
            gateway: runtime::config::from_environment()?,
            procurement: runtime::config::from_environment()?,
            classification: runtime::config::from_environment()?,
        };
        let first = settings.gateway.process.metrics_addr;
        if first.port() > u16::MAX - 2 {
            return Err(Error::new(
                "METRICS_ADDR",
                "three ports are taken, beginning with this one; choose a lower one",
            ));
        }
        let next =
            |offset| SocketAddr::new(first.ip(), if first.port() == 0 { 0 } else { first.port() + offset });
        settings.procurement.process.metrics_addr = next(1);
        settings.classification.process.metrics_addr = next(2);
        Ok(settings)
    }

    /// Settings for any free ports on loopback, for tests.
    pub fn on_free_ports() -> Result<Self, Error> {
        let mut settings = Self::from_environment()?;
        let free = SocketAddr::from(([127, 0, 0, 1], 0));
        (settings.gateway.addr, settings.gateway.port) = (free, None);
        settings.procurement.addr = free;
        settings.classification.addr = free;
        for process in settings.processes() {
            process.metrics_addr = free;
        }
        Ok(settings)
    }

    /// Checks what can be wrong beyond single values, before anything is started.
    pub fn check(&self) -> Result<(), Error> {
        self.gateway.check()?;
        self.procurement.check()?;
        self.classification.sources().map(drop)
    }

    fn processes(&mut self) -> [&mut runtime::Process; 3] {
        [&mut self.gateway.process, &mut self.procurement.process, &mut self.classification.process]
    }
}

/// One running server.
#[derive(Debug)]
pub struct Server {
    /// Where it listens.
    pub addr: SocketAddr,
    /// Where its metrics are.
    pub metrics_addr: SocketAddr,
    stop: Stop,
    /// None once it has ended.
    task: Option<JoinHandle<anyhow::Result<()>>>,
}

/// The running system.
#[derive(Debug)]
pub struct System {
    /// The gateway.
    pub gateway: Server,
    /// The procurement service.
    pub procurement: Server,
    /// The classification service.
    pub classification: Server,
    settings: Settings,
    standing: watch::Sender<Standing>,
}

/// A service behind the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Notices.
    Procurement,
    /// Code lists.
    Classification,
}

impl System {
    /// Starts the servers, each on its configured address; services find each other at the ports they got. Who listens
    /// hears how far the mirror is, until it is full.
    pub fn start(mut settings: Settings, standing: watch::Sender<Standing>) -> anyhow::Result<Self> {
        let classification = bind(settings.classification.addr, "CLASSIFICATION_ADDR")?;
        settings.classification.addr = classification.local_addr()?;
        let classification_url = url(&settings.classification.process, settings.classification.addr);
        settings.procurement.classification_url.clone_from(&classification_url);
        let procurement = bind(settings.procurement.addr, "PROCUREMENT_ADDR")?;
        settings.procurement.addr = procurement.local_addr()?;
        settings.gateway.classification_url = classification_url;
        settings.gateway.procurement_url = url(&settings.procurement.process, settings.procurement.addr);
        let variable = settings.gateway.addr_variable();
        let gateway = bind(settings.gateway.listen_addr(), variable)?;
        Ok(Self {
            classification: start_classification(classification, &settings)?,
            procurement: start_procurement(procurement, &settings, &standing)?,
            gateway: start_gateway(gateway, &settings)?,
            settings,
            standing,
        })
    }

    /// The certificate the gateway shows, if it speaks TLS.
    pub fn gateway_cert(&self) -> Option<&Path> {
        self.settings.gateway.tls_cert_file.as_deref()
    }

    /// Waits until a server ends by itself, which none should, and tells why it did.
    pub async fn ended(&mut self) -> anyhow::Result<()> {
        let (name, result) = tokio::select! {
            result = self.gateway.ended() => ("gateway", result),
            result = self.procurement.ended() => ("procurement", result),
            result = self.classification.ended() => ("classification", result),
        };
        result.with_context(|| format!("{name} stopped"))
    }

    /// Stops in the order that loses nothing: the gateway first, then what it calls.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.gateway.stop().await?;
        self.procurement.stop().await?;
        self.classification.stop().await
    }

    /// Stops one service and leaves its address free, as if its process had ended.
    pub async fn stop_service(&mut self, service: Service) -> anyhow::Result<()> {
        self.service(service).stop().await
    }

    /// Starts a stopped service again at the address it had.
    pub fn start_service(&mut self, service: Service) -> anyhow::Result<()> {
        let addr = self.service(service).addr;
        match service {
            Service::Procurement => {
                let listener = bind(addr, "PROCUREMENT_ADDR")?;
                self.procurement = start_procurement(listener, &self.settings, &self.standing)?;
            }
            Service::Classification => {
                let listener = bind(addr, "CLASSIFICATION_ADDR")?;
                self.classification = start_classification(listener, &self.settings)?;
            }
        }
        Ok(())
    }

    fn service(&mut self, service: Service) -> &mut Server {
        match service {
            Service::Procurement => &mut self.procurement,
            Service::Classification => &mut self.classification,
        }
    }
}

impl Server {
    /// Waits until it has ended, and tells how. One that has told already is over.
    async fn ended(&mut self) -> anyhow::Result<()> {
        let Some(task) = &mut self.task else { return Ok(()) };
        let result = task.await;
        self.task = None;
        result?
    }

    async fn stop(&mut self) -> anyhow::Result<()> {
        self.stop.stop();
        self.ended().await
    }
}

/// Where a service of this process is reached. Over TLS it is asked for as localhost, which its certificate then has
/// to name.
fn url(process: &runtime::Process, addr: SocketAddr) -> String {
    if process.grpc_tls.is_on() {
        format!("https://localhost:{}", addr.port())
    } else {
        format!("http://{addr}")
    }
}

/// Metrics of a server, served on their own port until the server stops.
fn metrics(name: &str, process: &runtime::Process, stop: &Stop) -> anyhow::Result<(Metrics, SocketAddr)> {
    let listener = bind(process.metrics_addr, "METRICS_ADDR")?;
    let addr = listener.local_addr()?;
    let metrics = Metrics::new(name, env!("CARGO_PKG_VERSION"));
    tokio::spawn(metrics.clone().serve(listener, stop.clone()));
    Ok((metrics, addr))
}

fn start_classification(listener: TcpListener, settings: &Settings) -> anyhow::Result<Server> {
    let (config, stop) = (settings.classification.clone(), Stop::new());
    let (metrics, metrics_addr) = metrics("classification", &config.process, &stop)?;
    let addr = listener.local_addr()?;
    let serve = classification::serve(listener, config, metrics, stop.clone());
    Ok(Server { addr, metrics_addr, stop, task: Some(tokio::spawn(async move { Ok(serve.await?) })) })
}

fn start_procurement(
    listener: TcpListener,
    settings: &Settings,
    standing: &watch::Sender<Standing>,
) -> anyhow::Result<Server> {
    let (config, stop) = (settings.procurement.clone(), Stop::new());
    let (metrics, metrics_addr) = metrics("procurement", &config.process, &stop)?;
    let addr = listener.local_addr()?;
    let serve = procurement::serve_shown(listener, config, metrics, stop.clone(), standing.clone());
    Ok(Server { addr, metrics_addr, stop, task: Some(tokio::spawn(async move { Ok(serve.await?) })) })
}

fn start_gateway(listener: TcpListener, settings: &Settings) -> anyhow::Result<Server> {
    let (config, stop) = (settings.gateway.clone(), Stop::new());
    let (metrics, metrics_addr) = metrics("gateway", &config.process, &stop)?;
    let addr = listener.local_addr()?;
    let serve = gateway::serve(listener, config, metrics, stop.clone());
    Ok(Server { addr, metrics_addr, stop, task: Some(tokio::spawn(async move { Ok(serve.await?) })) })
}

/// How long a start may take before the welcome says that it has not come up.
pub const START_TIMEOUT: Duration = Duration::from_secs(15);
