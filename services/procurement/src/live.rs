//! Answers from Doffin itself: before the mirror covers what is asked, and on request.
//!
//! ```text
//! Filters ─▶ pages (kept or fetched, put together) ─▶ Answer
//! id ─▶ page ─▶ document (kept or fetched) ─▶ eforms ─▶ Full
//! ```

mod pages;

use std::sync::Arc;

use bytes::Bytes;
use tokio::time::Instant;

use crate::answer::{Answer, Full, Origin, bare};
use crate::cache;
use crate::codes::{self, Codes};
use crate::domain::{Document, NoticeId, Query, Window};
use crate::eforms;
use crate::error::Problem;
use crate::filters::Filters;
use crate::upstream::{self, Doffin, PageNumber, Seen};

/// Hits that a search for a notice's id is looked through for the notice.
const LOOKUP: u32 = 100;

/// Answers searches and notices.
#[derive(Debug)]
pub(crate) struct Live<C> {
    doffin: Arc<Doffin>,
    pages: cache::Pages,
    documents: cache::Documents,
    codes: Arc<C>,
}

impl<C: Codes> Live<C> {
    /// Answers from a client of Doffin, with the help of somebody who keeps code lists.
    pub(crate) fn new(doffin: Arc<Doffin>, pages: cache::Pages, codes: Arc<C>) -> Self {
        Self { doffin, pages, documents: cache::Documents::new(), codes }
    }

    /// A page of hits, if Doffin gives them before the deadline.
    pub(crate) async fn search(
        &self,
        filters: Filters,
        window: Window,
        deadline: Instant,
    ) -> Result<Answer, Problem> {
        let mut answer = self.pages(&filters.query, window, deadline).await?;
        answer.notes.splice(0..0, filters.notes);
        Ok(answer)
    }

    /// One notice. Doffin has no way to ask for one, but its search takes ids. One that is listed is an answer, also
    /// while its document cannot be had.
    pub(crate) async fn notice(&self, id: &NoticeId) -> Result<Full, Problem> {
        let query = Query { words: Some(id.into()), ..Query::default() };
        let deadline = upstream::deadline();
        let found = self.page(&query, PageNumber { size: LOOKUP, number: 1 }, deadline).await?;
        let hit = found.page.hits.iter().find(|hit| hit.id == *id);
        let hit = Arc::clone(hit.ok_or_else(|| Problem::NoticeNotListed(id.clone()))?);
        let (document, note) = match self.read(id, deadline).await {
            Ok(document) => (Some(document), None),
            Err(why) => (None, Some(bare(why))),
        };
        let labels = codes::of_notice(&*self.codes, &hit, document.as_ref()).await;
        Ok(Full {
            origin: Origin::Live,
            shown: hit.into(),
            document,
            links: Vec::new(),
            labels,
            as_of: found.page.as_of,
            notes: note.into_iter().collect(),
        })
    }

    /// A notice's document, byte for byte.
    pub(crate) async fn document(&self, id: &NoticeId) -> Result<Bytes, Problem> {
        self.fetch(id, upstream::deadline()).await.map_err(|error| Problem::of_document(id, error))
    }

    /// What a notice's document says, or why that is not known, in words for a caller.
    async fn read(&self, id: &NoticeId, deadline: Instant) -> Result<Document, &'static str> {
        let raw = self.fetch(id, deadline).await.map_err(|error| match error {
            upstream::Error::NotFound => "is not out yet",
            error => {
                tracing::warn!(%error, notice.id = %id, "a notice is shown without its document");
                "could not be fetched just now"
            }
        })?;
        eforms::read(raw).await.map_err(|error| {
            tracing::warn!(error, notice.id = %id, "a document cannot be read");
            "could not be read"
        })
    }

    async fn fetch(&self, id: &NoticeId, deadline: Instant) -> Result<Bytes, upstream::Error> {
        self.documents.get(id, deadline, || self.doffin.download(id, deadline)).await
    }

    /// What has been seen of Doffin.
    pub(crate) fn seen(&self) -> Seen {
        self.doffin.seen()
    }

    async fn page(
        &self,
        query: &Query,
        number: PageNumber,
        deadline: Instant,
    ) -> Result<cache::Found, Problem> {
        let fetch = || self.doffin.search(query, number, deadline);
        Ok(self.pages.get(upstream::key(query, number), deadline, fetch).await?)
    }
}
