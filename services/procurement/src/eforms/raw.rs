//! What a document says, before roles and values are told from it. Borrowed from the document's text.

use std::borrow::Cow;

use jiff::civil::Date;

use super::walk::Value;
use crate::domain::{DeadlineKind, LinkKind, LotKind, Money, Received, Text};

/// A text in one language of several: Norwegian before English before any other, the first of equals.
#[derive(Debug, Default)]
pub(super) struct Said<'a>(Option<(u8, Cow<'a, str>, Option<Cow<'a, str>>)>);

impl<'a> Said<'a> {
    /// Takes a version of the text, if it is better than what there is.
    pub(super) fn offer(&mut self, value: Value<'a>) {
        let rank = rank(value.language.as_deref());
        if self.0.as_ref().is_none_or(|(best, ..)| rank < *best) {
            self.0 = Some((rank, value.text, value.language));
        }
    }

    /// The text, and the language it is in.
    pub(super) fn text(&self) -> Option<Text> {
        let (_, text, language) = self.0.as_ref()?;
        Some(Text {
            text: text.as_ref().to_owned(),
            language: language.as_deref().map(str::to_ascii_uppercase),
        })
    }

    /// The text alone; empty when nothing was said.
    pub(super) fn as_str(&self) -> &str {
        self.0.as_ref().map_or("", |(_, text, _)| text)
    }
}

/// How welcome a language is, least first. Its code has two letters or three, of which the first two tell.
fn rank(language: Option<&str>) -> u8 {
    let Some(language) = language else { return 1 };
    let is = |code: &str| language.get(..2).is_some_and(|start| start.eq_ignore_ascii_case(code));
    match () {
        () if is("no") || is("nb") || is("nn") => 0,
        () if is("en") => 2,
        () => 3,
    }
}

/// A document.
#[derive(Debug, Default)]
pub(super) struct Raw<'a> {
    pub(super) root: &'static str,
    pub(super) id: Cow<'a, str>,
    pub(super) version: Cow<'a, str>,
    pub(super) folder: Cow<'a, str>,
    pub(super) issue_date: Cow<'a, str>,
    pub(super) issue_time: Cow<'a, str>,
    pub(super) legal_basis: Cow<'a, str>,
    pub(super) form: Cow<'a, str>,
    pub(super) notice_type: Cow<'a, str>,
    pub(super) subtype: Cow<'a, str>,
    pub(super) customization: Cow<'a, str>,
    pub(super) procedure: Cow<'a, str>,
    pub(super) ojs: Cow<'a, str>,
    pub(super) languages: Vec<Cow<'a, str>>,
    pub(super) planned: Option<Date>,
    pub(super) published: Option<Date>,
    pub(super) award_day: Option<Date>,
    pub(super) buyers: Vec<Cow<'a, str>>,
    pub(super) buyer_kinds: Vec<Cow<'a, str>>,
    pub(super) activities: Vec<Cow<'a, str>>,
    pub(super) links: Vec<(LinkKind, Cow<'a, str>)>,
    pub(super) reasons: Vec<Cow<'a, str>>,
    pub(super) project: Project<'a>,
    pub(super) lots: Vec<Lot<'a>>,
    pub(super) organizations: Vec<Organization<'a>>,
    /// Identifiers of touch points, with the place of the organisation each belongs to.
    pub(super) touch_points: Vec<(Cow<'a, str>, usize)>,
    pub(super) total: Option<Money>,
    pub(super) maximum: Option<Money>,
    pub(super) approximate: Option<Money>,
    pub(super) results: Vec<LotResult<'a>>,
    pub(super) tenders: Vec<Tender<'a>>,
    pub(super) contracts: Vec<Contract<'a>>,
    pub(super) parties: Vec<TenderingParty<'a>>,
}

/// What is bought: for the procedure, or for a lot.
#[derive(Debug, Default)]
pub(super) struct Project<'a> {
    pub(super) internal_id: Cow<'a, str>,
    pub(super) name: Said<'a>,
    pub(super) description: Said<'a>,
    pub(super) nature: Cow<'a, str>,
    pub(super) sme_suitable: Option<bool>,
    pub(super) main_cpv: Option<String>,
    pub(super) additional_cpv: Vec<String>,
    pub(super) places: Vec<Cow<'a, str>>,
    pub(super) estimate: Option<Money>,
    pub(super) framework_maximum: Option<Money>,
    pub(super) measure: Option<(u32, Cow<'a, str>)>,
    pub(super) starts: Option<Date>,
    pub(super) ends: Option<Date>,
    pub(super) period_code: Cow<'a, str>,
}

/// A lot, a part or a group.
#[derive(Debug, Default)]
pub(super) struct Lot<'a> {
    pub(super) id: Cow<'a, str>,
    pub(super) kind: LotKind,
    pub(super) project: Project<'a>,
    /// Dates and times of the deadlines.
    pub(super) deadlines: Vec<(DeadlineKind, Cow<'a, str>, Cow<'a, str>)>,
    pub(super) framework: Cow<'a, str>,
    pub(super) dynamic_purchasing: Cow<'a, str>,
    pub(super) group_maximum: Option<Money>,
    pub(super) documents_url: Cow<'a, str>,
    pub(super) restricted_url: Cow<'a, str>,
    pub(super) submission_url: Cow<'a, str>,
    pub(super) criteria: Vec<Cow<'a, str>>,
}

/// An organisation of the pool.
#[derive(Debug, Default)]
pub(super) struct Organization<'a> {
    pub(super) id: Cow<'a, str>,
    pub(super) name: Said<'a>,
    pub(super) numbers: Vec<Cow<'a, str>>,
    pub(super) country: Cow<'a, str>,
    pub(super) size: Cow<'a, str>,
    pub(super) leads: bool,
}

/// How a lot ended.
#[derive(Debug, Default)]
pub(super) struct LotResult<'a> {
    pub(super) code: Cow<'a, str>,
    pub(super) reason: Cow<'a, str>,
    pub(super) lot: Cow<'a, str>,
    pub(super) tenders: Vec<Cow<'a, str>>,
    pub(super) contracts: Vec<Cow<'a, str>>,
    pub(super) received: Vec<Received>,
    pub(super) maximum: Option<Money>,
    pub(super) reestimate: Option<Money>,
}

/// A tender for a lot.
#[derive(Debug, Default)]
pub(super) struct Tender<'a> {
    pub(super) id: Cow<'a, str>,
    pub(super) value: Option<Money>,
    pub(super) party: Cow<'a, str>,
    pub(super) lots: Vec<Cow<'a, str>>,
}

/// A contract.
#[derive(Debug, Default)]
pub(super) struct Contract<'a> {
    pub(super) id: Cow<'a, str>,
    pub(super) decided: Option<Date>,
    pub(super) signed: Option<Date>,
    pub(super) title: Said<'a>,
    pub(super) tenders: Vec<Cow<'a, str>>,
}

/// Organisations that tender together, or one alone.
#[derive(Debug, Default)]
pub(super) struct TenderingParty<'a> {
    pub(super) id: Cow<'a, str>,
    /// Who tenders, and whether it leads.
    pub(super) tenderers: Vec<(Cow<'a, str>, bool)>,
    pub(super) subcontractors: Vec<Cow<'a, str>>,
}
