//! Listening sockets, with errors that say what to do.

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket};

/// Connections that may wait to be accepted. When there are more, the system drops what a client sends to finish its
/// handshake: the client then believes that it is connected, and nobody ever tells it otherwise.
const BACKLOG: u32 = 4096;

/// Why an address could not be listened on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process has the port.
    #[error("port {} on {} is taken by another process; choose another with {variable}", .addr.port(), .addr.ip())]
    Taken {
        /// The address asked for.
        addr: SocketAddr,
        /// The variable that sets it.
        variable: &'static str,
    },
    /// The port needs a privilege.
    #[error(
        "port {} needs the CAP_NET_BIND_SERVICE capability (or a lower net.ipv4.ip_unprivileged_port_start); choose another with {variable}",
        .addr.port()
    )]
    Privileged {
        /// The address asked for.
        addr: SocketAddr,
        /// The variable that sets it.
        variable: &'static str,
    },
    /// Anything else.
    #[error("cannot listen on {addr} (set by {variable}): {cause}")]
    Other {
        /// The address asked for.
        addr: SocketAddr,
        /// The variable that sets it.
        variable: &'static str,
        /// What the system said.
        cause: io::Error,
    },
}

/// Listens on an address that `variable` configures. To be called within a tokio runtime.
pub fn bind(addr: SocketAddr, variable: &'static str) -> Result<TcpListener, Error> {
    listen(addr).map_err(|cause| match cause.kind() {
        io::ErrorKind::AddrInUse => Error::Taken { addr, variable },
        io::ErrorKind::PermissionDenied => Error::Privileged { addr, variable },
        _ => Error::Other { addr, variable, cause },
    })
}

fn listen(addr: SocketAddr) -> io::Result<TcpListener> {
    let socket = if addr.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A program that is started again listens at once, while connections of the one before it still linger.
    socket.set_reuseaddr(true)?;
    socket.bind(addr)?;
    socket.listen(BACKLOG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_names_itself_and_the_variable() {
        let first = bind(SocketAddr::from(([127, 0, 0, 1], 0)), "PORT").unwrap();
        let taken = first.local_addr().unwrap();
        let message = bind(taken, "PORT").unwrap_err().to_string();
        assert!(message.contains(&taken.port().to_string()) && message.contains("PORT"), "{message}");
    }
}
