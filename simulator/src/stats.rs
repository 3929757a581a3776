//! Counts of what was asked and what was answered.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

/// How many requests are remembered word for word.
const REMEMBERED: usize = 500;

/// What happened since the start or the last reset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Requests by endpoint (`search`, `download`, `klass.codes`, …) and status; 0 is a request nobody waited for.
    pub requests: BTreeMap<String, BTreeMap<u16, u64>>,
    /// Requests being answered now.
    pub open: u64,
    /// Most requests ever being answered at one time.
    pub max_open: u64,
    /// The last requests, oldest first: path and query, subscription keys left out.
    pub recent: VecDeque<String>,
}

impl Stats {
    /// Finished requests of one endpoint, whatever the status.
    pub fn count(&self, endpoint: &str) -> u64 {
        self.requests.get(endpoint).map_or(0, |statuses| statuses.values().sum())
    }

    /// Finished requests of one endpoint that got one status.
    pub fn count_of(&self, endpoint: &str, status: u16) -> u64 {
        self.requests.get(endpoint).and_then(|statuses| statuses.get(&status)).copied().unwrap_or(0)
    }
}

/// The running counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorder(Arc<Mutex<Stats>>);

impl Recorder {
    /// Counts a request as open until the returned guard is finished or dropped.
    pub(crate) fn open(&self, endpoint: &'static str, line: String) -> Open {
        let mut stats = self.lock();
        stats.open += 1;
        stats.max_open = stats.max_open.max(stats.open);
        if stats.recent.len() == REMEMBERED {
            stats.recent.pop_front();
        }
        stats.recent.push_back(line);
        drop(stats);
        Open { recorder: self.clone(), endpoint, status: 0 }
    }

    /// A copy of the counts.
    pub(crate) fn snapshot(&self) -> Stats {
        self.lock().clone()
    }

    /// Starts from nothing; requests still open stay counted as open.
    pub(crate) fn reset(&self) {
        let mut stats = self.lock();
        let open = stats.open;
        *stats = Stats { open, max_open: open, ..Stats::default() };
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Stats> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One request being answered.
#[derive(Debug)]
pub(crate) struct Open {
    recorder: Recorder,
    endpoint: &'static str,
    status: u16,
}

impl Open {
    /// The request got an answer.
    pub(crate) fn finish(mut self, status: u16) {
        self.status = status;
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut stats = self.recorder.lock();
        stats.open = stats.open.saturating_sub(1);
        *stats.requests.entry(self.endpoint.to_owned()).or_default().entry(self.status).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_nobody_waited_for_is_counted_with_status_0() {
        let recorder = Recorder::default();
        let (first, second) = (recorder.open("search", "/a".into()), recorder.open("search", "/b".into()));
        assert_eq!(recorder.snapshot().open, 2);
        first.finish(200);
        drop(second);
        let stats = recorder.snapshot();
        assert_eq!((stats.open, stats.max_open), (0, 2));
        assert_eq!(
            (stats.count("search"), stats.count_of("search", 200), stats.count_of("search", 0)),
            (2, 1, 1)
        );
    }
}
