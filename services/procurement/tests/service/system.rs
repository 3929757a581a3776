//! The service, started and called.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use clap::Parser as _;
use procurement::Config;
use proto::procurement as pb;
use proto::procurement::procurement_service_client::ProcurementServiceClient;
use proto::{ErrorCode, Failure};
use runtime::{Metrics, Stop};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tonic::Request;
use tonic::transport::Channel;

use crate::classification::Classification;
use crate::doffin::Doffin;

/// The key the service is given. No other text of the tests looks like it.
pub(crate) const KEY: &str = "0123456789abcdefFEDCBA9876543210";

/// How long a call waits unless a test says otherwise.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct System {
    pub(crate) addr: SocketAddr,
    pub(crate) doffin: Doffin,
    pub(crate) classification: Classification,
    pub(crate) metrics: Metrics,
    pub(crate) client: ProcurementServiceClient<Channel>,
    stop: Stop,
    /// The mirror's own directory.
    _data: TempDir,
}

impl Drop for System {
    fn drop(&mut self) {
        self.stop.stop();
    }
}

/// An address where nobody listens.
pub(crate) fn nowhere() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// Settings of a service whose mirror lies in a directory and is not filled, so that Doffin is asked.
pub(crate) fn config(doffin: SocketAddr, classification: SocketAddr, data: &Path, more: &[&str]) -> Config {
    let base = format!("--doffin-base-url=http://{doffin}/public/v2");
    let key = format!("--doffin-api-key={KEY}");
    let classification = format!("--classification-url=http://{classification}");
    let data = format!("--data-dir={}", data.display());
    let given =
        ["procurement", &base, &key, &classification, &data, "--doffin-rate=1000", "--sync-enabled=false"];
    let mut arguments: Vec<&str> = given.to_vec();
    for argument in more {
        let flag = argument.split('=').next().unwrap();
        arguments.retain(|given| !given.starts_with(flag));
        arguments.push(argument);
    }
    Config::try_parse_from(arguments).unwrap()
}

impl System {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts with more flags, which replace those the tests give.
    pub(crate) async fn start_with(more: &[&str]) -> Self {
        Self::start_over(tempfile::tempdir().unwrap(), more).await
    }

    /// Starts over a mirror that is there already.
    pub(crate) async fn start_over(data: TempDir, more: &[&str]) -> Self {
        logs();
        let (doffin, classification) = (Doffin::start().await, Classification::start().await);
        let config = config(doffin.addr, classification.addr, data.path(), more);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (metrics, stop) = (Metrics::new("procurement", "test"), Stop::new());
        let serving = procurement::serve(listener, config, metrics.clone(), stop.clone());
        tokio::spawn(async move { serving.await.unwrap() });
        let channel = Channel::from_shared(format!("http://{addr}")).unwrap().connect().await.unwrap();
        let client = ProcurementServiceClient::new(channel).max_decoding_message_size(64 << 20);
        Self { addr, doffin, classification, metrics, client, stop, _data: data }
    }

    pub(crate) async fn search(
        &self,
        request: pb::SearchNoticesRequest,
    ) -> Result<pb::SearchNoticesResponse, Failure> {
        self.search_within(request, PATIENCE).await
    }

    pub(crate) async fn search_within(
        &self,
        request: pb::SearchNoticesRequest,
        timeout: Duration,
    ) -> Result<pb::SearchNoticesResponse, Failure> {
        let mut request = Request::new(request);
        request.set_timeout(timeout);
        answered(self.client.clone().search_notices(request).await)
    }

    pub(crate) async fn notice(&self, id: &str) -> Result<pb::GetNoticeResponse, Failure> {
        let mut request = Request::new(pb::GetNoticeRequest { id: id.into() });
        request.set_timeout(PATIENCE);
        answered(self.client.clone().get_notice(request).await)
    }

    pub(crate) async fn xml(&self, id: &str) -> Result<proto::google::api::HttpBody, Failure> {
        let mut request = Request::new(pb::GetNoticeXmlRequest { id: id.into() });
        request.set_timeout(PATIENCE);
        answered(self.client.clone().get_notice_xml(request).await).map(|response| response.body.unwrap())
    }

    pub(crate) async fn sync_status(&self) -> pb::SyncStatus {
        let response = self.client.clone().get_sync_status(pb::GetSyncStatusRequest { weeks: false }).await;
        answered(response).unwrap().data.unwrap()
    }
}

pub(crate) fn answered<T>(response: Result<tonic::Response<T>, tonic::Status>) -> Result<T, Failure> {
    response.map(tonic::Response::into_inner).map_err(|status| Failure::from_status(&status))
}

/// Asserts that a request was refused for one field.
#[track_caller]
pub(crate) fn refused(failure: &Failure, code: ErrorCode, field: &str) {
    let fields: Vec<_> = failure.violations.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!((failure.code, fields), (code, vec![field]), "{failure:?}");
}

pub(crate) fn words(search: &str) -> pb::SearchNoticesRequest {
    pb::SearchNoticesRequest { search: search.into(), ..Default::default() }
}

pub(crate) fn ids(response: &pb::SearchNoticesResponse) -> Vec<&str> {
    response.data.as_ref().unwrap().hits.iter().map(|hit| hit.id.as_str()).collect()
}

#[derive(Debug, Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl io::Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Everything any test of this program has logged, down to the libraries' finest level.
pub(crate) fn logs() -> String {
    static LOGS: OnceLock<Buffer> = OnceLock::new();
    let buffer = LOGS.get_or_init(|| {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        tracing_subscriber::fmt()
            .with_ansi(false)
            .with_max_level(tracing::Level::TRACE)
            .with_writer(move || writer.clone())
            .init();
        buffer
    });
    String::from_utf8_lossy(&buffer.0.lock().unwrap()).into_owned()
}
