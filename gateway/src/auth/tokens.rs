//! Bearer tokens (JWT): signature, issuer, audience and lifetime.

use jiff::Timestamp;
use jsonwebtoken::{Validation, decode, decode_header};
use runtime::config::Error;
use serde::Deserialize;

use super::config::{Issuer, Settings};
use super::jwks::{Issued, Missing};
use super::{Identity, Refusal, signature};

/// Longest token that is looked at, in bytes.
const MAX_BYTES: usize = 8192;

/// Checks tokens of one issuer.
#[derive(Debug)]
pub(super) struct Tokens {
    keys: Issued,
    issuer: String,
    audience: String,
    leeway_s: u64,
}

/// What a token says that we read.
#[derive(Debug, Deserialize)]
struct Claims {
    sub: String,
    exp: u64,
    /// RFC 8693: scopes, separated by spaces.
    scope: Option<Scopes>,
    /// The same by another name, as some issuers write it.
    scp: Option<Scopes>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Scopes {
    Text(String),
    List(Vec<String>),
}

impl Scopes {
    fn iter(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        match self {
            Self::Text(text) => Box::new(text.split_ascii_whitespace()),
            Self::List(list) => Box::new(list.iter().map(String::as_str)),
        }
    }
}

impl Tokens {
    pub(super) fn new(issuer: Issuer, settings: &Settings) -> Result<Self, Error> {
        signature::install();
        Ok(Self {
            keys: Issued::new(&issuer.jwks)?,
            issuer: issuer.name,
            audience: issuer.audience,
            leeway_s: settings.jwt_leeway.as_secs(),
        })
    }

    pub(super) fn keys(&self) -> &Issued {
        &self.keys
    }

    /// Whose token it is, and until when.
    pub(super) async fn check(&self, token: &str) -> Result<(Identity, Option<Timestamp>), Refusal> {
        if token.len() > MAX_BYTES {
            return Err(Refusal::Invalid("the token is too long"));
        }
        let unreadable = |_| Refusal::Invalid("the token cannot be read");
        let header = decode_header(token).map_err(unreadable)?;
        if !signature::ALGORITHMS.contains(&header.alg) || header.crit.is_some() {
            return Err(Refusal::Invalid("the token is signed in a way that is not taken here"));
        }
        let key =
            self.keys.key(header.kid.as_deref(), header.alg).await.map_err(|missing| match missing {
                Missing::Unknown => Refusal::Invalid("the token's key is not known"),
                Missing::NeverFetched => Refusal::Unavailable,
            })?;
        let mut validation = Validation::new(key.algorithm);
        validation.leeway = self.leeway_s;
        validation.validate_nbf = true;
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        let claims =
            decode::<Claims>(token, &key.public, &validation).map_err(|error| refused(&error))?.claims;
        let scopes = claims.scope.iter().chain(&claims.scp).flat_map(Scopes::iter);
        let identity = Identity::new("token", &claims.sub, scopes)
            .ok_or(Refusal::Invalid("the token's sub or scopes have characters that are not taken here"))?;
        let until = i64::try_from(claims.exp.saturating_add(self.leeway_s)).ok();
        Ok((identity, until.and_then(|seconds| Timestamp::from_second(seconds).ok())))
    }
}

/// What a caller may know: what its own client can put right, and not whether a signature nearly was good.
fn refused(error: &jsonwebtoken::errors::Error) -> Refusal {
    use jsonwebtoken::errors::ErrorKind as Kind;
    Refusal::Invalid(match error.kind() {
        Kind::ExpiredSignature => "the token has expired",
        Kind::ImmatureSignature => "the token is not valid yet",
        Kind::InvalidAudience => "the token is for another audience",
        Kind::InvalidIssuer => "the token is of another issuer",
        Kind::MissingRequiredClaim(_) => "the token lacks one of exp, iss, aud, sub",
        _ => "the token is not valid",
    })
}
