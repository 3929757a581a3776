//! A directory of files in place of generated ones. The files here are written by the tests.

use std::fs;
use std::path::Path;

use serde_json::json;
use simulator::{Config, Simulator};

use crate::probe::{Probe, config, header, ids};

const CPV: &str =
    "'72000000':\n  name: IT services\n  nob: IT-tjenester\n  history: []\n  nob_verify: false\n";
const NUTS: &str = "\"code\";\"parentCode\";\"level\";\"name\";\"shortName\";\"notes\";\"validFrom\";\"validTo\"\n\
    \"NO09\";\"\";\"1\";\"Sør\";;\n\"NO092\";\"NO09\";\"2\";\"Agder\";;\n\"NO4204\";\"NO092\";\"3\";\"Kristiansand\";;\n";

fn hit(id: &str, deadline: &str) -> serde_json::Value {
    json!({
        "id": id,
        "buyer": [{"id": "0".repeat(32), "organizationId": "NO900000009MVA", "name": "Nordvik kommune"}],
        "heading": format!("Sak {id}"), "description": "Tekst", "locationId": ["NO092"],
        "estimatedValue": {"currencyCode": "NOK", "amount": 5_000_000.0},
        "type": "ANNOUNCEMENT_OF_COMPETITION", "allTypes": ["COMPETITION", "ANNOUNCEMENT_OF_COMPETITION"],
        "status": "ACTIVE", "issueDate": "2026-11-02T09:00:00Z", "deadline": deadline,
        "publicationDate": "2026-11-03", "receivedTenders": null, "allReceivedTenders": null,
        "cpvCodes": ["72200000", "72000000"], "limitedDataFlag": null, "doffinClassicUrl": null,
        "lots": [{"heading": "Sak", "description": "Tekst", "winner": []}],
    })
}

fn write(directory: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    let path = directory.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn directory() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    write(root, "cpv/cpv.yaml", CPV);
    write(root, "nuts/versions_2482.utf-8.csv", NUTS);
    let narrow: Vec<u8> = NUTS.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
    write(root, "nuts/versions_2482.iso-8859-1.csv", narrow);
    let envelope = json!({"numHitsTotal": 900, "numHitsAccessible": 900, "hits": [
        hit("2026-000001", "2026-12-01T10:00:00Z"), hit("2026-000002", "2026-11-10T10:00:00Z")]});
    write(root, "doffin-json/page.json", envelope.to_string());
    write(root, "doffin-json/single.json", hit("2026-000001", "2026-12-24T10:00:00Z").to_string());
    write(root, "doffin-xml/ContractNotice_a.xml", "\u{feff}<a>byte for byte</a>");
    write(
        root,
        "doffin-xml/INDEX.csv",
        "noticeId,file,root\n2026-000001,ContractNotice_a.xml,ContractNotice\n",
    );
    write(root, "doffin-xml-dfo-tests/eu__minimum.xml", "<b/>");
    directory
}

async fn probe(directory: &Path) -> Probe {
    Probe::with(Config { data: Some(directory.to_owned()), ..config() }).await
}

#[tokio::test]
async fn hits_of_all_files_are_the_corpus_once_each() {
    let directory = directory();
    let probe = probe(directory.path()).await;
    assert_eq!(probe.total("").await, 2);
    let active = probe.hits("status=ACTIVE").await;
    assert_eq!(ids(&active), ["2026-000001"]);
    assert_eq!(active[0]["deadline"], "2026-12-01T10:00:00Z", "the first file wins");
    assert_eq!(active[0]["buyer"][0]["organizationId"], "NO900000009MVA");
    assert_eq!(ids(&probe.hits("status=EXPIRED").await), ["2026-000002"], "the clock decides");
    assert_eq!(probe.total("cpvCode=72000000&location=NO092").await, 2);
}

#[tokio::test]
async fn documents_are_served_byte_for_byte_and_hits_without_one_are_404() {
    let directory = directory();
    let probe = probe(directory.path()).await;
    let bytes = probe.download("2026-000001").await.bytes().await.unwrap();
    assert_eq!(bytes, "\u{feff}<a>byte for byte</a>");
    assert_eq!(probe.download("2026-000002").await.status(), 404);
    assert_eq!(probe.download("eu__minimum").await.text().await.unwrap(), "<b/>");
}

#[tokio::test]
async fn lists_are_served_byte_for_byte_and_read_for_the_other_forms() {
    let directory = directory();
    let probe = probe(directory.path()).await;
    let list = probe.client.get(probe.simulator.cpv_url()).send().await.unwrap();
    assert_eq!(list.text().await.unwrap(), CPV);
    let wide = probe.klass("/versions/2482", "text/csv;charset=UTF-8").await;
    assert_eq!(wide.text().await.unwrap(), NUTS);
    let narrow = probe.klass("/versions/2482", "text/csv").await;
    assert_eq!(header(&narrow, "content-type"), "text/csv;charset=ISO-8859-1");
    assert!(narrow.bytes().await.unwrap().windows(3).any(|window| window == b"S\xf8r"));
    let version = probe.klass_json("/versions/2482").await;
    assert_eq!(version["classificationItems"][0]["name"], "Sør");
    let places = probe.klass_json("/classifications/131/codesAt?date=2025-01-01").await;
    assert_eq!(places["codes"][0]["name"], "Kristiansand");
    assert_eq!(
        probe.klass_json("/versions/33").await["classificationItems"][0]["code"],
        "0",
        "missing parts fall back"
    );
}

#[tokio::test]
async fn notices_can_still_be_published_corrected_and_awarded() {
    let directory = directory();
    let probe = probe(directory.path()).await;
    let new = probe.simulator.correct("2026-000001").unwrap();
    assert_eq!(probe.download(&new).await.status(), 200);
    assert!(probe.simulator.award(&new).is_some());
    assert_eq!(probe.total("status=AWARDED").await, 1);
}

#[tokio::test]
async fn a_missing_directory_is_an_error_and_an_empty_one_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let missing = Config { data: Some(directory.path().join("nowhere")), ..config() };
    assert!(Simulator::start(missing).await.is_err());
    let probe = probe(directory.path()).await;
    assert!(probe.total("").await > 1_000);
}
