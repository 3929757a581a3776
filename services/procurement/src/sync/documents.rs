//! Documents: one download for each new id, newest first.
//!
//! A download that fails is either that notice's fault (Doffin fails for some for ever) or everybody's. It is
//! the notice's if another succeeds meanwhile; only then it is parked, to be tried again after longer and
//! longer pauses.

use std::time::Duration;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::backoff::Backoff;
use super::listing;
use super::{Leader, Trouble};
use crate::domain::{NoticeId, Query};
use crate::eforms;
use crate::store::Fetched;
use crate::upstream::{Error, PageNumber, Urgency};

/// Documents in one transaction.
const BATCH: u32 = 40;

/// Downloads on their way at once: enough to use the budget when each takes a second.
const ABREAST: usize = 4;

/// How long one download may take, waiting for its turn and trying again included.
const PATIENCE: Duration = Duration::from_secs(90);

/// How often it is looked whether a document is wanted again, when nothing happens.
const LOOK: Duration = Duration::from_secs(30);

/// Times a download may fail for a notice before it is left alone.
const TRIES: u32 = 10;

/// Longest pauses: of a document that is not there yet, and of one that fails.
const LONGEST_LAG: Duration = Duration::from_hours(6);
const LONGEST_REST: Duration = Duration::from_hours(24);

/// A download that gave no document.
struct Failure {
    id: NoticeId,
    error: Error,
}

/// What came of downloads.
#[derive(Default)]
struct Batch {
    fetched: Vec<Fetched>,
    failures: Vec<Failure>,
    /// What says something about all downloads, not about one.
    halt: Option<Error>,
}

impl Leader<'_> {
    /// Fetches documents as they are wanted, until the lease is lost.
    pub(super) async fn fetch_documents(self) {
        if !self.worker.settings.documents {
            return std::future::pending().await;
        }
        let mut backoff = Backoff::new();
        let mut wakes = self.worker.store.wakes();
        let mut known = None;
        loop {
            match self.fetch_some(&mut known).await {
                Ok(0) => {
                    backoff.reset();
                    _ = timeout(LOOK, wakes.changed()).await;
                }
                Ok(_) => backoff.reset(),
                Err(trouble) if trouble.deposes() => return,
                Err(trouble) => sleep(self.worker.failed("documents", &trouble, &mut backoff)).await,
            }
        }
    }

    /// Fetches some of the documents wanted and gives how many were.
    async fn fetch_some(&self, known: &mut Option<NoticeId>) -> Result<usize, Trouble> {
        let worker = self.worker;
        let wanted = worker.store.wanted_documents(worker.clock.now(), BATCH).await?;
        if wanted.is_empty() {
            return self.read_anew().await;
        }
        self.fetch(&wanted, known).await?;
        Ok(wanted.len())
    }

    /// Reads some of the documents again that an earlier version of the parser read, and gives how many.
    async fn read_anew(&self) -> Result<usize, Trouble> {
        let worker = self.worker;
        let outdated = worker.store.outdated_documents(eforms::VERSION, BATCH).await?;
        let mut fetched = Vec::new();
        for id in outdated {
            if let Some(raw) = worker.store.document(&id).await? {
                fetched.push(read(id, raw).await);
            }
        }
        if !fetched.is_empty() {
            worker.store.keep_documents(self.lease, &fetched, worker.clock.now()).await?;
        }
        Ok(fetched.len())
    }

    /// Fetches the documents of these notices that are not here, once.
    pub(super) async fn fetch_missing(&self, ids: &[NoticeId]) -> Result<(), Trouble> {
        let mut known = None;
        for chunk in ids.chunks(BATCH as usize) {
            let stored = self.worker.store.notices(chunk).await?;
            let lacking = stored.iter().filter(|stored| !stored.has_document && stored.unreadable.is_none());
            let lacking: Vec<_> = lacking.map(|stored| stored.hit.id.clone()).collect();
            self.fetch(&lacking, &mut known).await?;
        }
        Ok(())
    }

    /// Fetches these documents; `known` is a notice whose document Doffin gave before.
    async fn fetch(&self, ids: &[NoticeId], known: &mut Option<NoticeId>) -> Result<(), Trouble> {
        let worker = self.worker;
        let batch = self.download(ids).await;
        if let Some(last) = batch.fetched.last() {
            *known = Some(last.id.clone());
            let kept = worker.store.keep_documents(self.lease, &batch.fetched, worker.clock.now()).await?;
            worker.board.documents(kept);
        }
        if let Some(error) = batch.halt {
            return Err(error.into());
        }
        let answered = |failure: &Failure| failure.error == Error::NotFound;
        let (missing, failed): (Vec<_>, Vec<_>) = batch.failures.into_iter().partition(answered);
        for failure in &missing {
            self.park(failure).await?;
        }
        if let Some(first) = failed.first() {
            if batch.fetched.is_empty() && !self.others_work(known.as_ref()).await {
                return Err(first.error.clone().into());
            }
            for failure in &failed {
                self.park(failure).await?;
            }
        }
        Ok(())
    }

    async fn download(&self, ids: &[NoticeId]) -> Batch {
        let mut batch = Batch::default();
        let mut left = ids.iter().cloned();
        let mut running = JoinSet::new();
        loop {
            while running.len() < ABREAST
                && batch.halt.is_none()
                && let Some(id) = left.next()
            {
                let doffin = std::sync::Arc::clone(&self.worker.doffin);
                running.spawn(async move {
                    let deadline = Instant::now() + PATIENCE;
                    match doffin.download_as(Urgency::Leftover, &id, deadline).await {
                        Ok(raw) => Ok(read(id, raw).await),
                        Err(error) => Err(Failure { id, error }),
                    }
                });
            }
            match running.join_next().await {
                None => return batch,
                Some(Ok(Ok(fetched))) => batch.fetched.push(fetched),
                Some(Ok(Err(Failure {
                    error: error @ (Error::Throttled { .. } | Error::KeyRefused),
                    ..
                }))) => {
                    batch.halt = Some(error);
                }
                Some(Ok(Err(failure))) => batch.failures.push(failure),
                Some(Err(error)) => tracing::error!(%error, "a download ended in a panic"),
            }
        }
    }

    /// Whether Doffin answers at all: a document it gave before, or else a search.
    async fn others_work(&self, known: Option<&NoticeId>) -> bool {
        let doffin = &self.worker.doffin;
        if let Some(id) = known {
            return doffin.download_as(Urgency::Leftover, id, Instant::now() + PATIENCE).await.is_ok();
        }
        listing::page(doffin, &Query::default(), PageNumber { size: 1, number: 1 }).await.is_ok()
    }

    /// Lets a notice's document rest. One that is listed comes at last; one that fails again and again, or
    /// is not listed and not there, is given up.
    async fn park(&self, failure: &Failure) -> Result<(), Trouble> {
        let worker = self.worker;
        let attempts = worker.store.attempts(&failure.id).await?;
        let lacking = failure.error == Error::NotFound;
        let listed = || async {
            let stored = worker.store.notices(std::slice::from_ref(&failure.id)).await?;
            Ok::<_, Trouble>(stored.first().is_some_and(|stored| stored.listed))
        };
        let goes_on = attempts + 1 < TRIES || (lacking && listed().await?);
        let longest = if lacking { LONGEST_LAG } else { LONGEST_REST };
        let pause = pause(worker.settings.document_rest, attempts, longest);
        let retry_at = goes_on.then(|| worker.clock.now().checked_add(pause).unwrap_or(Timestamp::MAX));
        let error = failure.error.to_string();
        worker.store.park(self.lease, &failure.id, &error, retry_at).await?;
        tracing::debug!(notice.id = %failure.id, error, attempts, ?retry_at, "a document did not come");
        Ok(())
    }
}

/// Three times as long each time, within limits.
fn pause(first: Duration, attempts: u32, longest: Duration) -> SignedDuration {
    let pause = first.saturating_mul(3_u32.saturating_pow(attempts.min(12))).min(longest);
    SignedDuration::try_from(pause).unwrap_or(SignedDuration::MAX)
}

async fn read(id: NoticeId, raw: Bytes) -> Fetched {
    let read = eforms::read(raw.clone()).await;
    Fetched { id, raw, read }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_limit() {
        let minute = Duration::from_mins(1);
        let pauses: Vec<_> = (0..TRIES).map(|tries| pause(minute, tries, LONGEST_REST).as_secs()).collect();
        assert_eq!(&pauses[..4], [60, 180, 540, 1620]);
        assert!(pauses.windows(2).all(|pair| pair[0] <= pair[1]));
        assert_eq!(pauses[9], 24 * 3600);
        assert_eq!(pause(minute, u32::MAX, LONGEST_LAG).as_secs(), 6 * 3600);
    }
}
