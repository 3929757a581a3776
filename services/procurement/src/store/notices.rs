//! Reading notices back: as they stand, as they were, and their documents.

use std::collections::HashMap;

use bytes::Bytes;
use jiff::Timestamp;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::derive::OUTCOMES;
use super::error::Fault;
use super::observe::CHUNK;
use super::sql::{Fields as _, Sql};
use super::{form, keep, key};
use crate::domain::{Change, ChangeKind, Hit, Identity, NoticeId, OrgNumber, Organization, Seq, Stored};
use crate::search::Entry;

const COLUMNS: &str = "n.id, c.hit, n.outcome, n.superseded_by, n.listed, n.first_seen, n.last_seen, n.first_seq, \
     n.uuid, n.version, n.procedure_id, n.internal_id, n.ojs_number, n.document, n.unreadable, n.main_cpv";

/// Notices in the order asked for; unknown ones are left out.
pub(super) async fn notices(connection: &mut AnyConnection, ids: &[NoticeId]) -> Result<Vec<Stored>, Fault> {
    let mut found = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(CHUNK) {
        let ids: Vec<&NoticeId> = ids.iter().collect();
        let sql = Sql::new("SELECT ").text(COLUMNS);
        let sql = sql.text(" FROM notice n JOIN content c ON c.notice = n.id WHERE n.id").within(&ids);
        for row in sql.all(connection).await? {
            let stored = stored(&row)?;
            found.insert(stored.hit.id.clone(), stored);
        }
    }
    Ok(in_order(ids, found))
}

/// Notices with what their documents add for search.
pub(super) async fn entries(connection: &mut AnyConnection, ids: &[NoticeId]) -> Result<Vec<Entry>, Fault> {
    let mut found = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(CHUNK) {
        let ids: Vec<&NoticeId> = ids.iter().collect();
        let sql = Sql::new("SELECT ").text(COLUMNS).text(", c.facts");
        let sql = sql.text(" FROM notice n JOIN content c ON c.notice = n.id WHERE n.id").within(&ids);
        for row in sql.all(connection).await? {
            let facts = row.maybe_string(16)?;
            let facts = facts.map(|text| serde_json::from_str(&text)).transpose()?;
            let stored = stored(&row)?;
            found.insert(stored.hit.id.clone(), Entry { stored, facts });
        }
    }
    Ok(in_order(ids, found))
}

/// Winners of notices, in their documents' order; notices without any are left out.
pub(super) async fn winners(
    connection: &mut AnyConnection,
    ids: &[NoticeId],
) -> Result<HashMap<NoticeId, Vec<Organization>>, Fault> {
    let mut winners: HashMap<_, Vec<_>> = HashMap::new();
    for ids in ids.chunks(CHUNK) {
        let ids: Vec<&NoticeId> = ids.iter().collect();
        let sql =
            Sql::new("SELECT notice, given, name FROM party WHERE role = 'WINNER' AND notice").within(&ids);
        for row in sql.text(" ORDER BY notice, position").all(connection).await? {
            let given = row.maybe_string(1)?;
            let number = given.as_deref().and_then(OrgNumber::in_field);
            let winner = Organization { row: String::new(), given, name: row.string(2)?, number };
            winners.entry(row.notice(0)?).or_default().push(winner);
        }
    }
    Ok(winners)
}

/// The values of ids, in their order. An id that is asked for twice is given once, at its first place.
fn in_order<T>(ids: &[NoticeId], mut found: HashMap<NoticeId, T>) -> Vec<T> {
    ids.iter().filter_map(|id| found.remove(id)).collect()
}

fn stored(row: &AnyRow) -> Result<Stored, Fault> {
    let outcome = row.maybe_string(2)?;
    Ok(Stored {
        hit: form::read(row.notice(0)?, &row.string(1)?)?,
        outcome: OUTCOMES.iter().find(|(_, word)| Some(*word) == outcome.as_deref()).map(|(known, _)| *known),
        superseded_by: row.maybe_int(3)?.map(key::id).transpose()?,
        listed: row.is(4)?,
        first_seen: key::moment(row.int(5)?)?,
        last_seen: key::moment(row.int(6)?)?,
        first_seq: Seq(row.int(7)?),
        identity: Identity {
            uuid: row.maybe_string(8)?,
            version: row.maybe_string(9)?,
            procedure_id: row.maybe_string(10)?,
            internal_id: row.maybe_string(11)?,
            ojs_number: row.maybe_string(12)?,
        },
        has_document: row.int(13)? != 0,
        unreadable: row.maybe_string(14)?,
        main_cpv: row.maybe_string(15)?,
    })
}

/// A notice's XML, byte for byte.
pub(super) async fn document(connection: &mut AnyConnection, id: &NoticeId) -> Result<Option<Bytes>, Fault> {
    let sql = Sql::new("SELECT size, raw FROM document WHERE notice = ").bind(id);
    let Some(row) = sql.first(connection).await? else { return Ok(None) };
    keep::unpack(&row.blob(1)?, row.count(0)?).map(Some)
}

/// Former hits, oldest first, each with when it was replaced.
pub(super) async fn versions(
    connection: &mut AnyConnection,
    id: &NoticeId,
) -> Result<Vec<(Timestamp, Hit)>, Fault> {
    let sql = Sql::new("SELECT replaced_at, hit FROM notice_version WHERE notice = ").bind(id);
    let rows = sql.text(" ORDER BY seq").all(connection).await?;
    let version = |row: &AnyRow| Ok((key::moment(row.int(0)?)?, form::read(id.clone(), &row.string(1)?)?));
    rows.iter().map(version).collect()
}

/// The feed's last position.
pub(super) async fn head(connection: &mut AnyConnection) -> Result<Seq, Fault> {
    let row = Sql::new("SELECT head FROM feed WHERE id = 1").first(connection).await?;
    row.map_or(Ok(Seq(0)), |row| Ok(Seq(row.int(0)?)))
}

/// Changes after a position, in order; of one notice or of all, of some kinds, or of all when none is given.
pub(super) async fn changes(
    connection: &mut AnyConnection,
    notice: Option<&NoticeId>,
    after: Seq,
    kinds: &[ChangeKind],
    limit: u32,
) -> Result<Vec<Change>, Fault> {
    const SELECT: &str =
        "SELECT seq, kind, notice, seen_at, subject, before_value, after_value FROM change WHERE seq > ";
    let upto = head(connection).await?;
    let begin = || {
        let sql = Sql::new(SELECT).bind(after.0).text(" AND seq <= ").bind(upto.0);
        notice.iter().fold(sql, |sql, id| sql.text(" AND notice = ").bind(*id))
    };
    let mut kinds = kinds.to_vec();
    kinds.sort_unstable();
    kinds.dedup();
    let mut queries = Vec::new();
    if kinds.is_empty() || kinds.len() == ChangeKind::ALL.len() {
        queries.push(begin());
    }
    // Kind by kind, each by its index, up to one position: what is committed in between is not seen in part.
    for kind in kinds.iter().filter(|_| queries.is_empty()).collect::<Vec<_>>() {
        queries.push(begin().text(" AND kind = ").bind(kind.as_str()));
    }
    let mut changes = Vec::new();
    for sql in queries {
        let rows = sql.text(" ORDER BY seq LIMIT ").bind(limit).all(connection).await?;
        changes.extend(rows.iter().map(change).collect::<Result<Vec<_>, _>>()?);
    }
    changes.sort_unstable_by_key(|change| change.seq);
    changes.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(changes)
}

fn change(row: &AnyRow) -> Result<Change, Fault> {
    let kind = row.string(1)?;
    Ok(Change {
        seq: Seq(row.int(0)?),
        kind: ChangeKind::parse(&kind)
            .ok_or_else(|| Fault::Data(format!("{kind:?} is no kind of change")))?,
        notice: row.notice(2)?,
        seen_at: key::moment(row.int(3)?)?,
        subject: row.maybe_string(4)?,
        before: row.maybe_string(5)?,
        after: row.maybe_string(6)?,
    })
}
