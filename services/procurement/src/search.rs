//! The search index: derived from the change feed, one a replica, disposable.

mod entry;
mod find;

pub(crate) use entry::Entry;
pub(crate) use find::{Dimension, Facet, Find, Found, Paging, Row, Stats};
