//! Settings of the service.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::{ArgAction, Parser, Subcommand};
use runtime::Process;
use runtime::config::{Error, duration};

use crate::source::Location;

/// CPV list as the Norwegian Agency for Public and Financial Management (DFØ) publishes it.
const CPV_SOURCE: &str =
    "https://raw.githubusercontent.com/anskaffelser/eforms-sdk-nor/main/src/codelists/cpv.yaml";
/// Version of NUTS in KLASS that is in force.
const NUTS_VERSION: &str = "versions/2482";
/// Version of STYRK-08 in KLASS.
const STYRK_VERSION: &str = "versions/33";

/// Settings of the classification service.
#[derive(Debug, Clone, Parser)]
#[command(name = "classification", version, about)]
pub struct Config {
    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Settings of every process.
    #[command(flatten)]
    pub process: Process,
    /// Address the gRPC server listens on.
    #[arg(long = "addr", env = "CLASSIFICATION_ADDR", default_value = "127.0.0.1:50052")]
    pub addr: SocketAddr,
    /// Base URL of Statistics Norway's KLASS, where NUTS and STYRK come from unless set otherwise.
    #[arg(long, env = "KLASS_BASE_URL", default_value = "https://data.ssb.no/api/klass/v1")]
    pub klass_base_url: String,
    /// URL or file of the CPV list (DFØ's YAML, or CSV `code;nb;en`). Empty: the default.
    #[arg(long, env = "CPV_SOURCE", default_value = CPV_SOURCE)]
    pub cpv_source: String,
    /// URL or file of the NUTS list (KLASS JSON or CSV). Default: version 2482 of KLASS.
    #[arg(long, env = "NUTS_SOURCE")]
    pub nuts_source: Option<String>,
    /// URL or file of the STYRK-08 list (KLASS JSON or CSV). Default: version 33 of KLASS.
    #[arg(long, env = "STYRK_SOURCE")]
    pub styrk_source: Option<String>,
    /// Whether lists are refreshed from their publishers. Sources that are files are read in any case.
    #[arg(
        long, env = "SOURCES_ENABLED", default_value = "true", action = ArgAction::Set,
        value_parser = BoolishValueParser::new()
    )]
    pub sources_enabled: bool,
    /// How often NUTS and STYRK are refreshed, give or take a tenth.
    #[arg(long, env = "KLASS_REFRESH", default_value = "24h", value_parser = duration)]
    pub klass_refresh: Duration,
    /// How often CPV is refreshed, give or take a tenth. A list that was had once is kept for ever.
    #[arg(long, env = "CPV_REFRESH", default_value = "30days", value_parser = duration)]
    pub cpv_refresh: Duration,
    /// How long a publisher may take to answer, the whole list included.
    #[arg(
        long = "upstream-timeout", env = "CLASSIFICATION_UPSTREAM_TIMEOUT", default_value = "20s",
        value_parser = duration
    )]
    pub upstream_timeout: Duration,
    /// Directory for data; the last good download of each list is kept in `classification` below it.
    #[arg(long, env = "DATA_DIR", default_value = "./data")]
    pub data_dir: PathBuf,
}

/// What the program can do besides serving.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Asks the server on this machine whether it serves; exits with 0 if so, with 1 if not.
    Health,
}

/// Where each list is refreshed from; none where only the embedded list is to be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    /// Of CPV.
    pub cpv: Option<Location>,
    /// Of NUTS.
    pub nuts: Option<Location>,
    /// Of STYRK-08.
    pub styrk: Option<Location>,
}

impl Config {
    /// Where each list is refreshed from. A source that is neither URL nor path is an error naming its variable.
    pub fn sources(&self) -> Result<Sources, Error> {
        let base = self.klass_base_url.trim_end_matches('/');
        let klass = |path: &str| format!("{base}/{path}");
        let parse = |variable: &str, text: &str| {
            Location::parse(text).map_err(|problem| Error::new(variable, problem))
        };
        let set = |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let source = |variable, text: Option<&str>, default_variable, default: String| match set(text) {
            Some(text) => parse(variable, &text),
            None => parse(default_variable, &default),
        };
        let enabled = |location: Location| match location {
            Location::Url(_) => Some(location).filter(|_| self.sources_enabled),
            Location::File(_) => Some(location),
        };
        let cpv = source("CPV_SOURCE", Some(&self.cpv_source), "CPV_SOURCE", CPV_SOURCE.to_owned())?;
        let base_variable = "KLASS_BASE_URL";
        let nuts = source("NUTS_SOURCE", self.nuts_source.as_deref(), base_variable, klass(NUTS_VERSION))?;
        let styrk =
            source("STYRK_SOURCE", self.styrk_source.as_deref(), base_variable, klass(STYRK_VERSION))?;
        Ok(Sources { cpv: enabled(cpv), nuts: enabled(nuts), styrk: enabled(styrk) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(arguments: &[&str]) -> Config {
        Config::try_parse_from(std::iter::once("classification").chain(arguments.iter().copied())).unwrap()
    }

    fn shown(location: Option<Location>) -> String {
        location.map(|location| location.to_string()).unwrap_or_default()
    }

    #[test]
    fn sources_default_to_the_publishers_and_empty_is_unset() {
        let sources = config(&["--cpv-source", "", "--nuts-source", " "]).sources().unwrap();
        assert_eq!(shown(sources.cpv), CPV_SOURCE);
        assert_eq!(shown(sources.nuts), "https://data.ssb.no/api/klass/v1/versions/2482");
        assert_eq!(shown(sources.styrk), "https://data.ssb.no/api/klass/v1/versions/33");
    }

    #[test]
    fn a_klass_elsewhere_serves_both_its_lists() {
        let sources = config(&["--klass-base-url", "http://127.0.0.1:9000/klass/"]).sources().unwrap();
        assert_eq!(shown(sources.nuts), "http://127.0.0.1:9000/klass/versions/2482");
        assert_eq!(shown(sources.styrk), "http://127.0.0.1:9000/klass/versions/33");
    }

    #[test]
    fn without_publishers_only_files_are_sources() {
        let sources =
            config(&["--sources-enabled", "no", "--cpv-source", "lists/cpv.yaml"]).sources().unwrap();
        assert_eq!(shown(sources.cpv), "lists/cpv.yaml");
        assert_eq!((sources.nuts, sources.styrk), (None, None));
    }

    #[test]
    fn a_bad_source_names_its_variable() {
        for (flag, variable) in [
            ("--cpv-source", "CPV_SOURCE"),
            ("--nuts-source", "NUTS_SOURCE"),
            ("--styrk-source", "STYRK_SOURCE"),
            ("--klass-base-url", "KLASS_BASE_URL"),
        ] {
            let error = config(&[flag, "ftp://example.org"]).sources().unwrap_err().to_string();
            assert!(error.starts_with(&format!("{variable}: ")), "{error}");
        }
    }

    #[test]
    fn health_is_a_command() {
        assert_eq!(config(&["health"]).command, Some(Command::Health));
    }

    #[test]
    fn a_refresh_without_pause_is_refused() {
        for flag in ["--klass-refresh", "--cpv-refresh"] {
            assert!(Config::try_parse_from(["classification", flag, "0s"]).is_err(), "{flag}");
        }
        assert_eq!(config(&[]).cpv_refresh, Duration::from_hours(30 * 24));
    }
}
