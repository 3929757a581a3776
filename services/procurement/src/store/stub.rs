//! The interface, before its bodies.

use std::collections::HashMap;
use std::path::Path;

use bytes::Bytes;
use jiff::Timestamp;
use jiff::civil::Date;
use tokio::sync::watch;

use super::{Counts, Error, Fetched, Imported, Linked, Listed, Observed, Profile, Settings, Via, Window};
use crate::domain::{Change, ChangeKind, Hit, NoticeId, OrgNumber, Seq, Stored};
use crate::search::Entry;

#[derive(Debug, Clone)]
pub(crate) struct Store;

#[derive(Debug)]
pub(crate) struct Lease;

impl Lease {
    pub(crate) async fn held(&self) {
        std::future::pending::<()>().await;
    }
}

fn later<T>() -> Result<T, Error> {
    Err(Error::Broken("not written yet".to_owned()))
}

#[expect(clippy::unused_async, clippy::unused_self, reason = "the bodies come next")]
impl Store {
    pub(crate) async fn open(_: &Settings) -> Result<Store, Error> {
        later()
    }

    pub(crate) async fn lead(&self) -> Result<Option<Lease>, Error> {
        later()
    }

    pub(crate) async fn observe(
        &self,
        _: &Lease,
        _: &[Hit],
        _: Timestamp,
        _: Via,
    ) -> Result<Observed, Error> {
        later()
    }

    pub(crate) async fn withdraw(&self, _: &Lease, _: &[NoticeId], _: Timestamp) -> Result<usize, Error> {
        later()
    }

    pub(crate) async fn keep_documents(
        &self,
        _: &Lease,
        _: &[Fetched],
        _: Timestamp,
    ) -> Result<usize, Error> {
        later()
    }

    pub(crate) async fn import(&self, _: &Lease, _: &[Imported], _: Timestamp) -> Result<Observed, Error> {
        later()
    }

    pub(crate) async fn park(
        &self,
        _: &Lease,
        _: &NoticeId,
        _: &str,
        _: Option<Timestamp>,
    ) -> Result<(), Error> {
        later()
    }

    pub(crate) async fn attempts(&self, _: &NoticeId) -> Result<u32, Error> {
        later()
    }

    pub(crate) async fn close_window(&self, _: &Lease, _: &Window) -> Result<(), Error> {
        later()
    }

    pub(crate) async fn set_state(&self, _: &Lease, _: &str, _: &str) -> Result<(), Error> {
        later()
    }

    pub(crate) async fn state(&self, _: &str) -> Result<Option<String>, Error> {
        later()
    }

    pub(crate) async fn wanted_documents(&self, _: Timestamp, _: u32) -> Result<Vec<NoticeId>, Error> {
        later()
    }

    pub(crate) async fn listed_in(&self, _: Date, _: Date) -> Result<Vec<NoticeId>, Error> {
        later()
    }

    pub(crate) async fn listed_with_status(&self, _: &str) -> Result<Vec<NoticeId>, Error> {
        later()
    }

    pub(crate) async fn windows(&self) -> Result<Vec<Window>, Error> {
        later()
    }

    pub(crate) async fn outdated_documents(&self, _: i64, _: u32) -> Result<Vec<NoticeId>, Error> {
        later()
    }

    pub(crate) async fn notices(&self, _: &[NoticeId]) -> Result<Vec<Stored>, Error> {
        later()
    }

    pub(crate) async fn entries(&self, _: &[NoticeId]) -> Result<Vec<Entry>, Error> {
        later()
    }

    pub(crate) async fn document(&self, _: &NoticeId) -> Result<Option<Bytes>, Error> {
        later()
    }

    pub(crate) async fn changes(&self, _: Seq, _: &[ChangeKind], _: u32) -> Result<Vec<Change>, Error> {
        later()
    }

    pub(crate) async fn changes_of(
        &self,
        _: &NoticeId,
        _: Seq,
        _: &[ChangeKind],
        _: u32,
    ) -> Result<Vec<Change>, Error> {
        later()
    }

    pub(crate) async fn head(&self) -> Result<Seq, Error> {
        later()
    }

    pub(crate) async fn timeline(&self, _: &NoticeId) -> Result<Vec<(NoticeId, String)>, Error> {
        later()
    }

    pub(crate) async fn links(&self, _: &NoticeId) -> Result<Vec<Linked>, Error> {
        later()
    }

    pub(crate) async fn organization(&self, _: &OrgNumber) -> Result<Option<Profile>, Error> {
        later()
    }

    pub(crate) async fn organizations(&self, _: &str, _: u32) -> Result<Vec<Listed>, Error> {
        later()
    }

    pub(crate) async fn versions(&self, _: &NoticeId) -> Result<Vec<(Timestamp, Hit)>, Error> {
        later()
    }

    pub(crate) async fn facts(&self) -> Result<Counts, Error> {
        later()
    }

    pub(crate) async fn ping(&self) -> Result<(), Error> {
        later()
    }

    pub(crate) async fn names(&self, _: &[OrgNumber]) -> Result<HashMap<OrgNumber, String>, Error> {
        later()
    }

    pub(crate) async fn copy_to(&self, _: &Path) -> Result<(), Error> {
        later()
    }

    pub(crate) fn wakes(&self) -> watch::Receiver<Seq> {
        watch::channel(Seq(0)).1
    }
}
