//! The backend, the transcoder in front of it, and a client.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::Request;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use prost_reflect::DescriptorPool;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tonic::transport::{Channel, Endpoint};
use tonic::{Response, Status};
use transcode::codec::Raw;
use transcode::{Binding, Edge, Problem, Rendered, Settings, Table, Transcoder};

use crate::cases::Case;

/// Answers every call with what it is asked, and remembers it.
pub(crate) struct Backend(Arc<Mutex<Option<Bytes>>>);

impl Backend {
    pub(crate) async fn start(address: SocketAddr) -> anyhow::Result<Self> {
        let seen: Arc<Mutex<Option<Bytes>>> = Arc::default();
        let last = seen.clone();
        let router = axum::Router::new().fallback(async move |request: Request| {
            let unary = tower::service_fn(move |call: tonic::Request<Bytes>| {
                let wire = call.into_inner();
                *last.lock().unwrap_or_else(PoisonError::into_inner) = Some(wire.clone());
                std::future::ready(Ok::<_, Status>(Response::new(wire)))
            });
            tonic::server::Grpc::new(Raw).unary(unary, request).await
        });
        let listener = TcpListener::bind(address).await?;
        tokio::spawn(async { axum::serve(listener, router).await });
        Ok(Self(seen))
    }

    /// The message of the last call, once.
    pub(crate) fn take(&self) -> Option<Bytes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

struct Plain(Channel);

impl Edge for Plain {
    type Channel = Channel;

    fn channel(&self, _service: &str) -> Option<Channel> {
        Some(self.0.clone())
    }

    fn render(&self, problem: &Problem) -> Rendered {
        let body = serde_json::json!({"problem": format!("{problem:?}")}).to_string().into();
        Rendered { status: StatusCode::BAD_REQUEST, headers: HeaderMap::new(), body }
    }

    fn forward(&self, _headers: &HeaderMap, _metadata: &mut HeaderMap) {}

    fn decorate(&self, _binding: &Binding, _headers: &mut HeaderMap) {}

    fn envelope(&self, _binding: &Binding) -> Option<&'static str> {
        None
    }
}

/// Starts the transcoder in front of the backend.
pub(crate) async fn transcoder(pool: &DescriptorPool, backend: SocketAddr) -> anyhow::Result<SocketAddr> {
    let channel = Endpoint::from_shared(format!("http://{backend}"))?.connect_lazy();
    let transcoder = Arc::new(Transcoder::new(Table::compile(pool)?, Plain(channel), Settings::default()));
    let router = axum::Router::new()
        .fallback(async move |request: Request| transcoder.handle(request).await.map(axum::body::Body::new));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async { axum::serve(listener, router).await });
    Ok(address)
}

/// Puts a request and answers status and body.
pub(crate) async fn ask(to: SocketAddr, case: &Case) -> anyhow::Result<(u16, Vec<u8>)> {
    let body = case.body.as_ref().map(ToString::to_string).unwrap_or_default();
    let mut stream = TcpStream::connect(to).await?;
    let head = format!(
        "{} {} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        case.method,
        case.target,
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n");
    let end = end.ok_or_else(|| anyhow::anyhow!("no answer to {case}"))?;
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let status = head.split(' ').nth(1).unwrap_or_default().parse()?;
    let body = answer.split_off(end + 4);
    // An error of Envoy's is plain text.
    let json = head.to_ascii_lowercase().contains("content-type: application/json");
    Ok((status, if json { body } else { serde_json::to_vec(&String::from_utf8_lossy(&body))? }))
}
