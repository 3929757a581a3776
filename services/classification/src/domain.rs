//! Codes, lists and the questions asked of them.
//!
//! ```text
//! Row (raw text) ──List::build──▶ List<CpvCode | NutsCode | StyrkCode>   sorted, linked, indexed, immutable
//!                                   ├─ get · children · siblings · ancestors · roots
//!                                   ├─ search::search   words and codes in one list
//!                                   └─ resolve::resolve place names (NUTS only), with History and Postal
//! ```
//!
//! Nothing here does I/O or waits, and no type holds a code that is not well formed.

pub mod code;
pub mod cpv;
pub mod edition;
pub mod entry;
pub mod error;
pub mod fold;
pub mod history;
pub mod index;
pub mod language;
pub mod list;
pub mod nuts;
pub mod postal;
pub mod resolve;
pub mod row;
pub mod search;
pub mod styrk;

pub use code::{Code, Malformed, Scheme};
pub use cpv::CpvCode;
pub use edition::{Edition, Origin};
pub use error::Error;
pub use history::{History, Retired};
pub use language::Language;
pub use list::{Entry, List, Row};
pub use nuts::NutsCode;
pub use postal::Postal;
pub use styrk::StyrkCode;
