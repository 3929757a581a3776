//! How much a caller may ask in a while, and what is left of it.

use std::str::FromStr;
use std::time::Duration;

/// So many tokens in a window: all of them at once, then evenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quota {
    pub(crate) amount: u32,
    pub(crate) window: Duration,
}

impl FromStr for Quota {
    type Err = String;

    /// Reads `600/1min`.
    fn from_str(text: &str) -> Result<Self, String> {
        let problem = || "must be a number and a time, such as 600/1min".to_owned();
        let (amount, window) = text.split_once('/').ok_or_else(problem)?;
        let amount: u32 = amount.trim().parse().map_err(|_| problem())?;
        let window = humantime::parse_duration(window.trim()).map_err(|_| problem())?;
        if !(1..=1_000_000).contains(&amount) {
            return Err("the number must be 1 to 1000000".to_owned());
        }
        if window < Duration::from_millis(100) || window > Duration::from_hours(24) {
            return Err("the time must be 100ms to 24h".to_owned());
        }
        Ok(Self { amount, window })
    }
}

impl Quota {
    /// Time in which what `cost` tokens take comes back. More than there are in a window count as all of them.
    pub(crate) fn time_of(self, cost: u32) -> Duration {
        self.window * cost.min(self.amount) / self.amount
    }

    /// What a caller's state says, `busy` being the time until everything it took has come back.
    pub(crate) fn verdict(self, allowed: bool, busy: Duration, cost: u32) -> Verdict {
        let free = self.window.saturating_sub(busy);
        let left = free.as_nanos() * u128::from(self.amount) / self.window.as_nanos();
        let wait = (busy + self.time_of(cost)).saturating_sub(self.window);
        Verdict {
            allowed,
            quota: self,
            left: u32::try_from(left).unwrap_or(self.amount),
            reset: busy,
            retry_after: if allowed { Duration::ZERO } else { wait },
        }
    }
}

/// What a caller is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) allowed: bool,
    pub(crate) quota: Quota,
    /// Tokens left.
    pub(crate) left: u32,
    /// Until all tokens are back.
    pub(crate) reset: Duration,
    /// Until what was asked can be had; zero if it was.
    pub(crate) retry_after: Duration,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_a_number_and_a_time() {
        let minute = Quota { amount: 600, window: Duration::from_mins(1) };
        assert_eq!("600/1min".parse(), Ok(minute));
        assert_eq!(" 600 / 60s ".parse(), Ok(minute));
        for bad in ["", "600", "0/1min", "600/", "600/0s", "-1/1s", "9999999/1s", "1/2days"] {
            assert!(bad.parse::<Quota>().is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_left_and_when_to_come_back_follow_from_what_was_taken() {
        let quota: Quota = "60/1min".parse().unwrap();
        let verdict = quota.verdict(true, Duration::from_secs(10), 1);
        assert_eq!((verdict.left, verdict.retry_after), (50, Duration::ZERO));
        let verdict = quota.verdict(false, Duration::from_secs(58), 5);
        assert_eq!((verdict.left, verdict.retry_after), (2, Duration::from_secs(3)));
    }
}
