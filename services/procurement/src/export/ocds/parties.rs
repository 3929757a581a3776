//! Organisations of a release.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::answer::Shown;
use crate::domain::{Document, OrgNumber, Organization, Party, Role};

/// Scheme of Norwegian organisation numbers in org-id.guide.
const REGISTER: &str = "NO-BRC";

/// Parties by identifier, each with every role it has.
#[derive(Default)]
pub(super) struct Parties {
    all: BTreeMap<String, (String, Option<String>, Vec<&'static str>)>,
    lead_buyer: Option<Value>,
}

impl Parties {
    /// Those of the document, and of the hit what the document does not tell.
    pub(super) fn of(shown: &Shown, document: Option<&Document>) -> Self {
        let held = document.map(|document| document.parties.as_slice()).unwrap_or_default();
        let mut parties = Self::default();
        for party in held {
            let number = party.number.as_ref().map(OrgNumber::as_str);
            parties.add(identifier(number, &party.name), &party.name, number, role(party.role));
        }
        let buyers = || held.iter().filter(|party| party.role == Role::Buyer);
        let lead = buyers().find(|party| party.is_leader).or_else(|| buyers().next());
        parties.lead_buyer = lead.map(of_party);
        if lead.is_none() {
            shown.hit.buyers.iter().for_each(|buyer| parties.add_listed(buyer, "buyer"));
            parties.lead_buyer = shown.hit.buyers.first().map(reference);
        }
        if held.is_empty() {
            shown.winners.iter().for_each(|winner| parties.add_listed(winner, "supplier"));
        }
        parties
    }

    fn add_listed(&mut self, organization: &Organization, role: &'static str) {
        let number = organization.number.as_ref().map(OrgNumber::as_str);
        self.add(identifier(number, &organization.name), &organization.name, number, role);
    }

    fn add(&mut self, id: String, name: &str, number: Option<&str>, role: &'static str) {
        let new = || (name.to_owned(), number.map(str::to_owned), Vec::new());
        let (_, _, roles) = self.all.entry(id).or_insert_with(new);
        if !roles.contains(&role) {
            roles.push(role);
        }
    }

    /// The buyer that leads a joint procurement, otherwise the first one listed.
    pub(super) fn lead_buyer(&self) -> Option<Value> {
        self.lead_buyer.clone()
    }

    /// References to every supplier.
    pub(super) fn suppliers(&self) -> Vec<Value> {
        let suppliers = self.all.iter().filter(|(_, (_, _, roles))| roles.contains(&"supplier"));
        suppliers.map(|(id, (name, _, _))| json!({"id": id, "name": name})).collect()
    }

    /// The parties as a release lists them.
    pub(super) fn written(self) -> Value {
        let party = |(id, (name, number, roles)): (String, (String, Option<String>, Vec<&str>))| {
            let mut party = json!({"id": id, "name": name, "roles": roles});
            if let Some(number) = number {
                party["identifier"] = json!({"scheme": REGISTER, "id": number, "legalName": name});
            }
            party
        };
        self.all.into_iter().map(party).collect()
    }
}

/// A reference to an organisation.
pub(super) fn reference(organization: &Organization) -> Value {
    let number = organization.number.as_ref().map(OrgNumber::as_str);
    json!({"id": identifier(number, &organization.name), "name": organization.name})
}

fn of_party(party: &Party) -> Value {
    let number = party.number.as_ref().map(OrgNumber::as_str);
    json!({"id": identifier(number, &party.name), "name": party.name})
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
