//! The last good download of each list, kept for the next start.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Error, MAX_BYTES, Validators};
use crate::domain::{Code, Edition, List, Origin, Row, Scheme};

/// A kept list.
#[derive(Debug)]
pub struct Kept<C> {
    /// The list.
    pub edition: Edition<C>,
    /// Where it was downloaded from, without secrets.
    pub source: String,
    /// What the publisher named its state by.
    pub validators: Validators,
}

/// A directory of kept lists.
#[derive(Debug, Clone)]
pub struct Disk {
    directory: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Contents {
    scheme: String,
    source: String,
    #[serde(default, flatten)]
    validators: Validators,
    as_of: Timestamp,
    codes: Vec<Item>,
}

#[derive(Serialize, Deserialize)]
struct Item {
    code: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    parent: String,
    nb: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    en: String,
}

impl Disk {
    /// Keeps lists in `classification` below the data directory.
    pub fn new(data_dir: &Path) -> Self {
        Self { directory: data_dir.join("classification") }
    }

    /// The kept edition of a list; none if there never was one.
    pub fn read<C: Code>(&self) -> Result<Option<Kept<C>>, Error> {
        let path = self.path(C::SCHEME);
        let shown = || path.display().to_string();
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(Error::Read { path: shown(), cause }),
        };
        if bytes.len() > MAX_BYTES {
            return Err(Error::TooLarge);
        }
        let wrong = |problem: String| Error::Format { format: "a kept list", problem };
        let kept: Contents = serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
        if kept.scheme != C::SCHEME.slug() {
            return Err(wrong(format!("it holds {}", kept.scheme)));
        }
        let row = |item: Item| Row::new(item.code, item.nb).below(&item.parent).english(&item.en);
        let list = List::build(kept.codes.into_iter().map(row))?;
        let edition = Edition { list, origin: Origin::File, as_of: kept.as_of };
        Ok(Some(Kept { edition, source: kept.source, validators: kept.validators }))
    }

    /// Keeps an edition. A reader sees the old file or the new one, never part of one.
    pub fn write<C: Code>(
        &self,
        edition: &Edition<C>,
        source: &str,
        validators: &Validators,
    ) -> io::Result<()> {
        let codes = edition.list.entries().iter().map(|entry| Item {
            code: entry.code.to_string(),
            parent: edition.list.parent(entry).map(|above| above.code.to_string()).unwrap_or_default(),
            nb: entry.bokmaal().unwrap_or_default().to_owned(),
            en: entry.en.clone().unwrap_or_default(),
        });
        let kept = Contents {
            scheme: C::SCHEME.slug().to_owned(),
            source: source.to_owned(),
            validators: validators.clone(),
            as_of: edition.as_of,
            codes: codes.collect(),
        };
        fs::create_dir_all(&self.directory)?;
        let path = self.path(C::SCHEME);
        let unfinished = self.directory.join(format!(".{}.{}.tmp", C::SCHEME.slug(), std::process::id()));
        let mut file = File::create(&unfinished)?;
        file.write_all(&serde_json::to_vec(&kept)?)?;
        file.sync_all()?;
        fs::rename(&unfinished, &path)
    }

    fn path(&self, scheme: Scheme) -> PathBuf {
        self.directory.join(format!("{}.json", scheme.slug()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{NutsCode, StyrkCode};

    fn edition() -> Edition<NutsCode> {
        let rows = [
            Row::new("NO08", "Oslo og Viken"),
            Row::new("NO081", "Oslo").below("NO08"),
            Row::new("NO0301", "Oslo").below("NO081"),
        ];
        let as_of = "2026-05-01T12:00:00Z".parse().unwrap();
        Edition { list: List::build(rows).unwrap(), origin: Origin::Upstream, as_of }
    }

    #[test]
    fn a_kept_list_comes_back_equal_and_says_it_is_from_a_file() {
        let directory = tempfile::tempdir().unwrap();
        let disk = Disk::new(directory.path());
        assert!(disk.read::<NutsCode>().unwrap().is_none());
        let validators = Validators { etag: Some("\"a1\"".into()), last_modified: None };
        disk.write(&edition(), "https://example.org/nuts", &validators).unwrap();
        let kept = disk.read::<NutsCode>().unwrap().unwrap();
        assert_eq!((kept.source.as_str(), kept.validators), ("https://example.org/nuts", validators));
        let back = kept.edition;
        assert_eq!(back.list.version(), edition().list.version());
        assert_eq!((back.as_of, back.origin), (edition().as_of, Origin::File));
        let names: Vec<_> = fs::read_dir(directory.path().join("classification")).unwrap().collect();
        assert_eq!(names.len(), 1, "no unfinished file is left");
    }

    #[test]
    fn a_kept_list_that_is_broken_or_another_one_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let disk = Disk::new(directory.path());
        let path = directory.path().join("classification");
        disk.write(&edition(), "x", &Validators::default()).unwrap();
        fs::copy(path.join("nuts.json"), path.join("styrk.json")).unwrap();
        assert!(disk.read::<StyrkCode>().unwrap_err().to_string().contains("holds nuts"));
        let text = fs::read_to_string(path.join("nuts.json")).unwrap();
        fs::write(path.join("nuts.json"), &text[..text.len() / 2]).unwrap();
        assert!(disk.read::<NutsCode>().is_err());
    }
}
