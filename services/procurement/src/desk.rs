//! Who answers: the mirror where it can, Doffin where the mirror cannot yet or the caller says so.
//!
//! ```text
//!            ┌─ the mirror's filters, or complete for what is asked ─▶ mirror ─┐ (store fails) ┐
//! Wanted ────┤                                                                 │               ▼
//!            └─ otherwise, or source=LIVE ─▶ live ── (Doffin fails or dawdles) ─▶ mirror    live
//! ```
//!
//! Where nobody fills the mirror, what it holds was put there to be served: it answers unless it is empty.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use crate::answer::{Answer, Full, Origin};
use crate::codes::Codes;
use crate::domain::{Ask, Invalid, NoticeId, Query, Refine, SortBy, Window, Words};
use crate::error::Problem;
use crate::filters::{self, Filters};
use crate::live::Live;
use crate::mirror::Mirror;
use crate::search::Facet;
use crate::upstream::{self, Seen};

/// How long Doffin has to answer what the mirror could answer too, if less completely: a Doffin that is slow, hangs or
/// may not be asked for a while keeps nobody waiting who did not ask for it.
const PATIENCE: Duration = Duration::from_secs(3);

/// Which hits are wanted, and from whom.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// Who has to answer; none leaves it to us.
    pub(crate) origin: Option<Origin>,
    /// The page.
    pub(crate) window: Window,
    /// Where to go on, instead of a page.
    pub(crate) cursor: Option<String>,
    /// What to count besides.
    pub(crate) facets: Vec<Facet>,
}

/// Gives answers.
#[derive(Debug)]
pub(crate) struct Desk<C> {
    codes: Arc<C>,
    mirror: Mirror<C>,
    live: Option<Live<C>>,
    is_synced: bool,
}

impl<C: Codes> Desk<C> {
    /// Answers from a mirror, which somebody fills or not, and from Doffin where there is a key for it.
    pub(crate) fn new(codes: Arc<C>, mirror: Mirror<C>, live: Option<Live<C>>, is_synced: bool) -> Self {
        Self { codes, mirror, live, is_synced }
    }

    /// The mirror, for what only it can answer.
    pub(crate) fn mirror(&self) -> &Mirror<C> {
        &self.mirror
    }

    /// What has been seen of Doffin.
    pub(crate) fn seen(&self) -> Seen {
        self.live.as_ref().map(Live::seen).unwrap_or_default()
    }

    /// Filters with their codes checked and their places looked up.
    pub(crate) async fn filters(&self, ask: Ask) -> Result<Filters, Problem> {
        filters::resolve(&*self.codes, ask).await
    }

    /// A page of hits.
    pub(crate) async fn search(&self, ask: Ask, wanted: Wanted) -> Result<Answer, Problem> {
        let needs = only_mirror(&ask.query, &wanted);
        let filters = self.filters(ask).await?;
        match (wanted.origin, &self.live) {
            (Some(Origin::Live), Some(live)) => match needs {
                Some(field) => Err(not_doffins(field).into()),
                None => live.search(filters, wanted.window, upstream::deadline()).await,
            },
            (Some(Origin::Live), None) => Err(Problem::NoKey),
            (Some(Origin::Mirror), _) | (None, None) => self.mirror.search(filters, &wanted).await,
            (None, Some(_)) if needs.is_some() => self.mirror.search(filters, &wanted).await,
            (None, Some(live)) => self.best(live, filters, &wanted).await,
        }
    }

    async fn prefers_mirror(&self, query: &Query) -> bool {
        if !self.is_synced {
            return self.holds_something();
        }
        match self.mirror.extent().await {
            Ok(extent) => extent.serves(query),
            Err(problem) => {
                problem.log();
                false
            }
        }
    }

    /// The mirror's answer where it is to be preferred, otherwise Doffin's; the other one's when that fails.
    async fn best(&self, live: &Live<C>, filters: Filters, wanted: &Wanted) -> Result<Answer, Problem> {
        let covered = self.prefers_mirror(&filters.query).await;
        if covered {
            match self.mirror.search(filters.clone(), wanted).await {
                Err(problem @ (Problem::Store(_) | Problem::Index(_))) => problem.log(),
                answered => return answered,
            }
        }
        if covered || !self.holds_something() {
            return live.search(filters, wanted.window, upstream::deadline()).await;
        }
        let deadline = upstream::deadline().min(Instant::now() + PATIENCE);
        match live.search(filters.clone(), wanted.window, deadline).await {
            Err(problem) if problem.is_doffins() => {
                problem.log();
                let mut answer = self.mirror.search(filters, wanted).await?;
                answer.notes.push(
                    "Doffin could not be asked just now; the mirror answers as far as it has come.".into(),
                );
                Ok(answer)
            }
            answered => answered,
        }
    }

    /// One notice in full.
    pub(crate) async fn notice(&self, id: &NoticeId) -> Result<Full, Problem> {
        let held = self.mirror.notice(id).await;
        match (held, &self.live) {
            (Ok(Some(full)), _) => Ok(full),
            (Ok(None), None) => Err(Problem::NoticeNotListed(id.clone())),
            (Ok(None), Some(live)) => live.notice(id).await,
            (Err(problem), None) => Err(problem),
            (Err(problem), Some(live)) => {
                problem.log();
                live.notice(id).await
            }
        }
    }

    /// A notice's document, byte for byte.
    pub(crate) async fn document(&self, id: &NoticeId) -> Result<Bytes, Problem> {
        let held = self.mirror.document(id).await;
        match (held, &self.live) {
            (Ok(Some(document)), _) => Ok(document),
            (Ok(None), None) => Err(Problem::NoDocument(id.clone())),
            (Ok(None), Some(live)) => live.document(id).await,
            (Err(problem), None) => Err(problem),
            (Err(problem), Some(live)) => {
                problem.log();
                live.document(id).await
            }
        }
    }

    fn holds_something(&self) -> bool {
        self.mirror.index().facts().documents > 0
    }
}

/// The first thing asked for that Doffin's search would silently ignore.
fn only_mirror(query: &Query, wanted: &Wanted) -> Option<&'static str> {
    let none = Refine::default();
    let Refine { buyers, suppliers, currencies, published, deadline, languages, procedures, lots } =
        &query.refine;
    let asked = [
        ("buyer", !buyers.is_empty()),
        ("supplier", !suppliers.is_empty()),
        ("currency", !currencies.is_empty()),
        ("publishedFrom", *published != none.published),
        ("deadlineFrom", *deadline != none.deadline),
        ("language", !languages.is_empty()),
        ("procedure", !procedures.is_empty()),
        ("lotsFrom", *lots != none.lots),
        ("search", query.words.as_ref().is_some_and(Words::have_signs)),
        ("sortBy", query.sort == Some(SortBy::DeadlineDesc)),
        ("facet", !wanted.facets.is_empty()),
        ("cursor", wanted.cursor.is_some()),
    ];
    asked.into_iter().find(|(_, asked)| *asked).map(|(field, _)| field)
}

fn not_doffins(field: &'static str) -> Invalid {
    Invalid::new(field, "is the mirror's; Doffin does not know it, so it does not go with source=LIVE")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CountRange, DateRange};

    fn wanted() -> Wanted {
        Wanted { origin: None, window: Window::new(None, None).unwrap(), cursor: None, facets: Vec::new() }
    }

    #[test]
    fn every_filter_of_the_mirror_s_is_known_as_such() {
        let query = |refine| Query { refine, ..Query::default() };
        let day = DateRange::parse("2026-01-01", "").unwrap();
        for (field, refine) in [
            ("currency", Refine { currencies: ["EUR".to_owned()].into(), ..Refine::default() }),
            ("publishedFrom", Refine { published: day, ..Refine::default() }),
            ("deadlineFrom", Refine { deadline: day, ..Refine::default() }),
            ("language", Refine { languages: ["NOR".to_owned()].into(), ..Refine::default() }),
            ("procedure", Refine { procedures: ["open".to_owned()].into(), ..Refine::default() }),
            ("lotsFrom", Refine { lots: CountRange { from: Some(2), to: None }, ..Refine::default() }),
        ] {
            assert_eq!(only_mirror(&query(refine), &wanted()), Some(field));
        }
        assert_eq!(only_mirror(&Query::default(), &wanted()), None);
        let phrase = Query { words: Words::parse("\"ny skole\"").unwrap(), ..Query::default() };
        assert_eq!(only_mirror(&phrase, &wanted()), Some("search"));
        let sorted = Query { sort: Some(SortBy::DeadlineDesc), ..Query::default() };
        assert_eq!(only_mirror(&sorted, &wanted()), Some("sortBy"));
        let more = Wanted { cursor: Some("x".into()), ..wanted() };
        assert_eq!(only_mirror(&Query::default(), &more), Some("cursor"));
    }
}
