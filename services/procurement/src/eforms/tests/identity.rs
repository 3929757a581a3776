//! Who a notice is, what form it has, which others it names, and in which words.

use super::super::parse;
use super::written::{NAMESPACES, notice, read};
use crate::domain::{Document, LinkKind};

#[test]
fn namespaces_count_and_prefixes_do_not() {
    let usual = notice(
        "ContractNotice",
        "<efac:NoticeSubType><cbc:SubTypeCode>16</cbc:SubTypeCode></efac:NoticeSubType>",
        r#"<cbc:ID schemeName="notice-id">A</cbc:ID><cac:ProcurementProject><cbc:Name>T</cbc:Name></cac:ProcurementProject>"#,
    );
    let mut other = usual.clone();
    for (prefix, new) in [("cac", "a"), ("cbc", "cac"), ("efac", "x"), ("ext", "efbc2")] {
        for (before, after) in [("<", ":"), ("</", ":"), ("xmlns:", "=")] {
            other = other.replace(&format!("{before}{prefix}{after}"), &format!("{before}{new}{after}"));
        }
    }
    let document = parse(usual.as_bytes()).unwrap();
    assert_eq!(document.form.subtype.as_deref(), Some("16"));
    assert_eq!(document.title.as_ref().unwrap().text, "T");
    assert_eq!(parse(other.as_bytes()).unwrap(), document);

    // A prefix bound anew means something else, inside the element that does it and nowhere else.
    let bound = r#"<cac:ProcurementProject xmlns:cbc="urn:other"><cbc:Name>no</cbc:Name></cac:ProcurementProject>
     <cac:ProcurementProject xmlns="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"><Name>yes</Name></cac:ProcurementProject>
     <cac:ProcurementProject><Description>no</Description></cac:ProcurementProject>"#;
    let document = read("ContractNotice", "", bound);
    assert_eq!(document.title.unwrap().text, "yes");
    assert_eq!(document.description, None);
}

#[test]
fn a_root_of_another_namespace_is_no_notice() {
    for root in [
        "<ContractNotice/>".to_owned(),
        format!("<ContractNotice xmlns='urn:x' {NAMESPACES}/>"),
        "<ContractNotice xmlns='urn:oasis:names:specification:ubl:schema:xsd:ContractAwardNotice-2'/>"
            .to_owned(),
        "<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'/>".to_owned(),
    ] {
        assert!(parse(root.as_bytes()).is_err(), "{root}");
    }
    let empty = "<n:ContractNotice xmlns:n='urn:oasis:names:specification:ubl:schema:xsd:ContractNotice-2'/>";
    assert_eq!(parse(empty.as_bytes()).unwrap().form.root, "ContractNotice");
}

#[test]
fn a_native_notice_is_told_from_a_converted_one() {
    let form = |id: &str, customization: &str| {
        let body = format!(
            r#"<cbc:CustomizationID>{customization}</cbc:CustomizationID><cbc:ID schemeName="notice-id">{id}</cbc:ID>
            <cbc:VersionID>02</cbc:VersionID><cbc:RegulatoryDomain>OTHER</cbc:RegulatoryDomain>
            <cbc:NoticeTypeCode listName="competition">cn-standard</cbc:NoticeTypeCode>"#
        );
        read("ContractNotice", "", &body)
    };
    let native = form(
        "b0f6c1f4-0d5e-4c39-9f1c-111111111111",
        "eforms-sdk-1.13#extended#urn:fdc:anskaffelser.no:2023:eforms:eu",
    );
    assert!(native.form.native);
    assert_eq!(native.form.kind.as_deref(), Some("competition"));
    assert_eq!(native.form.notice_type.as_deref(), Some("cn-standard"));
    assert_eq!(native.identity.version.as_deref(), Some("02"));
    assert_eq!(native.legal_basis.as_deref(), Some("other"));
    let converted = form("2023-123456", "eforms-sdk-1.7#urn:fdc:anskaffelser.no:2023:eforms:national");
    assert!(!converted.form.native);
    assert_eq!(converted.identity.uuid.as_deref(), Some("2023-123456"));
    // A notice of another country has neither mark.
    assert!(form("b0f6c1f4-0d5e-4c39-9f1c-111111111111", "eforms-sdk-1.13").form.native);
}

#[test]
fn norwegian_comes_before_english_before_any_and_empty_texts_do_not_count() {
    let title = |names: &str| {
        let body = format!("<cac:ProcurementProject>{names}</cac:ProcurementProject>");
        let title = read("ContractNotice", "", &body).title;
        title.map(|title| (title.text, title.language.unwrap_or_default()))
    };
    let name = |language: &str, text: &str| format!(r#"<cbc:Name languageID="{language}">{text}</cbc:Name>"#);
    let of = |text: &str, language: &str| Some((text.to_owned(), language.to_owned()));
    let (english, swedish) = (name("ENG", "e"), name("SWE", "s"));
    for norwegian in ["NOR", "NOB", "NNO", "nb"] {
        let all = format!("{swedish}{english}{}", name(norwegian, "n"));
        assert_eq!(title(&all), of("n", &norwegian.to_uppercase()), "{norwegian}");
    }
    assert_eq!(title(&format!("{swedish}{english}")), of("e", "ENG"));
    assert_eq!(title(&format!("{}{swedish}", name("FIN", "f"))), of("f", "FIN"));
    assert_eq!(title(&format!("{english}<cbc:Name>plain</cbc:Name>")), of("plain", ""));
    assert_eq!(title(&format!("{}{english}", name("NOR", "  "))), of("e", "ENG"));
    assert_eq!(title("<cbc:Name/>"), None);
}

#[test]
fn text_is_put_together_from_pieces() {
    let body = "<cac:ProcurementProject><cbc:Name>\n A &amp; B<!-- c --> &#x2013;\r\n<![CDATA[<C>]]> &lt;d&gt;<x>no</x> e \n</cbc:Name></cac:ProcurementProject>";
    assert_eq!(read("ContractNotice", "", body).title.unwrap().text, "A & B \u{2013}\n<C> <d> e");
}

#[test]
fn a_notice_without_words_of_its_own_has_those_of_its_first_lot() {
    let body = r"<cac:ProcurementProject><cbc:Description/></cac:ProcurementProject>
     <cac:ProcurementProjectLot><cac:ProcurementProject><cbc:Name>L</cbc:Name><cbc:Description>D</cbc:Description></cac:ProcurementProject></cac:ProcurementProjectLot>";
    let document = read("ContractNotice", "", body);
    assert_eq!((document.title.unwrap().text, document.description.unwrap().text), ("L".into(), "D".into()));
}

#[test]
fn the_moment_of_dispatch_takes_its_zone_from_time_date_or_oslo() {
    let dispatched = |date: &str, time: &str| {
        let body = format!("<cbc:IssueDate>{date}</cbc:IssueDate><cbc:IssueTime>{time}</cbc:IssueTime>");
        read("ContractNotice", "", &body).dispatched.map(|at| at.to_string()).unwrap_or_default()
    };
    assert_eq!(dispatched("2024-07-04+02:00", "12:30:15+00:00"), "2024-07-04T12:30:15Z");
    assert_eq!(dispatched("2024-07-04+02:00", "12:30:15"), "2024-07-04T10:30:15Z");
    assert_eq!(dispatched("2024-07-04", "12:30:15.25-01:30"), "2024-07-04T14:00:15Z");
    assert_eq!(dispatched("2024-07-04", "12:30"), "2024-07-04T10:30:00Z");
    assert_eq!(dispatched("2024-01-04", "12:30:15"), "2024-01-04T11:30:15Z");
    assert_eq!(dispatched("2024-01-04Z", ""), "2024-01-04T00:00:00Z");
    for bad in ["", "2024-13-01", "20240104", "${ISSUEDATE}", "2024-01-0é"] {
        assert_eq!(dispatched(bad, "12:00:00"), "", "{bad}");
    }
}

fn links(document: &Document) -> Vec<(LinkKind, &str)> {
    document.links.iter().map(|link| (link.kind, link.given.as_str())).collect()
}

#[test]
fn changes_modifications_and_earlier_notices_are_links() {
    let extension = r#"<efac:Changes><efbc:ChangedNoticeIdentifier>u-01</efbc:ChangedNoticeIdentifier>
      <efac:Change><efac:ChangedSection><efbc:ChangedSectionIdentifier>LOT-0001</efbc:ChangedSectionIdentifier></efac:ChangedSection></efac:Change>
      <efac:ChangeReason><cbc:ReasonCode listName="change-corrig-justification">cor-buy</cbc:ReasonCode></efac:ChangeReason></efac:Changes>
     <efac:ContractModification><efbc:ChangedNoticeIdentifier>403922-2019</efbc:ChangedNoticeIdentifier>
      <efac:Change><efac:ChangeReason><cbc:ReasonCode>mod-cir</cbc:ReasonCode></efac:ChangeReason></efac:Change></efac:ContractModification>
     <efac:NoticeResult><efac:SettledContract><cbc:ID>CON-0001</cbc:ID><cac:NoticeDocumentReference><cbc:ID>11-2020</cbc:ID></cac:NoticeDocumentReference></efac:SettledContract></efac:NoticeResult>"#;
    let body = r"<cac:TenderingProcess><cac:NoticeDocumentReference><cbc:ID>2023/S 1-2</cbc:ID></cac:NoticeDocumentReference></cac:TenderingProcess>
     <cac:ProcurementProjectLot><cbc:ID>LOT-0001</cbc:ID><cac:TenderingProcess><cac:NoticeDocumentReference><cbc:ID>2023/S 1-2</cbc:ID></cac:NoticeDocumentReference></cac:TenderingProcess></cac:ProcurementProjectLot>
     <cac:ProcurementProjectLot><cbc:ID>LOT-0002</cbc:ID><cac:TenderingProcess>
      <cac:NoticeDocumentReference><cbc:ID>v-02</cbc:ID><cbc:ReferencedDocumentInternalAddress>PAR-0001</cbc:ReferencedDocumentInternalAddress></cac:NoticeDocumentReference>
      <cac:NoticeDocumentReference><cbc:ID>n.a.</cbc:ID></cac:NoticeDocumentReference></cac:TenderingProcess></cac:ProcurementProjectLot>";
    let document = read("ContractAwardNotice", extension, body);
    assert_eq!(
        links(&document),
        [
            (LinkKind::Changes, "u-01"),
            (LinkKind::Modifies, "403922-2019"),
            (LinkKind::Framework, "11-2020"),
            (LinkKind::Previous, "2023/S 1-2"),
            (LinkKind::Previous, "v-02"),
        ]
    );
    assert_eq!(document.change_reasons, ["cor-buy", "mod-cir"]);
}

#[test]
fn an_official_journal_number_that_is_the_earlier_notice_s_is_not_its_own() {
    let number = |ojs: &str| {
        let extension = format!(
            r#"<efac:Publication><efbc:NoticePublicationID schemeName="ojs-notice-id">{ojs}</efbc:NoticePublicationID>
            <efbc:PublicationDate>2023-05-24+02:00</efbc:PublicationDate></efac:Publication>"#
        );
        let body = "<cac:TenderingProcess><cac:NoticeDocumentReference><cbc:ID>2023/S 1-2</cbc:ID></cac:NoticeDocumentReference></cac:TenderingProcess>";
        let document = read("ContractAwardNotice", &extension, body);
        assert_eq!(document.published.unwrap().to_string(), "2023-05-24");
        document.identity.ojs_number
    };
    assert_eq!(number("2023/S 1-2"), None);
    assert_eq!(number("n.a."), None);
    assert_eq!(number("338764-2023").as_deref(), Some("338764-2023"));
}

#[test]
fn languages_codes_and_days_are_kept_and_placeholders_are_not() {
    let body = r#"<cbc:ContractFolderID>f</cbc:ContractFolderID><cbc:PlannedDate>2025-03-01+01:00</cbc:PlannedDate>
     <cbc:NoticeLanguageCode>NOR</cbc:NoticeLanguageCode>
     <cac:AdditionalNoticeLanguage><cbc:ID>ENG</cbc:ID></cac:AdditionalNoticeLanguage><cac:AdditionalNoticeLanguage><cbc:ID>NOR</cbc:ID></cac:AdditionalNoticeLanguage>
     <cac:TenderingProcess><cbc:ProcedureCode listName="procurement-procedure-type">UNKNOWN</cbc:ProcedureCode></cac:TenderingProcess>
     <cac:ProcurementProject><cbc:ID schemeName="InternalID">24/1</cbc:ID><cbc:ProcurementTypeCode>works</cbc:ProcurementTypeCode>
      <cac:ProcurementAdditionalType><cbc:ProcurementTypeCode>none</cbc:ProcurementTypeCode></cac:ProcurementAdditionalType></cac:ProcurementProject>"#;
    let document = read("PriorInformationNotice", "", body);
    assert_eq!(document.languages, ["NOR", "ENG"]);
    assert_eq!(document.procedure, None);
    assert_eq!(document.identity.procedure_id.as_deref(), Some("f"));
    assert_eq!(document.identity.internal_id.as_deref(), Some("24/1"));
    assert_eq!(document.planned.unwrap().to_string(), "2025-03-01");
    assert_eq!(document.subject.nature.as_deref(), Some("works"));
    let placeholders =
        "<cbc:PlannedDate>2000-01-01Z</cbc:PlannedDate><cbc:ContractFolderID>MISSING</cbc:ContractFolderID>";
    let document = read("PriorInformationNotice", "", placeholders);
    assert_eq!((document.planned, document.identity.procedure_id), (None, None));
}
