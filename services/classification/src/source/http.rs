//! Lists fetched from their publishers.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{ACCEPT, CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use url::Url;

use super::{Document, Error, MAX_BYTES, Validators};

/// JSON first, because KLASS writes it in UTF-8; its CSV loses Sámi letters unless UTF-8 is asked for.
const FORMATS: &str = "application/json, text/csv;charset=UTF-8;q=0.8, application/yaml;q=0.8, */*;q=0.5";

/// Fetches lists.
#[derive(Debug, Clone)]
pub struct Client(reqwest::Client);

impl Client {
    /// A client whose requests, answers included, end after `timeout`.
    pub fn new(timeout: Duration) -> Result<Self, Error> {
        let tls = runtime::tls::client().map_err(|error| Error::Fetch(error.to_string()))?;
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .timeout(timeout)
            .connect_timeout(timeout)
            .user_agent(concat!("bouvetradar-classification/", env!("CARGO_PKG_VERSION")))
            .build();
        client.map(Self).map_err(|error| explain(&error))
    }

    /// Fetches a list; none if it is still the one `known`.
    pub async fn get(&self, url: &Url, known: &Validators) -> Result<Option<Document>, Error> {
        let mut request = self.0.get(url.clone()).header(ACCEPT, FORMATS);
        let conditions = [(IF_NONE_MATCH, &known.etag), (IF_MODIFIED_SINCE, &known.last_modified)];
        for (name, value) in conditions {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        let mut response = request.send().await.map_err(|error| explain(&error))?;
        if response.status() == StatusCode::NOT_MODIFIED && *known != Validators::default() {
            return Ok(None);
        }
        if !response.status().is_success() {
            return Err(Error::Status(response.status().as_u16()));
        }
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let charset = header(CONTENT_TYPE).and_then(charset);
        let validators = Validators {
            etag: header(ETAG).map(str::to_owned),
            last_modified: header(LAST_MODIFIED).map(str::to_owned),
        };
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| explain(&error))? {
            if bytes.len() + chunk.len() > MAX_BYTES {
                return Err(Error::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Some(Document { bytes, charset, validators }))
    }
}

fn charset(content_type: &str) -> Option<String> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"').to_owned())
    })
}

/// What went wrong, by its cause. The URL is left out: it is shown beside the error, without its secrets.
fn explain(error: &reqwest::Error) -> Error {
    if error.is_timeout() {
        return Error::Fetch("the publisher did not answer in time".into());
    }
    let mut deepest: &dyn std::error::Error = error;
    while let Some(cause) = deepest.source() {
        deepest = cause;
    }
    let what =
        if error.is_connect() { "the publisher cannot be reached" } else { "the answer cannot be read" };
    Error::Fetch(format!("{what}: {deepest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_charset_is_read_from_the_content_type() {
        assert_eq!(charset("text/csv;charset=ISO-8859-1").as_deref(), Some("ISO-8859-1"));
        assert_eq!(charset("text/csv; header=present; Charset=\"utf-8\"").as_deref(), Some("utf-8"));
        assert_eq!(charset("application/json"), None);
    }

    #[test]
    fn a_client_can_be_made_with_the_compiled_in_certificates() {
        assert!(Client::new(Duration::from_secs(1)).is_ok());
    }
}
