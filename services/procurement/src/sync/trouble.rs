//! Why a piece of work was not done.

use std::time::Duration;

use crate::{store, upstream};

/// Why a piece of work was not done. Nothing is lost by it: the work comes again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// Doffin did not answer, or not usably.
    #[error("Doffin: {0}")]
    Doffin(#[from] upstream::Error),
    /// The store did not take it, or could not be asked.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// Another process syncs.
    #[error("another process syncs this store; stop it, or let it do the work")]
    LedElsewhere,
}

impl Trouble {
    /// Whether the lease is lost, so that whoever works has to stop.
    pub(super) fn deposes(&self) -> bool {
        matches!(self, Self::Store(store::Error::Deposed))
    }

    /// What is wrong, in words that can be shown to anybody.
    pub(super) fn shown(&self) -> String {
        self.of_store().map_or_else(|| self.to_string(), ToOwned::to_owned)
    }

    /// What is wrong with the store, if it is that.
    pub(super) fn of_store(&self) -> Option<&'static str> {
        match self {
            Self::Store(error) => Some(error.shown()),
            Self::Doffin(_) | Self::LedElsewhere => None,
        }
    }

    /// How long Doffin told us to wait.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Doffin(upstream::Error::Throttled { retry_after }) => Some(*retry_after),
            _ => None,
        }
    }
}
