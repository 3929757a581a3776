//! What survives: reopening, damage, a writer that fails.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::make::{Made, random, settings, text, words};
use crate::domain::Seq;
use crate::search::{Entry, Index, Opened};

fn some() -> Vec<Entry> {
    (1..=120).map(|number| random(number, 55)).collect()
}

#[test]
fn a_closed_index_is_found_whole_at_its_position() {
    let made = Made::of(&some());
    let digest = made.index.digest().unwrap();
    let Made { index, dir } = made;
    drop(index);
    let (index, opened) = Index::open(&settings(&dir)).unwrap();
    assert_eq!(opened, Opened::Found);
    assert_eq!((index.position(), index.digest().unwrap()), (Seq(120), digest));
    index.apply(&[text(500, "vei", "")], Seq(121)).unwrap();
    assert_eq!(index.position(), Seq(121));
}

#[test]
fn a_digest_tells_every_difference_and_no_history() {
    let entries = some();
    let whole = Made::of(&entries);
    let pieces = Made::of(&[]);
    let mut stale = entries.clone();
    stale[3].stored.hit.heading = "Før".into();
    for piece in stale.chunks(17).rev().chain([&entries[2..5]]) {
        pieces.index.apply(piece, Seq(120)).unwrap();
    }
    assert_eq!(whole.index.digest().unwrap(), pieces.index.digest().unwrap());
    let digest = whole.index.digest().unwrap();
    let mut changed: Vec<Entry> = Vec::new();
    let mut change = |with: fn(&mut Entry)| {
        let mut entry = entries[10].clone();
        with(&mut entry);
        changed.push(entry);
    };
    change(|e| e.stored.hit.heading.push('x'));
    change(|e| e.stored.listed = !e.stored.listed);
    change(|e| e.stored.hit.deadline = Some("2031-01-01T00:00:00Z".parse().unwrap()));
    change(|e| e.stored.hit.locations = vec!["NO099".into()]);
    change(|e| e.facts.get_or_insert_default().lots = 99);
    for entry in changed {
        whole.index.apply(&[entry], Seq(120)).unwrap();
        assert_ne!(whole.index.digest().unwrap(), digest);
        whole.index.apply(&entries[10..11], Seq(120)).unwrap();
        assert_eq!(whole.index.digest().unwrap(), digest);
    }
}

#[test]
fn a_cleared_index_is_empty_and_can_be_filled_again() {
    let made = Made::of(&some());
    let digest = made.index.digest().unwrap();
    made.index.clear().unwrap();
    assert_eq!((made.index.position(), made.index.facts().documents), (Seq(0), 0));
    made.index.apply(&some(), Seq(120)).unwrap();
    assert_eq!(made.index.digest().unwrap(), digest);
}

#[test]
fn what_was_staged_but_not_committed_is_neither_seen_nor_kept() {
    let made = Made::of(&[text(1, "vei", "")]);
    made.index.stage(&[text(1, "bru", ""), text(2, "bru", "")]).unwrap();
    assert_eq!((made.sorted(words("bru")), made.sorted(words("vei"))), (vec![], vec![1]));
    let Made { index, dir } = made;
    drop(index);
    let (index, opened) = Index::open(&settings(&dir)).unwrap();
    assert_eq!((opened, index.position(), index.facts().documents), (Opened::Found, Seq(1), 1));
}

#[test]
fn what_a_killed_writer_left_behind_is_not_in_the_way_of_the_same_work() {
    let Made { index, dir } = Made::of(&some());
    drop(index);
    let place = settings(&dir).dir;
    let commit = fs::read(place.join("meta.json")).unwrap();
    let work = || {
        let (index, opened) = Index::open(&settings(&dir)).unwrap();
        assert_eq!((opened, index.position()), (Opened::Found, Seq(120)));
        index.apply(&[text(3, "vei", ""), text(4, "bru", "")], Seq(122)).unwrap();
        index.digest().unwrap()
    };
    let digest = work();
    assert!(files(&place).iter().any(|path| path.extension().is_some_and(|extension| extension == "del")));
    // As if it had been killed before the commit: what it wrote is there, the commit is not.
    fs::write(place.join("meta.json"), commit).unwrap();
    assert_eq!(work(), digest);
}

/// The files of an index, locks apart.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_none_or(|extension| extension != "lock"));
    files.sort();
    files
}

/// A copy of an index, with something done to one of its files.
fn copy(from: &Path, number: usize, damage: impl FnOnce(&Path)) -> TempDir {
    let dir = TempDir::new().unwrap();
    let to = settings(&dir).dir;
    fs::create_dir_all(&to).unwrap();
    for file in files(from) {
        fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
    }
    damage(&files(&to)[number]);
    dir
}

#[test]
fn an_index_with_a_torn_or_missing_file_is_begun_anew_and_never_refused() {
    let entries = some();
    let Made { index, dir } = Made::of(&entries);
    index.apply(&entries[..5], Seq(121)).unwrap();
    let digest = index.digest().unwrap();
    drop(index);
    let whole = settings(&dir).dir;
    let mut random = fastrand::Rng::with_seed(4);
    let mut rebuilt = 0;
    for number in 0..files(&whole).len() {
        for damage in 0..5 {
            let dir = copy(&whole, number, |path| {
                let mut bytes = fs::read(path).unwrap();
                match damage {
                    0 => return fs::remove_file(path).unwrap(),
                    1 => bytes.clear(),
                    2 => bytes.truncate(bytes.len() / 2),
                    3 => bytes.iter_mut().for_each(|byte| *byte = random.u8(..)),
                    _ if bytes.is_empty() => {}
                    _ => {
                        let at = random.usize(..bytes.len());
                        bytes[at] ^= 0x55;
                    }
                }
                fs::write(path, &bytes).unwrap();
            });
            let (index, opened) = Index::open(&settings(&dir)).unwrap();
            if opened == Opened::Found {
                assert_eq!(index.digest().unwrap(), digest, "file {number}, damage {damage}");
                continue;
            }
            rebuilt += 1;
            assert_eq!((index.position(), index.facts().documents), (Seq(0), 0));
            if damage == 3 {
                index.apply(&entries, Seq(121)).unwrap();
                assert_eq!(index.digest().unwrap(), digest);
            }
        }
    }
    assert!(rebuilt > 20, "damage was seen {rebuilt} times");
}

#[test]
fn an_index_of_another_schema_is_set_aside_and_begun_anew() {
    let dir = TempDir::new().unwrap();
    let at = settings(&dir).dir;
    fs::create_dir_all(&at).unwrap();
    let mut schema = tantivy::schema::Schema::builder();
    schema.add_text_field("other", tantivy::schema::TEXT);
    tantivy::Index::create_in_dir(&at, schema.build()).unwrap();
    let (index, opened) = Index::open(&settings(&dir)).unwrap();
    assert_eq!(opened, Opened::Rebuilt("its schema is another".into()));
    index.apply(&some(), Seq(120)).unwrap();
    assert!(at.with_file_name("search.aside").join("meta.json").exists());
}

#[test]
fn where_nothing_can_be_written_the_index_lives_in_memory() {
    let dir = TempDir::new().unwrap();
    let mut settings = settings(&dir);
    fs::write(&settings.dir, "a file is in the way of the directory").unwrap();
    settings.dir = settings.dir.join("below");
    let (index, opened) = Index::open(&settings).unwrap();
    assert!(matches!(opened, Opened::Rebuilt(_)));
    index.apply(&[text(1, "vei", "")], Seq(1)).unwrap();
    assert_eq!(index.facts().documents, 1);
}
