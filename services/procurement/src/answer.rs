//! Answers to callers, whoever gives them: the mirror or Doffin itself.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;

use crate::codes::Labels;
use crate::domain::{Document, Hit, NoticeId, Organization, Window};
use crate::search::Facet;

/// Where an answer came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Our own copy of Doffin.
    Mirror,
    /// Doffin itself.
    Live,
}

/// A notice in a list, with what we add to Doffin's hit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shown {
    /// The hit, with the status as of now.
    pub(crate) hit: Arc<Hit>,
    /// Winners, or intended suppliers, each once: those of the lots, and those that the document names for no lot.
    pub(crate) winners: Vec<Organization>,
    /// Main CPV code, where the document is known.
    pub(crate) main_cpv: Option<String>,
    /// The part of the text that matches, as HTML.
    pub(crate) snippet: Option<String>,
    /// The notice that replaces it.
    pub(crate) superseded_by: Option<NoticeId>,
    /// Whether Doffin's search no longer lists it.
    pub(crate) withdrawn: bool,
}

impl From<Arc<Hit>> for Shown {
    fn from(hit: Arc<Hit>) -> Self {
        let winners = winners(&hit, Vec::new());
        Self { hit, winners, main_cpv: None, snippet: None, superseded_by: None, withdrawn: false }
    }
}

/// The winners of a hit's lots and others that are known of, each once. The same number is the same organisation; without
/// one on either side the same name is.
pub(crate) fn winners(hit: &Hit, others: Vec<Organization>) -> Vec<Organization> {
    let (mut numbers, mut unnumbered, mut names) = (HashSet::new(), HashSet::new(), HashSet::new());
    let listed = hit.lots.iter().flat_map(|lot| lot.winners.iter().cloned());
    let is_new = |winner: &Organization| {
        let known = match &winner.number {
            Some(number) => numbers.contains(number) || unnumbered.contains(&winner.name),
            None => names.contains(&winner.name),
        };
        match winner.number.clone() {
            Some(number) => numbers.insert(number),
            None => unnumbered.insert(winner.name.clone()),
        };
        names.insert(winner.name.clone());
        !known
    };
    listed.chain(others).filter(is_new).collect()
}

/// A page of hits, and how far it can be trusted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    /// Who answers.
    pub(crate) origin: Origin,
    /// The hits.
    pub(crate) shown: Vec<Shown>,
    /// How many match in all.
    pub(crate) total: usize,
    /// How many of them can be had.
    pub(crate) accessible: usize,
    /// Why not every match can be had just once, if so.
    pub(crate) incomplete: Option<String>,
    /// When Doffin gave the oldest part of it; none when the mirror was never filled from Doffin.
    pub(crate) as_of: Option<Timestamp>,
    /// What a caller should know, a sentence each.
    pub(crate) notes: Vec<String>,
    /// The page it answers.
    pub(crate) window: Window,
    /// What to ask with for more.
    pub(crate) next: Option<String>,
    /// Counts of the matches: value, label, how many.
    pub(crate) facets: Vec<(Facet, Vec<Counted>)>,
}

/// A value and how many notices have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Counted {
    /// The value.
    pub(crate) key: String,
    /// Its label; the value itself where it has none.
    pub(crate) label: String,
    /// How many.
    pub(crate) notices: usize,
}

/// One notice in full.
#[derive(Debug, Clone)]
pub(crate) struct Full {
    /// Who answers.
    pub(crate) origin: Origin,
    /// The notice as listed.
    pub(crate) shown: Shown,
    /// What its document says, where it is known.
    pub(crate) document: Option<Document>,
    /// Other notices it belongs with.
    pub(crate) links: Vec<Link>,
    /// Labels of its codes, as far as they are known.
    pub(crate) labels: Labels,
    /// When Doffin gave it.
    pub(crate) as_of: Timestamp,
    /// What a caller should know, a sentence each.
    pub(crate) notes: Vec<String>,
}

/// A caller's note on a notice that is shown without its document, which ...
pub(crate) fn bare(why: &str) -> String {
    format!("Its eForms document {why}; only what Doffin lists is shown.")
}

/// Another notice and why it belongs here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    /// Its Doffin id, where it is known.
    pub(crate) id: Option<NoticeId>,
    /// The reference as the notice gives it.
    pub(crate) reference: String,
    /// Why, such as `procedure` or `changes`.
    pub(crate) rule: String,
}
