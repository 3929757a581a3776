//! Drives the store from outside: how fast it is, and whether what it acknowledged survives.
//!
//! ```text
//! cargo run --release -p procurement --example store -- import URL NOTICES [BATCH]
//! cargo run --release -p procurement --example store -- read URL
//! cargo run --release -p procurement --example store -- crash URL ROUNDS
//! cargo run --release -p procurement --example store -- write URL WRITES    (prints a line for each acknowledged write)
//! cargo run --release -p procurement --example store -- check URL LEAST     (at least so many writes, each whole)
//! ```
//!
//! `URL` is `sqlite:PATH` or `postgres://…`, of a database that is this program's own.

#![allow(dead_code, unused_imports, reason = "the store is built into the program; it uses a part of it")]
#![expect(clippy::print_stdout, reason = "a program that prints figures")]

mod corpus;
mod durable;
#[path = "../../src"]
mod source {
    pub(crate) mod domain;
    pub(crate) mod eforms;
    pub(crate) mod store;
}
#[path = "../../src/search"]
mod search {
    mod entry;
    pub(crate) use entry::Entry;
}
mod speed;

use std::time::Duration;

use source::{domain, eforms, store};
use store::{Settings, Store};

#[tokio::main]
async fn main() -> Result<(), anyhow::Error> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["import", url, notices] => speed::import(url, notices.parse()?, 500).await,
        ["import", url, notices, batch] => speed::import(url, notices.parse()?, batch.parse()?).await,
        ["read", url] => speed::read(url).await,
        ["write", url, writes] => durable::write(url, writes.parse()?).await,
        ["check", url, least] => durable::check(url, least.parse()?).await,
        ["crash", url, rounds] => durable::crash(url, rounds.parse()?).await,
        _ => anyhow::bail!(
            "import URL NOTICES [BATCH] | read URL | write URL WRITES | check URL LEAST | crash URL ROUNDS"
        ),
    }
}

/// The store of a URL.
async fn open(url: &str) -> Result<Store, store::Error> {
    let settings =
        Settings { url: url.to_owned(), read_url: None, pool: 4, acquire_timeout: Duration::from_secs(10) };
    Store::open(&settings).await
}
