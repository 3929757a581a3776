//! Settings of rate limits.

use clap::{Args, ValueEnum};
use runtime::Environment;
use runtime::config::Error;
use secrecy::SecretString;

use super::quota::Quota;

/// How much callers may ask.
#[derive(Debug, Clone, Args)]
#[group(skip)]
pub struct Settings {
    /// What one address may ask without credentials, such as 600/1min, or off. A route's cost in the contract is what a
    /// request takes of it. Default: off in development, 600/1min in production.
    #[arg(long, env = "RATE_LIMIT_ADDRESS")]
    pub rate_limit_address: Option<String>,
    /// What one client with credentials may ask, likewise. Default: off in development, 3000/1min in production.
    #[arg(long, env = "RATE_LIMIT_CLIENT")]
    pub rate_limit_client: Option<String>,
    /// Redis that several gateways share their limits by, such as `redis://redis:6379`. Unset: each has its own.
    #[arg(long, env = "REDIS_URL", hide_env_values = true)]
    pub redis_url: Option<SecretString>,
    /// What happens while Redis does not answer: open lets each gateway limit by itself, closed answers 503.
    #[arg(long, env = "RATE_LIMIT_FAIL", default_value = "open")]
    pub rate_limit_fail: Fail,
}

/// What happens while limits cannot be shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Fail {
    /// Each gateway limits by itself.
    Open,
    /// Nobody is answered.
    Closed,
}

impl Settings {
    pub(crate) fn address(&self, environment: Environment) -> Result<Option<Quota>, Error> {
        quota("RATE_LIMIT_ADDRESS", self.rate_limit_address.as_deref(), "600/1min", environment)
    }

    pub(crate) fn client(&self, environment: Environment) -> Result<Option<Quota>, Error> {
        quota("RATE_LIMIT_CLIENT", self.rate_limit_client.as_deref(), "3000/1min", environment)
    }
}

fn quota(
    variable: &str,
    given: Option<&str>,
    default: &str,
    environment: Environment,
) -> Result<Option<Quota>, Error> {
    let text = match given.map(str::trim).filter(|text| !text.is_empty()) {
        Some("off") => return Ok(None),
        Some(text) => text,
        None if environment == Environment::Development => return Ok(None),
        None => default,
    };
    text.parse()
        .map(Some)
        .map_err(|problem: String| Error::new(variable, format!("{text:?}: {problem}, or off")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_on_in_production_and_can_be_set_and_switched_off() {
        let read = |given, environment| quota("RATE_LIMIT_ADDRESS", given, "600/1min", environment);
        let amount = |given, environment| read(given, environment).unwrap().map(|quota| quota.amount);
        assert_eq!(amount(None, Environment::Development), None);
        assert_eq!(amount(None, Environment::Production), Some(600));
        assert_eq!(amount(Some("off"), Environment::Production), None);
        assert_eq!(amount(Some("5/1s"), Environment::Development), Some(5));
        let error = read(Some("5 a second"), Environment::Production).unwrap_err().to_string();
        assert!(error.starts_with("RATE_LIMIT_ADDRESS: \"5 a second\""), "{error}");
    }
}
