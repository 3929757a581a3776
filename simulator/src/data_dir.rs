//! A directory of real files, served in place of what would be generated. Every part may be missing.
//!
//! ```text
//! cpv/cpv.yaml                              the CPV list, byte for byte
//! nuts/versions_2482.{utf-8,iso-8859-1}.csv KLASS version 2482
//! styrk/versions_33.{utf-8,iso-8859-1}.csv  KLASS version 33
//! doffin-json/*.json                        search envelopes or single hits
//! doffin-xml/*.xml, INDEX.csv               documents, found by `noticeId` and `file` of the index
//! doffin-xml-dfo-tests/*.xml                documents, found by file name without the ending
//! ```

mod hits;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::Error;
use crate::klass::{self, Charset};
use crate::lists::{ListEntry, Lists};
use crate::notice::Notice;
use crate::vocabulary;

/// What the directory holds.
#[derive(Debug, Default)]
pub(crate) struct Files {
    pub(crate) cpv_yaml: Option<Bytes>,
    pub(crate) nuts_csv: Vec<(Charset, Bytes)>,
    pub(crate) styrk_csv: Vec<(Charset, Bytes)>,
    hits: Vec<PathBuf>,
    documents: HashMap<String, PathBuf>,
}

impl Files {
    /// Reads a directory; that it exists is all it has to do.
    pub(crate) fn read(directory: &Path) -> Result<Self, Error> {
        within(directory)?;
        let cpv = directory.join("cpv/cpv.yaml");
        let mut documents = indexed(&directory.join("doffin-xml"))?;
        for path in with_ending(&directory.join("doffin-xml-dfo-tests"), "xml")? {
            if let Some(stem) = path.file_stem() {
                documents.insert(stem.to_string_lossy().into_owned(), path.clone());
            }
        }
        Ok(Self {
            cpv_yaml: if cpv.exists() { Some(bytes(&cpv)?) } else { None },
            nuts_csv: charsets(directory, "nuts/versions_2482")?,
            styrk_csv: charsets(directory, "styrk/versions_33")?,
            hits: with_ending(&directory.join("doffin-json"), "json")?,
            documents,
        })
    }

    /// The lists of the files, and those given where there is no file.
    pub(crate) fn lists(&self, given: Lists) -> Lists {
        let read = |files: &[(Charset, Bytes)], otherwise: Vec<ListEntry>| {
            // UTF-8 comes first where there are both: it lost no letters.
            match files.first().map(|(charset, bytes)| entries(*charset, bytes)) {
                Some(entries) if !entries.is_empty() => entries,
                _ => otherwise,
            }
        };
        let cpv = self.cpv_yaml.as_ref().map(|yaml| vocabulary::parse(&String::from_utf8_lossy(yaml)));
        Lists {
            cpv: cpv.filter(|entries| !entries.is_empty()).unwrap_or(given.cpv),
            nuts: read(&self.nuts_csv, given.nuts),
            styrk: read(&self.styrk_csv, given.styrk),
        }
    }

    /// The notices of the files; `None` when there are no such files.
    pub(crate) fn notices(&self) -> Result<Option<Vec<Notice>>, Error> {
        if self.hits.is_empty() {
            return Ok(None);
        }
        let mut notices: Vec<Notice> = Vec::new();
        for path in &self.hits {
            for notice in hits::read(path, &self.documents)? {
                if !notices.iter().any(|known| known.id == notice.id) {
                    notices.push(notice);
                }
            }
        }
        notices.sort_by(|left, right| (left.issued, &left.id).cmp(&(right.issued, &right.id)));
        Ok(Some(notices))
    }

    /// The document of an id that no hit has.
    pub(crate) fn document(&self, id: &str) -> Option<PathBuf> {
        self.documents.get(id).cloned()
    }
}

fn within(directory: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = |source| Error::Read { path: directory.to_owned(), source };
    let entries = std::fs::read_dir(directory).map_err(failed)?;
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    paths.sort();
    Ok(paths)
}

/// The files with an ending; none when the directory is missing.
fn with_ending(directory: &Path, ending: &str) -> Result<Vec<PathBuf>, Error> {
    if !directory.exists() {
        return Ok(Vec::new());
    }
    let mut paths = within(directory)?;
    paths.retain(|path| path.extension().is_some_and(|known| known == ending));
    Ok(paths)
}

fn bytes(path: &Path) -> Result<Bytes, Error> {
    std::fs::read(path).map(Bytes::from).map_err(|source| Error::Read { path: path.to_owned(), source })
}

fn charsets(directory: &Path, stem: &str) -> Result<Vec<(Charset, Bytes)>, Error> {
    let mut files = Vec::new();
    for (charset, name) in [(Charset::Utf8, "utf-8"), (Charset::Latin1, "iso-8859-1")] {
        let path = directory.join(format!("{stem}.{name}.csv"));
        if path.exists() {
            files.push((charset, bytes(&path)?));
        }
    }
    Ok(files)
}

fn entries(charset: Charset, bytes: &[u8]) -> Vec<ListEntry> {
    let text = match charset {
        Charset::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
        Charset::Latin1 => klass::latin1(bytes),
    };
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').flexible(true).from_reader(text.as_bytes());
    reader
        .records()
        .filter_map(Result::ok)
        .filter_map(|record| {
            let cell = |index: usize| record.get(index).filter(|text| !text.is_empty()).map(str::to_owned);
            Some(ListEntry { code: cell(0)?, parent: cell(1), level: cell(2)?.parse().ok()?, name: cell(3)? })
        })
        .collect()
}

/// Documents by notice id, from the index; without an index the end of the file name is the id.
fn indexed(directory: &Path) -> Result<HashMap<String, PathBuf>, Error> {
    let mut documents = HashMap::new();
    for path in with_ending(directory, "xml")? {
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let id = stem.rsplit('_').next().unwrap_or_default().to_owned();
        documents.insert(id, path);
    }
    let index = directory.join("INDEX.csv");
    if !index.exists() {
        return Ok(documents);
    }
    let unusable = |reason: String| Error::Data { path: index.clone(), reason };
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).from_path(&index).map_err(|e| unusable(e.to_string()))?;
    for record in reader.records() {
        let record = record.map_err(|error| unusable(error.to_string()))?;
        if let (Some(id), Some(file)) = (record.get(0), record.get(1)) {
            documents.insert(id.to_owned(), directory.join(file));
        }
    }
    Ok(documents)
}
