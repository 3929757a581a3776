//! Answers from Doffin itself, for a server without a mirror.
//!
//! ```text
//! Ask ─▶ filters (codes checked, places looked up) ─▶ Query ─▶ pages (kept or fetched, put together) ─▶ Answer
//! ```

mod filters;
mod pages;

use bytes::Bytes;
use jiff::Timestamp;
use std::sync::Arc;

use crate::cache;
use crate::codes::{Codes, Labels};
use crate::domain::{Ask, Hit, NoticeId, Query, Window};
use crate::error::Problem;
use crate::upstream::{self, Doffin, PageNumber, Seen};

/// Hits that a search for a notice's id is looked through for the notice.
const LOOKUP: u32 = 100;

/// Answers searches and notices.
#[derive(Debug)]
pub(crate) struct Live<C> {
    doffin: Doffin,
    pages: cache::Pages,
    documents: cache::Documents,
    codes: C,
}

/// A page of hits, and how far it can be trusted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    /// The hits.
    pub(crate) hits: Vec<Arc<Hit>>,
    /// How many match in all.
    pub(crate) total: u32,
    /// How many of them can be had.
    pub(crate) accessible: u32,
    /// Why not every match can be had just once, if so.
    pub(crate) incomplete: Option<String>,
    /// When Doffin gave the oldest part of it.
    pub(crate) as_of: Timestamp,
    /// What a caller should know, a sentence each.
    pub(crate) notes: Vec<String>,
    /// The page it answers.
    pub(crate) window: Window,
}

/// One notice.
#[derive(Debug, Clone)]
pub(crate) struct Notice {
    /// The notice as listed.
    pub(crate) hit: Arc<Hit>,
    /// The most specific of its CPV codes.
    pub(crate) cpv: Vec<String>,
    /// Labels of its codes, as far as they are known.
    pub(crate) labels: Labels,
    /// When Doffin gave it.
    pub(crate) as_of: Timestamp,
}

impl<C: Codes> Live<C> {
    /// Answers from a client of Doffin, with the help of somebody who keeps code lists.
    pub(crate) fn new(doffin: Doffin, pages: cache::Pages, codes: C) -> Self {
        Self { doffin, pages, documents: cache::Documents::new(), codes }
    }

    /// A page of hits.
    pub(crate) async fn search(&self, ask: Ask) -> Result<Answer, Problem> {
        let window = ask.window;
        let filters::Filters { query, notes } = filters::resolve(&self.codes, ask).await?;
        let mut answer = self.pages(&query, window).await?;
        answer.notes.splice(0..0, notes);
        Ok(answer)
    }

    /// One notice. Doffin has no way to ask for one, but its search takes ids.
    pub(crate) async fn notice(&self, id: &NoticeId) -> Result<Notice, Problem> {
        let query = Query { words: Some(id.into()), ..Query::default() };
        let found = self.page(&query, PageNumber { size: LOOKUP, number: 1 }, upstream::deadline()).await?;
        let hit = found.page.hits.iter().find(|hit| hit.id == *id);
        let hit = Arc::clone(hit.ok_or_else(|| Problem::NoticeNotListed(id.clone()))?);
        let cpv = crate::domain::leaves(&hit.cpv);
        let labels = match self.codes.labels(cpv.clone(), hit.locations.clone()).await {
            Ok(labels) => labels,
            Err(error) => {
                tracing::warn!(%error, notice.id = %id, "codes are shown without labels");
                Labels::default()
            }
        };
        Ok(Notice { hit, cpv, labels, as_of: found.page.as_of })
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
