//! The feed, the lease and what the sync worker keeps.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::timeout;

use super::harness::Place;
use super::on_both;
use super::sample::{UUID, at, document, fetched, hit, id};
use crate::domain::{ChangeKind, Seq};
use crate::store::{Error, Store, Via, Window};

on_both![
    the_feed_is_read_in_pages_and_by_kind,
    a_commit_wakes_those_who_wait_also_in_another_process,
    one_leads_and_the_next_one_takes_over,
    a_deposed_leader_writes_nothing,
    a_write_that_its_caller_gives_up_leaves_nothing,
    processes_that_start_at_once_migrate_once,
    a_schema_of_a_later_version_is_refused,
    windows_and_facts_are_kept,
];

async fn the_feed_is_read_in_pages_and_by_kind(place: &Place) {
    let (store, lease) = place.lead().await;
    let hits: Vec<_> = (1..=50).map(hit).collect();
    store.observe(&lease, &hits, at(0), Via::Current).await.unwrap();
    let documents: Vec<_> = (1..=50).map(|number| fetched(number, document(UUID[0], None))).collect();
    store.keep_documents(&lease, &documents, at(1)).await.unwrap();
    let seqs = async |after, kinds: &[ChangeKind], limit| {
        let changes = store.changes(Seq(after), kinds, limit).await.unwrap();
        changes.into_iter().map(|change| change.seq.0).collect::<Vec<_>>()
    };
    assert_eq!(seqs(0, &[], 3).await, [1, 2, 3]);
    assert_eq!(seqs(98, &[], 3).await, [99, 100]);
    assert_eq!(seqs(100, &[], 3).await, [] as [i64; 0]);
    assert_eq!(seqs(49, &[ChangeKind::DocumentArrived, ChangeKind::New], 2).await, [50, 51]);
    assert_eq!(seqs(0, &[ChangeKind::DocumentArrived; 3], 2).await, [51, 52]);
    assert_eq!(seqs(0, &[ChangeKind::Withdrawn], 2).await, [] as [i64; 0]);
}

async fn a_commit_wakes_those_who_wait_also_in_another_process(place: &Place) {
    let (store, lease) = place.lead().await;
    let other = place.open().await;
    let (mut here, mut there) = (store.wakes(), other.wakes());
    assert_eq!(*here.borrow_and_update(), Seq(0));
    store.observe(&lease, &[hit(1)], at(0), Via::Current).await.unwrap();
    assert!(here.has_changed().unwrap(), "before the writer is told");
    assert_eq!(*here.borrow_and_update(), Seq(1));
    store.observe(&lease, &[hit(1)], at(1), Via::Current).await.unwrap();
    assert!(!here.has_changed().unwrap(), "nothing was told");
    timeout(Duration::from_secs(20), there.wait_for(|seq| *seq == Seq(1))).await.unwrap().unwrap();
}

async fn one_leads_and_the_next_one_takes_over(place: &Place) {
    let (store, lease) = place.lead().await;
    let other = place.open().await;
    assert!(other.lead().await.unwrap().is_none());
    assert!(store.lead().await.unwrap().is_none(), "not twice, either");
    drop(lease);
    let next = take_over(&other).await;
    assert!(store.lead().await.unwrap().is_none());
    other.observe(&next, &[hit(1)], at(0), Via::Current).await.unwrap();
}

async fn take_over(store: &Store) -> crate::store::Lease {
    let lead = async {
        loop {
            if let Some(lease) = store.lead().await.unwrap() {
                return lease;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(20), lead).await.unwrap()
}

async fn a_deposed_leader_writes_nothing(place: &Place) {
    let (store, lease) = place.lead().await;
    store.observe(&lease, &[hit(1)], at(0), Via::Current).await.unwrap();
    let mut connection = place.connection().await;
    // As if another process had taken over while this one did not notice.
    sqlx::raw_sql("UPDATE feed SET epoch = epoch + 1").execute(&mut connection).await.unwrap();
    let refused = [
        store.observe(&lease, &[hit(2)], at(1), Via::Current).await.map(drop),
        store.withdraw(&lease, &[id(1)], at(1)).await.map(drop),
        store.keep_documents(&lease, &[fetched(1, document(UUID[0], None))], at(1)).await.map(drop),
        store.park(&lease, &id(1), "", None).await,
        store.set_state(&lease, "phase", "tail").await,
    ];
    for refused in refused {
        assert!(matches!(refused, Err(Error::Deposed)), "{refused:?}");
    }
    assert_eq!(store.facts().await.unwrap().notices, 1);
    assert_eq!(store.head().await.unwrap(), Seq(1));
}

async fn a_write_that_its_caller_gives_up_leaves_nothing(place: &Place) {
    let (store, lease) = place.lead().await;
    let hits: Vec<_> = (1..2000).map(hit).collect();
    let mut given_up = 0;
    for micros in [1, 300, 1_000, 3_000, 10_000, 30_000] {
        let write = store.observe(&lease, &hits, at(0), Via::Current);
        given_up += usize::from(timeout(Duration::from_micros(micros), write).await.is_err());
        let counts = store.facts().await.unwrap();
        assert!([0, 1999].contains(&counts.notices), "{counts:?}");
        assert_eq!(counts.notices, counts.changes);
    }
    assert!(given_up > 0);
    let observed = store.observe(&lease, &hits, at(1), Via::Current).await.unwrap();
    assert_eq!((observed.new + observed.same, observed.seq), (1999, Seq(1999)));
}

async fn processes_that_start_at_once_migrate_once(place: &Place) {
    let mut starts = JoinSet::new();
    for _ in 0..8 {
        let settings = place.settings.clone();
        starts.spawn(async move { Store::open(&settings).await });
    }
    let stores: Vec<Store> = starts.join_all().await.into_iter().map(Result::unwrap).collect();
    let lease = stores[0].lead().await.unwrap().unwrap();
    stores[0].observe(&lease, &[hit(1)], at(0), Via::Current).await.unwrap();
    assert_eq!(stores[7].facts().await.unwrap().notices, 1);
}

async fn a_schema_of_a_later_version_is_refused(place: &Place) {
    drop(place.lead().await);
    let mut connection = place.connection().await;
    let later = "INSERT INTO migration (name, applied_at) VALUES ('0009_later', 0)";
    sqlx::raw_sql(later).execute(&mut connection).await.unwrap();
    let refused = Store::open(&place.settings).await.unwrap_err();
    assert!(
        matches!(&refused, Error::Newer { found, known } if found == "0009_later" && known == "0001_mirror")
    );
    assert!(!refused.to_string().contains('\n'), "{refused}");
}

async fn windows_and_facts_are_kept(place: &Place) {
    let (store, lease) = place.lead().await;
    let window = |from: &str, held, note: Option<&str>| Window {
        from: from.parse().unwrap(),
        to: "2026-08-09".parse().unwrap(),
        total: 100,
        held,
        checked_at: at(7),
        complete: held == 100,
        note: note.map(ToOwned::to_owned),
    };
    for window in [window("2026-08-03", 99, Some("one missing")), window("2026-07-27", 100, None)] {
        store.close_window(&lease, &window).await.unwrap();
    }
    store.close_window(&lease, &window("2026-08-03", 100, None)).await.unwrap();
    let windows = [window("2026-07-27", 100, None), window("2026-08-03", 100, None)];
    assert_eq!(store.windows().await.unwrap(), windows);
    assert_eq!(store.state("watermark").await.unwrap(), None);
    for value in ["2026-08-01", "2026-08-02"] {
        store.set_state(&lease, "watermark", value).await.unwrap();
        assert_eq!(store.state("watermark").await.unwrap().as_deref(), Some(value));
    }
    store.head().await.unwrap();
}
