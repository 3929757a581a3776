//! How fast the search index is, how large and how hungry, as notices grow in number.
//!
//! ```text
//! cargo run --release -p procurement --example search_speed -- [--plot FILE.svg] 10000 50000 150000
//! ```
//!
//! Notices are generated (seeded, Zipf), indexed as the service does it, and asked one question at a time.

#![allow(dead_code, unused_imports, reason = "the index is built into the program; it uses a part of it")]
#![expect(clippy::print_stdout, reason = "a program that prints tables")]

mod corpus;
mod plot;
mod queries;
#[path = "../../src"]
mod source {
    pub(crate) mod domain;
    pub(crate) mod search;
}

use source::{domain, search};

use std::time::{Duration, Instant};

use corpus::Author;
use domain::Seq;
use queries::{Took, classes};
use search::{Index, Settings};

/// Notices taken in at a time, and between two commits.
const BATCH: u32 = 1_000;
const COMMIT: u32 = 20_000;

/// Memory for notices not yet written, in bytes.
const MEMORY: usize = 64_000_000;

/// The measurements of one size.
struct Measured {
    notices: u32,
    written: Duration,
    generated: Duration,
    merged: Duration,
    bytes: u64,
    segments: usize,
    memory: Memory,
    took: Vec<(&'static str, Took)>,
}

fn main() -> Result<(), anyhow::Error> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let plot = arguments.iter().position(|argument| argument == "--plot").map(|at| {
        let pair: Vec<String> = arguments.drain(at..(at + 2).min(arguments.len())).collect();
        pair.into_iter().nth(1).unwrap_or_else(|| "search-growth.svg".to_owned())
    });
    let sizes: Result<Vec<u32>, _> = arguments.iter().map(|argument| argument.parse()).collect();
    let mut all = Vec::new();
    for notices in sizes? {
        let measured = measure(notices)?;
        print(&measured);
        all.push(measured);
    }
    if let Some(file) = plot {
        std::fs::write(&file, plot::svg("Search, 99th percentile", &lines(&all)))?;
        println!("drawn to {file}");
    }
    Ok(())
}

fn measure(notices: u32) -> Result<Measured, anyhow::Error> {
    let dir = tempfile::TempDir::new()?;
    let (index, _) = Index::open(&Settings { dir: dir.path().join("search"), memory: MEMORY })?;
    let mut author = Author::new(1);
    let (mut written, mut generated) = (Duration::ZERO, Duration::ZERO);
    for begin in (0..notices).step_by(BATCH as usize) {
        let end = (begin + BATCH).min(notices);
        let begun = Instant::now();
        let entries: Vec<_> = (begin..end).map(|number| author.notice(number)).collect();
        generated += begun.elapsed();
        let begun = Instant::now();
        index.stage(&entries)?;
        if end == notices || end.is_multiple_of(COMMIT) {
            index.commit(Seq(end.into()))?;
        }
        written += begun.elapsed();
    }
    let begun = Instant::now();
    let mut segments = 0;
    while segments != index.facts().segments {
        segments = index.facts().segments;
        std::thread::sleep(Duration::from_secs(3));
        index.settle()?;
    }
    let merged = begun.elapsed().saturating_sub(Duration::from_secs(3));
    let took = classes(&author).iter().map(|class| (class.name, class.measure(&index))).collect();
    let facts = index.facts();
    Ok(Measured {
        notices,
        written,
        generated,
        merged,
        bytes: facts.bytes,
        segments: facts.segments,
        memory: Memory::now(),
        took,
    })
}

/// Resident memory, in bytes.
struct Memory {
    /// Of the process alone.
    own: u64,
    /// Pages of the index's files, which the system takes back when it needs them.
    files: u64,
    /// Both, at the highest since the process began.
    peak: u64,
}

impl Memory {
    fn now() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
            kilobytes.unwrap_or(0) * 1024
        };
        Self { own: field("RssAnon:"), files: field("RssFile:"), peak: field("VmHWM:") }
    }
}

fn print(measured: &Measured) {
    let megabytes = |bytes: u64| bytes / 1_000_000;
    println!(
        "\n{} notices: indexed in {:.1} s (generated in {:.1} s), merged within {:.0} s after, {} MB in {} segments, \
         {} MB of memory and {} MB of files resident, at most {} MB\n",
        measured.notices,
        measured.written.as_secs_f64(),
        measured.generated.as_secs_f64(),
        measured.merged.as_secs_f64(),
        megabytes(measured.bytes),
        measured.segments,
        megabytes(measured.memory.own),
        megabytes(measured.memory.files),
        megabytes(measured.memory.peak),
    );
    println!("| question | matches | p50 ms | p99 ms |\n|---|---|---|---|");
    for (name, took) in &measured.took {
        let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
        println!(
            "| {name} | {} | {:.2} | {:.2} |",
            took.matches,
            milliseconds(took.p50),
            milliseconds(took.p99)
        );
    }
}

/// The lines of the picture: the cheapest question, the dearest and some between.
fn lines(all: &[Measured]) -> Vec<plot::Line> {
    let shown = [
        "rare word, by relevance",
        "common word, 5 facets",
        "commonest word, by relevance",
        "commonest word, 5 facets",
        "beginning of three letters",
        "everything, newest first, 5 facets",
    ];
    let point = |measured: &Measured, name: &str| {
        let (_, took) = measured.took.iter().find(|(of, _)| *of == name)?;
        Some((f64::from(measured.notices), took.p99.as_secs_f64() * 1e3))
    };
    let line = |name: &str| plot::Line {
        name: name.to_owned(),
        points: all.iter().filter_map(|measured| point(measured, name)).collect(),
    };
    shown.into_iter().map(line).collect()
}
