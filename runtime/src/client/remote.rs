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
        match &self.tls {
            Some(tls) => self.endpoint.connect_with_connector_lazy(secure(tls.clone(), addr)),
            None => self.endpoint.connect_with_connector_lazy(plain(addr)),
        }
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

fn plain(
    addr: SocketAddr,
) -> impl Service<Uri, Response = TokioIo<TcpStream>, Error = io::Error, Future: Send> + Send + 'static {
    tower::service_fn(move |_| async move { Ok(TokioIo::new(connect(addr).await?)) })
}

/// Connects over TLS, with the certificates of the moment; the server must have the one of the URL's host.
pub(crate) fn secure(
    tls: Reloaded<ClientConfig>,
    addr: SocketAddr,
) -> impl Service<Uri, Response = Secure, Error = io::Error, Future: Send> + Send + 'static {
    tower::service_fn(move |uri: Uri| {
        let connector = TlsConnector::from(tls.get());
        async move {
            let name = ServerName::try_from(host(&uri).to_owned()).map_err(io::Error::other)?;
            Ok(TokioIo::new(connector.connect(name, connect(addr).await?).await?))
        }
    })
}

type Secure = TokioIo<TlsStream<TcpStream>>;
