//! Doffin's public API v2, as it really behaves.
//!
//! ```text
//! search(Query), download(NoticeId) ─▶ retry ─▶ pace (one budget for both) ─▶ exchange (one HTTP request) ─▶ Doffin
//!                                        ▲                                        │
//!                       verdict of each answer: use, wait, again, give up ◀── body, capped
//! ```
//!
//! The key is sent as a header only, and no text that leaves this module holds it.

mod exchange;
mod json;
mod metrics;
mod pace;
mod params;
mod record;
mod retry;
mod verdict;
mod wire;

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use secrecy::SecretString;
use tokio::time::Instant;
use url::Url;

use crate::domain::{Hit, NoticeId, Query};

pub(crate) use exchange::base;
pub(crate) use record::Seen;

/// Reads a page of hits as Doffin sends it; whether it is one. For tests that break pages.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn is_page(body: &[u8]) -> bool {
    let envelope: Result<wire::Envelope, _> = json::read(body, &mut || ());
    envelope.is_ok_and(|envelope| envelope.page(Timestamp::UNIX_EPOCH, body.len()).is_some())
}

/// How long a call without a deadline may take, waiting and trying again included.
const PATIENCE: Duration = Duration::from_secs(30);

/// When the caller of the current request stops waiting, less what our own answer needs.
pub(crate) fn deadline() -> Instant {
    let asked = runtime::Context::current().and_then(|context| context.deadline);
    Instant::now() + asked.map_or(PATIENCE, runtime::context::time_before)
}

/// Why Doffin did not answer. The text of each is safe to show; `detail` is for logs alone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// Doffin may not be asked yet, and the caller does not wait that long.
    #[error("too many requests")]
    Throttled {
        /// When it may.
        retry_after: Duration,
    },
    /// Our key is missing, wrong or revoked.
    #[error("our key was refused")]
    KeyRefused,
    /// No answer before the deadline.
    #[error("no answer in time")]
    Timeout,
    /// No such notice or document.
    #[error("not found")]
    NotFound,
    /// Doffin does not take what we send.
    #[error("our request was refused with status {status}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// What Doffin said about it.
        detail: String,
    },
    /// Doffin fails, cannot be reached, or answers something unreadable.
    #[error("{what}")]
    Failed {
        /// What happened, in a few words without addresses.
        what: String,
        /// The cause.
        detail: String,
    },
}

/// Settings of the client.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Base URL, as [`base`] reads it.
    pub(crate) base: Url,
    /// Subscription key.
    pub(crate) key: SecretString,
    /// How long one request may take.
    pub(crate) timeout: Duration,
    /// Requests a second.
    pub(crate) rate: f64,
}

/// One of Doffin's pages of hits.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Page {
    /// The hits.
    pub(crate) hits: Vec<std::sync::Arc<Hit>>,
    /// How many match in all.
    pub(crate) total: u32,
    /// How many of them Doffin gives.
    pub(crate) accessible: u32,
    /// How many hits could not be read.
    pub(crate) unreadable: usize,
    /// When Doffin answered.
    pub(crate) as_of: Timestamp,
    /// Bytes of the answer.
    pub(crate) size: usize,
}

/// Which of Doffin's pages: `size` at most 100, `number` from 1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PageNumber {
    /// Hits on a page.
    pub(crate) size: u32,
    /// Number of the page.
    pub(crate) number: u32,
}

/// The two things Doffin can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Endpoint {
    Search,
    Download,
}

impl Endpoint {
    fn name(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::Download => "download",
        }
    }
}

/// Whether somebody waits for the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Urgency {
    /// A caller of ours does.
    Awaited,
    /// Nobody does; callers go first.
    Leftover,
}

/// A client of Doffin.
pub(crate) struct Doffin {
    exchange: exchange::Exchange,
    pace: pace::Pace,
    record: record::Record,
    metrics: metrics::Metrics,
    base: Url,
    unfiltered_total: AtomicU32,
}

impl fmt::Debug for Doffin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Doffin").finish_non_exhaustive()
    }
}

impl Doffin {
    /// Builds a client; nothing is asked yet.
    pub(crate) fn new(
        settings: &Settings,
        metrics: &runtime::Metrics,
    ) -> Result<Self, runtime::config::Error> {
        Ok(Self {
            exchange: exchange::Exchange::new(settings)?,
            pace: pace::Pace::new(settings.rate),
            record: record::Record::default(),
            metrics: metrics::Metrics::new(metrics),
            base: settings.base.clone(),
            unfiltered_total: AtomicU32::new(0),
        })
    }

    /// One page of hits.
    pub(crate) async fn search(
        &self,
        query: &Query,
        page: PageNumber,
        deadline: Instant,
    ) -> Result<Page, Error> {
        self.search_as(Urgency::Awaited, query, page, deadline).await
    }

    /// One page of hits, at this urgency.
    pub(crate) async fn search_as(
        &self,
        urgency: Urgency,
        query: &Query,
        page: PageNumber,
        deadline: Instant,
    ) -> Result<Page, Error> {
        let mut url = self.url(&["search"]);
        params::encode(query, page, &mut url);
        let answer = self
            .ask((Endpoint::Search, urgency), &url, deadline, |answer| {
                verdict::page(answer, &mut || _ = self.metrics.repaired.inc())
            })
            .await?;
        self.watch_filters(query, answer.total);
        Ok(answer)
    }

    /// A notice's document, byte for byte.
    pub(crate) async fn download(&self, id: &NoticeId, deadline: Instant) -> Result<Bytes, Error> {
        self.download_as(Urgency::Awaited, id, deadline).await
    }

    /// A notice's document, byte for byte, at this urgency.
    pub(crate) async fn download_as(
        &self,
        urgency: Urgency,
        id: &NoticeId,
        deadline: Instant,
    ) -> Result<Bytes, Error> {
        let url = self.url(&["download", id.as_str()]);
        self.ask((Endpoint::Download, urgency), &url, deadline, verdict::document).await
    }

    /// What has been seen of Doffin since the process started.
    pub(crate) fn seen(&self) -> Seen {
        self.record.seen()
    }

    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    /// Doffin ignores parameters it does not know; a filter that filters nothing is the sign of it.
    fn watch_filters(&self, query: &Query, total: u32) {
        if !query.is_filtered() {
            self.unfiltered_total.store(total, Ordering::Relaxed);
        } else if query.surely_narrows()
            && total > 0
            && total == self.unfiltered_total.load(Ordering::Relaxed)
        {
            tracing::warn!(total, "a filtered search matches everything; Doffin may ignore a filter");
        }
    }
}

/// Hits in a file: a page as Doffin answers it, a list of hits, or one hit. `None` for anything else.
pub(crate) fn hits(bytes: &[u8]) -> Option<Vec<Hit>> {
    wire::hits(json::read(bytes, &mut || ()).ok()?)
}

/// The form of a search that equal searches share.
pub(crate) fn key(query: &Query, page: PageNumber) -> String {
    params::text(query, page)
}
