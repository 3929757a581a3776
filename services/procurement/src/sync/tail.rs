//! The newest notices.

use std::collections::HashMap;

use jiff::civil::Date;

use super::Trouble;
use super::lister::Lister;
use super::listing;
use super::week::{Week, ahead, back};
use crate::domain::{CEILING, Query};
use crate::store::Via;
use crate::upstream::PageNumber;

/// Day of publication up to which notices have been followed.
pub(super) const WATERMARK: &str = "sync.watermark";
/// When they last were.
pub(crate) const TAILED: &str = "sync.tailed_at";

/// Days before the watermark that are listed again: notices get their day up to a week late.
pub(crate) const OVERLAP: i64 = 10;

/// Days between issue and publication, at most.
const LAG: i64 = 7;

/// The clock is believed so many days beyond the newest notice ever seen.
const BELIEF: i64 = 31;

/// Page sizes, one a round: equal requests have equal gaps at their page borders, others have others.
const SIZES: [u32; 4] = [100, 91, 97, 89];

/// The last day that is worth listing, whatever the clock says.
pub(super) fn horizon(today: Date, watermark: Option<Date>) -> Date {
    watermark.map_or(today, |mark| today.clamp(mark, ahead(mark, BELIEF)))
}

impl Lister<'_> {
    /// Follows the newest notices, and moves the watermark once they are in the store.
    pub(super) async fn tail(&mut self) -> Result<(), Trouble> {
        let worker = self.leader.worker;
        let today = worker.clock.today();
        let bound = back(self.watermark.unwrap_or(today), OVERLAP);
        let size = SIZES.get(self.round % SIZES.len()).copied().unwrap_or(listing::PAGE);
        self.round += 1;
        let query = Query::default();
        let mut hits = HashMap::new();
        let mut newest = None;
        let mut reached = false;
        for number in 1..=CEILING / size {
            let page = listing::page(&worker.doffin, &query, PageNumber { size, number }).await?;
            newest = newest.max(page.hits.iter().filter_map(|hit| hit.published).max());
            let end = page.hits.is_empty() || number * size >= page.total;
            reached = end || page.hits.iter().any(|hit| hit.published.is_some_and(|day| day < bound));
            hits.extend(page.hits.into_iter().map(|hit| (hit.id.clone(), hit)));
            if reached {
                break;
            }
        }
        self.leader.observe(&listing::oldest_first(hits), Via::Current).await?;
        if !reached {
            self.catch_up(bound, newest).await?;
        }
        self.advance(newest.map(|newest| newest.min(today))).await?;
        worker.board.tailed(self.leader.done_now(TAILED).await?);
        self.recent().await
    }

    /// More is new than Doffin gives at once: lists week by week what was issued since.
    async fn catch_up(&mut self, bound: Date, newest: Option<Date>) -> Result<(), Trouble> {
        tracing::info!(since = %bound, "more is new than doffin lists at once; it is listed by weeks");
        let last = newest.unwrap_or(bound);
        for week in Week::between(back(bound, LAG), last) {
            self.week(week).await?;
        }
        Ok(())
    }

    /// Moves the watermark, and only forwards.
    async fn advance(&mut self, mark: Option<Date>) -> Result<(), Trouble> {
        if let Some(mark) = mark.filter(|mark| self.watermark.is_none_or(|held| held < *mark)) {
            let worker = self.leader.worker;
            worker.store.set_state(self.leader.lease, WATERMARK, &mark.to_string()).await?;
            self.watermark = Some(mark);
            worker.board.watermark(self.watermark);
        }
        Ok(())
    }

    /// Compares this week and the one before: what page borders hid is found now, not at the next
    /// reconciliation.
    async fn recent(&mut self) -> Result<(), Trouble> {
        let weeks: Vec<_> = self.leader.worker.weeks(self.watermark).take(2).collect();
        for week in weeks {
            if self.windows.contains_key(&week) {
                self.compare(week).await?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_clock_that_jumps_asks_for_no_years_that_are_not() {
        let mark = Some(date(2026, 11, 24));
        assert_eq!(horizon(date(2026, 11, 25), mark), date(2026, 11, 25));
        assert_eq!(horizon(date(2036, 11, 25), mark), date(2026, 12, 25));
        assert_eq!(horizon(date(2016, 11, 25), mark), date(2026, 11, 24));
        assert_eq!(horizon(date(2026, 11, 25), None), date(2026, 11, 25));
    }
}
