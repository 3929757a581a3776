//! The service as its callers meet it: a real server on a port of its own, the generated client, and a
//! publisher that answers what each test tells it to.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cpv;
mod language;
mod nuts;
mod publisher;
mod refresh;
mod search;
mod server;
mod styrk;
mod watch;
