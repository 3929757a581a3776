//! How a hit is stored: JSON with Doffin's own field names, whatever the program's fields are called. A field
//! may be added, never renamed; one that is missing is empty.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::error::Fault;
use crate::domain::{Hit, Lot, Money, NoticeId, OrgNumber, Organization, Received};

/// Text that is given on to the feed whole; longer values stand in the former version only.
const TOLD_LIMIT: usize = 1000;

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Form<'a> {
    buyer: Vec<Buyer<'a>>,
    heading: Cow<'a, str>,
    description: Cow<'a, str>,
    location_id: Cow<'a, [String]>,
    estimated_value: Option<Amount<'a>>,
    #[serde(rename = "type")]
    kind: Cow<'a, str>,
    all_types: Cow<'a, [String]>,
    status: Option<Cow<'a, str>>,
    issue_date: Option<Timestamp>,
    deadline: Option<Timestamp>,
    publication_date: Option<Date>,
    received_tenders: Option<i32>,
    all_received_tenders: Vec<Count<'a>>,
    cpv_codes: Cow<'a, [String]>,
    lots: Vec<Part<'a>>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Buyer<'a> {
    id: Cow<'a, str>,
    organization_id: Option<Cow<'a, str>>,
    name: Cow<'a, str>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Amount<'a> {
    currency_code: Cow<'a, str>,
    amount: f64,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Count<'a> {
    #[serde(rename = "type")]
    kind: Cow<'a, str>,
    total: i32,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Part<'a> {
    heading: Cow<'a, str>,
    description: Cow<'a, str>,
    winner: Vec<Buyer<'a>>,
}

/// A hit as it is stored. A value that is no number is left out.
pub(super) fn write(hit: &Hit) -> Result<String, Fault> {
    let form = Form {
        buyer: hit.buyers.iter().map(buyer).collect(),
        heading: (&hit.heading).into(),
        description: (&hit.description).into(),
        location_id: (&hit.locations).into(),
        estimated_value: hit.estimated_value.as_ref().filter(|money| money.amount.is_finite()).map(amount),
        kind: (&hit.kind).into(),
        all_types: (&hit.all_kinds).into(),
        status: hit.status.as_deref().map(Cow::Borrowed),
        issue_date: hit.issued,
        deadline: hit.deadline,
        publication_date: hit.published,
        received_tenders: hit.received_tenders,
        all_received_tenders: hit.received.iter().map(count).collect(),
        cpv_codes: (&hit.cpv).into(),
        lots: hit.lots.iter().map(part).collect(),
    };
    Ok(serde_json::to_string(&form)?)
}

fn buyer(organization: &Organization) -> Buyer<'_> {
    Buyer {
        id: (&organization.row).into(),
        organization_id: organization.given.as_deref().map(Cow::Borrowed),
        name: (&organization.name).into(),
    }
}

fn amount(money: &Money) -> Amount<'_> {
    Amount { currency_code: (&money.currency).into(), amount: money.amount }
}

fn count(received: &Received) -> Count<'_> {
    Count { kind: (&received.kind).into(), total: received.total }
}

fn part(lot: &Lot) -> Part<'_> {
    Part {
        heading: (&lot.heading).into(),
        description: (&lot.description).into(),
        winner: lot.winners.iter().map(buyer).collect(),
    }
}

/// Reads a hit back.
pub(super) fn read(id: NoticeId, text: &str) -> Result<Hit, Fault> {
    let form: Form<'_> = serde_json::from_str(text)?;
    let organizations = |buyers: Vec<Buyer<'_>>| buyers.into_iter().map(organization).collect();
    Ok(Hit {
        id,
        buyers: organizations(form.buyer),
        heading: form.heading.into_owned(),
        description: form.description.into_owned(),
        locations: form.location_id.into_owned(),
        estimated_value: form
            .estimated_value
            .map(|money| Money { currency: money.currency_code.into_owned(), amount: money.amount })
            .filter(Money::is_given),
        kind: form.kind.into_owned(),
        all_kinds: form.all_types.into_owned(),
        status: form.status.map(Cow::into_owned),
        issued: form.issue_date,
        deadline: form.deadline,
        published: form.publication_date,
        received_tenders: form.received_tenders,
        received: form
            .all_received_tenders
            .into_iter()
            .map(|count| Received { kind: count.kind.into_owned(), total: count.total })
            .collect(),
        cpv: form.cpv_codes.into_owned(),
        lots: form
            .lots
            .into_iter()
            .map(|part| Lot {
                heading: part.heading.into_owned(),
                description: part.description.into_owned(),
                winners: organizations(part.winner),
            })
            .collect(),
    })
}

fn organization(buyer: Buyer<'_>) -> Organization {
    let given = buyer.organization_id.map(Cow::into_owned);
    let number = given.as_deref().and_then(OrgNumber::in_field);
    Organization { row: buyer.id.into_owned(), given, name: buyer.name.into_owned(), number }
}

/// A field that differs, with its values where they are short enough to tell.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Difference {
    /// Doffin's name of the field.
    pub(super) field: String,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
}

/// What is different between two stored hits.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Compared {
    /// The fields that differ.
    pub(super) differences: Vec<Difference>,
    /// Whether the later one has a field that an earlier program did not store. That is no difference.
    pub(super) is_fuller: bool,
}

/// Compares two stored hits. Doffin gives sets in any order, so order alone is nothing.
pub(super) fn compare(before: &str, after: &str) -> Result<Compared, Fault> {
    let mut found = Compared::default();
    if before == after {
        return Ok(found);
    }
    let mut before: Map<String, Value> = serde_json::from_str(before)?;
    let after: Map<String, Value> = serde_json::from_str(after)?;
    // An earlier program stored estimates of 0; that they are none now is no news.
    if let Some(estimate) = before.get_mut("estimatedValue").filter(|estimate| is_nothing(estimate)) {
        *estimate = Value::Null;
    }
    for (field, after) in after {
        let Some(before) = before.remove(&field) else {
            found.is_fuller = true;
            continue;
        };
        if before != after && sorted(before.clone()) != sorted(after.clone()) {
            found.differences.push(Difference { field, before: told(before), after: told(after) });
        }
    }
    Ok(found)
}

fn is_nothing(estimate: &Value) -> bool {
    estimate.get("amount").and_then(Value::as_f64).is_some_and(|amount| amount <= 0.0)
}

/// A value whose lists are in a fixed order; lots keep theirs.
fn sorted(value: Value) -> Value {
    let by_text = |mut list: Vec<Value>| {
        list.sort_by_cached_key(Value::to_string);
        Value::Array(list)
    };
    match value {
        Value::Array(list) if list.iter().all(|entry| entry.get("winner").is_some()) => {
            let lots = list.into_iter().map(|mut lot| {
                if let Some(winners) = lot.get_mut("winner").map(Value::take) {
                    lot["winner"] = sorted_list(winners, by_text);
                }
                lot
            });
            Value::Array(lots.collect())
        }
        other => sorted_list(other, by_text),
    }
}

fn sorted_list(value: Value, by_text: impl Fn(Vec<Value>) -> Value) -> Value {
    match value {
        Value::Array(list) => by_text(list),
        other => other,
    }
}

fn told(value: Value) -> Option<String> {
    let text = match value {
        Value::Null => return None,
        Value::String(text) => text,
        other => other.to_string(),
    };
    (text.len() <= TOLD_LIMIT).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_of_nothing_that_was_stored_before_is_none_and_no_difference_to_none() {
        let id = NoticeId::parse("2026-100001").unwrap();
        let with = |estimate: &str| format!(r#"{{"heading":"H","estimatedValue":{estimate}}}"#);
        let of = |amount: &str| with(&format!(r#"{{"currencyCode":"NOK","amount":{amount}}}"#));
        assert_eq!(read(id.clone(), &of("0.0")).unwrap().estimated_value, None);
        assert_eq!(compare(&of("0.0"), &with("null")).unwrap(), Compared::default());
        assert!(read(id, &of("7.0")).unwrap().estimated_value.is_some());
        assert_eq!(compare(&of("7.0"), &with("null")).unwrap().differences.len(), 1);
        assert_eq!(compare(&of("0.0"), &of("7.0")).unwrap().differences.len(), 1);
    }
}
