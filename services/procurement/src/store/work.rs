//! What the sync worker keeps here and asks for: documents to fetch, windows, its own small facts, counts.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sqlx::AnyConnection;

use super::error::Fault;
use super::sql::{Fields as _, Sql};
use super::write::Write;
use super::{Counts, Window, key};
use crate::domain::NoticeId;

/// Notes that a document did not come.
pub(super) async fn park(
    write: &mut Write,
    id: &NoticeId,
    error: &str,
    retry_at: Option<Timestamp>,
) -> Result<(), Fault> {
    // Only what is known and still without a document.
    let sql = Sql::new("INSERT INTO download (notice, attempts, retry_at, error) SELECT n.id, 1, CAST(");
    let sql = sql.bind(retry_at.map(key::micros)).text(" AS BIGINT), CAST(").bind(error);
    let sql = sql.text(" AS TEXT) FROM notice n WHERE n.document = 0 AND n.id = ").bind(id).text(
        " ON CONFLICT (notice) DO UPDATE SET attempts = download.attempts + 1, \
         retry_at = excluded.retry_at, error = excluded.error",
    );
    sql.run(write.connection()?).await.map(drop)
}

/// How often fetching a notice's document has failed.
pub(super) async fn attempts(connection: &mut AnyConnection, id: &NoticeId) -> Result<u32, Fault> {
    let sql = Sql::new("SELECT attempts FROM download WHERE notice = ").bind(id);
    let attempts = sql.first(connection).await?.map(|row| row.int(0)).transpose()?;
    Ok(attempts.and_then(|attempts| u32::try_from(attempts).ok()).unwrap_or_default())
}

/// Notices without a document that is not to be waited for, newest first.
pub(super) async fn wanted_documents(
    connection: &mut AnyConnection,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<NoticeId>, Fault> {
    let sql = "SELECT n.id FROM notice n LEFT JOIN download d ON d.notice = n.id \
               WHERE n.document = 0 AND (d.notice IS NULL OR d.retry_at <= ";
    let sql = Sql::new(sql).bind(key::micros(now)).text(") ORDER BY n.id DESC LIMIT ").bind(limit);
    ids(sql, connection).await
}

/// Listed notices issued on these days, UTC.
pub(super) async fn listed_in(
    connection: &mut AnyConnection,
    from: Date,
    to: Date,
) -> Result<Vec<NoticeId>, Fault> {
    let start = |day: Date| {
        let moment = TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).map(key::micros);
        moment.map_err(|error| Fault::Data(error.to_string()))
    };
    let end = to.tomorrow().map_or(Ok(i64::MAX), start)?;
    let sql = Sql::new("SELECT id FROM notice WHERE listed = 1 AND issued >= ").bind(start(from)?);
    ids(sql.text(" AND issued < ").bind(end).text(" ORDER BY issued, id"), connection).await
}

/// Listed notices to which Doffin gives a status.
pub(super) async fn listed_with_status(
    connection: &mut AnyConnection,
    status: &str,
) -> Result<Vec<NoticeId>, Fault> {
    let sql = Sql::new("SELECT id FROM notice WHERE listed = 1 AND status = ").bind(status);
    ids(sql.text(" ORDER BY id"), connection).await
}

/// Documents that an earlier version of the parser read, newest first.
pub(super) async fn outdated_documents(
    connection: &mut AnyConnection,
    parser: i64,
    limit: u32,
) -> Result<Vec<NoticeId>, Fault> {
    let sql = Sql::new("SELECT id FROM notice WHERE document > 0 AND reading < ").bind(parser);
    ids(sql.text(" ORDER BY reading DESC, id DESC LIMIT ").bind(limit), connection).await
}

async fn ids(sql: Sql, connection: &mut AnyConnection) -> Result<Vec<NoticeId>, Fault> {
    sql.all(connection).await?.iter().map(|row| row.notice(0)).collect()
}

/// Writes how far a window is held, in place of what was written of the same days.
pub(super) async fn close_window(write: &mut Write, window: &Window) -> Result<(), Fault> {
    let sql = Sql::new(
        "INSERT INTO sync_window (first_day, last_day, total, held, checked_at, complete, note) VALUES (",
    );
    let sql = sql.bind(window.from.to_string()).text(",").bind(window.to.to_string()).text(",");
    let sql = sql.bind(window.total).text(",").bind(window.held).text(",");
    let sql = sql.bind(key::micros(window.checked_at)).text(",").bind(window.complete).text(",");
    let sql = sql.bind(window.note.as_deref()).text(
        ") ON CONFLICT (first_day, last_day) DO UPDATE SET total = excluded.total, held = excluded.held, \
         checked_at = excluded.checked_at, complete = excluded.complete, note = excluded.note",
    );
    sql.run(write.connection()?).await.map(drop)
}

/// Windows, by their days.
pub(super) async fn windows(connection: &mut AnyConnection) -> Result<Vec<Window>, Fault> {
    let sql = "SELECT first_day, last_day, total, held, checked_at, complete, note FROM sync_window \
               ORDER BY first_day, last_day";
    let rows = Sql::new(sql).all(connection).await?;
    let small = |number: i64| u32::try_from(number).unwrap_or_default();
    rows.iter()
        .map(|row| {
            Ok(Window {
                from: key::day(&row.string(0)?)?,
                to: key::day(&row.string(1)?)?,
                total: small(row.int(2)?),
                held: small(row.int(3)?),
                checked_at: key::moment(row.int(4)?)?,
                complete: row.is(5)?,
                note: row.maybe_string(6)?,
            })
        })
        .collect()
}

/// Keeps a small fact.
pub(super) async fn set_state(write: &mut Write, name: &str, content: &str) -> Result<(), Fault> {
    let sql = Sql::new("INSERT INTO sync_state (name, content) VALUES (").bind(name).text(",").bind(content);
    let sql = sql.text(") ON CONFLICT (name) DO UPDATE SET content = excluded.content");
    sql.run(write.connection()?).await.map(drop)
}

/// A small fact.
pub(super) async fn state(connection: &mut AnyConnection, name: &str) -> Result<Option<String>, Fault> {
    let sql = Sql::new("SELECT content FROM sync_state WHERE name = ").bind(name);
    sql.first(connection).await?.map(|row| row.string(0)).transpose()
}

/// How much there is; `size` is the engine's query for the bytes.
pub(super) async fn counts(connection: &mut AnyConnection, size: &'static str) -> Result<Counts, Fault> {
    let sql = "SELECT notices, listed, documents, unreadable, head, (SELECT COUNT(*) FROM download) FROM feed \
               WHERE id = 1";
    let row = Sql::new(sql).first(connection).await?.ok_or_else(|| Fault::Data("there is no feed".into()))?;
    let bytes = Sql::new(size).first(connection).await?;
    let count = |at| Ok::<u64, Fault>(u64::try_from(row.int(at)?).unwrap_or_default());
    let (notices, documents) = (count(0)?, count(2)?);
    Ok(Counts {
        notices,
        listed: count(1)?,
        documents,
        wanted: notices.saturating_sub(documents),
        parked: count(5)?,
        unreadable: count(3)?,
        changes: count(4)?,
        size_bytes: bytes
            .map(|row| row.int(0))
            .transpose()?
            .and_then(|size| size.try_into().ok())
            .unwrap_or(0),
    })
}
