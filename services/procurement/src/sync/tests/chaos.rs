//! The real process, killed at random moments.

mod process;

use std::env;
use std::time::{Duration, Instant};

use jiff::civil::Date;
use simulator::{Config, Doffin, Faults, Hiccups, Rate, Simulator};

use super::truth::{difference, feed_is_sound, listed, truth};
use crate::store::Store;
use crate::store::tests::harness::Place;
use process::{Process, Running};

/// How much chaos.
struct Chaos {
    notices: usize,
    kills: u32,
    seed: u64,
    from: Date,
}

impl Chaos {
    /// Little, unless the environment asks for more.
    fn asked() -> Self {
        let number = |name: &str, default| env::var(name).map_or(default, |text| text.parse().unwrap());
        let full = env::var_os("CHAOS_KILLS").is_some();
        Self {
            notices: usize::try_from(number("CHAOS_NOTICES", 400)).unwrap(),
            kills: u32::try_from(number("CHAOS_KILLS", 8)).unwrap(),
            seed: number("CHAOS_SEED", 1),
            from: if full { jiff::civil::date(2017, 1, 1) } else { jiff::civil::date(2025, 1, 1) },
        }
    }

    /// Every quirk at once; the rate is a hundred times Doffin's, so that minutes are enough.
    async fn simulator(&self) -> Simulator {
        let doffin = Doffin {
            rate: Rate { requests: 400, window_ms: 1_000 },
            hiccups: Hiccups {
                html503: 5,
                refuse500text: 3,
                cut_mid_body: 3,
                garbage: 2,
                slow: 10,
                slow_ms: 50,
            },
            download_lag_s: 3,
            download_500_per_mille: 3,
            download_torn_per_mille: 3,
            control_chars: 2,
            single_hit_object: true,
            ..Doffin::default()
        };
        let faults = Faults { doffin, ..Faults::default() };
        let config = Config { notices: self.notices, seed: self.seed, faults, ..Config::default() };
        Simulator::start(config).await.unwrap()
    }

    /// Kills the process again and again, and lets it end its work at last.
    async fn run(&self, place: &Place) {
        let simulator = self.simulator().await;
        let mut random = fastrand::Rng::with_seed(self.seed);
        let process = Process::new(&simulator, place, self.from);
        let begun = Instant::now();
        for kill in 0..self.kills {
            let child = process.start();
            tokio::time::sleep(Duration::from_millis(random.u64(50..2_500))).await;
            child.kill();
            if kill % 4 == 3 {
                simulator.bustle(random.u32(1..40));
            }
        }
        let (killed, last) = (begun.elapsed(), Instant::now());
        let child = process.start();
        let store = Store::open(&place.settings).await.unwrap();
        self.equal(&simulator, &store, last).await;
        let took = last.elapsed();
        child.stop();
        feed_is_sound(&store).await;
        process.index_equals_a_rebuild(&store).await;
        let facts = store.facts().await.unwrap();
        eprintln!(
            "{} kills in {killed:?}, equal {took:?} after the last; {facts:?}; doffin was asked: {:?}",
            self.kills,
            simulator.stats().requests
        );
    }

    /// Waits until every week is equal and every document is here or parked.
    async fn equal(&self, simulator: &Simulator, store: &Store, since: Instant) {
        let patience = Duration::from_secs(300 + self.notices as u64 / 5);
        loop {
            let difference = difference(&truth(simulator, self.from), &listed(store, self.from).await);
            let facts = store.facts().await.unwrap();
            // A few downloads fail for ever; those that are late come.
            let left = facts.wanted == facts.parked && facts.parked <= 2 + facts.notices / 100;
            if difference.is_empty() && left {
                return;
            }
            assert!(since.elapsed() < patience, "after {patience:?}: {difference:?}, {facts:?}");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_it_ends_equal_with_sqlite() {
    Chaos::asked().run(&Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_it_ends_equal_with_postgres() {
    if let Some(place) = Place::postgres().await {
        Chaos::asked().run(&place).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_replicas_on_one_database_one_syncs_and_the_other_takes_over_when_it_is_killed() {
    let Some(place) = Place::postgres().await else { return };
    let chaos = Chaos::asked();
    let simulator = chaos.simulator().await;
    let (one, other) =
        (Process::new(&simulator, &place, chaos.from), Process::new(&simulator, &place, chaos.from));
    let mut replicas = vec![one.start(), other.start()];
    until("one leads and both serve", || {
        replicas.iter().filter(|replica| replica.leads()).count() == 1 && replicas.iter().all(Running::serves)
    })
    .await;
    simulator.bustle(20);
    let leader = replicas.remove(replicas.iter().position(Running::leads).unwrap());
    leader.kill();
    let killed = Instant::now();
    let survivor = &replicas[0];
    until("the other leads", || survivor.leads()).await;
    let took = killed.elapsed();
    assert!(took < Duration::from_secs(30), "taken over after {took:?}");
    assert!(survivor.serves());
    let store = Store::open(&place.settings).await.unwrap();
    chaos.equal(&simulator, &store, killed).await;
    drop(replicas);
    feed_is_sound(&store).await;
    eprintln!("taken over after {took:?}");
}

/// Waits for something that can only be seen from outside.
async fn until(what: &str, met: impl Fn() -> bool) {
    let begun = Instant::now();
    while !met() {
        assert!(begun.elapsed() < Duration::from_mins(1), "not within a minute: {what}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
