//! Where a notice stands, packed so that a passing deadline needs no re-indexing.

use jiff::Timestamp;

use crate::domain::{Status, Stored, status};

/// Whether search shows a notice, and its status before and after its deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    /// Withdrawn or superseded.
    pub(super) hidden: bool,
    /// Status while the deadline lies ahead.
    pub(super) before: Option<Status>,
    /// Status from the deadline on; the same as before for a notice whose status has nothing to do with it.
    pub(super) after: Option<Status>,
}

/// Statuses by the number they are packed as, less one.
pub(super) const STATUSES: [Status; 4] =
    [Status::Active, Status::Expired, Status::Awarded, Status::Cancelled];

impl Standing {
    /// Asks the domain at both ends of time; between them a status changes at the deadline alone.
    pub(super) fn of(stored: &Stored) -> Self {
        Self {
            hidden: !stored.listed || stored.superseded_by.is_some(),
            before: status(stored, Timestamp::MIN),
            after: status(stored, Timestamp::MAX),
        }
    }

    /// As one number: hidden, three bits of status before and three after.
    pub(super) fn packed(self) -> i64 {
        i64::from(self.hidden) | i64::from(number(self.before)) << 1 | i64::from(number(self.after)) << 4
    }
}

/// 0 for no status.
pub(super) fn number(status: Option<Status>) -> u8 {
    match status {
        None => 0,
        Some(Status::Active) => 1,
        Some(Status::Expired) => 2,
        Some(Status::Awarded) => 3,
        Some(Status::Cancelled) => 4,
    }
}
