//! What becomes of documents: kept byte for byte, and what they say beside them.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::derive::{self, Derived};
use super::error::Fault;
use super::observe::CHUNK;
use super::sql::{Fields as _, Rows, Sql};
use super::write::{Told, Write};
use super::{form, key, organizations, relate};
use crate::domain::{ChangeKind, Document, Hit, NoticeId};
use crate::eforms::VERSION;

/// Compression level: higher ones take much longer for little.
const LEVEL: i32 = 3;

/// Most bytes a document can have when it is unpacked.
const SIZE_LIMIT: usize = 256 << 20;

/// A document ready to be kept.
pub(super) struct Packed<'a> {
    pub(super) id: &'a NoticeId,
    pub(super) raw: Raw,
    pub(super) read: Result<&'a Document, &'a str>,
}

/// A document's bytes, compressed.
pub(super) struct Raw {
    size: usize,
    sha256: Vec<u8>,
    packed: Vec<u8>,
}

/// Compresses documents on all cores, away from the threads that answer requests.
pub(super) async fn pack(raws: Vec<Bytes>) -> Result<Vec<Raw>, Fault> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = raws.len().div_ceil(cores).max(1);
    let tasks: Vec<_> = raws
        .chunks(share)
        .map(|raws| {
            let raws = raws.to_vec();
            tokio::task::spawn_blocking(move || pack_each(&raws))
        })
        .collect();
    let mut packed = Vec::with_capacity(raws.len());
    for task in tasks {
        packed.extend(task.await.map_err(|error| Fault::Data(error.to_string()))??);
    }
    Ok(packed)
}

fn pack_each(raws: &[Bytes]) -> Result<Vec<Raw>, Fault> {
    let unpackable = |error: std::io::Error| Fault::Data(error.to_string());
    let mut compressor = zstd::bulk::Compressor::new(LEVEL).map_err(unpackable)?;
    raws.iter()
        .map(|raw| {
            let packed = compressor.compress(raw).map_err(unpackable)?;
            Ok(Raw { size: raw.len(), sha256: Sha256::digest(raw).to_vec(), packed })
        })
        .collect()
}

/// The bytes of a document, given how many there are.
pub(super) fn unpack(packed: &[u8], size: usize) -> Result<Bytes, Fault> {
    if size > SIZE_LIMIT {
        return Err(Fault::Data(format!("a document says it has {size} bytes")));
    }
    let raw = zstd::bulk::decompress(packed, size).map_err(|error| Fault::Data(error.to_string()))?;
    Ok(raw.into())
}

/// What is known of a notice before its document comes.
struct Known {
    document: i64,
    reading: Option<i64>,
    sha256: Option<Vec<u8>>,
}

/// Keeps documents of known notices; gives how many said something new. `hits` are those at hand.
pub(super) async fn keep(
    write: &mut Write,
    documents: Vec<Packed<'_>>,
    hits: &HashMap<i64, &Hit>,
) -> Result<usize, Fault> {
    let documents: BTreeMap<i64, Packed<'_>> =
        documents.into_iter().map(|document| (key::of(document.id), document)).collect();
    let keys: Vec<i64> = documents.keys().copied().collect();
    let mut known = known(write, &keys).await?;
    let mut kept = Kept::new();
    let mut fresh = Vec::new();
    for (key, document) in documents {
        let Some(known) = known.remove(&key) else { continue };
        let is_same = known.sha256.as_ref() == Some(&document.raw.sha256);
        if is_same && known.reading == Some(VERSION) {
            continue;
        }
        fresh.push((key, document, known, is_same));
    }
    let missing = fresh.iter().map(|(key, ..)| *key).filter(|key| !hits.contains_key(key));
    let loaded = load_hits(write, &missing.collect::<Vec<_>>()).await?;
    let count = fresh.len();
    for (key, document, known, is_same) in fresh {
        if let Some(hit) = hits.get(&key).copied().or_else(|| loaded.get(&key)) {
            kept.add(write, key, hit, document, &known, is_same)?;
        }
    }
    kept.store(write).await?;
    Ok(count)
}

async fn known(write: &mut Write, keys: &[i64]) -> Result<HashMap<i64, Known>, Fault> {
    let mut known = HashMap::new();
    for keys in keys.chunks(CHUNK) {
        let sql = "SELECT n.id, n.document, n.reading, d.sha256 FROM notice n \
                   LEFT JOIN document d ON d.notice = n.id WHERE n.id";
        for row in Sql::new(sql).within(keys).all(write.connection()?).await? {
            let document = row.int(1)?;
            let sha256 = if document == 0 { None } else { Some(row.blob(3)?) };
            known.insert(row.int(0)?, Known { document, reading: row.maybe_int(2)?, sha256 });
        }
    }
    Ok(known)
}

/// Hits as they are stored.
pub(super) async fn load_hits(write: &mut Write, keys: &[i64]) -> Result<HashMap<i64, Hit>, Fault> {
    let mut hits = HashMap::new();
    for keys in keys.chunks(CHUNK) {
        let sql = Sql::new("SELECT notice, hit FROM content WHERE notice").within(keys);
        for row in sql.all(write.connection()?).await? {
            hits.insert(row.int(0)?, form::read(row.notice(0)?, &row.string(1)?)?);
        }
    }
    Ok(hits)
}

/// Rows and statements that documents lead to.
struct Kept {
    documents: Rows,
    aliases: Rows,
    links: Rows,
    identities: Rows,
    facts: Rows,
    derived: Derived,
    before: Vec<Sql>,
    updates: Vec<Sql>,
    all: Vec<i64>,
    read: Vec<i64>,
}

impl Kept {
    fn new() -> Self {
        Self {
            documents: Rows::new(
                "document (notice, fetched_at, size, sha256, raw)",
                "ON CONFLICT (notice) DO UPDATE SET fetched_at = excluded.fetched_at, size = excluded.size, \
                 sha256 = excluded.sha256, raw = excluded.raw",
            ),
            aliases: Rows::new("alias (name, notice)", ""),
            links: Rows::new("link (notice, position, rule, given, wanted)", ""),
            // The rows are there: what the table demands besides is never stored.
            identities: Rows::new(
                "notice (id, listed, competition, first_seen, last_seen, first_seq, document, reading, result, \
                 folder, main_cpv, uuid, version, procedure_id, internal_id, ojs_number)",
                "ON CONFLICT (id) DO UPDATE SET document = 1, unreadable = NULL, reading = excluded.reading, \
                 result = excluded.result, folder = excluded.folder, main_cpv = excluded.main_cpv, \
                 uuid = excluded.uuid, version = excluded.version, procedure_id = excluded.procedure_id, \
                 internal_id = excluded.internal_id, ojs_number = excluded.ojs_number",
            ),
            facts: Rows::new(
                "content (notice, hit, facts)",
                "ON CONFLICT (notice) DO UPDATE SET facts = excluded.facts",
            ),
            derived: Derived::default(),
            before: Vec::new(),
            updates: Vec::new(),
            all: Vec::new(),
            read: Vec::new(),
        }
    }

    fn add(
        &mut self,
        write: &mut Write,
        key: i64,
        hit: &Hit,
        document: Packed<'_>,
        known: &Known,
        is_same: bool,
    ) -> Result<(), Fault> {
        let crate::domain::Seq(seq) = write.tell(ChangeKind::DocumentArrived, key, Told::default());
        self.all.push(key);
        write.tally.documents += i64::from(known.document == 0);
        write.tally.unreadable += i64::from(document.read.is_err()) - i64::from(known.document == 2);
        if !is_same {
            if known.document != 0 {
                let sql = Sql::new(
                    "INSERT INTO document_version (notice, seq, replaced_at, size, sha256, raw) SELECT notice, ",
                );
                let sql = sql.text("CAST(").bind(seq).text(" AS BIGINT), CAST(").bind(write.at);
                let sql = sql.text(" AS BIGINT), size, sha256, raw FROM document WHERE notice = ").bind(key);
                self.before.push(sql);
            }
            let Raw { size, sha256, packed } = document.raw;
            let size = i64::try_from(size).unwrap_or(i64::MAX);
            self.documents.add([key.into(), write.at.into(), size.into(), sha256.into(), packed.into()]);
        }
        match document.read {
            Ok(document) => self.add_read(key, hit, document)?,
            Err(error) => {
                let sql = Sql::new("UPDATE notice SET document = 2, reading = ").bind(VERSION);
                let sql = sql.text(", unreadable = ").bind(error).text(" WHERE id = ").bind(key);
                self.updates.push(sql);
            }
        }
        Ok(())
    }

    fn add_read(&mut self, key: i64, hit: &Hit, document: &Document) -> Result<(), Fault> {
        self.read.push(key);
        self.derived.add(key, hit, Some(document));
        for name in relate::aliases(&hit.id, &document.identity) {
            self.aliases.add([name.into(), key.into()]);
        }
        for (at, link) in document.links.iter().enumerate() {
            let position = i64::try_from(at).unwrap_or(i64::MAX);
            let wanted = relate::wanted(&link.given);
            let (rule, given) = (link.kind.as_str(), link.given.as_str());
            self.links.add([key.into(), position.into(), rule.into(), given.into(), wanted.into()]);
        }
        for (at, given) in relate::earlier_versions(document).into_iter().enumerate() {
            let position = i64::try_from(document.links.len() + at).unwrap_or(i64::MAX);
            let (rule, wanted) = (relate::VERSION, relate::wanted(&given));
            self.links.add([key.into(), position.into(), rule.into(), given.into(), wanted.into()]);
        }
        let identity = &document.identity;
        // A procedure without an identifier is known by its first notice's id, as older forms have it.
        let folder = identity.procedure_id.as_deref().map(|id| id.trim().to_lowercase());
        let folder = folder.unwrap_or_else(|| hit.id.as_str().to_owned());
        let result = document.outcome.map(derive::outcome);
        let (main_cpv, facts) = derive::facts(document)?;
        self.identities.add([
            key.into(),
            0_i64.into(),
            0_i64.into(),
            0_i64.into(),
            0_i64.into(),
            0_i64.into(),
            1_i64.into(),
            VERSION.into(),
            result.into(),
            folder.into(),
            main_cpv.into(),
            identity.uuid.as_deref().into(),
            identity.version.as_deref().into(),
            identity.procedure_id.as_deref().into(),
            identity.internal_id.as_deref().into(),
            identity.ojs_number.as_deref().into(),
        ]);
        self.facts.add([key.into(), "".into(), facts.into()]);
        Ok(())
    }

    async fn store(self, write: &mut Write) -> Result<(), Fault> {
        for statement in self.before {
            statement.run(write.connection()?).await?;
        }
        let removed = organizations::forget(write, &self.read).await?;
        for keys in self.read.chunks(CHUNK) {
            let connection = write.connection()?;
            for statement in [
                "DELETE FROM alias WHERE notice",
                "DELETE FROM link WHERE notice",
                // What led here by a name that may be gone is looked up again.
                "UPDATE link SET target = NULL WHERE target IS NOT NULL AND target",
            ] {
                Sql::new(statement).within(keys).run(connection).await?;
            }
        }
        for keys in self.all.chunks(CHUNK) {
            Sql::new("DELETE FROM download WHERE notice").within(keys).run(write.connection()?).await?;
        }
        let connection = write.connection()?;
        for rows in [self.documents, self.aliases, self.links, self.identities, self.facts] {
            rows.insert(connection).await?;
        }
        for update in self.updates {
            update.run(connection).await?;
        }
        let added = self.derived.named.clone();
        self.derived.insert(connection).await?;
        organizations::recount(connection, &removed, &added).await?;
        relate::relate(write, &self.read).await
    }
}
