//! The 18 keys of a search hit.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::faults::Doffin;
use crate::hash;
use crate::notice::{Lot, Money, Notice, Party, Status, Type};

/// Stand-ins for raw newline and tab, replaced after serialising; private-use characters no text contains.
pub(super) const RAW: [(char, u8); 2] = [('\u{E00A}', b'\n'), ('\u{E009}', b'\t')];

/// A hit, keys in the order of the real service; every key is always there.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Hit<'a> {
    id: &'a str,
    buyer: Vec<PartyJson<'a>>,
    heading: &'a str,
    description: String,
    location_id: Vec<&'a str>,
    estimated_value: Option<&'a Money>,
    #[serde(rename = "type")]
    kind: &'static str,
    all_types: Vec<Type>,
    status: Option<Status>,
    issue_date: Timestamp,
    deadline: Option<Timestamp>,
    publication_date: Date,
    received_tenders: Option<u32>,
    all_received_tenders: Option<Vec<StatisticJson<'a>>>,
    cpv_codes: Vec<String>,
    limited_data_flag: Option<bool>,
    doffin_classic_url: Option<&'a str>,
    lots: Vec<LotJson<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PartyJson<'a> {
    id: &'a str,
    organization_id: Option<String>,
    name: &'a str,
}

#[derive(Serialize)]
struct StatisticJson<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    total: u32,
}

#[derive(Serialize)]
struct LotJson<'a> {
    heading: &'a str,
    description: String,
    winner: Vec<PartyJson<'a>>,
}

/// The hit of a notice at a moment; `shuffle` orders its sets.
pub(super) fn render<'a>(notice: &'a Notice, now: Timestamp, faults: &Doffin, shuffle: u64) -> Hit<'a> {
    let raw = hash::of(&notice.id, 77) % 100 < u64::from(faults.control_chars);
    let text = |text: &str| if raw { with_controls(text) } else { text.to_owned() };
    let lot = |lot: &'a Lot| LotJson {
        heading: &lot.heading,
        description: text(&lot.description),
        winner: lot.winners.iter().flatten().map(party).collect(),
    };
    Hit {
        id: &notice.id,
        buyer: notice.buyers.iter().map(party).collect(),
        heading: &notice.heading,
        description: text(&notice.description),
        location_id: shuffled(notice.locations.iter().map(String::as_str).collect(), shuffle),
        estimated_value: notice.value.as_ref(),
        kind: match notice.kind {
            Type::AnnouncementOfCompetition if faults.new_type => "ANNOUNCEMENT_OF_DIALOGUE",
            kind => kind.as_str(),
        },
        all_types: shuffled(notice.all_types.clone(), shuffle),
        status: notice.status(now),
        issue_date: notice.issued,
        deadline: notice.deadline,
        publication_date: notice.published,
        received_tenders: notice.received,
        all_received_tenders: notice.statistics.as_ref().map(|entries| {
            entries.iter().map(|(kind, total)| StatisticJson { kind, total: *total }).collect()
        }),
        cpv_codes: shuffled(notice.cpv.iter().map(|code| format!("{code:08}")).collect(), shuffle),
        limited_data_flag: None,
        doffin_classic_url: None,
        lots: notice.lots.iter().map(lot).collect(),
    }
}

fn party(party: &Party) -> PartyJson<'_> {
    let organization = &party.organization;
    PartyJson { id: &organization.id, organization_id: party.number(), name: &organization.name }
}

fn shuffled<T>(mut items: Vec<T>, seed: u64) -> Vec<T> {
    fastrand::Rng::with_seed(seed).shuffle(&mut items);
    items
}

/// The text with a line break and a tab that the index did not strip.
fn with_controls(text: &str) -> String {
    let [(newline, _), (tab, _)] = RAW;
    text.replacen(". ", &format!(".{newline}"), 1).replacen(' ', &tab.to_string(), 1)
}

/// Serialised JSON with the stand-ins replaced by the raw bytes, which makes it invalid JSON.
pub(super) fn with_raw_bytes(json: &str) -> Vec<u8> {
    let mut bytes = json.to_owned();
    for (stand_in, byte) in RAW {
        bytes = bytes.replace(stand_in, &char::from(byte).to_string());
    }
    bytes.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_control_characters_end_up_inside_strings() {
        let json = serde_json::to_string(&with_controls("En. To tre")).unwrap();
        let bytes = with_raw_bytes(&json);
        assert_eq!(bytes, b"\"En.\nTo\ttre\"");
        assert!(serde_json::from_slice::<String>(&bytes).is_err());
    }
}
