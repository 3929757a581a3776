//! What is given to the store and what it answers, besides the domain's own types.

use bytes::Bytes;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::{Document, Hit, NoticeId, OrgNumber, Role, Seq, ValueKind};

/// How a notice was come by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Via {
    /// At its time: by following the newest notices, by a first backfill, or from a file.
    Current,
    /// Late: it lies in a window that was complete without it.
    Late,
}

/// What became of hits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Observed {
    /// Seen for the first time.
    pub(crate) new: usize,
    /// Known, with something different, or listed again.
    pub(crate) changed: usize,
    /// Known and the same.
    pub(crate) same: usize,
    /// The feed's last position after it.
    pub(crate) seq: Seq,
}

/// A document as it was fetched.
#[derive(Debug, Clone)]
pub(crate) struct Fetched {
    /// The notice it belongs to; it must have been observed.
    pub(crate) id: NoticeId,
    /// The XML, byte for byte.
    pub(crate) raw: Bytes,
    /// What it says, or why it cannot be read.
    pub(crate) read: Result<Document, String>,
}

/// A notice that comes whole.
#[derive(Debug, Clone)]
pub(crate) struct Imported {
    /// As it is listed.
    pub(crate) hit: Hit,
    /// Its document, if it comes with one, byte for byte.
    pub(crate) raw: Option<Bytes>,
    /// What the document says, or why it cannot be read; of no use without `raw`.
    pub(crate) read: Option<Result<Document, String>>,
}

/// Days of issue, and how far the mirror holds what the source has of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Window {
    /// First day, UTC.
    pub(crate) from: Date,
    /// Last day, UTC.
    pub(crate) to: Date,
    /// Notices the source says it has.
    pub(crate) total: u32,
    /// Distinct listed notices of ours.
    pub(crate) held: u32,
    /// When that was compared.
    pub(crate) checked_at: Timestamp,
    /// Whether nothing is missing.
    pub(crate) complete: bool,
    /// What is to be said about it.
    pub(crate) note: Option<String>,
}

/// A reference between two notices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Linked {
    /// The other notice, once it is known.
    pub(crate) id: Option<NoticeId>,
    /// The reference as given by the notice that makes it.
    pub(crate) reference: String,
    /// What the notice asked about does: `changes`, `modifies`, `previous`, `framework`; or what the other one
    /// is to it: `changed-by`, `modified-by`, `next`, `call-off`; `procedure` where neither names the other and both
    /// are of one procedure, whose identifier is the reference then.
    pub(crate) rule: String,
}

/// An organisation as notices show it. Notices that were replaced by later versions do not count.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Profile {
    /// Its names with how many notices use them, most used first.
    pub(crate) names: Vec<(String, usize)>,
    /// Distinct notices by role; roles it never had are left out.
    pub(crate) counts: Vec<(Role, usize)>,
    /// Sums of values by role, kind, currency and rule. As buyer: the notices' values. As winner: what its
    /// group tendered, or the notice's total where it won alone.
    pub(crate) values: Vec<Sum>,
    /// Its latest notices, at most 20.
    pub(crate) recent: Vec<NoticeId>,
    /// Those it buys from and sells to most, at most 20.
    pub(crate) counterparts: Vec<Counterpart>,
}

/// A sum of values of one kind, in one currency, by one rule.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sum {
    /// The organisation's role.
    pub(crate) role: Role,
    /// What the values are.
    pub(crate) kind: ValueKind,
    /// Currency code.
    pub(crate) currency: String,
    /// Units of the currency.
    pub(crate) amount: f64,
    /// The rule that gave the values, as callers read it.
    pub(crate) rule: String,
    /// How many notices are in it.
    pub(crate) notices: usize,
}

/// An organisation at the other end of contracts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Counterpart {
    /// Its number; none of many foreign ones.
    pub(crate) number: Option<OrgNumber>,
    /// The name used most; without a number the one it is counted by.
    pub(crate) name: String,
    /// Its role: a buyer, or a winner.
    pub(crate) role: Role,
    /// Notices that have both.
    pub(crate) notices: usize,
}

/// An organisation in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    /// Its number.
    pub(crate) number: OrgNumber,
    /// The name used most.
    pub(crate) name: String,
    /// Distinct notices by role; roles it never had are left out.
    pub(crate) counts: Vec<(Role, usize)>,
    /// Notices that name it in any role.
    pub(crate) notices: usize,
}

/// How much there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Notices ever seen.
    pub(crate) notices: u64,
    /// Those Doffin's search lists.
    pub(crate) listed: u64,
    /// Documents held, readable or not.
    pub(crate) documents: u64,
    /// Notices without a document.
    pub(crate) wanted: u64,
    /// Notices whose document failed to come at least once and is not here.
    pub(crate) parked: u64,
    /// Documents that cannot be read.
    pub(crate) unreadable: u64,
    /// Changes in the feed.
    pub(crate) changes: u64,
    /// Bytes on disk.
    pub(crate) size_bytes: u64,
}
