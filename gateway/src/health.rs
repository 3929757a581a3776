//! Whether the gateway lives, is ready, and how its services are.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Json;
use axum::extract;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CACHE_CONTROL;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::backends::Backends;

/// How long a health check waits for its answer.
const PROBE_TIMEOUT: Duration = Duration::from_secs(3);

/// What the health routes answer from.
#[derive(Debug, Clone)]
pub(crate) struct State {
    backends: Backends,
    draining: Arc<AtomicBool>,
}

impl State {
    pub(crate) fn new(backends: Backends) -> Self {
        Self { backends, draining: Arc::default() }
    }

    /// Readiness says no from now on.
    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    fn is_ready(&self) -> bool {
        !self.is_draining() && self.backends.serving().values().all(|serving| *serving)
    }
}

/// What a health route says.
#[derive(Debug, Serialize)]
struct Report {
    success: bool,
    message: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'static str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    services: BTreeMap<&'static str, &'static str>,
}

impl Report {
    fn short(success: bool, message: &'static str) -> Self {
        Self { success, message, version: None, services: BTreeMap::new() }
    }
}

impl IntoResponse for Report {
    fn into_response(self) -> Response {
        let status = if self.success { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        (status, [(CACHE_CONTROL, "no-store")], Json(self)).into_response()
    }
}

/// `/livez`: the process answers. Nothing else is looked at.
pub(crate) async fn live() -> Response {
    Report::short(true, "alive").into_response()
}

/// `/readyz`: every service serves and the gateway is not on its way out. Publishers are never asked.
pub(crate) async fn ready(extract::State(state): extract::State<State>) -> Response {
    let ready = state.is_ready();
    Report::short(ready, if ready { "ready" } else { "not ready" }).into_response()
}

/// `/api/health`: the same for people and load balancers, with the version and each service.
pub(crate) async fn overview(extract::State(state): extract::State<State>) -> Response {
    let word = |serving| if serving { "SERVING" } else { "NOT_SERVING" };
    let success = state.is_ready();
    let message = match (success, state.is_draining()) {
        (true, _) => "all services are serving",
        (false, true) => "the gateway is stopping",
        (false, false) => "not all services are serving",
    };
    let services =
        state.backends.serving().into_iter().map(|(name, serving)| (name, word(serving))).collect();
    Report { success, message, version: Some(env!("CARGO_PKG_VERSION")), services }.into_response()
}

/// Asks a running gateway for `/readyz`, for images that have no curl; over TLS if it shows a certificate.
pub async fn probe(addr: SocketAddr, cert: Option<&Path>) -> Result<(), String> {
    let host = runtime::probe::reachable(addr);
    match tokio::time::timeout(PROBE_TIMEOUT, ask(host, cert)).await {
        Ok(Ok(StatusCode::OK)) => Ok(()),
        Ok(Ok(status)) => Err(format!("the gateway at {host} says {status}")),
        Ok(Err(error)) => Err(format!("the gateway at {host} cannot be asked: {error}")),
        Err(_) => Err(format!("the gateway at {host} does not answer")),
    }
}

type Asked = Result<StatusCode, Box<dyn std::error::Error + Send + Sync>>;

async fn ask(addr: SocketAddr, cert: Option<&Path>) -> Asked {
    let stream = TcpStream::connect(addr).await?;
    let Some(cert) = cert else { return ask_over(stream, addr).await };
    let tls = TlsConnector::from(Arc::new(runtime::tls::itself(cert)?));
    ask_over(tls.connect(addr.ip().into(), stream).await?, addr).await
}

async fn ask_over(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, addr: SocketAddr) -> Asked {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let request = http::Request::get("/readyz").header("host", addr.to_string());
    let response = sender.send_request(request.body(http_body_util::Empty::<bytes::Bytes>::new())?).await?;
    Ok(response.status())
}
