//! What a caller shows: an API key or a bearer token, one of them, once.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};
use sha2::{Digest as _, Sha256};

use crate::address::Client;

/// Header of an API key.
pub(crate) const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// What a caller shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Credential<'a> {
    Key(&'a [u8]),
    Token(&'a str),
}

impl<'a> Credential<'a> {
    /// What the headers hold. The error is a sentence for the caller.
    pub(super) fn of(headers: &'a HeaderMap) -> Result<Option<Self>, &'static str> {
        let mut keys = headers.get_all(API_KEY).iter();
        let mut authorizations = headers.get_all(AUTHORIZATION).iter();
        let both = (keys.next(), authorizations.next());
        if keys.next().is_some() || authorizations.next().is_some() {
            // Which of two is meant may differ between a proxy and us.
            return Err("credentials must be given once");
        }
        match both {
            (None, None) => Ok(None),
            (Some(_), Some(_)) => Err("give an API key or a bearer token, not both"),
            (Some(key), None) => Ok(Some(Self::Key(key.as_bytes()))),
            (None, Some(value)) => {
                let value = value.to_str().map_err(|_| "the Authorization header cannot be read")?;
                match value.split_once(' ') {
                    Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
                        Ok(Some(Self::Token(token.trim())))
                    }
                    _ => Err("the Authorization header must be: Bearer TOKEN"),
                }
            }
        }
    }

    /// Identifies the credential as shown from an address.
    pub(super) fn digest_at(&self, address: Client) -> [u8; 32] {
        let (kind, secret) = match self {
            Self::Key(key) => (b'k', *key),
            Self::Token(token) => (b't', token.as_bytes()),
        };
        let mut digest = Sha256::new();
        digest.update([kind]);
        digest.update(address.octets());
        digest.update(secret);
        digest.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(headers: &[(&'static str, &str)]) -> Result<Option<String>, &'static str> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        Credential::of(&map).map(|found| found.map(|credential| format!("{credential:?}")))
    }

    #[test]
    fn credentials_are_one_key_or_one_token() {
        assert_eq!(of(&[]), Ok(None));
        assert_eq!(of(&[("authorization", "bearer a.b.c")]), Ok(Some(r#"Token("a.b.c")"#.into())));
        assert!(of(&[("x-api-key", "k")]).unwrap().is_some());
        for bad in [
            vec![("x-api-key", "a"), ("x-api-key", "b")],
            vec![("authorization", "Bearer a"), ("authorization", "Bearer b")],
            vec![("x-api-key", "a"), ("authorization", "Bearer b")],
            vec![("authorization", "Basic dXNlcjpwYXNz")],
            vec![("authorization", "Bearer")],
        ] {
            assert!(of(&bad).is_err(), "{bad:?}");
        }
    }
}
