//! Fetches the notices of some days once, as `radar sync` does.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use runtime::Metrics;

use crate::clock::Clock;
use crate::config::Config;
use crate::error::Error;
use crate::filling::Standing;
use crate::store::Store;
use crate::sync::{self, Worker};
use crate::upstream::Doffin;

/// How often it is told how far the work is.
const TELL: Duration = Duration::from_millis(250);

/// What became of the notices of one week of issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Week {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// How many notices Doffin counts.
    pub total: u32,
    /// How many of them the mirror holds.
    pub held: u32,
    /// Whether both are the same, id by id.
    pub complete: bool,
}

/// Lists the weeks from one day to another and fetches the documents they lack; `tell` hears now and then how far it
/// is. Fails when another process writes to the store, and at Doffin's or the store's first failure; what has come
/// until then is kept, and a second call goes on from there.
pub async fn sync_days(
    config: &Config,
    from: Date,
    to: Date,
    mut tell: impl FnMut(Standing),
) -> Result<Vec<Week>, Error> {
    let failed = |error: &dyn std::fmt::Display| Error::Mirror(error.to_string());
    let settings = config.doffin()?.ok_or_else(|| {
        runtime::config::Error::new("DOFFIN_API_KEY", "must be set, or DOFFIN_API_KEY_FILE, to ask Doffin")
    })?;
    // Nobody reads the metrics of a command.
    let metrics = Metrics::new("sync", env!("CARGO_PKG_VERSION"));
    let doffin = Arc::new(Doffin::new(&settings, &metrics)?);
    let store = Store::open(&config.store()?).await.map_err(|error| failed(&error))?;
    let worker = Worker::new(doffin, store.clone(), config.sync.clone(), &metrics, Clock::system());
    let weeks = Cell::new(sync::Weeks::default());
    let mut work = std::pin::pin!(sync::window(&worker, from, to, |now| weeks.set(now)));
    let windows = loop {
        tokio::select! {
            done = &mut work => break done.map_err(|error| failed(&error))?,
            () = tokio::time::sleep(TELL) => {
                if let Ok(counts) = store.facts().await {
                    let sync::Weeks { done, wanted } = weeks.get();
                    let (notices, documents) = (counts.notices, counts.documents);
                    // What documents other days lack is not fetched here.
                    tell(Standing { weeks: done, weeks_wanted: wanted, notices, documents, ..Standing::default() });
                }
            }
        }
    };
    let week = |window: crate::store::Window| Week {
        from: window.from,
        to: window.to,
        total: window.total,
        held: window.held,
        complete: window.complete,
    };
    Ok(windows.into_iter().map(week).collect())
}
