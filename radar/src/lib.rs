//! The whole system in one process: laptop, demo and tests.
//!
//! ```text
//! demo:  simulator ◀── procurement ◀── gateway ◀── you        serve: the same against the real publishers
//!            ▲              │             │
//!            └─ classification ◀──────────┘
//! ```
//!
//! The three servers are the ones production runs, over the same sockets; only the process is shared.

pub mod config;
pub mod demo;
pub mod import;
pub mod progress;
pub mod sync;
pub mod system;
pub mod welcome;

pub use config::{Command, Config};
pub use system::System;
