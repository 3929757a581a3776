//! Every quirk of the upstreams, checked over real HTTP.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

mod admin;
mod data_dir;
mod documents;
mod gateway;
mod klass;
mod outages;
mod paging;
mod probe;
mod search;
