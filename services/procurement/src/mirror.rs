//! Answers from our own copy of Doffin: the store holds it, the index finds in it.
//!
//! ```text
//! Filters ─▶ index (ids, counts) ─▶ store (notices) ─▶ Answer      coverage: what the copy is complete for
//! ```

mod coverage;
mod feed;
mod hits;
mod notes;
mod notice;
mod organizations;
mod stats;
mod timeline;
mod walk;

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

pub(crate) use coverage::{Coverage, Extent};
pub(crate) use feed::Happened;
pub(crate) use organizations::Profiled;
pub(crate) use stats::Counts;
pub(crate) use timeline::{Entry, Stage};
pub(crate) use walk::Walk;

use crate::answer::{Shown, winners};
use crate::codes::Codes;
use crate::domain::{NoticeId, Organization, Stored, status};
use crate::error::Problem;
use crate::search::{self, Index};
use crate::store::{self, Store};

/// Answers from the copy.
pub(crate) struct Mirror<C> {
    store: Store,
    index: Arc<Index>,
    codes: Arc<C>,
    coverage: Coverage,
}

impl<C> fmt::Debug for Mirror<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mirror").finish_non_exhaustive()
    }
}

impl<C: Codes> Mirror<C> {
    /// Answers from a store that is meant to hold what was issued from a day on, and its index, with the help of somebody
    /// who keeps code lists.
    pub(crate) fn new(store: Store, index: Arc<Index>, codes: Arc<C>, first: Date) -> Self {
        Self { coverage: Coverage::new(store.clone(), first), store, index, codes }
    }

    /// What the copy is complete for.
    pub(crate) async fn extent(&self) -> Result<Arc<Extent>, Problem> {
        self.coverage.now().await
    }

    /// Whether it is still being filled. One that cannot say is taken to be.
    pub(crate) async fn is_filling(&self) -> bool {
        let indexed = self.index.position();
        self.extent().await.map_or(true, |extent| extent.is_filling(indexed))
    }

    /// The store, for what is read from it as it is.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// The index, for its figures.
    pub(crate) fn index(&self) -> &Index {
        &self.index
    }

    /// Asks the index off the threads that serve, because it computes without pause.
    async fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Index) -> Result<T, search::Error> + Send + 'static,
    ) -> Result<T, Problem> {
        let index = Arc::clone(&self.index);
        let asked = tokio::task::spawn_blocking(move || ask(&index)).await;
        asked.map_err(|error| Problem::Broken(error.to_string()))?.map_err(Problem::from)
    }

    /// Notices by id, in the order given. The index and the feed name only notices the store has; where one is missing, an
    /// older copy of the store was read, and an answer without it would be wrong.
    async fn shown(&self, ids: &[NoticeId], now: Timestamp) -> Result<Vec<Shown>, Problem> {
        let stored = self.store.notices(ids).await?;
        if stored.len() < ids.len() {
            let lacking = ids.len() - stored.len();
            let text = format!("what can be read of it lacks {lacking} notices that are known of");
            return Err(store::Error::Unavailable(text).into());
        }
        let results = stored.iter().filter(|stored| stored.hit.all_kinds.iter().any(|kind| kind == "RESULT"));
        let results: Vec<NoticeId> = results.map(|stored| stored.hit.id.clone()).collect();
        let mut winners = self.store.winners(&results).await?;
        let with_winners = |stored: Stored| {
            let named = winners.remove(&stored.hit.id).unwrap_or_default();
            shown(stored, named, now)
        };
        Ok(stored.into_iter().map(with_winners).collect())
    }
}

/// A notice with the winners its document names, and its status as of now.
fn shown(stored: Stored, named: Vec<Organization>, now: Timestamp) -> Shown {
    let standing = status(&stored, now);
    let Stored { mut hit, superseded_by, listed, main_cpv, .. } = stored;
    if let Some(standing) = standing {
        standing.as_str().clone_into(hit.status.get_or_insert_default());
    }
    let winners = winners(&hit, named);
    Shown { hit: Arc::new(hit), winners, main_cpv, snippet: None, superseded_by, withdrawn: !listed }
}
