//! A read replica: it follows the primary after a while, may stop to, and may be gone.
//!
//! What this process has shown it does not take back: while the replica is behind that, the primary is read. A
//! replica that stays behind for long is left alone until it has caught up, so that answers do not grow old
//! unnoticed.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sqlx::Any;
use sqlx::pool::PoolConnection;

use super::connection::Pool;
use super::error::Fault;
use super::notices;
use crate::domain::Seq;

/// How far behind the replica may be before the primary is read instead.
const LAG: Duration = Duration::from_secs(15);

/// A read replica of the primary.
#[derive(Debug)]
pub(super) struct Replica {
    pool: Pool,
    standing: Mutex<Standing>,
}

#[derive(Debug, Default)]
struct Standing {
    trouble: Option<Trouble>,
    /// A position of the primary that the replica has not been seen to reach, and since when it is there.
    ahead: Option<(Seq, Instant)>,
}

/// Why the replica is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It does not answer.
    Gone,
    /// It is further behind than [`LAG`].
    Late,
}

impl Replica {
    pub(super) fn new(pool: Pool) -> Self {
        Self { pool, standing: Mutex::default() }
    }

    pub(super) fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Why it is not read, while it is not.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        self.standing().trouble
    }

    /// For how long the primary has had something that the replica has not.
    pub(super) fn lag(&self) -> Duration {
        self.standing().ahead.map(|(_, since)| since.elapsed()).unwrap_or_default()
    }

    /// A connection and how far it sees; none while it is in trouble.
    pub(super) async fn preferred(&self) -> Option<(PoolConnection<Any>, Seq)> {
        if self.trouble().is_some() {
            return None;
        }
        match self.connect().await {
            Ok(seeing) => Some(seeing),
            Err(fault) => {
                self.standing().trouble = Some(Trouble::Gone);
                tracing::warn!(?fault, "the store's replica does not answer, the primary is read instead");
                None
            }
        }
    }

    /// A connection, however far it sees.
    pub(super) async fn anyhow(&self) -> Option<PoolConnection<Any>> {
        if self.trouble() == Some(Trouble::Gone) {
            return None;
        }
        Some(self.connect().await.ok()?.0)
    }

    /// Compares it with the primary. Everything was shown up to a position.
    pub(super) async fn look(&self, primary: &Pool, shown: Seq) {
        let Ok((_, head)) = self.connect().await else {
            // Whoever reads next says so.
            return;
        };
        let written = match primary.acquire().await {
            Ok(mut connection) => notices::head(&mut connection).await.ok(),
            Err(_) => None,
        };
        let before = self.standing().seen(head, written, shown);
        match (before, self.trouble()) {
            (before, Some(Trouble::Late)) if before != Some(Trouble::Late) => {
                tracing::warn!(?head, ?written, "the store's replica is behind, the primary is read instead");
            }
            (Some(_), None) => tracing::info!("the store's replica is read again"),
            _ => {}
        }
    }

    async fn connect(&self) -> Result<(PoolConnection<Any>, Seq), Fault> {
        let mut connection = self.pool.acquire().await?;
        let head = notices::head(&mut connection).await?;
        Ok((connection, head))
    }

    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Standing {
    /// The replica answers and has come to `head`, the primary to `written` if it answers; gives the trouble
    /// there was before.
    fn seen(&mut self, head: Seq, written: Option<Seq>, shown: Seq) -> Option<Trouble> {
        let before = self.trouble;
        if self.ahead.is_some_and(|(mark, _)| head >= mark) {
            self.ahead = None;
        }
        if let Some(written) = written.filter(|written| *written > head) {
            self.ahead.get_or_insert_with(|| (written, Instant::now()));
        }
        let late = self.ahead.is_some_and(|(_, since)| since.elapsed() > LAG)
            // Once left alone, it is read when it can show all that was shown meanwhile.
            || (before == Some(Trouble::Late) && head < shown);
        // An old answer is better than none.
        self.trouble = (late && written.is_some()).then_some(Trouble::Late);
        before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: Duration = LAG.saturating_add(Duration::from_secs(1));

    fn late() -> Standing {
        let ahead = Some((Seq(9), Instant::now().checked_sub(BEFORE).unwrap()));
        Standing { trouble: Some(Trouble::Late), ahead }
    }

    #[test]
    fn a_replica_that_stays_behind_is_late_until_it_has_caught_up_with_what_was_shown() {
        let mut standing = Standing::default();
        assert_eq!(standing.seen(Seq(5), Some(Seq(9)), Seq(5)), None);
        assert_eq!(standing.trouble, None, "not for long yet");
        standing.ahead = late().ahead;
        standing.seen(Seq(8), Some(Seq(20)), Seq(5));
        assert_eq!(standing.trouble, Some(Trouble::Late));
        standing.seen(Seq(9), Some(Seq(20)), Seq(15));
        assert_eq!(standing.trouble, Some(Trouble::Late), "more was shown from the primary meanwhile");
        standing.seen(Seq(15), Some(Seq(20)), Seq(15));
        assert_eq!(standing.trouble, None);
        assert!(standing.ahead.is_some_and(|(mark, since)| mark == Seq(20) && since.elapsed() < BEFORE));
    }

    #[test]
    fn a_late_replica_is_read_when_the_primary_does_not_answer() {
        let mut standing = late();
        assert_eq!(standing.seen(Seq(8), None, Seq(15)), Some(Trouble::Late));
        assert_eq!(standing.trouble, None);
        standing.seen(Seq(8), Some(Seq(20)), Seq(15));
        assert_eq!(standing.trouble, Some(Trouble::Late));
    }
}
