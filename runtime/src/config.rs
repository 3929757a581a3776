//! Configuration that all processes share, and how errors in it are told.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser, ValueEnum};
use secrecy::SecretString;
use tracing::level_filters::LevelFilter;

/// Exit code for a configuration error (`EX_CONFIG` of sysexits).
pub const EXIT_CONFIG: u8 = 78;

/// Exit code for a port that is taken (`EADDRINUSE` on Linux).
pub const EXIT_PORT_TAKEN: u8 = 98;

/// Settings of every process.
#[derive(Debug, Clone, clap::Args)]
pub struct Process {
    /// development or production. Production hides causes and refuses unsafe settings.
    #[arg(long = "environment", env = "RADAR_ENV", default_value = "development")]
    pub environment: Environment,
    /// Least severe log level printed: TRACE, DEBUG, INFO, WARNING or ERROR.
    #[arg(long, env = "LOG_LEVEL", default_value = "INFO")]
    pub log_level: LogLevel,
    /// text, json, or auto: text on a terminal, json otherwise.
    #[arg(long, env = "LOG_FORMAT", default_value = "auto")]
    pub log_format: LogFormat,
    /// Directory for daily log files besides standard output; the last 14 are kept.
    #[arg(long, env = "LOG_DIR")]
    pub log_dir: Option<PathBuf>,
    /// Address of the Prometheus metrics.
    #[arg(long, env = "METRICS_ADDR", default_value = "127.0.0.1:9464")]
    pub metrics_addr: SocketAddr,
    /// How long requests in flight may take to finish after SIGTERM.
    #[arg(long, env = "DRAIN_TIMEOUT", default_value = "20s", value_parser = humantime::parse_duration)]
    pub drain_timeout: Duration,
    /// TLS between our own processes.
    #[command(flatten)]
    pub grpc_tls: GrpcTls,
    /// OTLP/gRPC collector for traces, such as `http://localhost:4317`. Unset: traces are not exported.
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT")]
    pub otlp_endpoint: Option<String>,
}

/// TLS between our own processes, over gRPC. The files are read again when they change.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct GrpcTls {
    /// Certificate chain (PEM) of this process: its gRPC listener shows it, and so do its gRPC clients.
    #[arg(long = "grpc-cert-file", env = "GRPC_CERT_FILE")]
    pub cert: Option<PathBuf>,
    /// Private key (PEM) of that certificate.
    #[arg(long = "grpc-key-file", env = "GRPC_KEY_FILE")]
    pub key: Option<PathBuf>,
    /// Authority (PEM) of our certificates. The gRPC listener refuses callers without one of it, and gRPC clients
    /// trust it alone. Unset: callers need none, and public authorities are trusted.
    #[arg(long = "grpc-ca-file", env = "GRPC_CA_FILE")]
    pub ca: Option<PathBuf>,
}

/// Where a process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Environment {
    /// A developer's machine.
    Development,
    /// Serving users.
    Production,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Text on a terminal, JSON otherwise.
    Auto,
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// A log level, by the names of several worlds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogLevel(pub LevelFilter);

impl FromStr for LogLevel {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(Self(match text.to_ascii_uppercase().as_str() {
            "TRACE" => LevelFilter::TRACE,
            "DEBUG" => LevelFilter::DEBUG,
            "INFO" => LevelFilter::INFO,
            "WARN" | "WARNING" => LevelFilter::WARN,
            "ERROR" | "CRITICAL" => LevelFilter::ERROR,
            _ => return Err("one of TRACE, DEBUG, INFO, WARNING, ERROR".into()),
        }))
    }
}

/// A configuration error: one line that names the variable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: {problem}")]
pub struct Error {
    /// The variable at fault.
    pub variable: String,
    /// What is wrong with it and what would be right.
    pub problem: String,
}

impl Error {
    /// An error of a variable.
    pub fn new(variable: impl Into<String>, problem: impl fmt::Display) -> Self {
        Self { variable: variable.into(), problem: problem.to_string() }
    }
}

/// Reads the command line and the environment of this process; an error ends it with code 78 and one line.
pub fn parse<T: Parser>() -> T {
    match T::try_parse() {
        Ok(config) => config,
        Err(error) if is_help(error.kind()) => error.exit(),
        Err(error) => fail(&explain::<T>(&error)),
    }
}

fn is_help(kind: ErrorKind) -> bool {
    use ErrorKind::{DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand, DisplayVersion};
    matches!(kind, DisplayHelp | DisplayVersion | DisplayHelpOnMissingArgumentOrSubcommand)
}

/// Reads the environment alone, for a program that assembles several configurations.
pub fn from_environment<T: Parser>() -> Result<T, Error> {
    T::try_parse_from(["bouvetradar"]).map_err(|error| explain::<T>(&error))
}

/// Ends the process with a configuration error.
#[expect(
    clippy::print_stderr,
    reason = "logging is not up yet; standard error is where a start failure is looked for"
)]
pub fn fail(error: &Error) -> ! {
    eprintln!("configuration error: {error}");
    std::process::exit(i32::from(EXIT_CONFIG))
}

/// Says why a program ends, and gives its exit code: 78 for a configuration error, which is told in one line, 98 for
/// a port that is taken, otherwise 1. For a `main` that returns.
#[expect(clippy::print_stderr, reason = "standard error is where a start failure is looked for")]
pub fn exit(error: &anyhow::Error) -> ExitCode {
    if let Some(error) = error.chain().find_map(|cause| cause.downcast_ref::<Error>()) {
        eprintln!("configuration error: {error}");
        return ExitCode::from(EXIT_CONFIG);
    }
    if tracing::dispatcher::has_been_set() {
        tracing::error!(error = format!("{error:#}"), "stopped");
    } else {
        eprintln!("error: {error:#}");
    }
    let taken = |cause: &(dyn std::error::Error + 'static)| {
        matches!(cause.downcast_ref(), Some(crate::bind::Error::Taken { .. }))
    };
    if error.chain().any(taken) { ExitCode::from(EXIT_PORT_TAKEN) } else { ExitCode::FAILURE }
}

/// Reads a number of bytes or things; zero is refused.
pub fn size(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("must be at least 1".into()),
        Ok(size) => Ok(size),
        Err(_) => Err("must be a whole number".into()),
    }
}

/// Reads a duration such as `30s`; zero is refused.
pub fn duration(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if duration.is_zero() { Err("must be longer than zero".into()) } else { Ok(duration) }
}

fn explain<T: CommandFactory>(error: &clap::Error) -> Error {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => texts.first().cloned(),
        _ => None,
    };
    let argument = text(ContextKind::InvalidArg).unwrap_or_default();
    let flag = argument.split([' ', '=']).next().unwrap_or_default().trim_start_matches('-').to_owned();
    let variable = variable(&T::command(), &flag);
    let cause = std::error::Error::source(error).map(ToString::to_string);
    let problem = match (text(ContextKind::InvalidValue), cause) {
        (Some(value), Some(cause)) => format!("{value:?} is not valid: {cause}"),
        (Some(value), None) => match error.get(ContextKind::ValidValue) {
            Some(ContextValue::Strings(valid)) => format!("{value:?} is not one of {}", valid.join(", ")),
            _ => format!("{value:?} is not valid"),
        },
        (None, _) if error.kind() == ErrorKind::MissingRequiredArgument => "must be set".into(),
        (None, _) => {
            error.to_string().lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
        }
    };
    Error::new(
        variable.unwrap_or(if argument.is_empty() { "command line".into() } else { argument }),
        problem,
    )
}

/// The variable that can be written for a flag, of a command or the commands below it.
fn variable(command: &clap::Command, flag: &str) -> Option<String> {
    let own = command.get_arguments().find(|a| a.get_long() == Some(flag)).and_then(|a| a.get_env());
    let own = own.map(|name| name.to_string_lossy().into_owned());
    own.or_else(|| command.get_subcommands().find_map(|below| variable(below, flag)))
}

/// A secret given by `NAME`, or by `NAME_FILE` as a file whose first line it is. Both at once are an error.
pub fn secret(name: &str, value: Option<&str>, file: Option<&Path>) -> Result<Option<SecretString>, Error> {
    let text = match (value, file) {
        (Some(_), Some(_)) => {
            return Err(Error::new(name, format!("set either it or {name}_FILE, not both")));
        }
        (Some(value), None) => value.to_owned(),
        (None, Some(path)) => std::fs::read_to_string(path).map_err(|cause| {
            Error::new(format!("{name}_FILE"), format!("cannot read {}: {cause}", path.display()))
        })?,
        (None, None) => return Ok(None),
    };
    let line = text.lines().next().unwrap_or_default().trim();
    if line.is_empty() {
        return Ok(None);
    }
    if line.chars().any(|c| !c.is_ascii_graphic()) {
        return Err(Error::new(name, "must be printable ASCII without spaces"));
    }
    Ok(Some(SecretString::from(line)))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[derive(Debug, Parser)]
    struct Program {
        #[command(flatten)]
        process: Process,
        #[arg(long, env = "TEST_PAGE_SIZE", default_value = "10")]
        page_size: u16,
    }

    fn error(arguments: &[&str]) -> String {
        let all = std::iter::once("program").chain(arguments.iter().copied());
        explain::<Program>(&Program::try_parse_from(all).unwrap_err()).to_string()
    }

    #[test]
    fn a_bad_value_names_its_variable_in_one_line() {
        for (flag, value, variable) in [
            ("--page-size", "many", "TEST_PAGE_SIZE"),
            ("--log-level", "LOUD", "LOG_LEVEL"),
            ("--environment", "staging", "RADAR_ENV"),
            ("--drain-timeout", "soon", "DRAIN_TIMEOUT"),
            ("--metrics-addr", "9464", "METRICS_ADDR"),
        ] {
            let message = error(&[flag, value]);
            assert!(message.starts_with(&format!("{variable}: ")), "{message}");
            assert!(message.contains(value) && !message.contains('\n'), "{message}");
        }
    }

    #[test]
    fn defaults_are_complete_and_levels_have_all_their_names() {
        let program = Program::try_parse_from(["program", "--log-level", "warning"]).unwrap();
        assert_eq!(program.process.log_level.0, LevelFilter::WARN);
        assert_eq!(program.process.drain_timeout, Duration::from_secs(20));
        assert_eq!(program.page_size, 10);
    }

    #[test]
    fn a_secret_comes_from_its_variable_or_a_file_but_not_both() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        std::fs::write(&path, "abc123\n").unwrap();
        let read = |value, file| secret("KEY", value, file).map(|s| s.map(|s| s.expose_secret().to_owned()));
        assert_eq!(read(Some("x"), None), Ok(Some("x".into())));
        assert_eq!(read(None, Some(path.as_path())), Ok(Some("abc123".into())));
        assert_eq!(read(None, None), Ok(None));
        assert!(read(Some("x"), Some(path.as_path())).unwrap_err().to_string().starts_with("KEY: "));
        let missing = dir.path().join("none");
        assert!(read(None, Some(missing.as_path())).unwrap_err().to_string().starts_with("KEY_FILE: "));
        assert!(read(Some("a b"), None).is_err());
    }
}
