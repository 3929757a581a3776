//! A write: one transaction, fenced, with the changes it tells and the counts it moves.

use std::time::Duration;

use jiff::Timestamp;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection};
use tokio::time::timeout;

use super::error::Fault;
use super::key;
use super::lease::Lease;
use super::sql::{Cell, Fields as _, Rows, Sql};
use crate::domain::{ChangeKind, Seq};

/// How long a connection may take to close.
const PATIENCE: Duration = Duration::from_secs(5);

/// A transaction that writes. Dropped without [`commit`](Self::commit) it leaves nothing behind.
pub(super) struct Write {
    connection: Option<PoolConnection<Any>>,
    is_open: bool,
    epoch: i64,
    head: i64,
    changes: Rows,
    /// When it happens.
    pub(super) at: i64,
    /// What it adds to the counts.
    pub(super) tally: Tally,
}

/// What a write adds to the counts.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) notices: i64,
    pub(super) listed: i64,
    pub(super) documents: i64,
    pub(super) unreadable: i64,
}

/// What a change says besides its kind and notice.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) subject: Option<String>,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
}

impl Told {
    pub(super) fn subject(subject: impl Into<String>) -> Self {
        Self { subject: Some(subject.into()), ..Self::default() }
    }
}

impl Write {
    /// Begins, if the lease is still held. Writers wait for each other here, so positions in the feed are given
    /// out in the order of commits.
    pub(super) async fn begin(
        connection: PoolConnection<Any>,
        lease: &Lease,
        at: Timestamp,
    ) -> Result<Self, Fault> {
        let changes =
            Rows::new("change (seq, kind, notice, seen_at, subject, before_value, after_value)", "");
        let mut write = Self {
            connection: Some(connection),
            is_open: false,
            epoch: lease.epoch,
            head: 0,
            changes,
            at: key::micros(at),
            tally: Tally::default(),
        };
        let fence = write.fence().await;
        match fence {
            Ok(head) => {
                write.head = head;
                Ok(write)
            }
            Err(fault) => Err(write.roll_back(fault).await),
        }
    }

    async fn fence(&mut self) -> Result<i64, Fault> {
        let epoch = self.epoch;
        self.is_open = true;
        let connection = self.connection()?;
        sqlx::raw_sql("BEGIN").execute(&mut *connection).await?;
        let sql = Sql::new("UPDATE feed SET epoch = epoch WHERE id = 1 AND epoch = ").bind(epoch);
        let row = sql.text(" RETURNING head").first(connection).await?;
        row.ok_or(Fault::Deposed)?.int(0)
    }

    /// The connection, within the transaction.
    pub(super) fn connection(&mut self) -> Result<&mut AnyConnection, Fault> {
        self.connection.as_deref_mut().ok_or_else(|| sqlx::Error::WorkerCrashed.into())
    }

    /// Tells a change in the feed.
    pub(super) fn tell(&mut self, kind: ChangeKind, notice: i64, told: Told) -> Seq {
        self.head += 1;
        let Told { subject, before, after } = told;
        self.changes.add([
            self.head.into(),
            kind.as_str().into(),
            notice.into(),
            self.at.into(),
            subject.into(),
            before.into(),
            after.into(),
        ]);
        Seq(self.head)
    }

    /// Makes it durable; gives the feed's last position.
    pub(super) async fn commit(mut self) -> Result<Seq, Fault> {
        match self.finish().await {
            Ok(()) => Ok(Seq(self.head)),
            Err(fault) => Err(self.roll_back(fault).await),
        }
    }

    async fn finish(&mut self) -> Result<(), Fault> {
        let changes = std::mem::replace(&mut self.changes, Rows::new("change (seq)", ""));
        let (head, epoch) = (self.head, self.epoch);
        let Tally { notices, listed, documents, unreadable } = self.tally;
        let connection = self.connection()?;
        if !changes.is_empty() || [notices, listed, documents, unreadable] != [0; 4] {
            changes.insert(connection).await?;
            let columns: [(&str, Cell); 4] = [
                (", notices = notices + ", notices.into()),
                (", listed = listed + ", listed.into()),
                (", documents = documents + ", documents.into()),
                (", unreadable = unreadable + ", unreadable.into()),
            ];
            let sql = Sql::new("UPDATE feed SET head = ").bind(head);
            let sql = columns.into_iter().fold(sql, |sql, (text, cell)| sql.text(text).bind(cell));
            let updated = sql.text(" WHERE id = 1 AND epoch = ").bind(epoch).run(connection).await?;
            if updated != 1 {
                return Err(Fault::Deposed);
            }
        }
        sqlx::raw_sql("COMMIT").execute(&mut *connection).await?;
        self.is_open = false;
        Ok(())
    }

    /// Takes it back, by closing the connection: after some failures the database has ended the transaction by
    /// itself, and the library does not know.
    pub(super) async fn roll_back(mut self, fault: Fault) -> Fault {
        self.is_open = false;
        if let Some(connection) = self.connection.take() {
            drop(timeout(PATIENCE, connection.close()).await);
        }
        fault
    }
}

impl Drop for Write {
    fn drop(&mut self) {
        // A transaction within which its caller gave up: the connection goes, and it with it.
        if let Some(connection) = self.connection.take().filter(|_| self.is_open) {
            drop(connection.detach());
        }
    }
}
