//! One answer put together from Doffin's pages.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::time::Instant;

use super::Live;
use crate::answer::{Answer, Origin};
use crate::codes::Codes;
use crate::domain::{CEILING, Hit, Plan, Query, Window};
use crate::error::Problem;
use crate::upstream::PageNumber;

/// What Doffin's pages hold together.
#[derive(Debug, Default)]
struct Gathered {
    /// Hits in Doffin's order; a place where the pages overlap occurs twice.
    hits: Vec<Arc<Hit>>,
    /// How many match, by the latest page.
    total: u32,
    /// How many of them can be had.
    accessible: u32,
    /// Hits that could not be read.
    unreadable: usize,
    /// When the oldest page was given.
    as_of: Option<Timestamp>,
    /// Whether a page stands in for one that Doffin did not give.
    stale: bool,
    /// Whether a page was empty that should not have been.
    ended_early: bool,
}

impl<C: Codes> Live<C> {
    /// The hits of a window.
    pub(super) async fn pages(
        &self,
        query: &Query,
        window: Window,
        deadline: Instant,
    ) -> Result<Answer, Problem> {
        let plan = window.plan()?;
        let gathered = self.gather(query, &plan, deadline).await?;
        Ok(gathered.answer(&plan, window))
    }

    /// Doffin's pages, one after the other: it is not to be asked for several at once.
    async fn gather(&self, query: &Query, plan: &Plan, deadline: Instant) -> Result<Gathered, Problem> {
        let mut gathered = Gathered::default();
        for number in plan.pages.clone() {
            let found = self.page(query, PageNumber { size: plan.page_size, number }, deadline).await?;
            let page = &found.page;
            gathered.as_of = Some(gathered.as_of.map_or(page.as_of, |oldest| oldest.min(page.as_of)));
            gathered.stale |= found.stale;
            gathered.unreadable += page.unreadable;
            gathered.total = page.total;
            gathered.accessible = page.accessible.min(page.total).min(CEILING);
            gathered.hits.extend(page.hits.iter().cloned());
            let before = (number - 1) * plan.page_size;
            if page.hits.is_empty() && page.unreadable == 0 {
                gathered.ended_early = before < page.total;
                break;
            }
            if number * plan.page_size >= page.total {
                break;
            }
        }
        Ok(gathered)
    }
}

impl Gathered {
    fn answer(self, plan: &Plan, window: Window) -> Answer {
        let total = self.total;
        let mut seen = HashSet::new();
        let mut repeated = 0_usize;
        let mut hits: Vec<_> = self.hits.into_iter().skip(plan.skip).take(plan.take).collect();
        hits.retain(|hit| {
            let new = seen.insert(hit.id.clone());
            repeated += usize::from(!new);
            new
        });
        let mut notes = Vec::new();
        if repeated > 0 {
            notes.push(format!(
                "Doffin listed {repeated} of these notices twice; each is given once, and as many others may be missing."
            ));
        }
        if self.unreadable > 0 {
            notes.push(format!(
                "Doffin listed {} notices without a valid id; they are left out.",
                self.unreadable
            ));
        }
        let as_of = self.as_of.unwrap_or_else(Timestamp::now);
        if self.stale {
            notes.push(
                "Doffin could not be asked just now; this is an earlier answer, from the time asOf says."
                    .into(),
            );
        }
        let mut reasons: Vec<String> = Vec::new();
        if self.ended_early || plan.cut || total > CEILING || total > self.accessible {
            reasons.push(format!(
                "Doffin gives only the first {CEILING} hits of a query; narrow it, for instance by issueDateFrom and issueDateTo."
            ));
        }
        let one_page = total <= plan.page_size;
        if !one_page {
            reasons.push(
                "Doffin's order is not stable within a day, so that a notice may be missing or occur twice across pages."
                    .into(),
            );
        } else if window.page() == 1 && reasons.is_empty() && hits.len() < total as usize {
            reasons.push("Doffin counts more notices than it lists.".into());
        }
        Answer {
            origin: Origin::Live,
            shown: hits.into_iter().map(Into::into).collect(),
            total: total as usize,
            accessible: self.accessible as usize,
            incomplete: (!reasons.is_empty()).then(|| reasons.join(" ")),
            as_of: Some(as_of),
            notes,
            window,
            next: None,
            facets: Vec::new(),
        }
    }
}
