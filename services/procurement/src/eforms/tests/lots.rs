//! Lots, parts and groups: what is bought, until when, for how long.

use super::written::{extended, lot, read};
use crate::domain::{DeadlineKind, Document, Duration, LotDetail, LotKind};

fn one(project: &str, process: &str) -> LotDetail {
    let document = read("ContractNotice", "", &lot("LOT-0001", project, process));
    document.lots.into_iter().next().unwrap()
}

#[test]
fn lots_parts_and_groups_keep_their_order_and_kind() {
    let body = ["LOT-0001", "GLO-0001", "PAR-0001", "LOT-1-8"].map(|id| lot(id, "", "")).concat();
    let body = format!(
        "{body}<cac:ProcurementProjectLot><cbc:ID>MISSING</cbc:ID></cac:ProcurementProjectLot><cac:ProcurementProjectLot><cbc:ID>PAR-0002</cbc:ID></cac:ProcurementProjectLot>"
    );
    let document = read("PriorInformationNotice", "", &body);
    let lots: Vec<_> = document.lots.iter().map(|lot| (lot.id.as_deref().unwrap_or("-"), lot.kind)).collect();
    assert_eq!(
        lots,
        [
            ("LOT-0001", LotKind::Lot),
            ("GLO-0001", LotKind::Group),
            ("PAR-0001", LotKind::Part),
            ("LOT-1-8", LotKind::Lot),
            ("-", LotKind::Lot),
            ("PAR-0002", LotKind::Part),
        ]
    );
}

#[test]
fn each_kind_of_deadline_is_read_from_its_own_period() {
    let interest = extended(
        "<efac:InterestExpressionReceptionPeriod><cbc:EndDate>2024-03-01+01:00</cbc:EndDate><cbc:EndTime>00:30:00+01:00</cbc:EndTime></efac:InterestExpressionReceptionPeriod>",
    );
    let process = format!(
        "{interest}<cac:AdditionalInformationRequestPeriod><cbc:EndDate>2024-01-01</cbc:EndDate></cac:AdditionalInformationRequestPeriod>
        <cac:TenderSubmissionDeadlinePeriod><cbc:StartDate>2024-01-01</cbc:StartDate><cbc:EndDate>2024-06-17</cbc:EndDate><cbc:EndTime>12:00:00</cbc:EndTime></cac:TenderSubmissionDeadlinePeriod>
        <cac:ParticipationRequestReceptionPeriod><cbc:EndDate>2024-05-17Z</cbc:EndDate></cac:ParticipationRequestReceptionPeriod>"
    );
    let deadlines: Vec<_> = one("", &process).deadlines.iter().map(|d| (d.kind, d.at.to_string())).collect();
    assert_eq!(
        deadlines,
        [
            (DeadlineKind::Submission, "2024-06-17T10:00:00Z".to_owned()),
            // A day without a time lasts until its end, in Norway unless it says otherwise.
            (DeadlineKind::Participation, "2024-05-17T23:59:59Z".to_owned()),
            (DeadlineKind::Interest, "2024-02-29T23:30:00Z".to_owned()),
        ]
    );
}

#[test]
fn deadlines_that_stand_for_none_are_none() {
    for date in ["2049-12-31", "2099-01-01", "2000-01-01Z", "nonsense"] {
        let process = format!(
            "<cac:TenderSubmissionDeadlinePeriod><cbc:EndDate>{date}</cbc:EndDate><cbc:EndTime>11:59:59</cbc:EndTime></cac:TenderSubmissionDeadlinePeriod>"
        );
        assert_eq!(one("", &process).deadlines, [], "{date}");
    }
}

#[test]
fn a_duration_is_the_planned_period_s_and_never_the_validity_of_tenders() {
    let duration = |period: &str| {
        let lot = format!(
            r#"<cac:ProcurementProjectLot><cbc:ID>LOT-0001</cbc:ID>
            <cac:TenderingTerms><cac:TenderValidityPeriod><cbc:DurationMeasure unitCode="DAY">90</cbc:DurationMeasure></cac:TenderValidityPeriod></cac:TenderingTerms>
            <cac:ProcurementProject><cac:PlannedPeriod>{period}</cac:PlannedPeriod></cac:ProcurementProject></cac:ProcurementProjectLot>"#
        );
        read("ContractNotice", "", &lot).lots.remove(0).duration
    };
    let day = |text: &str| Some(text.parse().unwrap());
    assert_eq!(
        duration(r#"<cbc:DurationMeasure unitCode="MONTH">48</cbc:DurationMeasure>"#),
        Some(Duration::Measured(48, "MONTH".into()))
    );
    assert_eq!(duration(r#"<cbc:DurationMeasure unitCode="MONTH">0</cbc:DurationMeasure>"#), None);
    assert_eq!(
        duration(r#"<cbc:DescriptionCode listName="Duration">UNLIMITED</cbc:DescriptionCode>"#),
        Some(Duration::Unlimited)
    );
    assert_eq!(
        duration("<cbc:StartDate>2024-01-01+01:00</cbc:StartDate><cbc:EndDate>2055-12-31Z</cbc:EndDate>"),
        Some(Duration::Between(day("2024-01-01"), day("2055-12-31")))
    );
    assert_eq!(
        duration("<cbc:EndDate>2025-12-31</cbc:EndDate>"),
        Some(Duration::Between(None, day("2025-12-31")))
    );
    assert_eq!(duration(""), None);
}

#[test]
fn codes_and_places_are_sorted_once_each_and_only_what_they_should_be() {
    let code = |kind: &str, code: &str| {
        format!(
            r#"<cac:{kind}CommodityClassification><cbc:ItemClassificationCode listName="cpv">{code}</cbc:ItemClassificationCode></cac:{kind}CommodityClassification>"#
        )
    };
    let place = |inside: &str| {
        format!("<cac:RealizedLocation><cac:Address>{inside}</cac:Address></cac:RealizedLocation>")
    };
    let project = [
        code("Main", "72000000-5"),
        code("Main", "71000000"),
        code("Additional", "72200000"),
        code("Additional", "72000000"),
        code("Additional", "48000000"),
        code("Additional", "48000000"),
        code("Additional", "IT"),
        place(r#"<cbc:CountrySubentityCode listName="nuts-lvl3">NO0A2</cbc:CountrySubentityCode>"#),
        place("<cbc:CountrySubentityCode>NO071</cbc:CountrySubentityCode><cbc:Region>Lofoten</cbc:Region>"),
        place("<cbc:Region>anyw-cou</cbc:Region><cac:Country><cbc:IdentificationCode>NOR</cbc:IdentificationCode></cac:Country>"),
        place("<cbc:StreetName>Storgata</cbc:StreetName>"),
    ]
    .concat();
    let subject = one(&project, "").subject;
    assert_eq!(subject.main_cpv.as_deref(), Some("72000000"));
    assert_eq!(subject.additional_cpv, ["48000000", "71000000", "72200000"]);
    assert_eq!(subject.places, ["NO071", "NO0A2", "anyw-cou"]);
    // What the procedure buys is its own, not that of its lots.
    let document = read(
        "ContractNotice",
        "",
        &format!(
            "<cac:ProcurementProject>{}</cac:ProcurementProject>{}",
            code("Main", "45000000"),
            lot("LOT-0001", &project, "")
        ),
    );
    assert_eq!((document.subject.main_cpv.as_deref(), document.subject.places.len()), (Some("45000000"), 0));
}

#[test]
fn how_a_lot_is_tendered_for_is_read() {
    let terms = r#"<cac:ProcurementProjectLot><cbc:ID>LOT-0001</cbc:ID><cac:TenderingTerms>
      <cac:AwardingTerms><cac:AwardingCriterion>
       <cac:SubordinateAwardingCriterion><cbc:AwardingCriterionTypeCode>quality</cbc:AwardingCriterionTypeCode></cac:SubordinateAwardingCriterion>
       <cac:SubordinateAwardingCriterion><cbc:AwardingCriterionTypeCode>price</cbc:AwardingCriterionTypeCode></cac:SubordinateAwardingCriterion>
       <cac:SubordinateAwardingCriterion><cbc:AwardingCriterionTypeCode>quality</cbc:AwardingCriterionTypeCode></cac:SubordinateAwardingCriterion>
      </cac:AwardingCriterion></cac:AwardingTerms>
      <cac:CallForTendersDocumentReference><cbc:ID>DOCUMENT_ID_REQUIRED_HERE</cbc:ID><cbc:DocumentType>restricted-document</cbc:DocumentType><cac:Attachment><cac:ExternalReference><cbc:URI>https://a.example</cbc:URI></cac:ExternalReference></cac:Attachment></cac:CallForTendersDocumentReference>
      <cac:CallForTendersDocumentReference><cbc:ID>1</cbc:ID><cbc:DocumentType>non-restricted-document</cbc:DocumentType><cac:Attachment><cac:ExternalReference><cbc:URI>https://b.example</cbc:URI></cac:ExternalReference></cac:Attachment></cac:CallForTendersDocumentReference>
      <cac:TenderRecipientParty><cbc:EndpointID>https://c.example</cbc:EndpointID></cac:TenderRecipientParty></cac:TenderingTerms>
     <cac:TenderingProcess>
      <cac:ContractingSystem><cbc:ContractingSystemTypeCode listName="dps-usage">dps-list</cbc:ContractingSystemTypeCode></cac:ContractingSystem>
      <cac:ContractingSystem><cbc:ContractingSystemTypeCode listName="framework-agreement">none</cbc:ContractingSystemTypeCode></cac:ContractingSystem></cac:TenderingProcess>
     <cac:ProcurementProject><cbc:SMESuitableIndicator>true</cbc:SMESuitableIndicator></cac:ProcurementProject></cac:ProcurementProjectLot>"#;
    let lot = read("ContractNotice", "", terms).lots.remove(0);
    assert_eq!(lot.criteria, ["quality", "price"]);
    assert_eq!(lot.documents_url.as_deref(), Some("https://b.example"));
    assert_eq!(lot.submission_url.as_deref(), Some("https://c.example"));
    assert_eq!((lot.framework, lot.dynamic_purchasing.as_deref()), (None, Some("dps-list")));
    assert_eq!(lot.sme_suitable, Some(true));
    let restricted = terms.replace("non-restricted-document", "restricted-document");
    let lot = read("ContractNotice", "", &restricted).lots.remove(0);
    assert_eq!(lot.documents_url.as_deref(), Some("https://a.example"));
}

#[test]
fn wrapping_of_an_extension_alone_is_nothing() {
    // UBL's own elements inside the wrapping are not the notice's.
    let body = "<ext:UBLExtensions><ext:UBLExtension><cbc:ID>no</cbc:ID><cbc:VersionID>no</cbc:VersionID></ext:UBLExtension></ext:UBLExtensions><cbc:VersionID>01</cbc:VersionID>";
    let document: Document = read("ContractNotice", "", body);
    assert_eq!((document.identity.uuid, document.identity.version.as_deref()), (None, Some("01")));
}
