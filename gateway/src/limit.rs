//! How much callers may ask: a bucket of tokens each, here or in Redis, told in the headers of every answer.

pub(crate) mod config;
pub(crate) mod quota;
mod shared;
mod table;

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use proto::{ErrorCode, Failure};
use runtime::{Environment, config::Error};
use secrecy::{ExposeSecret as _, SecretString};

use crate::address::Client;
use crate::auth::Identity;
pub use config::{Fail, Settings};
use quota::{Quota, Verdict};
use shared::Shared;
use table::Table;

/// What a caller has left.
pub(crate) const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// What it may ask.
pub(crate) const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Callers that are told apart at once; 32 MiB when all of them are there.
const CALLERS: usize = 2 << 20;

/// Refusals an address may have in a while before it is taken to ask on regardless.
const REFUSALS: Quota = Quota { amount: 100, window: Duration::from_secs(10) };

/// Wrong credentials an address may show in a while.
const FAILURES: Quota = Quota { amount: 20, window: Duration::from_mins(1) };

/// Addresses whose wrong credentials, or refusals, are counted at once.
const FAILING_ADDRESSES: usize = 1 << 16;

/// Limits of requests.
#[derive(Debug)]
pub(crate) struct Limits {
    address: Option<Quota>,
    client: Option<Quota>,
    own: Table,
    shared: Option<Shared>,
    fail: Fail,
}

/// What a caller has left, for the headers of its answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    policy: &'static str,
    verdict: Verdict,
}

impl Limits {
    pub(crate) fn new(settings: &Settings, environment: Environment) -> Result<Self, Error> {
        let url = settings.redis_url.as_ref().map(SecretString::expose_secret).filter(|url| !url.is_empty());
        Ok(Self {
            address: settings.address(environment)?,
            client: settings.client(environment)?,
            own: Table::new(CALLERS),
            shared: url.map(Shared::new).transpose()?,
            fail: settings.rate_limit_fail,
        })
    }

    /// Takes what a request costs: of its client's quota, or of its address's if nobody knows whose it is. Nothing is
    /// said where there is no limit.
    pub(crate) async fn take(
        &self,
        identity: Option<&Identity>,
        address: Client,
        cost: u32,
    ) -> Result<Option<Standing>, Failure> {
        let (policy, quota) = match identity {
            Some(_) => ("client", self.client),
            None => ("address", self.address),
        };
        let Some(quota) = quota else { return Ok(None) };
        let verdict = match &self.shared {
            None => self.take_own(identity, address, quota, cost),
            Some(shared) => {
                let caller = match identity {
                    Some(identity) => identity.client().to_owned(),
                    None => format!("address/{address}"),
                };
                match (shared.take(&caller, quota, cost).await, self.fail) {
                    (Ok(verdict), _) => verdict,
                    (Err(_), Fail::Open) => self.take_own(identity, address, quota, cost),
                    (Err(_), Fail::Closed) => return Err(cannot_count()),
                }
            }
        };
        Ok(Some(Standing { policy, verdict }))
    }

    fn take_own(&self, identity: Option<&Identity>, address: Client, quota: Quota, cost: u32) -> Verdict {
        match identity {
            Some(identity) => self.own.take(identity.client(), quota, cost),
            None => self.own.take(address, quota, cost),
        }
    }
}

impl Standing {
    /// The refusal, if the caller is over its limit.
    pub(crate) fn refusal(&self) -> Option<Failure> {
        let Verdict { allowed, quota, retry_after, .. } = self.verdict;
        let text =
            || format!("too many requests: {} in {} s are allowed", quota.amount, seconds(quota.window));
        (!allowed).then(|| Failure::new(ErrorCode::RateLimited, text()).retry_after(retry_after))
    }

    /// Tells the caller where it stands.
    pub(crate) fn tell(&self, headers: &mut HeaderMap) {
        let Verdict { quota, left, reset, .. } = self.verdict;
        let policy = self.policy;
        let (amount, window) = (quota.amount, seconds(quota.window));
        for (name, text) in [
            (POLICY, format!("\"{policy}\";q={amount};w={window}")),
            (LIMIT, format!("\"{policy}\";r={left};t={}", seconds(reset))),
        ] {
            if let Ok(value) = HeaderValue::try_from(text) {
                headers.insert(name, value);
            }
        }
    }
}

/// Whole seconds, rounded up: who comes back then is not early.
fn seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

fn cannot_count() -> Failure {
    let text = "requests cannot be counted right now, and are not answered uncounted";
    Failure::new(ErrorCode::ServiceUnavailable, text).retry_after(Duration::from_secs(1))
}

/// Refusals over a limit, counted by address.
#[derive(Debug)]
pub(crate) struct Refusals(Table);

impl Default for Refusals {
    fn default() -> Self {
        Self(Table::new(FAILING_ADDRESSES))
    }
}

impl Refusals {
    /// Counts one. Whether the address has had so many that it does not seem to listen.
    pub(crate) fn count(&self, address: Client) -> bool {
        !self.0.take(address, REFUSALS, 1).allowed
    }
}

/// Wrong credentials, counted by address.
#[derive(Debug)]
pub(crate) struct Failures(Table);

impl Default for Failures {
    fn default() -> Self {
        Self(Table::new(FAILING_ADDRESSES))
    }
}

impl Failures {
    /// Counts one.
    pub(crate) fn count(&self, address: Client) {
        self.0.take(address, FAILURES, 1);
    }

    /// When the address may try again; nothing if it may now.
    pub(crate) fn exhausted(&self, address: Client) -> Option<Duration> {
        let verdict = self.0.look(address, FAILURES, 1);
        (!verdict.allowed).then_some(verdict.retry_after)
    }
}
