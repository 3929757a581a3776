//! A server of ours by its URL, and connections to one of its addresses.

use std::io;
use std::net::SocketAddr;

use http::Uri;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::either::Either;
use tonic::transport::{Channel, Endpoint};
use tower::Service;

use super::endpoint;
use crate::Reloaded;
use crate::config::{Error, GrpcTls};

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

    /// Host and port of the URL.
    pub(super) fn place(&self) -> (&str, u16) {
        let uri = self.endpoint.uri();
        let port = uri.port_u16().unwrap_or(if self.tls.is_some() { 443 } else { 80 });
        (host(uri), port)
    }

    /// A channel to one address of the host, that connects when first used and again when the connection is lost.
    pub(super) fn connect_lazy(&self, addr: SocketAddr) -> Channel {
        let remote = self.clone();
        self.endpoint.connect_with_connector_lazy(tower::service_fn(move |_: Uri| {
            let remote = remote.clone();
            async move { remote.connect(addr).await.map(TokioIo::new) }
        }))
    }

    /// Connects to one address of the host.
    pub(super) async fn connect(
        &self,
        addr: SocketAddr,
    ) -> io::Result<Either<TcpStream, TlsStream<TcpStream>>> {
        match &self.tls {
            Some(tls) => Ok(Either::Right(handshake(tls, self.endpoint.uri(), addr).await?)),
            None => Ok(Either::Left(connect(addr).await?)),
        }
    }

    /// Makes a path the URI of a call.
    pub(super) fn complete(&self, uri: &mut Uri) -> Result<(), http::uri::InvalidUriParts> {
        let mut parts = self.endpoint.uri().clone().into_parts();
        parts.path_and_query = uri.path_and_query().cloned();
        *uri = Uri::from_parts(parts)?;
        Ok(())
    }
}

/// The host of a URL, without the brackets of an IPv6 address.
fn host(uri: &Uri) -> &str {
    uri.host().unwrap_or_default().trim_matches(['[', ']'])
}

async fn connect(addr: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(addr).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Connects over TLS, with the certificates of the moment; the server must have the one of the URL's host.
async fn handshake(
    tls: &Reloaded<ClientConfig>,
    uri: &Uri,
    addr: SocketAddr,
) -> io::Result<TlsStream<TcpStream>> {
    let connector = TlsConnector::from(tls.get());
    let name = ServerName::try_from(host(uri).to_owned()).map_err(io::Error::other)?;
    connector.connect(name, connect(addr).await?).await
}

/// A connector for tonic's own channels.
pub(crate) fn secure(
    tls: Reloaded<ClientConfig>,
    addr: SocketAddr,
) -> impl Service<Uri, Response = Secure, Error = io::Error, Future: Send> + Send + 'static {
    tower::service_fn(move |uri: Uri| {
        let tls = tls.clone();
        async move { Ok(TokioIo::new(handshake(&tls, &uri, addr).await?)) }
    })
}

type Secure = TokioIo<TlsStream<TcpStream>>;
