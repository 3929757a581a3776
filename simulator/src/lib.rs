//! Doffin's public API v2 and SSB KLASS v1 on one port, as they really behave, faults included.
//!
//! ```text
//! request ─ stats ─ outage? ─┬─ /public/v2/{search,download}  doffin ─ eforms ─┐
//!                            ├─ /api/klass/v1/…               klass            ├─ corpus, lists, clock, faults
//!                            ├─ /cpv.yaml                     vocabulary       │
//! operator ──────────────────┴─ /admin/…                      admin ───────────┘
//! ```
//!
//! The notices are generated from a seed or read from a directory of real files. Absent on purpose: TLS, the website's
//! unofficial back end, KLASS's variants and correspondences, persistence (a restart forgets what was published).

mod admin;
mod answer;
mod clock;
mod config;
mod corpus;
mod data_dir;
mod doffin;
mod eforms;
mod error;
mod faults;
mod hash;
mod klass;
mod lists;
mod notice;
mod organization;
mod outage;
mod probe;
mod query;
mod server;
mod stats;
mod text;
mod vocabulary;
mod world;
mod xml;

use std::path::PathBuf;

use jiff::Timestamp;

pub use config::{Args, Command, Settings};
pub use corpus::{Bustle, Draft, NoticeSummary};
pub use error::Error;
pub use faults::{
    Ceiling, Counters, Cpv, Doffin, Faults, Hiccups, Klass, Nuts2, Outage, OutageKind, Rate, RateAnswer,
    TieOrder, Upstream,
};
pub use lists::{CpvEntry, ListEntry, Lists};
pub use notice::{Status, Type};
pub use probe::probe;
pub use server::{Simulator, serve, stop_on_signal};
pub use stats::Stats;

/// What a simulator is made of.
#[derive(Clone, Debug)]
pub struct Config {
    /// How many notices to generate, superseded ones included.
    pub notices: usize,
    /// Seed of the generated notices.
    pub seed: u64,
    /// Subscription keys Doffin accepts.
    pub api_keys: Vec<String>,
    /// Directory of real files to serve instead of generated ones.
    pub data: Option<PathBuf>,
    /// Code lists, where the data directory has none.
    pub lists: Lists,
    /// Faults to start with.
    pub faults: Faults,
    /// Where the simulated clock starts; `None` is the real time.
    pub now: Option<Timestamp>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            notices: 5_000,
            seed: 1,
            api_keys: vec!["demo-key".to_owned()],
            data: None,
            lists: Lists::default(),
            faults: Faults::default(),
            now: None,
        }
    }
}
