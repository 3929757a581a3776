//! The issuer's public keys, from a file or a URL, kept until there are newer ones.

use std::time::Duration;

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use reqwest::Client;
use runtime::config::Error;
use runtime::{Reloaded, Stop};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use super::config::Jwks;

/// How soon after a fetch a token with an unknown key may cause another: callers cannot make us ask more often.
const PAUSE: Duration = Duration::from_secs(5);

/// How long a fetch may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Longest document that is read, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// Keys by which tokens are checked.
#[derive(Debug, Default)]
pub(super) struct KeySet(Vec<Key>);

/// A key and the one algorithm it is for.
#[derive(Debug, Clone)]
pub(super) struct Key {
    id: Option<String>,
    pub(super) algorithm: Algorithm,
    pub(super) public: DecodingKey,
}

#[derive(Debug, Deserialize)]
struct Document {
    keys: Vec<Value>,
}

impl KeySet {
    /// Reads a JWKS. Keys that are no public signature keys of an algorithm we take are passed over.
    pub(super) fn parse(json: &[u8]) -> Result<Self, String> {
        let document: Document =
            serde_json::from_slice(json).map_err(|error| format!("is no JWKS: {error}"))?;
        let read = |value| serde_json::from_value::<Jwk>(value).ok().and_then(|jwk| usable(&jwk));
        let keys: Vec<Key> = document.keys.into_iter().filter_map(read).collect();
        if keys.is_empty() { Err("has no RS256, ES256 or EdDSA key".into()) } else { Ok(Self(keys)) }
    }

    /// The key a token names. One that names none is checked with the only key of its algorithm, if there is one.
    fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<Key> {
        let mut fit = self
            .0
            .iter()
            .filter(|key| key.algorithm == algorithm && (id.is_none() || key.id.as_deref() == id));
        let first = fit.next()?;
        (id.is_some() || fit.next().is_none()).then(|| first.clone())
    }
}

fn usable(jwk: &Jwk) -> Option<Key> {
    let algorithm = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => Algorithm::ES256,
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => Algorithm::EdDSA,
        _ => return None,
    };
    let common = &jwk.common;
    let said = common.key_algorithm.is_none_or(|said| said.to_string() == format!("{algorithm:?}"));
    let signs = common.public_key_use.as_ref().is_none_or(|kind| *kind == PublicKeyUse::Signature);
    let public = DecodingKey::from_jwk(jwk).ok()?;
    (said && signs).then(|| Key { id: common.key_id.clone(), algorithm, public })
}

/// Why there is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// The issuer has no such key.
    Unknown,
    /// The issuer's keys have never been had.
    NeverFetched,
}

/// The issuer's keys as they are now.
#[derive(Debug)]
pub(super) struct Issued {
    keys: Reloaded<KeySet>,
    remote: Option<Remote>,
}

#[derive(Debug)]
struct Remote {
    url: Url,
    http: Client,
    /// When the last fetch began.
    asked: Mutex<Option<Instant>>,
}

impl Issued {
    /// Reads the file, or prepares to fetch the URL. Neither waits for a publisher.
    pub(super) fn new(source: &Jwks) -> Result<Self, Error> {
        match source {
            Jwks::File(path) => {
                let keys = Reloaded::of_files(vec![path.clone()], "JWT_JWKS", |files| {
                    KeySet::parse(files.first().map(Vec::as_slice).unwrap_or_default())
                })?;
                Ok(Self { keys, remote: None })
            }
            Jwks::Url(url) => {
                let http = client().map_err(|problem| Error::new("JWT_JWKS", problem))?;
                let remote = Remote { url: url.clone(), http, asked: Mutex::default() };
                Ok(Self { keys: Reloaded::new(KeySet::default()), remote: Some(remote) })
            }
        }
    }

    /// How often the keys have been replaced.
    pub(super) fn version(&self) -> u64 {
        self.keys.version()
    }

    /// The key a token names, fetched if it is new.
    pub(super) async fn key(&self, id: Option<&str>, algorithm: Algorithm) -> Result<Key, Missing> {
        let found = || self.keys.get().find(id, algorithm);
        if let Some(key) = found() {
            return Ok(key);
        }
        let Some(remote) = &self.remote else { return Err(Missing::Unknown) };
        {
            // Whoever comes while another fetches waits for that fetch.
            let mut asked = remote.asked.lock().await;
            if let Some(key) = found() {
                return Ok(key);
            }
            if asked.is_none_or(|at| at.elapsed() >= PAUSE) {
                *asked = Some(Instant::now());
                remote.fetch_into(&self.keys).await;
            }
        }
        let missing = if self.keys.version() == 0 { Missing::NeverFetched } else { Missing::Unknown };
        found().ok_or(missing)
    }

    /// Fetches the keys now and again every `interval` until `stop`. Nothing to do for a file.
    pub(super) async fn keep_fresh(&self, interval: Duration, stop: Stop) {
        let Some(remote) = &self.remote else { return };
        loop {
            let fetched = {
                let mut asked = remote.asked.lock().await;
                *asked = Some(Instant::now());
                remote.fetch_into(&self.keys).await
            };
            let pause = if fetched { interval } else { interval.min(PAUSE) };
            tokio::select! {
                () = stop.stopped() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }
}

impl Remote {
    async fn fetch_into(&self, keys: &Reloaded<KeySet>) -> bool {
        match self.fetch().await {
            Ok(fetched) => {
                keys.set(fetched);
                true
            }
            Err(problem) => {
                let age = if keys.version() == 0 { "none" } else { "earlier" };
                tracing::warn!(problem, keys = age, "the issuer's keys could not be fetched");
                false
            }
        }
    }

    async fn fetch(&self) -> Result<KeySet, String> {
        let failed = |error: reqwest::Error| error.without_url().to_string();
        let answer = self.http.get(self.url.clone()).send().await.map_err(failed)?;
        let mut answer = answer.error_for_status().map_err(failed)?;
        let mut json = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            if json.len() + chunk.len() > MAX_BYTES {
                return Err(format!("is over {MAX_BYTES} bytes"));
            }
            json.extend_from_slice(&chunk);
        }
        KeySet::parse(&json)
    }
}

fn client() -> Result<Client, String> {
    let tls = runtime::tls::client().map_err(|error| error.to_string())?;
    let builder = Client::builder()
        .tls_backend_preconfigured(tls)
        .timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("bouvetradar-gateway/", env!("CARGO_PKG_VERSION")));
    builder.build().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const POINT: &str = r#""crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0""#;

    #[test]
    fn only_public_signature_keys_of_known_algorithms_are_taken() {
        let set = |keys: &str| KeySet::parse(format!(r#"{{"keys": [{keys}]}}"#).as_bytes());
        let good = format!(r#"{{"kty": "EC", "kid": "a", {POINT}}}"#);
        assert!(set(&good).unwrap().find(Some("a"), Algorithm::ES256).is_some());
        assert!(set(&good).unwrap().find(Some("a"), Algorithm::RS256).is_none(), "an EC key read as RSA");
        for bad in [
            r#"{"kty": "oct", "kid": "a", "k": "c2VjcmV0", "alg": "HS256"}"#.to_owned(),
            format!(r#"{{"kty": "EC", "kid": "a", "use": "enc", {POINT}}}"#),
            format!(r#"{{"kty": "EC", "kid": "a", "alg": "ES384", {POINT}}}"#),
            r#"{"kty": "new", "kid": "a"}"#.to_owned(),
        ] {
            assert!(set(&bad).is_err(), "{bad}");
            assert_eq!(set(&format!("{bad}, {good}")).unwrap().0.len(), 1);
        }
    }

    #[test]
    fn a_token_without_a_key_s_name_is_checked_only_where_there_is_no_choice() {
        let key = |id: &str| format!(r#"{{"kty": "EC", "kid": "{id}", {POINT}}}"#);
        let set = |keys: String| KeySet::parse(format!(r#"{{"keys": [{keys}]}}"#).as_bytes()).unwrap();
        assert!(set(key("a")).find(None, Algorithm::ES256).is_some());
        assert!(set(format!("{}, {}", key("a"), key("b"))).find(None, Algorithm::ES256).is_none());
    }
}
