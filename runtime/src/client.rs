//! Channels to other servers of ours, and what every call over them carries.
//!
//! ```text
//! call ─▶ Propagate (request id, trace, deadline) ─▶ Balanced ─▶ Pool ─▶ the less busy of two members ─▶ its channel
//!                                                                  ▲ resolves names again   ▲ watches their health
//! ```

mod balanced;
mod channel;
mod member;
mod meter;
mod pool;
mod remote;

use std::error::Error as StdError;
use std::time::Duration;

use http::HeaderValue;
use tonic::metadata::MetadataMap;
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Endpoint;
use tonic::{Request, Status};

use crate::config::Error;
use crate::context::{Context, REQUEST_ID, time_before};
use crate::telemetry;

pub use balanced::{Balanced, Nowhere};
pub use meter::Meter;
pub use pool::{Pool, Target};
pub use remote::Remote;
pub(crate) use remote::secure;

/// A channel whose calls carry the current request's id, trace and deadline, to whichever server is least busy.
pub type Connected = InterceptedService<Balanced, Propagate>;

/// An endpoint with the settings all our channels share.
fn endpoint(url: &str, variable: &str) -> Result<Endpoint, Error> {
    // A URL with credentials is refused, and they are not told on.
    let told = url.rsplit('@').next().unwrap_or_default();
    let problem = || Error::new(variable, format!("{told:?} is not a URL such as http://127.0.0.1:50051"));
    let endpoint = Endpoint::from_shared(url.to_owned()).map_err(|_| problem())?;
    let authority = endpoint.uri().authority().filter(|authority| !authority.as_str().contains('@'));
    if !matches!(endpoint.uri().scheme_str(), Some("http" | "https")) || authority.is_none() {
        return Err(problem());
    }
    Ok(endpoint
        .connect_timeout(channel::CONNECT)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(channel::PING)
        .keep_alive_timeout(channel::PONG)
        .keep_alive_while_idle(true))
}

/// An error and what caused it.
pub fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error: &&(dyn StdError + 'static)| (*error).source())
}

/// Whether an error is that a call's own time was up.
pub fn is_late(error: &(dyn StdError + 'static)) -> bool {
    error.is::<tonic::TimeoutExpired>()
}

/// Checks the URLs that `variable` configures, without connecting.
pub fn check(urls: &str, variable: &str) -> Result<(), Error> {
    urls.split(',').try_for_each(|url| endpoint(url.trim(), variable).map(drop))
}

/// Servers of one service, by the URLs that `variable` configures, separated by commas.
pub fn remotes(urls: &str, variable: &str, tls: &crate::config::GrpcTls) -> Result<Vec<Remote>, Error> {
    urls.split(',').map(|url| Remote::new(url.trim(), variable, tls)).collect()
}

/// Adds the current request's id, trace and deadline to a call.
#[derive(Debug, Clone)]
pub struct Propagate {
    timeout: Duration,
}

impl Interceptor for Propagate {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let context = Context::current();
        let left = context.as_ref().and_then(|c| c.deadline).map(time_before);
        if left.is_some_and(|left| left.is_zero()) {
            return Err(Status::deadline_exceeded("no time is left for this call"));
        }
        if request.metadata().get("grpc-timeout").is_none() {
            request.set_timeout(left.map_or(self.timeout, |left| left.min(self.timeout)));
        }
        let metadata = request.metadata_mut();
        telemetry::inject_trace(context.as_ref(), |key, value| insert(metadata, key, value));
        if let Some(id) = context.and_then(|context| HeaderValue::try_from(context.request_id).ok()) {
            insert(metadata, REQUEST_ID, id);
        }
        Ok(request)
    }
}

/// Adds what is another for every call. Marked as never to be indexed: it would push what calls have in common out of
/// the table by which HTTP/2 writes headers short.
fn insert(metadata: &mut MetadataMap, key: &'static str, mut value: HeaderValue) {
    value.set_sensitive(true);
    metadata.as_mut().insert(key, value);
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_url_that_is_none_is_named_with_its_variable() {
        for bad in ["", "localhost:50051", "ftp://x", "http://", "/path"] {
            let error = endpoint(bad, "PROCUREMENT_URL").unwrap_err().to_string();
            assert!(error.starts_with("PROCUREMENT_URL: "), "{error}");
        }
        assert!(endpoint("http://procurement:50051", "PROCUREMENT_URL").is_ok());
        let error =
            endpoint("http://user:s3cret@procurement:50051", "PROCUREMENT_URL").unwrap_err().to_string();
        assert!(!error.contains("s3cret"), "{error}");
    }

    #[tokio::test]
    async fn a_call_gets_what_is_left_of_the_deadline_and_none_when_nothing_is() {
        let within = |left: Duration| Context {
            request_id: "r1".into(),
            deadline: Some(Instant::now() + left),
            trace: None,
        };
        let mut propagate = Propagate { timeout: Duration::from_secs(10) };
        let request =
            within(Duration::from_secs(2)).scope(async { propagate.call(Request::new(())) }).await.unwrap();
        assert_eq!(request.metadata().get(REQUEST_ID).unwrap(), "r1");
        let timeout = request.metadata().get("grpc-timeout").unwrap().to_str().unwrap();
        let timeout = crate::context::parse_timeout(timeout).unwrap();
        assert!(timeout <= Duration::from_millis(1950) && timeout > Duration::from_secs(1), "{timeout:?}");
        let late = within(Duration::from_millis(20)).scope(async { propagate.call(Request::new(())) }).await;
        assert_eq!(late.unwrap_err().code(), tonic::Code::DeadlineExceeded);
    }
}
