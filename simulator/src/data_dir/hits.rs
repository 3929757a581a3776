//! Captured hits read back into notices.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;

use crate::notice::{Form, Life, Links, Lot, Money, Notice, Origin, Party, Procedure, Status, Type};
use crate::organization::Organization;
use crate::{Error, clock};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Hit {
    id: String,
    buyer: Vec<HitParty>,
    heading: String,
    description: String,
    #[serde(default)]
    location_id: Vec<String>,
    estimated_value: Option<Money>,
    #[serde(rename = "type")]
    kind: Type,
    #[serde(default)]
    all_types: Vec<Type>,
    status: Option<Status>,
    issue_date: Timestamp,
    deadline: Option<Timestamp>,
    publication_date: Date,
    received_tenders: Option<u32>,
    all_received_tenders: Option<Vec<Statistic>>,
    cpv_codes: Vec<String>,
    #[serde(default)]
    lots: Vec<HitLot>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HitParty {
    id: String,
    organization_id: Option<String>,
    name: String,
}

#[derive(Deserialize)]
struct Statistic {
    #[serde(rename = "type")]
    kind: String,
    total: u32,
}

#[derive(Deserialize)]
struct HitLot {
    heading: String,
    description: String,
    #[serde(default)]
    winner: Vec<HitParty>,
}

/// The notices of a file: an envelope with hits, a list of hits, or one hit.
pub(super) fn read(path: &Path, documents: &HashMap<String, PathBuf>) -> Result<Vec<Notice>, Error> {
    let bytes = std::fs::read(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    let unusable =
        |error: serde_json::Error| Error::Data { path: path.to_owned(), reason: error.to_string() };
    let mut whole: Value = serde_json::from_slice(&bytes).map_err(unusable)?;
    let hits = match whole.get_mut("hits").map(Value::take) {
        Some(hits) => hits,
        None => whole,
    };
    let hits = match hits {
        Value::Array(hits) => hits,
        one => vec![one],
    };
    let mut notices = Vec::with_capacity(hits.len());
    for hit in hits {
        match serde_json::from_value::<Hit>(hit) {
            Ok(hit) => notices.push(notice(hit, documents)),
            Err(error) => {
                tracing::warn!(%error, path = %path.display(), "a hit is not understood and left out");
            }
        }
    }
    Ok(notices)
}

fn notice(hit: Hit, documents: &HashMap<String, PathBuf>) -> Notice {
    let mut cpv: Vec<u32> = hit.cpv_codes.iter().filter_map(|code| code.parse().ok()).collect();
    cpv.sort_unstable();
    cpv.dedup();
    let visible_from = clock::midnight(hit.publication_date);
    let when = |status| (hit.status == Some(status)).then_some(visible_from);
    let life = Life {
        awarded: when(Status::Awarded),
        cancelled: when(Status::Cancelled),
        ..Life::from(visible_from)
    };
    let lot = |lot: HitLot| Lot {
        heading: lot.heading.into(),
        description: lot.description.into(),
        cpv: cpv.last().copied().into_iter().collect(),
        winners: lot.winner.into_iter().map(|winner| vec![party(winner)]).collect(),
    };
    Notice {
        lots: hit.lots.into_iter().map(lot).collect(),
        origin: Origin::File(documents.get(&hit.id).cloned()),
        id: hit.id,
        kind: hit.kind,
        all_types: if hit.all_types.is_empty() { vec![hit.kind, hit.kind.group()] } else { hit.all_types },
        buyers: hit.buyer.into_iter().map(party).collect(),
        heading: hit.heading.into(),
        description: hit.description.into(),
        locations: hit.location_id,
        value: hit.estimated_value,
        issued: hit.issue_date,
        deadline: hit.deadline,
        published: hit.publication_date,
        received: hit.received_tenders,
        statistics: hit
            .all_received_tenders
            .map(|entries| entries.into_iter().map(|entry| (entry.kind, entry.total)).collect()),
        cpv,
        procedure: Procedure { code: "open", nature: "services", months: 24, framework: false, eea: true },
        links: Links { version: 1, ..Links::default() },
        life,
        haystack: String::new(),
    }
}

fn party(party: HitParty) -> Party {
    let organization = Organization::known(party.id, party.organization_id, party.name);
    Party { organization: Arc::new(organization), form: Form::Plain }
}
