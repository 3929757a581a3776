//! Goes through all matches of a search, segment by segment.

use std::sync::Arc;

use super::Error;
use super::condition::Condition;
use super::docs::Docs;
use super::filter::Check;
use super::part::Part;
use super::view::View;

/// Everything that must hold of a match.
pub(super) struct Matches {
    /// What the index answers.
    pub(super) condition: Condition,
    /// What the columns answer.
    pub(super) checks: Vec<Check>,
}

impl Matches {
    /// Shows the matches of every segment that has any, with how many they are.
    pub(super) fn visit(
        &self,
        view: &View,
        mut show: impl FnMut(&Part, &Docs, usize) -> Result<(), Error>,
    ) -> Result<(), Error> {
        for part in &view.parts {
            let mut docs = self.condition.docs(part, None)?.and(Docs::Many(Arc::clone(&part.shown)));
            for check in &self.checks {
                docs = check.keep(&part.columns, docs);
            }
            let count = docs.count();
            if count > 0 {
                show(part, &docs, count)?;
            }
        }
        Ok(())
    }
}
