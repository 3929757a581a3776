//! Server streams as NDJSON or as server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use http::HeaderMap;
use http::header::ACCEPT;
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use tokio::time::Instant;
use tonic::{Code, Status};

use crate::ReplyBody;
use crate::cursor::Cursor;
use crate::edge::{Edge, Problem};
use crate::reply::{Unreadable, Written};
use crate::table::Binding;
use crate::transcoder::MARGIN;

/// How a stream is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// One JSON value a line.
    Lines,
    /// Server-sent events.
    Events,
}

impl Format {
    /// Events for those who name `text/event-stream`, unless they like lines better; lines for everybody else.
    pub(crate) fn asked_by(headers: &HeaderMap) -> Self {
        let (mut events, mut lines) = (0.0, 0.0_f32);
        let accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
        for range in accepted.flat_map(|value| value.split(',')) {
            let mut parts = range.split(';').map(|part| part.trim().to_ascii_lowercase());
            let media = parts.next().unwrap_or_default();
            let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse().ok()).unwrap_or(1.0);
            if media == Self::Events.media_type() {
                events = weight;
            } else if media == Self::Lines.media_type() {
                lines = weight;
            }
        }
        if events > 0.0 && events >= lines { Self::Events } else { Self::Lines }
    }

    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Lines => "application/x-ndjson",
            Self::Events => "text/event-stream",
        }
    }

    /// Begins a message, with its cursor if it has one.
    fn begin(self, out: &mut Vec<u8>, cursor: Option<&str>) {
        if self == Self::Events {
            if let Some(cursor) = cursor {
                out.extend([b"id: ", cursor.as_bytes(), b"\n"].concat());
            }
            out.extend(b"data: ");
        }
    }

    /// Ends a message.
    fn end(self, out: &mut Vec<u8>) {
        out.extend_from_slice(if self == Self::Events { b"\n\n" } else { b"\n" });
    }

    fn error(self, json: &[u8]) -> Bytes {
        match self {
            Self::Lines => [json, b"\n"].concat().into(),
            Self::Events => [b"event: error\ndata: ", json, b"\n\n"].concat().into(),
        }
    }
}

/// Writes the messages of one stream.
pub(crate) struct Writer<E> {
    /// The route.
    pub(crate) binding: Arc<Binding>,
    /// Says what an error looks like.
    pub(crate) edge: Arc<E>,
    /// How the stream is written.
    pub(crate) format: Format,
    /// Longest silence between events.
    pub(crate) heartbeat: Duration,
    /// When the caller stops waiting.
    pub(crate) deadline: Option<Instant>,
    /// Where a message says where it stands.
    pub(crate) cursor: Option<Cursor>,
}

impl<E: Edge> Writer<E> {
    /// The body: a frame a message, a heartbeat between events, an error as the last frame.
    pub(crate) fn body(
        self,
        messages: impl Stream<Item = Result<Bytes, Status>> + Send + Unpin + 'static,
    ) -> ReplyBody {
        let frames = stream::unfold((self, Some(messages)), |(writer, messages)| async move {
            let mut messages = messages?;
            let written = match writer.next(&mut messages).await {
                Next::Heartbeat => {
                    return Some((Bytes::from_static(b": alive\n\n"), (writer, Some(messages))));
                }
                Next::Message(None) => return None,
                Next::Message(Some(Ok(wire))) => writer.frame(&wire).map_err(Problem::Unreadable),
                Next::Message(Some(Err(status))) => Err(Problem::Status(status)),
                Next::Late => Err(Problem::Deadline),
            };
            Some(match written {
                Ok(frame) => (frame, (writer, Some(messages))),
                Err(problem) => (writer.format.error(&writer.edge.render(&problem).body), (writer, None)),
            })
        });
        // Compression asks once more after the end, which a stream need not bear.
        let frames = frames.map(|bytes| Ok::<_, Infallible>(Frame::data(bytes))).fuse();
        StreamBody::new(frames).boxed_unsync()
    }

    /// The frame of one message.
    fn frame(&self, wire: &Bytes) -> Result<Bytes, Unreadable> {
        let cursor = self.cursor.as_ref().and_then(|cursor| cursor.of(wire));
        let mut out = Vec::with_capacity(self.binding.room(wire.len()) + cursor.map_or(0, str::len) + 16);
        self.format.begin(&mut out, cursor);
        Ok(match self.binding.write(wire.clone(), "", &mut out)? {
            Written::Object | Written::Json => {
                self.format.end(&mut out);
                out.into()
            }
            Written::Body { data, .. } => data,
        })
    }

    async fn next(&self, messages: &mut (impl Stream<Item = Result<Bytes, Status>> + Unpin)) -> Next {
        // Checked first: a stream that always has a message ready would never let the timer speak.
        if self.deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            return Next::Late;
        }
        let heartbeat = (self.format == Format::Events).then(|| Instant::now() + self.heartbeat);
        let Some(wake) = [heartbeat, self.deadline].into_iter().flatten().min() else {
            return Next::Message(messages.next().await);
        };
        match tokio::time::timeout_at(wake, messages.next()).await {
            Ok(Some(Err(status))) if self.deadline.is_some_and(|d| is_late(&status, d)) => Next::Late,
            Ok(next) => Next::Message(next),
            Err(_) if Some(wake) == self.deadline => Next::Late,
            Err(_) => Next::Heartbeat,
        }
    }
}

/// What happens next on a stream.
enum Next {
    Message(Option<Result<Bytes, Status>>),
    Heartbeat,
    Late,
}

/// Whether a status says what the deadline says, from a layer below or a service that keeps the time it is told. That is
/// a little less than there is, and is rounded, hence the few milliseconds.
pub(crate) fn is_late(status: &Status, deadline: Instant) -> bool {
    matches!(status.code(), Code::Cancelled | Code::DeadlineExceeded)
        && deadline <= Instant::now() + MARGIN + Duration::from_millis(5)
}
