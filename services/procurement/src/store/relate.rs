//! How notices relate: references are resolved whichever side comes first, and each effect of one notice on
//! another is told once.

use std::collections::{BTreeMap, BTreeSet};

use super::error::Fault;
use super::key;
use super::observe::CHUNK;
use super::sql::{Fields as _, Rows, Sql};
use super::write::{Told, Write};
use crate::domain::{ChangeKind, Identity, NoticeId};

/// What a later version of a notice does to it; results are stored as the word of their outcome.
const CHANGED: &str = "CHANGED";

/// The notice acted upon, the one that acts, and what it does.
type Effect = (i64, i64, String);

/// The notice a resolved link leads to.
const TARGET: &str =
    "(SELECT MIN(a.notice) FROM alias a WHERE a.name = link.wanted AND a.notice <> link.notice)";

/// Resolves links from and to these notices, and tells what they do to others and others to them.
pub(super) async fn relate(write: &mut Write, keys: &[i64]) -> Result<(), Fault> {
    for keys in keys.chunks(CHUNK) {
        resolve(write, keys).await?;
        let found = effects(write, keys).await?;
        let known = known(write, keys).await?;
        let (mut touched, mut told) = (BTreeSet::new(), BTreeSet::new());
        let mut rows = Rows::new("effect (notice, cause, kind, holds)", "");
        let mut news: Vec<_> = found.iter().filter(|effect| !known.contains_key(*effect)).collect();
        news.sort_by_key(|(notice, cause, kind)| (*cause, *notice, kind.as_str()));
        for (notice, cause, kind) in news {
            write.tell(told_as(kind), *notice, Told::subject(key::id(*cause)?.as_str()));
            told.insert(*notice);
            rows.add([(*notice).into(), (*cause).into(), kind.as_str().into(), true.into()]);
            touched.insert(*notice);
        }
        rows.insert(write.connection()?).await?;
        for (effect, holds) in known {
            if holds != found.contains(&effect) {
                let (notice, cause, kind) = effect;
                let sql = Sql::new("UPDATE effect SET holds = ").bind(!holds).text(" WHERE notice = ");
                let sql = sql.bind(notice).text(" AND cause = ").bind(cause).text(" AND kind = ").bind(kind);
                sql.run(write.connection()?).await?;
                touched.insert(notice);
            }
        }
        let acted_on = acted_on(write, &touched.iter().copied().collect::<Vec<_>>()).await?;
        touched.extend(acted_on);
        let touched: Vec<_> = touched.into_iter().collect();
        let before = standing(write, &touched).await?;
        settle(write, &touched).await?;
        let after = standing(write, &touched).await?;
        for (notice, _) in after.difference(&before).filter(|(notice, _)| !told.contains(notice)) {
            // Whoever follows the feed has to hear of it, the search index first of all.
            write.tell(ChangeKind::Corrected, *notice, Told::subject("outcome"));
        }
    }
    Ok(())
}

/// Notices upon which these act.
async fn acted_on(write: &mut Write, keys: &[i64]) -> Result<Vec<i64>, Fault> {
    let mut found = Vec::new();
    for keys in keys.chunks(CHUNK) {
        let sql = Sql::new("SELECT notice FROM effect WHERE cause").within(keys);
        for row in sql.all(write.connection()?).await? {
            found.push(row.int(0)?);
        }
    }
    Ok(found)
}

/// Notices, each with its outcome and what supersedes it.
async fn standing(write: &mut Write, keys: &[i64]) -> Result<BTreeSet<(i64, String)>, Fault> {
    let mut found = BTreeSet::new();
    for keys in keys.chunks(CHUNK) {
        let sql = Sql::new("SELECT id, outcome, superseded_by FROM notice WHERE id").within(keys);
        for row in sql.all(write.connection()?).await? {
            let outcome = row.maybe_string(1)?.unwrap_or_default();
            let superseded = row.maybe_int(2)?.unwrap_or_default();
            found.insert((row.int(0)?, format!("{outcome} {superseded}")));
        }
    }
    Ok(found)
}

fn told_as(kind: &str) -> ChangeKind {
    match kind {
        "AWARDED" => ChangeKind::AwardPublished,
        "CANCELLED" => ChangeKind::CancellationPublished,
        _ => ChangeKind::Corrected,
    }
}

async fn resolve(write: &mut Write, keys: &[i64]) -> Result<(), Fault> {
    let connection = write.connection()?;
    let update = || Sql::new("UPDATE link SET target = ").text(TARGET).text(" WHERE target IS NULL AND ");
    let sql = update().text("wanted IS NOT NULL AND notice").within(keys);
    sql.run(connection).await?;
    let sql = Sql::new("SELECT name FROM alias WHERE notice").within(keys);
    let names = sql.all(connection).await?;
    let names: Vec<String> = names.iter().map(|row| row.string(0)).collect::<Result<_, _>>()?;
    for names in names.chunks(CHUNK) {
        update().text("wanted").within(names).run(connection).await?;
    }
    Ok(())
}

/// What these notices do to others, and others to them, as things stand.
async fn effects(write: &mut Write, keys: &[i64]) -> Result<BTreeSet<Effect>, Fault> {
    const CHANGES: &str = "SELECT l.target, l.notice, 'CHANGED' FROM link l WHERE l.rule = 'changes' AND l.target IS NOT NULL AND ";
    const PREVIOUS: &str = "SELECT l.target, l.notice, r.result FROM link l JOIN notice r ON r.id = l.notice \
         JOIN notice c ON c.id = l.target WHERE l.rule = 'previous' AND l.target IS NOT NULL \
         AND c.competition = 1 AND r.result IS NOT NULL AND ";
    const FOLDER: &str = "SELECT c.id, r.id, r.result FROM notice c JOIN notice r ON r.folder = c.folder \
         WHERE c.competition = 1 AND r.result IS NOT NULL AND c.id <> r.id AND ";
    let mut found = BTreeSet::new();
    for (select, column) in [
        (CHANGES, "l.notice"),
        (CHANGES, "l.target"),
        (PREVIOUS, "l.notice"),
        (PREVIOUS, "l.target"),
        (FOLDER, "r.id"),
        (FOLDER, "c.id"),
    ] {
        let sql = Sql::new(select).text(column).within(keys);
        for row in sql.all(write.connection()?).await? {
            found.insert((row.int(0)?, row.int(1)?, row.string(2)?));
        }
    }
    Ok(found)
}

/// Effects told before, with whether they still held.
async fn known(write: &mut Write, keys: &[i64]) -> Result<BTreeMap<Effect, bool>, Fault> {
    let mut known = BTreeMap::new();
    for column in ["notice", "cause"] {
        let sql = Sql::new("SELECT notice, cause, kind, holds FROM effect WHERE ").text(column).within(keys);
        for row in sql.all(write.connection()?).await? {
            known.insert((row.int(0)?, row.int(1)?, row.string(2)?), row.is(3)?);
        }
    }
    Ok(known)
}

/// Works out where notices stand. A procedure with an award and a cancellation was awarded: in part. A result that
/// was replaced counts no more; what replaces it does.
async fn settle(write: &mut Write, keys: &[i64]) -> Result<(), Fault> {
    for keys in keys.chunks(CHUNK) {
        let sql = Sql::new(
            "UPDATE notice SET \
             outcome = (SELECT MIN(e.kind) FROM effect e WHERE e.notice = notice.id AND e.holds = 1 \
             AND e.kind IN ('AWARDED', 'CANCELLED') AND NOT EXISTS (SELECT 1 FROM effect r WHERE r.notice = e.cause \
             AND r.holds = 1 AND r.kind = 'CHANGED')), \
             superseded_by = (SELECT MAX(e.cause) FROM effect e WHERE e.notice = notice.id AND e.holds = 1 \
             AND e.kind = ",
        );
        sql.bind(CHANGED).text(") WHERE id").within(keys).run(write.connection()?).await?;
    }
    Ok(())
}

/// The names a notice may be referred to by.
pub(super) fn aliases(id: &NoticeId, identity: &Identity) -> BTreeSet<String> {
    let uuid = identity.uuid.as_deref().map(|uuid| match NoticeId::parse(uuid) {
        Ok(id) => id.as_str().to_owned(),
        Err(_) => versioned(uuid, identity.version.as_deref().unwrap_or("01")),
    });
    let official = identity.ojs_number.as_deref().and_then(official_journal);
    [Some(id.as_str().to_owned()), uuid, official].into_iter().flatten().collect()
}

/// The name a reference looks for; none when it is of no form we know.
pub(super) fn wanted(given: &str) -> Option<String> {
    let given = given.trim();
    if let Ok(id) = NoticeId::parse(given) {
        return Some(id.as_str().to_owned());
    }
    let is_uuid = |text: &str| text.len() == 36 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    match given.rsplit_once('-') {
        _ if is_uuid(given) => Some(versioned(given, "01")),
        Some((uuid, version)) if is_uuid(uuid) => Some(versioned(uuid, version)),
        _ => official_journal(given),
    }
}

fn versioned(uuid: &str, version: &str) -> String {
    format!("{}-{}", uuid.trim().to_ascii_lowercase(), version.trim().trim_start_matches('0'))
}

/// A number in the Official Journal, `403922-2019`, also out of `2019/S 163-403922`.
fn official_journal(given: &str) -> Option<String> {
    let digits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
    };
    let (number, year) = match given.split_once("/S") {
        Some((year, rest)) => (rest.rsplit_once('-')?.1.trim(), year.trim()),
        None => given.trim().split_once('-')?,
    };
    (digits(number, 8) && digits(year, 4) && year.len() == 4)
        .then(|| format!("{}-{year}", number.trim_start_matches('0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "510444F4-6cd2-4b26-8dd6-f3af27ffa069";

    #[test]
    fn a_reference_looks_for_the_name_the_notice_has() {
        let id = NoticeId::parse("2026-112546").unwrap();
        let native = Identity {
            uuid: Some(UUID.into()),
            version: Some("01".into()),
            ojs_number: Some("00338764-2023".into()),
            ..Identity::default()
        };
        let names = aliases(&id, &native);
        let given = ["2026-112546", &format!("{}-1", UUID.to_lowercase()), &format!("{UUID}-01"), UUID];
        for given in given.into_iter().chain(["338764-2023", "2023/S 111-338764", "2023/S 111-00338764"]) {
            assert!(names.contains(&wanted(given).unwrap()), "{given}");
        }
        for given in [&format!("{UUID}-02"), "2026-112547", "338764-2022"] {
            assert!(!names.contains(&wanted(given).unwrap()), "{given}");
        }
        let converted = Identity { uuid: Some("2026-112546".into()), ..Identity::default() };
        assert_eq!(aliases(&id, &converted).len(), 1);
    }

    #[test]
    fn what_is_no_reference_looks_for_nothing() {
        for given in ["", "n.a.", "DOCUMENT_ID_REQUIRED_HERE", "2023/S", "2023/S 111", "-", "a-2023", "1-23"]
        {
            assert_eq!(wanted(given), None, "{given}");
        }
    }
}
