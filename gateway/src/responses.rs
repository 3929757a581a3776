//! The response cache: answers that are the same for everybody are kept as long as the contract says.
//!
//! What is kept is found by the request message on the wire, so that the order of parameters, their two spellings
//! and what is ignored make no difference. Callers that ask for the same at once share one call. A stale answer is
//! given at once while one call fetches the next. Failures are not kept.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use http::header::{ACCEPT_LANGUAGE, AGE, CACHE_CONTROL};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use runtime::{Context, Metrics};
use tracing::Instrument as _;
use transcode::{Answer, Call, Problem, ReplyBody, Transcoder};

use crate::Config;
use crate::edge::{Edge, may_be_kept};
use crate::keep::{How, Keep, Kept, Lifetime};
use crate::observe;

/// Says whether an answer was kept (RFC 9211).
pub(crate) const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");

/// Bytes of a kept answer beside its body and its key.
const OVERHEAD: usize = 1024;

/// Answers requests, from what is kept or by asking.
#[derive(Debug)]
pub(crate) struct Responses {
    transcoder: Arc<Transcoder<Edge>>,
    keep: Option<Arc<Keep<Key, Answer>>>,
    timeout: Duration,
    outcomes: Family<Labels, Counter>,
    bytes: Gauge,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    outcome: &'static str,
}

/// What an answer depends on. Who asks is not part of it: what is kept is for everybody who may ask.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    /// The route, by its place in memory: routes live as long as the gateway.
    route: usize,
    message: Bytes,
    language: Option<HeaderValue>,
    /// How long its callers wait, if less long than others. Services are told, and act on it: what they say then is shared
    /// among those who wait as long, and a call under way for others is not cut short.
    patience: Option<Duration>,
}

/// How a caller wants its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    /// One that is kept will do.
    Any,
    /// Not one that is kept.
    New,
    /// Not one that is kept, and it shall not be.
    Unkept,
}

impl Responses {
    pub(crate) fn new(transcoder: Arc<Transcoder<Edge>>, config: &Config, metrics: &Metrics) -> Self {
        let capacity = config.response_cache_mib << 20;
        Self {
            transcoder,
            keep: (capacity > 0).then(|| Arc::new(Keep::new(capacity, size, |answer| may_be_kept(&answer.headers)))),
            timeout: config.request_timeout,
            outcomes: metrics.register(
                "response_cache",
                "Answers by where they came from: kept (hit), kept and refreshed (stale), another's call (shared), a \
                 call (miss), a call that failed (failure), a call because the caller wanted one (bypass)",
                Family::default(),
            ),
            bytes: metrics.register("response_cache_bytes", "Bytes of kept answers", Gauge::default()),
        }
    }

    /// Answers one request. Dropping the future cancels the call behind it, unless others wait for it.
    pub(crate) async fn handle(&self, request: Request) -> Response {
        let wish = wish(request.headers());
        let answered = match self.transcoder.prepare(request).await {
            Ok(call) if call.is_streaming() => {
                return self.transcoder.perform(&call).await.map(observe::named);
            }
            Ok(call) => match (&self.keep, self.lifetime(&call)) {
                (Some(keep), Some(lifetime)) => self.keeping(keep, call, lifetime, wish).await,
                _ => self.transcoder.perform(&call).await,
            },
            Err(refused) => refused,
        };
        answered.map(axum::body::Body::new)
    }

    /// How long the answer may be kept, if it is the same for everybody.
    fn lifetime(&self, call: &Call) -> Option<Lifetime> {
        if call.binding.http_method != Method::GET {
            return None;
        }
        self.transcoder.edge().options.route(&call.binding)?.shared
    }

    async fn keeping(
        &self,
        keep: &Arc<Keep<Key, Answer>>,
        call: Call,
        lifetime: Lifetime,
        wish: Wish,
    ) -> http::Response<ReplyBody> {
        let key = Key::of(&call);
        let patience = call.timeout.map_or(self.timeout, |asked| asked.min(self.timeout));
        if wish != Wish::Any {
            self.count("bypass");
            return match self.transcoder.unary(&call, patience).await {
                Ok(answer) => {
                    if wish != Wish::Unkept {
                        keep.put(key, answer.clone(), lifetime).await;
                    }
                    self.reply(&call, answer, "fwd=request")
                }
                Err(problem) => self.transcoder.refusal(&call, &problem),
            };
        }
        let hasty = patience < self.timeout && !keep.has(&key);
        let (of, kept_for) = if hasty {
            (Key { patience: Some(patience), ..key.clone() }, Lifetime::PASSING)
        } else {
            (key.clone(), lifetime)
        };
        let make = || self.make(call.clone(), if hasty { patience } else { self.timeout });
        let got = tokio::time::timeout(patience, keep.get(of, kept_for, make)).await;
        if let Ok(Ok((made, How::Made))) = &got
            && hasty
        {
            keep.put(key, made.value.clone(), lifetime).await;
        }
        self.bytes.set(i64::try_from(keep.bytes()).unwrap_or(i64::MAX));
        match got {
            Ok(Ok((kept, how))) => {
                self.count(match how {
                    How::Kept => "hit",
                    How::Stale => "stale",
                    How::Shared => "shared",
                    How::Made => "miss",
                });
                let answer = kept.value.clone();
                match how {
                    How::Kept | How::Stale => self.reply_kept(&call, answer, &kept),
                    How::Shared => self.reply(&call, answer, "fwd=uri-miss; collapsed"),
                    How::Made => self.reply_made(&call, answer),
                }
            }
            Ok(Err(problem)) => {
                self.count("failure");
                self.transcoder.refusal(&call, &problem)
            }
            Err(_) => self.transcoder.refusal(&call, &Problem::Deadline),
        }
    }

    /// The call behind an answer that others may wait for, too. It goes on in the name of the request that began it.
    fn make(
        &self,
        call: Call,
        timeout: Duration,
    ) -> impl Future<Output = Result<Answer, Problem>> + Send + 'static + use<> {
        let (transcoder, context) = (self.transcoder.clone(), Context::current());
        let work = async move { transcoder.unary(&call, timeout).await };
        let named = async move {
            match context {
                Some(context) => context.scope(work).await,
                None => work.await,
            }
        };
        named.in_current_span()
    }

    fn reply_kept(&self, call: &Call, mut answer: Answer, kept: &Kept<Answer>) -> http::Response<ReplyBody> {
        let (age, fresh) = (kept.age().as_secs(), kept.lifetime.fresh.as_secs());
        answer.headers.insert(AGE, HeaderValue::from(age));
        self.reply(call, answer, &format!("hit; ttl={}", fresh.cast_signed() - age.cast_signed()))
    }

    fn reply_made(&self, call: &Call, answer: Answer) -> http::Response<ReplyBody> {
        let stored = may_be_kept(&answer.headers);
        self.reply(call, answer, if stored { "fwd=uri-miss; stored" } else { "fwd=uri-miss" })
    }

    fn reply(&self, call: &Call, mut answer: Answer, said: &str) -> http::Response<ReplyBody> {
        if let Ok(status) = HeaderValue::try_from(format!("gateway; {said}")) {
            answer.headers.insert(CACHE_STATUS, status);
        }
        self.transcoder.reply(call, answer)
    }

    fn count(&self, outcome: &'static str) {
        self.outcomes.get_or_create(&Labels { outcome }).inc();
    }
}

/// Bytes that an answer takes.
fn size(key: &Key, answer: &Answer) -> usize {
    answer.body.len() + key.message.len() + key.language.as_ref().map_or(0, HeaderValue::len) + OVERHEAD
}

impl Key {
    fn of(call: &Call) -> Self {
        Self {
            route: Arc::as_ptr(&call.binding).addr(),
            message: call.message.clone(),
            language: call.metadata.get(ACCEPT_LANGUAGE).cloned(),
            patience: None,
        }
    }
}

fn wish(headers: &HeaderMap) -> Wish {
    let said = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let directives: Vec<_> = said
        .flat_map(|value| value.split(','))
        .map(|directive| directive.trim().to_ascii_lowercase())
        .collect();
    let says = |wanted: &str| directives.iter().any(|directive| directive == wanted);
    if says("no-store") {
        Wish::Unkept
    } else if says("no-cache") || says("max-age=0") {
        Wish::New
    } else {
        Wish::Any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_can_ask_for_a_new_answer() {
        for (said, wanted) in [
            ("", Wish::Any),
            ("max-age=60", Wish::Any),
            ("no-cache", Wish::New),
            ("Max-Age=0, must-revalidate", Wish::New),
            ("no-cache, No-Store", Wish::Unkept),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CACHE_CONTROL, HeaderValue::from_static(said));
            assert_eq!(wish(&headers), wanted, "{said}");
        }
        assert_eq!(wish(&HeaderMap::new()), Wish::Any);
    }
}
