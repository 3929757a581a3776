//! The gateway's rate limit: so many calls per fixed window, for each key.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::faults::Rate;

/// Windows by key and counter; real time, whatever the simulated clock says.
#[derive(Debug, Default)]
pub(crate) struct Limiter(Mutex<HashMap<(String, &'static str), Window>>);

#[derive(Debug)]
struct Window {
    started: Instant,
    calls: u32,
}

impl Limiter {
    /// Counts a call, or says how long the window still lasts.
    pub(crate) fn admit(&self, key: &str, counter: &'static str, rate: Rate) -> Result<(), Duration> {
        if rate.requests == 0 {
            return Ok(());
        }
        let now = Instant::now();
        let length = Duration::from_millis(rate.window_ms);
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let window = windows.entry((key.to_owned(), counter)).or_insert(Window { started: now, calls: 0 });
        if now.duration_since(window.started) >= length {
            *window = Window { started: now, calls: 0 };
        }
        if window.calls >= rate.requests {
            return Err(length.saturating_sub(now.duration_since(window.started)));
        }
        window.calls += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_its_own_window() {
        let limiter = Limiter::default();
        let rate = Rate { requests: 2, window_ms: 60_000 };
        assert!(limiter.admit("a", "search", rate).is_ok() && limiter.admit("a", "search", rate).is_ok());
        let remaining = limiter.admit("a", "search", rate).unwrap_err();
        assert!(remaining > Duration::from_secs(50) && remaining <= Duration::from_mins(1));
        assert!(limiter.admit("b", "search", rate).is_ok());
        assert!(limiter.admit("a", "download", rate).is_ok());
        assert!(limiter.admit("a", "search", Rate::off()).is_ok());
    }

    #[test]
    fn a_window_that_ended_is_forgotten() {
        let limiter = Limiter::default();
        let rate = Rate { requests: 1, window_ms: 0 };
        assert!(limiter.admit("a", "search", rate).is_ok() && limiter.admit("a", "search", rate).is_ok());
    }
}
