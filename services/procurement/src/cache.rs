//! Answers of Doffin, kept for a moment to be given again and for an hour to be given when Doffin fails.

mod shared;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use moka::future::Cache;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use tokio::time::Instant;

use self::shared::Shared;
use crate::domain::NoticeId;
use crate::upstream::{Error, Page};

/// How long an answer may stand in for one that Doffin does not give.
const STALE: Duration = Duration::from_hours(1);

/// Bytes of an answer that count as one entry.
const ENTRY: usize = 64 << 10;

/// Bytes of documents kept, and how long.
const DOCUMENTS: u64 = 64 << 20;
const DOCUMENT_TTL: Duration = Duration::from_mins(10);

/// Pages of hits.
#[derive(Debug)]
pub(crate) struct Pages {
    fresh: Shared<String, Arc<Page>>,
    kept: Cache<String, Arc<Page>>,
    outcomes: Family<Outcome, Counter>,
}

/// A page, and whether it stands in for one that Doffin did not give.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// The page.
    pub(crate) page: Arc<Page>,
    /// Whether Doffin failed to give a newer one.
    pub(crate) stale: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

impl Pages {
    /// An empty cache that gives an answer again for `ttl`.
    pub(crate) fn new(ttl: Duration, entries: u64, metrics: &runtime::Metrics) -> Self {
        let cache = |ttl| {
            let weight =
                |_: &String, page: &Arc<Page>| u32::try_from(page.size / ENTRY + 1).unwrap_or(u32::MAX);
            Cache::builder().max_capacity(entries).weigher(weight).time_to_live(ttl).build()
        };
        Self {
            fresh: Shared::new(cache(ttl)),
            kept: cache(STALE.max(ttl)),
            outcomes: metrics.register(
                "search_cache",
                "Pages of hits by where they came from: kept (hit), Doffin (miss), kept because Doffin failed (stale)",
                Family::default(),
            ),
        }
    }

    /// The page under a key. Whoever asks first fetches it, everybody who asks meanwhile waits for that.
    pub(crate) async fn get<F>(
        &self,
        key: String,
        deadline: Instant,
        fetch: impl Fn() -> F,
    ) -> Result<Found, Error>
    where
        F: Future<Output = Result<Page, Error>> + Send,
    {
        let fetch_and_keep = || async {
            let page = Arc::new(fetch().await?);
            self.kept.insert(key.clone(), Arc::clone(&page)).await;
            Ok(page)
        };
        match self.fresh.get(&key, deadline, fetch_and_keep).await {
            Ok((page, fetched)) => {
                self.count(if fetched { "miss" } else { "hit" });
                Ok(Found { page, stale: false })
            }
            Err(error) => {
                let Some(page) = self.kept.get(&key).await else { return Err(error) };
                tracing::warn!(%error, as_of = %page.as_of, "doffin failed; an older answer is given");
                self.count("stale");
                Ok(Found { page, stale: true })
            }
        }
    }

    fn count(&self, outcome: &'static str) {
        self.outcomes.get_or_create(&Outcome { outcome }).inc();
    }
}

/// Documents, which never change once published.
#[derive(Debug)]
pub(crate) struct Documents(Shared<NoticeId, Bytes>);

impl Documents {
    /// An empty cache.
    pub(crate) fn new() -> Self {
        let weight = |_: &NoticeId, document: &Bytes| u32::try_from(document.len()).unwrap_or(u32::MAX);
        let cache = Cache::builder().max_capacity(DOCUMENTS).weigher(weight).time_to_live(DOCUMENT_TTL);
        Self(Shared::new(cache.build()))
    }

    /// A notice's document. Whoever asks first fetches it, everybody who asks meanwhile waits for that.
    pub(crate) async fn get<F>(
        &self,
        id: &NoticeId,
        deadline: Instant,
        fetch: impl Fn() -> F,
    ) -> Result<Bytes, Error>
    where
        F: Future<Output = Result<Bytes, Error>> + Send,
    {
        self.0.get(id, deadline, fetch).await.map(|(document, _)| document)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use jiff::Timestamp;

    use super::*;

    fn pages(ttl: Duration) -> (Pages, runtime::Metrics) {
        let metrics = runtime::Metrics::new("test", "0");
        (Pages::new(ttl, 10, &metrics), metrics)
    }

    fn page() -> Page {
        Page { hits: Vec::new(), total: 0, accessible: 0, unreadable: 0, as_of: Timestamp::now(), size: 0 }
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(5)
    }

    #[tokio::test]
    async fn those_who_ask_meanwhile_share_one_fetch() {
        let (pages, metrics) = pages(Duration::from_mins(1));
        let (fetches, gate) = (AtomicU32::new(0), tokio::sync::Semaphore::new(0));
        let get = || {
            pages.get("k".into(), soon(), || async {
                fetches.fetch_add(1, Ordering::Relaxed);
                let _permit = gate.acquire().await;
                Ok(page())
            })
        };
        let open = async { gate.add_permits(1) };
        let (a, b, c, ()) = tokio::join!(get(), get(), get(), open);
        assert!(a.is_ok() && b.is_ok() && c.is_ok());
        assert_eq!(fetches.load(Ordering::Relaxed), 1);
        let text = metrics.text();
        assert!(text.contains("search_cache_total{outcome=\"miss\"} 1"), "{text}");
        assert!(text.contains("search_cache_total{outcome=\"hit\"} 2"), "{text}");
    }

    #[tokio::test]
    async fn an_expired_page_stands_in_when_the_fetch_fails() {
        let (pages, metrics) = pages(Duration::ZERO);
        let first = pages.get("k".into(), soon(), || async { Ok(page()) }).await.unwrap();
        let second = pages.get("k".into(), soon(), || async { Err(Error::KeyRefused) }).await.unwrap();
        assert!(second.stale && !first.stale);
        assert_eq!(second.page.as_of, first.page.as_of);
        assert!(metrics.text().contains("search_cache_total{outcome=\"stale\"} 1"));
        let other = pages.get("other".into(), soon(), || async { Err(Error::KeyRefused) }).await;
        assert_eq!(other.unwrap_err(), Error::KeyRefused);
    }

    #[tokio::test]
    async fn those_who_ask_for_one_document_share_one_fetch() {
        let (documents, id) = (Documents::new(), NoticeId::parse("2026-112546").unwrap());
        let (fetches, gate) = (AtomicU32::new(0), tokio::sync::Semaphore::new(0));
        let get = || {
            documents.get(&id, soon(), || async {
                fetches.fetch_add(1, Ordering::Relaxed);
                let _permit = gate.acquire().await;
                Ok(Bytes::from_static(b"<a/>"))
            })
        };
        let open = async { gate.add_permits(1) };
        let (a, b, c, ()) = tokio::join!(get(), get(), get(), open);
        assert!([a, b, c].iter().all(|got| got.as_deref() == Ok(b"<a/>")));
        assert_eq!(fetches.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_document_that_could_not_be_had_is_asked_for_again() {
        let (documents, id) = (Documents::new(), NoticeId::parse("2026-112546").unwrap());
        for error in [Error::NotFound, Error::Timeout] {
            let failed = documents.get(&id, soon(), || async { Err(error.clone()) }).await;
            assert_eq!(failed.unwrap_err(), error);
        }
        let gate = tokio::sync::Notify::new();
        let hasty = documents.get(&id, soon(), || async {
            gate.notified().await;
            Err(Error::Timeout)
        });
        let patient = documents.get(&id, soon(), || async { Ok(Bytes::from_static(b"<a/>")) });
        let open = async { gate.notify_one() };
        let (hasty, patient, ()) = tokio::join!(hasty, patient, open);
        assert_eq!(hasty.unwrap_err(), Error::Timeout);
        assert_eq!(patient.as_deref(), Ok(&b"<a/>"[..]));
    }

    #[tokio::test]
    async fn a_hasty_caller_does_not_take_a_patient_one_down() {
        let (pages, _) = pages(Duration::from_mins(1));
        let gate = tokio::sync::Notify::new();
        let hasty = pages.get("k".into(), soon(), || async {
            gate.notified().await;
            Err(Error::Timeout)
        });
        let patient = pages.get("k".into(), soon(), || async { Ok(page()) });
        let open = async { gate.notify_one() };
        let (hasty, patient, ()) = tokio::join!(hasty, patient, open);
        assert_eq!(hasty.unwrap_err(), Error::Timeout);
        assert!(patient.is_ok());
    }

    #[tokio::test]
    async fn a_caller_whose_time_is_up_does_not_wait_for_another_s_fetch() {
        let (pages, _) = pages(Duration::from_mins(1));
        let waiting = pages.get("k".into(), Instant::now(), std::future::pending);
        assert_eq!(waiting.await.unwrap_err(), Error::Timeout);
    }
}
