//! The schema, as migrations with names. A name that this program does not know is of a later version.

use jiff::Timestamp;
use sqlx::AnyConnection;

use super::Error;
use super::engine::Engine;
use super::error::Fault;
use super::sql::{Fields as _, Sql};

/// Migrations in order. One that has been released is never changed.
const MIGRATIONS: [(&str, &str); 1] = [("0001_mirror", include_str!("../../migrations/0001_mirror.sql"))];

/// Brings the schema up to date, or says that it is newer. Processes that start at once wait for each other.
pub(super) async fn migrate(connection: &mut AnyConnection, engine: &dyn Engine) -> Result<(), Fault> {
    if pending(connection).await.is_ok_and(|pending| pending.is_empty()) {
        return Ok(());
    }
    let (begin, lock) = engine.migration();
    sqlx::raw_sql(begin).execute(&mut *connection).await?;
    let done = apply(connection, engine, lock).await;
    let end = if done.is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = sqlx::raw_sql(end).execute(&mut *connection).await;
    done?;
    ended?;
    Ok(())
}

async fn apply(
    connection: &mut AnyConnection,
    engine: &dyn Engine,
    lock: Option<&'static str>,
) -> Result<(), Fault> {
    if let Some(lock) = lock {
        sqlx::raw_sql(lock).execute(&mut *connection).await?;
    }
    let table =
        "CREATE TABLE IF NOT EXISTS migration (name TEXT NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL)";
    run(connection, &engine.dialect(table)).await?;
    for (name, text) in pending(connection).await? {
        run(connection, &engine.dialect(text)).await?;
        let sql = Sql::new("INSERT INTO migration (name, applied_at) VALUES (").bind(name).text(",");
        sql.bind(Timestamp::now().as_microsecond()).text(")").run(connection).await?;
        tracing::info!(migration = name, "the store's schema was migrated");
    }
    Ok(())
}

/// Runs statements that end with a semicolon and a line.
async fn run(connection: &mut AnyConnection, text: &str) -> Result<(), Fault> {
    for statement in text.split(";\n").map(str::trim).filter(|statement| !statement.is_empty()) {
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned())).execute(&mut *connection).await?;
    }
    Ok(())
}

/// The migrations that have not been applied.
async fn pending(connection: &mut AnyConnection) -> Result<Vec<(&'static str, &'static str)>, Fault> {
    let applied = Sql::new("SELECT name FROM migration ORDER BY name").all(connection).await?;
    let applied: Vec<String> = applied.iter().map(|row| row.string(0)).collect::<Result<_, _>>()?;
    let known = |name: &String| MIGRATIONS.iter().any(|(known, _)| known == name);
    if let Some(found) = applied.iter().find(|name| !known(name)) {
        let known = MIGRATIONS.last().map_or("", |(name, _)| name);
        return Err(Error::Newer { found: found.clone(), known: known.to_owned() }.into());
    }
    Ok(MIGRATIONS.into_iter().filter(|(name, _)| !applied.iter().any(|applied| applied == name)).collect())
}
