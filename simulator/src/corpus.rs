//! All notices Doffin ever published, in the order they were published in.

mod author;
mod bustle;
mod facts;
mod generate;

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::clock;
use crate::lists::Vocabulary;
use crate::notice::{Notice, Type};
use crate::organization::{Organization, Register};
use author::Author;
pub(crate) use author::{Refusal, parse_cpv};
pub use bustle::Bustle;

/// What the truth listing tells of one notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NoticeSummary {
    /// Doffin id.
    pub id: String,
    /// Concrete type.
    #[serde(rename = "type")]
    pub kind: Type,
    /// Moment of dispatch.
    pub issue_date: Timestamp,
    /// Calendar day of publication.
    pub publication_date: String,
    /// Whether search shows it now.
    pub visible: bool,
}

/// A notice to publish; whatever is left out is made up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Draft {
    /// Concrete type; a competition when left out.
    #[serde(rename = "type")]
    pub kind: Option<Type>,
    /// Title.
    pub heading: Option<String>,
    /// Text.
    pub description: Option<String>,
    /// Direct CPV codes of eight digits; ancestors are added.
    pub cpv_codes: Option<Vec<String>>,
    /// NUTS codes or `anyw`.
    pub location_id: Option<Vec<String>>,
    /// Estimate in NOK.
    pub estimated_value: Option<f64>,
    /// Moment of dispatch; now when left out. An old one makes a late import.
    pub issue_date: Option<Timestamp>,
    /// Deadline for offers.
    pub deadline: Option<Timestamp>,
    /// Name of the buyer.
    pub buyer: Option<String>,
    /// Organisation number of the buyer, as typed.
    pub buyer_number: Option<String>,
    /// Doffin id of an earlier notice of the same procedure.
    pub procedure_of: Option<String>,
}

/// The notices and their author.
#[derive(Debug)]
pub(crate) struct Corpus {
    notices: Vec<Notice>,
    by_id: HashMap<String, usize>,
    author: Author,
}

impl Corpus {
    /// `count` generated notices from 2017 to `now`.
    pub(crate) fn generate(count: usize, seed: u64, vocabulary: Vocabulary, now: Timestamp) -> Self {
        let mut corpus = Self::of(Vec::new(), seed, vocabulary);
        generate::fill(&mut corpus, count, now);
        corpus
    }

    /// The given notices.
    pub(crate) fn of(notices: Vec<Notice>, seed: u64, vocabulary: Vocabulary) -> Self {
        let mut corpus = Self {
            notices: Vec::new(),
            by_id: HashMap::new(),
            author: Author::new(seed, Register::generate(seed), vocabulary),
        };
        for notice in notices {
            corpus.author.leave_out(&notice.id);
            corpus.insert(notice);
        }
        corpus
    }

    /// A supplier picked by a number.
    pub(crate) fn supplier(&self, number: u64) -> Arc<Organization> {
        self.author.supplier_at(number)
    }

    /// Adds a notice unless its id is taken.
    fn insert(&mut self, mut notice: Notice) {
        if self.by_id.contains_key(&notice.id) {
            return;
        }
        notice.index();
        self.by_id.insert(notice.id.clone(), self.notices.len());
        self.notices.push(notice);
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Notice> {
        self.by_id.get(id).map(|&index| &self.notices[index])
    }

    fn get_mut(&mut self, id: &str) -> Option<&mut Notice> {
        self.by_id.get(id).map(|&index| &mut self.notices[index])
    }

    pub(crate) fn all(&self) -> &[Notice] {
        &self.notices
    }

    /// The truth about every notice, superseded ones included.
    pub(crate) fn summaries(&self, now: Timestamp) -> Vec<NoticeSummary> {
        self.notices
            .iter()
            .map(|notice| NoticeSummary {
                id: notice.id.clone(),
                kind: notice.kind,
                issue_date: notice.issued,
                publication_date: notice.published.to_string(),
                visible: notice.visible(now),
            })
            .collect()
    }

    /// Publishes a new notice now.
    pub(crate) fn publish(&mut self, draft: Draft, now: Timestamp) -> Result<String, Refusal> {
        let issued = clock::whole_second(draft.issue_date.unwrap_or(now));
        let mut notice = self.author.compose(draft.kind.unwrap_or(Type::AnnouncementOfCompetition), issued);
        self.author.apply(&mut notice, draft)?;
        Ok(self.release(notice, now))
    }

    /// Publishes a corrected version of a notice now and hides the former one.
    pub(crate) fn correct(&mut self, id: &str, now: Timestamp) -> Result<String, Refusal> {
        let former = self.get(id).ok_or(Refusal::Unknown)?.clone();
        if former.life.superseded.is_some_and(|at| at <= now) {
            return Err(Refusal::Superseded);
        }
        let correction = self.author.correction(&former, clock::whole_second(now));
        let new = self.release(correction, now);
        if let Some(former) = self.get_mut(id) {
            former.life.superseded = Some(now);
        }
        Ok(new)
    }

    /// Publishes the award of a competition now, linked to it.
    pub(crate) fn award(&mut self, id: &str, now: Timestamp) -> Result<String, Refusal> {
        let new = self.conclude(id, Type::AnnouncementOfConclusionOfContract, now)?;
        if let Some(competition) = self.get_mut(id) {
            competition.life.awarded = Some(now);
        }
        Ok(new)
    }

    /// Publishes the cancellation of a competition now, linked to it.
    pub(crate) fn cancel(&mut self, id: &str, now: Timestamp) -> Result<String, Refusal> {
        let new = self.conclude(id, Type::CancelledOrMissingConclusionOfContract, now)?;
        if let Some(competition) = self.get_mut(id) {
            competition.life.cancelled = Some(now);
        }
        Ok(new)
    }

    /// Hides a notice from search, as an index that lost it would.
    pub(crate) fn withdraw(&mut self, id: &str, now: Timestamp) -> Result<String, Refusal> {
        let notice = self.get_mut(id).ok_or(Refusal::Unknown)?;
        notice.life.withdrawn = Some(now);
        Ok(notice.id.clone())
    }

    /// Shows a notice again that was withdrawn.
    pub(crate) fn restore(&mut self, id: &str) -> Result<String, Refusal> {
        let notice = self.get_mut(id).ok_or(Refusal::Unknown)?;
        notice.life.withdrawn.take().map(|_| notice.id.clone()).ok_or(Refusal::NotWithdrawn)
    }

    fn conclude(&mut self, id: &str, kind: Type, now: Timestamp) -> Result<String, Refusal> {
        let competition = self.get(id).ok_or(Refusal::Unknown)?.clone();
        if competition.kind.group() != Type::Competition {
            return Err(Refusal::NotACompetition);
        }
        let result = self.author.result(&competition, kind, clock::whole_second(now), true);
        Ok(self.release(result, now))
    }

    /// Makes a notice visible from now on, published today unless it is a late import.
    fn release(&mut self, mut notice: Notice, now: Timestamp) -> String {
        notice.life.visible_from = now;
        notice.published = clock::day_of(notice.issued);
        let id = notice.id.clone();
        self.insert(notice);
        id
    }
}
