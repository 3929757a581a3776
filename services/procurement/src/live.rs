//! Answers from Doffin itself: before the mirror covers what is asked, and on request.
//!
//! ```text
//! Filters ─▶ pages (kept or fetched, put together) ─▶ Answer
//! ```

mod pages;

use bytes::Bytes;
use std::sync::Arc;

use crate::answer::{Answer, Full, Origin};
use crate::cache;
use crate::codes::{self, Codes};
use crate::domain::{NoticeId, Query, Window};
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

    /// A page of hits.
    pub(crate) async fn search(&self, filters: Filters, window: Window) -> Result<Answer, Problem> {
        let mut answer = self.pages(&filters.query, window).await?;
        answer.notes.splice(0..0, filters.notes);
        Ok(answer)
    }

    /// One notice. Doffin has no way to ask for one, but its search takes ids.
    pub(crate) async fn notice(&self, id: &NoticeId) -> Result<Full, Problem> {
        let query = Query { words: Some(id.into()), ..Query::default() };
        let found = self.page(&query, PageNumber { size: LOOKUP, number: 1 }, upstream::deadline()).await?;
        let hit = found.page.hits.iter().find(|hit| hit.id == *id);
        let hit = Arc::clone(hit.ok_or_else(|| Problem::NoticeNotListed(id.clone()))?);
        let labels = codes::of_hit(&*self.codes, &hit).await;
        Ok(Full {
            origin: Origin::Live,
            shown: hit.into(),
            document: None,
            links: Vec::new(),
            labels,
            as_of: found.page.as_of,
            notes: Vec::new(),
        })
    }

    /// A notice's document, byte for byte.
    pub(crate) async fn document(&self, id: &NoticeId) -> Result<Bytes, Problem> {
        let deadline = upstream::deadline();
        let fetch = || self.doffin.download(id, deadline);
        self.documents.get(id, deadline, fetch).await.map_err(|error| Problem::of_document(id, error))
    }

    /// What has been seen of Doffin.
    pub(crate) fn seen(&self) -> Seen {
        self.doffin.seen()
    }

    async fn page(
        &self,
        query: &Query,
        number: PageNumber,
        deadline: tokio::time::Instant,
    ) -> Result<cache::Found, Problem> {
        let fetch = || self.doffin.search(query, number, deadline);
        Ok(self.pages.get(upstream::key(query, number), deadline, fetch).await?)
    }
}
