//! When something that recurs is due again.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

/// Something that recurs. While the process lives it goes by a clock that cannot be set.
#[derive(Debug)]
pub(super) struct Due {
    every: Duration,
    at: Instant,
}

impl Due {
    /// Goes on from when it was last done; at once when that was never, too long ago, or is yet to come.
    pub(super) fn since(last: Option<Timestamp>, every: Duration, now: Timestamp) -> Self {
        let passed = last.and_then(|last| Duration::try_from(now.duration_since(last)).ok());
        let left = passed.map_or(Duration::ZERO, |passed| every.saturating_sub(passed));
        Self { every, at: Instant::now() + left }
    }

    /// Whether it is due.
    pub(super) fn is_due(&self) -> bool {
        self.at <= Instant::now()
    }

    /// It was done, since `begun`. It rests twice as long as it took at least, so that it never keeps other
    /// work from its turn.
    pub(super) fn done(&mut self, begun: Instant) {
        let now = Instant::now();
        self.at = now + self.every.max(now.duration_since(begun) * 2);
    }

    /// When it is due.
    pub(super) fn at(&self) -> Instant {
        self.at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_recurs_goes_on_after_a_restart_and_survives_a_clock_that_jumps() {
        let every = Duration::from_secs(100);
        let now: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
        let since = |text: &str| Due::since(Some(text.parse().unwrap()), every, now);
        assert!(Due::since(None, every, now).is_due());
        assert!(since("2026-11-25T11:58:20Z").is_due());
        assert!(since("2036-11-25T11:58:20Z").is_due(), "the clock was ten years ahead");
        let mut due = since("2026-11-25T11:59:00Z");
        assert!(!due.is_due() && due.at() == Instant::now() + Duration::from_secs(40));
        tokio::time::advance(Duration::from_secs(40)).await;
        assert!(due.is_due());
        due.done(Instant::now());
        assert_eq!(due.at(), Instant::now() + every);
        let begun = Instant::now();
        tokio::time::advance(every).await;
        due.done(begun);
        assert_eq!(due.at(), Instant::now() + every * 2, "slow work leaves time for other work");
    }
}
