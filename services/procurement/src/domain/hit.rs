//! A notice as Doffin lists it.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{NoticeId, OrgNumber};

/// A notice in a list. Type and status are Doffin's words, also those we do not know.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Hit {
    /// Doffin id.
    pub(crate) id: NoticeId,
    /// Buyers.
    pub(crate) buyers: Vec<Organization>,
    /// Title.
    pub(crate) heading: String,
    /// Description.
    pub(crate) description: String,
    /// NUTS codes, or marks for nationwide, sorted.
    pub(crate) locations: Vec<String>,
    /// Estimated value (BT-27).
    pub(crate) estimated_value: Option<Money>,
    /// Kind.
    pub(crate) kind: String,
    /// Kind and groups, sorted.
    pub(crate) all_kinds: Vec<String>,
    /// Status, on competitions.
    pub(crate) status: Option<String>,
    /// When it was issued.
    pub(crate) issued: Option<Timestamp>,
    /// Deadline for tenders.
    pub(crate) deadline: Option<Timestamp>,
    /// Day of publication, Europe/Oslo.
    pub(crate) published: Option<Date>,
    /// Tenders received.
    pub(crate) received_tenders: Option<i32>,
    /// Tenders received, by kind of submission.
    pub(crate) received: Vec<Received>,
    /// CPV codes with their ancestors, sorted.
    pub(crate) cpv: Vec<String>,
    /// Lots.
    pub(crate) lots: Vec<Lot>,
}

impl Hit {
    /// How many tenders were received: the most that any count says, because some are left at 0. Requests to participate are
    /// no tenders.
    pub(crate) fn most_received(&self) -> i32 {
        let tenders = self.received.iter().filter(|entry| entry.kind != "part-req");
        tenders.map(|entry| entry.total).chain(self.received_tenders).max().unwrap_or(0)
    }
}

/// An organisation as a notice names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Organization {
    /// Doffin's identifier of the row.
    pub(crate) row: String,
    /// The number as given.
    pub(crate) given: Option<String>,
    /// Name.
    pub(crate) name: String,
    /// The Norwegian number in what was given.
    pub(crate) number: Option<OrgNumber>,
}

/// An amount of money, as given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Money {
    /// Currency code.
    pub(crate) currency: String,
    /// Units of the currency.
    pub(crate) amount: f64,
}

impl Money {
    /// Whether it says anything: buyers that name no amount are made to write one, and write 0.
    pub(crate) fn is_given(&self) -> bool {
        self.amount > 0.0
    }
}

/// Tenders received, of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Received {
    /// Code of the eForms list received-submission-type.
    pub(crate) kind: String,
    /// How many.
    pub(crate) total: i32,
}

/// A lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lot {
    /// Title.
    pub(crate) heading: String,
    /// Description.
    pub(crate) description: String,
    /// Winners, or intended suppliers.
    pub(crate) winners: Vec<Organization>,
}
