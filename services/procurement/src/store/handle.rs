//! The store as others hold it: each operation takes a connection, does its work, and says what went wrong.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Weak};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

use super::connection::{Connections, Reads};
use super::engine::{self, Engine};
use super::error::Fault;
use super::keep::Packed;
use super::observe::observe;
use super::replica::Trouble;
use super::sql::{Fields as _, Sql};
use super::write::Write;
use super::{Error, Fetched, Imported, Lease, Observed, Settings, Via, Window, keep, key, observe, work};
use crate::domain::{Hit, NoticeId, Seq};

/// How often commits of other processes are looked for.
const LOOK: Duration = Duration::from_secs(1);

/// The store; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    pub(super) inner: Arc<Inner>,
    pub(super) reads: Reads,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) engine: Arc<dyn Engine>,
    pub(super) connections: Connections,
    head: watch::Sender<Seq>,
}

impl Store {
    /// Opens the store, creates it if it is not there, and brings its schema up to date.
    pub(crate) async fn open(settings: &Settings) -> Result<Self, Error> {
        let engine = engine::of(settings)?;
        let connections = Connections::open(settings, &engine).await;
        let connections = connections.map_err(|fault| fault.told(|code| engine.meaning(code)))?;
        let head = watch::Sender::new(Seq(0));
        let inner = Arc::new(Inner { engine, connections, head });
        let store = Self { inner, reads: Reads::Shown };
        store.head().await?;
        tokio::spawn(look(Arc::downgrade(&store.inner)));
        Ok(store)
    }

    /// The same, for whoever writes: reads see everything that was written, which a replica may not have yet.
    pub(crate) fn for_writer(self) -> Self {
        Self { reads: Reads::Written, ..self }
    }

    pub(super) fn told(&self, fault: Fault) -> Error {
        fault.told(|code| self.inner.engine.meaning(code))
    }

    /// Takes the right to write; `None` while another process has it.
    pub(crate) async fn lead(&self) -> Result<Option<Lease>, Error> {
        let lease = async {
            let Some(claim) = self.inner.engine.claim().await? else { return Ok(None) };
            let mut connection = self.inner.connections.writer().await?;
            // Whoever had the right before writes nothing from here on.
            let sql = Sql::new("UPDATE feed SET epoch = epoch + 1 WHERE id = 1 RETURNING epoch");
            // To its end, because only that is the commit: with a row alone a full disk goes unnoticed.
            let row = sql.all(&mut connection).await?.pop();
            let epoch = row.ok_or_else(|| Fault::Data("there is no feed".to_owned()))?.int(0)?;
            Ok(Some(Lease { epoch, claim }))
        };
        lease.await.map_err(|fault| self.told(fault))
    }

    async fn write(&self, lease: &Lease, at: Timestamp) -> Result<Write, Error> {
        let write = async { Write::begin(self.inner.connections.writer().await?, lease, at).await };
        write.await.map_err(|fault| self.told(fault))
    }

    /// Commits what was done, or takes it back.
    async fn finish<T>(&self, write: Write, done: Result<T, Fault>) -> Result<(T, Seq), Error> {
        match done {
            Ok(value) => {
                let seq = write.commit().await.map_err(|fault| self.told(fault))?;
                if self.inner.connections.replica().is_none() {
                    self.inner.tell(seq);
                }
                Ok((value, seq))
            }
            Err(fault) => Err(self.told(write.roll_back(fault).await)),
        }
    }

    /// Stores hits: what is new, what differs, when they were last seen.
    pub(crate) async fn observe(
        &self,
        lease: &Lease,
        hits: &[Hit],
        at: Timestamp,
        via: Via,
    ) -> Result<Observed, Error> {
        let mut write = self.write(lease, at).await?;
        let done = observe(&mut write, hits.iter(), via, &HashSet::new()).await;
        let (observed, seq) = self.finish(write, done).await?;
        Ok(Observed { seq, ..observed })
    }

    /// Marks notices as no longer listed; gives how many were.
    pub(crate) async fn withdraw(
        &self,
        lease: &Lease,
        ids: &[NoticeId],
        at: Timestamp,
    ) -> Result<usize, Error> {
        let mut write = self.write(lease, at).await?;
        let keys: Vec<i64> = ids.iter().map(key::of).collect();
        let done = observe::withdraw(&mut write, &keys).await;
        Ok(self.finish(write, done).await?.0)
    }

    /// Keeps documents of notices that were observed; gives how many said something new.
    pub(crate) async fn keep_documents(
        &self,
        lease: &Lease,
        documents: &[Fetched],
        at: Timestamp,
    ) -> Result<usize, Error> {
        let raws = documents.iter().map(|document| document.raw.clone()).collect();
        let raws = keep::pack(raws).await.map_err(|fault| self.told(fault))?;
        let packed = documents.iter().zip(raws).map(|(document, raw)| Packed {
            id: &document.id,
            raw,
            read: document.read.as_ref().map_err(String::as_str),
        });
        let mut write = self.write(lease, at).await?;
        let done = keep::keep(&mut write, packed.collect(), &HashMap::new()).await;
        Ok(self.finish(write, done).await?.0)
    }

    /// Stores whole notices, hits and documents, in one transaction.
    pub(crate) async fn import(
        &self,
        lease: &Lease,
        notices: &[Imported],
        at: Timestamp,
    ) -> Result<Observed, Error> {
        let whole: Vec<_> = notices
            .iter()
            .filter_map(|notice| Some((&notice.hit.id, notice.raw.clone()?, notice.read.as_ref()?)))
            .collect();
        let raws = whole.iter().map(|(_, raw, _)| raw.clone()).collect();
        let raws = keep::pack(raws).await.map_err(|fault| self.told(fault))?;
        let readable: HashSet<i64> =
            whole.iter().filter(|(.., read)| read.is_ok()).map(|(id, ..)| key::of(id)).collect();
        let packed = whole.into_iter().zip(raws).map(|((id, _, read), raw)| Packed {
            id,
            raw,
            read: read.as_ref().map_err(String::as_str),
        });
        let packed: Vec<_> = packed.collect();
        let hits: HashMap<i64, &Hit> =
            notices.iter().map(|notice| (key::of(&notice.hit.id), &notice.hit)).collect();
        let mut write = self.write(lease, at).await?;
        let done = async {
            let hits_in_order = notices.iter().map(|notice| &notice.hit);
            let observed = observe(&mut write, hits_in_order, Via::Current, &readable).await?;
            keep::keep(&mut write, packed, &hits).await?;
            Ok(observed)
        };
        let done = done.await;
        let (observed, seq) = self.finish(write, done).await?;
        Ok(Observed { seq, ..observed })
    }

    /// Notes that a document did not come, and when to try again; never by itself without `retry_at`.
    pub(crate) async fn park(
        &self,
        lease: &Lease,
        id: &NoticeId,
        error: &str,
        retry_at: Option<Timestamp>,
    ) -> Result<(), Error> {
        let mut write = self.write(lease, Timestamp::now()).await?;
        let done = work::park(&mut write, id, error, retry_at).await;
        self.finish(write, done).await.map(drop)
    }

    /// Writes how far a window is held.
    pub(crate) async fn close_window(&self, lease: &Lease, window: &Window) -> Result<(), Error> {
        let mut write = self.write(lease, window.checked_at).await?;
        let done = work::close_window(&mut write, window).await;
        self.finish(write, done).await.map(drop)
    }

    /// Keeps a small fact of the sync worker.
    pub(crate) async fn set_state(&self, lease: &Lease, key: &str, value: &str) -> Result<(), Error> {
        let mut write = self.write(lease, Timestamp::now()).await?;
        let done = work::set_state(&mut write, key, value).await;
        self.finish(write, done).await.map(drop)
    }

    /// The feed's last position that can be read: the receiver is told when it moves.
    pub(crate) fn wakes(&self) -> watch::Receiver<Seq> {
        self.inner.head.subscribe()
    }

    /// What is wrong with the replica, if there is one and something is, in words that can be shown.
    pub(crate) fn replica_trouble(&self) -> Option<String> {
        let replica = self.inner.connections.replica()?;
        Some(match replica.trouble()? {
            Trouble::Gone => "the store's replica does not answer; the primary is read instead".to_owned(),
            Trouble::Late => format!(
                "the store's replica is {} s behind; the primary is read instead",
                replica.lag().as_secs()
            ),
        })
    }

    /// Ends all connections, once what they do is done.
    pub(crate) async fn close(&self) {
        self.inner.connections.close().await;
    }
}

impl Inner {
    /// The feed's last position that anybody here was shown.
    pub(super) fn shown(&self) -> Seq {
        *self.head.borrow()
    }

    /// Something was shown up to a position.
    pub(super) fn tell(&self, seq: Seq) {
        self.head.send_if_modified(|head| {
            let moves = *head < seq;
            *head = seq.max(*head);
            moves
        });
    }
}

/// Looks for commits of other processes, and for the replica, as long as the store is in use.
async fn look(store: Weak<Inner>) {
    loop {
        tokio::time::sleep(LOOK).await;
        let Some(inner) = store.upgrade() else { return };
        inner.connections.look_at_replica(inner.shown()).await;
        // Whoever reads next hears of the failure.
        drop(Store { inner, reads: Reads::Shown }.head().await);
    }
}
