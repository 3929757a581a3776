//! Configuration of `radar`. The servers in it read their own variables, the same as when they run alone.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Bouvet Radar in one process: Norwegian public procurement, searchable and explained.
///
/// Every server reads the same variables as when it runs alone; .env.example lists them. The first
/// SIGTERM or Ctrl-C stops in order, a second one at once.
#[derive(Debug, Clone, Parser)]
#[command(name = "radar", version, about, long_about, arg_required_else_help = true)]
pub struct Config {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What `radar` can do.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Starts everything against a simulated Doffin and KLASS: no key, no network, generated notices.
    Demo(Demo),
    /// Starts everything against the real publishers. Needs `DOFFIN_API_KEY`.
    Serve,
    /// Asks the running gateway whether it is ready; exits with 0 if it is.
    Health,
}

/// What the demo shows.
#[derive(Debug, Clone, Args)]
pub struct Demo {
    /// Directory of real publisher files to serve instead of generated notices: `cpv/`, `nuts/`, `styrk/`,
    /// `doffin-json/`, `doffin-xml/`. What is missing is generated.
    #[arg(long, env = "SIMULATOR_DATA")]
    pub data: Option<PathBuf>,
    /// How many notices to generate.
    #[arg(long, env = "SIMULATOR_NOTICES", default_value_t = 5000)]
    pub notices: usize,
    /// Seed of the generated notices; equal seeds give equal notices.
    #[arg(long, env = "SIMULATOR_SEED", default_value_t = 1)]
    pub seed: u64,
    /// Address of the simulator. Port 0 takes any free one.
    #[arg(long, env = "SIMULATOR_ADDR", default_value = "127.0.0.1:8090")]
    pub simulator_addr: std::net::SocketAddr,
}
