//! A health check from outside, for images that have no curl.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// How long the whole check may take.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Asks the simulator at an address for its counters; the error says what came instead.
pub async fn probe(addr: SocketAddr) -> Result<(), String> {
    let ip = if addr.ip().is_unspecified() { Ipv4Addr::LOCALHOST.into() } else { addr.ip() };
    let addr = SocketAddr::new(ip, addr.port());
    let answer = tokio::time::timeout(TIMEOUT, ask(addr)).await;
    let answer =
        answer.map_err(|_| format!("{addr} does not answer"))?.map_err(|error| format!("{addr}: {error}"))?;
    if answer.starts_with(b"HTTP/1.1 200 ") {
        Ok(())
    } else {
        Err(format!("{addr} does not answer with 200"))
    }
}

async fn ask(addr: SocketAddr) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(addr).await?;
    stream.write_all(b"GET /admin/stats HTTP/1.1\r\nhost: simulator\r\nconnection: close\r\n\r\n").await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Config, Simulator};

    #[tokio::test]
    async fn a_simulator_passes_while_it_runs() {
        let simulator = Simulator::start(Config { notices: 10, ..Config::default() }).await.unwrap();
        let addr = simulator.addr();
        assert_eq!(probe(addr).await, Ok(()));
        simulator.stop().await;
        assert!(probe(addr).await.is_err());
    }
}
