//! One address of a service: how busy it is, how it says it is, and how calls to it have gone.

use std::net::SocketAddr;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::AbortHandle;
use tonic::transport;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::Remote;
use super::channel::Channel;

/// How long to wait before asking a server again that could not be reached.
const RETRY: Duration = Duration::from_millis(500);

/// How long a server may take to say how it is, once asked.
const FIRST_WORD: Duration = Duration::from_secs(3);

/// Failed calls in a row from which on an address is left out.
const FAILURES: u32 = 3;

/// How long an address is left out at first; each further time twice as long.
const EJECTION: Duration = Duration::from_secs(1);

/// Longest time an address is left out. One that says it serves is back at once.
const MAX_EJECTION: Duration = Duration::from_secs(30);

/// How long after a failed call others are preferred.
const DOUBT: Duration = Duration::from_secs(1);

/// How good a choice an address is; the best come last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// Calls to it failed: it is not called.
    Ejected,
    /// Its health cannot be asked; calls may still get through, if there is no better choice.
    Unreachable,
    /// It has not said yet how it is, says that it does not serve, or a call to it has just failed.
    Doubtful,
    /// It says that it serves.
    Serving,
}

/// One address of a service.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) addr: SocketAddr,
    pub(super) channel: Channel,
    in_flight: AtomicUsize,
    state: Mutex<State>,
    watching: Mutex<Option<AbortHandle>>,
}

#[derive(Debug)]
struct State {
    /// What it last said of itself, or that it could not be asked.
    said: Standing,
    failures: u32,
    failed: Option<Instant>,
    ejections: u32,
    ejected_until: Option<Instant>,
}

impl Member {
    pub(super) fn new(remote: &Remote, addr: SocketAddr) -> Arc<Self> {
        Arc::new(Self {
            addr,
            channel: Channel::new(remote.clone(), addr),
            in_flight: AtomicUsize::new(0),
            state: Mutex::new(State {
                said: Standing::Doubtful,
                failures: 0,
                failed: None,
                ejections: 0,
                ejected_until: None,
            }),
            watching: Mutex::new(None),
        })
    }

    pub(super) fn standing(&self, now: Instant) -> Standing {
        let state = self.state();
        if state.ejected_until.is_some_and(|until| now < until) {
            return Standing::Ejected;
        }
        let doubted = state.failed.is_some_and(|failed| now.saturating_duration_since(failed) < DOUBT);
        if doubted { state.said.min(Standing::Doubtful) } else { state.said }
    }

    /// Whether it says that it serves.
    pub(super) fn is_serving(&self) -> bool {
        self.state().said == Standing::Serving
    }

    pub(super) fn load(&self) -> usize {
        self.in_flight.load(Relaxed)
    }

    /// Counts a call until what is returned is dropped.
    pub(super) fn enter(self: &Arc<Self>) -> Call {
        self.in_flight.fetch_add(1, Relaxed);
        Call(self.clone())
    }

    pub(super) fn succeeded(&self) {
        let mut state = self.state();
        state.failures = 0;
        state.failed = None;
        state.ejections = 0;
    }

    /// Takes note of a call that did not get through. Whether that made the address one that is left out.
    pub(super) fn failed(&self, now: Instant) -> bool {
        let mut state = self.state();
        state.failures += 1;
        state.failed = Some(now);
        // Many calls fail at once when a connection breaks; that is one reason to leave it out, not many.
        let out = state.ejected_until.is_some_and(|until| now < until);
        if out || state.failures < FAILURES {
            return false;
        }
        state.failures = 0;
        state.ejected_until = Some(now + (EJECTION * (1 << state.ejections.min(5))).min(MAX_EJECTION));
        state.ejections += 1;
        true
    }

    /// Takes note of its health. Whether it was another before.
    fn says(&self, said: Standing) -> bool {
        let mut state = self.state();
        if said == Standing::Serving {
            // It has just been reached.
            state.failures = 0;
            state.failed = None;
            state.ejected_until = None;
        }
        std::mem::replace(&mut state.said, said) != said
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Follows the server's own word on its health until the member is dropped, and calls `changed` when it changes.
    pub(super) fn watch(
        self: &Arc<Self>,
        remote: Remote,
        service: &'static str,
        changed: impl Fn(&Member) + Send + Sync + 'static,
    ) {
        let (member, addr) = (Arc::downgrade(self), self.addr);
        let set = move |said| {
            if let Some(member) = member.upgrade()
                && member.says(said)
            {
                changed(&member);
            }
        };
        let task = tokio::spawn(async move {
            loop {
                // A new connection each time: one that hangs while networks are being set up is not waited for.
                let client = HealthClient::new(remote.connect_lazy(addr));
                follow(client, service, addr, &set).await;
                set(Standing::Unreachable);
                tokio::time::sleep(RETRY).await;
            }
        });
        let mut watching = self.watching.lock().unwrap_or_else(PoisonError::into_inner);
        *watching = Some(task.abort_handle());
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let watching = self.watching.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(watching) = watching {
            watching.abort();
        }
    }
}

/// Tells every word of a server on its health, until it says no more.
async fn follow(
    mut client: HealthClient<transport::Channel>,
    service: &str,
    addr: SocketAddr,
    set: &(impl Fn(Standing) + Sync),
) {
    let request = HealthCheckRequest { service: service.to_owned() };
    let first = async {
        let mut changes = client.watch(request).await?.into_inner();
        let first = changes.message().await?;
        Ok::<_, tonic::Status>((first, changes))
    };
    let (mut change, mut changes) = match tokio::time::timeout(FIRST_WORD, first).await {
        Ok(Ok(first)) => first,
        Ok(Err(status)) => return tracing::debug!(%addr, cause = status.message(), "no health"),
        Err(_) => return tracing::debug!(%addr, "no health in time"),
    };
    while let Some(now) = change {
        let serving = now.status() == ServingStatus::Serving;
        set(if serving { Standing::Serving } else { Standing::Doubtful });
        change = changes.message().await.ok().flatten();
    }
}

/// A call being made.
#[derive(Debug)]
pub(super) struct Call(Arc<Member>);

impl Drop for Call {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::GrpcTls;

    fn member() -> Arc<Member> {
        let remote = Remote::new("http://127.0.0.1:1", "X_URL", &GrpcTls::default()).unwrap();
        Member::new(&remote, SocketAddr::from(([127, 0, 0, 1], 1)))
    }

    #[tokio::test]
    async fn an_address_whose_calls_fail_is_left_out_for_longer_each_time_and_back_when_it_serves() {
        let (member, start) = (member(), Instant::now());
        assert!(!member.failed(start) && !member.failed(start));
        assert_eq!(member.standing(start), Standing::Doubtful);
        assert!(member.failed(start), "three in a row");
        assert!(!member.failed(start), "it is left out already");
        assert_eq!(member.standing(start + EJECTION / 2), Standing::Ejected);
        let later = start + EJECTION * 2;
        assert_eq!(member.standing(later), Standing::Doubtful);
        // One more was counted while it was left out.
        assert!(!member.failed(later) && member.failed(later));
        assert_eq!(member.standing(later + EJECTION), Standing::Ejected);
        assert_eq!(member.standing(later + EJECTION * 3), Standing::Doubtful);
        assert!(member.says(Standing::Serving) && !member.says(Standing::Serving));
        assert_eq!(member.standing(later), Standing::Serving);
    }

    #[tokio::test]
    async fn one_failure_makes_others_the_better_choice_for_a_while() {
        let (member, start) = (member(), Instant::now());
        member.says(Standing::Serving);
        member.failed(start);
        assert_eq!(member.standing(start), Standing::Doubtful);
        assert_eq!(member.standing(start + DOUBT), Standing::Serving);
        member.succeeded();
        assert_eq!(member.standing(start), Standing::Serving);
    }

    #[tokio::test]
    async fn a_call_counts_until_it_ends() {
        let member = member();
        let (first, second) = (member.enter(), member.enter());
        drop(first);
        assert_eq!(member.load(), 1);
        drop(second);
        assert_eq!(member.load(), 0);
    }
}
