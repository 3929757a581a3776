//! Configuration of the gateway.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Parser, Subcommand};
use runtime::config::{Error, Process};
use runtime::{Environment, client};
use url::Url;

use crate::address::Proxies;
use crate::{auth, limit};

/// Maps `/api/*` JSON onto the gRPC services, by their descriptors.
#[derive(Debug, Clone, Parser)]
#[command(name = "gateway", version, about)]
pub struct Config {
    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Settings of every process.
    #[command(flatten)]
    pub process: Process,
    /// Address the gateway listens on.
    #[arg(long = "addr", env = "GATEWAY_ADDR", default_value = "127.0.0.1:8080")]
    pub addr: SocketAddr,
    /// Port to listen on; wins over the port of `GATEWAY_ADDR`, as cloud platforms set it.
    #[arg(long, env = "PORT")]
    pub port: Option<u16>,
    /// Certificate chain (PEM) the gateway shows. Set: it speaks HTTPS only. Read again when it changes.
    #[arg(long, env = "TLS_CERT_FILE")]
    pub tls_cert_file: Option<PathBuf>,
    /// Private key (PEM) of that certificate.
    #[arg(long, env = "TLS_KEY_FILE")]
    pub tls_key_file: Option<PathBuf>,
    /// URLs of the procurement service's servers, separated by commas; `https` with the certificates of `GRPC_CA_FILE`.
    /// A name with several addresses stands for as many servers, and is resolved again every few seconds.
    #[arg(long, env = "PROCUREMENT_URL", default_value = "http://127.0.0.1:50051")]
    pub procurement_url: String,
    /// URLs of the classification service's servers.
    #[arg(long, env = "CLASSIFICATION_URL", default_value = "http://127.0.0.1:50052")]
    pub classification_url: String,
    /// Origins whose pages may call the API, separated by commas; `*` for all. Default: all in development, none in
    /// production, where `*` is refused.
    #[arg(long, env = "CORS_ALLOWED_ORIGINS", value_delimiter = ',')]
    pub cors_allowed_origins: Vec<String>,
    /// Who may call.
    #[command(flatten)]
    pub auth: auth::Settings,
    /// How much callers may ask.
    #[command(flatten)]
    pub limits: limit::Settings,
    /// Proxies in front, as addresses or networks separated by commas: their X-Forwarded-For and X-Forwarded-Proto are
    /// believed. Default: nobody's are.
    #[arg(long, env = "TRUSTED_PROXIES", value_delimiter = ',')]
    pub trusted_proxies: Vec<String>,
    /// Longest time a request may take; callers can ask for less with X-Request-Timeout.
    #[arg(long, env = "REQUEST_TIMEOUT", default_value = "30s", value_parser = runtime::config::duration)]
    pub request_timeout: Duration,
    /// Longest request body in bytes.
    #[arg(long, env = "MAX_BODY_BYTES", default_value_t = 1 << 20, value_parser = runtime::config::size)]
    pub max_body_bytes: usize,
    /// Longest path and query together, in bytes.
    #[arg(long, env = "MAX_URI_BYTES", default_value_t = 8192, value_parser = runtime::config::size)]
    pub max_uri_bytes: usize,
    /// Most bytes of request headers together.
    #[arg(long, env = "MAX_HEADER_BYTES", default_value_t = 16384, value_parser = clap::value_parser!(u32).range(256..))]
    pub max_header_bytes: u32,
    /// Most connections at once; further ones are closed at once.
    #[arg(long, env = "MAX_CONNECTIONS", default_value_t = 10_000, value_parser = runtime::config::size)]
    pub max_connections: usize,
    /// How long a new connection may stay silent, or take to show its protocol.
    #[arg(long, env = "FIRST_BYTE_TIMEOUT", default_value = "5s", value_parser = runtime::config::duration)]
    pub first_byte_timeout: Duration,
    /// How long a request's headers may take.
    #[arg(long, env = "HEADER_TIMEOUT", default_value = "10s", value_parser = runtime::config::duration)]
    pub header_timeout: Duration,
    /// Most connections of one address at once; trusted proxies may have more.
    #[arg(long, env = "MAX_CONNECTIONS_PER_ADDRESS", default_value_t = 256, value_parser = runtime::config::size)]
    pub max_connections_per_address: usize,
    /// Most requests being answered at once; further ones get 503 at once. Health checks do not count.
    #[arg(long, env = "MAX_IN_FLIGHT", default_value_t = 1000, value_parser = runtime::config::size)]
    pub max_in_flight: usize,
    /// Most streams (watching, exports) open at once, which do not count as requests being answered; further ones get 503.
    #[arg(long, env = "MAX_STREAMS", default_value_t = 2000, value_parser = runtime::config::size)]
    pub max_streams: usize,
    /// Most streams of one address open at once; further ones get 429.
    #[arg(long, env = "MAX_STREAMS_PER_ADDRESS", default_value_t = 100, value_parser = runtime::config::size)]
    pub max_streams_per_address: usize,
    /// How long a request's body may take.
    #[arg(long, env = "BODY_TIMEOUT", default_value = "10s", value_parser = runtime::config::duration)]
    pub body_timeout: Duration,
    /// How long a client may take nothing of an answer; one that takes less than 1 KiB a second has little more.
    #[arg(long, env = "WRITE_TIMEOUT", default_value = "10s", value_parser = runtime::config::duration)]
    pub write_timeout: Duration,
    /// How long an HTTP/2 connection may ask nothing; HTTP/1 has `HEADER_TIMEOUT` between requests too.
    #[arg(long, env = "IDLE_TIMEOUT", default_value = "1min", value_parser = runtime::config::duration)]
    pub idle_timeout: Duration,
    /// How old a connection gets, give or take a tenth, before it ends after what it is doing.
    #[arg(long, env = "MAX_CONNECTION_AGE", default_value = "30min", value_parser = runtime::config::duration)]
    pub max_connection_age: Duration,
    /// Bytes of memory from whose 92 % on connections are closed and from whose 95 % on requests refused. Default: the
    /// limit of the control group, if it has one.
    #[arg(long, env = "MEMORY_LIMIT_BYTES")]
    pub memory_limit_bytes: Option<u64>,
    /// MiB of answers kept in memory, as long as the contract says of each route; 0 keeps none.
    #[arg(long, env = "RESPONSE_CACHE_MIB", default_value_t = 32, value_parser = clap::value_parser!(u64).range(..=65536))]
    pub response_cache_mib: u64,
    /// How long after SIGTERM connections are still accepted while readiness already says no.
    #[arg(long, env = "DRAIN_DELAY", default_value = "500ms", value_parser = humantime::parse_duration)]
    pub drain_delay: Duration,
}

/// What the program can do besides serving.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Asks the running gateway whether it is ready; exits with 0 if it is.
    Health,
}

/// Whose pages may call the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origins {
    /// Everybody's.
    Any,
    /// These.
    Listed(Vec<http::HeaderValue>),
}

impl Config {
    /// The address to listen on, with `PORT` applied.
    pub fn listen_addr(&self) -> SocketAddr {
        self.port.map_or(self.addr, |port| SocketAddr::new(self.addr.ip(), port))
    }

    /// The variable that set the port, for error messages.
    pub fn addr_variable(&self) -> &'static str {
        if self.port.is_some() { "PORT" } else { "PORT or GATEWAY_ADDR" }
    }

    /// Checks what can be wrong beyond a single value, without starting anything.
    pub fn check(&self) -> Result<(), Error> {
        self.origins()?;
        self.proxies()?;
        self.tls()?;
        self.auth.mode(self.process.environment)?;
        self.limits.address(self.process.environment)?;
        self.limits.client(self.process.environment)?;
        client::check(&self.procurement_url, "PROCUREMENT_URL")?;
        client::check(&self.classification_url, "CLASSIFICATION_URL")?;
        Ok(())
    }

    /// Files of the certificate and its key, if the gateway speaks TLS.
    pub(crate) fn tls(&self) -> Result<Option<(&Path, &Path)>, Error> {
        match (self.tls_cert_file.as_deref(), self.tls_key_file.as_deref()) {
            (Some(cert), Some(key)) => Ok(Some((cert, key))),
            (None, None) => Ok(None),
            (Some(_), None) => Err(Error::new("TLS_KEY_FILE", "must be set where TLS_CERT_FILE is")),
            (None, Some(_)) => Err(Error::new("TLS_CERT_FILE", "must be set where TLS_KEY_FILE is")),
        }
    }

    pub(crate) fn proxies(&self) -> Result<Proxies, Error> {
        Proxies::parse(&self.trusted_proxies)
    }

    pub(crate) fn origins(&self) -> Result<Origins, Error> {
        let error = |problem: String| Error::new("CORS_ALLOWED_ORIGINS", problem);
        let production = self.process.environment == Environment::Production;
        let listed: Vec<&str> =
            self.cors_allowed_origins.iter().map(|origin| origin.trim()).filter(|o| !o.is_empty()).collect();
        if listed.contains(&"*") || (listed.is_empty() && !production) {
            return match (production, listed.len()) {
                (true, _) => Err(error("* is refused in production; list the origins".into())),
                (false, 0 | 1) => Ok(Origins::Any),
                (false, _) => Err(error("* cannot stand beside other origins".into())),
            };
        }
        let parse = |text: &&str| {
            let url = Url::parse(text).ok().filter(|url| url.origin().ascii_serialization() == *text);
            let value = url.and_then(|_| http::HeaderValue::try_from(*text).ok());
            value.ok_or_else(|| error(format!("{text:?} is not an origin such as https://radar.example")))
        };
        listed.iter().map(parse).collect::<Result<_, _>>().map(Origins::Listed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origins(environment: &str, text: &str) -> Result<Origins, String> {
        let config =
            Config::try_parse_from(["gateway", "--environment", environment, "--cors-allowed-origins", text])
                .unwrap();
        config.origins().map_err(|e| e.to_string())
    }

    #[test]
    fn production_refuses_every_origin_and_allows_none_by_default() {
        assert_eq!(origins("development", ""), Ok(Origins::Any));
        assert_eq!(origins("development", "*"), Ok(Origins::Any));
        assert_eq!(origins("production", ""), Ok(Origins::Listed(Vec::new())));
        assert!(origins("production", "*").unwrap_err().starts_with("CORS_ALLOWED_ORIGINS: "));
        assert!(origins("development", "*,https://a.example").is_err());
    }

    #[test]
    fn an_origin_has_a_scheme_and_a_host_and_nothing_else() {
        let listed = origins("production", "https://a.example, http://localhost:3000").unwrap();
        assert_eq!(
            listed,
            Origins::Listed(vec![
                "https://a.example".parse().unwrap(),
                "http://localhost:3000".parse().unwrap()
            ])
        );
        for bad in ["a.example", "https://a.example/", "https://a.example/x", "HTTPS://a.example", "null"] {
            assert!(origins("production", bad).is_err(), "{bad} was taken");
        }
    }

    #[test]
    fn port_wins_over_the_address_but_keeps_its_host() {
        let config = Config::try_parse_from(["gateway", "--addr", "0.0.0.0:8080", "--port", "9000"]).unwrap();
        assert_eq!(config.listen_addr().to_string(), "0.0.0.0:9000");
    }
}
