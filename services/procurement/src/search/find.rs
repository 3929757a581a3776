//! What the index is asked, and what it answers.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::domain::{NoticeId, Query, Seq};

/// A question to the index.
#[derive(Debug, Clone)]
pub(crate) struct Find {
    /// Filters and order; codes and places are already those to look for.
    pub(crate) query: Query,
    /// The moment competitions' status is computed for.
    pub(crate) now: Timestamp,
    /// Which of the matches are wanted.
    pub(crate) paging: Paging,
    /// What to count besides.
    pub(crate) facets: Vec<Facet>,
}

/// Which of the matches are wanted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Paging {
    /// So many, after leaving some out. Notices that arrive between two questions shift what follows.
    Offset {
        /// How many to leave out.
        skip: usize,
        /// How many are wanted.
        take: usize,
    },
    /// So many after the last one of an earlier answer. Notices that arrive meanwhile change nothing.
    After {
        /// The earlier answer's `next`.
        cursor: String,
        /// How many are wanted.
        take: usize,
    },
}

/// What matches can be counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Facet {
    /// Kind of notice.
    Type,
    /// Status now.
    Status,
    /// CPV division, two digits and six zeros.
    CpvDivision,
    /// NUTS code as notices carry it.
    Location,
    /// Buyer's organisation number.
    Buyer,
    /// Supplier's organisation number.
    Supplier,
    /// Year of publication.
    Year,
    /// Procedure type.
    Procedure,
    /// Currency of the estimated value.
    Currency,
    /// Main official language.
    Language,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found {
    /// The matches wanted, in order.
    pub(crate) ids: Vec<NoticeId>,
    /// How many match in all.
    pub(crate) total: usize,
    /// What to ask with for more; none at the end.
    pub(crate) next: Option<String>,
    /// Counts of each facet asked for: values with how many matches have them, most first, at most 100.
    pub(crate) facets: HashMap<Facet, Vec<(String, usize)>>,
    /// Position in the change feed up to which the index is complete.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "tests wait for it; answers go by the store's windows")
    )]
    pub(crate) position: Seq,
}

/// What statistics are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dimension {
    /// Month of publication, `YYYY-MM`.
    Month,
    /// CPV division.
    CpvDivision,
    /// NUTS region: the first four characters of the codes, or `anyw`.
    Region,
    /// Buyer's organisation number.
    Buyer,
    /// Supplier's organisation number.
    Supplier,
    /// Kind of notice.
    Type,
}

/// Counts of one value of a dimension. A notice with several values counts in each of them once.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Row {
    /// The value.
    pub(crate) key: String,
    /// Notices.
    pub(crate) notices: usize,
    /// Notices with an estimated value in NOK.
    pub(crate) estimates: usize,
    /// Sum of those, in NOK.
    pub(crate) estimated_nok: f64,
    /// Notices with an awarded total in NOK.
    pub(crate) totals: usize,
    /// Sum of those, in NOK.
    pub(crate) awarded_nok: f64,
    /// Awards whose number of tenders is known and not 0.
    pub(crate) awards_counted: usize,
    /// Those with exactly one tender.
    pub(crate) single_bid: usize,
}

/// Rows of a dimension.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Stats {
    /// Rows by key for months, divisions, regions and types; most notices first for organisations.
    pub(crate) rows: Vec<Row>,
    /// Notices that match.
    pub(crate) total: usize,
    /// Values of the dimension beyond the rows given.
    pub(crate) left_out: usize,
}
