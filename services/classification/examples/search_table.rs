//! What people type, and what the search finds: the table and the figures of `docs/SEARCH.md`.
//!
//! ```text
//! cargo run --release -p classification --example search_table [-- DIR]     (or RADAR_DATA_DIR=DIR)
//! ```
//!
//! `DIR` has the lists as published in `cpv/`, `nuts/` and `styrk/`: any of the formats the service reads. Without
//! it the embedded lists are searched. Prints codes and words of this project, never labels. Fails if fewer than
//! nine in ten queries find what they should in the first three hits.
#![expect(clippy::print_stdout, reason = "what it finds is for the person who runs it")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use clap::Parser as _;
use classification::domain::search::{Field, Hit, Kind, Query, best, search};
use classification::domain::{Code, CpvCode, Language, List, NutsCode, Scheme, StyrkCode};
use classification::source::{self, embedded};

const QUERIES: &str = include_str!("queries.csv");
/// Queries that nothing was made for.
const HELD_OUT: &str = include_str!("held_out.csv");
/// Hits that people look at.
const SEEN: usize = 3;
/// Least share of the queries that must find what they should there, in percent.
const SHARE: usize = 90;
/// How often each prefix is timed; the median of them counts, so that other work on the machine does not.
const ROUNDS: usize = 5;

/// Searches the lists for the words of `queries.csv`.
#[derive(Debug, clap::Parser)]
struct Arguments {
    /// Directory with the real lists.
    #[arg(env = "RADAR_DATA_DIR")]
    directory: Option<PathBuf>,
}

struct Lists {
    cpv: List<CpvCode>,
    nuts: List<NutsCode>,
    styrk: List<StyrkCode>,
}

struct Asked<'a> {
    text: &'a str,
    language: Language,
    scheme: Scheme,
    accepted: Vec<&'a str>,
}

fn main() -> anyhow::Result<()> {
    let directory = Arguments::parse().directory;
    let start = Instant::now();
    let lists = Lists {
        cpv: list(directory.as_deref())?,
        nuts: list(directory.as_deref())?,
        styrk: list(directory.as_deref())?,
    };
    let loaded = start.elapsed();
    let asked = queries(QUERIES)?;
    let seen = table(&lists, &asked)?;
    println!("\nHeld out:\n");
    table(&lists, &queries(HELD_OUT)?)?;
    let codes = lists.cpv.len() + lists.nuts.len() + lists.styrk.len();
    let kib = lists.bytes() / 1024;
    println!("\n{codes} codes, read and indexed in {} ms; the indexes take {kib} KiB.", loaded.as_millis());
    lists.time(&asked)?;
    let total = asked.len();
    ensure!(seen * 100 >= total * SHARE, "only {seen} of {total} queries find what they should");
    Ok(())
}

/// Prints what queries find, and answers how many find it in the first hits.
fn table(lists: &Lists, asked: &[Asked<'_>]) -> anyhow::Result<usize> {
    println!("| query | language | accepted | rank in all lists | rank in its list | found | why |");
    println!("|---|---|---|---|---|---|---|");
    let (mut seen, mut seen_alone, mut literally) = (0, 0, 0);
    for one in asked {
        let everywhere = rank(one, &lists.search(one.text, one.language, None)?);
        let alone = rank(one, &lists.search(one.text, one.language, Some(one.scheme))?);
        let first = |rank: &Option<(usize, Hit)>| rank.as_ref().is_some_and(|(rank, _)| *rank <= SEEN);
        let literal = |(_, hit): &(usize, Hit)| (hit.field, hit.kind) == (Field::Synonym, Kind::Exact);
        seen += usize::from(first(&everywhere));
        seen_alone += usize::from(first(&alone));
        literally += usize::from(everywhere.as_ref().is_some_and(literal));
        row(one, everywhere.as_ref(), alone.as_ref());
    }
    let total = asked.len();
    println!(
        "\nIn the first {SEEN} hits: {seen} of {total} in all lists, {seen_alone} of {total} in their own."
    );
    println!("{literally} of them by a synonym that is the query itself.");
    Ok(seen)
}

impl Lists {
    fn search(&self, text: &str, language: Language, only: Option<Scheme>) -> anyhow::Result<Vec<Hit>> {
        let query = Query::new(text, language, Some(20))?;
        let wanted = |scheme| only.is_none_or(|only| only == scheme);
        let mut hits = Vec::new();
        if wanted(Scheme::Cpv) {
            hits.extend(search(&self.cpv, &query, None));
        }
        if wanted(Scheme::Nuts) {
            hits.extend(search(&self.nuts, &query, None));
        }
        if wanted(Scheme::Styrk) {
            hits.extend(search(&self.styrk, &query, None));
        }
        Ok(best(hits, &query))
    }

    fn bytes(&self) -> usize {
        self.cpv.searched().bytes() + self.nuts.searched().bytes() + self.styrk.searched().bytes()
    }

    /// Times a search of all lists for everything that is on screen while the queries are typed.
    fn time(&self, asked: &[Asked<'_>]) -> anyhow::Result<()> {
        let mut times = Vec::new();
        for one in asked {
            for (end, letter) in one.text.char_indices() {
                let typed = one.text.get(..end + letter.len_utf8()).unwrap_or_default();
                let mut rounds = Vec::new();
                for _ in 0..ROUNDS {
                    let start = Instant::now();
                    self.search(typed, one.language, None)?;
                    rounds.push(start.elapsed());
                }
                rounds.sort_unstable();
                times.push((rounds.get(ROUNDS / 2).copied().unwrap_or_default(), typed));
            }
        }
        times.sort_unstable();
        let at = |percent: usize| times.get((times.len() - 1) * percent / 100).copied().unwrap_or_default().0;
        let us = |time: Duration| time.as_micros();
        let (worst, typed) = times.last().copied().unwrap_or_default();
        let (count, p50, p99) = (times.len(), us(at(50)), us(at(99)));
        println!("{count} prefixes: p50 {p50} µs, p99 {p99} µs, worst {} µs ({typed:?}).", us(worst));
        Ok(())
    }
}

/// The list of a directory that has the most whole labels, or the embedded one.
fn list<C: Code>(directory: Option<&Path>) -> anyhow::Result<List<C>> {
    let Some(directory) = directory else {
        return Ok(List::build(embedded::rows(C::SCHEME)?)?);
    };
    let directory = directory.join(C::SCHEME.slug());
    let files = std::fs::read_dir(&directory).with_context(|| directory.display().to_string())?;
    let mut files: Vec<PathBuf> = files.map(|file| file.map(|file| file.path())).collect::<Result<_, _>>()?;
    files.sort();
    let today = jiff::ZonedDateTime::now().date();
    let read = |file: &PathBuf| {
        let bytes = std::fs::read(file).ok()?;
        let document = source::Document { bytes, charset: None, validators: source::Validators::default() };
        List::<C>::build(source::rows(&document, today).ok()?).ok()
    };
    // Lists saved in an encoding without all letters have question marks for them.
    let whole = |list: &List<C>| list.entries().iter().filter(|entry| !entry.nb.contains('?')).count();
    let lists = files.iter().rev().filter_map(read);
    lists.max_by_key(whole).with_context(|| format!("no list in {}", directory.display()))
}

fn queries(file: &'static str) -> anyhow::Result<Vec<Asked<'static>>> {
    let lines = file.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let asked = lines.skip(1).map(|line| {
        let columns: Vec<&str> = line.split(';').collect();
        let [text, language, scheme, accepted] = columns[..] else {
            anyhow::bail!("{line:?} has no four columns")
        };
        let scheme = match scheme {
            "CPV" => Scheme::Cpv,
            "NUTS" => Scheme::Nuts,
            "STYRK" => Scheme::Styrk,
            _ => anyhow::bail!("{scheme:?} is no list"),
        };
        let accepted = accepted.split(',').collect();
        Ok(Asked { text, language: Language::parse(language)?, scheme, accepted })
    });
    asked.collect()
}

/// The first accepted hit, with its rank.
fn rank(asked: &Asked<'_>, hits: &[Hit]) -> Option<(usize, Hit)> {
    let accepted = |hit: &Hit| {
        hit.scheme == asked.scheme && asked.accepted.iter().any(|prefix| hit.code.starts_with(prefix))
    };
    (1..).zip(hits).find(|(_, hit)| accepted(hit)).map(|(rank, hit)| (rank, hit.clone()))
}

fn row(asked: &Asked<'_>, everywhere: Option<&(usize, Hit)>, alone: Option<&(usize, Hit)>) {
    let shown = |rank: Option<&(usize, Hit)>| rank.map_or("–".to_owned(), |(rank, _)| rank.to_string());
    let (found, why) = everywhere.or(alone).map_or((String::new(), String::new()), |(_, hit)| {
        let why = match hit.field {
            Field::Code => "code".to_owned(),
            Field::NameNb => "bokmål label".to_owned(),
            Field::NameEn => "English label".to_owned(),
            Field::Synonym => format!("synonym \u{201c}{}\u{201d}", hit.text),
        };
        (hit.code.clone(), format!("{why}, {}", format!("{:?}", hit.kind).to_lowercase()))
    });
    let language = if asked.language == Language::En { "en" } else { "nb" };
    let (accepted, everywhere, alone) = (asked.accepted.join(", "), shown(everywhere), shown(alone));
    let scheme = asked.scheme;
    println!(
        "| {} | {language} | {scheme} {accepted} | {everywhere} | {alone} | {found} | {why} |",
        asked.text
    );
}
