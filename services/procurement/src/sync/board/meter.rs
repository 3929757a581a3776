//! How much is done a second, over the last minutes.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

const MEMORY: Duration = Duration::from_mins(3);

/// Counts of what was done lately.
#[derive(Debug, Default)]
pub(super) struct Meter {
    documents: Lately,
    notices: Lately,
    weeks: Lately,
}

impl Meter {
    pub(super) fn document(&self, count: usize) {
        self.documents.add(count);
    }

    pub(super) fn notice(&self, count: usize) {
        self.notices.add(count);
    }

    pub(super) fn week(&self, count: usize) {
        self.weeks.add(count);
    }

    pub(super) fn documents(&self) -> f64 {
        self.documents.per_second()
    }

    pub(super) fn notices(&self) -> f64 {
        self.notices.per_second()
    }

    pub(super) fn weeks(&self) -> f64 {
        self.weeks.per_second()
    }
}

#[derive(Debug, Default)]
struct Lately(Mutex<VecDeque<(Instant, usize)>>);

impl Lately {
    fn add(&self, count: usize) {
        let now = Instant::now();
        let mut done = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        done.push_back((now, count));
        forget(&mut done, now);
    }

    /// The rate since the oldest that is remembered; what came with it is not counted, because it is not
    /// known how long that took.
    fn per_second(&self) -> f64 {
        let now = Instant::now();
        let mut done = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        forget(&mut done, now);
        let Some((first, _)) = done.front() else { return 0.0 };
        let seconds = now.duration_since(*first).as_secs_f64();
        let count: usize = done.iter().skip(1).map(|(_, count)| count).sum();
        #[expect(clippy::cast_precision_loss, reason = "a rate")]
        let count = count as f64;
        if seconds > 0.0 { count / seconds } else { 0.0 }
    }
}

fn forget(done: &mut VecDeque<(Instant, usize)>, now: Instant) {
    while done.front().is_some_and(|(at, _)| now.duration_since(*at) > MEMORY) {
        done.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_rate_is_of_the_last_minutes() {
        let meter = Meter::default();
        assert!(meter.documents() <= 0.0);
        for _ in 0..11 {
            meter.document(50);
            tokio::time::advance(Duration::from_secs(10)).await;
        }
        let rate = meter.documents();
        assert!((4.4..=4.6).contains(&rate), "{rate}");
        tokio::time::advance(MEMORY + Duration::from_secs(1)).await;
        assert!(meter.documents() <= 0.0);
    }
}
