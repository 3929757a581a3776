//! What was decided, and with whom.

use serde_json::{Map, Value, json};

use super::parties::{Parties, reference};
use super::{money, put};
use crate::domain::{Award, Document, Hit, Money, ValueKind};

/// The awards of a release.
pub(super) struct Awards<'a> {
    hit: &'a Hit,
    document: Option<&'a Document>,
    /// Every supplier, for a notice that does not tell contracts apart.
    suppliers: Vec<Value>,
}

impl<'a> Awards<'a> {
    /// Those of a notice that may have any.
    pub(super) fn of(hit: &'a Hit, document: Option<&'a Document>, parties: &Parties) -> Option<Self> {
        let kinds = [
            "ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT",
            "ANNOUNCEMENT_OF_INTENT",
            "CHANGE_OF_CONCLUSION_OF_CONTRACT",
        ];
        kinds.contains(&hit.kind.as_str()).then(|| Self { hit, document, suppliers: parties.suppliers() })
    }

    /// Writes contracts as awards where the document tells them apart, otherwise one award to every supplier; and the
    /// notice's total, where what the awards are worth by themselves does not tell it.
    pub(super) fn write(&self, release: &mut Map<String, Value>) {
        let contracts = self.document.map(|document| document.awards.as_slice()).unwrap_or_default();
        let mut awards: Vec<Map<String, Value>> =
            contracts.iter().enumerate().map(|(at, contract)| self.award(at, contract)).collect();
        if awards.is_empty() {
            let mut whole = self.begun(self.hit.id.as_str().to_owned());
            whole.insert("suppliers".into(), self.suppliers.clone().into());
            awards.push(whole);
        }
        match (self.total(), &mut *awards) {
            (Some(total), [only]) if !only.contains_key("value") => put(only, "value", Some(money(total))),
            // The standard has no place for what several awards are worth together; it allows fields of one's own. On a
            // framework each may repeat the value of the whole.
            (Some(total), [_, _, ..]) if !self.adds_up_to(total) => {
                put(release, "totalAwardedValue", Some(money(total)));
            }
            _ => {}
        }
        if self.hit.kind == "CHANGE_OF_CONCLUSION_OF_CONTRACT" {
            let amended = awards.iter().zip(contracts).map(|(award, contract)| self.amended(award, contract));
            release.insert("contracts".into(), amended.collect());
        }
        release.insert("awards".into(), awards.into_iter().map(Value::Object).collect());
    }

    fn begun(&self, id: String) -> Map<String, Value> {
        let status = if self.hit.kind == "ANNOUNCEMENT_OF_INTENT" { "pending" } else { "active" };
        Map::from_iter([("id".into(), id.into()), ("status".into(), status.into())])
    }

    fn award(&self, at: usize, contract: &Award) -> Map<String, Value> {
        let number = contract.contract.clone().unwrap_or_else(|| (at + 1).to_string());
        let mut award = self.begun(format!("{}-{number}", self.hit.id));
        put(&mut award, "title", contract.title.clone());
        let day = contract.decided.or(contract.signed);
        put(&mut award, "date", day.map(|day| format!("{day}T00:00:00Z")));
        put(&mut award, "value", contract.value.as_ref().map(money));
        put(&mut award, "relatedLots", (!contract.lots.is_empty()).then(|| contract.lots.clone()));
        let suppliers: Vec<Value> = contract.suppliers.iter().map(reference).collect();
        award.insert("suppliers".into(), suppliers.into());
        award
    }

    /// A contract as it is after the change, and why it was changed.
    fn amended(&self, award: &Map<String, Value>, contract: &Award) -> Value {
        let mut amended = Map::new();
        for (key, of_award) in [("id", "id"), ("awardID", "id"), ("status", "status"), ("value", "value")] {
            put(&mut amended, key, award.get(of_award).cloned());
        }
        put(&mut amended, "title", contract.title.clone());
        put(&mut amended, "dateSigned", contract.signed.map(|day| format!("{day}T00:00:00Z")));
        let reasons = self.document.map(|document| document.change_reasons.join(", ")).unwrap_or_default();
        let mut amendment = Map::from_iter([("id".into(), self.hit.id.as_str().into())]);
        put(&mut amendment, "date", self.hit.issued.map(|time| time.to_string()));
        put(&mut amendment, "rationale", (!reasons.is_empty()).then_some(reasons));
        amended.insert("amendments".into(), json!([amendment]));
        Value::Object(amended)
    }

    /// Whether the contracts' own values are what the notice is worth.
    fn adds_up_to(&self, total: &Money) -> bool {
        let contracts = self.document.map(|document| document.awards.as_slice()).unwrap_or_default();
        let worth = |contract: &Award| {
            contract.value.as_ref().filter(|value| value.currency == total.currency).map(|value| value.amount)
        };
        let sum: Option<f64> = contracts.iter().map(worth).sum();
        sum.is_some_and(|sum| (sum - total.amount).abs() < 0.01)
    }

    fn total(&self) -> Option<&'a Money> {
        let values = self.document?.values.iter();
        values.clone().find(|value| value.kind == ValueKind::Total).map(|value| &value.money)
    }
}
