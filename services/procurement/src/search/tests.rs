//! What the index does, as its callers see it.

mod durability;
mod feed;
mod filters;
mod kill;
mod make;
mod oracle;
mod paging;
mod ranking;
mod sums;
mod words;
