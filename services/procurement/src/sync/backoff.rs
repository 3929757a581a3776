//! How long to wait after failures in a row.

use std::time::Duration;

const FIRST: Duration = Duration::from_secs(1);

/// Work is taken up within a minute of the end of any trouble: this, and how long one request may hang.
const LONGEST: Duration = Duration::from_secs(25);

/// Pauses that double, with a part of chance so that replicas do not come back together.
#[derive(Debug)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    pub(super) fn new() -> Self {
        Self { failures: 0 }
    }

    /// Something went well.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    /// Whether the last failure was the first in a row.
    pub(super) fn is_first(&self) -> bool {
        self.failures == 1
    }

    /// The pause after another failure; at least what was asked for.
    pub(super) fn next(&mut self, asked: Option<Duration>) -> Duration {
        let doubled = FIRST * 2_u32.pow(self.failures.min(8));
        self.failures = self.failures.saturating_add(1);
        let pause = doubled.min(LONGEST).mul_f64(0.75 + fastrand::f64() / 4.0);
        pause.max(asked.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit_and_heed_what_was_asked() {
        let mut backoff = Backoff::new();
        let pauses: Vec<_> = (0..12).map(|_| backoff.next(None)).collect();
        assert!(pauses[0] <= Duration::from_secs(1) && pauses[1] > pauses[0]);
        assert!(pauses.iter().all(|pause| *pause <= LONGEST) && pauses[11] > Duration::from_secs(15));
        assert_eq!(backoff.next(Some(Duration::from_mins(1))), Duration::from_mins(1));
        backoff.reset();
        assert!(backoff.next(None) <= Duration::from_secs(1) && backoff.is_first());
    }
}
