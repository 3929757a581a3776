//! Which HTTP version a new connection speaks, found out within a deadline.
//!
//! hyper's own detection waits for the first bytes without one: a client that connects and says nothing, or
//! sends one byte, would hold its connection for ever.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};

/// What an HTTP/2 connection begins with.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// An HTTP version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    One,
    Two,
}

/// Reads the first bytes of a connection. `None`: it closed or stayed undecided until the deadline.
pub(crate) async fn detect<S: AsyncRead + Unpin>(
    mut stream: S,
    deadline: Duration,
) -> Option<(Version, Rewound<S>)> {
    let mut read = [0u8; PREFACE.len()];
    let mut length = 0;
    let decide = async {
        loop {
            let more = stream.read(&mut read[length..]).await.ok().filter(|more| *more > 0)?;
            length += more;
            if !PREFACE.starts_with(&read[..length]) {
                return Some(Version::One);
            }
            if length == PREFACE.len() {
                return Some(Version::Two);
            }
        }
    };
    let version = tokio::time::timeout(deadline, decide).await.ok()??;
    Some((version, Rewound { read: read[..length].to_vec(), at: 0, stream }))
}

/// A connection whose first bytes are given again.
#[derive(Debug)]
pub(crate) struct Rewound<S> {
    read: Vec<u8>,
    at: usize,
    stream: S,
}

impl<S: AsyncRead + Unpin> AsyncRead for Rewound<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let left = self.read.len() - self.at;
        if left == 0 {
            return Pin::new(&mut self.stream).poll_read(cx, buffer);
        }
        let take = left.min(buffer.remaining());
        buffer.put_slice(&self.read[self.at..self.at + take]);
        self.at += take;
        // With what has come meanwhile: hyper doubles its buffer for a head that comes in two pieces.
        if buffer.remaining() > 0
            && let Poll::Ready(Err(error)) = Pin::new(&mut self.stream).poll_read(cx, buffer)
        {
            return Poll::Ready(Err(error));
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Rewound<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;

    use super::*;

    #[tokio::test]
    async fn what_has_come_is_read_in_one_piece_and_nothing_more_is_waited_for() {
        let head = b"GET /api/cpv/categories HTTP/1.1\r\nhost: x\r\n\r\n";
        for length in [head.len(), PREFACE.len()] {
            let (mut client, server) = tokio::io::duplex(1024);
            client.write_all(&head[..length]).await.unwrap();
            let (version, mut stream) = detect(server, Duration::from_secs(5)).await.unwrap();
            assert_eq!(version, Version::One);
            let mut buffer = [0; 1024];
            let reading = tokio::time::timeout(Duration::from_secs(5), stream.read(&mut buffer));
            let read = reading.await.unwrap().unwrap();
            assert_eq!(buffer[..read], head[..length]);
        }
    }
}
