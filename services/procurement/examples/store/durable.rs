//! Whether what was acknowledged survives: numbered writes, each whole or not there, each told once.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::Duration;

use jiff::Timestamp;
use sqlx::any::AnyConnectOptions;
use sqlx::{ConnectOptions as _, Row as _};

use crate::corpus;
use crate::domain::{ChangeKind, Seq};
use crate::store::{Error, Imported, Lease, Store};

/// New notices of a write.
const NEW: u32 = 10;

/// Changes a write tells: a new notice and its document each, and a correction of the write before's first.
const TOLD: i64 = 2 * NEW as i64 + 1;

/// Position of the feed after so many writes; the first corrects nothing.
fn head(writes: u32) -> i64 {
    (i64::from(writes) * TOLD - 1).max(0)
}

/// The notices of a write, counted from 1.
fn batch(write: u32) -> Vec<Imported> {
    // Numbers in threes are one procedure; tens would tear them apart, so each takes numbers of its own kind.
    let number = |at: u32| (write * NEW + at) * 3;
    let mut notices: Vec<_> = (0..NEW).map(|at| corpus::notice(number(at))).collect();
    if write > 1 {
        let mut former = corpus::notice(((write - 1) * NEW) * 3);
        former.hit.heading = corrected(write - 1);
        notices.push(Imported { raw: None, read: None, ..former });
    }
    notices
}

fn corrected(write: u32) -> String {
    format!("Rettet av skriving {}", write + 1)
}

async fn lead(store: &Store) -> Result<Lease, anyhow::Error> {
    // The one before may have been killed a moment ago.
    for _ in 0..600 {
        if let Some(lease) = store.lead().await? {
            return Ok(lease);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    anyhow::bail!("another process leads")
}

/// Goes on with numbered writes; prints the number of each when it is durable. What the store cannot do for now
/// is tried again for a minute, under the same number: if the failed write is there after all, it changes nothing.
pub(crate) async fn write(url: &str, writes: u32) -> Result<(), anyhow::Error> {
    let store = crate::open(url).await?;
    let mut lease = Some(lead(&store).await?);
    let done = u32::try_from((store.head().await?.0 + 1) / TOLD)?;
    for write in done + 1..=done + writes {
        let notices = batch(write);
        let mut attempts = 0;
        let observed = loop {
            let error = match &lease {
                Some(lease) => match store.import(lease, &notices, Timestamp::now()).await {
                    Ok(observed) => break observed,
                    Err(error) => error,
                },
                None => Error::Deposed,
            };
            attempts += 1;
            anyhow::ensure!(attempts < 600 && !matches!(error, Error::Broken(_)), "write {write}: {error}");
            if matches!(error, Error::Deposed | Error::Unavailable(_)) {
                drop(lease.take());
                tokio::time::sleep(Duration::from_millis(100)).await;
                lease = store.lead().await.unwrap_or_default();
            }
        };
        anyhow::ensure!(observed.seq == Seq(head(write)), "write {write} ended at {:?}", observed.seq);
        let mut out = std::io::stdout().lock();
        writeln!(out, "{write}")?;
        out.flush()?;
    }
    store.close().await;
    Ok(())
}

/// Checks that at least so many writes are there, and that those that are there are whole; gives how many.
async fn whole(store: &Store, least: u32) -> Result<u32, anyhow::Error> {
    let at = store.head().await?.0;
    let writes = u32::try_from((at + 1) / TOLD)?;
    anyhow::ensure!(at == head(writes), "the feed ends within a write, at {at}");
    anyhow::ensure!(writes >= least, "{least} writes were acknowledged, {writes} are there");
    let counts = store.facts().await?;
    let expected = u64::from(writes * NEW);
    anyhow::ensure!((counts.notices, counts.documents) == (expected, expected), "{counts:?}");
    // The last ones in full, and some before them: earlier ones were checked when they were the last.
    let mut checked: Vec<u32> = (writes.saturating_sub(5)..=writes).filter(|write| *write > 0).collect();
    checked.extend((1..writes).step_by(1 + usize::try_from(writes)? / 10));
    for write in checked {
        let notices: Vec<_> = batch(write).into_iter().filter(|notice| notice.raw.is_some()).collect();
        let ids: Vec<_> = notices.iter().map(|notice| notice.hit.id.clone()).collect();
        let stored = store.notices(&ids).await?;
        anyhow::ensure!(stored.len() == ids.len(), "write {write} has {} notices", stored.len());
        for (at, (notice, stored)) in notices.iter().zip(stored).enumerate() {
            let mut hit = notice.hit.clone();
            if at == 0 && write < writes {
                hit.heading = corrected(write);
            }
            anyhow::ensure!(stored.hit == hit, "notice {} differs", hit.id);
            anyhow::ensure!(store.document(&hit.id).await? == notice.raw, "document {} differs", hit.id);
        }
        let changes = store.changes(Seq(head(write - 1)), &[], u32::try_from(TOLD)?).await?;
        let count = |kind| changes.iter().filter(|change| change.kind == kind).count();
        let kinds = [ChangeKind::New, ChangeKind::DocumentArrived, ChangeKind::Corrected].map(count);
        let news = usize::try_from(NEW)?;
        anyhow::ensure!(
            kinds == [news, news, usize::from(write > 1)] || write == 1,
            "write {write}: {changes:?}"
        );
    }
    Ok(writes)
}

/// Opens the store and checks it, a file also page by page.
pub(crate) async fn check(url: &str, least: u32) -> Result<(), anyhow::Error> {
    let store = crate::open(url).await?;
    if url.starts_with("sqlite:") {
        let mut connection = url.parse::<AnyConnectOptions>()?.connect().await?;
        let row = sqlx::query("PRAGMA integrity_check").fetch_one(&mut connection).await?;
        let found: String = row.try_get(0)?;
        anyhow::ensure!(found == "ok", "{found}");
    }
    let writes = whole(&store, least).await?;
    println!("{writes} writes, each whole; {least} were acknowledged");
    store.close().await;
    Ok(())
}

/// Kills writers with SIGKILL at random moments, and checks after each. Every fourth dies while it starts.
pub(crate) async fn crash(url: &str, rounds: u32) -> Result<(), anyhow::Error> {
    let (mut acknowledged, mut unacknowledged) = (0, 0);
    for round in 0..rounds {
        let mut command = Command::new(std::env::current_exe()?);
        let mut child = command.args(["write", url, "1000000"]).stdout(Stdio::piped()).spawn()?;
        let out = child.stdout.take().ok_or_else(|| anyhow::anyhow!("the writer has no output"))?;
        let (sender, lines) = std::sync::mpsc::channel();
        let reading = std::thread::spawn(move || {
            BufReader::new(out).lines().map_while(Result::ok).for_each(|line| drop(sender.send(line)));
        });
        let mut last = if round % 4 == 3 { None } else { Some(lines.recv_timeout(Duration::from_mins(1))?) };
        tokio::time::sleep(Duration::from_millis(fastrand::u64(..200))).await;
        child.kill()?;
        child.wait()?;
        reading.join().map_err(|_| anyhow::anyhow!("the writer's output broke"))?;
        last = lines.try_iter().last().or(last);
        acknowledged = last.map(|line| line.parse()).transpose()?.unwrap_or(acknowledged);
        let store = crate::open(url).await?;
        let writes =
            whole(&store, acknowledged).await.map_err(|error| error.context(format!("round {round}")))?;
        unacknowledged += u32::from(writes > acknowledged);
        acknowledged = writes;
        store.close().await;
    }
    println!(
        "{rounds} writers killed, {acknowledged} writes of {NEW} notices each: 0 lost, 0 in part, \
         {unacknowledged} were there before they could be acknowledged"
    );
    Ok(())
}
