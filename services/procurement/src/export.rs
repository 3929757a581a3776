//! Notices as files for others: a table for spreadsheets, releases for data users.

mod csv;
mod ocds;

pub(crate) use csv::Table;
pub(crate) use ocds::release;
