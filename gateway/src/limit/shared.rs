//! Limits that several gateways share, in Redis.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Script};
use runtime::config::Error;

use super::quota::{Quota, Verdict};

/// How long Redis may take to answer; it is next door, or it is not there.
const TIMEOUT: Duration = Duration::from_millis(100);

/// How long Redis is left alone after it did not answer, so that not every request waits for it.
const PAUSE: Duration = Duration::from_secs(1);

/// One number a caller: the microsecond at which everything it took has come back. Redis keeps the time for all.
/// Numbers are written with `%.0f`, because Lua would round them.
const TAKE: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local busy_until = tonumber(redis.call('GET', KEYS[1])) or now
if busy_until < now then busy_until = now end
local after = busy_until + ARGV[1]
if after - now > tonumber(ARGV[2]) then
  return {0, string.format('%.0f', busy_until - now)}
end
redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000) + 1)
return {1, string.format('%.0f', after - now)}
";

/// Redis cannot be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreachable;

/// Limits in Redis.
pub(crate) struct Shared {
    manager: ConnectionManager,
    take: Script,
    /// Until when Redis is left alone.
    paused: Mutex<Option<Instant>>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Shared")
    }
}

impl Shared {
    /// Connects when first used, and again whenever the connection is lost.
    pub(crate) fn new(url: &str) -> Result<Self, Error> {
        // The URL may hold a password, and is not told on.
        let problem = |_| Error::new("REDIS_URL", "must be a URL such as redis://redis:6379");
        let client = Client::open(url).map_err(problem)?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(TIMEOUT * 5))
            .set_response_timeout(Some(TIMEOUT))
            .set_number_of_retries(1);
        let manager = ConnectionManager::new_lazy_with_config(client, config).map_err(problem)?;
        Ok(Self { manager, take: Script::new(TAKE), paused: Mutex::default() })
    }

    /// Takes `cost` tokens of a caller's quota, if it has them.
    pub(crate) async fn take(&self, caller: &str, quota: Quota, cost: u32) -> Result<Verdict, Unreachable> {
        if self.pause().is_some_and(|until| Instant::now() < until) {
            return Err(Unreachable);
        }
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let mut invocation = self.take.prepare_invoke();
        invocation.key(format!("bouvetradar:limit:{}:{caller}", quota.window.as_millis()));
        invocation.arg(micros(quota.time_of(cost))).arg(micros(quota.window));
        let mut connection = self.manager.clone();
        let asked = tokio::time::timeout(TIMEOUT * 2, invocation.invoke_async(&mut connection)).await;
        let answer: (u8, u64) = match asked {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Err(self.lost(&error.to_string())),
            Err(_) => return Err(self.lost("no answer in time")),
        };
        if self.pause().take().is_some() {
            tracing::info!("limits are shared again");
        }
        Ok(quota.verdict(answer.0 == 1, Duration::from_micros(answer.1), cost))
    }

    /// Says so once, and not for each request.
    fn lost(&self, cause: &str) -> Unreachable {
        if self.pause().replace(Instant::now() + PAUSE).is_none() {
            tracing::warn!(cause, "limits are not shared: Redis cannot be asked");
        }
        Unreachable
    }

    fn pause(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.paused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
