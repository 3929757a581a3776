//! Statistics.

use std::collections::HashMap;

use jiff::Timestamp;

use super::Mirror;
use crate::codes::{self, Codes};
use crate::error::Problem;
use crate::filters::Filters;
use crate::search::{Dimension, Stats};

/// Counts with what a reader needs to judge them.
#[derive(Debug, Clone)]
pub(crate) struct Counts {
    /// The counts.
    pub(crate) stats: Stats,
    /// Labels of the rows' keys, where they have any.
    pub(crate) labels: HashMap<String, String>,
    /// When Doffin was last heard.
    pub(crate) as_of: Option<Timestamp>,
    /// What they may lack.
    pub(crate) incomplete: Option<String>,
    /// How filters were understood.
    pub(crate) notes: Vec<String>,
}

impl<C: Codes> Mirror<C> {
    /// Counts and values of the notices a search matches, by one dimension.
    pub(crate) async fn stats(
        &self,
        filters: Filters,
        by: Dimension,
        limit: usize,
    ) -> Result<Counts, Problem> {
        let extent = self.extent().await?;
        let Filters { query, mut notes } = filters;
        notes.extend(self.notes(&query)?);
        let incomplete = extent.lacks(&query).map(|lack| lack.to_string());
        let stats = self.ask(move |index| index.stats(&query, Timestamp::now(), by, limit)).await?;
        let keys = || stats.rows.iter().map(|row| row.key.as_str());
        let owned = || keys().map(str::to_owned).collect();
        let labels = match by {
            Dimension::CpvDivision => codes::labels(&*self.codes, owned(), Vec::new()).await.cpv,
            Dimension::Region => codes::labels(&*self.codes, Vec::new(), owned()).await.nuts,
            Dimension::Buyer | Dimension::Supplier => self.names(keys()).await?,
            Dimension::Month | Dimension::Type => HashMap::new(),
        };
        Ok(Counts { stats, labels, as_of: extent.as_of(), incomplete, notes })
    }
}
