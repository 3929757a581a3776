//! The contract of Bouvet Radar: generated types, compiled descriptors, and the error catalogue.
//!
//! ```text
//! bouvetradar/**/*.proto ──build.rs──▶ descriptors.bin ──▶ DESCRIPTORS  (gateway, reflection)
//!                                 └──▶ generated types  (services, clients)
//! errors.proto ──▶ catalogue::Entry ◀──▶ Failure ◀──▶ tonic::Status
//! ```
//!
//! No logic of any service lives here, and nothing here does I/O.

pub mod catalogue;
mod failure;

pub use failure::{Failure, Violation};

/// The compiled contract as a serialised `FileDescriptorSet`, with imports, comments and annotations.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// The error domain in `google.rpc.ErrorInfo`.
pub const ERROR_DOMAIN: &str = "bouvetradar";

mod generated;

pub use generated::bouvetradar::classification::v1 as classification;
pub use generated::bouvetradar::errors::v1::ErrorCode;
pub use generated::bouvetradar::procurement::v1 as procurement;
pub use generated::{bouvetradar, google};
