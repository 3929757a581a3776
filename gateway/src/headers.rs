//! Headers that tell browsers what not to do, on every answer.

use axum::extract::Request;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue};

use crate::address::{Peer, Proxies};

const FIXED: [(HeaderName, HeaderValue); 9] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    // Browsers removed the auditor this header once steered; 0 says that none is wanted.
    (header::X_XSS_PROTECTION, HeaderValue::from_static("0")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    // Pages of other origins read by CORS, which this leaves alone, or not at all.
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=()"),
    ),
    (HeaderName::from_static("x-permitted-cross-domain-policies"), HeaderValue::from_static("none")),
];

/// Over TLS only: who reached us without it must still be able to.
const TRANSPORT_SECURITY: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains");

/// Whether a request came over TLS, to us or to a proxy that is believed.
pub(crate) fn is_secure(proxies: &Proxies, request: &Request) -> bool {
    let peer = request.extensions().get::<Peer>();
    peer.is_some_and(|peer| proxies.is_secure(*peer, request.headers()))
}

/// Adds the headers. A route's own value of one stays.
pub(crate) fn secure(headers: &mut HeaderMap, secure: bool) {
    // Those of the middleware around have room as well: growing a map moves all that is in it.
    headers.reserve(FIXED.len() + 8);
    for (name, value) in FIXED {
        headers.entry(name).or_insert(value);
    }
    if secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, TRANSPORT_SECURITY);
    }
}
