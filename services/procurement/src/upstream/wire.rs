//! Doffin's messages, and what becomes of them. Unknown fields are ignored, missing and null ones empty.

use std::sync::Arc;

use jiff::civil::{Date, DateTime};
use jiff::{Timestamp, tz};
use serde::Deserialize;
use serde_json::Value;

use super::{Page, json};
use crate::domain::{Hit, Lot, Money, NoticeId, OrgNumber, Organization, Received};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Envelope {
    num_hits_total: Option<i64>,
    num_hits_accessible: Option<i64>,
    #[serde(default, deserialize_with = "json::list")]
    hits: Vec<WireHit>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireHit {
    id: Option<String>,
    #[serde(default, deserialize_with = "json::list")]
    buyer: Vec<WireOrganization>,
    heading: Option<String>,
    description: Option<String>,
    #[serde(default, deserialize_with = "json::list")]
    location_id: Vec<String>,
    estimated_value: Option<WireMoney>,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "json::list")]
    all_types: Vec<String>,
    status: Option<String>,
    issue_date: Option<String>,
    deadline: Option<String>,
    publication_date: Option<String>,
    received_tenders: Option<f64>,
    #[serde(default, deserialize_with = "json::list")]
    all_received_tenders: Vec<WireReceived>,
    #[serde(default, deserialize_with = "json::list")]
    cpv_codes: Vec<String>,
    #[serde(default, deserialize_with = "json::list")]
    lots: Vec<WireLot>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireOrganization {
    id: Option<String>,
    organization_id: Option<String>,
    name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireMoney {
    currency_code: Option<String>,
    amount: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct WireReceived {
    #[serde(rename = "type")]
    kind: Option<String>,
    total: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct WireLot {
    heading: Option<String>,
    description: Option<String>,
    #[serde(default, deserialize_with = "json::list")]
    winner: Vec<WireOrganization>,
}

impl Envelope {
    /// The page it holds. `None` when it is some other object, which must not pass for "nothing found".
    pub(super) fn page(self, as_of: Timestamp, size: usize) -> Option<Page> {
        let listed = self.hits.len();
        let total = self.num_hits_total.filter(|total| *total >= 0);
        if total.is_none() && listed == 0 {
            return None;
        }
        let hits: Vec<_> = self.hits.into_iter().filter_map(WireHit::hit).map(Arc::new).collect();
        let count = |number: i64| u32::try_from(number.max(0)).unwrap_or(u32::MAX);
        let total = total.map_or(count(i64::try_from(listed).unwrap_or(i64::MAX)), count);
        Some(Page {
            unreadable: listed - hits.len(),
            hits,
            total,
            accessible: self.num_hits_accessible.map_or(total, count),
            as_of,
            size,
        })
    }
}

/// Hits in a file: a page as Doffin answers it, a list of hits, or one hit. `None` for anything else.
pub(super) fn hits(file: Value) -> Option<Vec<Hit>> {
    let listed: Vec<WireHit> = match &file {
        Value::Array(_) => serde_json::from_value(file).ok()?,
        Value::Object(page) if page.contains_key("hits") => {
            serde_json::from_value::<Envelope>(file).ok()?.hits
        }
        Value::Object(hit) if hit.contains_key("id") => vec![serde_json::from_value(file).ok()?],
        _ => return None,
    };
    let count = listed.len();
    let hits: Vec<_> = listed.into_iter().filter_map(WireHit::hit).collect();
    (count == 0 || !hits.is_empty()).then_some(hits)
}

impl WireHit {
    fn hit(self) -> Option<Hit> {
        let Ok(id) = NoticeId::parse(self.id.as_deref().unwrap_or_default()) else {
            tracing::warn!(notice.id = self.id, "a hit without a valid id is left out");
            return None;
        };
        Some(Hit {
            id,
            buyers: self.buyer.into_iter().map(Organization::from).collect(),
            heading: self.heading.unwrap_or_default(),
            description: self.description.unwrap_or_default(),
            locations: sorted(self.location_id),
            estimated_value: self.estimated_value.and_then(WireMoney::money).filter(Money::is_given),
            kind: self.kind.unwrap_or_default(),
            all_kinds: sorted(self.all_types),
            status: self.status,
            issued: self.issue_date.as_deref().and_then(time),
            deadline: self.deadline.as_deref().and_then(time),
            published: self.publication_date.as_deref().and_then(day),
            received_tenders: self.received_tenders.map(whole),
            received: self.all_received_tenders.into_iter().map(Received::from).collect(),
            cpv: sorted(self.cpv_codes),
            lots: self.lots.into_iter().map(Lot::from).collect(),
        })
    }
}

impl WireMoney {
    fn money(self) -> Option<Money> {
        Some(Money { amount: self.amount?, currency: self.currency_code.unwrap_or_default() })
    }
}

impl From<WireOrganization> for Organization {
    fn from(wire: WireOrganization) -> Self {
        Self {
            row: wire.id.unwrap_or_default(),
            number: wire.organization_id.as_deref().and_then(OrgNumber::in_field),
            given: wire.organization_id,
            name: wire.name.unwrap_or_default(),
        }
    }
}

impl From<WireReceived> for Received {
    fn from(wire: WireReceived) -> Self {
        Self { kind: wire.kind.unwrap_or_default(), total: wire.total.map_or(0, whole) }
    }
}

impl From<WireLot> for Lot {
    fn from(wire: WireLot) -> Self {
        Self {
            heading: wire.heading.unwrap_or_default(),
            description: wire.description.unwrap_or_default(),
            winners: wire.winner.into_iter().map(Organization::from).collect(),
        }
    }
}

/// Doffin gives sets in an order that changes from answer to answer.
fn sorted(mut values: Vec<String>) -> Vec<String> {
    values.sort_unstable();
    values.dedup();
    values
}

fn time(text: &str) -> Option<Timestamp> {
    let utc = || tz::TimeZone::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok();
    text.parse().ok().or_else(utc)
}

fn day(text: &str) -> Option<Date> {
    text.parse().ok()
}

#[expect(clippy::cast_possible_truncation, reason = "the cast saturates, and counts of tenders are small")]
fn whole(count: f64) -> i32 {
    count as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(body: &str) -> Page {
        let envelope: Envelope = json::read(body.as_bytes(), &mut || ()).unwrap();
        envelope.page(Timestamp::UNIX_EPOCH, body.len()).unwrap()
    }

    #[test]
    fn a_hit_is_read_with_its_sets_in_order() {
        let page = page(
            r#"{"numHitsTotal":31,"numHitsAccessible":31,"newField":{"x":1},"hits":[{"id":"2026-100001",
            "buyer":[{"id":"ab","organizationId":"NO 938 801 363 MVA","name":"Kommune A"}],"heading":"H","description":null,
            "locationId":["NO0A2","NO071"],"estimatedValue":{"currencyCode":"NOK","amount":5000000.0},
            "type":"SOMETHING_NEW","allTypes":["RESULT","A"],"status":null,"issueDate":"2026-07-31T07:32:02Z",
            "deadline":"2026-09-01T10:00:00","publicationDate":"2026-08-03","receivedTenders":0,
            "allReceivedTenders":[{"type":"t-esubm","total":3}],"cpvCodes":["72200000","72000000","72200000"],
            "limitedDataFlag":null,"lots":[{"heading":"L","description":"","winner":[{"id":"c","organizationId":null,"name":"Oy"}]}]}]}"#,
        );
        let hit = &page.hits[0];
        assert_eq!((page.total, page.accessible, page.unreadable), (31, 31, 0));
        assert_eq!(hit.buyers[0].number.as_ref().map(OrgNumber::as_str), Some("938801363"));
        assert_eq!(hit.buyers[0].given.as_deref(), Some("NO 938 801 363 MVA"));
        assert_eq!(hit.locations, ["NO071", "NO0A2"]);
        assert_eq!(hit.cpv, ["72000000", "72200000"]);
        assert_eq!(hit.kind, "SOMETHING_NEW");
        assert_eq!(hit.deadline.unwrap().to_string(), "2026-09-01T10:00:00Z");
        assert_eq!(hit.received, [Received { kind: "t-esubm".into(), total: 3 }]);
        assert_eq!(hit.lots[0].winners[0].given, None);
    }

    #[test]
    fn an_estimate_of_nothing_is_none() {
        for (amount, expected) in [("0.0", None), ("-1", None), ("null", None), ("0.5", Some(0.5))] {
            let estimate = format!(r#"{{"currencyCode":"NOK","amount":{amount}}}"#);
            let page = page(&format!(r#"{{"hits":[{{"id":"2026-100001","estimatedValue":{estimate}}}]}}"#));
            let read = page.hits[0].estimated_value.as_ref().map(|money| money.amount);
            assert_eq!(read, expected, "{amount}");
        }
    }

    #[test]
    fn null_lists_are_empty_and_a_single_object_is_a_list_of_one() {
        let single = page(
            r#"{"numHitsTotal":1,"hits":{"id":"2026-100001","buyer":null,"cpvCodes":"72000000","lots":null}}"#,
        );
        assert_eq!(single.hits.len(), 1);
        assert_eq!(single.hits[0].cpv, ["72000000"]);
        assert!(single.hits[0].buyers.is_empty() && single.hits[0].lots.is_empty());
        let none = page(r#"{"numHitsTotal":0,"numHitsAccessible":0,"hits":null}"#);
        assert_eq!((none.hits.len(), none.total), (0, 0));
    }

    #[test]
    fn a_total_that_is_not_told_is_never_nothing() {
        for body in [r#"{"hits":[]}"#, r#"{"numHitsTotal":-1,"hits":[]}"#, r#"{"numHitsTotal":null}"#] {
            let envelope: Envelope = json::read(body.as_bytes(), &mut || ()).unwrap();
            assert_eq!(envelope.page(Timestamp::UNIX_EPOCH, 0), None, "{body}");
        }
        assert_eq!(page(r#"{"numHitsTotal":-1,"hits":[{"id":"2026-100001"}]}"#).total, 1);
    }

    #[test]
    fn a_hit_without_a_valid_id_is_left_out_and_counted() {
        let page = page(r#"{"numHitsTotal":2,"hits":[{"id":"x"},{"id":"2026-100001"},null]}"#);
        assert_eq!((page.hits.len(), page.unreadable), (1, 1));
    }
}
