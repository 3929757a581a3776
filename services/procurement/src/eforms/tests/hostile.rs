//! What must be refused, and in bounded time and memory.

use super::super::{Unreadable, parse};
use super::written::{NAMESPACES, notice, results};

fn refused(document: &[u8]) -> Unreadable {
    let start = String::from_utf8_lossy(&document[..document.len().min(200)]).into_owned();
    parse(document).expect_err(&start)
}

fn root() -> String {
    format!(
        r#"<ContractNotice xmlns="urn:oasis:names:specification:ubl:schema:xsd:ContractNotice-2" {NAMESPACES}>"#
    )
}

/// A notice with one title.
fn titled(title: &str) -> String {
    notice(
        "ContractNotice",
        "",
        &format!("<cac:ProcurementProject><cbc:Name>{title}</cbc:Name></cac:ProcurementProject>"),
    )
}

/// So many pieces, each with its number.
fn numbered(count: usize, piece: impl Fn(usize) -> String) -> String {
    (0..count).map(piece).collect::<Vec<_>>().concat()
}

#[test]
fn document_types_are_refused_whatever_they_hold() {
    for doctype in [
        "<!DOCTYPE x>",
        r#"<!DOCTYPE x SYSTEM "file:///etc/passwd">"#,
        r#"<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>"#,
        r#"<!DOCTYPE x [<!ENTITY % p SYSTEM "http://localhost/"> %p;]>"#,
        "<!doctype x>",
    ] {
        let document = titled("&b;").replace("<ContractNotice ", &format!("{doctype}<ContractNotice "));
        assert_eq!(refused(document.as_bytes()), Unreadable::DocumentType, "{doctype}");
    }
}

#[test]
fn only_the_entities_of_xml_itself_and_real_characters_exist() {
    let title = |text: &str| parse(titled(text).as_bytes()).map(|d| d.title.unwrap().text);
    assert_eq!(title("&lt;&gt;&amp;&apos;&quot;&#65;&#x42;").unwrap(), "<>&'\"AB");
    for bad in ["&nbsp;", "&x;", "&#0;", "&#xFFFFFFFF;", "&#xD800;", "&;", "&#;"] {
        assert!(title(bad).is_err(), "{bad}");
    }
    assert!(matches!(title("a & b"), Err(Unreadable::Xml { .. })));
    // Also where nothing is read.
    let document = notice("ContractNotice", "", "<cbc:Note>&unknown;</cbc:Note>");
    assert_eq!(refused(document.as_bytes()), Unreadable::Reference);
    let document = notice("ContractNotice", "", r#"<cbc:ID schemeName="&unknown;">1</cbc:ID>"#);
    assert_eq!(refused(document.as_bytes()), Unreadable::Reference);
}

#[test]
fn a_document_cut_anywhere_is_refused() {
    let document =
        notice("ContractAwardNotice", &results(""), "<cbc:Note>Æ&amp;<![CDATA[x]]><!-- y --></cbc:Note>");
    let document = document.trim_end();
    for length in 0..document.len() {
        assert!(parse(&document.as_bytes()[..length]).is_err(), "{length}");
    }
    assert!(parse(document.as_bytes()).is_ok());
}

#[test]
fn what_is_not_one_notice_is_refused() {
    let whole = titled("x");
    for document in [
        String::new(),
        " \n".to_owned(),
        "{}".to_owned(),
        "<html><body>502</body></html>".to_owned(),
        format!("{whole}{}", &whole[whole.find("<ContractNotice").unwrap()..]),
        format!("{whole}text"),
        format!("text{}", &whole[whole.find("<ContractNotice").unwrap()..]),
        whole.replace("</cbc:Name>", "</cbc:Title>"),
        whole.replace("</cbc:Name>", ""),
        whole.replace("<cbc:Name>", "<cbc:Name a=b>"),
    ] {
        refused(document.as_bytes());
    }
    refused(&[0xff; 100]);
    refused(&[0; 1000]);
}

#[test]
fn deep_nesting_is_refused_read_or_not() {
    for element in ["cac:Unknown", "ext:UBLExtensions", "cac:ProcurementProject"] {
        let nested = format!(
            "{}{}",
            format!("<{element}>").repeat(1_000_000),
            format!("</{element}>").repeat(1_000_000)
        );
        let document = format!("{}{nested}</ContractNotice>", root());
        assert!(
            matches!(refused(document.as_bytes()), Unreadable::Deep | Unreadable::Large { .. }),
            "{element}"
        );
    }
    let criteria = "<cac:AwardingCriterion><cac:SubordinateAwardingCriterion>";
    let nested = format!("{}{criteria}{}", root(), "<cac:SubordinateAwardingCriterion>".repeat(500));
    refused(nested.as_bytes());
}

#[test]
fn too_many_attributes_or_namespaces_are_refused() {
    let attributes = numbered(100_000, |n| format!(" a{n}='x'"));
    let namespaces = numbered(1000, |n| format!(" xmlns:n{n}='urn:x'"));
    for many in [attributes, namespaces] {
        let document = notice("ContractNotice", "", &format!("<cac:ProcurementProject{many}/>"));
        assert_eq!(refused(document.as_bytes()), Unreadable::Attributes);
    }
    // They are not looked at inside what is passed over.
    let ignored = numbered(1000, |n| format!(" a{n}='x'"));
    let document =
        notice("ContractNotice", "", &format!("<cac:Unknown><cac:Unknown{ignored}/></cac:Unknown>"));
    assert!(parse(document.as_bytes()).is_ok());
}

#[test]
fn a_document_of_50_megabytes_is_refused_unread() {
    let document = titled(&"x".repeat(50 << 20));
    assert_eq!(refused(document.as_bytes()), Unreadable::Large { bytes: document.len() });
    assert!(parse(titled(&"x".repeat(8 << 20)).as_bytes()).is_ok());
}

#[test]
fn parts_without_number_are_refused() {
    let lots = "<cac:ProcurementProjectLot/>".repeat(30_000);
    assert_eq!(refused(notice("ContractNotice", "", &lots).as_bytes()), Unreadable::Many);
    // Each tender alone is harmless, and so is each member of the consortium; all with all are not.
    let tenderers: String =
        (0..2000).map(|_| "<efac:Tenderer><cbc:ID>ORG-1</cbc:ID></efac:Tenderer>").collect();
    let tenders: String =
        (0..2000).map(|n| super::written::tender(&format!("T{n}"), "P", &format!("LOT-{n}"), "")).collect();
    let ids: Vec<String> = (0..2000).map(|n| format!("T{n}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let inside = format!(
        "{tenders}{}<efac:TenderingParty><cbc:ID>P</cbc:ID>{tenderers}</efac:TenderingParty>",
        super::written::contract("C", &ids)
    );
    let document = notice("ContractAwardNotice", &results(&inside), "");
    assert_eq!(refused(document.as_bytes()), Unreadable::Many);
    // Nor are many contracts over the one tender of many.
    let contracts: String = (0..2000).map(|n| super::written::contract(&format!("C{n}"), &["T"])).collect();
    let inside = format!(
        "{}{contracts}<efac:TenderingParty><cbc:ID>P</cbc:ID>{tenderers}</efac:TenderingParty>",
        super::written::tender("T", "P", "LOT-1", "")
    );
    let document = notice("ContractAwardNotice", &results(&inside), "");
    assert_eq!(refused(document.as_bytes()), Unreadable::Many);
}

#[test]
fn encodings_are_read_as_declared_or_refused() {
    let title = |document: &[u8]| parse(document).map(|d| d.title.unwrap().text);
    let utf8 = titled("Bærum – 1");
    assert_eq!(title(utf8.as_bytes()).unwrap(), "Bærum – 1");
    assert_eq!(title(format!("\u{feff}{utf8}").as_bytes()).unwrap(), "Bærum – 1");
    let declared = |encoding: &str| titled("Bærum").replace("UTF-8", encoding);
    let latin = |text: &str| text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect::<Vec<u8>>();
    for name in ["ISO-8859-1", "iso-8859-1", "windows-1252"] {
        assert_eq!(title(&latin(&declared(name))).unwrap(), "Bærum", "{name}");
    }
    let wide = declared("UTF-16");
    let little: Vec<u8> = wide.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = wide.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(title(&little).unwrap(), "Bærum");
    assert_eq!(title(&[&[0xfe, 0xff][..], &big].concat()).unwrap(), "Bærum");
    for bad in [
        latin(&declared("UTF-8")),
        wide.into_bytes(),
        declared("x-unknown").into_bytes(),
        little[..little.len() - 1].to_vec(),
    ] {
        assert!(matches!(title(&bad), Err(Unreadable::Encoding(_))));
    }
}
