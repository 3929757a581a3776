//! The right to write: one process has it.

use super::engine::Claim;

/// The right to write. Dropping it gives it up.
///
/// Each transaction checks its epoch against the store's, so whoever lost it without noticing writes nothing.
#[derive(Debug)]
pub(crate) struct Lease {
    pub(super) epoch: i64,
    pub(super) claim: Claim,
}

impl Lease {
    /// Resolves when it is lost; SQLite's never is.
    pub(crate) async fn held(&self) {
        let mut lost = self.claim.lost.clone();
        if lost.wait_for(|lost| *lost).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
