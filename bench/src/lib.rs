//! The replies that the edge is measured with: one small, one of a hundred items. Generated, and the same each time.

use anyhow::Context as _;
use bytes::Bytes;
use http::Method;
use prost::Message as _;
use prost_reflect::DynamicMessage;
use serde_json::{Value, json};
use transcode::{Binding, Found, Table};

/// A request and the answer of the service behind it.
#[derive(Debug)]
pub struct Case {
    /// Short name.
    pub name: &'static str,
    /// Path and query of the HTTP request.
    pub target: &'static str,
    /// Path of the RPC on the wire.
    pub rpc: &'static str,
    /// The reply, as the contract's message in JSON.
    json: Value,
}

/// Both cases, the small one first.
pub fn cases() -> [Case; 2] {
    [
        Case {
            name: "code",
            target: "/api/cpv/codes/48000000",
            rpc: "/bouvetradar.classification.v1.ClassificationService/GetCpvCode",
            json: code(),
        },
        Case {
            name: "search",
            target: "/api/doffin/search?search=programvare&hitsPerPage=100",
            rpc: "/bouvetradar.procurement.v1.ProcurementService/SearchNotices",
            json: search(),
        },
    ]
}

impl Case {
    /// The route of the request.
    pub fn binding<'a>(&self, table: &'a Table) -> anyhow::Result<&'a Binding> {
        let path = self.target.split('?').next().unwrap_or_default();
        match table.find(path, &Method::GET) {
            Found::Route(binding) => Ok(binding),
            other => anyhow::bail!("{path} is no route: {other:?}"),
        }
    }

    /// The answer on the wire.
    pub fn wire(&self) -> anyhow::Result<Bytes> {
        let table = Table::compile(proto::catalogue::pool())?;
        let output = self.binding(&table)?.rpc.output();
        let message =
            DynamicMessage::deserialize(output, &self.json).context("the reply is not of its type")?;
        Ok(message.encode_to_vec().into())
    }
}

fn code() -> Value {
    let related = |code: &str, description: &str| json!({"code": code, "description": description});
    json!({"data": {
        "code": "48000000", "name": "Programvare", "description": "Programvare og informasjonssystemer",
        "category": "48", "level": 1, "level_name": "division", "descendants": 2, "language": "nb",
        "children": [related("48100000", "Bransjespesifikk programvare")],
        "siblings": [related("72000000", "IT-tjenester")]
    }})
}

fn search() -> Value {
    let hits: Vec<Value> = (0..100).map(hit).collect();
    json!({
        "data": {"hits": hits, "totalHits": 1234, "page": 1, "hitsPerPage": 100},
        "elements": 100, "source": "LIVE", "asOf": "2026-01-31T12:00:00Z",
        "coverage": {"complete": false, "accessibleHits": 1000, "reason": "only the first 1000 are shown"}
    })
}

fn hit(n: usize) -> Value {
    let buyer = json!({"id": format!("b{n}"), "name": format!("Kommune nummer {n}"),
        "organizationId": format!("{:09}", 900_000_000 + n)});
    let mut hit = json!({
        "id": format!("2026-{:06}", 100_000 + n), "buyer": [buyer],
        "heading": format!("Anskaffelse av programvare og tjenester, del {n}"),
        "description": "Rammeavtale om lisenser, drift og \"støtte\" i fire år",
        "locationId": ["NO081"], "type": "COMPETITION", "status": "ACTIVE",
        "publicationDate": "2026-01-30", "issueDate": "2026-01-30T07:00:00Z",
        "deadline": format!("2026-03-{:02}T11:00:00Z", 1 + n % 28),
        "cpvCodes": ["48000000", "72000000"]
    });
    if n.is_multiple_of(2) {
        hit["estimatedValue"] = json!({"currencyCode": "NOK", "amount": 1_500_000.0});
    }
    hit
}
