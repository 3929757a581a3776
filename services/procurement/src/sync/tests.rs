//! The worker against the simulator and a real store.

mod chaos;
mod listing;
mod mirror;
mod recovery;
mod truth;
mod world;
