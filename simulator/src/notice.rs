//! A notice as both faces of Doffin need it: the search hit and the eForms document are two renderings of it.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::organization::Organization;

/// Doffin's notice types, the three roll-ups among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Type {
    /// Roll-up: something is being planned.
    Planning,
    /// Veiledende kunngjøring.
    AdvisoryNotice,
    /// Kunngjøring på kjøperprofil.
    NoticeOnBuyerProfile,
    /// Forhåndskunngjøring.
    PreAnnouncement,
    /// Roll-up: offers are being asked for.
    Competition,
    /// Konkurransekunngjøring.
    AnnouncementOfCompetition,
    /// Dynamisk innkjøpsordning.
    DynamicPurchasingScheme,
    /// Kvalifikasjonsordning.
    QualificationScheme,
    /// Roll-up: a procedure ended.
    Result,
    /// Intensjonskunngjøring.
    AnnouncementOfIntent,
    /// Tildelingskunngjøring.
    AnnouncementOfConclusionOfContract,
    /// Endring av kontrakt.
    ChangeOfConclusionOfContract,
    /// Avlysning eller manglende kontraktsinngåelse.
    CancelledOrMissingConclusionOfContract,
}

impl Type {
    const NAMES: [(Self, &'static str); 13] = [
        (Self::Planning, "PLANNING"),
        (Self::AdvisoryNotice, "ADVISORY_NOTICE"),
        (Self::NoticeOnBuyerProfile, "NOTICE_ON_BUYER_PROFILE"),
        (Self::PreAnnouncement, "PRE_ANNOUNCEMENT"),
        (Self::Competition, "COMPETITION"),
        (Self::AnnouncementOfCompetition, "ANNOUNCEMENT_OF_COMPETITION"),
        (Self::DynamicPurchasingScheme, "DYNAMIC_PURCHASING_SCHEME"),
        (Self::QualificationScheme, "QUALIFICATION_SCHEME"),
        (Self::Result, "RESULT"),
        (Self::AnnouncementOfIntent, "ANNOUNCEMENT_OF_INTENT"),
        (Self::AnnouncementOfConclusionOfContract, "ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT"),
        (Self::ChangeOfConclusionOfContract, "CHANGE_OF_CONCLUSION_OF_CONTRACT"),
        (Self::CancelledOrMissingConclusionOfContract, "CANCELLED_OR_MISSING_CONCLUSION_OF_CONTRACT"),
    ];

    /// The type's name on the wire.
    pub fn as_str(self) -> &'static str {
        Self::NAMES.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// The type of a name on the wire.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }

    /// The roll-up this type belongs to.
    pub fn group(self) -> Self {
        match self {
            Self::Planning | Self::AdvisoryNotice | Self::NoticeOnBuyerProfile => Self::Planning,
            Self::Competition
            | Self::PreAnnouncement
            | Self::AnnouncementOfCompetition
            | Self::DynamicPurchasingScheme
            | Self::QualificationScheme => Self::Competition,
            Self::Result
            | Self::AnnouncementOfIntent
            | Self::AnnouncementOfConclusionOfContract
            | Self::ChangeOfConclusionOfContract
            | Self::CancelledOrMissingConclusionOfContract => Self::Result,
        }
    }

    /// Whether notices of this type name winners.
    pub(crate) fn has_winners(self) -> bool {
        matches!(
            self,
            Self::AnnouncementOfIntent
                | Self::AnnouncementOfConclusionOfContract
                | Self::ChangeOfConclusionOfContract
        )
    }
}

/// Doffin's derived status of a competition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// Offers can still be sent.
    Active,
    /// The deadline passed.
    Expired,
    /// A linked award was published.
    Awarded,
    /// A linked cancellation was published.
    Cancelled,
}

impl Status {
    /// The status of a name on the wire.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "ACTIVE" => Some(Self::Active),
            "EXPIRED" => Some(Self::Expired),
            "AWARDED" => Some(Self::Awarded),
            "CANCELLED" => Some(Self::Cancelled),
            _ => None,
        }
    }
}

/// How an organisation's number was typed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Plain,
    Spaced,
    Prefixed,
    PrefixedVat,
    Vat,
    Labelled,
    ZeroWidth,
    Several,
    Garbage,
    Missing,
}

impl Form {
    /// The number as typed.
    pub(crate) fn write(self, number: Option<&str>) -> Option<String> {
        let number = number?;
        let spaced = || match number.len() {
            9 => format!("{} {} {}", &number[..3], &number[3..6], &number[6..]),
            _ => number.to_owned(),
        };
        Some(match self {
            Self::Plain => number.to_owned(),
            Self::Spaced => spaced(),
            Self::Prefixed => format!("NO{number}"),
            Self::PrefixedVat => format!("NO{number}MVA"),
            Self::Vat => format!("{number}MVA"),
            Self::Labelled => format!("Org.nr.{number}"),
            Self::ZeroWidth => format!("{number}\u{200B}"),
            Self::Several => format!("{} (hovedenhet) og {number} (avdeling)", spaced()),
            Self::Garbage => "xxxxxxx".to_owned(),
            Self::Missing => return None,
        })
    }
}

/// An organisation in a role, with its number as typed in this notice.
#[derive(Clone, Debug)]
pub(crate) struct Party {
    pub(crate) organization: Arc<Organization>,
    pub(crate) form: Form,
}

impl Party {
    pub(crate) fn number(&self) -> Option<String> {
        self.form.write(self.organization.number.as_deref())
    }
}

/// One lot; a notice without lots has one.
#[derive(Clone, Debug)]
pub(crate) struct Lot {
    pub(crate) heading: Arc<str>,
    pub(crate) description: Arc<str>,
    /// Direct codes of the lot (BT-262, BT-263).
    pub(crate) cpv: Vec<u32>,
    /// The parties that won, each of one organisation or a consortium.
    pub(crate) winners: Vec<Vec<Party>>,
}

/// An amount of money.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Money {
    pub(crate) currency_code: String,
    pub(crate) amount: serde_json::Number,
}

/// Facts that only the document shows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Procedure {
    /// BT-105.
    pub(crate) code: &'static str,
    /// BT-23.
    pub(crate) nature: &'static str,
    /// BT-36.
    pub(crate) months: u16,
    pub(crate) framework: bool,
    /// Above the EEA threshold.
    pub(crate) eea: bool,
}

/// How the notice hangs together with others; all are Doffin ids.
#[derive(Clone, Debug, Default)]
pub(crate) struct Links {
    /// BT-757.
    pub(crate) version: u8,
    /// The notice whose UUID this one kept, when it is a later version of it.
    pub(crate) uuid_of: Option<String>,
    /// The notice that began the procedure (BT-04), when it is another one.
    pub(crate) folder_of: Option<String>,
    /// The notice this one changes (BT-758).
    pub(crate) changes: Option<String>,
    /// The earlier notice of the same procedure (BT-125).
    pub(crate) previous: Option<String>,
}

/// Where the document comes from.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    /// Rendered from the record.
    Generated,
    /// Read from a file; `None` when there is a hit and no document.
    File(Option<PathBuf>),
}

/// What happens to a notice after its publication.
#[derive(Clone, Debug)]
pub(crate) struct Life {
    pub(crate) visible_from: Timestamp,
    pub(crate) superseded: Option<Timestamp>,
    /// When search lost it, for no reason that anybody is told.
    pub(crate) withdrawn: Option<Timestamp>,
    pub(crate) awarded: Option<Timestamp>,
    pub(crate) cancelled: Option<Timestamp>,
}

impl From<Timestamp> for Life {
    /// A life that begins with being visible, and to which nothing happens.
    fn from(visible_from: Timestamp) -> Self {
        Self { visible_from, superseded: None, withdrawn: None, awarded: None, cancelled: None }
    }
}

/// One published notice.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    pub(crate) id: String,
    pub(crate) kind: Type,
    pub(crate) all_types: Vec<Type>,
    pub(crate) buyers: Vec<Party>,
    pub(crate) heading: Arc<str>,
    pub(crate) description: Arc<str>,
    pub(crate) locations: Vec<String>,
    pub(crate) value: Option<Money>,
    pub(crate) issued: Timestamp,
    pub(crate) deadline: Option<Timestamp>,
    pub(crate) published: Date,
    pub(crate) received: Option<u32>,
    pub(crate) statistics: Option<Vec<(String, u32)>>,
    /// Direct codes and all their ancestors, ascending.
    pub(crate) cpv: Vec<u32>,
    pub(crate) lots: Vec<Lot>,
    pub(crate) procedure: Procedure,
    pub(crate) links: Links,
    pub(crate) origin: Origin,
    pub(crate) life: Life,
    /// Lower-case heading, description and id.
    pub(crate) haystack: String,
}

impl Notice {
    /// Whether search shows the notice at a moment.
    pub(crate) fn visible(&self, now: Timestamp) -> bool {
        let over = |event: Option<Timestamp>| event.is_some_and(|at| at <= now);
        self.life.visible_from <= now && !over(self.life.superseded) && !over(self.life.withdrawn)
    }

    /// The status search shows at a moment; only competitions have one.
    pub(crate) fn status(&self, now: Timestamp) -> Option<Status> {
        if self.kind.group() != Type::Competition {
            return None;
        }
        let happened = |event: Option<Timestamp>| event.is_some_and(|at| at <= now);
        let open = match self.deadline {
            Some(deadline) => deadline > now,
            None => now.duration_since(self.issued).as_hours() < 24 * 365,
        };
        Some(match () {
            () if happened(self.life.cancelled) => Status::Cancelled,
            () if happened(self.life.awarded) => Status::Awarded,
            () if open => Status::Active,
            () => Status::Expired,
        })
    }

    /// Whether the document is eForms from the start (else converted from the older forms).
    pub(crate) fn is_native(&self) -> bool {
        self.issued.as_second() >= 1_696_284_000 // 2023-10-03, when Doffin changed over
    }

    /// Rebuilds what the free-text search looks through.
    pub(crate) fn index(&mut self) {
        self.haystack = format!("{} {} {}", self.heading, self.description, self.id).to_lowercase();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_its_wire_name() {
        for (kind, name) in Type::NAMES {
            assert_eq!(serde_json::to_value(kind).unwrap(), name);
            assert_eq!(Type::parse(name), Some(kind));
        }
        assert_eq!(Type::parse("ZZZBOGUS"), None);
    }

    #[test]
    fn numbers_are_typed_in_every_way_seen() {
        let typed = |form: Form| form.write(Some("900000009")).unwrap_or_default();
        assert_eq!(typed(Form::Spaced), "900 000 009");
        assert_eq!(typed(Form::PrefixedVat), "NO900000009MVA");
        assert_eq!(typed(Form::Labelled), "Org.nr.900000009");
        assert_eq!(typed(Form::ZeroWidth), "900000009\u{200B}");
        assert_eq!(Form::Missing.write(Some("900000009")), None);
        assert_eq!(Form::Garbage.write(None), None);
    }
}
