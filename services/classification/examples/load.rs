//! Load on a running classification service: latencies of each kind of call, as a caller over loopback sees them.
//!
//! `cargo run --release -p classification --example load -- http://127.0.0.1:50052 [SECONDS] [CALLERS]`
//!
//! Method: CALLERS tasks (default 4) share one connection and call back to back for SECONDS (default 5) for each kind
//! of call; a latency is from sending the request to having the decoded answer. Client and service share the machine,
//! so the figures hold the client's work too. It aims at loopback only, and ends by itself.

#![expect(clippy::print_stdout, reason = "a program that prints a table")]

use std::error::Error;
use std::time::{Duration, Instant};

use proto::classification as pb;
use proto::classification::classification_service_client::ClassificationServiceClient;
use tonic::transport::{Channel, Endpoint};

type Client = ClassificationServiceClient<Channel>;

/// Longest answer that is read: the whole CPV list is over tonic's 4 MiB.
const MAX_ANSWER: usize = 64 << 20;

/// What people type, for search; every beginning of each is asked.
const TYPED: [&str; 6] =
    ["programvareutvikling", "renhold", "kunstig intelligens", "skoleskyss", "sykepleier", "oslo"];

#[derive(Debug, Clone, Copy)]
enum Call {
    GetCpvCode,
    GetNutsCode,
    ListCpvCodes,
    ListNutsCodes,
    ResolveNuts,
    Search,
}

const CALLS: [Call; 6] = [
    Call::GetCpvCode,
    Call::GetNutsCode,
    Call::ResolveNuts,
    Call::Search,
    Call::ListNutsCodes,
    Call::ListCpvCodes,
];

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().unwrap_or_else(|| "http://127.0.0.1:50052".into());
    let seconds = arguments.next().map_or(Ok(5), |text| text.parse())?;
    let callers: usize = arguments.next().map_or(Ok(4), |text| text.parse())?;
    let endpoint = Endpoint::from_shared(url)?;
    let local = endpoint.uri().host().is_some_and(|host| ["127.0.0.1", "localhost", "[::1]"].contains(&host));
    if !local {
        return Err("a load is aimed at loopback only".into());
    }
    let client = Client::new(endpoint.connect().await?).max_decoding_message_size(MAX_ANSWER);
    println!("{seconds} s each, {callers} callers on one connection");
    println!("| call | calls/s | p50 µs | p99 µs | max µs |\n|---|---|---|---|---|");
    for call in CALLS {
        let end = Instant::now() + Duration::from_secs(seconds);
        let tasks: Vec<_> =
            (0..callers).map(|at| tokio::spawn(repeat(client.clone(), call, at, end))).collect();
        let mut latencies = Vec::new();
        for task in tasks {
            latencies.extend(task.await??);
        }
        latencies.sort_unstable();
        let at = |percent: usize| latencies[(latencies.len() - 1) * percent / 100].as_micros();
        let rate = u64::try_from(latencies.len())? / seconds;
        println!("| {call:?} | {rate} | {} | {} | {} |", at(50), at(99), at(100));
    }
    Ok(())
}

async fn repeat(
    mut client: Client,
    call: Call,
    start: usize,
    end: Instant,
) -> Result<Vec<Duration>, tonic::Status> {
    let prefixes: Vec<String> = TYPED
        .iter()
        .flat_map(|text| text.char_indices().map(|(at, c)| text[..at + c.len_utf8()].to_owned()))
        .collect();
    let mut latencies = Vec::new();
    let mut turn = start;
    while Instant::now() < end {
        turn += 1;
        let began = Instant::now();
        ask(&mut client, call, turn, &prefixes).await?;
        latencies.push(began.elapsed());
    }
    Ok(latencies)
}

async fn ask(client: &mut Client, call: Call, turn: usize, prefixes: &[String]) -> Result<(), tonic::Status> {
    let one = || pb::GetNutsCodeRequest { code: "NO081".into() };
    let name = || pb::ResolveNutsRequest { name: "Bærum".into() };
    match call {
        Call::GetCpvCode => client.get_cpv_code(cpv(turn)).await.map(drop),
        Call::GetNutsCode => client.get_nuts_code(one()).await.map(drop),
        Call::ResolveNuts => client.resolve_nuts(name()).await.map(drop),
        Call::Search => {
            client.search_classifications(search(&prefixes[turn % prefixes.len()])).await.map(drop)
        }
        Call::ListNutsCodes => client.list_nuts_codes(pb::ListNutsCodesRequest::default()).await.map(drop),
        Call::ListCpvCodes => client.list_cpv_codes(pb::ListCpvCodesRequest::default()).await.map(drop),
    }
}

fn cpv(turn: usize) -> pb::GetCpvCodeRequest {
    let code = ["48000000", "72222300", "45000000", "90910000"][turn % 4];
    pb::GetCpvCodeRequest { code: code.into(), ..Default::default() }
}

fn search(q: &str) -> pb::SearchClassificationsRequest {
    pb::SearchClassificationsRequest { q: q.to_owned(), ..Default::default() }
}
