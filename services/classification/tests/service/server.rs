//! A server under test.

use std::future::Future;
use std::path::Path;

use clap::Parser as _;
use classification::Config;
use proto::classification as pb;
use proto::classification::classification_service_client::ClassificationServiceClient;
use proto::{ErrorCode, Failure};
use runtime::{Metrics, Stop};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tonic::transport::Channel;
use tonic::{Response, Status};

/// A running server and a client of it.
pub(crate) struct Server {
    pub(crate) client: ClassificationServiceClient<Channel>,
    pub(crate) metrics: Metrics,
    pub(crate) addr: std::net::SocketAddr,
    stop: Stop,
    task: JoinHandle<Result<(), classification::Error>>,
    data: Option<TempDir>,
}

impl Server {
    /// A server with the embedded lists and no publisher.
    pub(crate) async fn embedded() -> Self {
        Self::start(&["--sources-enabled", "false"]).await
    }

    /// A server with settings and a data directory of its own.
    pub(crate) async fn start(settings: &[&str]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut server = Self::start_in(data.path(), settings).await;
        server.data = Some(data);
        server
    }

    /// A server with settings and a given data directory.
    pub(crate) async fn start_in(data: &Path, settings: &[&str]) -> Self {
        let fixed = ["classification", "--data-dir", data.to_str().unwrap()];
        let config = Config::try_parse_from(fixed.iter().chain(settings)).unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (metrics, stop) = (Metrics::new("classification", "0"), Stop::new());
        let task = tokio::spawn(classification::serve(listener, config, metrics.clone(), stop.clone()));
        let client = ClassificationServiceClient::connect(format!("http://{addr}")).await.unwrap();
        let client = client.max_decoding_message_size(32 * 1024 * 1024);
        Self { client, metrics, addr, stop, task, data: None }
    }

    /// What is said of one list.
    pub(crate) async fn source(&self, scheme: pb::Scheme) -> pb::SourceStatus {
        let answer = ok(self.client.clone().list_sources(pb::ListSourcesRequest {})).await;
        answer.data.into_iter().find(|status| status.scheme() == scheme).unwrap()
    }

    /// Stops the server and waits until it has ended.
    pub(crate) async fn stop(self) {
        drop(self.client);
        self.stop.stop();
        self.task.await.unwrap().unwrap();
        drop(self.data);
    }
}

/// The answer of a call.
pub(crate) async fn ok<T>(call: impl Future<Output = Result<Response<T>, Status>>) -> T {
    call.await.unwrap().into_inner()
}

/// The error of a call.
pub(crate) async fn failure<T>(call: impl Future<Output = Result<Response<T>, Status>>) -> Failure {
    match call.await {
        Ok(_) => panic!("the call succeeded"),
        Err(status) => Failure::from_status(&status),
    }
}

/// Checks that a call is refused because of one field.
pub(crate) async fn refused<T>(
    call: impl Future<Output = Result<Response<T>, Status>>,
    code: ErrorCode,
    field: &str,
    mention: &str,
) {
    let failure = failure(call).await;
    let fields: Vec<_> = failure.violations.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!((failure.code, fields.as_slice()), (code, [field].as_slice()), "{failure:?}");
    assert!(failure.message.contains(mention), "{mention:?} is not in {:?}", failure.message);
}

/// Checks that a call is answered by the reason a code is not found by.
pub(crate) async fn absent<T>(
    call: impl Future<Output = Result<Response<T>, Status>>,
    code: ErrorCode,
    message: &str,
) {
    let failure = failure(call).await;
    assert_eq!((failure.code, failure.message.as_str()), (code, message));
    let named = failure.metadata.iter().any(|(key, value)| key == "code" && message.contains(value.as_str()));
    assert!(named, "{:?}", failure.metadata);
}
