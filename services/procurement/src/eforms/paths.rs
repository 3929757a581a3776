//! The paths that are read: from an element and a child's name to what the child is.

use super::names::Space::{Aggregate, Basic, EformsAggregate, EformsBasic};
use super::names::Step::{Into, Read};
use super::names::{At, Leaf, Space, Step};
use crate::domain::DeadlineKind;

/// What a child is, if it is to be read.
pub(super) fn child(at: At, space: Space, name: &str) -> Option<Step> {
    match at {
        At::Notice => notice(space, name),
        At::Project | At::Location | At::Address | At::Estimate | At::Planned => project(at, space, name),
        At::MainCpv | At::AdditionalCpv => cpv(at, space, name),
        At::Lot | At::Terms | At::Documents | At::Attachment | At::External => lot(at, space, name),
        At::Recipient | At::Awarding | At::Criterion => terms(at, space, name),
        At::Process
        | At::PreviousNotice
        | At::Deadline(_)
        | At::ContractingSystem
        | At::FrameworkAgreement => process(at, space, name),
        At::ContractingParty
        | At::ContractingPartyType
        | At::ContractingActivity
        | At::Buyer
        | At::BuyerId => buyer(at, space, name),
        At::Organizations
        | At::Organization
        | At::Company
        | At::CompanyId
        | At::CompanyName
        | At::CompanyAddress
        | At::CompanyCountry
        | At::LegalEntity
        | At::TouchPoint
        | At::TouchPointId => organization(at, space, name),
        At::Result => result(space, name),
        At::LotResult
        | At::ResultTender
        | At::ResultContract
        | At::ResultLot
        | At::Decision
        | At::Received
        | At::ResultFramework => lot_result(at, space, name),
        At::Tender
        | At::TenderTotal
        | At::TenderParty
        | At::TenderLot
        | At::Contract
        | At::ContractTender
        | At::ContractFramework
        | At::TenderingParty
        | At::Tenderer
        | At::Subcontractor => tender(at, space, name),
        At::OtherLanguage
        | At::AwardDay
        | At::SubType
        | At::Publication
        | At::Changes
        | At::Modification
        | At::Change
        | At::Reason => other(at, space, name),
    }
}

fn notice(space: Space, name: &str) -> Option<Step> {
    Some(match (space, name) {
        (Basic, "ID") => Read(Leaf::NoticeId),
        (Basic, "VersionID") => Read(Leaf::Version),
        (Basic, "ContractFolderID") => Read(Leaf::Folder),
        (Basic, "IssueDate") => Read(Leaf::IssueDate),
        (Basic, "IssueTime") => Read(Leaf::IssueTime),
        (Basic, "RegulatoryDomain") => Read(Leaf::LegalBasis),
        (Basic, "NoticeTypeCode") => Read(Leaf::NoticeType),
        (Basic, "NoticeLanguageCode") => Read(Leaf::Language),
        (Basic, "PlannedDate") => Read(Leaf::PlannedDate),
        (Basic, "CustomizationID") => Read(Leaf::Customization),
        (Aggregate, "AdditionalNoticeLanguage") => Into(At::OtherLanguage),
        (Aggregate, "ContractingParty") => Into(At::ContractingParty),
        (Aggregate, "TenderingProcess") => Into(At::Process),
        (Aggregate, "ProcurementProject") => Into(At::Project),
        (Aggregate, "ProcurementProjectLot") => Into(At::Lot),
        (Aggregate, "TenderResult") => Into(At::AwardDay),
        (EformsAggregate, "NoticeResult") => Into(At::Result),
        (EformsAggregate, "NoticeSubType") => Into(At::SubType),
        (EformsAggregate, "Organizations") => Into(At::Organizations),
        (EformsAggregate, "Publication") => Into(At::Publication),
        (EformsAggregate, "Changes") => Into(At::Changes),
        (EformsAggregate, "ContractModification") => Into(At::Modification),
        _ => return None,
    })
}

fn project(at: At, space: Space, name: &str) -> Option<Step> {
    Some(match (at, space, name) {
        (At::Project, Basic, "ID") => Read(Leaf::InternalId),
        (At::Project, Basic, "Name") => Read(Leaf::Name),
        (At::Project, Basic, "Description") => Read(Leaf::Description),
        (At::Project, Basic, "ProcurementTypeCode") => Read(Leaf::Nature),
        (At::Project, Basic, "SMESuitableIndicator") => Read(Leaf::SmeSuitable),
        (At::Project, Aggregate, "AdditionalCommodityClassification") => Into(At::AdditionalCpv),
        (At::Project, Aggregate, "MainCommodityClassification") => Into(At::MainCpv),
        (At::Project, Aggregate, "RealizedLocation") => Into(At::Location),
        (At::Project, Aggregate, "RequestedTenderTotal") => Into(At::Estimate),
        (At::Project, Aggregate, "PlannedPeriod") => Into(At::Planned),
        (At::Location, Aggregate, "Address") => Into(At::Address),
        (At::Address, Basic, "CountrySubentityCode") => Read(Leaf::Nuts),
        (At::Address, Basic, "Region") => Read(Leaf::Region),
        (At::Estimate, Basic, "EstimatedOverallContractAmount") => Read(Leaf::Estimate),
        (At::Estimate, EformsBasic, "FrameworkMaximumAmount") => Read(Leaf::FrameworkMaximum),
        (At::Planned, Basic, "DurationMeasure") => Read(Leaf::Measure),
        (At::Planned, Basic, "StartDate") => Read(Leaf::PeriodStart),
        (At::Planned, Basic, "EndDate") => Read(Leaf::PeriodEnd),
        (At::Planned, Basic, "DescriptionCode") => Read(Leaf::PeriodCode),
        _ => return None,
    })
}

fn cpv(at: At, space: Space, name: &str) -> Option<Step> {
    match (at, space, name) {
        (At::MainCpv, Basic, "ItemClassificationCode") => Some(Read(Leaf::MainCpv)),
        (At::AdditionalCpv, Basic, "ItemClassificationCode") => Some(Read(Leaf::AdditionalCpv)),
        _ => None,
    }
}

fn lot(at: At, space: Space, name: &str) -> Option<Step> {
    Some(match (at, space, name) {
        (At::Lot, Basic, "ID") => Read(Leaf::LotId),
        (At::Lot, Aggregate, "TenderingTerms") => Into(At::Terms),
        (At::Lot, Aggregate, "TenderingProcess") => Into(At::Process),
        (At::Lot, Aggregate, "ProcurementProject") => Into(At::Project),
        (At::Terms, Aggregate, "CallForTendersDocumentReference") => Into(At::Documents),
        (At::Terms, Aggregate, "TenderRecipientParty") => Into(At::Recipient),
        (At::Terms, Aggregate, "AwardingTerms") => Into(At::Awarding),
        (At::Documents, Basic, "DocumentType") => Read(Leaf::DocumentsKind),
        (At::Documents, Aggregate, "Attachment") => Into(At::Attachment),
        (At::Attachment, Aggregate, "ExternalReference") => Into(At::External),
        (At::External, Basic, "URI") => Read(Leaf::DocumentsUrl),
        _ => return None,
    })
}

fn terms(at: At, space: Space, name: &str) -> Option<Step> {
    Some(match (at, space, name) {
        (At::Recipient, Basic, "EndpointID") => Read(Leaf::SubmissionUrl),
        (At::Awarding, Aggregate, "AwardingCriterion")
        | (At::Criterion, Aggregate, "SubordinateAwardingCriterion") => Into(At::Criterion),
        (At::Criterion, Basic, "AwardingCriterionTypeCode") => Read(Leaf::Criterion),
        _ => return None,
    })
}

fn process(at: At, space: Space, name: &str) -> Option<Step> {
    use DeadlineKind::{Interest, Participation, Submission};
    Some(match (at, space, name) {
        (At::Process, Basic, "ProcedureCode") => Read(Leaf::Procedure),
        (At::Process, Aggregate, "NoticeDocumentReference") => Into(At::PreviousNotice),
        (At::Process, Aggregate, "TenderSubmissionDeadlinePeriod") => Into(At::Deadline(Submission)),
        (At::Process, Aggregate, "ParticipationRequestReceptionPeriod") => Into(At::Deadline(Participation)),
        (At::Process, EformsAggregate, "InterestExpressionReceptionPeriod") => Into(At::Deadline(Interest)),
        (At::Process, Aggregate, "ContractingSystem") => Into(At::ContractingSystem),
        (At::Process, Aggregate, "FrameworkAgreement") => Into(At::FrameworkAgreement),
        (At::PreviousNotice, Basic, "ID") => Read(Leaf::PreviousNotice),
        (At::Deadline(kind), Basic, "EndDate") => Read(Leaf::DeadlineDate(kind)),
        (At::Deadline(kind), Basic, "EndTime") => Read(Leaf::DeadlineTime(kind)),
        (At::ContractingSystem, Basic, "ContractingSystemTypeCode") => Read(Leaf::ContractingSystem),
        (At::FrameworkAgreement, Basic, "EstimatedMaximumValueAmount") => Read(Leaf::GroupMaximum),
        _ => return None,
    })
}

fn buyer(at: At, space: Space, name: &str) -> Option<Step> {
    Some(match (at, space, name) {
        (At::ContractingParty, Aggregate, "ContractingPartyType") => Into(At::ContractingPartyType),
        (At::ContractingParty, Aggregate, "ContractingActivity") => Into(At::ContractingActivity),
        (At::ContractingParty, Aggregate, "Party") => Into(At::Buyer),
        (At::ContractingPartyType, Basic, "PartyTypeCode") => Read(Leaf::BuyerKind),
        (At::ContractingActivity, Basic, "ActivityTypeCode") => Read(Leaf::Activity),
        (At::Buyer, Aggregate, "PartyIdentification") => Into(At::BuyerId),
        (At::BuyerId, Basic, "ID") => Read(Leaf::BuyerRef),
        _ => return None,
    })
}

fn organization(at: At, space: Space, name: &str) -> Option<Step> {
    Some(match (at, space, name) {
        (At::Organizations, EformsAggregate, "Organization") => Into(At::Organization),
        (At::Organization, EformsBasic, "GroupLeadIndicator") => Read(Leaf::OrganizationLeads),
        (At::Organization, EformsAggregate, "Company") => Into(At::Company),
        (At::Organization, EformsAggregate, "TouchPoint") => Into(At::TouchPoint),
        (At::Company, EformsBasic, "CompanySizeCode") => Read(Leaf::CompanySize),
        (At::Company, Aggregate, "PartyIdentification") => Into(At::CompanyId),
        (At::Company, Aggregate, "PartyName") => Into(At::CompanyName),
        (At::Company, Aggregate, "PostalAddress") => Into(At::CompanyAddress),
        (At::Company, Aggregate, "PartyLegalEntity") => Into(At::LegalEntity),
        (At::CompanyId, Basic, "ID") => Read(Leaf::CompanyId),
        (At::CompanyName, Basic, "Name") => Read(Leaf::CompanyName),
        (At::CompanyAddress, Aggregate, "Country") => Into(At::CompanyCountry),
        (At::CompanyCountry, Basic, "IdentificationCode") => Read(Leaf::CompanyCountry),
        (At::LegalEntity, Basic, "CompanyID") => Read(Leaf::CompanyNumber),
        (At::TouchPoint, Aggregate, "PartyIdentification") => Into(At::TouchPointId),
        (At::TouchPointId, Basic, "ID") => Read(Leaf::TouchPointId),
        _ => return None,
    })
}

fn result(space: Space, name: &str) -> Option<Step> {
    Some(match (space, name) {
        (Basic, "TotalAmount") => Read(Leaf::NoticeTotal),
        (EformsBasic, "OverallMaximumFrameworkContractsAmount") => Read(Leaf::NoticeMaximum),
        (EformsBasic, "OverallApproximateFrameworkContractsAmount") => Read(Leaf::NoticeApproximate),
        (EformsAggregate, "LotResult") => Into(At::LotResult),
        (EformsAggregate, "LotTender") => Into(At::Tender),
        (EformsAggregate, "SettledContract") => Into(At::Contract),
        (EformsAggregate, "TenderingParty") => Into(At::TenderingParty),
        _ => return None,
    })
}

fn lot_result(at: At, space: Space, name: &str) -> Option<Step> {
    Some(match (at, space, name) {
        (At::LotResult, Basic, "TenderResultCode") => Read(Leaf::ResultCode),
        (At::LotResult, EformsAggregate, "LotTender") => Into(At::ResultTender),
        (At::LotResult, EformsAggregate, "SettledContract") => Into(At::ResultContract),
        (At::LotResult, EformsAggregate, "TenderLot") => Into(At::ResultLot),
        (At::LotResult, EformsAggregate, "DecisionReason") => Into(At::Decision),
        (At::LotResult, EformsAggregate, "ReceivedSubmissionsStatistics") => Into(At::Received),
        (At::LotResult, EformsAggregate, "FrameworkAgreementValues") => Into(At::ResultFramework),
        (At::ResultTender, Basic, "ID") => Read(Leaf::ResultTender),
        (At::ResultContract, Basic, "ID") => Read(Leaf::ResultContract),
        (At::ResultLot, Basic, "ID") => Read(Leaf::ResultLot),
        (At::Decision, EformsBasic, "DecisionReasonCode") => Read(Leaf::ResultReason),
        (At::Received, EformsBasic, "StatisticsCode") => Read(Leaf::ReceivedKind),
        (At::Received, EformsBasic, "StatisticsNumeric") => Read(Leaf::ReceivedCount),
        (At::ResultFramework, Basic, "MaximumValueAmount") => Read(Leaf::ResultMaximum),
        (At::ResultFramework, EformsBasic, "ReestimatedValueAmount") => Read(Leaf::ResultReestimate),
        _ => return None,
    })
}

fn tender(at: At, space: Space, name: &str) -> Option<Step> {
    Some(match (at, space, name) {
        (At::Tender, Basic, "ID") => Read(Leaf::TenderId),
        (At::Tender, Aggregate, "LegalMonetaryTotal") => Into(At::TenderTotal),
        (At::Tender, EformsAggregate, "TenderingParty") => Into(At::TenderParty),
        (At::Tender, EformsAggregate, "TenderLot") => Into(At::TenderLot),
        (At::TenderTotal, Basic, "PayableAmount") => Read(Leaf::TenderValue),
        (At::TenderParty, Basic, "ID") => Read(Leaf::TenderParty),
        (At::TenderLot, Basic, "ID") => Read(Leaf::TenderLot),
        (At::Contract, Basic, "ID") => Read(Leaf::ContractId),
        (At::Contract, Basic, "AwardDate") => Read(Leaf::ContractDecided),
        (At::Contract, Basic, "IssueDate") => Read(Leaf::ContractSigned),
        (At::Contract, Basic, "Title") => Read(Leaf::ContractTitle),
        (At::Contract, EformsAggregate, "LotTender") => Into(At::ContractTender),
        (At::Contract, Aggregate, "NoticeDocumentReference") => Into(At::ContractFramework),
        (At::ContractTender, Basic, "ID") => Read(Leaf::ContractTender),
        (At::ContractFramework, Basic, "ID") => Read(Leaf::ContractFramework),
        (At::TenderingParty, Basic, "ID") => Read(Leaf::PartyId),
        (At::TenderingParty, EformsAggregate, "Tenderer") => Into(At::Tenderer),
        (At::TenderingParty, EformsAggregate, "SubContractor") => Into(At::Subcontractor),
        (At::Tenderer, Basic, "ID") => Read(Leaf::TendererRef),
        (At::Tenderer, EformsBasic, "GroupLeadIndicator") => Read(Leaf::TendererLeads),
        (At::Subcontractor, Basic, "ID") => Read(Leaf::SubcontractorRef),
        _ => return None,
    })
}

fn other(at: At, space: Space, name: &str) -> Option<Step> {
    Some(match (at, space, name) {
        (At::OtherLanguage, Basic, "ID") => Read(Leaf::Language),
        (At::AwardDay, Basic, "AwardDate") => Read(Leaf::AwardDay),
        (At::SubType, Basic, "SubTypeCode") => Read(Leaf::SubType),
        (At::Publication, EformsBasic, "NoticePublicationID") => Read(Leaf::Ojs),
        (At::Publication, EformsBasic, "PublicationDate") => Read(Leaf::Published),
        (At::Changes, EformsBasic, "ChangedNoticeIdentifier") => Read(Leaf::Changed),
        (At::Modification, EformsBasic, "ChangedNoticeIdentifier") => Read(Leaf::Modified),
        (At::Changes | At::Modification, EformsAggregate, "Change") => Into(At::Change),
        (At::Changes | At::Modification | At::Change, EformsAggregate, "ChangeReason") => Into(At::Reason),
        (At::Reason, Basic, "ReasonCode") => Read(Leaf::Reason),
        _ => return None,
    })
}
