//! Serves whatever descriptors it is given, from a backend in the same process. Where an RPC answers the type it
//! is asked with, the answer is the request; any other answer is empty, and so shows the shape of the reply.
//!
//! `cargo run -p transcode --example echo -- set.binpb 127.0.0.1:8080`, with a set made by
//! `buf build -o set.binpb` or `protoc --include_imports --descriptor_set_out=set.binpb`.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost_reflect::DescriptorPool;
use tonic::body::Body;
use tonic::{Request, Response, Status};
use transcode::codec::Raw;
use transcode::{Binding, Edge, Problem, Rendered, Settings, Table, Transcoder};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Every service is here, and no header means anything.
#[derive(Clone)]
struct Here(DescriptorPool);

impl Here {
    /// Whether an RPC, by its path on the wire, answers the type it is asked with.
    fn echoes(&self, path: &str) -> bool {
        let rpc = path.trim_start_matches('/').split_once('/').and_then(|(service, name)| {
            let service = self.0.get_service_by_name(service)?;
            service.methods().find(|rpc| rpc.name() == name)
        });
        rpc.is_some_and(|rpc| rpc.input() == rpc.output())
    }
}

impl Edge for Here {
    type Channel = tower::util::BoxCloneSyncService<http::Request<Body>, http::Response<Body>, Status>;

    fn channel(&self, _service: &str) -> Option<Self::Channel> {
        let here = self.clone();
        Some(tower::util::BoxCloneSyncService::new(tower::service_fn(move |request: http::Request<Body>| {
            let echoes = here.echoes(request.uri().path());
            let answer = tower::service_fn(move |call: Request<Bytes>| {
                let wire = if echoes { call.into_inner() } else { Bytes::new() };
                std::future::ready(Ok::<_, Status>(Response::new(wire)))
            });
            async move { Ok(tonic::server::Grpc::new(Raw).unary(answer, request).await) }
        })))
    }

    fn render(&self, problem: &Problem) -> Rendered {
        let status = match problem {
            Problem::NoRoute => StatusCode::NOT_FOUND,
            Problem::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Problem::Invalid(_) => StatusCode::BAD_REQUEST,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let body = serde_json::json!({"error": format!("{problem:?}")}).to_string();
        Rendered { status, headers: HeaderMap::new(), body: body.into() }
    }

    fn forward(&self, _headers: &HeaderMap, _metadata: &mut HeaderMap) {}

    fn decorate(&self, _binding: &Binding, _headers: &mut HeaderMap) {}

    fn envelope(&self, _binding: &Binding) -> Option<&'static str> {
        None
    }
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let set = arguments.next().ok_or("name a descriptor set")?;
    let address = arguments.next().ok_or("name an address to listen on")?;
    let pool = DescriptorPool::decode(std::fs::read(set)?.as_slice())?;
    let transcoder = Arc::new(Transcoder::new(Table::compile(&pool)?, Here(pool), Settings::default()));
    let listener = tokio::net::TcpListener::bind(address).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        let transcoder = transcoder.clone();
        let service = hyper::service::service_fn(move |request| {
            let transcoder = transcoder.clone();
            async move { Ok::<_, std::convert::Infallible>(transcoder.handle(request).await) }
        });
        tokio::spawn(async move {
            let server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
            drop(server.serve_connection(TokioIo::new(stream), service).await);
        });
    }
}
