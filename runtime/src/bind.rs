//! Listening sockets, with errors that say what to do.

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpListener;

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

/// Listens on an address that `variable` configures.
pub async fn bind(addr: SocketAddr, variable: &'static str) -> Result<TcpListener, Error> {
    TcpListener::bind(addr).await.map_err(|cause| match cause.kind() {
        io::ErrorKind::AddrInUse => Error::Taken { addr, variable },
        io::ErrorKind::PermissionDenied => Error::Privileged { addr, variable },
        _ => Error::Other { addr, variable, cause },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_names_itself_and_the_variable() {
        let first = bind(SocketAddr::from(([127, 0, 0, 1], 0)), "PORT").await.unwrap();
        let taken = first.local_addr().unwrap();
        let message = bind(taken, "PORT").await.unwrap_err().to_string();
        assert!(message.contains(&taken.port().to_string()) && message.contains("PORT"), "{message}");
    }
}
