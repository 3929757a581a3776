//! Organisations as notices show them. As in searches, notices that were replaced or are no longer listed do not count;
//! as in statistics, what was awarded is what award notices say: an intent and a change of a contract give the whole value
//! once more. `listed <> 0` keeps SQLite from beginning with all notices that are.

use std::collections::HashMap;

use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::derive::{ROLES, VALUE_KINDS};
use super::error::Fault;
use super::observe::CHUNK;
use super::sql::{Fields as _, Sql};
use super::{Counterpart, Listed, Profile, Sum, key, organizations};
use crate::domain::{NoticeId, OrgNumber, Role, ValueKind};

/// Latest notices and counterparts of a profile.
const LATEST: u32 = 20;

/// Most words of a search that are looked at.
const WORDS: usize = 8;

/// An organisation, if any notice names it.
pub(super) async fn organization(
    connection: &mut AnyConnection,
    number: &OrgNumber,
) -> Result<Option<Profile>, Fault> {
    let number = number.as_str();
    let sql = Sql::new("SELECT name, notices FROM organization_name WHERE notices > 0 AND number = ");
    let rows = sql.bind(number).text(" ORDER BY notices DESC, name").all(connection).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let names = rows.iter().map(|row| Ok((row.string(0)?, row.count(1)?))).collect::<Result<_, Fault>>()?;
    Ok(Some(Profile {
        names,
        counts: counts(connection, number).await?,
        values: values(connection, number).await?,
        recent: recent(connection, number).await?,
        counterparts: counterparts(connection, number).await?,
    }))
}

/// The notices published last. Ids are no help: they are given out before, some long before.
async fn recent(connection: &mut AnyConnection, number: &str) -> Result<Vec<NoticeId>, Fault> {
    let sql = Sql::new(
        "SELECT DISTINCT n.id, COALESCE(n.published, '') FROM party p JOIN notice n ON n.id = p.notice \
         WHERE n.superseded_by IS NULL AND n.listed <> 0 AND p.number = ",
    );
    let sql = sql.bind(number).text(" ORDER BY 2 DESC, 1 DESC LIMIT ").bind(LATEST);
    sql.all(connection).await?.iter().map(|row| row.notice(0)).collect()
}

async fn counts(connection: &mut AnyConnection, number: &str) -> Result<Vec<(Role, usize)>, Fault> {
    let sql = Sql::new(
        "SELECT p.role, COUNT(DISTINCT p.notice) FROM party p JOIN notice n ON n.id = p.notice WHERE p.number = ",
    );
    let rows = sql
        .bind(number)
        .text(" AND n.superseded_by IS NULL AND n.listed <> 0 GROUP BY p.role")
        .all(connection)
        .await?;
    let mut counts: Vec<_> =
        rows.iter().map(|row| Ok((role(&row.string(0)?)?, row.count(1)?))).collect::<Result<_, Fault>>()?;
    counts.sort_unstable();
    Ok(counts)
}

/// Sums by what they are: of notices it bought in, and of what it won. A winner on several lots in one group
/// stands in several rows only if the groups differ, so rows are what to add up.
async fn values(connection: &mut AnyConnection, number: &str) -> Result<Vec<Sum>, Fault> {
    const BOUGHT: &str = "SELECT 'BUYER', v.kind, v.currency, v.rule, CAST(SUM(v.amount) AS BIGINT), COUNT(DISTINCT v.notice) \
         FROM (SELECT DISTINCT notice FROM party WHERE role = 'BUYER' AND number = ";
    const BOUGHT_OF: &str = ") bought JOIN notice n ON n.id = bought.notice JOIN notice_value v ON v.notice = bought.notice \
         WHERE n.superseded_by IS NULL AND n.listed <> 0 AND (v.kind <> 'TOTAL' OR n.result = 'AWARDED') GROUP BY v.kind, v.currency, v.rule ORDER BY 2, 3, 4";
    const WON: &str = "SELECT 'WINNER', 'TOTAL', p.currency, p.rule, CAST(SUM(p.amount) AS BIGINT), COUNT(DISTINCT p.notice) \
         FROM party p JOIN notice n ON n.id = p.notice \
         WHERE p.role = 'WINNER' AND p.amount IS NOT NULL AND n.superseded_by IS NULL AND n.listed <> 0 AND n.result = 'AWARDED' \
         AND p.number = ";
    let bought = Sql::new(BOUGHT).bind(number).text(BOUGHT_OF).all(connection).await?;
    let won =
        Sql::new(WON).bind(number).text(" GROUP BY p.currency, p.rule ORDER BY 3, 4").all(connection).await?;
    bought.iter().chain(&won).map(sum).collect()
}

fn sum(row: &AnyRow) -> Result<Sum, Fault> {
    Ok(Sum {
        role: role(&row.string(0)?)?,
        kind: value_kind(&row.string(1)?)?,
        currency: row.string(2)?,
        rule: row.string(3)?,
        amount: key::units(row.int(4)?),
        notices: row.count(5)?,
    })
}

/// Those it buys from and those it sells to, most notices first: by number, by name those without one.
async fn counterparts(connection: &mut AnyConnection, number: &str) -> Result<Vec<Counterpart>, Fault> {
    let sql = Sql::new(
        "SELECT COALESCE(o.number, ''), CASE WHEN o.number IS NULL THEN o.name ELSE '' END, o.role, \
         COUNT(DISTINCT o.notice) FROM party p JOIN notice n ON n.id = p.notice \
         JOIN party o ON o.notice = p.notice WHERE n.superseded_by IS NULL AND n.listed <> 0 \
         AND (o.number <> p.number OR (o.number IS NULL AND o.name <> '')) AND ((p.role = 'BUYER' AND o.role = 'WINNER') \
         OR (p.role = 'WINNER' AND o.role = 'BUYER')) AND p.number = ",
    );
    let sql = sql.bind(number).text(" GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3 LIMIT ").bind(LATEST);
    let rows = sql.all(connection).await?;
    let numbers = rows
        .iter()
        .map(|row| Ok(OrgNumber::try_from(row.string(0)?).ok()))
        .collect::<Result<Vec<_>, Fault>>()?;
    let names = names(connection, &numbers.iter().flatten().cloned().collect::<Vec<_>>()).await?;
    let counterpart = |(row, number): (&AnyRow, Option<OrgNumber>)| {
        let known = number.as_ref().and_then(|number| names.get(number)).cloned();
        let name = known.map_or_else(|| row.string(1), Ok)?;
        Ok(Counterpart { name, number, role: role(&row.string(2)?)?, notices: row.count(3)? })
    };
    rows.iter().zip(numbers).map(counterpart).collect()
}

/// The name each organisation uses most.
pub(super) async fn names(
    connection: &mut AnyConnection,
    numbers: &[OrgNumber],
) -> Result<HashMap<OrgNumber, String>, Fault> {
    let mut names = HashMap::new();
    for numbers in numbers.chunks(CHUNK) {
        let numbers: Vec<&str> = numbers.iter().map(OrgNumber::as_str).collect();
        let sql = Sql::new("SELECT number, name FROM organization_name WHERE notices > 0 AND number");
        let sql = sql.within(&numbers).text(" ORDER BY number, notices DESC, name");
        for row in sql.all(connection).await? {
            names.entry(org_number(row.string(0)?)?).or_insert(row.string(1)?);
        }
    }
    Ok(names)
}

/// Organisations by how a word of their name begins, or their number. Of several words the first ones must occur
/// likewise.
pub(super) async fn organizations(
    connection: &mut AnyConnection,
    beginning: &str,
    limit: u32,
) -> Result<Vec<Listed>, Fault> {
    let compact: String = beginning.chars().filter(|c| !c.is_whitespace()).collect();
    let is_number = !compact.is_empty() && compact.bytes().all(|b| b.is_ascii_digit());
    let sql = if is_number {
        let sql =
            Sql::new("SELECT o.number, o.notices FROM organization o WHERE o.notices > 0 AND o.number >= ");
        sql.bind(compact.as_str()).text(" AND o.number < ").bind(after(&compact))
    } else {
        let mut words: Vec<String> = organizations::words(beginning).into_iter().take(WORDS).collect();
        // The longest word leaves the fewest to look at.
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        let Some((first, others)) = words.split_first() else { return Ok(Vec::new()) };
        let sql = "SELECT DISTINCT o.number, o.notices FROM organization_word w JOIN organization o \
                   ON o.number = w.number WHERE o.notices > 0 AND w.word >= ";
        let sql = Sql::new(sql).bind(first.as_str()).text(" AND w.word < ").bind(after(first));
        let exists =
            " AND EXISTS (SELECT 1 FROM organization_word x WHERE x.number = o.number AND x.word >= ";
        others.iter().fold(sql, |sql, word| {
            sql.text(exists).bind(word.as_str()).text(" AND x.word < ").bind(after(word)).text(")")
        })
    };
    let rows = sql.text(" ORDER BY 2 DESC, 1 LIMIT ").bind(limit).all(connection).await?;
    let found = rows.iter().map(|row| Ok((org_number(row.string(0)?)?, row.count(1)?)));
    let found = found.collect::<Result<Vec<_>, Fault>>()?;
    let numbers: Vec<OrgNumber> = found.iter().map(|(number, _)| number.clone()).collect();
    let names = names(connection, &numbers).await?;
    let mut roles = roles(connection, &numbers).await?;
    let listed = |(number, notices): (OrgNumber, usize)| {
        let name = names.get(&number).cloned().unwrap_or_default();
        let counts = roles.remove(&number).unwrap_or_default();
        Listed { number, name, counts, notices }
    };
    Ok(found.into_iter().map(listed).collect())
}

/// Distinct notices of organisations by role.
async fn roles(
    connection: &mut AnyConnection,
    numbers: &[OrgNumber],
) -> Result<HashMap<OrgNumber, Vec<(Role, usize)>>, Fault> {
    let mut roles: HashMap<_, Vec<_>> = HashMap::new();
    for numbers in numbers.chunks(CHUNK) {
        let numbers: Vec<&str> = numbers.iter().map(OrgNumber::as_str).collect();
        let sql = Sql::new(
            "SELECT p.number, p.role, COUNT(DISTINCT p.notice) FROM party p JOIN notice n ON n.id = p.notice \
             WHERE n.superseded_by IS NULL AND n.listed <> 0 AND p.number IS NOT NULL AND p.number",
        );
        for row in sql.within(&numbers).text(" GROUP BY p.number, p.role").all(connection).await? {
            let counts = roles.entry(org_number(row.string(0)?)?).or_default();
            counts.push((role(&row.string(1)?)?, row.count(2)?));
            counts.sort_unstable();
        }
    }
    Ok(roles)
}

/// The end of the range of texts that begin so.
fn after(beginning: &str) -> String {
    format!("{beginning}\u{10ffff}")
}

fn role(word: &str) -> Result<Role, Fault> {
    let known = ROLES.iter().find(|(_, known)| *known == word);
    known.map(|(role, _)| *role).ok_or_else(|| Fault::Data(format!("{word:?} is no role")))
}

fn value_kind(word: &str) -> Result<ValueKind, Fault> {
    let known = VALUE_KINDS.iter().find(|(_, known)| *known == word);
    known.map(|(kind, _)| *kind).ok_or_else(|| Fault::Data(format!("{word:?} is no kind of value")))
}

fn org_number(text: String) -> Result<OrgNumber, Fault> {
    OrgNumber::try_from(text).map_err(Fault::Data)
}
