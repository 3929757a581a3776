//! The worker against the simulator and a real store.

mod listing;

use std::sync::Arc;

use simulator::{Config, Faults, Simulator};

use crate::upstream::{self, Doffin};

/// A simulated Doffin and a client of it.
pub(super) struct World {
    pub(super) simulator: Simulator,
    pub(super) doffin: Arc<Doffin>,
}

impl World {
    /// With so many notices on a fixed day, without a rate limit, with the worst order of ties.
    pub(super) async fn of(notices: usize) -> Self {
        Self::with(Config {
            notices,
            seed: 7,
            now: Some("2026-11-25T12:00:00Z".parse().unwrap()),
            faults: Faults::without_rate_limit(),
            ..Config::default()
        })
        .await
    }

    pub(super) async fn with(config: Config) -> Self {
        let simulator = Simulator::start(config).await.unwrap();
        let doffin = Arc::new(client(&simulator.doffin_url(), 5_000.0));
        Self { simulator, doffin }
    }

    /// Changes faults on the way.
    pub(super) fn change(&self, change: impl FnOnce(&mut Faults)) {
        let mut faults = self.simulator.faults();
        change(&mut faults);
        self.simulator.set_faults(faults);
    }
}

/// A client of a Doffin.
pub(super) fn client(url: &str, rate: f64) -> Doffin {
    let settings = upstream::Settings {
        base: upstream::base(url).unwrap(),
        key: "demo-key".to_owned().into(),
        timeout: std::time::Duration::from_secs(5),
        rate,
    };
    Doffin::new(&settings, &runtime::Metrics::new("test", "0")).unwrap()
}
