//! What a request carries through a process: its id and its deadline. The trace travels in the span.

use std::future::Future;
use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderValue};

/// Header and metadata key of the request id.
pub const REQUEST_ID: &str = "x-request-id";

/// Metadata key of the client the gateway found to be calling, such as `key/frontend`. To be believed only from the
/// gateway: listeners that others can reach should require its certificate.
pub const CLIENT: &str = "x-bouvetradar-client";

/// Metadata key of the scopes that client holds, separated by spaces.
pub const SCOPES: &str = "x-bouvetradar-scopes";

/// Metadata keys, and headers at the gateway, by which an answer that has no room for it (a file) tells whether it is
/// complete: `true` or `false`.
pub const COMPLETE: &str = "x-bouvetradar-complete";
/// What it may lack, a sentence.
pub const LACKS: &str = "x-bouvetradar-lacks";
/// When its oldest part was had from the publisher, RFC 3339.
pub const AS_OF: &str = "x-bouvetradar-as-of";
/// How what was asked was read, a sentence each, percent-encoded beyond ASCII.
pub const NOTE: &str = "x-bouvetradar-note";

/// Time left until a deadline, less what our own answer needs to arrive in time: a tenth, from 50 to 250 ms.
pub fn time_before(deadline: Instant) -> Duration {
    let left = deadline.saturating_duration_since(Instant::now());
    left.saturating_sub((left / 10).clamp(Duration::from_millis(50), Duration::from_millis(250)))
}

/// What the current request carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Identifies the request in logs and answers; given by the caller or made by the first of our processes.
    pub request_id: String,
    /// When the caller stops waiting.
    pub deadline: Option<Instant>,
    /// The trace the caller works on, if it says so. Where traces are exported, the span knows more.
    pub trace: Option<Trace>,
}

/// W3C trace headers as they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// `traceparent`.
    pub parent: HeaderValue,
    /// `tracestate`.
    pub state: Option<HeaderValue>,
}

impl Trace {
    /// Reads the headers. A `traceparent` that is not one is as good as none.
    fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let parent = headers.get("traceparent")?;
        let bytes = parent.as_bytes();
        let hex = |at: std::ops::Range<usize>| {
            bytes.get(at).filter(|part| part.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
        };
        let dashes = [2, 35, 52].iter().all(|at| bytes.get(*at) == Some(&b'-'));
        let some = |part: &[u8]| part.iter().any(|b| *b != b'0');
        let known = bytes.len() == 55 && hex(0..2)? == b"00" && hex(53..55).is_some();
        let valid = known && dashes && some(hex(3..35)?) && some(hex(36..52)?);
        valid.then(|| Self { parent: parent.clone(), state: headers.get("tracestate").cloned() })
    }

    /// The trace's id, 32 hexadecimal digits.
    pub fn id(&self) -> Option<&str> {
        self.parent.to_str().ok()?.get(3..35)
    }
}

tokio::task_local! {
    static CURRENT: Context;
}

impl Context {
    /// The context of the request this task works on, if it works on one.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// Runs `future` with this as its context. No `async fn`, which would hold the future twice.
    pub fn scope<F: Future>(self, future: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, future)
    }

    /// Runs `work` with this as its context.
    pub fn within<T>(&self, work: impl FnOnce() -> T) -> T {
        CURRENT.sync_scope(self.clone(), work)
    }

    /// Reads the request id and `grpc-timeout` from headers. An id that is absent, over 128 characters or not
    /// plain is replaced, so that it can be printed and forwarded without care.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
        let plain = |id: &&str| {
            (1..=128).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:/+=".contains(&b))
        };
        let timeout =
            headers.get("grpc-timeout").and_then(|value| value.to_str().ok()).and_then(parse_timeout);
        Self {
            request_id: given.filter(plain).map_or_else(|| uuid::Uuid::new_v4().to_string(), str::to_owned),
            deadline: timeout.and_then(|timeout| Instant::now().checked_add(timeout)),
            trace: Trace::from_headers(headers),
        }
    }
}

/// Reads a `grpc-timeout` value: at most eight digits and a unit.
pub fn parse_timeout(text: &str) -> Option<Duration> {
    let split = text.len().checked_sub(1)?;
    let (digits, unit) = (text.get(..split)?, text.get(split..)?);
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let amount: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(amount * 3600),
        "M" => Duration::from_secs(amount * 60),
        "S" => Duration::from_secs(amount),
        "m" => Duration::from_millis(amount),
        "u" => Duration::from_micros(amount),
        "n" => Duration::from_nanos(amount),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_request_id_is_kept_and_any_other_replaced() {
        let id = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, HeaderValue::from_bytes(value.as_bytes()).unwrap());
            Context::from_headers(&headers).request_id
        };
        assert_eq!(id("abc-123"), "abc-123");
        for bad in ["", "a b", "æ", "\"quoted\"", &"x".repeat(129)] {
            assert_eq!(id(bad).len(), 36, "{bad:?} was kept");
        }
    }

    #[test]
    fn a_trace_is_read_whole_or_not_at_all() {
        let read = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("traceparent", HeaderValue::from_static(text));
            Context::from_headers(&headers).trace
        };
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert_eq!(read(good).unwrap().id(), Some("0af7651916cd43dd8448eb211c80319c"));
        for bad in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-",
            "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn grpc_timeouts_are_read_in_every_unit() {
        assert_eq!(parse_timeout("2S"), Some(Duration::from_secs(2)));
        assert_eq!(parse_timeout("1500m"), Some(Duration::from_millis(1500)));
        assert_eq!(parse_timeout("1H"), Some(Duration::from_hours(1)));
        for bad in ["", "S", "1", "123456789S", "-1S", "1s", "1.5S", "å"] {
            assert_eq!(parse_timeout(bad), None, "{bad}");
        }
    }
}
