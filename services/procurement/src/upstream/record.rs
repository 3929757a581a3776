//! What has been seen of Doffin since the process started.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::Error;

/// What has been seen of Doffin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Requests sent.
    pub(crate) requests: u32,
    /// When it last answered.
    pub(crate) last_success: Option<Timestamp>,
    /// When it last failed, and with what, in words that can be shown.
    pub(crate) last_failure: Option<(Timestamp, String)>,
}

#[derive(Debug, Default)]
struct Last {
    success: Option<Timestamp>,
    failure: Option<(Timestamp, String)>,
}

/// Keeps the record.
#[derive(Debug, Default)]
pub(super) struct Record {
    requests: AtomicU32,
    last: Mutex<Last>,
    key_refused: AtomicBool,
}

impl Record {
    /// A request is sent.
    pub(super) fn request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// Doffin answered.
    pub(super) fn success(&self) {
        self.key_refused.store(false, Ordering::Relaxed);
        self.last.lock().unwrap_or_else(PoisonError::into_inner).success = Some(Timestamp::now());
    }

    /// Doffin failed.
    pub(super) fn failure(&self, error: &Error) {
        // A refused key fails every request; one line is enough until it works again.
        if *error == Error::KeyRefused && !self.key_refused.swap(true, Ordering::Relaxed) {
            tracing::error!("doffin refused our key; check DOFFIN_API_KEY against the developer portal");
        }
        let failure = Some((Timestamp::now(), error.to_string()));
        self.last.lock().unwrap_or_else(PoisonError::into_inner).failure = failure;
    }

    /// What has been seen.
    pub(super) fn seen(&self) -> Seen {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        Seen {
            requests: self.requests.load(Ordering::Relaxed),
            last_success: last.success,
            last_failure: last.failure.clone(),
        }
    }
}
