//! Connections of a gRPC listener, over TLS where it is configured.

use std::io;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tokio_stream::{Stream, StreamExt as _};

use crate::{Reloaded, Stop};

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Connections whose handshakes are done and that wait to be served.
const WAITING: usize = 64;

/// Pause after an accept that failed for lack of file descriptors; trying again at once would spin.
const PAUSE: Duration = Duration::from_millis(50);

/// Connections as they come.
pub(crate) fn plain(listener: TcpListener) -> impl Stream<Item = io::Result<TcpStream>> {
    TcpListenerStream::new(listener).map(|stream| {
        let stream = stream?;
        stream.set_nodelay(true)?;
        Ok(stream)
    })
}

/// Connections whose handshake went well, until `stop`. One that is slow holds up no other.
pub(crate) fn tls(
    listener: TcpListener,
    config: Reloaded<ServerConfig>,
    stop: Stop,
) -> impl Stream<Item = io::Result<TlsStream<TcpStream>>> {
    let (done, incoming) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        loop {
            let accepted = tokio::select! {
                () = stop.stopped() => return,
                () = done.closed() => return,
                accepted = listener.accept() => accepted,
            };
            let Ok((stream, _)) = accepted else {
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            let (done, acceptor) = (done.clone(), TlsAcceptor::from(config.get()));
            tokio::spawn(async move {
                if stream.set_nodelay(true).is_err() {
                    return;
                }
                match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
                    // The receiver is gone only when the server is.
                    Ok(Ok(stream)) => drop(done.send(Ok(stream)).await),
                    Ok(Err(error)) => tracing::debug!(%error, "a handshake failed"),
                    Err(_) => tracing::debug!("a handshake took too long"),
                }
            });
        }
    });
    ReceiverStream::new(incoming)
}
