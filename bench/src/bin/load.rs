//! Loads one address over many connections, as fast as it answers or at a fixed rate, and prints one line of JSON.
//!
//! HTTP/1.1 by hand, so that the generator costs little of the machine it shares with what it measures. At a fixed
//! rate latency counts from when a request was due, not from when it could be sent.
#![expect(clippy::print_stdout, reason = "prints what it measured")]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use bench::{Case, cases};
use bytes::Bytes;
use clap::Parser;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tonic::transport::{Channel, Endpoint};
use transcode::codec::Raw;

/// A load generator.
#[derive(Debug, Clone, Parser)]
struct Load {
    /// Where to.
    addr: SocketAddr,
    /// Which request.
    #[arg(value_parser = ["code", "search"])]
    case: String,
    /// How many connections, each with one request at a time.
    #[arg(long, default_value_t = 32)]
    connections: u32,
    /// Seconds to measure, after a fifth of that to warm up.
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Requests a second; 0 for as many as are answered.
    #[arg(long, default_value_t = 0.0)]
    rate: f64,
    /// gRPC instead of JSON.
    #[arg(long)]
    grpc: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let load = Load::parse();
    let warm = Duration::from_secs_f64(load.seconds / 5.0);
    let begin = Instant::now() + warm;
    let end = begin + Duration::from_secs_f64(load.seconds);
    let tasks: Vec<_> = (0..load.connections)
        .map(|index| tokio::spawn(connection(load.clone(), index, begin, end)))
        .collect();
    let (mut latencies, mut bytes) = (Vec::new(), 0);
    for task in tasks {
        let (more, length) = task.await??;
        latencies.extend(more);
        bytes = length;
    }
    latencies.sort_unstable();
    let at = |quantile: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a place in a list"
        )]
        let place = (latencies.len() as f64 * quantile) as usize;
        latencies.get(place.min(latencies.len().saturating_sub(1))).map_or(0.0, |d| d.as_secs_f64() * 1000.0)
    };
    println!(
        "{}",
        serde_json::json!({"requests": latencies.len(), "seconds": load.seconds, "bytes": bytes,
            "p50_ms": at(0.5), "p99_ms": at(0.99), "max_ms": at(1.0)})
    );
    Ok(())
}

/// One connection's latencies within the time that counts, and the length of its last answer.
async fn connection(
    load: Load,
    index: u32,
    begin: Instant,
    end: Instant,
) -> anyhow::Result<(Vec<Duration>, usize)> {
    let case = cases().into_iter().find(|case| case.name == load.case).context("no such case")?;
    let mut asker = Asker::connect(&load, case).await?;
    let mut latencies = Vec::new();
    let interval =
        (load.rate > 0.0).then(|| Duration::from_secs_f64(f64::from(load.connections) / load.rate));
    // Spread over the interval, so that connections do not ask all at once.
    let mut due = Instant::now() + interval.unwrap_or_default() * index / load.connections;
    loop {
        if interval.is_some() {
            tokio::time::sleep_until(due.into()).await;
        } else {
            due = Instant::now();
        }
        let length = asker.ask().await?;
        // At a fixed rate what was due before the end counts, however late; otherwise all that was asked does.
        if due >= begin && (interval.is_none() || due < end) {
            latencies.push(due.elapsed());
        }
        due += interval.unwrap_or_default();
        if Instant::now() >= end {
            return Ok((latencies, length));
        }
    }
}

enum Asker {
    Http { stream: TcpStream, request: Vec<u8>, buffer: Vec<u8> },
    Grpc { client: tonic::client::Grpc<Channel>, path: http::uri::PathAndQuery },
}

impl Asker {
    async fn connect(load: &Load, case: Case) -> anyhow::Result<Self> {
        if load.grpc {
            let channel =
                Endpoint::from_shared(format!("http://{}", load.addr))?.tcp_nodelay(true).connect().await?;
            return Ok(Self::Grpc { client: tonic::client::Grpc::new(channel), path: case.rpc.parse()? });
        }
        let stream = TcpStream::connect(load.addr).await?;
        stream.set_nodelay(true)?;
        let request = format!("GET {} HTTP/1.1\r\nhost: localhost\r\naccept: */*\r\n\r\n", case.target);
        Ok(Self::Http { stream, request: request.into_bytes(), buffer: vec![0; 1 << 17] })
    }

    /// Asks once. Answers the length of the answer.
    async fn ask(&mut self) -> anyhow::Result<usize> {
        match self {
            Self::Grpc { client, path } => {
                client.ready().await?;
                let answer = client.unary(tonic::Request::new(Bytes::new()), path.clone(), Raw).await?;
                Ok(answer.into_inner().len())
            }
            Self::Http { stream, request, buffer } => {
                stream.write_all(request).await?;
                let (mut have, mut whole) = (0, None);
                loop {
                    let more = stream.read(&mut buffer[have..]).await?;
                    anyhow::ensure!(more > 0, "the connection closed in the middle of an answer");
                    have += more;
                    if whole.is_none() {
                        whole = head(&buffer[..have])?;
                    }
                    if let Some((head, body)) = whole.filter(|(head, body)| have >= head + body) {
                        anyhow::ensure!(have == head + body, "there is more than one answer");
                        return Ok(body);
                    }
                }
            }
        }
    }
}

/// Lengths of the head and of the body, once the head is there.
fn head(bytes: &[u8]) -> anyhow::Result<Option<(usize, usize)>> {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&bytes[..end])?;
    anyhow::ensure!(head.starts_with("HTTP/1.1 200"), "not a good answer: {head}");
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    Ok(Some((end + 4, length.context("the answer has no length")?)))
}
