//! Who calls: API keys and bearer tokens, checked; never more than the gateway knows of them travels on.

pub(crate) mod config;
mod credential;
mod jwks;
mod keys;
mod signature;
mod tokens;

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use moka::sync::Cache;
use runtime::{Environment, Reloaded, Stop, config::Error};
use sha2::{Digest as _, Sha256};

pub use config::{Mode, Settings};
pub(crate) use credential::API_KEY;

use crate::address::Client;
use credential::Credential;
use keys::Keys;
use tokens::Tokens;

/// How many callers are remembered as having been right.
const REMEMBERED: u64 = 10_000;

/// How long a caller is remembered. A token that is withdrawn in between is taken until then.
const REMEMBER: Duration = Duration::from_mins(1);

/// Who calls, and what they may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity(Arc<Known>);

#[derive(Debug, PartialEq, Eq)]
struct Known {
    client: String,
    scopes: Vec<String>,
    /// Both again, as they travel to services.
    metadata: (HeaderValue, HeaderValue),
}

impl Identity {
    /// `None`: the name or a scope is empty, too long or has characters that cannot travel.
    fn new<'a>(kind: &str, name: &str, scopes: impl Iterator<Item = &'a str>) -> Option<Self> {
        let plain = |text: &str| {
            (1..=128).contains(&text.len())
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:/@|+=".contains(&b))
        };
        let scopes: Vec<String> = scopes.map(str::to_owned).collect();
        if !plain(name) || !scopes.iter().all(|scope| plain(scope)) {
            return None;
        }
        let client = format!("{kind}/{name}");
        let metadata = (HeaderValue::try_from(&client).ok()?, HeaderValue::try_from(scopes.join(" ")).ok()?);
        Some(Self(Arc::new(Known { client, scopes, metadata })))
    }

    /// Kind and name, such as `key/frontend` or `token/2f1c`: a token cannot pass for a key.
    pub(crate) fn client(&self) -> &str {
        &self.0.client
    }

    pub(crate) fn holds(&self, scope: &str) -> bool {
        self.0.scopes.iter().any(|held| held == scope)
    }

    /// Client and scopes, as metadata.
    pub(crate) fn metadata(&self) -> (HeaderValue, HeaderValue) {
        self.0.metadata.clone()
    }
}

/// Why credentials are not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// They are wrong; the sentence says no more than helps an honest caller.
    Invalid(&'static str),
    /// They cannot be checked now.
    Unavailable,
    /// Too many from this address were wrong.
    TooMany(Duration),
}

/// Checks credentials.
#[derive(Debug)]
pub(crate) struct Authenticator {
    mode: Mode,
    keys: Option<Reloaded<Keys>>,
    tokens: Option<Arc<Tokens>>,
    /// Callers that were right a moment ago, by address and credential: they are let through without a second
    /// look, also while others at their address guess.
    right: Cache<[u8; 32], Right>,
    failures: crate::limit::Failures,
}

#[derive(Debug, Clone)]
struct Right {
    identity: Identity,
    until: Option<Timestamp>,
    /// Versions of the keys it was right by.
    by: (u64, u64),
}

impl Authenticator {
    /// Reads the keys, and keeps them fresh until `stop`.
    pub(crate) fn new(settings: &Settings, environment: Environment, stop: &Stop) -> Result<Self, Error> {
        let mode = settings.mode(environment)?;
        let keys = settings.keys_file().map(|path| {
            Reloaded::of_files(vec![path], "API_KEYS_FILE", |files| {
                Keys::parse(files.first().map(Vec::as_slice).unwrap_or_default())
            })
        });
        let tokens = match settings.issuer(environment)? {
            Some(issuer) => Some(Arc::new(Tokens::new(issuer, settings)?)),
            None => None,
        };
        if let Some(tokens) = tokens.clone() {
            let (interval, stop) = (settings.jwt_jwks_refresh, stop.clone());
            tokio::spawn(async move { tokens.keys().keep_fresh(interval, stop).await });
        }
        Ok(Self {
            mode,
            keys: keys.transpose()?,
            tokens,
            right: Cache::builder().max_capacity(REMEMBERED).time_to_live(REMEMBER).build(),
            failures: crate::limit::Failures::default(),
        })
    }

    /// Whether routes of the contract need credentials.
    pub(crate) fn is_required(&self) -> bool {
        self.mode == Mode::Required
    }

    /// Who calls; nobody if there are no credentials, or none are configured to check them with.
    pub(crate) async fn identify(
        &self,
        headers: &HeaderMap,
        address: Client,
    ) -> Result<Option<Identity>, Refusal> {
        if self.keys.is_none() && self.tokens.is_none() {
            return Ok(None);
        }
        let credential = match Credential::of(headers) {
            Ok(None) => return Ok(None),
            Ok(Some(credential)) => credential,
            Err(problem) => return Err(self.failed(address, Refusal::Invalid(problem))),
        };
        let remembered = credential.digest_at(address);
        let right = self.right.get(&remembered);
        let now = Timestamp::now();
        let by = self.versions();
        if let Some(right) = &right
            && right.by == by
            && right.until.is_none_or(|until| now < until)
        {
            return Ok(Some(right.identity.clone()));
        }
        if right.is_none()
            && let Some(delay) = self.failures.exhausted(address)
        {
            return Err(Refusal::TooMany(delay));
        }
        match self.check(&credential, now).await {
            Ok((identity, until)) => {
                self.right.insert(remembered, Right { identity: identity.clone(), until, by });
                Ok(Some(identity))
            }
            Err(refusal) => {
                self.right.invalidate(&remembered);
                Err(self.failed(address, refusal))
            }
        }
    }

    async fn check(
        &self,
        credential: &Credential<'_>,
        now: Timestamp,
    ) -> Result<(Identity, Option<Timestamp>), Refusal> {
        match (credential, &self.keys, &self.tokens) {
            (Credential::Key(key), Some(keys), _) => {
                let found = keys.get().find(&Sha256::digest(key).into(), now);
                found.ok_or(Refusal::Invalid("the API key is not valid"))
            }
            (Credential::Token(token), _, Some(tokens)) => tokens.check(token).await,
            (Credential::Key(_), None, _) => Err(Refusal::Invalid("API keys are not taken here")),
            (Credential::Token(_), _, None) => Err(Refusal::Invalid("bearer tokens are not taken here")),
        }
    }

    fn failed(&self, address: Client, refusal: Refusal) -> Refusal {
        if let Refusal::Invalid(_) = refusal {
            self.failures.count(address);
        }
        refusal
    }

    fn versions(&self) -> (u64, u64) {
        let keys = self.keys.as_ref().map(Reloaded::version).unwrap_or_default();
        (keys, self.tokens.as_ref().map(|tokens| tokens.keys().version()).unwrap_or_default())
    }
}
