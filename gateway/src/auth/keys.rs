//! API keys: a file with the hash of each, never the key itself.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Deserialize;
use subtle::ConstantTimeEq as _;

use super::Identity;

/// SHA-256 of a key.
pub(super) type Digest = [u8; 32];

/// The keys of the file.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// By the first bytes of the hash, so that what is compared byte by byte is compared in constant time.
    by_prefix: HashMap<u64, Vec<Key>>,
}

#[derive(Debug)]
struct Key {
    digest: Digest,
    expires: Option<Timestamp>,
    identity: Identity,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    keys: Vec<Line>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    client: String,
    sha256: String,
    #[serde(default)]
    scopes: Vec<String>,
    expires: Option<Timestamp>,
}

impl Keys {
    /// Reads the file. Several keys of one client are all good, which is how one replaces another.
    pub(super) fn parse(json: &[u8]) -> Result<Self, String> {
        let file: File =
            serde_json::from_slice(json).map_err(|error| format!("is not as expected: {error}"))?;
        let mut keys = Self::default();
        for (at, line) in file.keys.into_iter().enumerate() {
            let digest = digest(&line.sha256).ok_or_else(|| {
                format!("keys[{at}].sha256 must be the key's SHA-256 in 64 hexadecimal digits")
            })?;
            let identity = Identity::new("key", &line.client, line.scopes.iter().map(String::as_str))
                .ok_or_else(|| {
                    format!("keys[{at}]: client and scopes are 1 to 128 letters, digits and -_.:/@")
                })?;
            let same = keys.by_prefix.entry(prefix(&digest)).or_default();
            if same.iter().any(|key| key.digest == digest) {
                return Err(format!("keys[{at}] is there twice"));
            }
            same.push(Key { digest, expires: line.expires, identity });
        }
        Ok(keys)
    }

    /// Whose key it is, if it is one and has not expired.
    pub(super) fn find(&self, digest: &Digest, now: Timestamp) -> Option<(Identity, Option<Timestamp>)> {
        let same = self.by_prefix.get(&prefix(digest))?;
        let key = same.iter().find(|key| bool::from(key.digest.ct_eq(digest)))?;
        let fresh = key.expires.is_none_or(|expires| now < expires);
        fresh.then(|| (key.identity.clone(), key.expires))
    }
}

fn prefix(digest: &Digest) -> u64 {
    digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn digest(hex: &str) -> Option<Digest> {
    let hex = hex.as_bytes();
    let mut digest = [0; 32];
    if hex.len() != 64 {
        return None;
    }
    for (byte, pair) in digest.iter_mut().zip(hex.chunks(2)) {
        let digit = |at: usize| char::from(pair[at]).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        *byte = digit(0)? << 4 | digit(1)?;
    }
    Some(digest)
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    fn hash(key: &str) -> Digest {
        Sha256::digest(key.as_bytes()).into()
    }

    fn hex(key: &str) -> String {
        hash(key).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    }

    #[test]
    fn two_keys_of_a_client_are_good_at_once_and_an_expired_one_is_not() {
        let (old, new) = (hex("old"), hex("new"));
        let json = format!(
            r#"{{"keys": [
                {{"client": "web", "sha256": "{old}", "scopes": ["a.read"], "expires": "2026-01-01T00:00:00Z"}},
                {{"client": "web", "sha256": "{new}", "scopes": ["a.read"]}}]}}"#
        );
        let keys = Keys::parse(json.as_bytes()).unwrap();
        let client = |key: &str, now: &str| {
            let found = keys.find(&hash(key), now.parse().unwrap());
            found.map(|(identity, _)| identity.client().to_owned())
        };
        assert_eq!(client("old", "2025-12-31T23:59:59Z"), Some("key/web".into()));
        assert_eq!(client("old", "2026-01-01T00:00:00Z"), None);
        assert_eq!(client("new", "2026-01-01T00:00:00Z"), Some("key/web".into()));
        assert_eq!(client("other", "2025-01-01T00:00:00Z"), None);
    }

    #[test]
    fn a_file_with_a_mistake_is_refused_with_its_place() {
        let good = hex("k");
        for (json, told) in [
            ("{".to_owned(), "is not as expected"),
            (r#"{"keys": [{"client": "a", "sha256": "abc"}]}"#.to_owned(), "keys[0].sha256"),
            (format!(r#"{{"keys": [{{"client": "a b", "sha256": "{good}"}}]}}"#), "keys[0]: client"),
            (
                format!(r#"{{"keys": [{{"client": "a", "sha256": "{good}", "scope": "x"}}]}}"#),
                "unknown field",
            ),
            (
                format!(
                    r#"{{"keys": [{{"client": "a", "sha256": "{good}"}}, {{"client": "b", "sha256": "{good}"}}]}}"#
                ),
                "keys[1] is there twice",
            ),
        ] {
            let error = Keys::parse(json.as_bytes()).unwrap_err();
            assert!(error.contains(told), "{error}");
        }
    }
}
