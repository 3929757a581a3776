//! How notices relate: references are resolved whichever side comes first, and each effect of one notice on
//! another is told once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use super::error::Fault;
use super::observe::CHUNK;
use super::sql::{Fields as _, Rows, Sql};
use super::write::{Told, Write};
use super::{keep, key};
use crate::domain::{ChangeKind, Document, Identity, LinkKind, NoticeId};

/// What a later version of a notice does to it; results are stored as the word of their outcome.
const CHANGED: &str = "CHANGED";

/// Rule of a link to an earlier version of the same notice. No document states it: it follows from the identifier.
pub(super) const VERSION: &str = "version";

/// Highest version of a notice (BT-757 has two digits).
const LAST_VERSION: u32 = 99;

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
        let news: Vec<_> = found.iter().filter(|effect| !known.contains_key(*effect)).collect();
        let told = tell(write, news).await?;
        let mut touched = told.clone();
        touched.extend(found.iter().chain(known.keys()).flat_map(|(notice, cause, _)| [*notice, *cause]));
        for (effect, holds) in known {
            if holds != found.contains(&effect) {
                let (notice, cause, kind) = effect;
                let sql = Sql::new("UPDATE effect SET holds = ").bind(!holds).text(" WHERE notice = ");
                let sql = sql.bind(notice).text(" AND cause = ").bind(cause).text(" AND kind = ").bind(kind);
                sql.run(write.connection()?).await?;
                touched.insert(notice);
            }
        }
        let touched = affected(write, touched).await?;
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

/// Tells effects and keeps that they were told; gives the notices acted upon. A change that moves the deadline says
/// from when to when.
async fn tell(write: &mut Write, mut news: Vec<&Effect>) -> Result<BTreeSet<i64>, Fault> {
    let deadlines = deadlines(write, &news).await?;
    let mut told = BTreeSet::new();
    let mut rows = Rows::new("effect (notice, cause, kind, holds)", "");
    news.sort_by_key(|(notice, cause, kind)| (*cause, *notice, kind.as_str()));
    for (notice, cause, kind) in news {
        let said = Told::subject(key::id(*cause)?.as_str());
        if let (CHANGED, Some(before), Some(after)) =
            (kind.as_str(), deadlines.get(notice), deadlines.get(cause))
            && before != after
        {
            let (before, after) = (Some(before.to_string()), Some(after.to_string()));
            let moved = Told { subject: said.subject.clone(), before, after };
            write.tell(ChangeKind::DeadlineMoved, *notice, moved);
        }
        write.tell(told_as(kind), *notice, said);
        told.insert(*notice);
        rows.add([(*notice).into(), (*cause).into(), kind.as_str().into(), true.into()]);
    }
    rows.insert(write.connection()?).await?;
    Ok(told)
}

/// Deadlines of notices that change others, and of those that are changed.
async fn deadlines(write: &mut Write, news: &[&Effect]) -> Result<HashMap<i64, Timestamp>, Fault> {
    let changes = news.iter().filter(|(.., kind)| kind == CHANGED);
    let keys: BTreeSet<i64> = changes.flat_map(|(notice, cause, _)| [*notice, *cause]).collect();
    let hits = keep::load_hits(write, &keys.into_iter().collect::<Vec<_>>()).await?;
    Ok(hits.into_iter().filter_map(|(key, hit)| Some((key, hit.deadline?))).collect())
}

/// Notices whose standing may be another when that of some is: these, those they act upon, and whatever replaces any
/// of them, however often.
async fn affected(write: &mut Write, mut touched: BTreeSet<i64>) -> Result<Vec<i64>, Fault> {
    const ACTED_ON: &str = "SELECT notice FROM effect WHERE cause";
    const REPLACEMENTS: &str = "SELECT cause FROM effect WHERE kind = 'CHANGED' AND notice";
    let keys: Vec<i64> = touched.iter().copied().collect();
    touched.extend(others(write, ACTED_ON, &keys).await?);
    let mut ahead: Vec<i64> = touched.iter().copied().collect();
    while !ahead.is_empty() {
        ahead = others(write, REPLACEMENTS, &ahead).await?;
        ahead.retain(|key| touched.insert(*key));
    }
    Ok(touched.into_iter().collect())
}

/// Notices that a query finds for these.
async fn others(write: &mut Write, select: &str, keys: &[i64]) -> Result<Vec<i64>, Fault> {
    let mut found = Vec::new();
    for keys in keys.chunks(CHUNK) {
        for row in Sql::new(select).within(keys).all(write.connection()?).await? {
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
    const CHANGES: &str = "SELECT l.target, l.notice, 'CHANGED' FROM link l WHERE l.rule IN ('changes', 'version') AND l.target IS NOT NULL AND ";
    const PREVIOUS: &str = "SELECT l.target, l.notice, r.result FROM link l JOIN notice r ON r.id = l.notice \
         JOIN notice c ON c.id = l.target WHERE l.rule = 'previous' AND l.target IS NOT NULL \
         AND c.competition = 1 AND r.result IS NOT NULL AND ";
    // A change of a competition that cancels it acts on itself, too.
    const FOLDER: &str = "SELECT c.id, r.id, r.result FROM notice c JOIN notice r ON r.folder = c.folder \
         WHERE c.competition = 1 AND r.result IS NOT NULL AND (c.id <> r.id OR r.result = 'CANCELLED') AND ";
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
/// was replaced counts no more; what replaces it does. What ends a competition also ends whatever replaces that: the
/// result may name the one that was first. Of several replacements the latest counts.
///
/// `CROSS JOIN` and `IN` keep SQLite to the keys: joined otherwise it goes through all effects there are for each notice,
/// or makes an index of them each time.
async fn settle(write: &mut Write, keys: &[i64]) -> Result<(), Fault> {
    for keys in keys.chunks(CHUNK) {
        let sql = Sql::new(
            "UPDATE notice SET outcome = (WITH RECURSIVE earlier (id) AS (SELECT notice.id UNION \
             SELECT e.notice FROM earlier CROSS JOIN effect e WHERE e.cause = earlier.id \
             AND e.holds = 1 AND e.kind = 'CHANGED') \
             SELECT MIN(e.kind) FROM effect e WHERE e.notice IN (SELECT id FROM earlier) \
             AND notice.competition = 1 AND e.holds = 1 AND e.kind IN ('AWARDED', 'CANCELLED') \
             AND NOT EXISTS (SELECT 1 FROM effect r WHERE r.notice = e.cause AND r.holds = 1 \
             AND r.kind = 'CHANGED')), \
             superseded_by = (SELECT e.cause FROM effect e CROSS JOIN notice r WHERE r.id = e.cause \
             AND e.notice = notice.id AND e.holds = 1 AND e.kind = 'CHANGED' \
             ORDER BY COALESCE(r.issued, 0) DESC, e.cause DESC LIMIT 1) WHERE id",
        );
        sql.within(keys).run(write.connection()?).await?;
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
    // Documents converted from older forms have the Doffin id where others have a UUID, so references may be to a version
    // of it; there is one.
    let is_version = |text: &str| matches!(text.len(), 1 | 2) && text.bytes().all(|b| b.is_ascii_digit());
    let converted = given.rsplit_once('-').filter(|(_, version)| is_version(version));
    if let Some(Ok(id)) = converted.map(|(id, _)| NoticeId::parse(id)) {
        return Some(id.as_str().to_owned());
    }
    let is_uuid = |text: &str| text.len() == 36 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    match given.rsplit_once('-') {
        _ if is_uuid(given) => Some(versioned(given, "01")),
        Some((uuid, version)) if is_uuid(uuid) => Some(versioned(uuid, version)),
        _ => official_journal(given),
    }
}

/// References to the earlier versions of a notice that does not say itself what it changes. All of them, because not
/// every version is published.
pub(super) fn earlier_versions(document: &Document) -> Vec<String> {
    let Identity { uuid: Some(uuid), version: Some(version), .. } = &document.identity else {
        return Vec::new();
    };
    let version = version.trim().parse().unwrap_or(1_u32).min(LAST_VERSION);
    let earlier = (1..version).rev().map(|earlier| format!("{}-{earlier:02}", uuid.trim()));
    let says_so = document.links.iter().any(|link| link.kind == LinkKind::Changes);
    earlier.filter(|given| !says_so && wanted(given).is_some()).collect()
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
        for given in ["2026-112546-01", "2026-112546-1"] {
            assert_eq!(wanted(given).as_deref(), Some("2026-112546"), "{given}");
        }
        for given in ["2026-112546-001", "2026-112546-", "2026-112546-ab"] {
            assert_eq!(wanted(given), None, "{given}");
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
