//! What lies in a directory: lists of hits, and documents named after their notices.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::domain::{Hit, NoticeId};
use crate::upstream;

/// Largest file read; real documents are below a megabyte, lists of a thousand hits about ten.
const LIMIT: u64 = 256 << 20;

/// Notices to load, in the order of their ids, and files that are of no use.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) items: Vec<Item>,
    pub(super) skipped: Vec<(String, String)>,
}

/// A notice, from a list, a document or both.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) id: NoticeId,
    pub(super) hit: Option<Hit>,
    pub(super) document: Option<PathBuf>,
}

/// Lists a directory and everything below it.
pub(super) fn plan(dir: &Path) -> io::Result<Plan> {
    let mut found: BTreeMap<NoticeId, Item> = BTreeMap::new();
    let mut skipped = Vec::new();
    let item = |id: &NoticeId| Item { id: id.clone(), hit: None, document: None };
    for path in paths(dir)? {
        let name = path.display().to_string();
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        match extension.to_ascii_lowercase().as_str() {
            "xml" => match id_of(&path) {
                Some(id) => found.entry(id.clone()).or_insert_with(|| item(&id)).document = Some(path),
                None => skipped.push((name, "has no notice's id in its name, as 2026-112546.xml has".into())),
            },
            "json" => match hits(&path) {
                Ok(hits) => {
                    for hit in hits {
                        let id = hit.id.clone();
                        found.entry(id.clone()).or_insert_with(|| item(&id)).hit = Some(hit);
                    }
                }
                Err(why) => skipped.push((name, why)),
            },
            _ => {}
        }
    }
    Ok(Plan { items: found.into_values().collect(), skipped })
}

/// Every file below a directory, sorted. Links are not followed, so that there is an end.
fn paths(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let (mut dirs, mut files) = (vec![dir.to_owned()], Vec::new());
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                dirs.push(entry.path());
            } else if kind.is_file() {
                files.push(entry.path());
            }
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// The one Doffin id in a file's name; none when there are several, because nobody knows which.
fn id_of(path: &Path) -> Option<NoticeId> {
    let stem = path.file_stem()?.to_str()?;
    // Split where an id cannot go on, so that longer numbers are none.
    let words = stem.split(|c: char| !c.is_ascii_digit() && c != '-');
    let mut ids = words.filter_map(|word| NoticeId::parse(word).ok());
    ids.next().filter(|_| ids.next().is_none())
}

/// Hits of a file: a page as Doffin answers it, a list of hits, or one hit.
fn hits(path: &Path) -> Result<Vec<Hit>, String> {
    let bytes = document(path)?;
    upstream::hits(&bytes).ok_or_else(|| "holds no hits as Doffin writes them".to_owned())
}

/// A file's bytes.
pub(super) fn document(path: &Path) -> Result<Bytes, String> {
    let read = || {
        let mut bytes = Vec::new();
        fs::File::open(path)?.take(LIMIT + 1).read_to_end(&mut bytes)?;
        io::Result::Ok(bytes)
    };
    let bytes = read().map_err(|error| error.to_string())?;
    if bytes.len() as u64 > LIMIT {
        return Err(format!("is larger than {LIMIT} bytes"));
    }
    Ok(bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_and_documents_of_one_notice_are_one_item_and_strangers_are_told_of() {
        let dir = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        put("a/2026-100001.xml", "<a/>");
        put("list.json", r#"{"numHitsTotal":2,"hits":[{"id":"2026-100001"},{"id":"2026-100002"}]}"#);
        put("one.json", r#"{"id":"2026-100003","heading":"x"}"#);
        put("several.json", r#"[{"id":"2026-100004"}]"#);
        put("cn-standard_2026-100005.xml", "<a/>");
        put("strange.xml", "<a/>");
        put("2026-100001_2026-100002.xml", "<a/>");
        put("12026-1000011.xml", "<a/>");
        put("broken.json", "{");
        put("other.json", r#"{"success":true}"#);
        put("README.md", "not looked at");
        let plan = plan(dir.path()).unwrap();
        let found: Vec<_> = plan
            .items
            .iter()
            .map(|item| (item.id.as_str(), item.hit.is_some(), item.document.is_some()))
            .collect();
        assert_eq!(
            found,
            [
                ("2026-100001", true, true),
                ("2026-100002", true, false),
                ("2026-100003", true, false),
                ("2026-100004", true, false),
                ("2026-100005", false, true)
            ]
        );
        let mut skipped: Vec<_> =
            plan.skipped.iter().map(|(name, _)| name.rsplit('/').next().unwrap()).collect();
        skipped.sort_unstable();
        assert_eq!(
            skipped,
            ["12026-1000011.xml", "2026-100001_2026-100002.xml", "broken.json", "other.json", "strange.xml"]
        );
        assert!(super::plan(&dir.path().join("none")).is_err());
    }
}
