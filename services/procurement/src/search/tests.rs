//! What the index does, as its callers see it.

mod durability;
mod filters;
mod make;
mod paging;
mod ranking;
mod sums;
mod words;
