//! One HTTP request to Doffin and its answer.

use std::error::Error as _;
use std::fmt::Write as _;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, header};
use reqwest::redirect;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;
use url::Url;

use super::Settings;

/// Largest answer taken; real ones are below a megabyte.
const BODY_LIMIT: usize = 64 << 20;

/// Most memory set aside on the word of a header.
const RESERVED: usize = 1 << 20;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const KEY_HEADER: &str = "ocp-apim-subscription-key";
const USER_AGENT: &str = concat!("bouvetradar/", env!("CARGO_PKG_VERSION"));

/// An answer with any status.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) retry_after: Option<HeaderValue>,
    pub(super) body: Bytes,
}

/// Why there is no answer. Texts hold no address and no key.
#[derive(Debug)]
pub(super) enum Broken {
    /// No connection.
    Connect(String),
    /// The connection ended before the answer did.
    Cut(String),
    /// The answer is larger than we take.
    TooLarge,
    /// Time was up.
    Timeout,
}

/// Sends requests.
pub(super) struct Exchange {
    http: reqwest::Client,
    key: HeaderValue,
    secret: SecretString,
    timeout: Duration,
}

/// Reads the base URL.
pub(crate) fn base(text: &str) -> Result<Url, runtime::config::Error> {
    let plain = |url: &Url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    };
    Url::parse(text).ok().filter(plain).ok_or_else(|| {
        let problem = format!(
            "{:?} is not a URL such as https://api.doffin.no/public/v2, without user, password or query",
            shown(text)
        );
        runtime::config::Error::new("DOFFIN_BASE_URL", problem)
    })
}

/// What may be shown of a URL that is refused, or of what was meant to be one: no user, password or query.
fn shown(text: &str) -> String {
    let (hidden, rest) = text.rsplit_once('@').map_or(("", text), |(_, rest)| ("…@", rest));
    match rest.split_once(['?', '#']) {
        Some((place, _)) => format!("{hidden}{place}?…"),
        None => format!("{hidden}{rest}"),
    }
}

impl Exchange {
    /// A client that speaks TLS with the roots it was built with.
    pub(super) fn new(settings: &Settings) -> Result<Self, runtime::config::Error> {
        let problem = |variable: &str, text: &str| runtime::config::Error::new(variable, text);
        let tls = runtime::tls::client()
            .map_err(|error| problem("DOFFIN_BASE_URL", &format!("TLS cannot be set up: {error}")))?;
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .user_agent(USER_AGENT)
            // A redirect would carry the key to whatever host it names.
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_nodelay(true);
        if settings.base.scheme() == "http" {
            // Plain HTTP is a simulator beside us; a proxy would not find it.
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|error| {
            problem("DOFFIN_BASE_URL", &format!("no client can be built: {}", chain(error)))
        })?;
        let mut key = HeaderValue::from_str(settings.key.expose_secret())
            .map_err(|_| problem("DOFFIN_API_KEY", "must be printable ASCII without spaces"))?;
        key.set_sensitive(true);
        Ok(Self { http, key, secret: settings.key.clone(), timeout: settings.timeout })
    }

    /// Sends one request and reads the whole answer.
    pub(super) async fn send(&self, url: &Url, deadline: Instant) -> Result<Answer, Broken> {
        let left = deadline.saturating_duration_since(Instant::now()).min(self.timeout);
        if left.is_zero() {
            return Err(Broken::Timeout);
        }
        let request = self.http.get(url.clone()).header(KEY_HEADER, self.key.clone()).timeout(left);
        let mut response = request.send().await.map_err(|error| self.broken(error))?;
        let status = response.status().as_u16();
        let retry_after = response.headers().get(header::RETRY_AFTER).cloned();
        let expected = expected_length(response.headers());
        if expected > BODY_LIMIT {
            return Err(Broken::TooLarge);
        }
        let mut body = BytesMut::with_capacity(expected.min(RESERVED));
        while let Some(chunk) = response.chunk().await.map_err(|error| self.broken(error))? {
            if body.len() + chunk.len() > BODY_LIMIT {
                return Err(Broken::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, retry_after, body: body.freeze() })
    }

    /// Takes the key out of a text, should Doffin or a proxy have echoed it.
    pub(super) fn redact(&self, text: &str) -> String {
        text.replace(self.secret.expose_secret(), "[key]")
    }

    fn broken(&self, error: reqwest::Error) -> Broken {
        // A connect timeout is both; no connection is the truer word.
        if error.is_connect() {
            return Broken::Connect(self.redact(&chain(error)));
        }
        if error.is_timeout() {
            return Broken::Timeout;
        }
        Broken::Cut(self.redact(&chain(error)))
    }
}

fn expected_length(headers: &HeaderMap) -> usize {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    length.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// An error with its causes, without the URL.
fn chain(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let _ = write!(text, ": {cause}");
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_that_is_refused_does_not_show_its_secrets() {
        for bad in [
            "https://user:s3cret@x/y",
            "https://s3cret@x/y",
            "https://:s3cret@x/y",
            "https://user:s3cret@@x/y",
            "https://user:s3cret?#/@x:0y/y",
            "https:/user:s3cret@x",
            "user:s3cret@x",
            "https://x/y?key=s3cret",
            "https://x/y?key=s3cret@z",
            "https://x/y#s3cret",
        ] {
            let error = base(bad).unwrap_err().to_string();
            assert!(!error.contains("s3cret"), "{error}");
        }
        let error = base("https://user:s3cret@x/y").unwrap_err().to_string();
        assert!(error.starts_with("DOFFIN_BASE_URL: \"…@x/y\" is not"), "{error}");
    }

    #[test]
    fn a_base_url_is_plain_or_its_variable_is_named() {
        assert!(base("https://api.doffin.no/public/v2").is_ok() && base("http://127.0.0.1:1/x/").is_ok());
        for bad in ["", "api.doffin.no", "ftp://x/y", "https://u@x/y", "https://x/y?z=1", "https://x/#y"] {
            assert_eq!(base(bad).unwrap_err().variable, "DOFFIN_BASE_URL", "{bad}");
        }
    }
}
