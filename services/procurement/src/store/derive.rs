//! What is kept of a notice in rows of its own, for questions that a list of hits cannot answer.

use std::collections::BTreeSet;

use super::error::Fault;
use super::key;
use super::sql::{Cell, Rows, Sql};
use crate::domain::{
    Document, Facts, Hit, LotKind, Money, OrgNumber, Outcome, Party, Role, Rule, ValueKind, Valued,
};

/// Rows of notices, table by table.
pub(super) struct Derived {
    lots: Rows,
    parties: Rows,
    values: Rows,
    awards: Rows,
    /// Norwegian organisations of the notices: which notice names which number how, in any role.
    pub(super) named: BTreeSet<(i64, OrgNumber, String)>,
}

impl Default for Derived {
    fn default() -> Self {
        Self {
            lots: Rows::new("lot (notice, position, lot_id, kind, title, main_cpv, result, tenders)", ""),
            parties: Rows::new(
                "party (notice, position, role, number, name, given, country, size, is_leader, \
                 tendering_party, currency, amount, rule)",
                "",
            ),
            values: Rows::new("notice_value (notice, position, kind, rule, currency, amount)", ""),
            awards: Rows::new(
                "award (notice, position, contract, decided, signed, title, lots, currency, amount)",
                "",
            ),
            named: BTreeSet::new(),
        }
    }
}

/// Position of a value that the hit gives and no document; a document's begin at 0.
const OF_HIT: i64 = -1;

/// The tables that [`Derived`] fills.
pub(super) const TABLES: [&str; 4] = ["lot", "party", "notice_value", "award"];

impl Derived {
    /// Adds a notice's rows: out of its document, or out of the hit while there is no readable one.
    pub(super) fn add(&mut self, notice: i64, hit: &Hit, document: Option<&Document>) {
        let of_hit;
        let parties = if let Some(document) = document {
            self.add_lots(notice, document);
            self.add_awards(notice, document);
            with_values(document)
        } else {
            of_hit = parties(hit);
            of_hit.iter().map(|party| (party, None)).collect()
        };
        for (at, (party, value)) in parties.into_iter().enumerate() {
            self.add_party(notice, position(at), party, value);
        }
        let values = document.map_or(&[][..], |document| &document.values);
        for (at, value) in values.iter().enumerate() {
            self.add_value(notice, position(at), value);
        }
        let has_own = values.iter().any(|value| value.kind == ValueKind::Estimated);
        if let Some(value) = estimate(hit).filter(|_| !has_own) {
            self.add_value(notice, OF_HIT.into(), &value);
        }
    }

    fn add_value(&mut self, notice: i64, at: Cell, value: &Valued) {
        if let Some(cells) = cells(notice, at, value) {
            self.values.add(cells);
        }
    }

    fn add_lots(&mut self, notice: i64, document: &Document) {
        for (at, lot) in document.lots.iter().enumerate() {
            let kind = match lot.kind {
                LotKind::Lot => "LOT",
                LotKind::Part => "PART",
                LotKind::Group => "GROUP",
            };
            let whole = lot.received.iter().filter(|received| received.kind != "part-req");
            let tenders = whole.map(|received| i64::from(received.total)).max();
            self.lots.add([
                notice.into(),
                position(at),
                lot.id.as_deref().into(),
                kind.into(),
                lot.title.as_ref().map(|title| title.text.as_str()).into(),
                lot.subject.main_cpv.as_deref().into(),
                lot.result.as_deref().into(),
                tenders.into(),
            ]);
        }
    }

    fn add_awards(&mut self, notice: i64, document: &Document) {
        for (at, award) in document.awards.iter().enumerate() {
            let (currency, amount) = money(award.value.as_ref());
            self.awards.add([
                notice.into(),
                position(at),
                award.contract.as_deref().into(),
                award.decided.map(|day| day.to_string()).into(),
                award.signed.map(|day| day.to_string()).into(),
                award.title.as_deref().into(),
                award.lots.join(",").into(),
                currency,
                amount,
            ]);
        }
    }

    fn add_party(&mut self, notice: i64, at: Cell, party: &Party, value: Option<(&Money, Rule)>) {
        if let Some(number) = &party.number {
            self.named.insert((notice, number.clone(), party.name.clone()));
        }
        let (currency, amount) = money(value.map(|(money, _)| money));
        self.parties.add([
            notice.into(),
            at,
            role(party.role).into(),
            party.number.as_ref().map(OrgNumber::as_str).into(),
            party.name.as_str().into(),
            party.given.as_deref().into(),
            party.country.as_deref().into(),
            party.size.as_deref().into(),
            party.is_leader.into(),
            party.group.as_deref().into(),
            currency,
            amount,
            value.map(|(_, rule)| rule.as_str()).into(),
        ]);
    }

    /// Inserts the rows.
    pub(super) async fn insert(self, connection: &mut sqlx::AnyConnection) -> Result<(), Fault> {
        for rows in [self.lots, self.parties, self.values, self.awards] {
            rows.insert(connection).await?;
        }
        Ok(())
    }
}

/// The estimate of a hit.
fn estimate(hit: &Hit) -> Option<Valued> {
    let (kind, rule) = (ValueKind::Estimated, Rule::ProcedureEstimate);
    hit.estimated_value.clone().map(|money| Valued { kind, money, rule })
}

/// A row of `notice_value`; none for an amount that is no number.
fn cells(notice: i64, at: Cell, value: &Valued) -> Option<[Cell; 6]> {
    let (kind, rule) = (value_kind(value.kind), value.rule.as_str());
    let currency = value.money.currency.as_str();
    let amount = key::hundredths(&value.money)?;
    Some([notice.into(), at, kind.into(), rule.into(), currency.into(), amount.into()])
}

/// Puts the estimate of a hit that changed in place of the one before, for a notice whose document was read: it
/// counts where the document has none.
pub(super) fn estimate_again(notice: i64, hit: &Hit) -> Vec<Sql> {
    let forget = Sql::new("DELETE FROM notice_value WHERE notice = ").bind(notice);
    let mut statements = vec![forget.text(" AND position = ").bind(OF_HIT)];
    if let Some(cells) = estimate(hit).and_then(|value| cells(notice, OF_HIT.into(), &value)) {
        let mut insert =
            Sql::new("INSERT INTO notice_value (notice, position, kind, rule, currency, amount) SELECT ");
        for (at, (cell, of)) in cells.into_iter().zip(VALUE_TYPES).enumerate() {
            let begin = if at == 0 { "CAST(" } else { ", CAST(" };
            insert = insert.text(begin).bind(cell).text(" AS ").text(of).text(")");
        }
        let unless = " WHERE NOT EXISTS (SELECT 1 FROM notice_value WHERE kind = 'ESTIMATED' AND notice = ";
        statements.push(insert.text(unless).bind(notice).text(")"));
    }
    statements
}

/// Types of the columns of `notice_value`.
const VALUE_TYPES: [&str; 6] = ["BIGINT", "BIGINT", "TEXT", "TEXT", "TEXT", "BIGINT"];

/// The organisations a hit names.
fn parties(hit: &Hit) -> Vec<Party> {
    let winners = hit.lots.iter().flat_map(|lot| &lot.winners);
    let roles = hit.buyers.iter().map(|buyer| (Role::Buyer, buyer));
    let mut parties: Vec<Party> = Vec::new();
    for (role, organization) in roles.chain(winners.map(|winner| (Role::Winner, winner))) {
        let party = Party {
            role,
            name: organization.name.clone(),
            given: organization.given.clone(),
            number: organization.number.clone(),
            country: None,
            size: None,
            is_leader: false,
            group: None,
            lots: Vec::new(),
            value: None,
        };
        if !parties.contains(&party) {
            parties.push(party);
        }
    }
    parties
}

/// Parties with what they got or tendered, and the rule that says so. A winner whose tender has no value of its
/// own, and that won alone, got the notice's total.
fn with_values(document: &Document) -> Vec<(&Party, Option<(&Money, Rule)>)> {
    let total = document.values.iter().find(|value| value.kind == ValueKind::Total);
    let winners = document.parties.iter().filter(|party| party.role == Role::Winner);
    // Those without a group won alone.
    let groups: BTreeSet<_> =
        winners.map(|party| (&party.group, party.group.is_none().then_some(&party.name))).collect();
    let mut valued = Vec::with_capacity(document.parties.len());
    for party in &document.parties {
        let whole = total.filter(|_| party.role == Role::Winner && groups.len() == 1);
        let own = party.value.as_ref().map(|money| (money, Rule::WinningTenders));
        valued.push((party, own.or_else(|| whole.map(|total| (&total.money, total.rule)))));
    }
    valued
}

/// The main CPV code, and what a document adds for search as it is stored: values that are no numbers are left out.
pub(super) fn facts(document: &Document) -> Result<(Option<String>, String), Fault> {
    let mut facts = Facts::of(document);
    facts.values.retain(|value| value.money.amount.is_finite());
    let text = serde_json::to_string(&facts)?;
    Ok((facts.main_cpv, text))
}

fn position(at: usize) -> Cell {
    i64::try_from(at).unwrap_or(i64::MAX).into()
}

fn money(money: Option<&Money>) -> (Cell, Cell) {
    let amount = money.and_then(key::hundredths);
    (amount.and(money).map(|money| money.currency.as_str()).into(), amount.into())
}

/// The word a role is stored as.
pub(super) fn role(role: Role) -> &'static str {
    ROLES.iter().find(|(known, _)| *known == role).map_or("", |(_, word)| word)
}

/// Roles with the words they are stored as.
pub(super) const ROLES: [(Role, &str); 4] = [
    (Role::Buyer, "BUYER"),
    (Role::Winner, "WINNER"),
    (Role::Tenderer, "TENDERER"),
    (Role::Subcontractor, "SUBCONTRACTOR"),
];

/// Kinds of value with the words they are stored as.
pub(super) const VALUE_KINDS: [(ValueKind, &str); 3] = [
    (ValueKind::Estimated, "ESTIMATED"),
    (ValueKind::Total, "TOTAL"),
    (ValueKind::FrameworkMaximum, "FRAMEWORK_MAXIMUM"),
];

fn value_kind(kind: ValueKind) -> &'static str {
    VALUE_KINDS.iter().find(|(known, _)| *known == kind).map_or("", |(_, word)| word)
}

/// Ends of procedures with the words they are stored as.
pub(super) const OUTCOMES: [(Outcome, &str); 2] =
    [(Outcome::Awarded, "AWARDED"), (Outcome::Cancelled, "CANCELLED")];

/// The word an end is stored as.
pub(super) fn outcome(outcome: Outcome) -> &'static str {
    OUTCOMES.iter().find(|(known, _)| *known == outcome).map_or("", |(_, word)| word)
}
