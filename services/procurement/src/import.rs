//! Loads notices from files into the mirror, without asking anybody.
//!
//! ```text
//! DIR ─▶ files: *.json are hits, *.xml are documents ─▶ joined by Doffin id ─▶ read in parallel ─▶ store, in batches
//! ```
//!
//! A file that cannot be used is told of and passed over; the others are loaded. Loading again what is there already
//! changes nothing.

mod files;

use std::path::Path;

use jiff::Timestamp;

use crate::config::Config;
use crate::eforms;
use crate::error::Error;
use crate::store::{Imported, Store};
use files::{Item, Plan};

/// Notices written in one transaction.
const BATCH: usize = 256;

/// How far an import is, and in the end what became of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Notices to load.
    pub total: usize,
    /// Notices that were not there before.
    pub new: usize,
    /// Notices that were there and differ now.
    pub changed: usize,
    /// Notices that were there just so.
    pub same: usize,
    /// Documents that were kept but cannot be read: Doffin id and why.
    pub unreadable: Vec<(String, String)>,
    /// Files that were passed over, and why.
    pub skipped: Vec<(String, String)>,
}

impl Loaded {
    /// Notices done.
    pub fn done(&self) -> usize {
        self.new + self.changed + self.same
    }
}

/// Loads every notice below a directory; `tell` hears after each batch how far it is. Fails when another process
/// writes to the store.
pub async fn import(config: &Config, dir: &Path, mut tell: impl FnMut(&Loaded)) -> Result<Loaded, Error> {
    let failed = |error: crate::store::Error| Error::Mirror(error.to_string());
    let store = Store::open(&config.store()?).await.map_err(failed)?;
    let lease = store.lead().await.map_err(failed)?;
    let lease =
        lease.ok_or_else(|| Error::Mirror("another process writes to it; stop that one first".into()))?;
    let Plan { mut items, skipped } = files::plan(dir)
        .map_err(|error| Error::Mirror(format!("{} cannot be listed: {error}", dir.display())))?;
    let mut loaded = Loaded { total: items.len(), skipped, ..Loaded::default() };
    let mut read = Box::pin(read_some(&mut items)).await?;
    while !read.is_empty() {
        let (good, bad): (Vec<_>, Vec<_>) = read.into_iter().partition(Result::is_ok);
        loaded.skipped.extend(bad.into_iter().filter_map(Result::err));
        let batch: Vec<Imported> = good.into_iter().filter_map(Result::ok).collect();
        let unreadable = batch.iter().filter_map(|one| match &one.read {
            Some(Err(why)) => Some((one.hit.id.to_string(), why.clone())),
            _ => None,
        });
        loaded.unreadable.extend(unreadable);
        // The next files are read while these are written.
        let (observed, next) =
            tokio::join!(store.import(&lease, &batch, Timestamp::now()), read_some(&mut items));
        let observed = observed.map_err(failed)?;
        loaded.new += observed.new;
        loaded.changed += observed.changed;
        loaded.same += observed.same;
        tell(&loaded);
        read = next?;
    }
    Ok(loaded)
}

/// Takes the next items and reads them, on as many threads as there are cores.
async fn read_some(items: &mut Vec<Item>) -> Result<Vec<Result<Imported, (String, String)>>, Error> {
    let take = items.len().min(BATCH);
    let taken: Vec<Item> = items.drain(..take).collect();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = take.div_ceil(cores).max(1);
    let mut readers = Vec::new();
    let mut taken = taken.into_iter().peekable();
    while taken.peek().is_some() {
        let part: Vec<Item> = taken.by_ref().take(share).collect();
        readers.push(tokio::task::spawn_blocking(move || part.into_iter().map(read).collect::<Vec<_>>()));
    }
    let mut read = Vec::with_capacity(take);
    for reader in readers {
        read.extend(reader.await.map_err(|error| Error::Mirror(error.to_string()))?);
    }
    Ok(read)
}

/// Reads one notice: its hit from a list where there is one, otherwise from its document.
fn read(item: Item) -> Result<Imported, (String, String)> {
    let Item { id, hit, document } = item;
    let Some(path) = document else {
        let hit = hit.ok_or_else(|| (id.to_string(), "has neither hit nor document".to_owned()))?;
        return Ok(Imported { hit, raw: None, read: None });
    };
    let name = path.display().to_string();
    let raw = files::document(&path).map_err(|error| (name.clone(), error))?;
    let read = eforms::parse(&raw).map_err(|error| error.to_string());
    let hit = match (hit, &read) {
        (Some(hit), _) => hit,
        (None, Ok(document)) => eforms::hit(id.clone(), document),
        (None, Err(why)) => return Err((name, why.clone())),
    };
    Ok(Imported { hit, raw: Some(raw), read: Some(read) })
}
