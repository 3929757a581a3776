//! The index follows a store, through its troubles.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use runtime::Stop;
use tempfile::TempDir;
use tokio::sync::watch;

use super::make::{Made, id, random, settings};
use crate::domain::{Change, ChangeKind, NoticeId, Seq};
use crate::search::{Entry, Feed, Index, Source, fill};

/// A store in memory, which fails as often as it is told.
struct Memory {
    changes: Mutex<Vec<Change>>,
    entries: Mutex<HashMap<NoticeId, Entry>>,
    failures: AtomicU32,
    head: watch::Sender<Seq>,
}

#[derive(Debug, thiserror::Error)]
#[error("the store is away")]
struct Away;

impl Memory {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            changes: Mutex::default(),
            entries: Mutex::default(),
            failures: AtomicU32::new(0),
            head: watch::Sender::new(Seq(0)),
        })
    }

    /// Notices change; the numbers are theirs, the seed is what they say.
    fn change(&self, numbers: impl Iterator<Item = u32>, seed: u64) -> Seq {
        let mut changes = self.changes.lock().unwrap();
        for number in numbers {
            let seq = Seq(i64::try_from(changes.len()).unwrap() + 1);
            let mut entries = self.entries.lock().unwrap();
            let first_seq = entries.get(&id(number)).map_or(seq, |entry| entry.stored.first_seq);
            let mut entry = random(number, seed);
            entry.stored.first_seq = first_seq;
            entries.insert(id(number), entry);
            changes.push(Change {
                seq,
                kind: ChangeKind::Corrected,
                notice: id(number),
                seen_at: Timestamp::UNIX_EPOCH,
                subject: None,
                before: None,
                after: None,
            });
        }
        let head = Seq(i64::try_from(changes.len()).unwrap());
        self.head.send_replace(head);
        head
    }

    /// A backup of when there were so many changes is put back.
    fn restore(&self, changes: usize) {
        self.changes.lock().unwrap().truncate(changes);
    }

    fn fail(&self) -> Result<(), Away> {
        let left = self.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if left.is_ok() { Err(Away) } else { Ok(()) }
    }
}

impl Source for Arc<Memory> {
    type Error = Away;

    async fn changes(&self, after: Seq, limit: u32) -> Result<Vec<Change>, Away> {
        self.fail()?;
        let changes = self.changes.lock().unwrap();
        Ok(changes.iter().filter(|change| change.seq > after).take(limit as usize).cloned().collect())
    }

    async fn entries(&self, ids: &[NoticeId]) -> Result<Vec<Entry>, Away> {
        self.fail()?;
        let entries = self.entries.lock().unwrap();
        Ok(ids.iter().filter_map(|id| entries.get(id)).cloned().collect())
    }

    async fn head_since(&self, _before: Seq) -> Result<Seq, Away> {
        self.fail()?;
        Ok(*self.head.borrow())
    }

    fn wakes(&self) -> watch::Receiver<Seq> {
        self.head.subscribe()
    }
}

/// The digest of an index built in one go.
async fn fresh(store: &Arc<Memory>) -> String {
    let dir = TempDir::new().unwrap();
    let index = Arc::new(Index::open(&settings(&dir)).unwrap().0);
    fill(Arc::clone(store), Arc::clone(&index)).await.unwrap();
    index.digest().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_changes_in_the_store_is_soon_in_the_index() {
    let store = Memory::new();
    store.change(1..=2_500, 1);
    let Made { index, dir: _dir } = Made::of(&[]);
    let index = Arc::new(index);
    let feed = Feed::new(Arc::clone(&store), Arc::clone(&index));
    let mut progress = feed.progress();
    let stop = Stop::new();
    let following = tokio::spawn(feed.follow(stop.clone()));
    progress.wait_for(|progress| progress.position == Seq(2_500)).await.unwrap();
    for seed in 2..5 {
        let head = store.change((1..=60).map(|number| number * u32::try_from(seed).unwrap()), seed);
        let now = progress.wait_for(|progress| progress.position == head).await.unwrap().clone();
        assert_eq!((now.position, now.trouble), (now.head, None));
    }
    assert_eq!(index.digest().unwrap(), fresh(&store).await);
    stop.stop();
    following.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_fails_is_waited_for_and_nothing_is_lost_or_taken_in_twice() {
    let store = Memory::new();
    let head = store.change((1..=2_000).chain(1..=500), 1);
    store.failures.store(4, Ordering::SeqCst);
    let Made { index, dir: _dir } = Made::of(&[]);
    let index = Arc::new(index);
    let feed = Feed::new(Arc::clone(&store), Arc::clone(&index));
    let mut progress = feed.progress();
    let stop = Stop::new();
    let following = tokio::spawn(feed.follow(stop.clone()));
    let trouble = progress.wait_for(|progress| progress.trouble.is_some()).await.unwrap().trouble.clone();
    assert_eq!(trouble.as_deref(), Some("the store: the store is away"));
    let healed = progress.wait_for(|progress| progress.position == head && progress.trouble.is_none()).await;
    assert!(healed.is_ok());
    drop(healed);
    assert_eq!((index.facts().documents, index.digest().unwrap()), (2_000, fresh(&store).await));
    stop.stop();
    following.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_is_ahead_of_the_store_is_begun_anew() {
    let store = Memory::new();
    store.change(1..=50, 1);
    let ahead: Vec<Entry> = (1..=80).map(|number| random(number, 9)).collect();
    let Made { index, dir: _dir } = Made::of(&ahead);
    let index = Arc::new(index);
    fill(Arc::clone(&store), Arc::clone(&index)).await.unwrap();
    assert_eq!((index.position(), index.facts().documents), (Seq(50), 50));
    assert_eq!(index.digest().unwrap(), fresh(&store).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_of_a_store_that_was_restored_and_went_on_is_begun_anew() {
    let store = Memory::new();
    store.change(1..=50, 1);
    let Made { index, dir: _dir } = Made::of(&[]);
    let index = Arc::new(index);
    fill(Arc::clone(&store), Arc::clone(&index)).await.unwrap();
    store.restore(30);
    store.change(100..=140, 5);
    fill(Arc::clone(&store), Arc::clone(&index)).await.unwrap();
    assert_eq!((index.position(), index.facts().documents), (Seq(71), 71));
    assert_eq!(index.digest().unwrap(), fresh(&store).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_feed_goes_on_where_it_was() {
    let store = Memory::new();
    store.change(1..=30, 1);
    let Made { index, dir } = Made::of(&[]);
    let index = Arc::new(index);
    fill(Arc::clone(&store), Arc::clone(&index)).await.unwrap();
    drop(index);
    store.change(20..=40, 2);
    let index = Arc::new(Index::open(&settings(&dir)).unwrap().0);
    assert_eq!(index.position(), Seq(30));
    fill(Arc::clone(&store), Arc::clone(&index)).await.unwrap();
    assert_eq!(index.position(), Seq(51));
    assert_eq!(index.digest().unwrap(), fresh(&store).await);
}
