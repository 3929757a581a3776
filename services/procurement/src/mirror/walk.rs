//! Every match of a search, page after page.

use jiff::Timestamp;

use super::Mirror;
use crate::answer::Shown;
use crate::codes::Codes;
use crate::domain::{Document, Query};
use crate::error::Problem;
use crate::search::{Find, Paging};

/// How many notices are held at once.
const STEP: usize = 500;

/// A walk through every match; it ends where the matches end and repeats none while notices arrive.
#[derive(Debug)]
pub(crate) struct Walk {
    query: Query,
    now: Timestamp,
    next: Option<String>,
    started: bool,
}

impl Walk {
    /// A walk that has not begun.
    pub(crate) fn new(query: Query) -> Self {
        Self { query, now: Timestamp::now(), next: None, started: false }
    }

    /// The next matches; none at the end.
    pub(crate) async fn step<C: Codes>(&mut self, mirror: &Mirror<C>) -> Result<Vec<Shown>, Problem> {
        let paging = match (self.started, self.next.take()) {
            (false, _) => Paging::Offset { skip: 0, take: STEP },
            (true, Some(cursor)) => Paging::After { cursor, take: STEP },
            (true, None) => return Ok(Vec::new()),
        };
        self.started = true;
        let find = Find { query: self.query.clone(), now: self.now, paging, facets: Vec::new() };
        let found = mirror.ask(move |index| index.find(&find)).await?;
        self.next = found.next;
        mirror.shown(&found.ids, self.now).await
    }
}

impl<C: Codes> Mirror<C> {
    /// What a notice's document says, for forms that tell more than a list; none without one that can be read.
    pub(crate) async fn details(&self, shown: &Shown) -> Result<Option<Document>, Problem> {
        Ok(self.notice(&shown.hit.id).await?.and_then(|full| full.document))
    }
}
