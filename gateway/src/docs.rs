//! `/api/docs`: a page that shows the contract and tries its calls, from memory.
//!
//! `build.rs` packs the directory `page/`; what lies there is served, so a file more needs no line here. The viewer is
//! Swagger UI, as its makers publish it; `.ci/viewer.sh` proves that.

use std::io::Read as _;
use std::sync::OnceLock;

use axum::Router;
use axum::extract::{Path, RawQuery};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use bytes::Bytes;
use flate2::read::GzDecoder;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, VARY};
use http::{HeaderMap, HeaderValue};
use proto::{ErrorCode, Failure};

use crate::{coding, failure};

/// A file of the page.
#[derive(Debug)]
struct File {
    /// Its path beneath `page/`.
    name: &'static str,
    /// The beginning of its SHA-256, in hexadecimal digits.
    digest: &'static str,
    /// It, gzipped: every browser takes that, and the program is two megabytes smaller for it.
    packed: &'static [u8],
    /// It, once somebody wanted it so.
    plain: OnceLock<Bytes>,
}

impl File {
    const fn packed(name: &'static str, digest: &'static str, packed: &'static [u8]) -> Self {
        Self { name, digest, packed, plain: OnceLock::new() }
    }

    fn plain(&self) -> Bytes {
        let unpack = || {
            let mut plain = Vec::new();
            // What was packed when the gateway was built unpacks; the tests do it with every file.
            if let Err(error) = GzDecoder::new(self.packed).read_to_end(&mut plain) {
                tracing::error!(%error, file = self.name, "a file of the documentation page cannot be unpacked");
            }
            plain.into()
        };
        self.plain.get_or_init(unpack).clone()
    }
}

// `FILES`, all there are.
include!(concat!(env!("OUT_DIR"), "/page.rs"));

const PAGE: &str = "index.html";

/// What the page may do: run and fetch what comes from here. `data:` is the viewer's icons, which its style sheet holds.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// A name with its digest never means anything else.
const FOR_GOOD: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const SHORTLY: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// The page and what it is made of.
pub(crate) fn router() -> Router {
    Router::new()
        .route("/api/docs", get(async |headers: HeaderMap| answer(PAGE, None, &headers)))
        // The page's references are relative to the address without a slash.
        .route("/api/docs/", get(async || Redirect::permanent("../docs")))
        .route(
            "/api/docs/{*name}",
            get(async |Path(name): Path<String>, RawQuery(query): RawQuery, headers: HeaderMap| {
                answer(&name, query.as_deref(), &headers)
            }),
        )
}

/// A file in the encoding the caller takes. That the tag is another one for gzip, and 304 for a caller who has it, is
/// the middleware's (`etag.rs`).
fn answer(name: &str, query: Option<&str>, headers: &HeaderMap) -> Response {
    let Some(file) = FILES.iter().find(|file| file.name == name) else {
        return failure::response(&Failure::new(
            ErrorCode::RouteNotFound,
            "the documentation has no such file",
        ));
    };
    let gzip = coding::takes_gzip(headers);
    let tag = HeaderValue::try_from(format!("\"{}\"", file.digest));
    let named = query.and_then(|query| query.strip_prefix("v=")) == Some(file.digest);
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(kind(name))),
        (CACHE_CONTROL, if named { FOR_GOOD } else { SHORTLY }),
        (ETAG, tag.unwrap_or(HeaderValue::from_static("\"\""))),
        (VARY, HeaderValue::from_static("accept-encoding")),
        (CONTENT_SECURITY_POLICY, POLICY),
    ];
    if gzip {
        (headers, [(CONTENT_ENCODING, HeaderValue::from_static("gzip"))], file.packed).into_response()
    } else {
        (headers, file.plain()).into_response()
    }
}

/// Browsers are told never to guess, so every kind of file there is stands here.
fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        _ => "text/plain; charset=utf-8",
    }
}

#[cfg(test)]
mod tests {
    use sha2::Digest as _;

    use super::*;

    #[test]
    fn every_file_unpacks_to_what_its_digest_is_of() {
        assert!(FILES.len() >= 5, "{FILES:?}");
        for file in &FILES {
            let digest = sha2::Sha256::digest(file.plain());
            let first: Vec<u8> = digest.iter().copied().take(8).collect();
            let named =
                (0..16).step_by(2).map(|at| u8::from_str_radix(&file.digest[at..at + 2], 16).unwrap());
            assert_eq!(first, named.collect::<Vec<_>>(), "{}", file.name);
        }
    }

    #[test]
    fn the_page_names_every_file_it_loads_with_its_digest() {
        let page = FILES.iter().find(|file| file.name == PAGE).map(File::plain).unwrap_or_default();
        let page = std::str::from_utf8(&page).unwrap_or_default();
        let loaded: Vec<_> =
            page.split("\"docs/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(loaded.len() >= 4, "{loaded:?}");
        for reference in loaded {
            let (name, digest) = reference.split_once("?v=").unwrap_or((reference, ""));
            assert!(FILES.iter().any(|file| file.name == name && file.digest == digest), "{reference}");
        }
    }
}
