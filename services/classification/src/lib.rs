//! CPV, NUTS and STYRK-08: codes, hierarchies and names made into codes, over gRPC.
//!
//! ```text
//! publishers ──source──▶ rows ──domain::List──▶ refresh ──swap──▶ cache ◀──read── grpc ◀── callers
//! disk, embedded ───────────────(at the start)────────────────────┘
//! ```
//!
//! Every list is an immutable snapshot in memory: reads never lock, wait or do I/O, and a publisher that is
//! down, slow or wrong changes nothing but what `ListSources` says of it. There is no database here, no
//! authentication (the gateway's), and no knowledge of notices.

pub mod cache;
pub mod config;
pub mod domain;
pub mod error;
pub mod grpc;
pub mod refresh;
pub mod source;

use std::sync::Arc;

use runtime::{Metrics, Stop};
use tokio::net::TcpListener;

pub use config::Config;
pub use error::Error;

use cache::Cache;
use domain::{Code as _, CpvCode, List, NutsCode, StyrkCode};
use refresh::{Intervals, Refresher};
use source::{disk::Disk, embedded, http::Client};

/// Serves until `stop`, then drains. Answers from the first moment on, from the embedded lists or the last
/// good downloads; publishers are asked in the background.
pub async fn serve(listener: TcpListener, config: Config, metrics: Metrics, stop: Stop) -> Result<(), Error> {
    let sources = config.sources()?;
    let disk = Disk::new(&config.data_dir);
    let cache = {
        let disk = disk.clone();
        tokio::task::spawn_blocking(move || Cache::start(sources, &disk)).await??
    };
    let cache = Arc::new(cache);
    let refresher = Refresher {
        client: Client::new(config.upstream_timeout).map_err(Error::Client)?,
        disk,
        intervals: Intervals { cpv: config.cpv_refresh, klass: config.klass_refresh },
        measures: refresh::Measures::new(&metrics),
    };
    let refresh = stop.child();
    let refreshing = refresher.spawn(&cache, &refresh);
    let served = grpc::serve(listener, cache, &config, metrics, stop).await;
    // The server may have ended by itself; the refreshers must not outlive it.
    refresh.stop();
    for task in refreshing {
        task.await?;
    }
    served
}

/// The embedded lists as plain rows, for programs that stand in for the publishers.
#[derive(Debug, Clone, Default)]
pub struct Lists {
    /// A selection of CPV, by code.
    pub cpv: Vec<CpvRow>,
    /// Regions, counties and municipalities, by code.
    pub nuts: Vec<NutsRow>,
    /// Occupations, by code.
    pub styrk: Vec<StyrkRow>,
}

/// A CPV code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CpvRow {
    /// Eight digits.
    pub code: String,
    /// Label in bokmål.
    pub nb: String,
    /// Label in English, if there is one.
    pub en: Option<String>,
}

/// A region, county or municipality.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NutsRow {
    /// NUTS code, or "NO" and the municipality's number.
    pub code: String,
    /// The code above; none on regions.
    pub parent: Option<String>,
    /// 1 region, 2 county, 3 municipality.
    pub level: u8,
    /// Official name.
    pub name: String,
}

/// An occupation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StyrkRow {
    /// One to four digits.
    pub code: String,
    /// The code above; none at level 1.
    pub parent: Option<String>,
    /// Number of digits.
    pub level: u8,
    /// Label in bokmål.
    pub nb: String,
}

/// The embedded lists. Fails only if the program was built from broken files.
pub fn embedded_lists() -> Result<Lists, Error> {
    let embedded = embedded::load().map_err(Error::Embedded)?;
    let cpv: &List<CpvCode> = &embedded.cpv.list;
    let nuts: &List<NutsCode> = &embedded.nuts.list;
    let styrk: &List<StyrkCode> = &embedded.styrk.list;
    let cpv_row = |entry: &domain::Entry<CpvCode>| CpvRow {
        code: entry.code.to_string(),
        nb: entry.nb.clone(),
        en: entry.en.clone(),
    };
    let nuts_row = |entry: &domain::Entry<NutsCode>| NutsRow {
        code: entry.code.to_string(),
        parent: nuts.parent(entry).map(|above| above.code.to_string()),
        level: entry.code.level(),
        name: entry.nb.clone(),
    };
    let styrk_row = |entry: &domain::Entry<StyrkCode>| StyrkRow {
        code: entry.code.to_string(),
        parent: styrk.parent(entry).map(|above| above.code.to_string()),
        level: entry.code.level(),
        nb: entry.nb.clone(),
    };
    Ok(Lists {
        cpv: cpv.entries().iter().map(cpv_row).collect(),
        nuts: nuts.entries().iter().map(nuts_row).collect(),
        styrk: styrk.entries().iter().map(styrk_row).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_rows_can_be_linked_again() {
        let lists = embedded_lists().unwrap();
        let oslo = lists.nuts.iter().find(|row| row.code == "NO0301").unwrap();
        assert_eq!((oslo.parent.as_deref(), oslo.level, oslo.name.as_str()), (Some("NO081"), 3, "Oslo"));
        let listed = |code: &String| lists.styrk.iter().any(|row| row.code == *code);
        assert!(lists.styrk.iter().all(|row| row.parent.as_ref().is_none_or(listed)));
        assert!(lists.cpv.iter().any(|row| row.en.is_some()));
    }
}
