//! The lists being served.

use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::sync::watch;

use crate::config::Sources;
use crate::domain::{Code, CpvCode, Edition, History, NutsCode, Postal, StyrkCode};
use crate::error::Error;
use crate::source::disk::{Disk, Kept};
use crate::source::{Location, Validators, embedded};

/// Every list being served.
#[derive(Debug)]
pub struct Cache {
    /// What is bought.
    pub cpv: Arc<Slot<CpvCode>>,
    /// Where.
    pub nuts: Arc<Slot<NutsCode>>,
    /// Which occupation.
    pub styrk: Arc<Slot<StyrkCode>>,
    /// Places out of use. Always the embedded ones: no publisher lists them.
    pub history: History,
    /// Where postal codes lie. Always the embedded ones too.
    pub postal: Postal,
    changes: watch::Sender<()>,
}

/// One list being served, and what its refreshes came to. Reading never waits.
#[derive(Debug)]
pub struct Slot<C> {
    edition: ArcSwap<Edition<C>>,
    status: ArcSwap<Status>,
    validators: ArcSwap<Validators>,
    source: Option<Location>,
    changes: watch::Sender<()>,
}

/// What the refreshes of a list came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// When the last one succeeded.
    pub last_success: Option<Timestamp>,
    /// Why the last one failed or was refused, if it did.
    pub last_error: Option<String>,
    /// When the next one is due.
    pub next_refresh: Option<Timestamp>,
}

impl Cache {
    /// What can be served at once: the embedded lists, or the downloads kept on disk where they are better.
    pub fn start(sources: Sources, disk: &Disk) -> Result<Self, Error> {
        let embedded = embedded::load().map_err(Error::Embedded)?;
        let changes = watch::Sender::new(());
        Ok(Self {
            cpv: Arc::new(start(embedded.cpv, disk, sources.cpv, &changes)),
            nuts: Arc::new(start(embedded.nuts, disk, sources.nuts, &changes)),
            styrk: Arc::new(start(embedded.styrk, disk, sources.styrk, &changes)),
            history: embedded.history,
            postal: embedded.postal,
            changes,
        })
    }

    /// Tells whenever an edition was replaced.
    pub fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }
}

/// The kept download if it is newer than the embedded list, or whole where that is a selection.
fn start<C: Code>(
    embedded: Edition<C>,
    disk: &Disk,
    source: Option<Location>,
    changes: &watch::Sender<()>,
) -> Slot<C> {
    let scheme = C::SCHEME.slug();
    let mut kept = disk.read::<C>().unwrap_or_else(|error| {
        tracing::warn!(scheme, %error, "the list kept on disk is ignored");
        None
    });
    if let Some(Kept { edition, .. }) = kept.as_mut().filter(|kept| kept.edition.as_of > Timestamp::now()) {
        // The clock was ahead when the list was kept, or is behind now. The list is sound, its age is not known.
        tracing::warn!(scheme, as_of = %edition.as_of, "the list kept on disk is from the future and taken for old");
        edition.as_of = embedded.as_of;
    }
    match kept {
        Some(kept) if kept.edition.as_of > embedded.as_of || !embedded.complete() => {
            let same = source.as_ref().is_some_and(|source| source.to_string() == kept.source);
            let slot = Slot::new(kept.edition, source, changes.clone());
            if same {
                slot.remember(kept.validators);
            }
            slot
        }
        _ => Slot::new(embedded, source, changes.clone()),
    }
}

impl<C> Slot<C> {
    /// Serves an edition.
    pub fn new(edition: Edition<C>, source: Option<Location>, changes: watch::Sender<()>) -> Self {
        Self {
            edition: ArcSwap::from_pointee(edition),
            status: ArcSwap::default(),
            validators: ArcSwap::default(),
            source,
            changes,
        }
    }

    /// The edition being served.
    pub fn edition(&self) -> Arc<Edition<C>> {
        self.edition.load_full()
    }

    /// What the refreshes came to.
    pub fn status(&self) -> Arc<Status> {
        self.status.load_full()
    }

    /// Where the list is refreshed from, if from anywhere.
    pub fn source(&self) -> Option<&Location> {
        self.source.as_ref()
    }

    /// Serves another edition from now on.
    pub fn replace(&self, edition: Edition<C>) {
        self.edition.store(Arc::new(edition));
        self.changes.send_replace(());
    }

    /// What the publisher named the edition being served by.
    pub fn validators(&self) -> Arc<Validators> {
        self.validators.load_full()
    }

    /// Keeps what the publisher named the edition being served by.
    pub fn remember(&self, validators: Validators) {
        self.validators.store(Arc::new(validators));
    }

    /// Changes what is said of the refreshes. Only the list's one refresher calls this.
    pub fn report(&self, change: impl FnOnce(&mut Status)) {
        let mut status = Status::clone(&self.status.load());
        change(&mut status);
        self.status.store(Arc::new(status));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{List, Origin, Row};

    fn kept(as_of: &str) -> Edition<StyrkCode> {
        let list = List::build([Row::new("1", "Ledere")]).unwrap();
        Edition { list, origin: Origin::Upstream, as_of: as_of.parse().unwrap() }
    }

    fn started(disk: &Disk) -> Cache {
        Cache::start(Sources { cpv: None, nuts: None, styrk: None }, disk).unwrap()
    }

    #[test]
    fn a_kept_download_is_served_only_if_it_is_newer_than_the_program() {
        let directory = tempfile::tempdir().unwrap();
        let disk = Disk::new(directory.path());
        disk.write(&kept("2020-01-01T00:00:00Z"), "x", &Validators::default()).unwrap();
        assert_eq!(started(&disk).styrk.edition().origin, Origin::Embedded);
        let after = embedded::load().unwrap().styrk.as_of + jiff::SignedDuration::from_secs(1);
        if after < Timestamp::now() {
            disk.write(&kept(&after.to_string()), "x", &Validators::default()).unwrap();
            let edition = started(&disk).styrk.edition();
            assert_eq!((edition.origin, edition.list.len()), (Origin::File, 1));
        }
    }

    #[test]
    fn an_older_kept_list_still_beats_an_embedded_selection() {
        let directory = tempfile::tempdir().unwrap();
        let disk = Disk::new(directory.path());
        let list = List::<CpvCode>::build([Row::new("48000000", "Programvare")]).unwrap();
        let as_of = "2020-01-01T00:00:00Z".parse().unwrap();
        disk.write(&Edition { list, origin: Origin::Upstream, as_of }, "x", &Validators::default()).unwrap();
        let embedded = embedded::load().unwrap().cpv;
        let expected = if embedded.complete() { Origin::Embedded } else { Origin::File };
        assert_eq!(started(&disk).cpv.edition().origin, expected);
    }

    #[test]
    fn a_kept_list_from_the_future_is_taken_for_old_but_not_thrown_away() {
        let directory = tempfile::tempdir().unwrap();
        let disk = Disk::new(directory.path());
        let list = List::<CpvCode>::build([Row::new("48000000", "Programvare")]).unwrap();
        let as_of = Timestamp::now() + jiff::SignedDuration::from_hours(24 * 3650);
        disk.write(&Edition { list, origin: Origin::Upstream, as_of }, "x", &Validators::default()).unwrap();
        disk.write(&kept(&as_of.to_string()), "x", &Validators::default()).unwrap();
        let cache = started(&disk);
        let (cpv, embedded) = (cache.cpv.edition(), embedded::load().unwrap());
        if !embedded.cpv.complete() {
            assert_eq!((cpv.origin, cpv.as_of), (Origin::File, embedded.cpv.as_of));
        }
        assert_eq!(cache.styrk.edition().origin, Origin::Embedded, "of two whole lists the dated one");
    }

    #[test]
    fn an_unusable_kept_list_is_ignored() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("classification")).unwrap();
        std::fs::write(directory.path().join("classification/nuts.json"), "{").unwrap();
        let cache = started(&Disk::new(directory.path()));
        assert_eq!(cache.nuts.edition().origin, Origin::Embedded);
    }
}
