//! What can go wrong: for the process, and for a caller.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::{Invalid, NoticeId, OrgNumber};
use crate::{search, store, upstream};

/// Why the server could not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting is wrong or missing; the source names it.
    #[error("the procurement service cannot be set up")]
    Config(#[from] runtime::config::Error),
    /// The mirror's store or index cannot be opened.
    #[error("the mirror cannot be opened: {0}")]
    Mirror(String),
    /// The server failed while it ran.
    #[error("the procurement service failed")]
    Server(#[from] runtime::grpc::Error),
}

/// Why a request is not answered, by what its caller can do about it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    /// Correct the request.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Look for another notice.
    #[error("notice {0} is not listed")]
    NoticeNotListed(NoticeId),
    /// Look for another notice, or come back when this one's document is out.
    #[error("notice {0} has no document")]
    NoDocument(NoticeId),
    /// Look for another organisation.
    #[error("no notice names organisation {}", .0.as_str())]
    NoOrganization(OrgNumber),
    /// Ask the mirror; this server has no key for Doffin.
    #[error("this server has no key for Doffin")]
    NoKey,
    /// Come back; the mirror's store fails.
    #[error("the mirror's store failed: {0}")]
    Store(Arc<store::Error>),
    /// Come back; the mirror's index fails.
    #[error("the mirror's index failed: {0}")]
    Index(String),
    /// Nothing: something of ours is broken.
    #[error("{0}")]
    Broken(String),
    /// Ask another server; this one is stopping.
    #[error("this server is stopping")]
    Stopping,
    /// Come back when Doffin may be asked again.
    #[error("Doffin may not be asked for another {retry_after:?}")]
    Throttled {
        /// How long that is.
        retry_after: Duration,
    },
    /// Wait longer, or come back.
    #[error("Doffin did not answer in time")]
    Timeout,
    /// Come back; Doffin fails, or does not take what we send.
    #[error("Doffin failed: {0}")]
    Doffin(upstream::Error),
    /// Nothing: the operator has to give the server a key that Doffin takes.
    #[error("Doffin refused our key")]
    KeyRefused,
    /// Come back, or ask with codes instead of names.
    #[error("place names cannot be looked up: {0}")]
    CodesUnavailable(String),
}

impl Problem {
    /// What a failed call to Doffin means for the caller that asked for a notice's document.
    pub(crate) fn of_document(id: &NoticeId, error: upstream::Error) -> Self {
        match error {
            upstream::Error::NotFound => Self::NoDocument(id.clone()),
            other => other.into(),
        }
    }
}

impl Problem {
    /// Whether Doffin is what fails, so that another answer than its own may do.
    pub(crate) fn is_doffins(&self) -> bool {
        matches!(self, Self::Doffin(_) | Self::Throttled { .. } | Self::Timeout | Self::KeyRefused)
    }
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        Self::Store(Arc::new(error))
    }
}

impl From<search::Error> for Problem {
    fn from(error: search::Error) -> Self {
        match error {
            search::Error::Invalid(invalid) => Self::Invalid(invalid),
            other => Self::Index(other.to_string()),
        }
    }
}

impl From<upstream::Error> for Problem {
    fn from(error: upstream::Error) -> Self {
        match error {
            upstream::Error::Throttled { retry_after } => Self::Throttled { retry_after },
            upstream::Error::Timeout => Self::Timeout,
            upstream::Error::KeyRefused => Self::KeyRefused,
            other @ (upstream::Error::NotFound
            | upstream::Error::Refused { .. }
            | upstream::Error::Failed { .. }) => Self::Doffin(other),
        }
    }
}
