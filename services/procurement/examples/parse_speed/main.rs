//! How fast notices' documents are read: one core, documents of about 40 kB with text as people write it.
//!
//! ```text
//! cargo run --release -p procurement --features fuzzing --example parse_speed -- [--seconds 10] [--write DIR]
//! ```
//!
//! It makes 200 different documents (a fixed seed, so the same ones everywhere), reads them round after round for
//! so many seconds, five times, and prints each time's notices a second and the processor time they took, which
//! other work on the machine disturbs less than the clock. `--write` leaves the documents in a directory for
//! `lxml_parties.py`, which does less with them.

#![expect(clippy::print_stdout, reason = "printing is what it is for")]

mod document;

use std::fs;
use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Parser;

/// How many documents are read in turn: more than fit into the processor's nearest caches.
const DOCUMENTS: u64 = 200;

#[derive(Parser)]
struct Args {
    /// How long each of the five runs takes.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Where to leave the documents.
    #[arg(long)]
    write: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let documents: Vec<String> = (0..DOCUMENTS).map(document::generate).collect();
    let size: usize = documents.iter().map(String::len).sum();
    let mean = size / documents.len();
    println!("{} documents, {mean} bytes on average", documents.len());
    if let Some(directory) = &args.write {
        fs::create_dir_all(directory)?;
        for (at, document) in documents.iter().enumerate() {
            fs::write(directory.join(format!("{at:03}.xml")), document)?;
        }
    }
    for _ in 0..5 {
        let (start, worked) = (Instant::now(), processor_time()?);
        let mut read = 0_u32;
        while start.elapsed() < Duration::from_secs(args.seconds) {
            for document in &documents {
                let parties = procurement::fuzzing::document(black_box(document.as_bytes()));
                anyhow::ensure!(parties.is_some_and(|parties| parties > 1), "a document was not read");
                read += 1;
            }
        }
        let (clock, worked) = (start.elapsed().as_secs_f64(), processor_time()? - worked);
        let read = f64::from(read);
        println!(
            "{:.0} notices/s by the clock; {:.0} notices/s and {:.0} MB/s of processor time",
            read / clock,
            read / worked,
            read / worked * f64::from(u32::try_from(mean)?) / 1e6
        );
    }
    Ok(())
}

/// Seconds this process has worked, from `/proc`; Linux counts them in hundredths.
fn processor_time() -> anyhow::Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks = |at: usize| fields.split_whitespace().nth(at).and_then(|text| text.parse::<u32>().ok());
    let (user, system) =
        ticks(11).zip(ticks(12)).ok_or_else(|| anyhow::anyhow!("/proc/self/stat is different"))?;
    Ok(f64::from(user + system) / 100.0)
}
