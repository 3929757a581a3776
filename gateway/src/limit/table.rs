//! Who took how much, in memory of a fixed size.
//!
//! A caller's state is one number, the time at which everything it took will have come back (GCRA). It lies in one of
//! eight slots that its hash chooses. When all eight are taken the one that is nearest to free is forgotten: a flood of
//! new addresses makes the table forget callers that asked little, never one that is over its limit.

use std::hash::{BuildHasher as _, Hash, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::quota::{Quota, Verdict};

/// Slots a caller can lie in.
const WAYS: usize = 8;

/// Parts with a lock of their own.
const SHARDS: usize = 256;

/// Bytes of a slot: whose it is, and until when it is busy.
#[cfg(test)]
const SLOT_BYTES: usize = 16;

/// What callers took.
#[derive(Debug)]
pub(crate) struct Table {
    /// Each shard is pairs of (hash, busy until); empty until it is first needed.
    shards: Box<[Mutex<Vec<u64>>]>,
    sets: usize,
    hash: RandomState,
    start: Instant,
}

impl Table {
    /// A table for about so many callers at once.
    pub(crate) fn new(callers: usize) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            sets: (callers / SHARDS / WAYS).max(1),
            hash: RandomState::new(),
            start: Instant::now(),
        }
    }

    /// Takes `cost` tokens of a caller's quota, if it has them.
    pub(crate) fn take(&self, caller: impl Hash, quota: Quota, cost: u32) -> Verdict {
        self.at(caller, quota, cost, self.now(), true)
    }

    /// Whether the caller could take `cost` tokens.
    pub(crate) fn look(&self, caller: impl Hash, quota: Quota, cost: u32) -> Verdict {
        self.at(caller, quota, cost, self.now(), false)
    }

    /// Nanoseconds since the table was made, and never zero, which marks a free slot.
    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX).max(1)
    }

    fn at(&self, caller: impl Hash, quota: Quota, cost: u32, now: u64, takes: bool) -> Verdict {
        let hash = self.hash.hash_one(caller);
        let shard = &self.shards[(hash >> 56) as usize % SHARDS];
        let first = usize::try_from(hash & 0xffff_ffff).unwrap_or_default() % self.sets * WAYS * 2;
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if shard.is_empty() {
            *shard = vec![0; self.sets * WAYS * 2];
        }
        let set = &mut shard[first..first + WAYS * 2];
        let own = (0..WAYS).find(|way| set[way * 2] == hash && set[way * 2 + 1] != 0);
        let busy_until = own.map_or(0, |way| set[way * 2 + 1]);
        let busy = Duration::from_nanos(busy_until.saturating_sub(now));
        let after = busy + quota.time_of(cost);
        let allowed = after <= quota.window;
        if !allowed || !takes {
            return quota.verdict(allowed, busy, cost);
        }
        let way = own.or_else(|| (0..WAYS).min_by_key(|way| set[way * 2 + 1])).unwrap_or_default();
        set[way * 2] = hash;
        set[way * 2 + 1] = now.saturating_add(u64::try_from(after.as_nanos()).unwrap_or(u64::MAX));
        quota.verdict(true, after, cost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn quota() -> Quota {
        "100/10s".parse().unwrap()
    }

    #[test]
    fn of_many_requests_as_many_pass_as_the_quota_says() {
        let table = Table::new(1000);
        // 10,000 requests evenly over 100 s: the burst, and then ten a second.
        let passed = (1..=10_000u64).filter(|n| table.at("a", quota(), 1, n * SECOND / 100, true).allowed);
        let passed = passed.count();
        assert!((1090..=1110).contains(&passed), "{passed}");
    }

    #[test]
    fn a_dear_request_takes_more_and_one_over_the_quota_takes_all() {
        let table = Table::new(1000);
        assert_eq!(table.at("a", quota(), 40, SECOND, true).left, 60);
        assert_eq!(table.at("a", quota(), 40, SECOND, true).left, 20);
        let refused = table.at("a", quota(), 40, SECOND, true);
        assert_eq!((refused.allowed, refused.left, refused.retry_after), (false, 20, Duration::from_secs(2)));
        assert!(table.at("a", quota(), 40, 3 * SECOND, true).allowed);
        assert!(table.at("b", quota(), 5000, SECOND, true).allowed);
        assert!(!table.at("b", quota(), 1, SECOND, true).allowed);
    }

    #[test]
    fn a_million_addresses_take_fixed_memory_and_do_not_wash_an_offender_out() {
        let table = Table::new(2 << 20);
        while table.at("offender", quota(), 1, SECOND, true).allowed {}
        for address in 0..1_000_000u32 {
            assert!(table.at(address, quota(), 1, SECOND, true).allowed);
        }
        assert!(!table.at("offender", quota(), 1, SECOND, true).allowed);
        let bytes: usize = table.shards.iter().map(|shard| shard.lock().unwrap().capacity() * 8).sum();
        assert!(bytes <= 64 << 20, "{bytes} bytes");
        assert_eq!(bytes, (2 << 20) * SLOT_BYTES);
        let kept = (0..1_000_000u32).filter(|a| table.at(*a, quota(), 1, SECOND, false).left < 100).count();
        assert!(kept > 950_000, "only {kept} of a million were remembered");
    }
}
