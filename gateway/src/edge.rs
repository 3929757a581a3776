//! What the contract's options mean at the edge.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_LANGUAGE, ETAG, VARY};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use runtime::client::Connected;
use runtime::context::{AS_OF, CLIENT, COMPLETE, LACKS, NOTE, SCOPES};
use tonic::Status;
use transcode::{Binding, Problem, Rendered};

use crate::backends::Backends;
use crate::options::Options;
use crate::{etag, failure};

/// Request headers that go along to services. The trace and the request id are added by the channel, from the
/// request's own context, so that a caller's broken ones do not travel. Credentials stay here; who was found to be
/// calling goes along, and `guard` removes what callers say of it themselves.
const FORWARDED: [HeaderName; 3] =
    [ACCEPT_LANGUAGE, HeaderName::from_static(CLIENT), HeaderName::from_static(SCOPES)];

/// What a service tells beside an answer that has no room for it, as headers of the same names.
pub(crate) const TOLD: [HeaderName; 4] = [
    HeaderName::from_static(COMPLETE),
    HeaderName::from_static(LACKS),
    HeaderName::from_static(AS_OF),
    HeaderName::from_static(NOTE),
];

/// The gateway's side of the transcoder.
#[derive(Debug)]
pub(crate) struct Edge {
    pub(crate) backends: Backends,
    pub(crate) options: Arc<Options>,
}

impl transcode::Edge for Edge {
    type Channel = Connected;

    fn channel(&self, service: &str) -> Option<Connected> {
        self.backends.channel(service)
    }

    fn again(&self, binding: &Binding, status: &Status, attempt: u32) -> bool {
        // What is mapped to GET only reads, and can be asked twice.
        binding.http_method == Method::GET
            && self.backends.again(binding.rpc.parent_service().full_name(), status, attempt)
    }

    fn render(&self, problem: &Problem) -> Rendered {
        failure::render(&failure::of(problem))
    }

    fn forward(&self, headers: &HeaderMap, metadata: &mut HeaderMap) {
        for name in FORWARDED {
            if let Some(value) = headers.get(&name) {
                metadata.insert(name, value.clone());
            }
        }
        // Several lines are one list; the first alone would be another wish.
        let lines: Vec<&[u8]> = headers.get_all(ACCEPT_LANGUAGE).iter().map(HeaderValue::as_bytes).collect();
        if lines.len() > 1
            && let Ok(list) = HeaderValue::from_bytes(&lines.join(&b", "[..]))
        {
            metadata.insert(ACCEPT_LANGUAGE, list);
        }
    }

    fn backward(&self, metadata: &HeaderMap, headers: &mut HeaderMap) {
        // An answer that says its language was chosen by what the caller accepts: shared caches keep one of each.
        if let Some(language) = metadata.get(CONTENT_LANGUAGE) {
            headers.insert(CONTENT_LANGUAGE, language.clone());
            headers.append(VARY, HeaderValue::from_static("accept-language"));
        }
        // A service that knows better than the contract how long its answer is good, such as not at all, says so.
        if let Some(good) = metadata.get(CACHE_CONTROL) {
            headers.insert(CACHE_CONTROL, good.clone());
        }
        for name in TOLD {
            for value in metadata.get_all(&name) {
                headers.append(name.clone(), value.clone());
            }
        }
    }

    fn decorate(&self, binding: &Binding, headers: &mut HeaderMap) {
        if let Some(route) = self.options.route(binding) {
            headers.entry(CACHE_CONTROL).or_insert_with(|| route.cache_control.clone());
        }
    }

    fn decorate_whole(&self, body: &Bytes, headers: &mut HeaderMap) {
        // Nobody asks again whether what was not to be stored is still good.
        if may_be_kept(headers) {
            headers.insert(ETAG, etag::of(body));
        }
    }

    fn envelope(&self, binding: &Binding) -> Option<&'static str> {
        self.options.is_enveloped(binding).then_some("\"success\":true")
    }
}

/// Whether an answer may be stored.
pub(crate) fn may_be_kept(headers: &HeaderMap) -> bool {
    headers.get(CACHE_CONTROL).is_none_or(|said| said != "no-store")
}
