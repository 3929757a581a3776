//! Notices as releases of the Open Contracting Data Standard, version 1.1, with the extension `lots`.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::answer::Shown;
use crate::domain::{
    Award, Document, Hit, LotKind, Money, OrgNumber, Organization, Party, Role, Text, leaves,
};

/// Beginning of contracting process identifiers. It is ours; the standard's registry knows no publisher of Doffin.
const PREFIX: &str = "ocds-bouvetradar";

/// Scheme of Norwegian organisation numbers in org-id.guide.
const REGISTER: &str = "NO-BRC";

/// One release. What only the document holds is left out where it is not known.
pub(crate) fn release(shown: &Shown, document: Option<&Document>) -> Value {
    let hit = &*shown.hit;
    let parties = Parties::of(hit, document);
    let mut release = Map::new();
    release.insert("ocid".into(), ocid(hit, document).into());
    release.insert("id".into(), hit.id.as_str().into());
    put(&mut release, "date", hit.issued.map(|time| time.to_string()));
    release.insert("tag".into(), json!([tag(hit, document)]));
    release.insert("initiationType".into(), "tender".into());
    let languages = document.map(|document| document.languages.as_slice()).unwrap_or_default();
    put(&mut release, "language", languages.first().map(|code| language(code)));
    let buyer = parties.of_role("buyer").next();
    put(&mut release, "buyer", buyer.map(|(id, name)| json!({"id": id, "name": name})));
    let references: Vec<_> =
        parties.of_role("supplier").map(|(id, name)| json!({"id": id, "name": name})).collect();
    release.insert("parties".into(), parties.written());
    release.insert("tender".into(), tender(hit, document));
    if hit.kind == "ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT" || hit.kind == "ANNOUNCEMENT_OF_INTENT" {
        release.insert("awards".into(), awards(hit, document, &references));
    }
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
    let changes = document.is_some_and(|document| !document.change_reasons.is_empty());
    match hit.kind.as_str() {
        "ADVISORY_NOTICE" | "NOTICE_ON_BUYER_PROFILE" | "PRE_ANNOUNCEMENT" if changes => "planningUpdate",
        "ADVISORY_NOTICE" | "NOTICE_ON_BUYER_PROFILE" | "PRE_ANNOUNCEMENT" => "planning",
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
    put(&mut tender, "status", hit.status.as_deref().map(status));
    put(&mut tender, "value", hit.estimated_value.as_ref().map(money));
    put(&mut tender, "tenderPeriod", hit.deadline.map(|time| json!({"endDate": time.to_string()})));
    put(&mut tender, "numberOfTenderers", hit.received_tenders.filter(|count| *count > 0));
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
    put(
        &mut tender,
        "legalBasis",
        document.legal_basis.as_ref().map(|id| json!({"scheme": "CELEX", "id": id})),
    );
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

/// Contracts where the document tells them apart, otherwise one award to every supplier.
fn awards(hit: &Hit, document: Option<&Document>, suppliers: &[Value]) -> Value {
    let status = if hit.kind == "ANNOUNCEMENT_OF_INTENT" { "pending" } else { "active" };
    let contracts = document.map(|document| document.awards.as_slice()).unwrap_or_default();
    if contracts.is_empty() {
        return json!([{"id": hit.id.as_str(), "status": status, "suppliers": suppliers}]);
    }
    let award = |(number, award): (usize, &Award)| {
        let mut written = Map::new();
        let id = award.contract.clone().unwrap_or_else(|| (number + 1).to_string());
        written.insert("id".into(), format!("{}-{id}", hit.id).into());
        written.insert("status".into(), status.into());
        put(&mut written, "title", award.title.clone());
        let day = award.decided.or(award.signed);
        put(&mut written, "date", day.map(|day| format!("{day}T00:00:00Z")));
        put(&mut written, "value", award.value.as_ref().map(money));
        put(&mut written, "relatedLots", (!award.lots.is_empty()).then(|| award.lots.clone()));
        let parties = document.map(|document| document.parties.as_slice()).unwrap_or_default();
        let won = parties.iter().filter(|party| party.role == Role::Winner);
        let here = won
            .filter(|party| award.lots.is_empty() || party.lots.iter().any(|lot| award.lots.contains(lot)));
        let here: Vec<_> = here.map(|party| json!({"id": id_of(party), "name": party.name})).collect();
        written.insert("suppliers".into(), here.into());
        Value::Object(written)
    };
    contracts.iter().enumerate().map(award).collect()
}

fn related(document: Option<&Document>) -> Option<Vec<Value>> {
    let links = document?.links.iter().enumerate().map(|(number, link)| {
        json!({
            "id": (number + 1).to_string(),
            "relationship": ["prior"],
            "scheme": "eforms",
            "identifier": link.given,
            "title": link.kind.as_str(),
        })
    });
    let links: Vec<_> = links.collect();
    (!links.is_empty()).then_some(links)
}

/// Parties by identifier, each with every role it has.
struct Parties(BTreeMap<String, (String, Option<String>, Vec<&'static str>)>);

impl Parties {
    fn of(hit: &Hit, document: Option<&Document>) -> Self {
        let mut parties = Self(BTreeMap::new());
        match document.map(|document| document.parties.as_slice()) {
            Some(held) if !held.is_empty() => {
                for party in held {
                    let number = party.number.as_ref().map(OrgNumber::as_str);
                    parties.add(id_of(party), &party.name, number, role(party.role));
                }
            }
            _ => {
                for buyer in &hit.buyers {
                    parties.add_listed(buyer, "buyer");
                }
                for winner in hit.lots.iter().flat_map(|lot| &lot.winners) {
                    parties.add_listed(winner, "supplier");
                }
            }
        }
        parties
    }

    fn add_listed(&mut self, organization: &Organization, role: &'static str) {
        let number = organization.number.as_ref().map(OrgNumber::as_str);
        self.add(identifier(number, &organization.name), &organization.name, number, role);
    }

    fn add(&mut self, id: String, name: &str, number: Option<&str>, role: &'static str) {
        let new = || (name.to_owned(), number.map(str::to_owned), Vec::new());
        let (_, _, roles) = self.0.entry(id).or_insert_with(new);
        if !roles.contains(&role) {
            roles.push(role);
        }
    }

    fn of_role(&self, role: &'static str) -> impl Iterator<Item = (&String, &String)> {
        self.0
            .iter()
            .filter(move |(_, (_, _, roles))| roles.contains(&role))
            .map(|(id, (name, _, _))| (id, name))
    }

    fn written(self) -> Value {
        let party = |(id, (name, number, roles)): (String, (String, Option<String>, Vec<&str>))| {
            let mut party = json!({"id": id, "name": name, "roles": roles});
            if let Some(number) = number {
                party["identifier"] = json!({"scheme": REGISTER, "id": number, "legalName": name});
            }
            party
        };
        self.0.into_iter().map(party).collect()
    }
}

fn id_of(party: &Party) -> String {
    identifier(party.number.as_ref().map(OrgNumber::as_str), &party.name)
}

fn identifier(number: Option<&str>, name: &str) -> String {
    number.map_or_else(|| name.to_lowercase(), |number| format!("{REGISTER}-{number}"))
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Buyer => "buyer",
        Role::Winner => "supplier",
        Role::Tenderer => "tenderer",
        Role::Subcontractor => "subcontractor",
    }
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
