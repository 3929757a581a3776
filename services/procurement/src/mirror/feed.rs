//! What changed.

use std::collections::HashMap;

use super::Mirror;
use crate::answer::Shown;
use crate::codes::Codes;
use crate::domain::{Change, ChangeKind, Invalid, NoticeId, Seq};
use crate::error::Problem;

/// A change and the notice as it is now.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Happened {
    /// The change.
    pub(crate) change: Change,
    /// The notice.
    pub(crate) shown: Shown,
}

impl<C: Codes> Mirror<C> {
    /// Changes after a position, oldest first, and the position to go on from.
    pub(crate) async fn changes(
        &self,
        after: Seq,
        kinds: &[ChangeKind],
        of: Option<&NoticeId>,
        limit: u32,
    ) -> Result<(Vec<Happened>, Seq), Problem> {
        // Read before the changes: what is committed in between is answered by the next question.
        let head = self.store.head_since(after).await?;
        if after > head {
            let problem = format!("{} is ahead of the feed, which has come to {}", after.0, head.0);
            return Err(Invalid::new("cursor", problem).into());
        }
        let changes = match of {
            Some(notice) => self.store.changes_of(notice, after, kinds, limit).await?,
            None => self.store.changes(after, kinds, limit).await?,
        };
        let full = changes.len() >= limit as usize;
        let last = changes.last().map(|change| change.seq);
        let next = if full { last.unwrap_or(head) } else { last.map_or(head, |last| last.max(head)) };
        Ok((self.happened(changes).await?, next))
    }

    /// Changes with their notices.
    async fn happened(&self, changes: Vec<Change>) -> Result<Vec<Happened>, Problem> {
        let mut ids: Vec<_> = changes.iter().map(|change| change.notice.clone()).collect();
        ids.sort_unstable();
        ids.dedup();
        let shown = self.shown(&ids, jiff::Timestamp::now()).await?;
        let shown: HashMap<_, _> = shown.into_iter().map(|shown| (shown.hit.id.clone(), shown)).collect();
        let with_notice = |change: Change| {
            let shown = shown.get(&change.notice)?.clone();
            Some(Happened { change, shown })
        };
        Ok(changes.into_iter().filter_map(with_notice).collect())
    }
}
