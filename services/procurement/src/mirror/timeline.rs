//! The procedure a notice belongs to.

use super::Mirror;
use crate::answer::Shown;
use crate::codes::Codes;
use crate::domain::NoticeId;
use crate::error::Problem;

/// Where a notice stands in a procedure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Announces a plan.
    Plan,
    /// Asks for tenders.
    Call,
    /// Changes an earlier notice.
    Change,
    /// Says who is meant to be given a contract.
    Intent,
    /// Says who won.
    Award,
    /// Ends the procedure without a contract.
    Cancellation,
    /// Modifies a contract.
    Modification,
}

/// One notice of a procedure.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// The notice.
    pub(crate) shown: Shown,
    /// Why it belongs here.
    pub(crate) rule: String,
    /// Where it stands; none for a kind we do not know.
    pub(crate) stage: Option<Stage>,
}

impl<C: Codes> Mirror<C> {
    /// The notices of a notice's procedure, oldest first. None when the copy does not hold the notice.
    pub(crate) async fn timeline(&self, id: &NoticeId) -> Result<Option<Vec<Entry>>, Problem> {
        let linked = self.store.timeline(id).await?;
        if linked.is_empty() {
            return Ok(None);
        }
        let ids: Vec<_> = linked.iter().map(|(id, _)| id.clone()).collect();
        let mut entries = Vec::with_capacity(ids.len());
        for shown in self.shown(&ids, jiff::Timestamp::now()).await? {
            let rule = linked.iter().find(|(id, _)| *id == shown.hit.id).map(|(_, rule)| rule.clone());
            let changes = self.store.links(&shown.hit.id).await?.iter().any(|link| link.rule == "changes");
            let stage = stage(&shown.hit.kind, changes);
            entries.push(Entry { shown, rule: rule.unwrap_or_default(), stage });
        }
        Ok(Some(entries))
    }
}

/// Where a kind of notice stands in a procedure. A call or a plan that changes an earlier notice is a change.
fn stage(kind: &str, changes: bool) -> Option<Stage> {
    Some(match kind {
        "CHANGE_OF_CONCLUSION_OF_CONTRACT" => Stage::Modification,
        "ANNOUNCEMENT_OF_INTENT" => Stage::Intent,
        "ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT" => Stage::Award,
        "CANCELLED_OR_MISSING_CONCLUSION_OF_CONTRACT" => Stage::Cancellation,
        _ if changes => Stage::Change,
        "ADVISORY_NOTICE" | "NOTICE_ON_BUYER_PROFILE" | "PRE_ANNOUNCEMENT" => Stage::Plan,
        "ANNOUNCEMENT_OF_COMPETITION" | "DYNAMIC_PURCHASING_SCHEME" | "QUALIFICATION_SCHEME" => Stage::Call,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_changes_another_is_a_change_and_an_award_stays_an_award() {
        assert_eq!(stage("ANNOUNCEMENT_OF_COMPETITION", false), Some(Stage::Call));
        assert_eq!(stage("ANNOUNCEMENT_OF_COMPETITION", true), Some(Stage::Change));
        assert_eq!(stage("ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT", true), Some(Stage::Award));
        assert_eq!(stage("ADVISORY_NOTICE", false), Some(Stage::Plan));
        assert_eq!(stage("SOMETHING_NEW", false), None);
    }
}
