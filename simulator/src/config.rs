//! The command line of the `simulator` binary; the only place that reads the environment.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use jiff::Timestamp;

use crate::{Config, Faults, Lists};

/// Doffin v2 and SSB KLASS v1 on one port, as they really behave.
#[derive(Debug, Parser)]
#[command(name = "simulator", version, about)]
pub struct Args {
    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What the simulator is made of.
    #[command(flatten)]
    pub settings: Settings,
}

/// What the simulator is made of, for programs that hold one.
#[derive(Debug, Clone, clap::Args)]
pub struct Settings {
    /// Address to listen on.
    #[arg(long, env = "SIMULATOR_ADDR", default_value = "127.0.0.1:8090")]
    pub addr: SocketAddr,
    /// How many notices to generate, superseded ones included; at most a million.
    #[arg(long, env = "SIMULATOR_NOTICES", default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub notices: u32,
    /// Seed of the generated notices; the same seed and day give the same notices.
    #[arg(long, env = "SIMULATOR_SEED", default_value_t = 1)]
    pub seed: u64,
    /// Directory of real files to serve instead of generated ones.
    #[arg(long, env = "SIMULATOR_DATA")]
    pub data: Option<PathBuf>,
    /// Accepted Doffin subscription key; may be repeated or comma separated.
    #[arg(long = "api-key", env = "SIMULATOR_API_KEY", value_delimiter = ',', default_value = "demo-key")]
    pub api_keys: Vec<String>,
    /// Start the simulated clock here (RFC 3339) instead of at the real time.
    #[arg(long, env = "SIMULATOR_NOW")]
    pub now: Option<Timestamp>,
    /// Faults to start with, as the JSON that /admin/faults takes.
    #[arg(long, env = "SIMULATOR_FAULTS", value_parser = parse_faults)]
    pub faults: Option<Faults>,
}

/// What the program can do besides serving.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Asks the simulator on this machine whether it answers; exits with 0 if so, with 1 if not.
    Health,
}

impl Settings {
    /// What the library needs to run.
    pub fn into_config(self) -> Config {
        Config {
            notices: self.notices as usize,
            seed: self.seed,
            api_keys: self.api_keys,
            data: self.data,
            lists: Lists::default(),
            faults: self.faults.unwrap_or_default(),
            now: self.now,
        }
    }
}

fn parse_faults(text: &str) -> Result<Faults, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_may_be_repeated_or_comma_separated() {
        let args = Args::parse_from(["simulator", "--api-key", "a,b", "--api-key", "c"]);
        assert_eq!(args.settings.into_config().api_keys, ["a", "b", "c"]);
    }

    #[test]
    fn a_misspelt_fault_is_refused() {
        assert!(
            Args::try_parse_from(["simulator", "--faults", r#"{"doffin":{"celing":"empty200"}}"#]).is_err()
        );
    }
}
