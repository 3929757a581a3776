//! Settings of authentication.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use runtime::Environment;
use runtime::config::Error;
use url::Url;

/// Who may call.
#[derive(Debug, Clone, Args)]
#[group(skip)]
pub struct Settings {
    /// open: credentials are not needed; required: they are. Default: required where keys or tokens are configured,
    /// otherwise open in development, and in production an error.
    #[arg(long, env = "AUTH")]
    pub auth: Option<Mode>,
    /// JSON file of API keys: client, SHA-256 and scopes of each. Read again when it changes.
    #[arg(long, env = "API_KEYS_FILE")]
    pub api_keys_file: Option<PathBuf>,
    /// URL or file of the issuer's keys (JWKS) that bearer tokens (JWT) are signed with.
    #[arg(long, env = "JWT_JWKS")]
    pub jwt_jwks: Option<String>,
    /// Issuer (`iss`) of bearer tokens. Required with `JWT_JWKS`.
    #[arg(long, env = "JWT_ISSUER")]
    pub jwt_issuer: Option<String>,
    /// Audience (`aud`) that bearer tokens are for. Required with `JWT_JWKS`.
    #[arg(long, env = "JWT_AUDIENCE")]
    pub jwt_audience: Option<String>,
    /// How far the issuer's clock may be off.
    #[arg(long, env = "JWT_LEEWAY", default_value = "30s", value_parser = humantime::parse_duration)]
    pub jwt_leeway: Duration,
    /// How often the issuer's keys are fetched again; a token with an unknown key fetches them sooner.
    #[arg(long, env = "JWT_JWKS_REFRESH", default_value = "10min", value_parser = runtime::config::duration)]
    pub jwt_jwks_refresh: Duration,
}

/// Whether credentials are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// Everybody may call; credentials that are given must be right.
    Open,
    /// Routes of the contract need credentials, with the scope the contract asks for.
    Required,
}

/// Where the keys of tokens come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Jwks {
    Url(Url),
    File(PathBuf),
}

/// What a token must say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Issuer {
    pub(crate) jwks: Jwks,
    pub(crate) name: String,
    pub(crate) audience: String,
}

impl Settings {
    pub(crate) fn mode(&self, environment: Environment) -> Result<Mode, Error> {
        let checks = self.keys_file().is_some() || self.issuer(environment)?.is_some();
        match (self.auth, checks, environment) {
            (Some(Mode::Required), false, _) => {
                Err(Error::new("AUTH", "required needs API_KEYS_FILE or JWT_JWKS to check credentials with"))
            }
            (Some(mode), _, _) => Ok(mode),
            (None, true, _) => Ok(Mode::Required),
            (None, false, Environment::Development) => Ok(Mode::Open),
            (None, false, Environment::Production) => Err(Error::new(
                "AUTH",
                "production needs API_KEYS_FILE or JWT_JWKS, or AUTH=open to let everybody call",
            )),
        }
    }

    pub(crate) fn keys_file(&self) -> Option<PathBuf> {
        self.api_keys_file.clone().filter(|path| !path.as_os_str().is_empty())
    }

    pub(crate) fn issuer(&self, environment: Environment) -> Result<Option<Issuer>, Error> {
        let given = |value: &Option<String>| value.clone().filter(|text| !text.trim().is_empty());
        let Some(place) = given(&self.jwt_jwks) else { return Ok(None) };
        let needed = |value, variable| {
            given(value).ok_or_else(|| Error::new(variable, "must be set where JWT_JWKS is"))
        };
        let jwks = match Url::parse(&place) {
            Ok(url) if url.scheme() == "https" => Jwks::Url(url),
            Ok(url) if url.scheme() == "http" => {
                // Whoever can answer in the issuer's place can make tokens.
                let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
                if environment == Environment::Production && !local {
                    return Err(Error::new("JWT_JWKS", "must be an https URL, or a file, in production"));
                }
                Jwks::Url(url)
            }
            _ => Jwks::File(PathBuf::from(place)),
        };
        Ok(Some(Issuer {
            jwks,
            name: needed(&self.jwt_issuer, "JWT_ISSUER")?,
            audience: needed(&self.jwt_audience, "JWT_AUDIENCE")?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Program {
        #[command(flatten)]
        settings: Settings,
    }

    fn mode(environment: Environment, arguments: &[&str]) -> Result<Mode, String> {
        let program = Program::try_parse_from(std::iter::once("gateway").chain(arguments.iter().copied()));
        program.unwrap().settings.mode(environment).map_err(|error| error.variable)
    }

    const TOKENS: [&str; 3] =
        ["--jwt-jwks=https://id.example/jwks", "--jwt-issuer=https://id.example", "--jwt-audience=radar"];

    #[test]
    fn production_is_closed_unless_it_is_said_to_be_open() {
        use Environment::{Development, Production};
        assert_eq!(mode(Development, &[]), Ok(Mode::Open));
        assert_eq!(mode(Production, &[]), Err("AUTH".into()));
        assert_eq!(mode(Production, &["--auth=open"]), Ok(Mode::Open));
        for environment in [Development, Production] {
            assert_eq!(mode(environment, &["--auth=required"]), Err("AUTH".into()));
            assert_eq!(mode(environment, &["--api-keys-file=keys.json"]), Ok(Mode::Required));
            assert_eq!(mode(environment, &TOKENS), Ok(Mode::Required));
        }
    }

    #[test]
    fn tokens_need_an_issuer_an_audience_and_keys_nobody_can_replace_on_the_way() {
        use Environment::Production;
        assert_eq!(mode(Production, &TOKENS[..2]), Err("JWT_AUDIENCE".into()));
        assert_eq!(mode(Production, &[TOKENS[0], TOKENS[2]]), Err("JWT_ISSUER".into()));
        assert_eq!(
            mode(Production, &["--jwt-jwks=http://id.example/jwks", TOKENS[1], TOKENS[2]]),
            Err("JWT_JWKS".into())
        );
        assert_eq!(
            mode(Production, &["--jwt-jwks=/etc/jwks.json", TOKENS[1], TOKENS[2]]),
            Ok(Mode::Required)
        );
    }
}
