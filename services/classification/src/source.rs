//! Where lists come from.
//!
//! ```text
//! Location::Url ──http──▶ bytes ──decode──▶ text ──parse──▶ rows ──▶ domain::List
//! Location::File ─read─┘
//! embedded (in the program) ──────────────────────parse──▶ rows
//! disk     (last good download) ──────────────────────────▶ rows
//! ```
//!
//! Nothing here decides which list is served; that is `refresh`.

pub mod decode;
pub mod disk;
pub mod embedded;
pub mod http;
pub mod parse;

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::domain::Row;
use crate::domain::list::Broken;

/// Largest list that is read; the largest known has 4 MiB.
pub const MAX_BYTES: usize = 32 * 1024 * 1024;

/// Where a list is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// At an http or https URL.
    Url(Url),
    /// In a file.
    File(PathBuf),
}

impl Location {
    /// Reads a URL or a path.
    pub fn parse(text: &str) -> Result<Self, String> {
        if !text.contains("://") {
            return Ok(Self::File(PathBuf::from(text)));
        }
        let url = Url::parse(text).map_err(|error| format!("{text:?} is not a URL: {error}"))?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(format!("{text:?} is not an http or https URL"));
        }
        Ok(Self::Url(url))
    }
}

/// The URL without what may be secret, or the path.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Url(url) => {
                let mut shown = url.clone();
                // Both fail only on URLs without a host, which are not constructed.
                let _ = shown.set_username("");
                let _ = shown.set_password(None);
                shown.set_query(None);
                write!(f, "{shown}")
            }
        }
    }
}

/// Why a list could not be had from its source.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read {path}: {cause}")]
    Read {
        /// The file.
        path: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The publisher cannot be reached, or the answer broke off.
    #[error("{0}")]
    Fetch(String),
    /// The publisher answered an error.
    #[error("the publisher answered {0}")]
    Status(u16),
    /// The list is over the limit.
    #[error("the list is over {} MiB", MAX_BYTES / 1024 / 1024)]
    TooLarge,
    /// The bytes are not in the encoding they claim.
    #[error("the list is not {0} text")]
    Encoding(&'static str),
    /// The text is in none of the known formats.
    #[error("the list cannot be read as {format}: {problem}")]
    Format {
        /// The format it seemed to be in.
        format: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// The rows make no list.
    #[error(transparent)]
    Broken(#[from] Broken),
}

/// Bytes of a list, and the character encoding their sender named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// `charset` of the content type.
    pub charset: Option<String>,
    /// What the publisher names this state of the list by.
    pub validators: Validators,
}

/// What a publisher names a state of its list by, for asking whether it is still the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// `ETag` of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// `Last-Modified` of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
}

/// Fetches or reads a list's bytes.
pub async fn load(location: &Location, client: &http::Client) -> Result<Document, Error> {
    let loaded = changed(location, client, &Validators::default()).await?;
    // Nothing was known, so there is nothing that could be unchanged.
    loaded.ok_or(Error::Status(304))
}

/// Fetches or reads a list's bytes; none if the publisher says that they are the ones known.
pub async fn changed(
    location: &Location,
    client: &http::Client,
    known: &Validators,
) -> Result<Option<Document>, Error> {
    match location {
        Location::Url(url) => client.get(url, known).await,
        Location::File(path) => {
            let unreadable = |cause| Error::Read { path: path.display().to_string(), cause };
            let length = tokio::fs::metadata(path).await.map_err(unreadable)?.len();
            if usize::try_from(length).map_or(true, |length| length > MAX_BYTES) {
                return Err(Error::TooLarge);
            }
            let bytes = tokio::fs::read(path).await.map_err(unreadable)?;
            Ok(Some(Document { bytes, charset: None, validators: Validators::default() }))
        }
    }
}

/// The rows of a list in any format and encoding its publishers use, as they are in force on `today`.
pub fn rows(document: &Document, today: jiff::civil::Date) -> Result<Vec<Row>, Error> {
    parse::parse(&decode::decode(document)?, today)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_a_url_or_a_path_and_shows_no_secrets() {
        let shown = |text: &str| Location::parse(text).map(|location| location.to_string());
        assert_eq!(
            shown("https://u:p@example.org/cpv.yaml?key=s"),
            Ok("https://example.org/cpv.yaml".into())
        );
        assert_eq!(shown("./lists/cpv.yaml"), Ok("./lists/cpv.yaml".into()));
        for bad in ["ftp://example.org/cpv", "http://", "https://?"] {
            assert!(shown(bad).is_err(), "{bad}");
        }
    }
}
