//! The search index: derived from the change feed, one a replica, disposable.

mod find;

pub(crate) use find::{Dimension, Facet, Find, Found, Paging, Row, Stats};
