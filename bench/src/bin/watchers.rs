//! What an idle watcher costs the gateway in memory: opens event streams in front of `backend grpc`, waits until all of
//! them have had their first event, and compares the gateway's resident memory before and after.
#![expect(clippy::print_stdout, reason = "prints what it measured")]

use std::net::SocketAddr;

use anyhow::Context as _;
use clap::Parser;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Watches, and does nothing else.
#[derive(Debug, Parser)]
struct Watchers {
    /// The gateway.
    addr: SocketAddr,
    /// Its process.
    pid: u32,
    /// How many watchers.
    #[arg(long, default_value_t = 1000)]
    count: usize,
    /// How many before, so that what is only once does not count.
    #[arg(long, default_value_t = 100)]
    warm: usize,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let options = Watchers::parse();
    let mut open = Vec::new();
    for _ in 0..options.warm {
        open.push(watch(options.addr).await?);
    }
    let before = resident(options.pid)?;
    for _ in 0..options.count {
        open.push(watch(options.addr).await?);
    }
    let after = resident(options.pid)?;
    #[expect(clippy::cast_precision_loss, reason = "a figure to read")]
    let each = (after - before) as f64 / options.count as f64;
    println!(
        "{before} KiB with {} watchers, {after} KiB with {} more: {each:.1} KiB each",
        options.warm, options.count
    );
    Ok(())
}

/// Opens a stream and reads its head and first event.
async fn watch(addr: SocketAddr) -> anyhow::Result<TcpStream> {
    let mut stream = TcpStream::connect(addr).await?;
    let request = "GET /api/doffin/watch HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\r\n";
    stream.write_all(request.as_bytes()).await?;
    let (mut buffer, mut have) = (vec![0; 16384], 0);
    loop {
        let more = stream.read(&mut buffer[have..]).await?;
        anyhow::ensure!(more > 0, "the stream ended: {}", String::from_utf8_lossy(&buffer[..have]));
        have += more;
        if buffer[..have].windows(6).any(|window| window == b"data: ") {
            return Ok(stream);
        }
    }
}

/// Resident memory in KiB.
fn resident(pid: u32) -> anyhow::Result<i64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").trim().parse()?)
}
