//! Which elements of a notice are read, and as what. Everything else is passed over unread.

use crate::domain::{DeadlineKind, LotKind};

/// Namespaces that hold something to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    Aggregate,
    Basic,
    Extension,
    EformsAggregate,
    EformsBasic,
    Eforms,
    /// That of a root element, by the root's name.
    Root(&'static str),
    Other,
}

impl Space {
    /// The namespace of a URI. Prefixes are whatever a document makes them.
    pub(super) fn of(uri: &str) -> Self {
        match uri {
            "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" => Self::Aggregate,
            "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2" => Self::Basic,
            "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2" => Self::Extension,
            "http://data.europa.eu/p27/eforms-ubl-extension-aggregate-components/1" => Self::EformsAggregate,
            "http://data.europa.eu/p27/eforms-ubl-extension-basic-components/1" => Self::EformsBasic,
            "http://data.europa.eu/p27/eforms-ubl-extensions/1" => Self::Eforms,
            "urn:oasis:names:specification:ubl:schema:xsd:ContractNotice-2" => Self::Root("ContractNotice"),
            "urn:oasis:names:specification:ubl:schema:xsd:ContractAwardNotice-2" => {
                Self::Root("ContractAwardNotice")
            }
            "urn:oasis:names:specification:ubl:schema:xsd:PriorInformationNotice-2" => {
                Self::Root("PriorInformationNotice")
            }
            _ => Self::Other,
        }
    }
}

/// An element with elements inside, named for what it is in a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    Notice,
    OtherLanguage,
    ContractingParty,
    ContractingPartyType,
    ContractingActivity,
    Buyer,
    BuyerId,
    Process,
    PreviousNotice,
    Deadline(DeadlineKind),
    ContractingSystem,
    FrameworkAgreement,
    Project,
    MainCpv,
    AdditionalCpv,
    Location,
    Address,
    Estimate,
    Planned,
    Lot,
    Terms,
    Documents,
    Attachment,
    External,
    Recipient,
    Awarding,
    Criterion,
    AwardDay,
    Result,
    LotResult,
    ResultTender,
    ResultContract,
    ResultLot,
    Decision,
    Received,
    ResultFramework,
    Tender,
    TenderTotal,
    TenderParty,
    TenderLot,
    Contract,
    ContractTender,
    ContractFramework,
    TenderingParty,
    Tenderer,
    Subcontractor,
    SubType,
    Organizations,
    Organization,
    Company,
    CompanyId,
    CompanyName,
    CompanyAddress,
    CompanyCountry,
    LegalEntity,
    TouchPoint,
    TouchPointId,
    Publication,
    Changes,
    Modification,
    Change,
    Reason,
}

/// An element with text inside that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leaf {
    NoticeId,
    Version,
    Folder,
    IssueDate,
    IssueTime,
    LegalBasis,
    NoticeType,
    Language,
    PlannedDate,
    Customization,
    AwardDay,
    BuyerKind,
    Activity,
    BuyerRef,
    Procedure,
    PreviousNotice,
    DeadlineDate(DeadlineKind),
    DeadlineTime(DeadlineKind),
    ContractingSystem,
    GroupMaximum,
    InternalId,
    Name,
    Description,
    Nature,
    SmeSuitable,
    MainCpv,
    AdditionalCpv,
    Nuts,
    Region,
    Estimate,
    FrameworkMaximum,
    Measure,
    PeriodStart,
    PeriodEnd,
    PeriodCode,
    LotId,
    DocumentsKind,
    DocumentsUrl,
    SubmissionUrl,
    Criterion,
    NoticeTotal,
    NoticeMaximum,
    NoticeApproximate,
    ResultCode,
    ResultReason,
    ResultTender,
    ResultContract,
    ResultLot,
    ResultMaximum,
    ResultReestimate,
    ReceivedKind,
    ReceivedCount,
    TenderId,
    TenderValue,
    TenderParty,
    TenderLot,
    ContractId,
    ContractDecided,
    ContractSigned,
    ContractTitle,
    ContractTender,
    ContractFramework,
    PartyId,
    TendererRef,
    TendererLeads,
    SubcontractorRef,
    SubType,
    OrganizationLeads,
    CompanyId,
    CompanyName,
    CompanyCountry,
    CompanyNumber,
    CompanySize,
    TouchPointId,
    Ojs,
    Published,
    Changed,
    Modified,
    Reason,
}

/// What a child element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Into(At),
    Read(Leaf),
}

impl LotKind {
    /// The kind of a lot by its identifier's scheme, or by the identifier where the scheme is not told.
    pub(super) fn of(scheme: Option<&str>, id: &str) -> Self {
        match scheme {
            Some("Part") => Self::Part,
            Some("LotsGroup") => Self::Group,
            Some("Lot") => Self::Lot,
            _ if id.starts_with("PAR-") => Self::Part,
            _ if id.starts_with("GLO-") => Self::Group,
            _ => Self::Lot,
        }
    }
}
