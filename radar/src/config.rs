//! Configuration of `radar`. The servers in it read their own variables, the same as when they run alone.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use jiff::civil::Date;

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
    Demo(Box<Demo>),
    /// Starts everything against the real publishers. Needs `DOFFIN_API_KEY`.
    Serve,
    /// Asks the running gateway whether it is ready; exits with 0 if it is.
    Health,
    /// Loads notices from files into the mirror at `DATABASE_URL` or `DATA_DIR`, without asking anybody.
    Import(Import),
    /// Copies the mirror's SQLite database to a new file, while a server may go on writing. The search index is left out:
    /// it is built anew.
    Backup(Backup),
    /// Fetches the notices issued in some days from Doffin into the mirror, once. Needs `DOFFIN_API_KEY`.
    Sync(Days),
}

/// Where a copy goes.
#[derive(Debug, Clone, Args)]
pub struct Backup {
    /// File that is not there yet. To restore it, stop the server and put it where `procurement.db` in `DATA_DIR` is.
    pub to: PathBuf,
}

/// Days of issue; whole weeks are fetched.
#[derive(Debug, Clone, Copy, Args)]
pub struct Days {
    /// First day, YYYY-MM-DD.
    #[arg(long)]
    pub from: Date,
    /// Last day, YYYY-MM-DD.
    #[arg(long)]
    pub to: Date,
}

/// What is imported.
#[derive(Debug, Clone, Args)]
pub struct Import {
    /// Directory of files: eForms documents with their notices' ids in their names (2026-112546.xml), and lists of hits as Doffin
    /// answers them (any name ending in .json). Directories below it count too.
    pub dir: PathBuf,
}

/// What the demo shows.
#[derive(Debug, Clone, Args)]
pub struct Demo {
    /// The simulator's own settings.
    #[command(flatten)]
    pub simulator: simulator::Settings,
}
