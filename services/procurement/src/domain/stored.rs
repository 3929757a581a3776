//! A notice as the mirror holds it, what its document adds for search, and where it stands now.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Document, Hit, Identity, LotKind, NoticeId, OrgNumber, Outcome, Role, Seq, Status, Text, Valued,
};

/// A notice as the mirror holds it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stored {
    /// The hit, with the status as Doffin last gave it.
    pub(crate) hit: Hit,
    /// How its procedure ended, if another notice says so.
    pub(crate) outcome: Option<Outcome>,
    /// The notice that replaces it.
    pub(crate) superseded_by: Option<NoticeId>,
    /// Whether Doffin's search still lists it.
    pub(crate) listed: bool,
    /// When we first saw it.
    pub(crate) first_seen: Timestamp,
    /// When we last saw it.
    pub(crate) last_seen: Timestamp,
    /// Position of its first change in the feed.
    pub(crate) first_seq: Seq,
    /// Who it is among others.
    pub(crate) identity: Identity,
    /// Whether its document is here.
    pub(crate) has_document: bool,
    /// Why its document cannot be read.
    pub(crate) unreadable: Option<String>,
    /// Main CPV code, where its document gives one.
    pub(crate) main_cpv: Option<String>,
}

/// What a document adds to a hit for search. Stores keep it as JSON; a field they lack is empty.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Facts {
    /// Official languages, ISO 639-3 in capitals, the main one first.
    pub(crate) languages: Vec<String>,
    /// Procedure type (BT-105).
    pub(crate) procedure: Option<String>,
    /// Nature (BT-23).
    pub(crate) nature: Option<String>,
    /// Main CPV code, eight digits.
    pub(crate) main_cpv: Option<String>,
    /// Titles and descriptions of lots and parts, each once.
    pub(crate) lot_texts: Vec<String>,
    /// How many lots or parts.
    pub(crate) lots: u32,
    /// Buyers, by number where there is one, and name.
    pub(crate) buyers: Vec<(Option<OrgNumber>, String)>,
    /// Winners, or intended suppliers.
    pub(crate) winners: Vec<(Option<OrgNumber>, String)>,
    /// Those who tendered without winning.
    pub(crate) tenderers: Vec<(Option<OrgNumber>, String)>,
    /// Subcontractors.
    pub(crate) subcontractors: Vec<(Option<OrgNumber>, String)>,
    /// Values, each with its rule.
    pub(crate) values: Vec<Valued>,
    /// Most tenders received for a lot, where any lot says so.
    pub(crate) received: Option<u32>,
    /// Lots whose number of tenders is known and not 0.
    pub(crate) counted: u32,
    /// Those of them with exactly one tender.
    pub(crate) single: u32,
}

impl Facts {
    /// What a document adds.
    pub(crate) fn of(document: &Document) -> Self {
        let parties = |role| {
            let held = document.parties.iter().filter(|party| party.role == role);
            distinct(held.map(|party| (party.number.clone(), party.name.clone())))
        };
        let lots = || document.lots.iter().filter(|lot| lot.kind != LotKind::Group);
        let texts = |lot: &super::LotDetail| [lot.title.clone(), lot.description.clone()];
        let received: Vec<u32> = lots().filter_map(|lot| tenders(&lot.received)).collect();
        let counted = received.iter().filter(|count| **count > 0);
        Self {
            languages: distinct(document.languages.iter().map(|code| code.to_ascii_uppercase())),
            procedure: document.procedure.clone(),
            nature: document.subject.nature.clone(),
            main_cpv: document.subject.main_cpv.clone(),
            lot_texts: distinct(lots().flat_map(texts).flatten().map(|text: Text| text.text)),
            lots: count(lots().count()),
            buyers: parties(Role::Buyer),
            winners: parties(Role::Winner),
            tenderers: parties(Role::Tenderer),
            subcontractors: parties(Role::Subcontractor),
            values: document.values.clone(),
            received: received.iter().copied().max(),
            counted: count(counted.clone().count()),
            single: count(counted.filter(|count| **count == 1).count()),
        }
    }
}

/// Tenders received, out of counts by kind: `tenders` is the sum of all kinds but may be left at 0, so the
/// largest count is nearest.
fn tenders(received: &[super::Received]) -> Option<u32> {
    let whole = received.iter().filter(|entry| entry.kind != "part-req");
    whole.filter_map(|entry| u32::try_from(entry.total).ok()).max()
}

/// Each value once, in the order given.
fn distinct<T: PartialEq>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut kept: Vec<T> = Vec::new();
    for value in values {
        if !kept.contains(&value) {
            kept.push(value);
        }
    }
    kept
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// Where a notice stands at a moment, as Doffin would show it then. Only competitions stand anywhere.
///
/// What Doffin or a linked notice says about the end wins; before that the deadline decides, and without
/// one Doffin's last word. Words of Doffin that we do not know are none.
pub(crate) fn status(stored: &Stored, now: Timestamp) -> Option<Status> {
    let hit = &stored.hit;
    let known = [Status::Active, Status::Expired, Status::Awarded, Status::Cancelled];
    let said = known.into_iter().find(|status| hit.status.as_deref() == Some(status.as_str()));
    let competes = hit.status.is_some() || hit.all_kinds.iter().any(|kind| kind == "COMPETITION");
    match (said, stored.outcome, hit.deadline) {
        _ if !competes => None,
        (Some(Status::Awarded | Status::Cancelled), _, _) => said,
        (_, Some(Outcome::Awarded), _) => Some(Status::Awarded),
        (_, Some(Outcome::Cancelled), _) => Some(Status::Cancelled),
        (_, _, Some(deadline)) if deadline > now => Some(Status::Active),
        (_, _, Some(_)) => Some(Status::Expired),
        (_, _, None) => said,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{LotDetail, Party, Received};

    fn stored(kinds: &[&str], status: Option<&str>, deadline: Option<&str>) -> Stored {
        let hit = Hit {
            id: NoticeId::parse("2026-100001").unwrap(),
            buyers: Vec::new(),
            heading: String::new(),
            description: String::new(),
            locations: Vec::new(),
            estimated_value: None,
            kind: kinds.first().copied().unwrap_or_default().to_owned(),
            all_kinds: kinds.iter().map(ToString::to_string).collect(),
            status: status.map(ToOwned::to_owned),
            issued: None,
            deadline: deadline.map(|text| text.parse().unwrap()),
            published: None,
            received_tenders: None,
            received: Vec::new(),
            cpv: Vec::new(),
            lots: Vec::new(),
        };
        Stored {
            hit,
            outcome: None,
            superseded_by: None,
            listed: true,
            first_seen: Timestamp::UNIX_EPOCH,
            last_seen: Timestamp::UNIX_EPOCH,
            first_seq: Seq(1),
            identity: Identity::default(),
            has_document: false,
            unreadable: None,
            main_cpv: None,
        }
    }

    const COMPETITION: &[&str] = &["ANNOUNCEMENT_OF_COMPETITION", "COMPETITION"];

    #[test]
    fn a_competition_expires_at_its_deadline_without_doffin_saying_so() {
        let notice = stored(COMPETITION, Some("ACTIVE"), Some("2026-09-01T10:00:00Z"));
        let at = |moment: &str| status(&notice, moment.parse().unwrap());
        assert_eq!(at("2026-09-01T09:59:59Z"), Some(Status::Active));
        assert_eq!(at("2026-09-01T10:00:00Z"), Some(Status::Expired));
        let moved = stored(COMPETITION, Some("EXPIRED"), Some("2026-10-01T10:00:00Z"));
        assert_eq!(status(&moved, "2026-09-02T00:00:00Z".parse().unwrap()), Some(Status::Active));
    }

    #[test]
    fn the_end_of_a_competition_wins_over_its_deadline() {
        let now = "2026-08-01T00:00:00Z".parse().unwrap();
        for (said, outcome, shown) in [
            (Some("AWARDED"), Some(Outcome::Cancelled), Some(Status::Awarded)),
            (Some("CANCELLED"), None, Some(Status::Cancelled)),
            (Some("ACTIVE"), Some(Outcome::Awarded), Some(Status::Awarded)),
            (Some("EXPIRED"), Some(Outcome::Cancelled), Some(Status::Cancelled)),
            (None, Some(Outcome::Awarded), Some(Status::Awarded)),
            (Some("PAUSED"), None, Some(Status::Active)),
        ] {
            let mut notice = stored(COMPETITION, said, Some("2026-09-01T10:00:00Z"));
            notice.outcome = outcome;
            assert_eq!(status(&notice, now), shown, "{said:?} {outcome:?}");
        }
    }

    #[test]
    fn without_a_deadline_doffin_s_last_word_stands_and_only_competitions_stand_anywhere() {
        let now = "2026-08-01T00:00:00Z".parse().unwrap();
        assert_eq!(status(&stored(COMPETITION, Some("EXPIRED"), None), now), Some(Status::Expired));
        assert_eq!(status(&stored(COMPETITION, Some("PAUSED"), None), now), None);
        assert_eq!(status(&stored(COMPETITION, None, None), now), None);
        let mut result = stored(&["ANNOUNCEMENT_OF_INTENT", "RESULT"], None, Some("2026-09-01T10:00:00Z"));
        result.outcome = Some(Outcome::Awarded);
        assert_eq!(status(&result, now), None);
    }

    #[test]
    fn the_facts_of_a_document_are_distinct_and_count_lots_by_their_tenders() {
        let text = |text: &str| Some(Text { text: text.to_owned(), language: None });
        let lot = |title, kind, received: &[(&str, i32)]| LotDetail {
            title: text(title),
            description: text("Felles"),
            kind,
            received: received
                .iter()
                .map(|(kind, total)| Received { kind: (*kind).to_owned(), total: *total })
                .collect(),
            ..LotDetail::default()
        };
        let party = |role, name: &str| Party {
            role,
            name: name.to_owned(),
            given: None,
            number: OrgNumber::find("938801363"),
            country: None,
            size: None,
            is_leader: false,
            group: None,
            lots: Vec::new(),
            value: None,
        };
        let document = Document {
            languages: vec!["nor".into(), "NOR".into(), "ENG".into()],
            lots: vec![
                lot("En", LotKind::Lot, &[("tenders", 0), ("t-esubm", 1)]),
                lot("To", LotKind::Lot, &[("tenders", 4), ("part-req", 9)]),
                lot("Tre", LotKind::Lot, &[("tenders", 0)]),
                lot("Fire", LotKind::Lot, &[]),
                lot("Alle", LotKind::Group, &[]),
            ],
            parties: vec![party(Role::Buyer, "A"), party(Role::Winner, "B"), party(Role::Winner, "B")],
            ..Document::default()
        };
        let facts = Facts::of(&document);
        assert_eq!(facts.languages, ["NOR", "ENG"]);
        assert_eq!(facts.lot_texts, ["En", "Felles", "To", "Tre", "Fire"]);
        assert_eq!((facts.lots, facts.received, facts.counted, facts.single), (4, Some(4), 2, 1));
        assert_eq!((facts.buyers.len(), facts.winners.len(), facts.tenderers.len()), (1, 1, 0));
        let kept = serde_json::to_string(&facts).unwrap();
        assert_eq!(serde_json::from_str::<Facts>(&kept).unwrap(), facts);
        assert_eq!(serde_json::from_str::<Facts>("{}").unwrap(), Facts::default());
        assert!(serde_json::from_str::<Facts>(r#"{"buyers":[["123456789","A"]]}"#).is_err());
    }
}
