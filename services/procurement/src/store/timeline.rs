//! How notices hang together: references, and the chain from plan to award.

use std::collections::{BTreeMap, HashSet};

use sqlx::AnyConnection;

use super::error::Fault;
use super::observe::CHUNK;
use super::relate::VERSION;
use super::sql::{Fields as _, Sql};
use super::{Linked, key};
use crate::domain::{LinkKind, NoticeId};

/// Most notices of a timeline; a framework or a purchasing system can have many hundred awards.
const LIMIT: usize = 1000;

/// Most notices of one procedure that a notice is told to belong with.
const OTHERS: u32 = 1000;

/// References from a notice and to it.
pub(super) async fn links(connection: &mut AnyConnection, id: &NoticeId) -> Result<Vec<Linked>, Fault> {
    let mut found = Vec::new();
    let sql = Sql::new("SELECT target, given, rule FROM link WHERE notice = ").bind(id);
    // A notice does not name its earlier versions: one that is not known is no reference of it.
    let sql = sql.text(" AND (target IS NOT NULL OR rule <> ").bind(VERSION);
    for row in sql.text(") ORDER BY position").all(connection).await? {
        let id = row.maybe_int(0)?.map(key::id).transpose()?;
        found.push(Linked { id, reference: row.string(1)?, rule: shown(row.string(2)?) });
    }
    let sql =
        Sql::new("SELECT notice, given, rule FROM link WHERE target IS NOT NULL AND target = ").bind(id);
    for row in sql.text(" ORDER BY notice, position").all(connection).await? {
        let rule = match row.string(2)?.as_str() {
            "changes" | VERSION => "changed-by",
            "modifies" => "modified-by",
            "framework" => "call-off",
            _ => "next",
        };
        found.push(Linked { id: Some(row.notice(0)?), reference: row.string(1)?, rule: rule.to_owned() });
    }
    let known: HashSet<_> = found.iter().filter_map(|linked| linked.id.clone()).collect();
    for other in of_procedure(connection, id).await?.into_iter().filter(|other| !known.contains(&other.0)) {
        let (id, reference) = other;
        found.push(Linked { id: Some(id), reference, rule: "procedure".to_owned() });
    }
    Ok(found)
}

/// Other notices of the same procedure, with its identifier.
async fn of_procedure(
    connection: &mut AnyConnection,
    id: &NoticeId,
) -> Result<Vec<(NoticeId, String)>, Fault> {
    let sql = "SELECT o.id, o.folder FROM notice n JOIN notice o ON o.folder = n.folder WHERE o.id <> n.id AND n.id = ";
    let sql = Sql::new(sql).bind(id).text(" ORDER BY COALESCE(o.issued, 0), o.id LIMIT ");
    let rows = sql.bind(OTHERS).all(connection).await?;
    rows.iter().map(|row| Ok((row.notice(0)?, row.string(1)?))).collect()
}

/// A rule as callers read it: a later version changes the earlier one, however it is known.
fn shown(rule: String) -> String {
    if rule == VERSION { LinkKind::Changes.as_str().to_owned() } else { rule }
}

/// Notices that hang together with this one however far, by publication date, each with the rule it was found by.
pub(super) async fn timeline(
    connection: &mut AnyConnection,
    id: &NoticeId,
) -> Result<Vec<(NoticeId, String)>, Fault> {
    let mut found = BTreeMap::from([(key::of(id), "self".to_owned())]);
    let mut visited = HashSet::new();
    loop {
        let ahead: Vec<i64> = found.keys().filter(|key| !visited.contains(*key)).copied().collect();
        if ahead.is_empty() || found.len() >= LIMIT {
            break;
        }
        for keys in ahead.chunks(CHUNK) {
            for (key, rule) in neighbours(connection, keys).await? {
                if found.len() < LIMIT {
                    found.entry(key).or_insert(rule);
                }
            }
        }
        visited.extend(ahead);
    }
    by_publication(connection, found).await
}

async fn neighbours(connection: &mut AnyConnection, keys: &[i64]) -> Result<Vec<(i64, String)>, Fault> {
    let mut found = Vec::new();
    for (select, column) in [
        ("SELECT target, rule FROM link WHERE target IS NOT NULL AND ", "notice"),
        ("SELECT notice, rule FROM link WHERE target IS NOT NULL AND ", "target"),
        (
            "SELECT o.id, 'procedure' FROM notice n JOIN notice o ON o.folder = n.folder WHERE o.id <> n.id AND ",
            "n.id",
        ),
    ] {
        for row in Sql::new(select).text(column).within(keys).text(" ORDER BY 1").all(connection).await? {
            found.push((row.int(0)?, shown(row.string(1)?)));
        }
    }
    Ok(found)
}

async fn by_publication(
    connection: &mut AnyConnection,
    found: BTreeMap<i64, String>,
) -> Result<Vec<(NoticeId, String)>, Fault> {
    let keys: Vec<i64> = found.keys().copied().collect();
    let mut dated = Vec::new();
    for keys in keys.chunks(CHUNK) {
        let sql = Sql::new("SELECT id, published FROM notice WHERE id").within(keys);
        for row in sql.all(connection).await? {
            dated.push((row.maybe_string(1)?, row.int(0)?));
        }
    }
    // Those without a day of publication come last, in the order of their ids.
    dated.sort_by(|(a, x), (b, y)| (a.is_none(), a, x).cmp(&(b.is_none(), b, y)));
    let rule = |key: &i64| found.get(key).cloned().unwrap_or_default();
    dated.into_iter().map(|(_, key)| Ok((key::id(key)?, rule(&key)))).collect()
}
