//! The system against a simulated Doffin and KLASS.

use anyhow::Context as _;
use runtime::{Stop, bind};
use simulator::{CpvEntry, ListEntry, Lists};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::config::Demo;
use crate::system::Settings;

/// The key the simulator takes and the demo's procurement service gives.
const KEY: &str = "demo-key";

/// Requests a second to the simulator.
const RATE: f64 = 5000.0;

/// The running simulator of a demo.
#[derive(Debug)]
pub struct Simulation {
    /// Base URL of the simulator; its switches are below `/admin`.
    pub url: String,
    stop: Stop,
    task: JoinHandle<Result<(), simulator::Error>>,
    /// The demo's own data, so that generated lists are not taken for real ones by a later start.
    _data: TempDir,
}

impl Simulation {
    /// Starts the simulator and points the settings at it.
    pub fn start(demo: &Demo, settings: &mut Settings) -> anyhow::Result<Self> {
        if let Some(data) = demo.simulator.data.as_ref().filter(|data| !data.is_dir()) {
            let problem = format!("{} is not a directory", data.display());
            return Err(runtime::config::Error::new("SIMULATOR_DATA", problem).into());
        }
        let listener = bind(demo.simulator.addr, "SIMULATOR_ADDR")?;
        let url = format!("http://{}", listener.local_addr()?);
        let mut config = demo.simulator.clone().into_config();
        config.lists = lists()?;
        config.api_keys.push(KEY.to_owned());
        // A demo is there to be tried, also where the environment is that of an image in production.
        settings.gateway.auth.auth.get_or_insert(gateway::AuthMode::Open);
        let data = tempfile::tempdir()?;
        data.path().clone_into(&mut settings.classification.data_dir);
        data.path().clone_into(&mut settings.procurement.data_dir);
        settings.procurement.database_url = None;
        // The simulator is ours to ask as often as we like; who gives faults sees its limit too.
        if demo.simulator.faults.is_none() {
            config.faults.doffin.rate = simulator::Rate::off();
            settings.procurement.doffin_rate = RATE;
        }
        point(settings, &url);
        let stop = Stop::new();
        let task = tokio::spawn(simulator::serve(listener, config, stop.token()));
        Ok(Self { url, stop, task, _data: data })
    }

    /// Waits until the simulator ends by itself, which it should not, and tells why it did.
    pub async fn ended(&mut self) -> anyhow::Result<()> {
        (&mut self.task).await?.context("the simulator stopped")
    }

    /// Stops the simulator.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.stop.stop();
        Ok(self.task.await??)
    }
}

/// Points the services at a simulator.
pub fn point(settings: &mut Settings, simulator_url: &str) {
    settings.procurement.doffin_base_url = format!("{simulator_url}/public/v2");
    settings.procurement.doffin_api_key = Some(KEY.to_owned().into());
    settings.procurement.doffin_api_key_file = None;
    settings.classification.klass_base_url = format!("{simulator_url}/api/klass/v1");
    settings.classification.cpv_source = format!("{simulator_url}/cpv.yaml");
    settings.classification.styrk_source = None;
    settings.classification.nuts_source = None;
}

/// The code lists the simulated publishers offer: the ones classification embeds, so that a demo without
/// network shows the same codes as the service behind it.
pub fn lists() -> anyhow::Result<Lists> {
    let embedded = classification::embedded_lists()?;
    let cpv = embedded.cpv.into_iter().map(|row| CpvEntry {
        name_en: row.en.unwrap_or_else(|| row.nb.clone()),
        code: row.code,
        name_nb: row.nb,
    });
    let nuts = embedded.nuts.into_iter().map(|row| ListEntry {
        code: row.code,
        parent: row.parent,
        level: row.level,
        name: row.name,
    });
    let styrk = embedded.styrk.into_iter().map(|row| ListEntry {
        code: row.code,
        parent: row.parent,
        level: row.level,
        name: row.nb,
    });
    Ok(Lists { cpv: cpv.collect(), nuts: nuts.collect(), styrk: styrk.collect() })
}
