//! The mirror becomes and stays equal to the source, quirks and all.

use simulator::{Draft, Hiccups};

use super::truth::{feed, feed_is_sound};
use super::world::{World, restless};
use crate::domain::{ChangeKind, NoticeId};
use crate::store::tests::harness::Place;
use crate::sync::{Phase, Settings};

/// Both engines; PostgreSQL where there is one.
async fn places() -> Vec<Place> {
    let mut places = vec![Place::sqlite()];
    places.extend(Place::postgres().await);
    places
}

#[tokio::test(flavor = "multi_thread")]
async fn every_week_equals_the_source_with_all_quirks_at_once_while_much_happens() {
    for place in places().await {
        let world = World::of(500).await;
        world.change(|faults| {
            let doffin = &mut faults.doffin;
            doffin.hiccups =
                Hiccups { html503: 10, refuse500text: 5, cut_mid_body: 5, garbage: 5, slow: 10, slow_ms: 20 };
            (doffin.single_hit_object, doffin.control_chars) = (true, 5);
            (doffin.download_500_per_mille, doffin.download_torn_per_mille) = (20, 20);
        });
        let store = place.open().await;
        let mirror = world.mirror(&store, Settings { documents: true, ..restless() });
        for _ in 0..3 {
            mirror.until("something", |progress| progress.complete > 10).await;
            world.simulator.bustle(30);
            world.simulator.advance(3_600);
        }
        mirror
            .until("complete", |progress| {
                progress.phase == Phase::Tail && progress.complete == progress.wanted
            })
            .await;
        world.equals(&mirror).await;
        mirror
            .until("fetched", |progress| {
                progress.counts.wanted == progress.counts.parked && progress.counts.notices > 0
            })
            .await;
        mirror.stop().await;
        feed_is_sound(&store).await;
        let facts = store.facts().await.unwrap();
        assert!(facts.parked > 0, "downloads that fail for ever are parked: {facts:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_late_and_what_vanishes_is_found_and_told_so() {
    let world = World::of(600).await;
    let place = Place::sqlite();
    let store = place.open().await;
    let mirror = world.mirror(&store, restless());
    mirror.until("complete", |progress| progress.wanted > 0 && progress.complete == progress.wanted).await;
    let issue_date = Some("2024-04-12T08:00:00Z".parse().unwrap());
    let late = world.simulator.publish(Draft { issue_date, ..Draft::default() }).unwrap();
    let truth = world.truth();
    let gone = truth.values().next().and_then(|ids| ids.first()).unwrap().clone();
    assert!(world.simulator.withdraw(&gone));
    world.equals(&mirror).await;
    assert!(world.simulator.restore(&gone));
    world.equals(&mirror).await;
    mirror.stop().await;
    let kinds = |id: &str| {
        let id = NoticeId::parse(id).unwrap();
        let store = store.clone();
        async move {
            let changes = feed(&store).await.into_iter().filter(|change| change.notice == id);
            changes.map(|change| change.kind).collect::<Vec<_>>()
        }
    };
    assert_eq!(kinds(&late).await, [ChangeKind::Reimported]);
    assert_eq!(kinds(&gone).await, [ChangeKind::New, ChangeKind::Withdrawn, ChangeKind::Reimported]);
    feed_is_sound(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_week_is_listed_once_and_not_again_after_a_restart() {
    let world = World::of(400).await;
    let place = Place::sqlite();
    let store = place.open().await;
    let calm = Settings {
        reconcile_interval: std::time::Duration::from_hours(24),
        refresh_interval: std::time::Duration::from_hours(24),
        ..restless()
    };
    let first = world.mirror(&store, calm.clone());
    first.until("complete", |progress| progress.wanted > 0 && progress.complete == progress.wanted).await;
    first.stop().await;
    let seq = store.head().await.unwrap();
    world.simulator.reset_stats();
    let second = world.mirror(&store, calm);
    second.until("tailed", |progress| progress.tailed_at.is_some() && progress.phase == Phase::Tail).await;
    second.until("tailed", |progress| progress.leader && progress.complete == progress.wanted).await;
    second.stop().await;
    let asked = world.simulator.stats().count("search");
    assert!(asked < 60, "{asked} requests after a restart");
    assert_eq!(store.head().await.unwrap(), seq, "nothing is told twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_long_time_away_what_no_page_reaches_is_caught_up_with() {
    let world = World::of(400).await;
    let place = Place::sqlite();
    let store = place.open().await;
    let first = world.mirror(&store, restless());
    first.until("complete", |progress| progress.wanted > 0 && progress.complete == progress.wanted).await;
    first.stop().await;
    // More than Doffin gives of a query, over several weeks.
    for _ in 0..30 {
        world.simulator.advance(86_400);
        for _ in 0..40 {
            world.simulator.publish(Draft::default()).unwrap();
        }
    }
    let now = world.simulator.now();
    let clock = crate::clock::Clock::of(move || now);
    let second = world.mirror_by(&store, restless(), clock);
    second
        .until("tailed", |progress| progress.watermark.is_some_and(|mark| mark.to_string() == "2026-12-25"))
        .await;
    world.equals(&second).await;
    second.stop().await;
    feed_is_sound(&store).await;
}
