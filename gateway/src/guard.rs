//! Who gets in: credentials, rate limits and scopes, before anything is asked of a service.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use proto::{ErrorCode, Failure};
use runtime::Stop;
use runtime::config::Error;
use runtime::context::{CLIENT, SCOPES};
use transcode::{Binding, Found, Matched, Transcoder};

use crate::address::{Client, Peer, Proxies};
use crate::auth::{Authenticator, Identity, Refusal};
use crate::crowd::Seat;
use crate::edge::Edge;
use crate::limit::{Limits, Refusals, Standing};
use crate::observe::Caller;
use crate::overload::{Ask, Load};
use crate::{Config, failure};

/// Looks at every request that is not a health check.
#[derive(Debug)]
pub(crate) struct Guard {
    routes: Arc<Transcoder<Edge>>,
    proxies: Proxies,
    auth: Authenticator,
    limits: Limits,
    refusals: Refusals,
    load: Arc<Load>,
}

/// Of a refusal: its caller has had many, and goes on asking.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Insists;

/// What was found out about a request that may go on.
#[derive(Debug)]
struct Admitted {
    identity: Option<Identity>,
    /// Its place among the streams of its address, if it is to be one.
    seat: Option<Seat>,
    standing: Option<Standing>,
    /// Whether the answer is not for everybody.
    private: bool,
}

impl Guard {
    pub(crate) fn new(
        config: &Config,
        routes: Arc<Transcoder<Edge>>,
        load: Arc<Load>,
        stop: &Stop,
    ) -> Result<Self, Error> {
        Ok(Self {
            routes,
            proxies: config.proxies()?,
            auth: Authenticator::new(&config.auth, config.process.environment, stop)?,
            limits: Limits::new(&config.limits, config.process.environment)?,
            refusals: Refusals::default(),
            load,
        })
    }

    /// The route of the contract that a request takes.
    pub(crate) fn route(&self, request: &Request) -> Option<Arc<Binding>> {
        match self.routes.table().find(request.uri().path(), request.method()) {
            Found::Route(binding) => Some(binding.clone()),
            Found::Methods(_) | Found::Nothing => None,
        }
    }

    /// Lets a request on to `next`, or refuses it.
    pub(crate) async fn pass<F: Future<Output = Response>>(
        &self,
        mut request: Request,
        binding: Option<Arc<Binding>>,
        next: impl FnOnce(Request) -> F,
    ) -> Response {
        // Before anything is looked at, because looking costs.
        let streams = binding.as_ref().is_some_and(|binding| binding.rpc.is_server_streaming());
        let place = match self.load.enter(if streams { Ask::Stream } else { Ask::Call }) {
            Ok(place) => place,
            Err(failure) => return failure::response(&failure),
        };
        let admitted = match self.admit(&mut request, binding, streams).await {
            Ok(admitted) => admitted,
            Err(response) => return response,
        };
        let mut response = next(request).await;
        response.extensions_mut().insert(place.beside(admitted.seat));
        if let Some(standing) = admitted.standing {
            standing.tell(response.headers_mut());
        }
        if admitted.private {
            keep_private(response.headers_mut());
        }
        if let Some(identity) = admitted.identity {
            response.extensions_mut().insert(Caller(identity));
        }
        response
    }

    async fn admit(
        &self,
        request: &mut Request,
        binding: Option<Arc<Binding>>,
        streams: bool,
    ) -> Result<Admitted, Response> {
        let headers = request.headers();
        let Some(peer) = request.extensions().get::<Peer>().copied() else {
            tracing::error!("a request came without its connection's address");
            return Err(failure::response(&internal()));
        };
        let address = self.proxies.client(peer.addr.ip(), headers);
        let checked = self.check(headers, address, binding.as_deref(), streams).await;
        let admitted = checked.map_err(|mut response| {
            if let Some(binding) = binding.clone() {
                response.extensions_mut().insert(Matched(binding));
            }
            // A trusted proxy's connection is not held: others speak through it.
            let limited = response.status() == StatusCode::TOO_MANY_REQUESTS;
            if limited && !self.proxies.trusts(peer.addr.ip()) && self.refusals.count(address) {
                response.extensions_mut().insert(Insists);
            }
            response
        })?;
        // Whoever a request says it is from, only what was found out here goes to services.
        let headers = request.headers_mut();
        headers.remove(CLIENT);
        headers.remove(SCOPES);
        if let Some(identity) = &admitted.identity {
            let (client, scopes) = identity.metadata();
            headers.insert(HeaderName::from_static(CLIENT), client);
            headers.insert(HeaderName::from_static(SCOPES), scopes);
        }
        // The transcoder is told which route it is, so that it need not look again.
        if let Some(binding) = binding {
            request.extensions_mut().insert(Matched(binding));
        }
        Ok(admitted)
    }

    async fn check(
        &self,
        headers: &HeaderMap,
        address: Client,
        binding: Option<&Binding>,
        streams: bool,
    ) -> Result<Admitted, Response> {
        let identity = self.auth.identify(headers, address).await.map_err(|refusal| refused(&refusal))?;
        let route = binding.and_then(|binding| self.routes.edge().options.route(binding));
        let cost = route.map_or(1, |route| route.cost);
        let standing = self.limits.take(identity.as_ref(), address, cost).await;
        let standing = standing.map_err(|failure| failure::response(&failure))?;
        if let Some((standing, failure)) = standing.and_then(|standing| Some((standing, standing.refusal()?)))
        {
            let mut response = failure::response(&failure);
            standing.tell(response.headers_mut());
            return Err(response);
        }
        // What is no route of the contract is the gateway's own, or nothing: both may be seen by all.
        let private = self.auth.is_required() && binding.is_some();
        if private {
            let scope = route.and_then(|route| route.scope.as_deref());
            let refusal = match (&identity, scope) {
                (None, _) => {
                    let text = "credentials are needed: X-API-Key, or Authorization: Bearer";
                    Some(unauthenticated(text, "Bearer"))
                }
                (Some(identity), Some(scope)) if !identity.holds(scope) => Some(forbidden(scope)),
                _ => None,
            };
            if let Some(mut response) = refusal {
                if let Some(standing) = standing {
                    standing.tell(response.headers_mut());
                }
                return Err(response);
            }
        }
        let seat = match streams.then(|| self.load.seat(address)).transpose() {
            Ok(seat) => seat,
            Err(failure) => {
                let mut response = failure::response(&failure);
                if let Some(standing) = standing {
                    standing.tell(response.headers_mut());
                }
                return Err(response);
            }
        };
        Ok(Admitted { identity, seat, standing, private })
    }
}

/// The guard of what is not a route of the contract.
pub(crate) async fn guarded(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    guard.pass(request, None, |request| next.run(request)).await
}

/// A shared cache would give one caller's answer to those who have no credentials.
fn keep_private(headers: &mut HeaderMap) {
    let kept = headers.get(CACHE_CONTROL).and_then(|value| value.to_str().ok());
    let private = kept.and_then(|kept| kept.strip_prefix("public")).map(|rest| format!("private{rest}"));
    if let Some(value) = private.and_then(|value| HeaderValue::try_from(value).ok()) {
        headers.insert(CACHE_CONTROL, value);
    }
}

fn refused(refusal: &Refusal) -> Response {
    match refusal {
        Refusal::Invalid(problem) => {
            tracing::info!(problem, "credentials were refused");
            unauthenticated(problem, "Bearer error=\"invalid_token\"")
        }
        Refusal::Unavailable => {
            let text = "tokens cannot be checked right now: the issuer's keys are not there";
            failure::response(&Failure::new(ErrorCode::ServiceUnavailable, text))
        }
        Refusal::TooMany(delay) => {
            let text = "too many wrong credentials came from this address";
            failure::response(&Failure::new(ErrorCode::RateLimited, text).retry_after(*delay))
        }
    }
}

fn unauthenticated(text: &str, challenge: &'static str) -> Response {
    let mut response = failure::response(&Failure::new(ErrorCode::Unauthenticated, text));
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    response
}

fn forbidden(scope: &str) -> Response {
    let failure = Failure::new(ErrorCode::PermissionDenied, format!("this route needs the scope {scope}"));
    let mut response = failure::response(&failure.with("scope", scope));
    let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
    if let Ok(challenge) = HeaderValue::try_from(challenge) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

fn internal() -> Failure {
    Failure::new(ErrorCode::InternalServerError, "an internal error occurred")
}
