//! Answers every call with bytes made beforehand: over gRPC, as JSON without gRPC behind it, or as a file of descriptors.
#![expect(clippy::print_stdout, reason = "tells how large its replies are")]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::IntoResponse as _;
use axum::routing::{any, post};
use bench::{Case, cases};
use bytes::Bytes;
use clap::Parser;
use futures_util::StreamExt as _;
use tokio::net::TcpListener;
use tonic::{Response, Status};
use transcode::codec::Raw;
use transcode::{Reply, Table};

const WATCH: &str = "/bouvetradar.procurement.v1.ProcurementService/WatchNotices";

/// A backend that costs as little as one can.
#[derive(Debug, Parser)]
enum What {
    /// The two RPCs, a stream, and health.
    Grpc {
        /// Address to listen on.
        addr: SocketAddr,
        /// How long an answer takes, in milliseconds.
        #[arg(long, default_value_t = 0)]
        delay: u64,
    },
    /// The JSON of the two routes.
    Json {
        /// Address to listen on.
        addr: SocketAddr,
    },
    /// Writes the contract's descriptor set.
    Descriptors {
        /// Where to.
        file: PathBuf,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match What::parse() {
        What::Grpc { addr, delay } => grpc(addr, Duration::from_millis(delay)).await,
        What::Json { addr } => json(addr).await,
        What::Descriptors { file } => Ok(std::fs::write(file, proto::DESCRIPTORS)?),
    }
}

async fn grpc(addr: SocketAddr, delay: Duration) -> anyhow::Result<()> {
    let (reporter, health) = tonic_health::server::health_reporter();
    let mut router = Router::new();
    for case in cases() {
        let service = case.rpc.trim_start_matches('/').split('/').next().unwrap_or_default();
        reporter.set_service_status(service, tonic_health::ServingStatus::Serving).await;
        let wire = case.wire()?;
        let answer = post(async move |request: Request| {
            let unary = tower::service_fn(move |_: tonic::Request<Bytes>| {
                let wire = wire.clone();
                async move {
                    if !delay.is_zero() {
                        tokio::time::sleep(delay).await;
                    }
                    Ok::<_, Status>(Response::new(wire))
                }
            });
            tonic::server::Grpc::new(Raw).unary(unary, request).await
        });
        router = router.route(case.rpc, answer);
    }
    router = router.route(WATCH, post(watch));
    let all = tonic::service::Routes::from(router).add_service(health);
    Ok(tonic::transport::Server::builder().tcp_nodelay(true).add_routes(all).serve(addr).await?)
}

/// A stream of one message and then nothing, for ever.
async fn watch(request: Request) -> http::Response<tonic::body::Body> {
    let stream = tower::service_fn(|_: tonic::Request<Bytes>| {
        let first = futures_util::stream::iter([Ok::<_, Status>(Bytes::new())]);
        std::future::ready(Ok::<_, Status>(Response::new(first.chain(futures_util::stream::pending()))))
    });
    tonic::server::Grpc::new(Raw).server_streaming(stream, request).await
}

fn reply(case: &Case) -> anyhow::Result<Bytes> {
    let table = Table::compile(proto::catalogue::pool())?;
    match case.binding(&table)?.reply_with(case.wire()?, "\"success\":true")? {
        Reply::Object(json) | Reply::Json(json) => Ok(json.into()),
        Reply::Body { data, .. } => Ok(data),
    }
}

async fn json(addr: SocketAddr) -> anyhow::Result<()> {
    let mut router = Router::new();
    for case in cases() {
        let json = reply(&case)?;
        println!("{} {} bytes", case.name, json.len());
        let path = case.target.split('?').next().unwrap_or_default();
        let answer =
            any(async move || ([("content-type", "application/json")], json.clone()).into_response());
        router = router.route(path, answer);
    }
    let listener = axum::serve::ListenerExt::tap_io(TcpListener::bind(addr).await?, |stream| {
        // A connection that is gone already says so by itself.
        stream.set_nodelay(true).unwrap_or_default();
    });
    Ok(axum::serve(listener, router).await?)
}
