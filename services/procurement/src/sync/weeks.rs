//! One week made equal to the source, and proved to be.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::Offset;

use super::Trouble;
use super::lister::Lister;
use super::listing::{self, Range};
use super::tail::OVERLAP;
use super::week::{Week, ahead};
use crate::domain::{Hit, NoticeId};
use crate::store::{Via, Window};

impl Lister<'_> {
    /// Lists a week, takes in what is there, withdraws what is not, and writes down how they compare.
    pub(super) async fn week(&mut self, week: Week) -> Result<Window, Trouble> {
        // Whatever comes, other weeks get their turn first.
        self.rest(week);
        let window = self.equalize(week).await;
        if matches!(&window, Ok(Window { complete: true, .. }) | Err(Trouble::Store(_))) {
            // The store's failures say nothing of the week.
            self.resting.remove(&week);
        }
        window
    }

    async fn equalize(&mut self, week: Week) -> Result<Window, Trouble> {
        let worker = self.leader.worker;
        let listing = listing::list(&worker.doffin, range(week)).await?;
        let before = self.windows.get(&week).filter(|window| window.complete);
        let checked = before.map(|window| Offset::UTC.to_datetime(window.checked_at).date());
        let (late, current): (Vec<_>, Vec<_>) =
            listing.hits.iter().cloned().partition(|hit: &Arc<Hit>| is_late(hit, checked));
        self.leader.observe(&current, Via::Current).await?;
        self.leader.observe(&late, Via::Late).await?;
        let there: HashSet<_> = listing.hits.iter().map(|hit| &hit.id).collect();
        let mut complete = listing.whole;
        if complete {
            let ours = worker.store.listed_in(week.from(), week.to()).await?;
            let gone = ours.into_iter().filter(|id| !there.contains(id)).collect();
            complete = self.withdraw(gone).await?;
        }
        let held = worker.store.listed_in(week.from(), week.to()).await?.len();
        let window = Window {
            from: week.from(),
            to: week.to(),
            total: listing.total,
            held: u32::try_from(held).unwrap_or(u32::MAX),
            checked_at: worker.clock.now(),
            complete,
            note: listing.note,
        };
        self.close(week, window.clone()).await?;
        Ok(window)
    }

    /// Withdraws notices that a whole listing lacks, each only once Doffin does not find it by its id either.
    /// False when one is found: then the listing was of another moment.
    async fn withdraw(&self, gone: Vec<NoticeId>) -> Result<bool, Trouble> {
        let worker = self.leader.worker;
        let mut found = Vec::new();
        let mut withdrawn = Vec::new();
        for id in gone {
            match listing::find(&worker.doffin, &id).await? {
                Some(hit) => found.push(hit),
                None => withdrawn.push(id),
            }
        }
        if !withdrawn.is_empty() {
            let now = worker.clock.now();
            let count = worker.store.withdraw(self.leader.lease, &withdrawn, now).await?;
            tracing::debug!(count, "notices that doffin does not list any more were withdrawn");
        }
        self.leader.observe(&found, Via::Current).await?;
        // One that is of another week by Doffin's days is no sign of anything.
        Ok(found.iter().all(|hit| at_an_edge(hit)))
    }

    /// Lists a week anew if there are not as many notices as there, or not as many as there were.
    pub(super) async fn compare(&mut self, week: Week) -> Result<(), Trouble> {
        let worker = self.leader.worker;
        let total = listing::count(&worker.doffin, range(week)).await?;
        let held = worker.store.listed_in(week.from(), week.to()).await?.len();
        let held = u32::try_from(held).unwrap_or(u32::MAX);
        let known = self.windows.get(&week).filter(|window| window.complete);
        match known {
            Some(window) if (window.total, window.held) == (total, held) => {}
            Some(window) if total == held => {
                // What is new came by the tail.
                let window = Window { total, held, ..window.clone() };
                self.close(week, window).await?;
            }
            _ => drop(self.week(week).await?),
        }
        Ok(())
    }

    async fn close(&mut self, week: Week, window: Window) -> Result<(), Trouble> {
        self.leader.worker.store.close_window(self.leader.lease, &window).await?;
        self.windows.insert(week, window);
        self.show();
        Ok(())
    }
}

fn range(week: Week) -> Range {
    Range { from: week.from(), to: week.to(), status: None }
}

/// Whether a hit should have been there when its week was last found complete.
fn is_late(hit: &Hit, checked: Option<Date>) -> bool {
    hit.published.is_some_and(|published| checked.is_some_and(|checked| ahead(published, OVERLAP) < checked))
}

/// Whether a hit's day of issue depends on the zone: ours are UTC's, Doffin's may be Oslo's.
fn at_an_edge(hit: &Hit) -> bool {
    hit.issued.is_some_and(|issued| Offset::UTC.to_datetime(issued).hour() >= 22)
}
