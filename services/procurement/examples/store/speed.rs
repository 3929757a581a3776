//! How fast it is: importing whole notices, and reading them in every way that answers need.

use std::time::{Duration, Instant};

use bytes::Bytes;
use fastrand::Rng;
use jiff::Timestamp;

use crate::corpus;
use crate::domain::{ChangeKind, OrgNumber, Seq};

/// Documents made before the clock starts, and used again under other numbers: making them is not measured.
const MADE: u32 = 3_000;

/// Imports notices as `radar import` does: two batches at a time, so that one is read and compressed while the
/// other is written.
pub(crate) async fn import(url: &str, notices: u32, batch: u32) -> Result<(), anyhow::Error> {
    let store = crate::open(url).await?;
    let lease = store.lead().await?.ok_or_else(|| anyhow::anyhow!("another process leads"))?;
    let (mut reading, mut writing, mut made, mut bytes) = (Duration::ZERO, Duration::ZERO, 0, 0);
    let mut began = 0;
    while began < notices {
        let end = notices.min(began + MADE);
        let xml: Vec<(u32, Bytes)> = (began..end).map(|number| (number, corpus::xml(number))).collect();
        bytes += xml.iter().map(|(_, xml)| xml.len()).sum::<usize>();
        let started = Instant::now();
        let mut ahead = None;
        for batch in xml.chunks(usize::try_from(batch)?).map(Some).chain([None]) {
            let next = batch.map(|batch| {
                let batch = batch.to_vec();
                tokio::task::spawn_blocking(move || {
                    let started = Instant::now();
                    let read: Vec<_> =
                        batch.into_iter().map(|(number, xml)| corpus::read(number, xml)).collect();
                    (read, started.elapsed())
                })
            });
            if let Some(task) = std::mem::replace(&mut ahead, next) {
                let (read, took): (Vec<_>, _) = task.await?;
                reading += took;
                let started = Instant::now();
                store.import(&lease, &read, Timestamp::now()).await?;
                writing += started.elapsed();
            }
        }
        made += started.elapsed().as_micros();
        began = end;
    }
    let counts = store.facts().await?;
    let seconds = Duration::from_micros(u64::try_from(made)?).as_secs_f64();
    println!(
        "{notices} notices of {:.1} kB in {seconds:.1} s: {:.0}/s (reading {:.1} s and writing {:.1} s side by side), {} changes, {} MB on disk",
        f64::from(u32::try_from(bytes / usize::try_from(notices)?)?) / 1e3,
        f64::from(notices) / seconds,
        reading.as_secs_f64(),
        writing.as_secs_f64(),
        counts.changes,
        counts.size_bytes / 1_000_000,
    );
    store.close().await;
    Ok(())
}

/// Reads in every way that answers need, one after the other.
pub(crate) async fn read(url: &str) -> Result<(), anyhow::Error> {
    let store = crate::open(url).await?;
    let counts = store.facts().await?;
    let notices = u32::try_from(counts.notices)?;
    println!("{counts:?}");
    let mut random = Rng::with_seed(7);
    let mut ids =
        move |count: usize| (0..count).map(|_| corpus::id(random.u32(..notices))).collect::<Vec<_>>();
    let sample = store.entries(&ids(50)).await?;
    let facts = sample.iter().filter_map(|entry| entry.facts.as_ref());
    let numbers: Vec<OrgNumber> = facts
        .flat_map(|facts| facts.buyers.iter().chain(&facts.winners))
        .filter_map(|(number, _)| number.clone())
        .collect();
    let mut which = 0;
    let mut number = move || {
        which += 1;
        numbers[which % numbers.len()].clone()
    };
    measure("100 notices", 300, async || Ok(store.notices(&ids(100)).await?.len())).await?;
    measure("100 entries for the index", 300, async || Ok(store.entries(&ids(100)).await?.len())).await?;
    measure("1 notice", 1000, async || Ok(store.notices(&ids(1)).await?.len())).await?;
    measure("1 document", 500, async || Ok(store.document(&ids(1)[0]).await?.map_or(0, |raw| raw.len())))
        .await?;
    let mut after = 0;
    measure("1000 changes", 100, async || {
        after += 777;
        Ok(store.changes(Seq(after), &[], 1000).await?.len())
    })
    .await?;
    let kinds = [ChangeKind::AwardPublished, ChangeKind::DeadlineMoved];
    measure("100 changes of two kinds", 100, async || Ok(store.changes(Seq(100), &kinds, 100).await?.len()))
        .await?;
    measure("timeline", 300, async || Ok(store.timeline(&ids(1)[0]).await?.len())).await?;
    measure("organisation", 200, async || {
        Ok(store.organization(&number()).await?.map_or(0, |profile| profile.counterparts.len()))
    })
    .await?;
    measure("organisations by 4 letters", 100, async || Ok(store.organizations("vann", 20).await?.len()))
        .await?;
    measure("wanted documents", 100, async || Ok(store.wanted_documents(Timestamp::now(), 100).await?.len()))
        .await?;
    measure("counts", 100, async || Ok(usize::try_from(store.facts().await?.notices)?)).await?;
    Ok(())
}

async fn measure(
    name: &str,
    times: usize,
    mut operation: impl AsyncFnMut() -> Result<usize, anyhow::Error>,
) -> Result<(), anyhow::Error> {
    let mut took = Vec::with_capacity(times);
    let mut size = operation().await?;
    for _ in 0..times {
        let started = Instant::now();
        size = operation().await?;
        took.push(started.elapsed());
    }
    took.sort_unstable();
    let at = |share: usize| took[(took.len() * share / 100).min(took.len() - 1)].as_secs_f64() * 1e3;
    println!("{name:<28} p50 {:>7.2} ms   p99 {:>7.2} ms   (last gave {size})", at(50), at(99));
    Ok(())
}
