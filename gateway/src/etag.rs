//! `ETag` and `If-None-Match`: an answer the caller has already is not sent again.

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use xxhash_rust::xxh3::xxh3_128;

use crate::coding;

/// The tag of an answer's bytes.
pub(crate) fn of(body: &[u8]) -> HeaderValue {
    let tag = HeaderValue::try_from(format!("\"{:032x}\"", xxh3_128(body)));
    tag.unwrap_or(HeaderValue::from_static("\"\""))
}

/// What a request says its caller has.
#[derive(Debug)]
pub(crate) struct Known(Vec<HeaderValue>);

impl Known {
    /// Reads `If-None-Match`, of requests that read.
    pub(crate) fn of(request: &Request) -> Self {
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        let tags = request.headers().get_all(IF_NONE_MATCH).iter().filter(|_| reads);
        Self(tags.cloned().collect())
    }

    /// Makes an answer that its caller has a 304. Called after compression, which changes the bytes a tag is of.
    pub(crate) fn settle(&self, mut response: Response) -> Response {
        let Some(tag) = response.headers().get(ETAG).filter(|_| response.status() == StatusCode::OK) else {
            return response;
        };
        let known = has(&self.0, tag);
        let coding = response.headers().get(CONTENT_ENCODING).and_then(|coding| coding.to_str().ok());
        if let Some(coding) = coding
            && let Some(tagged) = tag.to_str().ok().and_then(|tag| coding::tagged(tag, coding))
            && let Ok(tagged) = HeaderValue::try_from(tagged)
        {
            response.headers_mut().insert(ETAG, tagged);
        }
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            *response.body_mut() = Body::empty();
            unsay(response.headers_mut());
        }
        response
    }
}

/// A 304 says nothing about a body it does not have.
fn unsay(headers: &mut HeaderMap) {
    for name in [CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE] {
        headers.remove(name);
    }
}

/// Whether a caller has what `tag` is of, compressed or not.
fn has(asked: &[HeaderValue], tag: &HeaderValue) -> bool {
    if asked.is_empty() {
        return false;
    }
    let own = tag.to_str().map(coding::untagged).unwrap_or_default();
    let tags = asked.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    tags.map(str::trim)
        .any(|tag| tag == "*" || coding::untagged(tag.strip_prefix("W/").unwrap_or(tag)) == own)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(asked: &[&'static str], tag: &'static str) -> bool {
        let asked: Vec<_> = asked.iter().map(|asked| HeaderValue::from_static(asked)).collect();
        super::has(&asked, &HeaderValue::from_static(tag))
    }

    #[test]
    fn a_list_of_tags_a_weak_one_a_star_and_one_of_compressed_bytes_are_known() {
        for asked in ["\"a\"", "\"x\", \"a\"", "W/\"a\"", "*", "\"a-gzip\"", "\"x\",W/\"a-zstd\""] {
            assert!(has(&[asked], "\"a\""), "{asked}");
        }
        assert!(has(&["\"x\"", "\"a\""], "\"a\""), "two headers are one list");
        for asked in ["\"b\"", "a", "", "\"a", "w/\"a\"", "\"A\""] {
            assert!(!has(&[asked], "\"a\""), "{asked}");
        }
    }

    #[test]
    fn equal_bytes_have_equal_tags_and_others_others() {
        assert_eq!(of(b"abc"), of(b"abc"));
        assert_ne!(of(b"abc"), of(b"abd"));
        assert_eq!(of(b"").len(), 34);
    }
}
