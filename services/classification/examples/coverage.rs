//! How much of the real lists the embedded ones cover.
//!
//! ```text
//! cargo run -p classification --example coverage -- DIR     (or RADAR_DATA_DIR=DIR)
//! ```
//!
//! `DIR` has the lists as published in `cpv/`, `nuts/` and `styrk/`: any of the formats the service reads.
//! Files that are no list of their kind are named and passed over. Without a directory there is nothing to do.
#![expect(clippy::print_stdout, reason = "what it finds is for the person who runs it")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Parser as _;
use classification::domain::{Code, CpvCode, List, NutsCode, StyrkCode};
use classification::source::{self, Location, embedded, http};

/// Most missing codes named of each file.
const SHOWN_CODES: usize = 20;
/// Differing labels shown of each file.
const SHOWN: usize = 5;

/// Compares the embedded lists with the real ones.
#[derive(Debug, clap::Parser)]
struct Arguments {
    /// Directory with the real lists.
    #[arg(env = "RADAR_DATA_DIR")]
    directory: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Some(directory) = Arguments::parse().directory else {
        println!("no directory given; nothing to compare with");
        return Ok(());
    };
    let embedded = embedded::load()?;
    compare::<CpvCode>(&directory, &embedded.cpv.list).await?;
    compare::<NutsCode>(&directory, &embedded.nuts.list).await?;
    compare::<StyrkCode>(&directory, &embedded.styrk.list).await
}

async fn compare<C: Code>(directory: &Path, embedded: &List<C>) -> anyhow::Result<()> {
    println!("{}: {} embedded codes", C::SCHEME, embedded.len());
    let directory = directory.join(C::SCHEME.slug());
    if !directory.is_dir() {
        println!("  {} is not there", directory.display());
        return Ok(());
    }
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(&directory)?.map(|file| file.map(|file| file.path())).collect::<Result<_, _>>()?;
    files.sort();
    for file in files {
        let name = file.file_name().unwrap_or_default().display().to_string();
        let start = Instant::now();
        match read::<C>(file).await {
            Ok(real) => report(&name, embedded, &real, start.elapsed()),
            Err(error) => println!("  {name}: not a list: {error}"),
        }
    }
    Ok(())
}

async fn read<C: Code>(file: PathBuf) -> Result<List<C>, source::Error> {
    let client = http::Client::new(Duration::from_secs(20))?;
    let document = source::load(&Location::File(file), &client).await?;
    Ok(List::build(source::rows(&document, jiff::ZonedDateTime::now().date())?)?)
}

fn report<C: Code>(name: &str, embedded: &List<C>, real: &List<C>, elapsed: Duration) {
    let covered = real.entries().iter().filter(|entry| embedded.get(&entry.code).is_some()).count();
    let unknown: Vec<_> = embedded
        .entries()
        .iter()
        .filter(|entry| real.get(&entry.code).is_none())
        .map(|entry| &entry.code)
        .collect();
    let percent = covered * 100 / real.len();
    let ms = elapsed.as_millis();
    println!("  {name}: {} codes in {ms} ms, {covered} embedded ({percent} %)", real.len());
    if !unknown.is_empty() {
        println!("    embedded but not listed: {unknown:?}");
    }
    let missing: Vec<_> = real
        .entries()
        .iter()
        .filter(|entry| embedded.get(&entry.code).is_none())
        .map(|entry| &entry.code)
        .collect();
    if (1..=SHOWN_CODES).contains(&missing.len()) {
        println!("    listed but not embedded: {missing:?}");
    }
    let misplaced = embedded.entries().iter().filter(|entry| {
        let parent = embedded.parent(entry).map(|above| &above.code);
        real.get(&entry.code).is_some_and(|same| real.parent(same).map(|above| &above.code) != parent)
    });
    println!("    under another code: {}", misplaced.count());
    differences(embedded, real, "nb", |entry| Some(entry.nb.as_str()));
    differences(embedded, real, "en", |entry| entry.en.as_deref());
}

fn differences<C: Code>(
    embedded: &List<C>,
    real: &List<C>,
    language: &str,
    label: fn(&classification::domain::Entry<C>) -> Option<&str>,
) {
    let pairs = embedded.entries().iter().filter_map(|entry| {
        let (ours, theirs) = (label(entry)?, label(real.get(&entry.code)?)?);
        Some((&entry.code, ours, theirs))
    });
    let (mut compared, mut different) = (0_usize, Vec::new());
    for (code, ours, theirs) in pairs {
        compared += 1;
        if ours != theirs {
            different.push(format!("      {code}: {ours:?}, published as {theirs:?}"));
        }
    }
    if compared > 0 {
        println!("    {language} labels that differ: {} of {compared}", different.len());
        different.iter().take(SHOWN).for_each(|line| println!("{line}"));
    }
}
