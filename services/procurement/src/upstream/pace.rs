//! How often Doffin may be asked: one budget for all requests.
//!
//! Requests reserve their turn ahead, in order, instead of polling a bucket: a request then knows at once
//! how long it would wait, and one whose caller does not wait that long fails without waiting at all.
//!
//! Work that nobody waits for takes what is left: it leaves part of the bucket and of the window to answers,
//! and has a fifth of the rate at least, however busy they are. A fifth is all it has in the first window: Doffin still
//! counts what a process asked that was killed a moment ago, and refusing answers for that is worse than a slow start.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Doffin counts requests in windows of this length: 30 of them by all accounts.
const WINDOW: Duration = Duration::from_secs(10);

/// Requests let through at once, and in one window, as multiples of the rate: 20 and 30 at 2.5 a second.
const BURST: f64 = 8.0;
const IN_WINDOW: f64 = 12.0;

/// The part of the bucket and of the window that is left to answers.
const LEFT: f64 = 0.4;

/// Turns of the rate of which work that nobody waits for has one at least.
const SHARE: u32 = 5;

/// The longest pause taken from an answer.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// The shared budget.
#[derive(Debug)]
pub(super) struct Pace {
    interval: Duration,
    burst: Duration,
    in_window: usize,
    /// When no request of a process before this one counts any more.
    alone_from: Instant,
    state: Mutex<State>,
}

/// What work that nobody waits for gets.
enum Leftover {
    /// A turn at this time.
    Turn(Instant),
    /// Nothing before this time.
    Later(Instant),
}

#[derive(Debug, Default)]
struct State {
    /// When the bucket is full again.
    full_at: Option<Instant>,
    /// The latest turns, as many as fit into a window.
    turns: VecDeque<Instant>,
    /// The latest turn of work that nobody waits for.
    leftover: Option<Instant>,
    paused_until: Option<Instant>,
}

impl Pace {
    /// A budget of `rate` requests a second.
    pub(super) fn new(rate: f64) -> Self {
        let interval = Duration::from_secs_f64(1.0 / rate);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the configured rate is positive and at most 10000"
        )]
        let in_window = (rate * IN_WINDOW).ceil().max(1.0) as usize;
        let burst = interval.mul_f64((rate * BURST).floor().max(1.0) - 1.0);
        Self { interval, burst, in_window, alone_from: Instant::now() + WINDOW, state: Mutex::default() }
    }

    /// Waits for a turn. `Err` when none comes before the deadline: how long until one would.
    pub(super) async fn turn(&self, deadline: Instant) -> Result<(), Duration> {
        let at = self.reserve(Instant::now(), deadline)?;
        self.reached(at, deadline).await
    }

    /// Waits for a turn that answers leave. `Err` when none comes before the deadline.
    pub(super) async fn leftover_turn(&self, deadline: Instant) -> Result<(), Duration> {
        loop {
            match self.reserve_leftover(Instant::now(), deadline)? {
                Leftover::Turn(at) => return self.reached(at, deadline).await,
                Leftover::Later(at) => sleep_until(at).await,
            }
        }
    }

    /// Waits for a turn that was reserved.
    async fn reached(&self, mut at: Instant, deadline: Instant) -> Result<(), Duration> {
        loop {
            sleep_until(at).await;
            // Another request may have been told to pause while this one waited.
            let now = Instant::now();
            match self.state().paused_until.filter(|until| *until > now) {
                None => return Ok(()),
                Some(until) if until > deadline => return Err(until - now),
                Some(until) => at = until,
            }
        }
    }

    /// Lets nobody through for a while.
    pub(super) fn pause(&self, pause: Duration) {
        let until = Instant::now() + pause.min(LONGEST_PAUSE);
        let mut state = self.state();
        state.paused_until = state.paused_until.max(Some(until));
    }

    fn reserve(&self, now: Instant, deadline: Instant) -> Result<Instant, Duration> {
        let mut state = self.state();
        let at = self.earliest(&state, now, 0.0);
        if at > deadline {
            return Err(at - now);
        }
        self.book(&mut state, at);
        Ok(at)
    }

    /// Reserves a turn if one is left over now, or the share of it is due; else says when to ask again.
    fn reserve_leftover(&self, now: Instant, deadline: Instant) -> Result<Leftover, Duration> {
        let mut state = self.state();
        let spare = self.earliest(&state, now, LEFT).max(self.alone_from);
        let due = state.leftover.map_or(now, |last| last + self.interval * SHARE);
        if spare > now && due > now {
            let later = spare.min(due);
            return if later > deadline { Err(later - now) } else { Ok(Leftover::Later(later)) };
        }
        let at = self.earliest(&state, now, 0.0);
        if at > deadline {
            return Err(at - now);
        }
        self.book(&mut state, at);
        state.leftover = Some(at);
        Ok(Leftover::Turn(at))
    }

    /// The earliest turn that leaves this part of the bucket and of the window to others.
    fn earliest(&self, state: &State, now: Instant, left: f64) -> Instant {
        let mut at = now;
        if let Some(full_at) = state.full_at {
            at = at.max(full_at.checked_sub(self.burst.mul_f64(1.0 - left)).unwrap_or(now));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a part of a small count"
        )]
        let allowed = ((self.in_window as f64 * (1.0 - left)) as usize).max(1);
        if state.turns.len() >= allowed
            && let Some(turn) = state.turns.get(state.turns.len() - allowed)
        {
            at = at.max(*turn + WINDOW);
        }
        at.max(state.paused_until.unwrap_or(now))
    }

    fn book(&self, state: &mut State, at: Instant) {
        state.full_at = Some(state.full_at.map_or(at, |full_at| full_at.max(at)) + self.interval);
        state.turns.push_back(at);
        if state.turns.len() > self.in_window {
            state.turns.pop_front();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_hours(1);

    #[tokio::test(start_paused = true)]
    async fn a_burst_of_twenty_then_the_rate_and_never_over_thirty_in_ten_seconds() {
        let pace = Pace::new(2.5);
        let start = Instant::now();
        let mut turns = Vec::new();
        for _ in 0..100 {
            pace.turn(start + LONG).await.unwrap();
            turns.push(Instant::now());
        }
        assert!(turns[19] - start < Duration::from_millis(10), "{:?}", turns[19]);
        assert!(turns[20] - start >= Duration::from_millis(390), "{:?}", turns[20]);
        for pair in turns.windows(31) {
            let spread = pair[30] - pair[0];
            assert!(spread >= Duration::from_millis(9995), "31 requests within {spread:?}");
        }
        let rest = turns[99] - turns[39];
        assert!(rest >= Duration::from_secs(20) && rest <= Duration::from_secs(30), "{rest:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_cannot_be_served_in_time_is_told_at_once_and_takes_no_turn() {
        let pace = Pace::new(2.5);
        let start = Instant::now();
        for _ in 0..20 {
            pace.turn(start + LONG).await.unwrap();
        }
        for _ in 0..50 {
            let wait = pace.turn(Instant::now() + Duration::from_millis(100)).await.unwrap_err();
            assert!(wait > Duration::from_millis(300) && wait <= Duration::from_millis(400), "{wait:?}");
        }
        assert!(start.elapsed() < Duration::from_millis(10), "it waited {:?}", start.elapsed());
        pace.turn(start + LONG).await.unwrap();
        assert!(start.elapsed() < Duration::from_millis(450), "{:?}", start.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn work_nobody_waits_for_leaves_answers_a_burst_and_uses_the_rest() {
        let pace = Pace::new(2.5);
        tokio::time::advance(WINDOW).await;
        let start = Instant::now();
        for _ in 0..200 {
            pace.leftover_turn(start + LONG).await.unwrap();
        }
        let took = start.elapsed();
        assert!(took >= Duration::from_secs(70) && took <= Duration::from_secs(115), "{took:?}");
        let asked = Instant::now();
        for _ in 0..8 {
            pace.turn(asked + LONG).await.unwrap();
        }
        assert!(asked.elapsed() < Duration::from_millis(10), "answers waited {:?}", asked.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn work_nobody_waits_for_begins_slowly_because_another_process_may_have_used_the_window_up() {
        let pace = Pace::new(2.5);
        let start = Instant::now();
        let mut turns = 0;
        while start.elapsed() < WINDOW {
            pace.leftover_turn(start + LONG).await.unwrap();
            turns += 1;
        }
        assert!((5..=7).contains(&turns), "{turns} turns in the first window");
        let pace = Pace::new(2.5);
        let asked = Instant::now();
        for _ in 0..20 {
            pace.turn(asked + LONG).await.unwrap();
        }
        assert!(asked.elapsed() < Duration::from_millis(10), "answers waited {:?}", asked.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn busy_answers_leave_a_fifth_and_wait_for_one_turn_of_it_at_most() {
        let pace = Pace::new(2.5);
        let start = Instant::now();
        let answers = async {
            let mut longest = Duration::ZERO;
            for _ in 0..400 {
                let asked = Instant::now();
                pace.turn(asked + LONG).await.unwrap();
                longest = longest.max(asked.elapsed());
            }
            longest
        };
        let work = async {
            let mut turns = 0_u32;
            while start.elapsed() < Duration::from_mins(2) {
                pace.leftover_turn(start + LONG).await.unwrap();
                turns += 1;
            }
            turns
        };
        let (longest, turns) = tokio::join!(answers, work);
        assert!((45..=90).contains(&turns), "{turns} turns in two minutes");
        assert!(longest <= Duration::from_secs(6), "an answer waited {longest:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_for_work_nobody_waits_for_too() {
        let pace = Pace::new(1000.0);
        let start = Instant::now();
        pace.pause(Duration::from_secs(4));
        assert_eq!(pace.leftover_turn(start + Duration::from_secs(1)).await, Err(Duration::from_secs(4)));
        pace.leftover_turn(start + LONG).await.unwrap();
        assert!(start.elapsed() >= Duration::from_secs(4), "{:?}", start.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_for_those_already_waiting_and_is_capped() {
        let pace = Pace::new(1000.0);
        let start = Instant::now();
        pace.pause(Duration::from_secs(4));
        assert_eq!(pace.turn(start + Duration::from_secs(1)).await, Err(Duration::from_secs(4)));
        let waiting = async {
            pace.turn(start + LONG).await.unwrap();
            start.elapsed()
        };
        let longer = async {
            tokio::time::sleep(Duration::from_secs(3)).await;
            pace.pause(LONG);
        };
        let (waited, ()) = tokio::join!(waiting, longer);
        assert!(waited >= Duration::from_secs(63) && waited < Duration::from_secs(64), "{waited:?}");
    }
}
