//! Trouble ends, and the work goes on by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use simulator::{Draft, Outage, OutageKind};

use super::truth::{difference, feed_is_sound, listed};
use super::world::{FROM, NOW, World, restless};
use crate::clock::Clock;
use crate::store::tests::harness::Place;
use crate::store::tests::replica::Pair;
use crate::sync::{Phase, Progress, Settings};

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_outage_shows_and_work_goes_on_after_it_without_a_gap() {
    let world = World::of(600).await;
    let place = Place::sqlite();
    let store = place.open().await;
    let mirror = world.mirror(&store, Settings { documents: true, ..restless() });
    for kind in [
        OutageKind::Refuse500text,
        OutageKind::Html503,
        OutageKind::CutMidBody,
        OutageKind::Garbage,
        OutageKind::WrongKey,
        OutageKind::Hang,
    ] {
        world.change(|faults| faults.doffin.outage = kind.into());
        let failing = mirror.until("failing", |progress| progress.failing).await;
        assert!(failing.last_error.is_some(), "{kind:?}");
        world.simulator.publish(Draft::default()).unwrap();
        world.change(|faults| faults.doffin.outage = Outage::default());
        let healed = Instant::now();
        mirror.until("well", |progress| !progress.failing).await;
        assert!(healed.elapsed() < Duration::from_mins(1), "{kind:?}: {:?}", healed.elapsed());
    }
    world.equals(&mirror).await;
    let listed = world.truth().values().map(|ids| ids.len() as u64).sum::<u64>();
    mirror.until("fetched", |progress| progress.counts.listed == listed && progress.counts.wanted == 0).await;
    mirror.stop().await;
    feed_is_sound(&store).await;
    assert_eq!(store.facts().await.unwrap().parked, 0, "an outage is no notice's fault");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_leads_the_other_follows_and_takes_over() {
    let world = World::of(300).await;
    let place = Place::sqlite();
    let (first, second) = (place.open().await, place.open().await);
    let first = world.mirror(&first, restless());
    first.until("leading", |progress| progress.leader && progress.complete > 3).await;
    let second = world.mirror(&second, restless());
    second.until("following", |progress| progress.phase == Phase::Following && progress.complete > 0).await;
    let died = Instant::now();
    first.stop().await;
    second.until("leading", |progress| progress.leader).await;
    assert!(died.elapsed() < Duration::from_secs(30), "{:?}", died.elapsed());
    world.equals(&second).await;
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clocks_that_jump_move_no_watermark_back_or_into_the_future() {
    let world = World::of(400).await;
    let place = Place::sqlite();
    let store = place.open().await;
    let now: Timestamp = NOW.parse().unwrap();
    let hours = Arc::new(AtomicI64::new(0));
    let clock = Clock::of({
        let hours = Arc::clone(&hours);
        move || now + jiff::SignedDuration::from_hours(hours.load(Ordering::Relaxed))
    });
    let mirror = world.mirror_by(&store, restless(), clock);
    let first = mirror
        .until("complete", |progress| progress.wanted > 0 && progress.complete == progress.wanted)
        .await;
    let mark = first.watermark.unwrap();
    for jump in [-24, 24 * 3652, -24 * 3652, 0] {
        hours.store(jump, Ordering::Relaxed);
        let id = world.simulator.publish(Draft::default()).unwrap();
        world.equals(&mirror).await;
        let progress = mirror.worker.progress();
        assert!(
            progress.watermark.is_some_and(|now| now >= mark && now <= jiff::civil::date(2026, 11, 25)),
            "{id}: {:?}",
            progress.watermark
        );
        assert!(progress.wanted <= first.wanted + 5, "{} weeks after a jump of {jump} h", progress.wanted);
    }
    mirror.stop().await;
    feed_is_sound(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_locked_shows_and_work_goes_on_when_it_is_free() {
    let world = World::of(300).await;
    let mut place = Place::sqlite();
    place.settings.acquire_timeout = Duration::from_millis(300);
    let store = place.open().await;
    let mirror = world.mirror(&store, restless());
    mirror.until("leading", |progress| progress.leader && progress.complete > 3).await;
    let mut other = place.connection().await;
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let failing = mirror.until("failing", |progress| progress.failing).await;
    let (_, error) = failing.last_error.unwrap();
    assert!(error.contains("store"), "{error}");
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    mirror.until("well", |progress| !progress.failing).await;
    world.equals(&mirror).await;
    mirror.stop().await;
    feed_is_sound(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_whose_lease_is_taken_stops_and_leads_again_later() {
    let Some(place) = Place::postgres().await else { return };
    let world = World::of(300).await;
    let store = place.open().await;
    let mirror = world.mirror(&store, restless());
    mirror.until("leading", |progress| progress.leader && progress.complete > 3).await;
    let mut other = place.connection().await;
    let end = "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d ON d.oid = l.database \
               WHERE l.locktype = 'advisory' AND d.datname = current_database()";
    let mut shown = mirror.worker.board.watch();
    sqlx::raw_sql(end).execute(&mut other).await.unwrap();
    // Not kept: a value that is being looked at cannot change.
    let deposed = shown.wait_for(|progress| !progress.leader);
    let deposed = tokio::time::timeout(Duration::from_secs(10), deposed).await.is_ok();
    assert!(deposed, "it goes on without a lease");
    mirror.until("leading", |progress| progress.leader).await;
    world.equals(&mirror).await;
    mirror.stop().await;
    feed_is_sound(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_beside_a_replica_that_lags_does_nothing_twice() {
    let Some(mut pair) = Pair::start().await else { return };
    pair.replica.replay(false).await;
    drop(pair.lease);
    let world = World::of(300).await;
    let mirror = world.mirror(&pair.reader, Settings { documents: true, ..restless() });
    let done = |progress: &Progress| {
        let counts = progress.counts;
        progress.complete == progress.wanted && counts.documents > 50 && counts.wanted == counts.parked
    };
    mirror.until("complete", done).await;
    assert_eq!(difference(&world.truth(), &listed(&pair.writer, FROM).await), Vec::<String>::new());
    let downloads = world.simulator.stats().count_of("download", 200);
    assert_eq!(downloads, pair.writer.facts().await.unwrap().documents);
    mirror.stop().await;
    pair.replica.replay(true).await;
    feed_is_sound(&pair.writer).await;
}
