//! Real documents. They are no part of the project: `TEST_NOTICES_DIR` names a directory with them
//! (`doffin-xml/`, `doffin-xml-dfo-tests/`), and without it these tests have nothing to say.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::{Unreadable, hit, parse};
use crate::domain::NoticeId;

fn files(folder: &str) -> Vec<PathBuf> {
    let Ok(directory) = std::env::var("TEST_NOTICES_DIR") else { return Vec::new() };
    let entries = fs::read_dir(Path::new(&directory).join(folder)).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "xml"));
    files.sort();
    assert!(!files.is_empty(), "{folder} holds no documents");
    files
}

#[test]
fn every_real_notice_is_read() {
    for file in files("doffin-xml") {
        let document = parse(&fs::read(&file).unwrap()).unwrap_or_else(|error| panic!("{file:?}: {error}"));
        let name = file.file_stem().unwrap().to_str().unwrap();
        let id = NoticeId::parse(&name[name.len() - 11..]).unwrap();
        let hit = hit(id, &document);
        assert!(!hit.heading.is_empty() && !hit.buyers.is_empty() && !hit.cpv.is_empty(), "{name}: {hit:?}");
        assert!(hit.issued.is_some() && hit.published.is_some(), "{name}: {hit:?}");
    }
}

#[test]
fn every_test_notice_of_dfo_is_read_and_what_is_none_is_refused() {
    for file in files("doffin-xml-dfo-tests") {
        let document = parse(&fs::read(&file).unwrap());
        // The unit tests of single rules wrap pieces of notices in a root of their own.
        if file.to_str().unwrap().contains("__unit__") {
            assert_eq!(document.unwrap_err(), Unreadable::NotANotice, "{file:?}");
        } else {
            assert!(document.unwrap().title.is_some(), "{file:?}");
        }
    }
}
