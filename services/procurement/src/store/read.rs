//! The store's reading side.

use std::collections::HashMap;
use std::path::Path;

use bytes::Bytes;
use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::Any;
use sqlx::pool::PoolConnection;

use super::connection::Reads;
use super::error::Fault;
use super::handle::Store;
use super::{Counts, Error, Linked, Listed, Profile, Window, notices, profile, timeline, work};
use crate::domain::{Change, ChangeKind, Hit, NoticeId, OrgNumber, Organization, Seq, Stored};
use crate::search::Entry;

/// Reading. A failure says what the caller can do; a read is never half done.
impl Store {
    async fn reader(&self) -> Result<PoolConnection<Any>, Error> {
        self.reader_of(Reads::Shown).await
    }

    async fn reader_of(&self, least: Reads) -> Result<PoolConnection<Any>, Error> {
        let reads = self.reads.max(least);
        let connection = self.inner.connections.reader(reads, self.inner.shown()).await;
        connection.map_err(|fault| self.told(fault))
    }

    /// Notes up to where something is shown.
    fn show(&self, seq: Seq) -> Seq {
        if self.reads != Reads::Written {
            self.inner.tell(seq);
        }
        seq
    }

    /// A small fact of the sync worker.
    pub(crate) async fn state(&self, key: &str) -> Result<Option<String>, Error> {
        let mut connection = self.reader().await?;
        work::state(&mut connection, key).await.map_err(|fault| self.told(fault))
    }

    /// Notices without a document that is not to be waited for, newest first.
    pub(crate) async fn wanted_documents(&self, now: Timestamp, limit: u32) -> Result<Vec<NoticeId>, Error> {
        let mut connection = self.reader().await?;
        work::wanted_documents(&mut connection, now, limit).await.map_err(|fault| self.told(fault))
    }

    /// Listed notices issued on these days, UTC, both inclusive.
    pub(crate) async fn listed_in(&self, from: Date, to: Date) -> Result<Vec<NoticeId>, Error> {
        let mut connection = self.reader().await?;
        work::listed_in(&mut connection, from, to).await.map_err(|fault| self.told(fault))
    }

    /// Listed notices to which Doffin gives a status.
    pub(crate) async fn listed_with_status(&self, status: &str) -> Result<Vec<NoticeId>, Error> {
        let mut connection = self.reader().await?;
        work::listed_with_status(&mut connection, status).await.map_err(|fault| self.told(fault))
    }

    /// Windows, by their days.
    pub(crate) async fn windows(&self) -> Result<Vec<Window>, Error> {
        let mut connection = self.reader().await?;
        work::windows(&mut connection).await.map_err(|fault| self.told(fault))
    }

    /// Documents that an earlier version of the parser read.
    pub(crate) async fn outdated_documents(&self, parser: i64, limit: u32) -> Result<Vec<NoticeId>, Error> {
        let mut connection = self.reader().await?;
        work::outdated_documents(&mut connection, parser, limit).await.map_err(|fault| self.told(fault))
    }

    /// Notices in the order asked for; unknown ones are left out.
    pub(crate) async fn notices(&self, ids: &[NoticeId]) -> Result<Vec<Stored>, Error> {
        let mut connection = self.reader().await?;
        notices::notices(&mut connection, ids).await.map_err(|fault| self.told(fault))
    }

    /// Winners of notices, in their documents' order; notices without any are left out.
    pub(crate) async fn winners(
        &self,
        ids: &[NoticeId],
    ) -> Result<HashMap<NoticeId, Vec<Organization>>, Error> {
        let mut connection = self.reader().await?;
        notices::winners(&mut connection, ids).await.map_err(|fault| self.told(fault))
    }

    /// Notices for the index, in the order asked for; unknown ones are left out. As they were at all changes
    /// shown so far, or later: an older state would stay in the index.
    pub(crate) async fn entries(&self, ids: &[NoticeId]) -> Result<Vec<Entry>, Error> {
        let mut connection = self.reader_of(Reads::AllShown).await?;
        notices::entries(&mut connection, ids).await.map_err(|fault| self.told(fault))
    }

    /// A notice's XML, byte for byte.
    pub(crate) async fn document(&self, id: &NoticeId) -> Result<Option<Bytes>, Error> {
        let mut connection = self.reader().await?;
        notices::document(&mut connection, id).await.map_err(|fault| self.told(fault))
    }

    /// Changes after a position, in order; of all kinds when none is given.
    pub(crate) async fn changes(
        &self,
        after: Seq,
        kinds: &[ChangeKind],
        limit: u32,
    ) -> Result<Vec<Change>, Error> {
        let mut connection = self.reader_of(Reads::AllShown).await?;
        let changes = notices::changes(&mut connection, None, after, kinds, limit).await;
        self.shown(changes)
    }

    /// Changes of one notice after a position, in order; of all kinds when none is given.
    pub(crate) async fn changes_of(
        &self,
        id: &NoticeId,
        after: Seq,
        kinds: &[ChangeKind],
        limit: u32,
    ) -> Result<Vec<Change>, Error> {
        let mut connection = self.reader_of(Reads::AllShown).await?;
        let changes = notices::changes(&mut connection, Some(id), after, kinds, limit).await;
        self.shown(changes)
    }

    /// Changes on their way out: whoever saw one finds its notice as it was then, or later.
    fn shown(&self, changes: Result<Vec<Change>, Fault>) -> Result<Vec<Change>, Error> {
        let changes = changes.map_err(|fault| self.told(fault))?;
        if let Some(last) = changes.last() {
            self.show(last.seq);
        }
        Ok(changes)
    }

    /// How often fetching a notice's document has failed.
    pub(crate) async fn attempts(&self, id: &NoticeId) -> Result<u32, Error> {
        let mut connection = self.reader().await?;
        work::attempts(&mut connection, id).await.map_err(|fault| self.told(fault))
    }

    /// The feed's last position that can be read.
    pub(crate) async fn head(&self) -> Result<Seq, Error> {
        let mut connection = self.reader().await?;
        let head = notices::head(&mut connection).await.map_err(|fault| self.told(fault))?;
        Ok(self.show(head))
    }

    /// The feed's last position, for somebody who has been at one before, here or at another replica: it is less
    /// only if the store is another.
    pub(crate) async fn head_since(&self, before: Seq) -> Result<Seq, Error> {
        let head = self.head().await?;
        if head >= before || self.inner.connections.replica().is_none() {
            return Ok(head);
        }
        let mut connection = self.reader_of(Reads::Written).await?;
        let head = notices::head(&mut connection).await.map_err(|fault| self.told(fault))?;
        Ok(self.show(head))
    }

    /// Notices that hang together with this one, by publication date, each with the rule it was found by: `self`,
    /// `procedure`, `changes`, `modifies`, `previous`.
    pub(crate) async fn timeline(&self, id: &NoticeId) -> Result<Vec<(NoticeId, String)>, Error> {
        let mut connection = self.reader().await?;
        timeline::timeline(&mut connection, id).await.map_err(|fault| self.told(fault))
    }

    /// References from a notice and to it.
    pub(crate) async fn links(&self, id: &NoticeId) -> Result<Vec<Linked>, Error> {
        let mut connection = self.reader().await?;
        timeline::links(&mut connection, id).await.map_err(|fault| self.told(fault))
    }

    /// An organisation, if any notice names it.
    pub(crate) async fn organization(&self, number: &OrgNumber) -> Result<Option<Profile>, Error> {
        let mut connection = self.reader().await?;
        profile::organization(&mut connection, number).await.map_err(|fault| self.told(fault))
    }

    /// Organisations by how a word of their name begins, or their number; most notices first.
    pub(crate) async fn organizations(&self, beginning: &str, limit: u32) -> Result<Vec<Listed>, Error> {
        let mut connection = self.reader().await?;
        profile::organizations(&mut connection, beginning, limit).await.map_err(|fault| self.told(fault))
    }

    /// Former hits of a notice, oldest first, each with when it was replaced.
    #[cfg_attr(not(test), expect(dead_code, reason = "former states are kept; no call shows them yet"))]
    pub(crate) async fn versions(&self, id: &NoticeId) -> Result<Vec<(Timestamp, Hit)>, Error> {
        let mut connection = self.reader().await?;
        notices::versions(&mut connection, id).await.map_err(|fault| self.told(fault))
    }

    /// How much there is.
    pub(crate) async fn facts(&self) -> Result<Counts, Error> {
        let mut connection = self.reader().await?;
        work::counts(&mut connection, self.inner.engine.size()).await.map_err(|fault| self.told(fault))
    }

    /// The name each organisation uses most.
    pub(crate) async fn names(&self, numbers: &[OrgNumber]) -> Result<HashMap<OrgNumber, String>, Error> {
        let mut connection = self.reader().await?;
        profile::names(&mut connection, numbers).await.map_err(|fault| self.told(fault))
    }

    /// Copies a SQLite database as it is at this moment to a file that is not there yet, durably.
    pub(crate) async fn copy_to(&self, path: &Path) -> Result<(), Error> {
        self.inner.engine.copy_to(path).await.map_err(|fault| self.told(fault))
    }
}
