//! Pieces of notices to put documents together from.

use super::super::parse;
use crate::domain::Document;

/// What declares the namespaces under the prefixes everybody uses.
pub(super) const NAMESPACES: &str = r#"xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
 xmlns:ext="urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2"
 xmlns:efac="http://data.europa.eu/p27/eforms-ubl-extension-aggregate-components/1"
 xmlns:efbc="http://data.europa.eu/p27/eforms-ubl-extension-basic-components/1"
 xmlns:efext="http://data.europa.eu/p27/eforms-ubl-extensions/1""#;

/// A notice with an extension and what follows it.
pub(super) fn notice(root: &str, extension: &str, body: &str) -> String {
    let extension = extended(extension);
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!-- a comment -->
<{root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{root}-2" {NAMESPACES}>
 {extension}
 {body}
</{root}>
"#
    )
}

/// The wrapping of an extension.
pub(super) fn extended(inside: &str) -> String {
    format!(
        "<ext:UBLExtensions><ext:UBLExtension><ext:ExtensionContent><efext:EformsExtension>{inside}</efext:EformsExtension></ext:ExtensionContent></ext:UBLExtension></ext:UBLExtensions>"
    )
}

/// Reads a notice.
pub(super) fn read(root: &str, extension: &str, body: &str) -> Document {
    parse(notice(root, extension, body).as_bytes()).unwrap()
}

/// Reads an award.
pub(super) fn award(extension: &str, body: &str) -> Document {
    let body = format!(r#"<cbc:NoticeTypeCode listName="result">can-standard</cbc:NoticeTypeCode>{body}"#);
    read("ContractAwardNotice", extension, &body)
}

/// An organisation of the pool.
pub(super) fn organization(id: &str, name: &str, number: &str) -> String {
    format!(
        r#"<efac:Organization><efac:Company><cac:PartyIdentification><cbc:ID schemeName="organization">{id}</cbc:ID></cac:PartyIdentification>
 <cac:PartyName><cbc:Name>{name}</cbc:Name></cac:PartyName>
 <cac:PostalAddress><cac:Country><cbc:IdentificationCode>NOR</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
 <cac:PartyLegalEntity><cbc:CompanyID>{number}</cbc:CompanyID></cac:PartyLegalEntity>
 <cac:Contact><cbc:Name>Some Person</cbc:Name></cac:Contact></efac:Company></efac:Organization>"#
    )
}

/// A lot: what is bought, and how it is tendered for.
pub(super) fn lot(id: &str, project: &str, process: &str) -> String {
    let scheme = match &id[..3] {
        "PAR" => "Part",
        "GLO" => "LotsGroup",
        _ => "Lot",
    };
    format!(
        r#"<cac:ProcurementProjectLot><cbc:ID schemeName="{scheme}">{id}</cbc:ID>
 <cac:TenderingProcess>{process}</cac:TenderingProcess>
 <cac:ProcurementProject>{project}</cac:ProcurementProject></cac:ProcurementProjectLot>"#
    )
}

/// A lot that is a framework.
pub(super) fn framework(id: &str) -> String {
    let system = r#"<cac:ContractingSystem><cbc:ContractingSystemTypeCode listName="framework-agreement">fa-wo-rc</cbc:ContractingSystemTypeCode></cac:ContractingSystem>"#;
    lot(id, "", system)
}

/// The result of a lot: a code, and the tenders and contracts it names.
pub(super) fn result(lot: &str, code: &str, tenders: &[&str], contracts: &[&str]) -> String {
    let code = if code.is_empty() {
        String::new()
    } else {
        format!("<cbc:TenderResultCode>{code}</cbc:TenderResultCode>")
    };
    let tenders: String = tenders.iter().map(|id| reference("LotTender", id)).collect();
    let contracts: String = contracts.iter().map(|id| reference("SettledContract", id)).collect();
    let lot = reference("TenderLot", lot);
    format!("<efac:LotResult><cbc:ID>RES</cbc:ID>{code}{tenders}{contracts}{lot}</efac:LotResult>")
}

/// A tender: by a party, for a lot, with a value in kroner unless empty.
pub(super) fn tender(id: &str, party: &str, lot: &str, value: &str) -> String {
    let value = if value.is_empty() {
        String::new()
    } else {
        format!(
            r#"<cac:LegalMonetaryTotal><cbc:PayableAmount currencyID="NOK">{value}</cbc:PayableAmount></cac:LegalMonetaryTotal>"#
        )
    };
    let (party, lot) = (reference("TenderingParty", party), reference("TenderLot", lot));
    format!("<efac:LotTender><cbc:ID>{id}</cbc:ID>{value}{party}{lot}</efac:LotTender>")
}

/// A contract over tenders.
pub(super) fn contract(id: &str, tenders: &[&str]) -> String {
    let tenders: String = tenders.iter().map(|id| reference("LotTender", id)).collect();
    format!("<efac:SettledContract><cbc:ID>{id}</cbc:ID>{tenders}</efac:SettledContract>")
}

/// A tendering party of organisations, the first of which leads if there are several.
pub(super) fn party(id: &str, organizations: &[&str], subcontractors: &[&str]) -> String {
    let tenderer = |(at, organization): (usize, &&str)| {
        let leads = if organizations.len() > 1 {
            format!("<efbc:GroupLeadIndicator>{}</efbc:GroupLeadIndicator>", at == 0)
        } else {
            String::new()
        };
        format!("<efac:Tenderer><cbc:ID>{organization}</cbc:ID>{leads}</efac:Tenderer>")
    };
    let tenderers: String = organizations.iter().enumerate().map(tenderer).collect();
    let subcontractors = subcontractors
        .iter()
        .map(|id| {
            format!(
                "<efac:SubContractor><cbc:ID>{id}</cbc:ID>{}</efac:SubContractor>",
                reference("MainContractor", organizations[0])
            )
        })
        .collect::<Vec<_>>()
        .concat();
    format!("<efac:TenderingParty><cbc:ID>{id}</cbc:ID>{tenderers}{subcontractors}</efac:TenderingParty>")
}

fn reference(name: &str, id: &str) -> String {
    format!("<efac:{name}><cbc:ID>{id}</cbc:ID></efac:{name}>")
}

/// A notice's result and the organisations ORG-1 to ORG-5.
pub(super) fn results(inside: &str) -> String {
    let numbers = ["938801363", "991825827", "889640782", "974760673", "Y 1234"];
    let pool: String = numbers
        .iter()
        .enumerate()
        .map(|(at, number)| organization(&format!("ORG-{}", at + 1), &format!("Company {}", at + 1), number))
        .collect();
    format!("<efac:NoticeResult>{inside}</efac:NoticeResult><efac:Organizations>{pool}</efac:Organizations>")
}
