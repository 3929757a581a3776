//! How fast the search index is, how large and how hungry, as notices grow in number.
//!
//! ```text
//! cargo run --release -p procurement --example search_speed -- [--plot FILE.svg] 10000 50000 150000
//! ```
//!
//! Notices are generated (seeded, Zipf) and indexed as the service does it; then a new process opens the index and
//! is asked one question at a time. What misses its target is named, and the program ends with an error.

#![allow(dead_code, unused_imports, reason = "the index is built into the program; it uses a part of it")]
#![expect(clippy::print_stdout, reason = "a program that prints tables")]

mod corpus;
mod plot;
mod queries;
mod took;
#[path = "../../src"]
mod source {
    pub(crate) mod domain;
    pub(crate) mod search;
}

use source::{domain, search};

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use corpus::Author;
use domain::Seq;
use queries::classes;
use search::{Index, Opened, Settings};
use took::{Answers, Memory, processor_time};

/// Notices taken in at a time, and between two commits.
const BATCH: u32 = 1_000;
const COMMIT: u32 = 50_000;

/// What notices are generated from.
const SEED: u64 = 1;

/// Memory for notices not yet written, in bytes.
const MEMORY: usize = 128 << 20;

/// The measurements of one size.
struct Measured {
    notices: u32,
    written: Duration,
    busy: Duration,
    generated: Duration,
    merged: Duration,
    bytes: u64,
    segments: usize,
    answers: Answers,
}

fn main() -> Result<(), anyhow::Error> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, dir] = arguments.as_slice()
        && flag == "--ask"
    {
        println!("{}", ask(Path::new(dir))?.write());
        return Ok(());
    }
    let plot = arguments.iter().position(|argument| argument == "--plot").map(|at| {
        let pair: Vec<String> = arguments.drain(at..(at + 2).min(arguments.len())).collect();
        pair.into_iter().nth(1).unwrap_or_else(|| "search-growth.svg".to_owned())
    });
    let sizes: Result<Vec<u32>, _> = arguments.iter().map(|argument| argument.parse()).collect();
    let (mut all, mut missed) = (Vec::new(), Vec::new());
    for notices in sizes? {
        let measured = measure(notices)?;
        print(&measured);
        missed.extend(misses(&measured));
        all.push(measured);
    }
    if let Some(file) = plot {
        std::fs::write(&file, plot::svg("Search, 99th percentile", &lines(&all)))?;
        println!("drawn to {file}");
    }
    for miss in &missed {
        println!("missed: {miss}");
    }
    anyhow::ensure!(missed.is_empty(), "{} targets were missed", missed.len());
    println!("all targets were met");
    Ok(())
}

fn measure(notices: u32) -> Result<Measured, anyhow::Error> {
    let dir = tempfile::TempDir::new()?;
    let dir = dir.path().join("search");
    let (index, _) = Index::open(&Settings { dir: dir.clone(), memory: MEMORY })?;
    let mut author = Author::new(SEED);
    let before = processor_time();
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
    let busy = processor_time();
    let (bytes, segments) = (index.facts().bytes, index.facts().segments);
    drop(index);
    // In a process of its own, so that its memory is that of answering alone.
    let asked = Command::new(std::env::current_exe()?).arg("--ask").arg(&dir).output()?;
    anyhow::ensure!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    let answers = Answers::read(&String::from_utf8(asked.stdout)?).context("the answers are unreadable")?;
    Ok(Measured {
        notices,
        written,
        busy: busy.saturating_sub(before),
        generated,
        merged,
        bytes,
        segments,
        answers,
    })
}

/// Opens an index and asks it everything.
fn ask(dir: &Path) -> Result<Answers, anyhow::Error> {
    let classes = classes(&Author::new(SEED));
    let begun = Instant::now();
    let (index, opened) = Index::open(&Settings { dir: dir.to_owned(), memory: MEMORY })?;
    anyhow::ensure!(opened == Opened::Found, "the index could not be opened: {opened:?}");
    let opened = begun.elapsed();
    let took = classes.iter().map(|class| class.measure(&index)).collect();
    Ok(Answers { opened, took, memory: Memory::now() })
}

/// What was wanted and is not so.
fn misses(measured: &Measured) -> Vec<String> {
    let notices = measured.notices;
    let mut missed = Vec::new();
    let mut most = |what: &str, is: f64, wanted: f64| {
        if is > wanted {
            missed.push(format!("{what} of {notices} notices: {is:.1}, wanted {wanted}"));
        }
    };
    let p99 = if notices <= 150_000 { 5.0 } else { 25.0 };
    for took in &measured.answers.took {
        most(&format!("p99 in ms, {},", took.name), milliseconds(took.p99), p99);
    }
    if notices <= 150_000 {
        let memory = measured.answers.memory;
        #[expect(clippy::cast_precision_loss, reason = "for people to read")]
        let mega = |bytes: u64, unit: u64| bytes as f64 / unit as f64;
        most("indexing, in seconds,", measured.written.as_secs_f64(), 20.0);
        most("index, in MB,", mega(measured.bytes, 1_000_000), 150.0);
        most("memory, in MiB,", mega(memory.own + memory.files, 1 << 20), 300.0);
    }
    missed
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn print(measured: &Measured) {
    let megabytes = |bytes: u64| bytes / 1_000_000;
    let Answers { opened, took, memory } = &measured.answers;
    println!(
        "\n{} notices: indexed in {:.1} s (generated in {:.1} s), merged within {:.0} s after, all of it {:.1} s of processor time, {} MB in {} segments; \
         a process that opened it in {:.2} s and answered has {} MB of memory and {} MB of files resident, at most {} MB\n",
        measured.notices,
        measured.written.as_secs_f64(),
        measured.generated.as_secs_f64(),
        measured.merged.as_secs_f64(),
        measured.busy.as_secs_f64(),
        megabytes(measured.bytes),
        measured.segments,
        opened.as_secs_f64(),
        megabytes(memory.own),
        megabytes(memory.files),
        megabytes(memory.peak),
    );
    println!("| question, times in ms | matches | p50 | p99 | least | processor | first |");
    println!("|---|---|---|---|---|---|---|");
    for took in took {
        let times = [took.p50, took.p99, took.least, took.busy, took.first];
        let times = times.map(|time| format!("{:.2}", milliseconds(time)));
        println!("| {} | {} | {} |", took.name, took.matches, times.join(" | "));
    }
}

/// The lines of the picture: the cheapest question, the dearest and some between.
fn lines(all: &[Measured]) -> Vec<plot::Line> {
    let shown = [
        "rare word, by relevance",
        "commonest word, by relevance",
        "commonest word, 5 facets",
        "two words side by side",
        "four common words",
        "statistics of everything by month",
    ];
    let point = |measured: &Measured, name: &str| {
        let took = measured.answers.took.iter().find(|took| took.name == name)?;
        Some((f64::from(measured.notices), milliseconds(took.p99)))
    };
    let line = |name: &str| plot::Line {
        name: name.to_owned(),
        points: all.iter().filter_map(|measured| point(measured, name)).collect(),
    };
    shown.into_iter().map(line).collect()
}
