//! What a search, a notice and their parts are. Values that can be wrong are checked when they are made;
//! nothing here does I/O.

mod change;
mod cpv;
mod document;
mod hit;
mod invalid;
mod notice_id;
mod org_number;
mod place;
mod query;
mod range;
mod refine;
mod stored;
mod vocabulary;
mod window;

pub(crate) use change::{Change, ChangeKind, Seq};
pub(crate) use cpv::{CpvCode, leaves};
pub(crate) use document::{
    Award, Deadline, DeadlineKind, Document, Duration, Form, Identity, LinkKind, LotDetail, LotKind, Outcome,
    Party, Reference, Role, Rule, Subject, Text, ValueKind, Valued,
};
pub(crate) use hit::{Hit, Lot, Money, Organization, Received};
pub(crate) use invalid::Invalid;
pub(crate) use notice_id::NoticeId;
pub(crate) use org_number::OrgNumber;
pub(crate) use place::{ANYWHERE, NutsCode, Place};
pub(crate) use query::{Ask, Query, Words, at_most};
pub(crate) use range::{DateRange, ValueRange};
pub(crate) use refine::{CountRange, Named, Refine};
pub(crate) use stored::{Facts, Stored, status};
pub(crate) use vocabulary::{NoticeType, SortBy, Status};
pub(crate) use window::{CEILING, Plan, Window};
