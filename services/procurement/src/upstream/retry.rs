//! When to ask again.

use std::time::Duration;

use tokio::time::Instant;
use url::Url;

use super::exchange::{Answer, Broken};
use super::verdict::Verdict;
use super::{Doffin, Endpoint, Error, Urgency, verdict};

/// Times a request is sent again at most.
const RETRIES: u32 = 2;

const FIRST_BACKOFF: Duration = Duration::from_millis(200);

impl Doffin {
    /// Sends a request until `read` finds an answer in it, another try would not help, or time is up.
    pub(super) async fn ask<T>(
        &self,
        (endpoint, urgency): (Endpoint, Urgency),
        url: &Url,
        deadline: Instant,
        read: impl Fn(&Answer) -> Result<T, Verdict>,
    ) -> Result<T, Error> {
        let mut retries = 0;
        loop {
            let turn = match urgency {
                Urgency::Awaited => self.pace.turn(deadline).await,
                Urgency::Leftover => self.pace.leftover_turn(deadline).await,
            };
            if let Err(retry_after) = turn {
                return Err(Error::Throttled { retry_after });
            }
            let error = match self.attempt(endpoint, url, deadline).await.and_then(|answer| read(&answer)) {
                Ok(answer) => {
                    self.record.success();
                    return Ok(answer);
                }
                Err(Verdict::Final(Error::NotFound)) => {
                    self.record.success();
                    return Err(Error::NotFound);
                }
                Err(Verdict::Pause(pause)) => {
                    self.pace.pause(pause);
                    self.record.failure(&Error::Throttled { retry_after: pause });
                    continue;
                }
                Err(Verdict::Again { error, most }) => {
                    let pause = backoff(retries);
                    if retries < most.min(RETRIES) && Instant::now() + pause < deadline {
                        tracing::debug!(endpoint = endpoint.name(), %error, retries, "asking doffin again");
                        tokio::time::sleep(pause).await;
                        retries += 1;
                        continue;
                    }
                    error
                }
                Err(Verdict::Final(error)) => error,
            };
            let error = self.redacted(error);
            self.record.failure(&error);
            return Err(error);
        }
    }

    async fn attempt(&self, endpoint: Endpoint, url: &Url, deadline: Instant) -> Result<Answer, Verdict> {
        self.record.request();
        let start = Instant::now();
        let sent = self.exchange.send(url, deadline).await;
        let status = match &sent {
            Ok(answer) => answer.status.to_string(),
            Err(Broken::Connect(_)) => "connect".to_owned(),
            Err(Broken::Cut(_)) => "cut".to_owned(),
            Err(Broken::TooLarge) => "too_large".to_owned(),
            Err(Broken::Timeout) => "timeout".to_owned(),
        };
        self.metrics.ended(endpoint, status, start.elapsed());
        verdict::common(endpoint, sent?)
    }

    /// Doffin's own words may repeat what we sent.
    fn redacted(&self, error: Error) -> Error {
        match error {
            Error::Failed { what, detail } => Error::Failed { what, detail: self.exchange.redact(&detail) },
            Error::Refused { status, detail } => {
                Error::Refused { status, detail: self.exchange.redact(&detail) }
            }
            other => other,
        }
    }
}

fn backoff(retries: u32) -> Duration {
    let base = FIRST_BACKOFF * 2_u32.pow(retries);
    base + base.mul_f64(fastrand::f64())
}
