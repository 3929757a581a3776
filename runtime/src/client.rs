//! Channels to other servers of ours, and what every call over them carries.

use std::io;
use std::time::{Duration, Instant};

use http::Uri;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use tonic::metadata::{MetadataKey, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};
use tower::Service;

use crate::Reloaded;
use crate::config::{Error, GrpcTls};
use crate::context::{Context, DEADLINE_MARGIN, REQUEST_ID};
use crate::telemetry;

/// A channel whose calls carry the current request's id, trace and deadline.
pub type Connected = InterceptedService<Channel, Propagate>;

/// Connects to a server when first used, and again whenever the connection is lost. `variable` configures
/// the URL. A call without an earlier deadline ends after `timeout`.
pub fn channel(url: &str, variable: &str, tls: &GrpcTls, timeout: Duration) -> Result<Connected, Error> {
    Ok(InterceptedService::new(Remote::new(url, variable, tls)?.connect_lazy(), Propagate { timeout }))
}

/// A server of ours and how it is reached.
#[derive(Debug, Clone)]
pub struct Remote {
    endpoint: Endpoint,
    tls: Option<Reloaded<ClientConfig>>,
}

impl Remote {
    /// Reads the URL that `variable` configures; one with `https` is reached over TLS.
    pub fn new(url: &str, variable: &str, tls: &GrpcTls) -> Result<Self, Error> {
        let endpoint = endpoint(url, variable)?;
        let secure = endpoint.uri().scheme_str() == Some("https");
        Ok(Self { endpoint, tls: if secure { Some(tls.client()?) } else { None } })
    }

    /// A channel that connects when first used.
    pub fn connect_lazy(&self) -> Channel {
        match &self.tls {
            Some(tls) => self.endpoint.connect_with_connector_lazy(connector(tls.clone())),
            None => self.endpoint.connect_lazy(),
        }
    }
}

/// Connects over TLS, with the certificates of the moment.
pub(crate) fn connector(
    tls: Reloaded<ClientConfig>,
) -> impl Service<Uri, Response = Secure, Error = io::Error, Future: Send> + Send + 'static {
    tower::service_fn(move |uri: Uri| {
        let connector = TlsConnector::from(tls.get());
        async move {
            let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
            let stream = TcpStream::connect((host.as_str(), uri.port_u16().unwrap_or(443))).await?;
            stream.set_nodelay(true)?;
            let name = ServerName::try_from(host).map_err(io::Error::other)?;
            Ok(TokioIo::new(connector.connect(name, stream).await?))
        }
    })
}

type Secure = TokioIo<TlsStream<TcpStream>>;

/// An endpoint with the settings all our channels share.
pub fn endpoint(url: &str, variable: &str) -> Result<Endpoint, Error> {
    // A URL with credentials is refused, and they are not told on.
    let told = url.rsplit('@').next().unwrap_or_default();
    let problem = || Error::new(variable, format!("{told:?} is not a URL such as http://127.0.0.1:50051"));
    let endpoint = Endpoint::from_shared(url.to_owned()).map_err(|_| problem())?;
    let authority = endpoint.uri().authority().filter(|authority| !authority.as_str().contains('@'));
    if !matches!(endpoint.uri().scheme_str(), Some("http" | "https")) || authority.is_none() {
        return Err(problem());
    }
    Ok(endpoint
        .connect_timeout(Duration::from_secs(2))
        .tcp_nodelay(true)
        .http2_keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(5))
        .keep_alive_while_idle(true))
}

/// Adds the current request's id, trace and deadline to a call.
#[derive(Debug, Clone)]
pub struct Propagate {
    timeout: Duration,
}

impl Interceptor for Propagate {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let context = Context::current();
        let left = context.as_ref().and_then(|c| c.deadline).map(|deadline| {
            deadline.saturating_duration_since(Instant::now()).saturating_sub(DEADLINE_MARGIN)
        });
        if left.is_some_and(|left| left.is_zero()) {
            return Err(Status::deadline_exceeded("no time is left for this call"));
        }
        if request.metadata().get("grpc-timeout").is_none() {
            request.set_timeout(left.map_or(self.timeout, |left| left.min(self.timeout)));
        }
        if let Some(id) = context.and_then(|c| MetadataValue::try_from(c.request_id).ok()) {
            request.metadata_mut().insert(REQUEST_ID, id);
        }
        telemetry::inject_trace(|key, value| {
            if let (Ok(key), Ok(value)) =
                (MetadataKey::from_bytes(key.as_bytes()), MetadataValue::try_from(value))
            {
                request.metadata_mut().insert(key, value);
            }
        });
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_that_is_none_is_named_with_its_variable() {
        for bad in ["", "localhost:50051", "ftp://x", "http://", "/path"] {
            let error = endpoint(bad, "PROCUREMENT_URL").unwrap_err().to_string();
            assert!(error.starts_with("PROCUREMENT_URL: "), "{error}");
        }
        assert!(endpoint("http://procurement:50051", "PROCUREMENT_URL").is_ok());
        let error =
            endpoint("http://user:s3cret@procurement:50051", "PROCUREMENT_URL").unwrap_err().to_string();
        assert!(!error.contains("s3cret"), "{error}");
    }

    #[tokio::test]
    async fn a_call_gets_what_is_left_of_the_deadline_and_none_when_nothing_is() {
        let within =
            |left: Duration| Context { request_id: "r1".into(), deadline: Some(Instant::now() + left) };
        let mut propagate = Propagate { timeout: Duration::from_secs(10) };
        let request =
            within(Duration::from_secs(2)).scope(async { propagate.call(Request::new(())) }).await.unwrap();
        assert_eq!(request.metadata().get(REQUEST_ID).unwrap(), "r1");
        let timeout = request.metadata().get("grpc-timeout").unwrap().to_str().unwrap();
        let timeout = crate::context::parse_timeout(timeout).unwrap();
        assert!(timeout <= Duration::from_millis(1950) && timeout > Duration::from_secs(1), "{timeout:?}");
        let late = within(Duration::from_millis(20)).scope(async { propagate.call(Request::new(())) }).await;
        assert_eq!(late.unwrap_err().code(), tonic::Code::DeadlineExceeded);
    }
}
