//! What an eForms document says, as far as this service uses it. Contact persons are not kept.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Money, OrgNumber, Organization, Received};

/// A notice's document, read.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Document {
    /// Who the notice is among others.
    pub(crate) identity: Identity,
    /// What form it is.
    pub(crate) form: Form,
    /// Title (BT-21), in the first of Norwegian, English, any language.
    pub(crate) title: Option<Text>,
    /// Description (BT-24), likewise; a document without one for the procedure gives its first lot's.
    pub(crate) description: Option<Text>,
    /// Official languages (BT-702), ISO 639-3 as given, the main one first.
    pub(crate) languages: Vec<String>,
    /// When it was dispatched (BT-05).
    pub(crate) dispatched: Option<Timestamp>,
    /// Day of publication, where the document tells it: conversions of older forms do.
    pub(crate) published: Option<Date>,
    /// Day of the notice that a plan announces (BT-127).
    pub(crate) planned: Option<Date>,
    /// What is bought and where, for the procedure as a whole.
    pub(crate) subject: Subject,
    /// Procedure type (BT-105), such as `open`; `UNKNOWN` is none.
    pub(crate) procedure: Option<String>,
    /// Legal basis (BT-01), such as `32014L0024` or `other`.
    pub(crate) legal_basis: Option<String>,
    /// Kinds of buyer (BT-11), such as `body-pl-la`, each once.
    pub(crate) buyer_kinds: Vec<String>,
    /// What buyers do (BT-10, BT-610), such as `health`, each once.
    pub(crate) activities: Vec<String>,
    /// Lots, parts and groups of lots, in the order of the document.
    pub(crate) lots: Vec<LotDetail>,
    /// Organisations by role: buyers, winners, tenderers, subcontractors. One entry a role and organisation,
    /// and one more for each group it belongs to.
    pub(crate) parties: Vec<Party>,
    /// Values, each with the rule that gave it.
    pub(crate) values: Vec<Valued>,
    /// Contracts that were concluded (or, on a notice of intent, are meant to be).
    pub(crate) awards: Vec<Award>,
    /// References to other notices.
    pub(crate) links: Vec<Reference>,
    /// Why an earlier notice is changed (BT-140) or a contract modified (BT-200), codes as given.
    pub(crate) change_reasons: Vec<String>,
    /// Tenders received (BT-760, BT-759), summed over lots, also over results that name no lot.
    pub(crate) received: Vec<Received>,
    /// How the procedure ended, on results.
    pub(crate) outcome: Option<Outcome>,
}

/// Who a notice is among others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Notice identifier (BT-701): a UUID, or a Doffin id in documents converted from older forms.
    pub(crate) uuid: Option<String>,
    /// Notice version (BT-757), such as `01`.
    pub(crate) version: Option<String>,
    /// Procedure identifier (BT-04).
    pub(crate) procedure_id: Option<String>,
    /// The buyer's own reference (BT-22).
    pub(crate) internal_id: Option<String>,
    /// Its own number in the EU's Official Journal, such as `338764-2023`. Conversions of older forms have
    /// the earlier notice's number where this belongs; that one is a link and not here.
    pub(crate) ojs_number: Option<String>,
}

/// What form a document is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Form {
    /// Root element: `ContractNotice`, `ContractAwardNotice`, `PriorInformationNotice`.
    pub(crate) root: String,
    /// Form type: list name of the notice type, such as `competition`.
    pub(crate) kind: Option<String>,
    /// Notice type (BT-02), such as `cn-standard`.
    pub(crate) notice_type: Option<String>,
    /// Notice subtype (OPP-070), such as `16` or `E3`.
    pub(crate) subtype: Option<String>,
    /// Customisation as given.
    pub(crate) customization: Option<String>,
    /// Whether it was sent in as eForms, not converted from an older form.
    pub(crate) native: bool,
}

/// Text and its language, ISO 639-3 in capitals, where the document gives one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    /// The text.
    pub(crate) text: String,
    /// Its language.
    pub(crate) language: Option<String>,
}

/// What is bought and where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Subject {
    /// Nature (BT-23): `works`, `supplies`, `services`.
    pub(crate) nature: Option<String>,
    /// Main CPV code (BT-262), eight digits.
    pub(crate) main_cpv: Option<String>,
    /// Additional CPV codes (BT-263), sorted, each once, without the main one.
    pub(crate) additional_cpv: Vec<String>,
    /// NUTS codes (BT-5071) and `anyw`, `anyw-cou`, `anyw-eea` (BT-727), sorted, each once.
    pub(crate) places: Vec<String>,
}

/// What an entry among the lots is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum LotKind {
    /// A lot; `LOT-0000` is a procurement that is not divided.
    #[default]
    Lot,
    /// A part of a plan.
    Part,
    /// A group of lots.
    Group,
}

/// A lot in full.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct LotDetail {
    /// Identifier within the notice, as given; none when missing.
    pub(crate) id: Option<String>,
    /// What it is.
    pub(crate) kind: LotKind,
    /// Title (BT-21).
    pub(crate) title: Option<Text>,
    /// Description (BT-24).
    pub(crate) description: Option<Text>,
    /// What is bought and where.
    pub(crate) subject: Subject,
    /// Deadlines.
    pub(crate) deadlines: Vec<Deadline>,
    /// Duration (BT-36).
    pub(crate) duration: Option<Duration>,
    /// Framework agreement (BT-765), such as `fa-wo-rc`; `none` is none.
    pub(crate) framework: Option<String>,
    /// Dynamic purchasing system (BT-766), such as `dps-list`; `none` is none.
    pub(crate) dynamic_purchasing: Option<String>,
    /// Where the procurement documents are (BT-15).
    pub(crate) documents_url: Option<String>,
    /// Where tenders are sent (BT-18).
    pub(crate) submission_url: Option<String>,
    /// Kinds of award criteria (BT-539), each once.
    pub(crate) criteria: Vec<String>,
    /// Whether it suits small and medium-sized enterprises (BT-726).
    pub(crate) sme_suitable: Option<bool>,
    /// How it ended (BT-142): `selec-w`, `clos-nw`, `open-nw`.
    pub(crate) result: Option<String>,
    /// Why no winner was chosen (BT-144).
    pub(crate) no_award_reason: Option<String>,
    /// Tenders received (BT-760, BT-759).
    pub(crate) received: Vec<Received>,
}

/// How long a contract runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Duration {
    /// A number of `DAY`, `WEEK`, `MONTH`, `YEAR`.
    Measured(u32, String),
    /// From one day to another, either open.
    Between(Option<Date>, Option<Date>),
    /// Without end.
    Unlimited,
}

/// What an organisation is in a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Role {
    /// Buys.
    Buyer,
    /// Won, or is meant to be given, a contract.
    Winner,
    /// Tendered without winning.
    Tenderer,
    /// Works for a tenderer.
    Subcontractor,
}

/// An organisation in one role.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Party {
    /// The role.
    pub(crate) role: Role,
    /// Name, as given; empty when the document gives none.
    pub(crate) name: String,
    /// The number as given.
    pub(crate) given: Option<String>,
    /// The Norwegian number in what was given.
    pub(crate) number: Option<OrgNumber>,
    /// Country, ISO 3166 alpha-3 as given.
    pub(crate) country: Option<String>,
    /// Size: `micro`, `small`, `medium`, `large`, `sme`.
    pub(crate) size: Option<String>,
    /// Whether it leads a group.
    pub(crate) is_leader: bool,
    /// The tendering party, as given, of several organisations: those that tender together and their
    /// subcontractors share it. None for one that tenders alone.
    pub(crate) group: Option<String>,
    /// Lots the role is held on, sorted, each once.
    pub(crate) lots: Vec<String>,
    /// What was tendered (BT-720) for those lots: the sum of its tenders, once where they repeat the value
    /// of a whole framework. None when every tender of the notice repeats the notice's total.
    pub(crate) value: Option<Money>,
}

/// What a value is. Stores write the variant's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ValueKind {
    /// Estimated by the buyer.
    Estimated,
    /// Awarded.
    Total,
    /// Most that may be bought under a framework.
    FrameworkMaximum,
}

/// The rule that gave a value. Stores write the variant's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Rule {
    /// Estimate of the procedure, BT-27.
    ProcedureEstimate,
    /// Sum of the lots' estimates, BT-27.
    LotEstimates,
    /// Total of the notice, BT-161.
    NoticeTotal,
    /// Sum of distinct winning tenders, BT-720.
    WinningTenders,
    /// Maximum of the procedure's framework, BT-271.
    FrameworkMaximum,
    /// Sum of the maxima of the lots' frameworks, BT-271.
    LotFrameworkMaxima,
    /// Sum of the maxima of frameworks that lots or, where they have none, groups of lots give under BT-157.
    GroupFrameworkMaxima,
    /// Sum of the maxima that the results give, BT-709.
    ResultFrameworkMaxima,
    /// Sum of what the results estimate anew, BT-660.
    ResultFrameworkEstimates,
    /// Maximum of the notice's frameworks, BT-118.
    NoticeFrameworkMaximum,
    /// Approximate value of the notice's frameworks, BT-1118.
    NoticeFrameworkApproximate,
}

impl Rule {
    /// The rule as callers read it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::ProcedureEstimate => "BT-27",
            Self::LotEstimates => "BT-27, summed over lots",
            Self::NoticeTotal => "BT-161",
            Self::WinningTenders => "BT-720, summed over distinct winning tenders",
            Self::FrameworkMaximum => "BT-271",
            Self::LotFrameworkMaxima => "BT-271, summed over lots",
            Self::GroupFrameworkMaxima => "BT-157, summed over lots or groups of lots",
            Self::ResultFrameworkMaxima => "BT-709, summed over lots",
            Self::ResultFrameworkEstimates => "BT-660, summed over lots",
            Self::NoticeFrameworkMaximum => "BT-118",
            Self::NoticeFrameworkApproximate => "BT-1118",
        }
    }
}

/// A value and where it comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Valued {
    /// What it is.
    pub(crate) kind: ValueKind,
    /// How much.
    pub(crate) money: Money,
    /// The rule that gave it.
    pub(crate) rule: Rule,
}

/// A contract.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Award {
    /// Identifier within the notice, such as `CON-0001`.
    pub(crate) contract: Option<String>,
    /// Lots it covers.
    pub(crate) lots: Vec<String>,
    /// Day of the decision (BT-1451); placeholders are none.
    pub(crate) decided: Option<Date>,
    /// Day it was signed (BT-145).
    pub(crate) signed: Option<Date>,
    /// Title (BT-721).
    pub(crate) title: Option<String>,
    /// Sum of its distinct tenders (BT-720), under the rules of a party's value.
    pub(crate) value: Option<Money>,
    /// Who tendered what it is for (BT-3202), each once; without Doffin's rows.
    pub(crate) suppliers: Vec<Organization>,
}

/// Why another notice is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum LinkKind {
    /// This notice replaces it (BT-758).
    Changes,
    /// This notice modifies the contract it announced.
    Modifies,
    /// It came earlier in the same procedure (BT-125).
    Previous,
    /// It announced the framework that a contract belongs to (OPT-100).
    Framework,
}

impl LinkKind {
    /// The kind as callers read it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Changes => "changes",
            Self::Modifies => "modifies",
            Self::Previous => "previous",
            Self::Framework => "framework",
        }
    }
}

/// A reference to another notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    /// Why it is named.
    pub(crate) kind: LinkKind,
    /// As given: `{uuid}-{version}`, a Doffin id, or a number in the Official Journal.
    pub(crate) given: String,
}

/// How a procedure ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// A contract was awarded.
    Awarded,
    /// It was cancelled, or no contract was concluded.
    Cancelled,
}

/// What a deadline is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum DeadlineKind {
    /// Tenders (BT-131).
    Submission,
    /// Requests to participate (BT-1311).
    Participation,
    /// Expressions of interest (BT-630).
    Interest,
}

/// A deadline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deadline {
    /// What it is for.
    pub(crate) kind: DeadlineKind,
    /// When.
    pub(crate) at: Timestamp,
}
