//! The system against a simulated Doffin and KLASS.

use runtime::{Stop, bind};
use simulator::{CpvEntry, ListEntry, Lists};
use tokio::task::JoinHandle;

use crate::config::Demo;
use crate::system::Settings;

/// The key the simulator takes and the demo's procurement service gives.
const KEY: &str = "demo-key";

/// The running simulator of a demo.
#[derive(Debug)]
pub struct Simulation {
    /// Base URL of the simulator; its switches are below `/admin`.
    pub url: String,
    stop: Stop,
    task: JoinHandle<Result<(), simulator::Error>>,
}

impl Simulation {
    /// Starts the simulator and points the settings at it.
    pub async fn start(demo: &Demo, settings: &mut Settings) -> anyhow::Result<Self> {
        let listener = bind(demo.simulator_addr, "SIMULATOR_ADDR").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let config = simulator::Config {
            notices: demo.notices,
            seed: demo.seed,
            data: demo.data.clone(),
            api_keys: vec![KEY.to_owned()],
            lists: lists()?,
            ..simulator::Config::default()
        };
        point(settings, &url);
        let stop = Stop::new();
        let task = tokio::spawn(simulator::serve(listener, config, stop.token()));
        Ok(Self { url, stop, task })
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
