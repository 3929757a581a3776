//! The body of an answer on its way to the client.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body as Inner;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::activity::Asked;
use crate::overload::Place;

/// Most bytes handed to HTTP/2 at once: what it has been given it keeps until the client takes it, and a request
/// counts as under way only as long as there is something left here.
pub(super) const PIECE: usize = 16 << 10;

/// A body that tells the connection whether the client takes it.
#[derive(Debug)]
pub(crate) struct Reply {
    inner: Inner,
    left: Bytes,
    most: usize,
    asked: Asked,
    _place: Option<Place>,
}

impl Reply {
    /// A body that is handed over in pieces of at most so many bytes, and keeps its request's place until its end.
    pub(super) fn new(inner: Inner, most: usize, mut asked: Asked, place: Option<Place>) -> Self {
        if inner.is_end_stream() {
            asked.finish();
        } else {
            asked.waits(true);
        }
        Self { inner, left: Bytes::new(), most, asked, _place: place }
    }

    fn piece(&mut self) -> Frame<Bytes> {
        let length = self.left.len().min(self.most);
        let piece = self.left.split_to(length);
        // The next piece is asked for when the client has taken this one.
        self.asked.waits(true);
        if self.left.is_empty() && self.inner.is_end_stream() {
            self.asked.finish();
        }
        Frame::data(piece)
    }
}

impl Body for Reply {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if !self.left.is_empty() {
            return Poll::Ready(Some(Ok(self.piece())));
        }
        match Pin::new(&mut self.inner).poll_frame(cx) {
            Poll::Pending => {
                // The client waits for us, not we for it.
                self.asked.waits(false);
                Poll::Pending
            }
            Poll::Ready(None) => {
                self.asked.finish();
                Poll::Ready(None)
            }
            Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                Ok(data) => {
                    self.left = data;
                    Poll::Ready(Some(Ok(self.piece())))
                }
                Err(other) => Poll::Ready(Some(Ok(other))),
            },
            failed @ Poll::Ready(Some(Err(_))) => {
                // A service broke off, not the client.
                self.asked.finish();
                failed
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let left = self.left.len() as u64;
        let inner = self.inner.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(inner.lower() + left);
        if let Some(upper) = inner.upper() {
            hint.set_upper(upper + left);
        }
        hint
    }
}
