//! A read replica that lags: what was shown is not taken back, and whoever writes reads what was written.

use std::env;
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, ConnectOptions as _};
use tempfile::TempDir;
use tokio::sync::{Mutex, MutexGuard};

use super::harness::Place;
use super::sample::{UUID, at, document, fetched, hit, id};
use crate::domain::Seq;
use crate::search::{self, Index};
use crate::store::{Lease, Settings, Store, Via};

/// Replay is paused for all databases of the replica at once.
static ALONE: Mutex<()> = Mutex::const_new(());

/// A database on the server whose replica is at `TEST_REPLICA_URL`.
pub(crate) struct Pair {
    /// Reads and writes the primary.
    pub(crate) writer: Store,
    pub(crate) lease: Lease,
    /// Reads the replica.
    pub(crate) reader: Store,
    pub(crate) replica: Replica,
    _place: Place,
    _alone: MutexGuard<'static, ()>,
}

/// Past the store, to the replica.
pub(crate) struct Replica(AnyConnection);

impl Replica {
    /// Waits until it has replayed so many changes; before that its tables may not be there.
    async fn reaches(&mut self, head: i64) {
        let begun = Instant::now();
        loop {
            let row = sqlx::query_as("SELECT head FROM feed").fetch_one(&mut self.0).await;
            match row {
                Ok((at,)) if at >= head => return,
                other => {
                    let other = other.map(|(at,): (i64,)| at);
                    assert!(begun.elapsed() < Duration::from_mins(1), "{other:?}");
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Stops the replay of what the primary writes, or lets it go on.
    pub(crate) async fn replay(&mut self, on: bool) {
        let statement = if on { "SELECT pg_wal_replay_resume()" } else { "SELECT pg_wal_replay_pause()" };
        sqlx::raw_sql(statement).execute(&mut self.0).await.unwrap();
        let begun = Instant::now();
        loop {
            let state = "SELECT CASE pg_get_wal_replay_pause_state() WHEN 'paused' THEN 1 ELSE 0 END::bigint";
            let (state,): (i64,) = sqlx::query_as(state).fetch_one(&mut self.0).await.unwrap();
            if on || state == 1 {
                return;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "replay does not pause");
        }
    }
}

impl Pair {
    /// Both hold one notice; `None` without a replica, which is said.
    pub(crate) async fn start() -> Option<Self> {
        let alone = ALONE.lock().await;
        let Ok(server) = env::var("TEST_REPLICA_URL") else {
            assert!(env::var_os("REQUIRE_POSTGRES").is_none(), "TEST_REPLICA_URL is not set");
            let text = b"NOT TESTED with a replica of PostgreSQL: TEST_REPLICA_URL is not set\n";
            std::io::stderr().write_all(text).unwrap();
            return None;
        };
        // A test that failed may have left it paused.
        Replica(connected(&server).await).replay(true).await;
        let place = Place::postgres().await?;
        let (writer, lease) = place.lead().await;
        writer.observe(&lease, &[hit(1)], at(0), Via::Current).await.unwrap();
        let base = server.rsplit_once('/').unwrap().0;
        let name = place.settings.url.rsplit_once('/').unwrap().1;
        let read_url = format!("{base}/{name}");
        let mut replica = Replica(connected(&read_url).await);
        replica.reaches(1).await;
        let settings = Settings { read_url: Some(read_url), ..place.settings.clone() };
        let reader = Store::open(&settings).await.unwrap();
        assert_eq!((reader.head().await.unwrap(), reader.replica_trouble()), (Seq(1), None));
        Some(Self { writer, lease, reader, replica, _place: place, _alone: alone })
    }

    /// Waits until what is read is as far.
    async fn reads_up_to(&self, seq: Seq) {
        until("read", || async { self.reader.head().await.unwrap() >= seq }).await;
    }

    /// Something happens to each of these, on the primary.
    async fn happens(&self, numbers: std::ops::Range<u32>) -> Seq {
        let hits: Vec<_> = numbers.map(hit).collect();
        self.writer.observe(&self.lease, &hits, at(0), Via::Current).await.unwrap();
        self.writer.head().await.unwrap()
    }
}

/// A connection to the replica, once it has the database.
async fn connected(url: &str) -> AnyConnection {
    let begun = Instant::now();
    loop {
        match url.parse::<AnyConnectOptions>().unwrap().connect().await {
            Ok(connection) => return connection,
            Err(error) => assert!(begun.elapsed() < Duration::from_secs(20), "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn until<F: Future<Output = bool>>(what: &str, met: impl Fn() -> F) {
    let begun = Instant::now();
    while !met().await {
        assert!(begun.elapsed() < Duration::from_mins(1), "not within a minute: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

struct Indexed {
    index: Arc<Index>,
    _dir: TempDir,
}

impl Indexed {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let settings = search::Settings { dir: dir.path().join("index"), memory: 16_000_000 };
        Self { index: Arc::new(Index::open(&settings).unwrap().0), _dir: dir }
    }

    async fn fill(&self, store: &Store) {
        search::fill(store.clone(), Arc::clone(&self.index)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_caller_has_seen_elsewhere_is_read_from_the_primary() {
    let Some(mut pair) = Pair::start().await else { return };
    pair.replica.replay(false).await;
    let head = pair.happens(2..6).await;
    assert_eq!(pair.reader.head().await.unwrap(), Seq(1), "the replica is read");
    assert_eq!(pair.reader.changes(Seq(0), &[], 10).await.unwrap().len(), 1);
    assert_eq!(pair.reader.notices(&[id(1), id(2)]).await.unwrap().len(), 1);
    assert_eq!(pair.reader.clone().for_writer().notices(&[id(1), id(2)]).await.unwrap().len(), 2);
    assert_eq!(pair.reader.head().await.unwrap(), Seq(1), "what a writer reads was not shown to anybody");
    // A cursor from another process, which reads the primary.
    assert_eq!(pair.reader.head_since(head).await.unwrap(), head);
    assert_eq!(pair.reader.head().await.unwrap(), head, "and it is not taken back");
    let told = pair.reader.changes(Seq(0), &[], 10).await.unwrap();
    assert_eq!(told.iter().map(|change| change.seq.0).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(pair.reader.notices(&[id(1), id(2)]).await.unwrap().len(), 2);
    pair.replica.replay(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_neither_jumps_over_changes_nor_forgets_while_the_replica_lags() {
    let Some(mut pair) = Pair::start().await else { return };
    let (behind, ahead) = (Indexed::new(), Indexed::new());
    behind.fill(&pair.reader).await;
    pair.replica.replay(false).await;
    let head = pair.happens(1..6).await;
    let text = fetched(1, document(UUID[0], None));
    pair.writer.keep_documents(&pair.lease, &[text], at(1)).await.unwrap();
    ahead.fill(&pair.writer).await;
    behind.fill(&pair.reader).await;
    assert_eq!(behind.index.position(), Seq(1), "it follows what can be read");
    assert!(ahead.index.position() > head);
    // An index that has followed the primary meets the replica.
    let before = ahead.index.digest().unwrap();
    ahead.fill(&pair.reader).await;
    assert_eq!(ahead.index.digest().unwrap(), before, "it was begun anew, or took in an older state");
    behind.fill(&pair.reader).await;
    assert_eq!(behind.index.digest().unwrap(), before);
    pair.replica.replay(true).await;
    behind.fill(&pair.reader).await;
    assert_eq!(behind.index.digest().unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_stays_behind_is_left_alone_until_it_has_caught_up() {
    let Some(mut pair) = Pair::start().await else { return };
    assert_eq!(pair.reader.replica_trouble(), None);
    pair.replica.replay(false).await;
    let head = pair.happens(2..6).await;
    pair.reads_up_to(head).await;
    let trouble = pair.reader.replica_trouble().unwrap();
    assert!(trouble.contains("s behind; the primary is read"), "{trouble}");
    pair.replica.replay(true).await;
    until("well", || async { pair.reader.replica_trouble().is_none() }).await;
    assert_eq!(pair.reader.head().await.unwrap(), head);
}
