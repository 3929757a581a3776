//! What a caller should know of how the copy reads filters.

use super::Mirror;
use crate::codes::Codes;
use crate::domain::Query;
use crate::error::Problem;
use crate::search::Absent;

impl<C: Codes> Mirror<C> {
    /// A sentence for each filter that is not plain here. Looks words up, which takes microseconds.
    pub(crate) fn notes(&self, query: &Query) -> Result<Vec<String>, Problem> {
        let mut notes = Vec::new();
        if (query.value.from.is_some() || query.value.to.is_some()) && query.refine.currencies.is_empty() {
            notes.push("Estimated values are compared in NOK; give `currency` for others.".to_owned());
        }
        notes.extend(self.index.absent(query)?.iter().map(nobodys));
        Ok(notes)
    }
}

fn nobodys((filter, value): &Absent) -> String {
    format!("No notice in the mirror has {filter} {value:?}.")
}
