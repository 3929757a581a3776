//! A simulated Doffin, a client of it, and workers that mirror it.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use runtime::Stop;
use simulator::{Config, Faults, Simulator};
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::store::Store;
use crate::sync::{Progress, Settings, Worker};
use crate::upstream::{self, Doffin};

/// The day it is in most tests.
pub(super) const NOW: &str = "2026-11-25T12:00:00Z";

/// The first day that is mirrored in most tests.
pub(super) const FROM: Date = date(2024, 1, 1);

/// Longest wait for anything.
pub(super) const PATIENCE: Duration = Duration::from_mins(2);

/// A simulated Doffin and a client of it.
pub(super) struct World {
    pub(super) simulator: Simulator,
    pub(super) doffin: Arc<Doffin>,
}

impl World {
    /// With so many notices on a fixed day, without a rate limit, with the worst order of ties.
    pub(super) async fn of(notices: usize) -> Self {
        let now = Some(NOW.parse().unwrap());
        let faults = Faults::without_rate_limit();
        let simulator = Simulator::start(Config { notices, seed: 7, now, faults, ..Config::default() });
        let simulator = simulator.await.unwrap();
        let doffin = Arc::new(client(&simulator.doffin_url()));
        Self { simulator, doffin }
    }

    /// Changes faults on the way.
    pub(super) fn change(&self, change: impl FnOnce(&mut Faults)) {
        let mut faults = self.simulator.faults();
        change(&mut faults);
        self.simulator.set_faults(faults);
    }

    /// A worker that runs, and goes by the simulator's day.
    pub(super) fn mirror(&self, store: &Store, settings: Settings) -> Mirror {
        let now: Timestamp = NOW.parse().unwrap();
        let began = std::time::Instant::now();
        let clock = Clock::of(move || now + jiff::SignedDuration::try_from(began.elapsed()).unwrap());
        self.mirror_by(store, settings, clock)
    }

    /// A worker that runs, and goes by this clock.
    pub(super) fn mirror_by(&self, store: &Store, settings: Settings, clock: Clock) -> Mirror {
        let metrics = runtime::Metrics::new("test", "0");
        let doffin = Arc::clone(&self.doffin);
        let worker = Arc::new(Worker::new(doffin, store.clone(), settings, &metrics, clock));
        let stop = Stop::new();
        let task = tokio::spawn({
            let (worker, stop) = (Arc::clone(&worker), stop.clone());
            async move { worker.run(stop).await }
        });
        Mirror { worker, store: store.clone(), stop, task }
    }
}

/// A worker that runs.
pub(super) struct Mirror {
    pub(super) worker: Arc<Worker>,
    pub(super) store: Store,
    stop: Stop,
    task: JoinHandle<()>,
}

impl Mirror {
    /// Waits until the progress is as wanted.
    pub(super) async fn until(&self, what: &str, wanted: impl Fn(&Progress) -> bool) -> Progress {
        let mut shown = self.worker.board.watch();
        // Not kept: a value that is being looked at cannot change.
        let met = tokio::time::timeout(PATIENCE, shown.wait_for(|progress| wanted(progress))).await.is_ok();
        let progress = self.worker.progress();
        assert!(met, "not {what} within {PATIENCE:?}: {progress:?}");
        progress
    }

    pub(super) async fn stop(self) {
        self.stop.stop();
        self.task.await.unwrap();
    }
}

/// A client of a Doffin.
pub(super) fn client(url: &str) -> Doffin {
    let settings = upstream::Settings {
        base: upstream::base(url).unwrap(),
        key: "demo-key".to_owned().into(),
        timeout: Duration::from_secs(2),
        rate: 5_000.0,
    };
    Doffin::new(&settings, &runtime::Metrics::new("test", "0")).unwrap()
}

/// Settings under which everything comes around in seconds.
pub(super) fn restless() -> Settings {
    Settings {
        enabled: true,
        from: FROM,
        tail_interval: Duration::from_millis(500),
        reconcile_interval: Duration::from_millis(300),
        refresh_interval: Duration::from_secs(2),
        documents: false,
        document_rest: Duration::from_secs(1),
        week_rest: Duration::from_secs(1),
    }
}
