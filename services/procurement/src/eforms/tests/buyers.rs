//! Who buys.

use super::written::{organization, read};
use crate::domain::{OrgNumber, Role};

fn buyer(id: &str) -> String {
    format!(
        r#"<cac:ContractingParty>
         <cac:ContractingPartyType><cbc:PartyTypeCode listName="buyer-legal-type">ra</cbc:PartyTypeCode></cac:ContractingPartyType>
         <cac:ContractingActivity><cbc:ActivityTypeCode>health</cbc:ActivityTypeCode></cac:ContractingActivity>
         <cac:Party><cac:PartyIdentification><cbc:ID schemeName="organization">{id}</cbc:ID></cac:PartyIdentification>
          <cac:ServiceProviderParty><cac:Party><cac:PartyIdentification><cbc:ID>ORG-0009</cbc:ID></cac:PartyIdentification></cac:Party></cac:ServiceProviderParty>
         </cac:Party></cac:ContractingParty>"#
    )
}

#[test]
fn buyers_are_those_the_notice_refers_to_with_their_leader() {
    let lead = organization("ORG-0002", "B", "991 825 827").replace(
        "<efac:Organization>",
        "<efac:Organization><efbc:GroupLeadIndicator>true</efbc:GroupLeadIndicator>",
    );
    let pool =
        [organization("ORG-0001", "A", "NO938801363MVA"), lead, organization("ORG-0009", "E-sender", "1")]
            .concat();
    let extension = format!("<efac:Organizations>{pool}</efac:Organizations>");
    let body = ["ORG-0001", "ORG-0002", "ORG-0002", "ORG-0404"].map(buyer).concat();
    let document = read("ContractNotice", &extension, &body);
    let buyers: Vec<_> = document
        .parties
        .iter()
        .map(|p| {
            (
                p.role,
                p.name.as_str(),
                p.given.as_deref().unwrap(),
                p.number.as_ref().map(OrgNumber::as_str),
                p.is_leader,
            )
        })
        .collect();
    assert_eq!(
        buyers,
        [
            (Role::Buyer, "A", "NO938801363MVA", Some("938801363"), false),
            (Role::Buyer, "B", "991 825 827", Some("991825827"), true),
        ]
    );
    assert_eq!(
        (document.buyer_kinds, document.activities),
        (vec!["ra".to_owned()], vec!["health".to_owned()])
    );
}

#[test]
fn an_organisation_has_its_norwegian_name_and_the_number_that_is_one() {
    let pool = r#"<efac:Organizations><efac:Organization><efac:Company><efbc:CompanySizeCode>micro</efbc:CompanySizeCode>
      <cac:PartyIdentification><cbc:ID>ORG-0001</cbc:ID></cac:PartyIdentification>
      <cac:PartyName><cbc:Name languageID="ENG">Company</cbc:Name></cac:PartyName><cac:PartyName><cbc:Name languageID="NOR">Selskap</cbc:Name></cac:PartyName>
      <cac:PostalAddress><cbc:StreetName>Gata 1</cbc:StreetName><cac:Country><cbc:IdentificationCode>SWE</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
      <cac:PartyLegalEntity><cbc:CompanyID schemeName="eu">SE556289739601</cbc:CompanyID></cac:PartyLegalEntity>
      <cac:PartyLegalEntity><cbc:CompanyID schemeID="002">938 801 363</cbc:CompanyID></cac:PartyLegalEntity></efac:Company>
      <efac:TouchPoint><cac:PartyIdentification><cbc:ID schemeName="touchpoint">TPO-0001</cbc:ID></cac:PartyIdentification>
       <cac:PartyName><cbc:Name>Desk</cbc:Name></cac:PartyName></efac:TouchPoint></efac:Organization></efac:Organizations>"#;
    // A touch point stands for its organisation.
    let document = read("ContractNotice", pool, &buyer("TPO-0001"));
    let party = &document.parties[0];
    assert_eq!((party.name.as_str(), party.given.as_deref()), ("Selskap", Some("938 801 363")));
    assert_eq!(party.number.as_ref().unwrap().as_str(), "938801363");
    assert_eq!((party.country.as_deref(), party.size.as_deref()), (Some("SWE"), Some("micro")));
    let foreign = pool.replace("938 801 363", "556516-1352");
    let party = read("ContractNotice", &foreign, &buyer("ORG-0001")).parties.remove(0);
    assert_eq!((party.given.as_deref(), party.number), (Some("SE556289739601"), None));
}

#[test]
fn persons_are_nowhere_in_what_is_read() {
    let extension =
        format!("<efac:Organizations>{}</efac:Organizations>", organization("ORG-0001", "A", "938801363"));
    let document = read("ContractNotice", &extension, &buyer("ORG-0001"));
    assert!(!format!("{document:?}").contains("Some Person"));
}
