//! Notices as releases of the Open Contracting Data Standard, version 1.1, with the extension `lots`.

mod awards;
mod parties;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

use self::awards::Awards;
use self::parties::Parties;
use crate::answer::Shown;
use crate::domain::{Document, Hit, LinkKind, LotKind, Money, Text, leaves};

/// Beginning of contracting process identifiers. It is ours; the standard's registry knows no publisher of Doffin.
const PREFIX: &str = "ocds-bouvetradar";

/// One release. What only the document holds is left out where it is not known.
pub(crate) fn release(shown: &Shown, document: Option<&Document>) -> Value {
    let hit = &*shown.hit;
    let parties = Parties::of(shown, document);
    let mut release = Map::new();
    release.insert("ocid".into(), ocid(hit, document).into());
    release.insert("id".into(), hit.id.as_str().into());
    put(&mut release, "date", hit.issued.map(|time| time.to_string()));
    release.insert("tag".into(), json!([tag(hit, document)]));
    release.insert("initiationType".into(), "tender".into());
    let languages = document.map(|document| document.languages.as_slice()).unwrap_or_default();
    put(&mut release, "language", languages.first().map(|code| language(code)));
    put(&mut release, "buyer", parties.lead_buyer());
    if let Some(awards) = Awards::of(hit, document, &parties) {
        awards.write(&mut release);
    }
    release.insert("parties".into(), parties.written());
    release.insert("tender".into(), tender(hit, document));
    put(&mut release, "relatedProcesses", related(document));
    Value::Object(release)
}

fn put(map: &mut Map<String, Value>, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        map.insert(key.into(), value.into());
    }
}

/// One process has one identifier: the procedure's, or the notice's own where it has none.
fn ocid(hit: &Hit, document: Option<&Document>) -> String {
    let procedure = document.and_then(|document| document.identity.procedure_id.as_deref());
    format!("{PREFIX}-{}", procedure.unwrap_or(hit.id.as_str()))
}

fn tag(hit: &Hit, document: Option<&Document>) -> &'static str {
    // A change may come without its reason, and a reason without what it changes.
    let replaces = |document: &Document| document.links.iter().any(|link| link.kind == LinkKind::Changes);
    let changes = document.is_some_and(|held| !held.change_reasons.is_empty() || replaces(held));
    match hit.kind.as_str() {
        "ADVISORY_NOTICE" | "NOTICE_ON_BUYER_PROFILE" if changes => "planningUpdate",
        "ADVISORY_NOTICE" | "NOTICE_ON_BUYER_PROFILE" => "planning",
        "ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT" | "ANNOUNCEMENT_OF_INTENT" if changes => "awardUpdate",
        "ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT" | "ANNOUNCEMENT_OF_INTENT" => "award",
        "CHANGE_OF_CONCLUSION_OF_CONTRACT" => "contractAmendment",
        "CANCELLED_OR_MISSING_CONCLUSION_OF_CONTRACT" => "tenderCancellation",
        _ if changes => "tenderUpdate",
        _ => "tender",
    }
}

fn tender(hit: &Hit, document: Option<&Document>) -> Value {
    let mut tender = Map::new();
    tender.insert("id".into(), hit.id.as_str().into());
    tender.insert("title".into(), hit.heading.as_str().into());
    tender.insert("description".into(), hit.description.as_str().into());
    put(&mut tender, "status", hit.status.as_deref().map(status).or_else(|| ended(hit, document)));
    put(&mut tender, "value", hit.estimated_value.as_ref().map(money));
    put(&mut tender, "tenderPeriod", hit.deadline.map(|time| json!({"endDate": time.to_string()})));
    put(&mut tender, "numberOfTenderers", Some(hit.most_received()).filter(|count| *count > 0));
    let main = document.and_then(|document| document.subject.main_cpv.as_deref());
    put(&mut tender, "classification", main.map(|code| json!({"scheme": "CPV", "id": code})));
    let codes: Vec<_> = leaves(&hit.cpv).iter().map(|code| json!({"scheme": "CPV", "id": code})).collect();
    let places: Vec<_> = hit.locations.iter().map(|code| json!({"region": code})).collect();
    tender.insert(
        "items".into(),
        json!([{"id": "1", "additionalClassifications": codes, "deliveryAddresses": places}]),
    );
    let Some(document) = document else { return Value::Object(tender) };
    put(&mut tender, "mainProcurementCategory", document.subject.nature.as_deref().and_then(category));
    put(&mut tender, "procurementMethod", document.procedure.as_deref().and_then(method));
    put(&mut tender, "procurementMethodDetails", document.procedure.clone());
    // CELEX numbers begin with one; "other" and its like are none, and of no other scheme.
    let celex =
        document.legal_basis.as_ref().filter(|id| id.starts_with(|first: char| first.is_ascii_digit()));
    put(&mut tender, "legalBasis", celex.map(|id| json!({"scheme": "CELEX", "id": id})));
    let lots = document.lots.iter().filter(|lot| lot.kind == LotKind::Lot);
    let lots: Vec<_> = lots
        .filter_map(|lot| {
            let mut written = Map::new();
            written.insert("id".into(), lot.id.as_deref()?.into());
            put(&mut written, "title", lot.title.as_ref().map(text));
            put(&mut written, "description", lot.description.as_ref().map(text));
            Some(Value::Object(written))
        })
        .collect();
    put(&mut tender, "lots", (!lots.is_empty()).then_some(lots));
    Value::Object(tender)
}

fn related(document: Option<&Document>) -> Option<Vec<Value>> {
    // A notice that this one changes is an earlier release of the same process.
    let others = document?.links.iter().filter(|link| link.kind != LinkKind::Changes);
    let links = others.enumerate().map(|(number, link)| {
        let relationship = if link.kind == LinkKind::Framework { "framework" } else { "prior" };
        json!({
            "id": (number + 1).to_string(),
            "relationship": [relationship],
            "scheme": "eforms",
            "identifier": link.given,
            "title": link.kind.as_str(),
        })
    });
    let links: Vec<_> = links.collect();
    (!links.is_empty()).then_some(links)
}

fn money(money: &Money) -> Value {
    json!({"amount": money.amount, "currency": money.currency})
}

fn text(text: &Text) -> String {
    text.text.clone()
}

fn language(code: &str) -> String {
    match code {
        "NOR" => "no".into(),
        "NOB" => "nb".into(),
        "NNO" => "nn".into(),
        "ENG" => "en".into(),
        other => other.to_ascii_lowercase(),
    }
}

fn status(status: &str) -> &'static str {
    match status {
        "ACTIVE" => "active",
        "CANCELLED" => "cancelled",
        _ => "complete",
    }
}

/// How a cancellation says that it ended.
fn ended(hit: &Hit, document: Option<&Document>) -> Option<&'static str> {
    let cancels = hit.kind == "CANCELLED_OR_MISSING_CONCLUSION_OF_CONTRACT";
    let lots = || document.into_iter().flat_map(|document| &document.lots);
    let reasons = || lots().filter_map(|lot| lot.no_award_reason.as_deref());
    // None came, or none could be taken (BT-144).
    let failed =
        reasons().next().is_some() && reasons().all(|reason| ["no-rece", "all-rej"].contains(&reason));
    cancels.then_some(if failed { "unsuccessful" } else { "cancelled" })
}

fn category(nature: &str) -> Option<&'static str> {
    match nature {
        "works" => Some("works"),
        "supplies" => Some("goods"),
        "services" => Some("services"),
        _ => None,
    }
}

fn method(procedure: &str) -> Option<&'static str> {
    match procedure {
        "open" => Some("open"),
        "restricted" | "neg-w-call" | "comp-dial" | "innovation" | "comp-tend" => Some("selective"),
        "neg-wo-call" => Some("limited"),
        _ => None,
    }
}
