//! A health check from outside: what a container's `health` command asks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tonic::transport::Endpoint;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::client;
use crate::config::GrpcTls;

/// How long the whole check may take.
const TIMEOUT: Duration = Duration::from_secs(4);

/// Asks the gRPC server at an address whether it serves as a whole; the error says what it answered instead.
pub async fn probe(addr: SocketAddr, tls: &GrpcTls) -> Result<(), String> {
    let addr = reachable(addr);
    let answer = tokio::time::timeout(TIMEOUT, check(addr, tls)).await;
    let status = answer.map_err(|_| format!("{addr} did not answer within {} s", TIMEOUT.as_secs()))??;
    if status == ServingStatus::Serving {
        Ok(())
    } else {
        Err(format!("{addr} says {}", status.as_str_name()))
    }
}

/// The address at which a process on the same machine reaches a server: loopback where it listens everywhere.
pub fn reachable(addr: SocketAddr) -> SocketAddr {
    let ip = match addr.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, addr.port())
}

async fn check(addr: SocketAddr, tls: &GrpcTls) -> Result<ServingStatus, String> {
    let scheme = if tls.is_on() { "https" } else { "http" };
    let endpoint = Endpoint::from_shared(format!("{scheme}://{addr}")).map_err(|error| error.to_string())?;
    let connected = match tls.itself().map_err(|error| error.to_string())? {
        Some(tls) => endpoint.connect_with_connector(client::secure(tls, addr)).await,
        None => endpoint.connect().await,
    };
    let channel = connected.map_err(|_| format!("{addr} cannot be reached"))?;
    let request = HealthCheckRequest { service: String::new() };
    let answer = HealthClient::new(channel).check(request).await;
    answer
        .map(|answer| answer.into_inner().status())
        .map_err(|status| format!("{addr} says {}", status.message()))
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;
    use crate::{Grpc, Health, Metrics, Stop};

    #[test]
    fn a_server_that_listens_everywhere_is_reached_over_loopback() {
        for (addr, local) in
            [("0.0.0.0:50052", "127.0.0.1:50052"), ("[::]:1", "[::1]:1"), ("10.0.0.1:2", "10.0.0.1:2")]
        {
            assert_eq!(reachable(addr.parse().unwrap()).to_string(), local);
        }
    }

    #[tokio::test]
    async fn a_server_passes_only_while_it_serves() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (health, stop) = (Health::new(&["a"]), Stop::new());
        let grpc = Grpc {
            routes: tonic::service::Routes::default(),
            health: health.clone(),
            descriptors: tonic_health::pb::FILE_DESCRIPTOR_SET,
            metrics: Metrics::new("test", "0"),
            tls: GrpcTls::default(),
            drain_timeout: TIMEOUT,
        };
        let server = tokio::spawn(grpc.serve(listener, stop.clone()));
        assert!(probe(addr, &GrpcTls::default()).await.unwrap_err().contains("NOT_SERVING"));
        health.set("a", true);
        assert_eq!(probe(addr, &GrpcTls::default()).await, Ok(()));
        stop.stop();
        server.await.unwrap().unwrap();
        assert!(probe(addr, &GrpcTls::default()).await.unwrap_err().contains("cannot be reached"));
    }
}
