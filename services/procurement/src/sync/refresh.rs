//! Open competitions: their deadlines move and their status changes without a word.

use std::collections::{BTreeSet, HashSet};

use jiff::tz::Offset;

use super::Trouble;
use super::lister::Lister;
use super::listing::{self, Range};
use super::week::Week;
use crate::domain::Status;
use crate::store::Via;

/// When they were last listed.
pub(super) const REFRESHED: &str = "sync.refreshed_at";

/// Ids looked up in the store at once.
const CHUNK: usize = 500;

impl Lister<'_> {
    /// Lists what is open. What was open and is not among them has changed: its week is listed anew.
    pub(super) async fn refresh(&mut self) -> Result<(), Trouble> {
        let worker = self.leader.worker;
        let last = worker.weeks(self.watermark).next().map_or(worker.settings.from, Week::to);
        let from = Week::of(worker.settings.from).from();
        let range = Range { from, to: last.max(from), status: Some(Status::Active) };
        let listing = listing::list(&worker.doffin, range).await?;
        self.leader.observe(&listing.hits, Via::Current).await?;
        if listing.whole {
            let open: HashSet<_> = listing.hits.iter().map(|hit| &hit.id).collect();
            let ours = worker.store.listed_with_status(Status::Active.as_str()).await?;
            let changed: Vec<_> = ours.into_iter().filter(|id| !open.contains(id)).collect();
            for week in self.weeks_of(&changed).await? {
                self.week(week).await?;
            }
        } else {
            tracing::debug!(note = listing.note, "open competitions could not be listed whole");
        }
        self.leader.done_now(REFRESHED).await?;
        Ok(())
    }

    async fn weeks_of(&self, ids: &[crate::domain::NoticeId]) -> Result<BTreeSet<Week>, Trouble> {
        let mut weeks = BTreeSet::new();
        for chunk in ids.chunks(CHUNK) {
            let stored = self.leader.worker.store.notices(chunk).await?;
            let issued = stored.iter().filter_map(|stored| stored.hit.issued);
            weeks.extend(issued.map(|issued| Week::of(Offset::UTC.to_datetime(issued).date())));
        }
        Ok(weeks)
    }
}
