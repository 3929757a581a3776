//! Settings of the procurement service.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};
use runtime::Process;
use secrecy::{ExposeSecret as _, SecretString};

use crate::{search, store, sync, upstream};

/// Longest time an answer is given again; the cache itself panics at a thousand years.
const CACHE_TTL_LIMIT: Duration = Duration::from_hours(24);

/// Serves public procurement notices over gRPC, from a mirror of Doffin that it keeps.
#[derive(Debug, Clone, Parser)]
#[command(name = "procurement", version, about)]
pub struct Config {
    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Settings of every process.
    #[command(flatten)]
    pub process: Process,
    /// Address of the gRPC server.
    #[arg(long, env = "PROCUREMENT_ADDR", default_value = "127.0.0.1:50051")]
    pub addr: SocketAddr,
    /// URL of the classification service, which knows codes and place names.
    #[arg(long, env = "CLASSIFICATION_URL", default_value = "http://127.0.0.1:50052")]
    pub classification_url: String,
    /// Base URL of Doffin's public API.
    #[arg(long, env = "DOFFIN_BASE_URL", default_value = "https://api.doffin.no/public/v2")]
    pub doffin_base_url: String,
    /// Subscription key of Doffin's public API. Required, here or as a file.
    #[arg(long, env = "DOFFIN_API_KEY", hide_env_values = true)]
    pub doffin_api_key: Option<SecretString>,
    /// File whose first line is the key.
    #[arg(long, env = "DOFFIN_API_KEY_FILE")]
    pub doffin_api_key_file: Option<PathBuf>,
    /// How long one request to Doffin may take.
    #[arg(long, env = "DOFFIN_TIMEOUT", default_value = "15s", value_parser = runtime::config::duration)]
    pub doffin_timeout: Duration,
    /// Requests a second to Doffin, sustained. Bursts of 8 times, and 12 times in ten seconds, are let
    /// through: 20 and 30 by default, which is what Doffin allows. What fills the mirror leaves a part of both to
    /// answers, and starts with a fifth of the rate for ten seconds.
    #[arg(long, env = "DOFFIN_RATE", default_value = "2.5", value_parser = rate)]
    pub doffin_rate: f64,
    /// Directory of the mirror: the embedded database and the search index.
    #[arg(long, env = "DATA_DIR", default_value = "./data")]
    pub data_dir: PathBuf,
    /// Database of the mirror: `sqlite:PATH` or `postgres://…`. Default: an SQLite file in the data directory.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<SecretString>,
    /// File whose first line is the database's URL.
    #[arg(long, env = "DATABASE_URL_FILE")]
    pub database_url_file: Option<PathBuf>,
    /// Read replica of a PostgreSQL database.
    #[arg(long, env = "DATABASE_READ_URL", hide_env_values = true)]
    pub database_read_url: Option<SecretString>,
    /// Most connections to the database.
    #[arg(long, env = "DATABASE_POOL", default_value = "8", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub database_pool: u32,
    /// How long a request waits for a connection to the database before it is told to come back.
    #[arg(long, env = "DATABASE_TIMEOUT", default_value = "5s", value_parser = runtime::config::duration)]
    pub database_timeout: Duration,
    /// Memory for notices on their way into the search index, in MiB.
    #[arg(long, env = "INDEX_MEMORY_MIB", default_value = "128", value_parser = clap::value_parser!(u32).range(16..=4096))]
    pub index_memory_mib: u32,
    /// How long an answer from Doffin is given again without asking.
    #[arg(long, env = "SEARCH_CACHE_TTL", default_value = "60s", value_parser = cache_ttl)]
    pub search_cache_ttl: Duration,
    /// How many answers are kept; one of more than 64 KiB counts as several.
    #[arg(long, env = "SEARCH_CACHE_ENTRIES", default_value = "1000")]
    pub search_cache_entries: u64,
    /// The mirror of Doffin.
    #[command(flatten)]
    pub sync: sync::Settings,
}

/// What the program can do besides serving.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Asks the server at `PROCUREMENT_ADDR` whether it serves; exits with 0 if it does.
    Health,
}

impl Config {
    /// Finds everything that can be wrong with these settings, and starts nothing. [`serve`](crate::serve)
    /// does it too; this is for a program that starts several servers, before the first of them.
    pub fn check(&self) -> Result<(), runtime::config::Error> {
        self.doffin().map(drop)
    }

    /// What the client of Doffin needs, once every setting has been checked; none without a key, which only a server
    /// that does not sync can do without.
    pub(crate) fn doffin(&self) -> Result<Option<upstream::Settings>, runtime::config::Error> {
        runtime::client::check(&self.classification_url, "CLASSIFICATION_URL")?;
        self.store()?;
        let base = upstream::base(&self.doffin_base_url)?;
        let settings =
            |key| upstream::Settings { base, key, timeout: self.doffin_timeout, rate: self.doffin_rate };
        Ok(self.api_key()?.map(settings))
    }

    /// Where the store is.
    pub(crate) fn store(&self) -> Result<store::Settings, runtime::config::Error> {
        let text = |url: &SecretString| url.expose_secret().trim().to_owned();
        let known = |url: &String| {
            ["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| url.starts_with(scheme))
        };
        let given = self.database_url.as_ref().map(SecretString::expose_secret);
        let url = runtime::config::secret("DATABASE_URL", given, self.database_url_file.as_deref())?;
        let url = url.as_ref().map(text).filter(|url| !url.is_empty());
        let read_url = self.database_read_url.as_ref().map(text).filter(|url| !url.is_empty());
        for (variable, url) in [("DATABASE_URL", &url), ("DATABASE_READ_URL", &read_url)] {
            if url.as_ref().is_some_and(|url| !known(url)) {
                // The URL may hold a password, so it is not shown.
                return Err(runtime::config::Error::new(variable, "must begin with sqlite: or postgres:"));
            }
        }
        Ok(store::Settings {
            url: url.unwrap_or_else(|| format!("sqlite:{}", self.data_dir.join("procurement.db").display())),
            read_url,
            pool: self.database_pool,
            acquire_timeout: self.database_timeout,
        })
    }

    /// Where the search index is.
    pub(crate) fn index(&self) -> search::Settings {
        search::Settings { dir: self.data_dir.join("index"), memory: (self.index_memory_mib as usize) << 20 }
    }

    /// The key, or an error that says where one comes from.
    fn api_key(&self) -> Result<Option<SecretString>, runtime::config::Error> {
        let value = self.doffin_api_key.as_ref().map(SecretString::expose_secret);
        let key = runtime::config::secret("DOFFIN_API_KEY", value, self.doffin_api_key_file.as_deref())?;
        if key.is_none() && self.sync.enabled {
            return Err(runtime::config::Error::new(
                "DOFFIN_API_KEY",
                "must be set, or DOFFIN_API_KEY_FILE; a key is free from Doffin's developer portal, `radar demo` needs none, and SYNC_ENABLED=false serves what the mirror holds without one",
            ));
        }
        Ok(key)
    }
}

/// Zero keeps nothing.
fn cache_ttl(text: &str) -> Result<Duration, String> {
    let ttl = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if ttl <= CACHE_TTL_LIMIT { Ok(ttl) } else { Err("must be at most 24h".to_owned()) }
}

fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| "must be a number of requests a second".to_owned())?;
    if (0.01..=10_000.0).contains(&rate) { Ok(rate) } else { Err("must be 0.01 to 10000".to_owned()) }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn config(arguments: &[&str]) -> Config {
        Config::try_parse_from(std::iter::once("procurement").chain(arguments.iter().copied())).unwrap()
    }

    #[test]
    fn the_command_line_is_consistent() {
        Config::command().debug_assert();
    }

    #[test]
    fn a_check_finds_what_is_wrong_and_needs_nothing_running() {
        let check = |more: &[&str]| {
            let mut arguments = vec!["--doffin-api-key=k"];
            arguments.extend(more);
            config(&arguments).check().map_err(|error| error.variable)
        };
        assert_eq!(check(&[]), Ok(()));
        for (argument, variable) in [
            ("--doffin-api-key-file=/none", "DOFFIN_API_KEY"),
            ("--doffin-base-url=doffin", "DOFFIN_BASE_URL"),
            ("--doffin-base-url=https://user:pass@x/y", "DOFFIN_BASE_URL"),
            ("--classification-url=classification", "CLASSIFICATION_URL"),
        ] {
            assert_eq!(check(&[argument]), Err(variable.to_owned()), "{argument}");
        }
        let without = |argument| config(&[argument]).check().unwrap_err().variable;
        assert_eq!(without("--doffin-api-key="), "DOFFIN_API_KEY");
        assert_eq!(without("--doffin-api-key=a b"), "DOFFIN_API_KEY");
        assert_eq!(without("--doffin-api-key-file=/none"), "DOFFIN_API_KEY_FILE");
    }

    #[test]
    fn durations_that_cannot_work_are_refused() {
        let refused = |argument: &str| Config::try_parse_from(["procurement", argument]).is_err();
        assert!(refused("--doffin-timeout=0s") && refused("--doffin-timeout=soon"));
        assert!(refused("--search-cache-ttl=2000years"));
        assert!(!refused("--doffin-timeout=1ms") && !refused("--search-cache-ttl=0s"));
    }

    #[test]
    fn a_missing_key_says_where_to_get_one() {
        let error = config(&["--doffin-api-key", ""]).api_key().unwrap_err();
        assert_eq!(error.variable, "DOFFIN_API_KEY");
        assert!(
            error.problem.contains("developer portal") && error.problem.contains("radar demo"),
            "{error}"
        );
    }

    #[test]
    fn a_key_is_not_shown_when_the_settings_are() {
        let config = config(&["--doffin-api-key", "s3cret-k3y"]);
        assert_eq!(config.api_key().unwrap().unwrap().expose_secret(), "s3cret-k3y");
        assert!(!format!("{config:?}").contains("s3cret-k3y"));
    }

    #[test]
    fn a_rate_is_a_sensible_number() {
        assert_eq!(rate("2.5"), Ok(2.5));
        for bad in ["", "fast", "0", "-1", "NaN", "inf", "1e9"] {
            assert!(rate(bad).is_err(), "{bad}");
        }
    }
}
