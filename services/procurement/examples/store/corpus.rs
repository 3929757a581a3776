//! Notices for measuring: eForms documents of about 30 kB, with text like theirs, each the same for the same number.

use std::fmt::Write as _;

use bytes::Bytes;
use fastrand::Rng;

use crate::domain::{Hit, NoticeId};
use crate::eforms;
use crate::store::Imported;

const FIRST: [&str; 48] = [
    "vann",
    "vei",
    "skole",
    "helse",
    "bygg",
    "drift",
    "miljø",
    "kraft",
    "data",
    "anleggs",
    "kommune",
    "fylkes",
    "brann",
    "avløps",
    "renholds",
    "møbel",
    "kontor",
    "syke",
    "barnehage",
    "idretts",
    "havne",
    "jernbane",
    "tunnel",
    "bro",
    "skog",
    "park",
    "avfalls",
    "energi",
    "trafikk",
    "brønn",
    "pumpe",
    "nett",
    "fiber",
    "sky",
    "system",
    "lisens",
    "matvare",
    "legemiddel",
    "buss",
    "ferge",
    "taxi",
    "vakt",
    "arkiv",
    "prosjekt",
    "areal",
    "bolig",
    "oppvekst",
    "kultur",
];
const LAST: [&str; 32] = [
    "anlegg",
    "tjenester",
    "vedlikehold",
    "utstyr",
    "rådgivning",
    "levering",
    "entreprise",
    "avtale",
    "plan",
    "bygg",
    "system",
    "arbeider",
    "transport",
    "drift",
    "forvaltning",
    "utvikling",
    "materiell",
    "kjøp",
    "rehabilitering",
    "prosjektering",
    "styring",
    "sikring",
    "ledning",
    "stasjon",
    "senter",
    "løsning",
    "oppgradering",
    "kontroll",
    "analyse",
    "opplæring",
    "utredning",
    "behandling",
];
const SMALL: [&str; 24] = [
    "og",
    "i",
    "av",
    "til",
    "for",
    "skal",
    "med",
    "er",
    "på",
    "som",
    "den",
    "det",
    "ved",
    "leverandøren",
    "oppdragsgiver",
    "kommunen",
    "anskaffelsen",
    "kontrakten",
    "omfatter",
    "inkludert",
    "samt",
    "etter",
    "behov",
    "perioden",
];

/// Notices of a year.
const YEAR: u32 = 20_000;

/// The id of the notice of a number.
pub(crate) fn id(number: u32) -> NoticeId {
    let text = format!("{:04}-{:06}", 2017 + number / YEAR, 100_000 + number % YEAR);
    NoticeId::parse(&text).unwrap_or_else(|error| panic!("{error}"))
}

/// The notice of a number, its document read as the service reads it.
pub(crate) fn notice(number: u32) -> Imported {
    read(number, xml(number))
}

/// A notice with this document.
pub(crate) fn read(number: u32, xml: Bytes) -> Imported {
    let read = eforms::parse(&xml).map_err(|error| error.to_string());
    let hit = match &read {
        Ok(document) => Hit { published: Some(day(number)), ..eforms::hit(id(number), document) },
        Err(error) => panic!("a generated document cannot be read: {error}"),
    };
    Imported { hit, raw: Some(xml), read: Some(read) }
}

fn day(number: u32) -> jiff::civil::Date {
    let years = i16::try_from(2017 + number / YEAR).unwrap_or(i16::MAX);
    let day = i64::from(number % YEAR) * 365 / i64::from(YEAR);
    jiff::civil::date(years, 1, 1).saturating_add(jiff::Span::new().days(day))
}

fn text(random: &mut Rng, words: usize) -> String {
    let mut text = String::with_capacity(words * 12);
    for at in 0..words {
        let word = if random.u8(..100) < 45 {
            SMALL[random.usize(..SMALL.len())].to_owned()
        } else {
            // The product of two draws makes the first ones common, as words are.
            let skewed =
                |random: &mut Rng, length: usize| random.usize(..length) * random.usize(..length) / length;
            format!("{}{}", FIRST[skewed(random, FIRST.len())], LAST[skewed(random, LAST.len())])
        };
        if at > 0 {
            text.push_str(if random.u8(..12) == 0 { ". " } else { " " });
        }
        text.push_str(&word);
    }
    text
}

/// A Norwegian organisation number with its check digit.
fn number(mut seed: u32) -> String {
    loop {
        let digits: Vec<u32> =
            format!("{:08}", 81_000_000 + seed % 18_000_000).bytes().map(|b| u32::from(b - b'0')).collect();
        let sum: u32 =
            digits.iter().zip([3, 2, 7, 6, 5, 4, 3, 2]).map(|(digit, weight)| digit * weight).sum();
        let check = (11 - sum % 11) % 11;
        if check < 10 {
            return digits.into_iter().chain([check]).map(|digit| digit.to_string()).collect();
        }
        seed += 1;
    }
}

/// A document of a number: a competition, or the award of the one before it.
pub(crate) fn xml(notice: u32) -> Bytes {
    let mut random = Rng::with_seed(u64::from(notice));
    let is_award = notice % 3 == 2;
    let procedure = notice - notice % 3;
    let uuid = |kind: u32, number: u32| format!("{kind:08x}-0000-4000-8000-{number:012x}");
    let root = if is_award { "ContractAwardNotice" } else { "ContractNotice" };
    let date = day(notice);
    let mut xml = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><{root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{root}-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2" xmlns:ext="urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2" xmlns:efac="http://data.europa.eu/p27/eforms-ubl-extension-aggregate-components/1" xmlns:efbc="http://data.europa.eu/p27/eforms-ubl-extension-basic-components/1" xmlns:efext="http://data.europa.eu/p27/eforms-ubl-extensions/1"><ext:UBLExtensions><ext:UBLExtension><ext:ExtensionContent><efext:EformsExtension>"#
    );
    if is_award {
        result(&mut xml, &mut random);
    }
    let subtype = if is_award { "29" } else { "16" };
    put(
        &mut xml,
        format_args!(
            r#"<efac:NoticeSubType><cbc:SubTypeCode listName="notice-subtype">{subtype}</cbc:SubTypeCode></efac:NoticeSubType><efac:Organizations>"#
        ),
    );
    for at in 1..=6 {
        // A few buy and win much, most little.
        let of = if at == 1 {
            random.u32(..40) * random.u32(..40)
        } else {
            10_000 + random.u32(..120) * random.u32(..120)
        };
        organization(&mut xml, at, of);
    }
    let (kind, code) = if is_award { ("result", "can-standard") } else { ("competition", "cn-standard") };
    put(
        &mut xml,
        format_args!(
            r#"</efac:Organizations></efext:EformsExtension></ext:ExtensionContent></ext:UBLExtension></ext:UBLExtensions><cbc:UBLVersionID>2.3</cbc:UBLVersionID><cbc:CustomizationID>eforms-sdk-1.13#extended#urn:fdc:anskaffelser.no:2023:eforms:eu</cbc:CustomizationID><cbc:ID schemeName="notice-id">{}</cbc:ID><cbc:ContractFolderID>{}</cbc:ContractFolderID><cbc:IssueDate>{date}+00:00</cbc:IssueDate><cbc:IssueTime>12:52:04+00:00</cbc:IssueTime><cbc:VersionID>01</cbc:VersionID><cbc:RegulatoryDomain>32014L0024</cbc:RegulatoryDomain><cbc:NoticeTypeCode listName="{kind}">{code}</cbc:NoticeTypeCode><cbc:NoticeLanguageCode>NOR</cbc:NoticeLanguageCode><cac:AdditionalNoticeLanguage><cbc:ID>ENG</cbc:ID></cac:AdditionalNoticeLanguage><cac:ContractingParty><cac:Party><cac:PartyIdentification><cbc:ID schemeName="organization">ORG-0001</cbc:ID></cac:PartyIdentification></cac:Party></cac:ContractingParty><cac:TenderingProcess><cbc:ProcedureCode listName="procurement-procedure-type">open</cbc:ProcedureCode></cac:TenderingProcess>"#,
            uuid(1, notice),
            uuid(2, procedure)
        ),
    );
    project(&mut xml, &mut random, 130);
    lots(&mut xml, &mut random, date);
    put(&mut xml, format_args!("</{root}>"));
    xml.into()
}

fn lots(xml: &mut String, random: &mut Rng, date: jiff::civil::Date) {
    for lot in 1..=3 {
        put(
            xml,
            format_args!(
                r#"<cac:ProcurementProjectLot><cbc:ID schemeName="Lot">LOT-{lot:04}</cbc:ID><cac:TenderingTerms>"#
            ),
        );
        for criterion in ["price", "quality", "cost"] {
            put(
                xml,
                format_args!(
                    r#"<cac:AwardingTerms><cac:AwardingCriterion><cac:SubordinateAwardingCriterion><cbc:AwardingCriterionTypeCode listName="award-criterion-type">{criterion}</cbc:AwardingCriterionTypeCode><cbc:Description languageID="NOR">{}</cbc:Description></cac:SubordinateAwardingCriterion></cac:AwardingCriterion></cac:AwardingTerms>"#,
                    text(random, 40)
                ),
            );
        }
        put(
            xml,
            format_args!(
                "</cac:TenderingTerms><cac:TenderingProcess><cac:TenderSubmissionDeadlinePeriod><cbc:EndDate>{}+02:00</cbc:EndDate><cbc:EndTime>12:00:00+02:00</cbc:EndTime></cac:TenderSubmissionDeadlinePeriod></cac:TenderingProcess>",
                date.saturating_add(jiff::Span::new().days(30))
            ),
        );
        project(xml, random, 110);
        xml.push_str("</cac:ProcurementProjectLot>");
    }
}

fn put(xml: &mut String, text: std::fmt::Arguments<'_>) {
    xml.write_fmt(text).unwrap_or_default();
}

fn project(xml: &mut String, random: &mut Rng, words: usize) {
    let (title, body) = (text(random, 8), text(random, words));
    let (english, longer) = (text(random, 8), text(random, words));
    let cpv = [45_000_000, 72_000_000, 90_000_000, 33_000_000, 71_000_000][random.usize(..5)]
        + random.u32(1..90) * 10_000;
    put(
        xml,
        format_args!(
            r#"<cac:ProcurementProject><cbc:ID schemeName="InternalID">{}</cbc:ID><cbc:Name languageID="NOR">{title}</cbc:Name><cbc:Name languageID="ENG">{english}</cbc:Name><cbc:Description languageID="NOR">{body}</cbc:Description><cbc:Description languageID="ENG">{longer}</cbc:Description><cbc:ProcurementTypeCode listName="contract-nature">services</cbc:ProcurementTypeCode><cac:RequestedTenderTotal><cbc:EstimatedOverallContractAmount currencyID="NOK">{}</cbc:EstimatedOverallContractAmount></cac:RequestedTenderTotal><cac:MainCommodityClassification><cbc:ItemClassificationCode listName="cpv">{cpv:08}</cbc:ItemClassificationCode></cac:MainCommodityClassification><cac:AdditionalCommodityClassification><cbc:ItemClassificationCode listName="cpv">{:08}</cbc:ItemClassificationCode></cac:AdditionalCommodityClassification><cac:RealizedLocation><cac:Address><cbc:CountrySubentityCode listName="nuts">NO08{}</cbc:CountrySubentityCode><cac:Country><cbc:IdentificationCode>NOR</cbc:IdentificationCode></cac:Country></cac:Address></cac:RealizedLocation></cac:ProcurementProject>"#,
            random.u32(1000..99999),
            random.u32(100_000..90_000_000),
            cpv + 1000,
            random.u32(1..6)
        ),
    );
}

fn result(xml: &mut String, random: &mut Rng) {
    let total = random.u32(100_000..50_000_000);
    put(
        xml,
        format_args!(r#"<efac:NoticeResult><cbc:TotalAmount currencyID="NOK">{total}</cbc:TotalAmount>"#),
    );
    for lot in 1..=3 {
        put(
            xml,
            format_args!(
                r#"<efac:LotResult><cbc:ID schemeName="result">RES-{lot:04}</cbc:ID><cbc:TenderResultCode listName="winner-selection-status">selec-w</cbc:TenderResultCode><efac:LotTender><cbc:ID schemeName="tender">TEN-{lot:04}</cbc:ID></efac:LotTender><efac:ReceivedSubmissionsStatistics><efbc:StatisticsCode>tenders</efbc:StatisticsCode><efbc:StatisticsNumeric>{}</efbc:StatisticsNumeric></efac:ReceivedSubmissionsStatistics><efac:SettledContract><cbc:ID schemeName="contract">CON-{lot:04}</cbc:ID></efac:SettledContract><efac:TenderLot><cbc:ID schemeName="Lot">LOT-{lot:04}</cbc:ID></efac:TenderLot></efac:LotResult>"#,
                random.u32(1..9)
            ),
        );
    }
    for lot in 1..=3 {
        put(
            xml,
            format_args!(
                r#"<efac:LotTender><cbc:ID schemeName="tender">TEN-{lot:04}</cbc:ID><cac:LegalMonetaryTotal><cbc:PayableAmount currencyID="NOK">{}</cbc:PayableAmount></cac:LegalMonetaryTotal><efac:TenderingParty><cbc:ID schemeName="tendering-party">TPA-{lot:04}</cbc:ID></efac:TenderingParty><efac:TenderLot><cbc:ID schemeName="Lot">LOT-{lot:04}</cbc:ID></efac:TenderLot></efac:LotTender><efac:SettledContract><cbc:ID schemeName="contract">CON-{lot:04}</cbc:ID><cbc:Title languageID="NOR">{}</cbc:Title><efac:LotTender><cbc:ID schemeName="tender">TEN-{lot:04}</cbc:ID></efac:LotTender></efac:SettledContract><efac:TenderingParty><cbc:ID schemeName="tendering-party">TPA-{lot:04}</cbc:ID><efac:Tenderer><cbc:ID schemeName="organization">ORG-{:04}</cbc:ID></efac:Tenderer></efac:TenderingParty>"#,
                total / lot,
                text(random, 6),
                lot + 1
            ),
        );
    }
    xml.push_str("</efac:NoticeResult>");
}

fn organization(xml: &mut String, at: u32, of: u32) {
    let mut random = Rng::with_seed(u64::from(of));
    let name = format!(
        "{}{} {}",
        FIRST[random.usize(..FIRST.len())],
        LAST[random.usize(..LAST.len())],
        if at == 1 { "kommune" } else { "AS" }
    );
    put(
        xml,
        format_args!(
            r#"<efac:Organization><efac:Company><cbc:WebsiteURI>https://www.example.no/{of}</cbc:WebsiteURI><cac:PartyIdentification><cbc:ID schemeName="organization">ORG-{at:04}</cbc:ID></cac:PartyIdentification><cac:PartyName><cbc:Name languageID="NOR">{name}</cbc:Name></cac:PartyName><cac:PostalAddress><cbc:StreetName>{} {}</cbc:StreetName><cbc:CityName>OSLO</cbc:CityName><cbc:PostalZone>{:04}</cbc:PostalZone><cbc:CountrySubentityCode listName="nuts">NO081</cbc:CountrySubentityCode><cac:Country><cbc:IdentificationCode listName="country">NOR</cbc:IdentificationCode></cac:Country></cac:PostalAddress><cac:PartyLegalEntity><cbc:CompanyID schemeID="002">{}</cbc:CompanyID></cac:PartyLegalEntity></efac:Company></efac:Organization>"#,
            text(&mut random, 2),
            random.u32(1..99),
            random.u32(1..9999),
            number(of * 13)
        ),
    );
}
