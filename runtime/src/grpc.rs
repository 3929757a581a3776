//! A gRPC server the way all of ours are: health, reflection, observation, and a drain that loses nothing.

use std::collections::HashSet;
use std::pin::Pin;
use std::time::Duration;

use prost::Message as _;
use tokio::net::TcpListener;
use tonic::service::Routes;
use tonic::transport::Server;

use crate::config::GrpcTls;
use crate::incoming;
use crate::observe::Observe;
use crate::{Health, Metrics, Stop};

/// Streams a caller may open and reset before they are looked at.
const MAX_PENDING_RESETS: usize = 100_000;

/// What a gRPC server is made of.
#[derive(Debug)]
pub struct Grpc {
    /// The services, without health and reflection, which are added.
    pub routes: Routes,
    /// Health of the services; the caller says when each serves.
    pub health: Health,
    /// Serialised `FileDescriptorSet` that reflection answers from, annotations included.
    pub descriptors: &'static [u8],
    /// Where requests are counted.
    pub metrics: Metrics,
    /// TLS of the listener.
    pub tls: GrpcTls,
    /// How long requests in flight may take to finish after the stop.
    pub drain_timeout: Duration,
}

/// Why a server could not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The embedded descriptors are broken.
    #[error("descriptors cannot be read: {0}")]
    Descriptors(String),
    /// A setting is wrong.
    #[error("configuration error")]
    Config(#[from] crate::config::Error),
    /// The transport failed.
    #[error("the gRPC server failed: {0}")]
    Transport(#[from] tonic::transport::Error),
}

impl Grpc {
    /// Serves until `stop`, then drains: health says `NOT_SERVING`, no connection is accepted, requests in
    /// flight finish or are cut off at the drain timeout.
    pub async fn serve(self, listener: TcpListener, stop: Stop) -> Result<(), Error> {
        let observe = Observe::new(self.metrics.requests("rpc_server"), rpc_paths(self.descriptors)?);
        let reflection = |error: tonic_reflection::server::Error| Error::Descriptors(error.to_string());
        // The descriptors hold the whole contract; what is listed is what this server serves.
        let mut names = self.health.services();
        names.push("grpc.health.v1.Health".to_owned());
        let builder = |own: &str| {
            let builder = tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(self.descriptors)
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
                .with_service_name(own);
            names.iter().fold(builder, tonic_reflection::server::Builder::with_service_name)
        };
        let routes = self
            .routes
            .add_service(self.health.server())
            .add_service(builder("grpc.reflection.v1.ServerReflection").build_v1().map_err(reflection)?)
            // Python's client and older grpcurl speak only v1alpha.
            .add_service(
                builder("grpc.reflection.v1alpha.ServerReflection").build_v1alpha().map_err(reflection)?,
            );

        let draining = {
            let (stop, health) = (stop.clone(), self.health.clone());
            async move {
                stop.stopped().await;
                health.drain();
            }
        };
        let server = Server::builder()
            // Callers of a gateway go away all the time, and all of them share its connection: the limit against
            // rapid resets would end it for everybody. Only our own processes reach this port.
            .http2_max_pending_accept_reset_streams(Some(MAX_PENDING_RESETS))
            .http2_keepalive_interval(Some(Duration::from_secs(20)))
            .http2_keepalive_timeout(Some(Duration::from_secs(5)))
            .layer(observe)
            .add_routes(routes);
        let server: Pin<Box<dyn Future<Output = _> + Send>> = match self.tls.server()? {
            Some(tls) => {
                let incoming = incoming::tls(listener, tls, stop.clone());
                Box::pin(server.serve_with_incoming_shutdown(incoming, draining))
            }
            None => Box::pin(server.serve_with_incoming_shutdown(incoming::plain(listener), draining)),
        };
        tokio::select! {
            ended = server => Ok(ended?),
            () = async { stop.stopped().await; tokio::time::sleep(self.drain_timeout).await } => {
                let timeout_s = self.drain_timeout.as_secs_f64();
                tracing::warn!(timeout_s, "drain timed out; requests in flight are cut off");
                Ok(())
            }
        }
    }
}

fn rpc_paths(descriptors: &[u8]) -> Result<HashSet<String>, Error> {
    let mut paths = HashSet::new();
    for bytes in [descriptors, tonic_health::pb::FILE_DESCRIPTOR_SET] {
        let set =
            prost_types::FileDescriptorSet::decode(bytes).map_err(|e| Error::Descriptors(e.to_string()))?;
        for file in set.file {
            for service in &file.service {
                for method in &service.method {
                    paths.insert(format!("/{}.{}/{}", file.package(), service.name(), method.name()));
                }
            }
        }
    }
    Ok(paths)
}
