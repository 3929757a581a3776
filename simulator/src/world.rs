//! The state all endpoints share.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use bytes::Bytes;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::corpus::Corpus;
use crate::data_dir::Files;
use crate::doffin::Limiter;
use crate::faults::{Faults, Hiccups, Outage, Upstream};
use crate::klass::Catalogue;
use crate::lists::Vocabulary;
use crate::stats::Recorder;
use crate::{Config, Error, vocabulary};

/// Everything a request can see.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) recorder: Recorder,
    pub(crate) keys: Vec<String>,
    pub(crate) limiter: Limiter,
    pub(crate) catalogue: Catalogue,
    /// The CPV list as published.
    pub(crate) cpv_yaml: Bytes,
    pub(crate) files: Files,
    /// Ends requests that would hang for ever.
    pub(crate) stop: CancellationToken,
    corpus: RwLock<Corpus>,
    faults: Mutex<Faults>,
    responses: AtomicU64,
}

impl World {
    /// Reads or generates everything; takes a moment and blocks.
    pub(crate) fn build(config: Config, stop: CancellationToken) -> Result<Self, Error> {
        let clock = Clock::new(config.now);
        let files = match &config.data {
            Some(directory) => Files::read(directory)?,
            None => Files::default(),
        };
        let lists = files.lists(config.lists);
        let vocabulary = Vocabulary::new(&lists.cpv);
        let corpus = match files.notices()? {
            Some(notices) => Corpus::of(notices, config.seed, vocabulary),
            None => Corpus::generate(config.notices, config.seed, vocabulary, clock.now()),
        };
        let cpv_yaml = files.cpv_yaml.clone().unwrap_or_else(|| vocabulary::render(&lists.cpv));
        tracing::info!(notices = corpus.all().len(), cpv = lists.cpv.len(), "simulated world is ready");
        Ok(Self {
            clock,
            recorder: Recorder::default(),
            keys: config.api_keys,
            limiter: Limiter::default(),
            catalogue: Catalogue::new(&lists, &files),
            cpv_yaml,
            files,
            stop,
            corpus: RwLock::new(corpus),
            faults: Mutex::new(config.faults),
            responses: AtomicU64::new(0),
        })
    }

    pub(crate) fn corpus(&self) -> RwLockReadGuard<'_, Corpus> {
        self.corpus.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn corpus_mut(&self) -> RwLockWriteGuard<'_, Corpus> {
        self.corpus.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The faults as they are now.
    pub(crate) fn faults(&self) -> Faults {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_faults(&self, faults: Faults) {
        *self.faults.lock().unwrap_or_else(PoisonError::into_inner) = faults;
    }

    /// Changes the faults a patch names; the others stay.
    pub(crate) fn patch_faults(&self, patch: &serde_json::Value) -> Result<Faults, serde_json::Error> {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        *faults = faults.patched(patch)?;
        Ok(faults.clone())
    }

    /// The transport fault of one request; counts it.
    pub(crate) fn take_outage(&self, upstream: Upstream) -> Option<Outage> {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        let hiccups = faults.doffin.hiccups;
        faults.take(upstream).or_else(|| {
            let doffin = upstream == Upstream::Doffin && hiccups != Hiccups::default();
            doffin.then(|| hiccups.of(self.next_response())).flatten()
        })
    }

    /// A number no other response has.
    pub(crate) fn next_response(&self) -> u64 {
        self.responses.fetch_add(1, Ordering::Relaxed)
    }
}
