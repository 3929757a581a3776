//! Award notices as an e-sender writes them: Norwegian with an English twin of every text, several lots with
//! criteria, a pool of organisations, winners and losers.

use std::fmt::Write as _;

use fastrand::Rng;

const WORDS: &str = "anskaffelsen omfatter rammeavtale levering av og til kommunen leverandøren skal kunne dokumentere \
erfaring fra tilsvarende oppdrag innen bygg anlegg drift vedlikehold renhold rådgivning samt ivareta krav om miljø \
klima lønns- arbeidsvilkår kvalitet gjennomføringsevne totalkostnad opsjon på forlengelse inntil ett pluss år \
helsetjenester skoler barnehager sykehjem brøyting veger grøfter pumpestasjoner utstyr programvare lisenser for med i \
ved etter nærmere beskrevet konkurransegrunnlaget vedlegg oppdragsgiver kontraktsperioden fylkeskommunen";

const ENGLISH: &str = "the procurement comprises a framework agreement for delivery of services and supplies to the \
municipality tenderers must be able to document experience from equivalent assignments within construction operation \
maintenance cleaning consultancy and safeguard requirements regarding environment climate wages working conditions \
quality total cost option for extension up to one plus year as described in the tender documentation";

/// A document; the same number gives the same one.
pub(super) fn generate(seed: u64) -> String {
    let mut random = Rng::with_seed(seed);
    let mut xml = String::with_capacity(48 << 10);
    let lots = random.usize(2..=3);
    let bidders = random.usize(4..=6);
    let _ = write!(xml, "{HEAD}");
    results(&mut xml, &mut random, lots, bidders);
    organizations(&mut xml, &mut random, bidders);
    let _ = write!(xml, "{MIDDLE}");
    project(&mut xml, &mut random, "  ");
    for lot in 1..=lots {
        self::lot(&mut xml, &mut random, lot);
    }
    xml.push_str("  <cac:TenderResult>\n    <cbc:AwardDate>2000-01-01Z</cbc:AwardDate>\n  </cac:TenderResult>\n</ContractAwardNotice>\n");
    xml
}

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ContractAwardNotice xmlns="urn:oasis:names:specification:ubl:schema:xsd:ContractAwardNotice-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2" xmlns:efac="http://data.europa.eu/p27/eforms-ubl-extension-aggregate-components/1" xmlns:efbc="http://data.europa.eu/p27/eforms-ubl-extension-basic-components/1" xmlns:efext="http://data.europa.eu/p27/eforms-ubl-extensions/1" xmlns:ext="urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2">
  <ext:UBLExtensions>
    <ext:UBLExtension>
      <ext:ExtensionContent>
        <efext:EformsExtension>
          <efbc:TransmissionDate>2024-01-19+00:00</efbc:TransmissionDate>
          <efbc:TransmissionTime>13:34:39+00:00</efbc:TransmissionTime>
"#;

const MIDDLE: &str = r#"        </efext:EformsExtension>
      </ext:ExtensionContent>
    </ext:UBLExtension>
  </ext:UBLExtensions>
  <cbc:UBLVersionID>2.3</cbc:UBLVersionID>
  <cbc:CustomizationID>eforms-sdk-1.10#extended#urn:fdc:anskaffelser.no:2023:eforms:eu</cbc:CustomizationID>
  <cbc:ID schemeName="notice-id">b0f6c1f4-0d5e-4c39-9f1c-111111111111</cbc:ID>
  <cbc:ContractFolderID>5081837f-9dfe-4b87-98ca-222222222222</cbc:ContractFolderID>
  <cbc:IssueDate>2024-01-19+00:00</cbc:IssueDate>
  <cbc:IssueTime>12:52:04+00:00</cbc:IssueTime>
  <cbc:VersionID>01</cbc:VersionID>
  <cbc:RegulatoryDomain>32014L0024</cbc:RegulatoryDomain>
  <cbc:NoticeTypeCode listName="result">can-standard</cbc:NoticeTypeCode>
  <cbc:NoticeLanguageCode>NOR</cbc:NoticeLanguageCode>
  <cac:AdditionalNoticeLanguage>
    <cbc:ID>ENG</cbc:ID>
  </cac:AdditionalNoticeLanguage>
  <cac:ContractingParty>
    <cac:ContractingPartyType>
      <cbc:PartyTypeCode listName="buyer-legal-type">ra</cbc:PartyTypeCode>
    </cac:ContractingPartyType>
    <cac:ContractingActivity>
      <cbc:ActivityTypeCode listName="authority-activity">gen-pub</cbc:ActivityTypeCode>
    </cac:ContractingActivity>
    <cac:Party>
      <cac:PartyIdentification>
        <cbc:ID schemeName="organization">ORG-0001</cbc:ID>
      </cac:PartyIdentification>
    </cac:Party>
  </cac:ContractingParty>
  <cac:TenderingProcess>
    <cbc:ProcedureCode listName="procurement-procedure-type">open</cbc:ProcedureCode>
    <cac:NoticeDocumentReference>
      <cbc:ID schemeName="ojs-notice-id">338764-2023</cbc:ID>
    </cac:NoticeDocumentReference>
  </cac:TenderingProcess>
"#;

/// So many words, with capitals, full stops and now and then a sign that has to be escaped.
fn text(random: &mut Rng, words: &str, count: usize) -> String {
    let words: Vec<&str> = words.split_whitespace().collect();
    let mut text = String::new();
    for at in 0..count {
        let word = random.choice(&words).copied().unwrap_or_default();
        if at % 14 == 0 {
            let (first, rest) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
            let _ = write!(text, "{}{rest}", first.to_uppercase());
        } else {
            text.push_str(word);
        }
        text.push_str(match at % 14 {
            13 => ". ",
            6 if random.u8(..6) == 0 => " &amp; ",
            _ => " ",
        });
    }
    text.trim_end().to_owned()
}

/// A text in Norwegian and its twin in English.
fn twins(xml: &mut String, random: &mut Rng, margin: &str, name: &str, count: usize) {
    for (language, words) in [("NOR", WORDS), ("ENG", ENGLISH)] {
        let text = text(random, words, count);
        let _ = writeln!(xml, r#"{margin}<cbc:{name} languageID="{language}">{text}</cbc:{name}>"#);
    }
}

fn reference(xml: &mut String, margin: &str, name: &str, scheme: &str, id: &str) {
    let _ = write!(
        xml,
        "{margin}<efac:{name}>\n{margin}  <cbc:ID schemeName=\"{scheme}\">{id}</cbc:ID>\n{margin}</efac:{name}>\n"
    );
}

fn results(xml: &mut String, random: &mut Rng, lots: usize, bidders: usize) {
    let margin = "              ";
    xml.push_str("          <efac:NoticeResult>\n");
    let mut tenders = String::new();
    let mut contracts = String::new();
    for lot in 1..=lots {
        let id = format!("LOT-{lot:04}");
        let _ = writeln!(
            xml,
            "            <efac:LotResult>\n{margin}<cbc:ID schemeName=\"result\">RES-{lot:04}</cbc:ID>\n{margin}<cbc:TenderResultCode listName=\"winner-selection-status\">selec-w</cbc:TenderResultCode>"
        );
        for bidder in 1..=3 {
            let tender = format!("TEN-{:04}", lot * 3 + bidder);
            reference(xml, margin, "LotTender", "tender", &tender);
            let _ = writeln!(
                tenders,
                "            <efac:LotTender>\n{margin}<cbc:ID schemeName=\"tender\">{tender}</cbc:ID>\n{margin}<cac:LegalMonetaryTotal>\n{margin}  <cbc:PayableAmount currencyID=\"NOK\">{}.00</cbc:PayableAmount>\n{margin}</cac:LegalMonetaryTotal>",
                random.u32(100_000..90_000_000)
            );
            reference(
                &mut tenders,
                margin,
                "TenderingParty",
                "tendering-party",
                &format!("TPA-{:04}", random.usize(1..=bidders)),
            );
            reference(&mut tenders, margin, "TenderLot", "Lot", &id);
            tenders.push_str("            </efac:LotTender>\n");
        }
        for (code, count) in [("tenders", 3), ("t-sme", 1), ("t-esubm", 3)] {
            let _ = write!(
                xml,
                "{margin}<efac:ReceivedSubmissionsStatistics>\n{margin}  <efbc:StatisticsCode listName=\"received-submission-type\">{code}</efbc:StatisticsCode>\n{margin}  <efbc:StatisticsNumeric>{count}</efbc:StatisticsNumeric>\n{margin}</efac:ReceivedSubmissionsStatistics>\n"
            );
        }
        reference(xml, margin, "SettledContract", "contract", &format!("CON-{lot:04}"));
        reference(xml, margin, "TenderLot", "Lot", &id);
        xml.push_str("            </efac:LotResult>\n");
        let _ = writeln!(
            contracts,
            "            <efac:SettledContract>\n{margin}<cbc:ID schemeName=\"contract\">CON-{lot:04}</cbc:ID>\n{margin}<cbc:AwardDate>2024-01-17+01:00</cbc:AwardDate>\n{margin}<cbc:IssueDate>2024-01-18+01:00</cbc:IssueDate>"
        );
        twins(&mut contracts, random, margin, "Title", 6);
        reference(&mut contracts, margin, "LotTender", "tender", &format!("TEN-{:04}", lot * 3 + 1));
        contracts.push_str("            </efac:SettledContract>\n");
    }
    xml.push_str(&tenders);
    xml.push_str(&contracts);
    for bidder in 1..=bidders {
        let _ = writeln!(
            xml,
            "            <efac:TenderingParty>\n{margin}<cbc:ID schemeName=\"tendering-party\">TPA-{bidder:04}</cbc:ID>"
        );
        reference(xml, margin, "Tenderer", "organization", &format!("ORG-{:04}", bidder + 2));
        xml.push_str("            </efac:TenderingParty>\n");
    }
    xml.push_str("          </efac:NoticeResult>\n          <efac:NoticeSubType>\n            <cbc:SubTypeCode listName=\"notice-subtype\">29</cbc:SubTypeCode>\n          </efac:NoticeSubType>\n");
}

fn organizations(xml: &mut String, random: &mut Rng, bidders: usize) {
    xml.push_str("          <efac:Organizations>\n");
    for at in 1..=bidders + 2 {
        let name = text(random, WORDS, 2);
        let number = random.u32(800_000_000..999_999_999);
        let _ = write!(
            xml,
            r#"            <efac:Organization>
              <efac:Company>
                <cbc:WebsiteURI>https://www.example.no/{at}</cbc:WebsiteURI>
                <cac:PartyIdentification>
                  <cbc:ID schemeName="organization">ORG-{at:04}</cbc:ID>
                </cac:PartyIdentification>
                <cac:PartyName>
                  <cbc:Name languageID="NOR">{name} AS</cbc:Name>
                </cac:PartyName>
                <cac:PartyName>
                  <cbc:Name languageID="ENG">{name} AS</cbc:Name>
                </cac:PartyName>
                <cac:PostalAddress>
                  <cbc:StreetName>Storgata {at}</cbc:StreetName>
                  <cbc:CityName>ÅLESUND</cbc:CityName>
                  <cbc:PostalZone>6002</cbc:PostalZone>
                  <cbc:CountrySubentityCode listName="nuts">NO0A3</cbc:CountrySubentityCode>
                  <cac:Country>
                    <cbc:IdentificationCode listName="country">NOR</cbc:IdentificationCode>
                  </cac:Country>
                </cac:PostalAddress>
                <cac:PartyLegalEntity>
                  <cbc:CompanyID schemeID="002">{number}</cbc:CompanyID>
                </cac:PartyLegalEntity>
                <cac:Contact>
                  <cbc:Name>Postmottak</cbc:Name>
                  <cbc:Telephone>+47 00000000</cbc:Telephone>
                  <cbc:ElectronicMail>post@example.no</cbc:ElectronicMail>
                </cac:Contact>
              </efac:Company>
            </efac:Organization>
"#
        );
    }
    xml.push_str("          </efac:Organizations>\n");
}

fn project(xml: &mut String, random: &mut Rng, margin: &str) {
    let _ = writeln!(
        xml,
        "{margin}<cac:ProcurementProject>\n{margin}  <cbc:ID schemeName=\"InternalID\">24/{}</cbc:ID>",
        random.u16(..)
    );
    let inner = format!("{margin}  ");
    twins(xml, random, &inner, "Name", 8);
    twins(xml, random, &inner, "Description", 75);
    let _ = write!(
        xml,
        r#"{inner}<cbc:ProcurementTypeCode listName="contract-nature">services</cbc:ProcurementTypeCode>
{inner}<cac:RequestedTenderTotal>
{inner}  <cbc:EstimatedOverallContractAmount currencyID="NOK">{}</cbc:EstimatedOverallContractAmount>
{inner}</cac:RequestedTenderTotal>
{inner}<cac:MainCommodityClassification>
{inner}  <cbc:ItemClassificationCode listName="cpv">45000000</cbc:ItemClassificationCode>
{inner}</cac:MainCommodityClassification>
"#,
        random.u32(100_000..90_000_000)
    );
    for code in ["45200000", "71000000", "90600000"] {
        let _ = write!(
            xml,
            "{inner}<cac:AdditionalCommodityClassification>\n{inner}  <cbc:ItemClassificationCode listName=\"cpv\">{code}</cbc:ItemClassificationCode>\n{inner}</cac:AdditionalCommodityClassification>\n"
        );
    }
    let _ = write!(
        xml,
        r#"{inner}<cac:RealizedLocation>
{inner}  <cac:Address>
{inner}    <cbc:CountrySubentityCode listName="nuts">NO0A3</cbc:CountrySubentityCode>
{inner}    <cac:Country>
{inner}      <cbc:IdentificationCode listName="country">NOR</cbc:IdentificationCode>
{inner}    </cac:Country>
{inner}  </cac:Address>
{inner}</cac:RealizedLocation>
{inner}<cac:PlannedPeriod>
{inner}  <cbc:DurationMeasure unitCode="MONTH">48</cbc:DurationMeasure>
{inner}</cac:PlannedPeriod>
{margin}</cac:ProcurementProject>
"#
    );
}

fn lot(xml: &mut String, random: &mut Rng, lot: usize) {
    let _ = writeln!(
        xml,
        "  <cac:ProcurementProjectLot>\n    <cbc:ID schemeName=\"Lot\">LOT-{lot:04}</cbc:ID>\n    <cac:TenderingTerms>\n      <cac:AwardingTerms>\n        <cac:AwardingCriterion>"
    );
    for kind in ["price", "quality", "quality"] {
        let _ = writeln!(
            xml,
            "          <cac:SubordinateAwardingCriterion>\n            <cbc:AwardingCriterionTypeCode listName=\"award-criterion-type\">{kind}</cbc:AwardingCriterionTypeCode>"
        );
        twins(xml, random, "            ", "Description", 14);
        xml.push_str("          </cac:SubordinateAwardingCriterion>\n");
    }
    xml.push_str("        </cac:AwardingCriterion>\n      </cac:AwardingTerms>\n      <cac:AppealTerms>\n        <cac:AppealReceiverParty>\n          <cac:PartyIdentification>\n            <cbc:ID schemeName=\"organization\">ORG-0002</cbc:ID>\n          </cac:PartyIdentification>\n        </cac:AppealReceiverParty>\n      </cac:AppealTerms>\n    </cac:TenderingTerms>\n    <cac:TenderingProcess>\n      <cac:ContractingSystem>\n        <cbc:ContractingSystemTypeCode listName=\"framework-agreement\">fa-wo-rc</cbc:ContractingSystemTypeCode>\n      </cac:ContractingSystem>\n    </cac:TenderingProcess>\n");
    project(xml, random, "    ");
    xml.push_str("  </cac:ProcurementProjectLot>\n");
}
