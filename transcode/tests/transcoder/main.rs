//! The transcoder from HTTP request to reply, over a real gRPC server.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod backend;
#[path = "../support/pool.rs"]
mod pool;
mod streams;
mod unary;
