//! `grpc.health.v1`, as the specification says it.
//!
//! tonic-health's stock server ends `Watch` on an unknown service with `NOT_FOUND`; the specification wants
//! `SERVICE_UNKNOWN` on a stream that stays open and tells when the service appears.

use std::collections::HashMap;
use std::pin::Pin;

use futures_util::{Stream, stream};
use tokio::sync::watch;
use tonic::{Request, Response, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_server::{Health as Service, HealthServer};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

/// The health of a server's services. The empty name stands for the server as a whole and is SERVING when
/// every named service is.
#[derive(Debug, Clone)]
pub struct Health {
    state: watch::Sender<State>,
}

#[derive(Debug, Clone, Default)]
struct State {
    serving: HashMap<String, bool>,
    draining: bool,
}

impl State {
    fn status(&self, name: &str) -> ServingStatus {
        let serving = match (name, self.serving.get(name)) {
            ("", _) => self.serving.values().all(|serving| *serving),
            (_, Some(serving)) => *serving,
            (_, None) => return ServingStatus::ServiceUnknown,
        };
        if serving && !self.draining { ServingStatus::Serving } else { ServingStatus::NotServing }
    }
}

impl Health {
    /// Health of services that do not serve yet.
    pub fn new(services: &[&str]) -> Self {
        let serving = services.iter().map(|name| ((*name).to_owned(), false)).collect();
        Self { state: watch::Sender::new(State { serving, draining: false }) }
    }

    /// Names of the services.
    pub fn services(&self) -> Vec<String> {
        let mut names: Vec<_> = self.state.borrow().serving.keys().cloned().collect();
        names.sort();
        names
    }

    /// Says whether a service serves.
    pub fn set(&self, service: &str, serving: bool) {
        self.state
            .send_if_modified(|state| state.serving.insert(service.to_owned(), serving) != Some(serving));
    }

    /// Says that nothing serves any more, for good.
    pub fn drain(&self) {
        self.state.send_modify(|state| state.draining = true);
    }

    /// Whether the server as a whole serves.
    pub fn is_serving(&self) -> bool {
        self.state.borrow().status("") == ServingStatus::Serving
    }

    pub(crate) fn server(&self) -> HealthServer<Self> {
        HealthServer::new(self.clone())
    }
}

fn response(status: ServingStatus) -> HealthCheckResponse {
    HealthCheckResponse { status: status.into() }
}

#[tonic::async_trait]
impl Service for Health {
    type WatchStream = Pin<Box<dyn Stream<Item = Result<HealthCheckResponse, Status>> + Send>>;

    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        match self.state.borrow().status(&request.get_ref().service) {
            ServingStatus::ServiceUnknown => Err(Status::not_found("unknown service")),
            status => Ok(Response::new(response(status))),
        }
    }

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let start = (self.state.subscribe(), request.into_inner().service, None);
        let stream = stream::unfold(start, |(mut state, service, last)| async move {
            loop {
                let now = state.borrow_and_update().clone();
                let status = now.status(&service);
                if last != Some(status) {
                    return Some((Ok(response(status)), (state, service, Some(status))));
                }
                // The drain has been told: end, because an open stream would hold the drain up.
                if now.draining {
                    return None;
                }
                state.changed().await.ok()?;
            }
        });
        Ok(Response::new(Box::pin(stream)))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt as _;

    use super::*;

    async fn check(health: &Health, service: &str) -> Result<i32, tonic::Code> {
        let request = Request::new(HealthCheckRequest { service: service.into() });
        health.check(request).await.map(|r| r.into_inner().status).map_err(|s| s.code())
    }

    async fn watch(health: &Health, service: &str) -> <Health as Service>::WatchStream {
        let request = Request::new(HealthCheckRequest { service: service.into() });
        health.watch(request).await.unwrap().into_inner()
    }

    async fn next(stream: &mut <Health as Service>::WatchStream) -> Option<i32> {
        stream.next().await.map(|item| item.unwrap().status)
    }

    #[tokio::test]
    async fn the_server_serves_when_all_its_services_do() {
        let health = Health::new(&["a", "b"]);
        health.set("a", true);
        assert_eq!(check(&health, "a").await, Ok(ServingStatus::Serving as i32));
        assert_eq!(check(&health, "").await, Ok(ServingStatus::NotServing as i32));
        health.set("b", true);
        assert_eq!(check(&health, "").await, Ok(ServingStatus::Serving as i32));
        assert_eq!(check(&health, "c").await, Err(tonic::Code::NotFound));
    }

    #[tokio::test]
    async fn a_watch_tells_each_change_once_and_ends_with_the_drain() {
        let health = Health::new(&["a"]);
        let mut stream = watch(&health, "a").await;
        assert_eq!(next(&mut stream).await, Some(ServingStatus::NotServing as i32));
        health.set("a", true);
        assert_eq!(next(&mut stream).await, Some(ServingStatus::Serving as i32));
        health.drain();
        assert_eq!(next(&mut stream).await, Some(ServingStatus::NotServing as i32));
        assert_eq!(next(&mut stream).await, None);
    }

    #[tokio::test]
    async fn a_watch_on_an_unknown_service_stays_open_until_it_appears() {
        let health = Health::new(&[]);
        let mut stream = watch(&health, "later").await;
        assert_eq!(next(&mut stream).await, Some(ServingStatus::ServiceUnknown as i32));
        health.set("later", true);
        assert_eq!(next(&mut stream).await, Some(ServingStatus::Serving as i32));
    }
}
