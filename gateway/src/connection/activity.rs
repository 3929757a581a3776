//! What a connection is doing, as far as its deadlines need to know.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// Bytes a second below which a client that holds up its answer is let go.
const SLOWEST_READER: u64 = 1024;

/// Requests a connection may take back, beyond those it let finish, before it is cut off (rapid reset).
const CANCELLED: i32 = 200;

/// How often a connection is looked at at least.
const LOOK: Duration = Duration::from_secs(5);

/// How long a connection may do what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Until its first request.
    pub(super) first_request: Duration,
    /// Between requests.
    pub(super) idle: Duration,
    /// Without taking anything of an answer.
    pub(super) stalled: Duration,
    /// Altogether.
    pub(super) age: Duration,
}

/// What is to become of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It goes on.
    Go,
    /// It ends after what it is doing.
    Close,
    /// It ends now.
    Cut,
}

/// What a connection is doing.
#[derive(Debug)]
pub(super) struct Activity {
    limits: Limits,
    begin: Instant,
    state: Mutex<State>,
    requests: AtomicU32,
    cancelled: AtomicI32,
    alarmed: AtomicBool,
    retired: AtomicBool,
    alarm: Notify,
}

#[derive(Debug)]
struct State {
    /// Requests under way: their number, and since when their answer waits for the client, if it does.
    open: Vec<(u32, Option<Instant>)>,
    /// When the last request ended.
    idle_since: Instant,
    /// Since when writing has been held up, and what was written nevertheless.
    blocked: Option<(Instant, u64)>,
    /// Until when nothing is done for it.
    held: Option<Instant>,
}

impl Activity {
    pub(super) fn new(limits: Limits) -> Self {
        let begin = Instant::now();
        Self {
            limits,
            begin,
            state: Mutex::new(State { open: Vec::new(), idle_since: begin, blocked: None, held: None }),
            requests: AtomicU32::new(0),
            cancelled: AtomicI32::new(0),
            alarmed: AtomicBool::new(false),
            retired: AtomicBool::new(false),
            alarm: Notify::new(),
        }
    }

    /// A request began.
    pub(super) fn asked(self: Arc<Self>) -> Asked {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        self.state().open.push((number, None));
        Asked { number, activity: self, finished: false }
    }

    pub(super) fn is_busy(&self) -> bool {
        !self.state().open.is_empty()
    }

    pub(super) fn has_asked(&self) -> bool {
        self.requests.load(Ordering::Relaxed) > 0
    }

    /// The next answer is to be its last.
    pub(super) fn retire(&self) {
        self.retired.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_retired(&self) -> bool {
        self.retired.load(Ordering::Relaxed)
    }

    /// The transport took some of what it was given, or nothing.
    pub(super) fn wrote(&self, taken: usize, given: usize) {
        let mut state = self.state();
        if taken == given {
            state.blocked = None;
        } else {
            // What went out until it was held up filled the system's buffer; only what comes after makes room in it.
            let before = state.blocked.map(|(since, bytes)| (since, bytes + taken as u64));
            state.blocked = before.or_else(|| Some((Instant::now(), 0)));
        }
    }

    /// From now on nothing is read from the client, nor done for it, for a while.
    pub(super) fn hold(&self, time: Duration) {
        self.state().held = Some(Instant::now() + time);
        self.alarm.notify_one();
    }

    /// Until when that is, said once.
    pub(super) fn take_hold(&self) -> Option<Instant> {
        self.state().held.take()
    }

    /// Waits until something happens that does not wait for the next look.
    pub(super) async fn alarm(&self) {
        self.alarm.notified().await;
    }

    /// When the connection is to be looked at again.
    pub(super) fn next_look(&self, now: Instant) -> Instant {
        if self.is_retired() {
            return now + LOOK / 5;
        }
        (now + LOOK.min(self.limits.stalled / 2)).min(self.due().max(now + LOOK / 100))
    }

    /// When the first of its deadlines is, as it stands now.
    fn due(&self) -> Instant {
        let state = self.state();
        let old = self.begin + self.limits.age;
        let old = state.blocked.map_or(old, |blocked| old.min(self.patience(blocked)));
        if state.open.is_empty() {
            let idle = if self.has_asked() { self.limits.idle } else { self.limits.first_request };
            return old.min(state.idle_since + idle);
        }
        let stalled = state.open.iter().filter_map(|(_, waits)| *waits).min();
        stalled.map_or(old, |since| old.min(since + self.limits.stalled))
    }

    /// How long a client may go on that takes so little.
    fn patience(&self, (since, bytes): (Instant, u64)) -> Instant {
        since + self.limits.stalled + Duration::from_millis(bytes * 1000 / SLOWEST_READER)
    }

    pub(super) fn verdict(&self, now: Instant) -> Verdict {
        if self.alarmed.load(Ordering::Relaxed) {
            return Verdict::Cut;
        }
        let state = self.state();
        if state.blocked.is_some_and(|blocked| now >= self.patience(blocked)) {
            return Verdict::Cut;
        }
        let stalled =
            |(_, waits): &(u32, Option<Instant>)| waits.is_some_and(|at| now >= at + self.limits.stalled);
        if state.open.iter().any(stalled) {
            return Verdict::Cut;
        }
        if now >= self.begin + self.limits.age {
            return Verdict::Close;
        }
        if !state.open.is_empty() {
            return Verdict::Go;
        }
        let idle = now - state.idle_since;
        match self.has_asked() {
            false if idle >= self.limits.first_request => Verdict::Cut,
            true if idle >= self.limits.idle => Verdict::Close,
            _ => Verdict::Go,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request under way. Dropped before it is finished, it was taken back.
#[derive(Debug)]
pub(super) struct Asked {
    number: u32,
    activity: Arc<Activity>,
    finished: bool,
}

impl Asked {
    /// Its answer waits for the client to take more of it, or does so no longer.
    pub(super) fn waits(&self, for_client: bool) {
        let since = for_client.then(Instant::now);
        let mut state = self.activity.state();
        if let Some(open) = state.open.iter_mut().find(|(number, _)| *number == self.number) {
            open.1 = since;
        }
    }

    /// Its answer has been handed over.
    pub(super) fn finish(&mut self) {
        self.finished = true;
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        let activity = &self.activity;
        {
            let mut state = activity.state();
            state.open.retain(|(number, _)| *number != self.number);
            state.idle_since = Instant::now();
        }
        if self.finished {
            // What ends well makes up for what was taken back, as with a reader who types and lets finish.
            if activity.cancelled.load(Ordering::Relaxed) > 0 {
                activity.cancelled.fetch_sub(1, Ordering::Relaxed);
            }
        } else if activity.cancelled.fetch_add(1, Ordering::Relaxed) >= CANCELLED {
            activity.alarmed.store(true, Ordering::Relaxed);
            activity.alarm.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn activity() -> Arc<Activity> {
        let limits = Limits {
            first_request: 10 * SECOND,
            idle: 60 * SECOND,
            stalled: 10 * SECOND,
            age: 1800 * SECOND,
        };
        Arc::new(Activity::new(limits))
    }

    #[tokio::test]
    async fn a_connection_that_asks_nothing_or_nothing_more_ends() {
        let connection = activity();
        let after = |seconds: u32| Instant::now() + SECOND * seconds;
        assert_eq!(connection.verdict(after(9)), Verdict::Go);
        assert_eq!(connection.verdict(after(10)), Verdict::Cut);
        let mut asked = connection.clone().asked();
        assert_eq!(connection.verdict(after(1000)), Verdict::Go, "a long answer is no idleness");
        asked.finish();
        drop(asked);
        assert_eq!(connection.verdict(after(59)), Verdict::Go);
        assert_eq!(connection.verdict(after(60)), Verdict::Close);
        assert_eq!(connection.verdict(after(1800)), Verdict::Close);
    }

    #[tokio::test]
    async fn a_client_that_takes_nothing_of_its_answer_is_cut_off_and_a_slow_one_is_not() {
        let connection = activity();
        let asked = connection.clone().asked();
        asked.waits(true);
        let after = |seconds: u32| Instant::now() + SECOND * seconds;
        assert_eq!(connection.verdict(after(9)), Verdict::Go);
        assert_eq!(connection.verdict(after(10)), Verdict::Cut);
        asked.waits(false);
        assert_eq!(connection.verdict(after(10)), Verdict::Go);
        connection.wrote(40 << 10, 64 << 10);
        assert_eq!(connection.verdict(after(9)), Verdict::Go);
        assert_eq!(connection.verdict(after(10)), Verdict::Cut, "a full buffer is no client");
        connection.wrote(10 << 10, 24 << 10);
        assert_eq!(connection.verdict(after(19)), Verdict::Go);
        assert_eq!(connection.verdict(after(20)), Verdict::Cut, "10 KiB in 20 s is too slow");
        connection.wrote(10, 10);
        assert_eq!(connection.verdict(after(20)), Verdict::Go);
    }

    #[tokio::test]
    async fn a_connection_that_is_held_hears_of_it_once() {
        let connection = activity();
        assert_eq!(connection.take_hold(), None);
        let begin = Instant::now();
        connection.hold(SECOND);
        connection.alarm().await;
        assert!(connection.take_hold().is_some_and(|until| until >= begin + SECOND));
        assert_eq!((connection.take_hold(), connection.verdict(begin)), (None, Verdict::Go));
    }

    #[tokio::test]
    async fn a_connection_that_takes_back_what_it_asks_is_cut_off() {
        let connection = activity();
        for _ in 0..=CANCELLED {
            assert_eq!(connection.verdict(Instant::now()), Verdict::Go);
            drop(connection.clone().asked());
        }
        connection.alarm().await;
        assert_eq!(connection.verdict(Instant::now()), Verdict::Cut);
    }
}
