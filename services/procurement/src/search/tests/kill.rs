//! A process that is killed while it writes to the index leaves a whole one behind.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::make::{find, random, words};
use crate::domain::Seq;
use crate::search::{Entry, Index, Opened, Settings};

/// How often the process is killed, unless the environment says so.
const KILLS: u32 = 8;

/// How many notices there are; each changes again after so many changes.
const NOTICES: i64 = 397;

/// What the notice that changes at a position says from then on.
fn change(seq: i64) -> Entry {
    let number = (seq * 7_919).rem_euclid(NOTICES) + 1;
    let turn = (seq - 1) / NOTICES;
    let mut entry = random(u32::try_from(number).unwrap(), 1_000 + turn.unsigned_abs());
    entry.stored.first_seq = Seq(seq - turn * NOTICES);
    entry
}

/// All notices as they are at a position.
fn state(position: i64) -> Vec<Entry> {
    ((position - NOTICES + 1).max(1)..=position).map(change).collect()
}

fn settings(dir: &std::path::Path) -> Settings {
    Settings { dir: dir.join("search"), memory: 16_000_000 }
}

/// Not a test: what is killed.
#[test]
#[ignore = "run by the test below, in a process of its own"]
fn child() {
    let dir = std::env::var_os("TEST_SEARCH_DIR").unwrap();
    let (index, _) = Index::open(&settings(dir.as_ref())).unwrap();
    let mut random = fastrand::Rng::new();
    let mut position = index.position().0;
    loop {
        let next = position + random.i64(1..60);
        let entries: Vec<Entry> = (position + 1..=next).map(change).collect();
        index.apply(&entries, Seq(next)).unwrap();
        position = next;
        println!("\nwrote");
    }
}

#[test]
fn an_index_whose_process_was_killed_equals_one_built_anew() {
    let kills = std::env::var("TEST_SEARCH_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS);
    let dir = TempDir::new().unwrap();
    let mut before = 0;
    for kill in 0..kills {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["search::tests::kill::child", "--exact", "--ignored", "--nocapture"])
            .env("TEST_SEARCH_DIR", dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap() == "wrote"), "the process did not begin to write");
        std::thread::sleep(Duration::from_millis(fastrand::u64(0..300)));
        child.kill().unwrap();
        child.wait().unwrap();

        let (index, opened) = Index::open(&settings(dir.path())).unwrap();
        let position = index.position().0;
        assert_eq!(opened, Opened::Found, "after {kill} kills");
        assert!(position > before, "position {position} after {before}");
        let anew = TempDir::new().unwrap();
        let (fresh, _) = Index::open(&settings(anew.path())).unwrap();
        let state = state(position);
        fresh.apply(&state, Seq(position)).unwrap();
        assert_eq!(index.facts().documents, state.len());
        assert_eq!(index.digest().unwrap(), fresh.digest().unwrap(), "at {position} after {kill} kills");
        let found = |index: &Index| index.find(&find(words("vei"))).unwrap().total;
        assert_eq!(found(&index), found(&fresh));
        before = position;
    }
}
