//! What becomes of hits: new notices, differences, notices that are listed again or no longer.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::derive::{self, Derived};
use super::error::Fault;
use super::form::{self, Difference};
use super::sql::{Fields as _, Rows, Sql};
use super::write::{Told, Write};
use super::{Observed, Via, key, organizations, relate};
use crate::domain::{ChangeKind, Hit, Seq};

/// Most ids in one statement.
pub(super) const CHUNK: usize = 512;

/// What is known of a notice before it is seen again.
struct Known {
    is_listed: bool,
    document: i64,
    hit: String,
}

/// Compares hits with what is stored, and stores what is new. Notices of `whole` come with their document, so
/// nothing is derived from their hits.
pub(super) async fn observe(
    write: &mut Write,
    hits: impl Iterator<Item = &Hit>,
    via: Via,
    whole: &HashSet<i64>,
) -> Result<Observed, Fault> {
    // Doffin repeats hits at the borders of pages.
    let hits: BTreeMap<i64, &Hit> = hits.map(|hit| (key::of(&hit.id), hit)).collect();
    let known = known(write, &hits.keys().copied().collect::<Vec<_>>()).await?;
    let mut seen = Seen::new(via);
    for (key, hit) in hits {
        let text = form::write(hit)?;
        match known.get(&key) {
            None => seen.add_new(write, key, hit, text, !whole.contains(&key)),
            Some(known) => seen.add_known(write, key, hit, text, known)?,
        }
    }
    seen.store(write).await
}

async fn known(write: &mut Write, keys: &[i64]) -> Result<HashMap<i64, Known>, Fault> {
    let mut known = HashMap::new();
    for keys in keys.chunks(CHUNK) {
        let sql = "SELECT n.id, n.listed, n.document, c.hit FROM notice n JOIN content c ON c.notice = n.id \
                   WHERE n.id";
        for row in Sql::new(sql).within(keys).all(write.connection()?).await? {
            let entry = Known { is_listed: row.is(1)?, document: row.int(2)?, hit: row.string(3)? };
            known.insert(row.int(0)?, entry);
        }
    }
    Ok(known)
}

/// Rows and statements that hits lead to.
struct Seen {
    via: Via,
    counted: Observed,
    notices: Rows,
    contents: Rows,
    aliases: Rows,
    versions: Rows,
    derived: Derived,
    updates: Vec<Sql>,
    /// New ones, and those that differ: their days and kinds count in relations.
    related: Vec<i64>,
    again: Vec<i64>,
    rederived: Vec<i64>,
}

impl Seen {
    fn new(via: Via) -> Self {
        Self {
            via,
            counted: Observed::default(),
            notices: Rows::new(
                "notice (id, listed, competition, status, issued, published, first_seen, last_seen, \
                 first_seq, document, folder)",
                "",
            ),
            contents: Rows::new("content (notice, hit)", ""),
            aliases: Rows::new("alias (name, notice)", ""),
            versions: Rows::new("notice_version (notice, seq, replaced_at, hit)", ""),
            derived: Derived::default(),
            updates: Vec::new(),
            related: Vec::new(),
            again: Vec::new(),
            rederived: Vec::new(),
        }
    }

    fn add_new(&mut self, write: &mut Write, key: i64, hit: &Hit, text: String, derive: bool) {
        let kind = if self.via == Via::Late { ChangeKind::Reimported } else { ChangeKind::New };
        let Seq(seq) = write.tell(kind, key, Told::default());
        write.tally.notices += 1;
        write.tally.listed += 1;
        self.notices.add([
            key.into(),
            true.into(),
            is_competition(hit).into(),
            hit.status.as_deref().into(),
            hit.issued.map(key::micros).into(),
            hit.published.map(|day| day.to_string()).into(),
            write.at.into(),
            write.at.into(),
            seq.into(),
            0_i64.into(),
            hit.id.as_str().into(),
        ]);
        self.contents.add([key.into(), text.into()]);
        self.aliases.add([hit.id.as_str().into(), key.into()]);
        if derive {
            self.derived.add(key, hit, None);
        }
        self.counted.new += 1;
        self.related.push(key);
    }

    fn add_known(
        &mut self,
        write: &mut Write,
        key: i64,
        hit: &Hit,
        text: String,
        known: &Known,
    ) -> Result<(), Fault> {
        self.again.push(key);
        let compared = form::compare(&known.hit, &text)?;
        if !known.is_listed {
            write.tally.listed += 1;
            write.tell(ChangeKind::Reimported, key, Told::default());
            self.updates.push(Sql::new("UPDATE notice SET listed = 1 WHERE id = ").bind(key));
        }
        if compared.differences.is_empty() {
            if compared.is_fuller {
                self.updates.push(content(key, text));
            }
            let counter = if known.is_listed { &mut self.counted.same } else { &mut self.counted.changed };
            *counter += 1;
            return Ok(());
        }
        let Seq(seq) = tell(write, key, compared.differences);
        self.versions.add([key.into(), seq.into(), write.at.into(), known.hit.as_str().into()]);
        self.updates.push(content(key, text));
        self.updates.push(columns(key, hit));
        if known.document == 1 {
            self.updates.extend(derive::estimate_again(key, hit));
        } else {
            self.rederived.push(key);
            self.derived.add(key, hit, None);
        }
        self.counted.changed += 1;
        self.related.push(key);
        Ok(())
    }

    async fn store(self, write: &mut Write) -> Result<Observed, Fault> {
        let removed = organizations::forget(write, &self.rederived).await?;
        let connection = write.connection()?;
        for rows in [self.notices, self.contents, self.aliases, self.versions] {
            rows.insert(connection).await?;
        }
        for update in self.updates {
            update.run(connection).await?;
        }
        for keys in self.again.chunks(CHUNK) {
            let sql = Sql::new("UPDATE notice SET last_seen = ").bind(write.at).text(" WHERE id");
            sql.within(keys).run(write.connection()?).await?;
        }
        let connection = write.connection()?;
        let added = self.derived.named.clone();
        self.derived.insert(connection).await?;
        organizations::recount(connection, &removed, &added).await?;
        relate::relate(write, &self.related).await?;
        Ok(self.counted)
    }
}

/// Tells differences, and gives the first one's position.
fn tell(write: &mut Write, key: i64, differences: Vec<Difference>) -> Seq {
    let mut first = None;
    let mut corrected = Vec::new();
    for difference in differences {
        let kind = match difference.field.as_str() {
            "deadline" => ChangeKind::DeadlineMoved,
            "status" => ChangeKind::StatusChanged,
            _ => {
                corrected.push(difference);
                continue;
            }
        };
        let Difference { field, before, after } = difference;
        let seq = write.tell(kind, key, Told { subject: Some(field), before, after });
        first.get_or_insert(seq);
    }
    if !corrected.is_empty() {
        let subject = corrected.iter().map(|difference| difference.field.as_str()).collect::<Vec<_>>();
        let mut told = Told::subject(subject.join(","));
        if let [only] = corrected.as_mut_slice() {
            (told.before, told.after) = (only.before.take(), only.after.take());
        }
        first.get_or_insert(write.tell(ChangeKind::Corrected, key, told));
    }
    first.unwrap_or_default()
}

fn content(key: i64, text: String) -> Sql {
    Sql::new("UPDATE content SET hit = ").bind(text).text(" WHERE notice = ").bind(key)
}

fn columns(key: i64, hit: &Hit) -> Sql {
    let sql = Sql::new("UPDATE notice SET competition = ").bind(is_competition(hit));
    let sql = sql.text(", status = ").bind(hit.status.as_deref());
    let sql = sql.text(", issued = ").bind(hit.issued.map(key::micros));
    let sql = sql.text(", published = ").bind(hit.published.map(|day| day.to_string()));
    sql.text(" WHERE id = ").bind(key)
}

/// Whether an award or a cancellation can end it.
fn is_competition(hit: &Hit) -> bool {
    hit.all_kinds.iter().any(|kind| kind == "COMPETITION")
        || ["ANNOUNCEMENT_OF_COMPETITION", "DYNAMIC_PURCHASING_SCHEME", "QUALIFICATION_SCHEME"]
            .contains(&hit.kind.as_str())
}

/// Marks notices as no longer listed; gives how many were.
pub(super) async fn withdraw(write: &mut Write, keys: &[i64]) -> Result<usize, Fault> {
    let mut withdrawn = 0;
    for keys in keys.chunks(CHUNK) {
        let sql = Sql::new("UPDATE notice SET listed = 0 WHERE listed = 1 AND id").within(keys);
        let rows = sql.text(" RETURNING id").all(write.connection()?).await?;
        let mut keys: Vec<i64> = rows.iter().map(|row| row.int(0)).collect::<Result<_, _>>()?;
        keys.sort_unstable();
        for key in keys {
            write.tell(ChangeKind::Withdrawn, key, Told::default());
            write.tally.listed -= 1;
            withdrawn += 1;
        }
    }
    Ok(withdrawn)
}
