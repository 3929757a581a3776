//! The service as gRPC: messages in, questions to the lists, messages out.
//!
//! The only place that knows tonic and the generated types. Each RPC is one function of a submodule that
//! takes the request message and answers the response message or a domain error.

mod cpv;
mod nuts;
mod search;
mod sources;
mod styrk;

use std::sync::Arc;

use jiff::Timestamp;
use proto::classification as pb;
use proto::classification::classification_service_server::{
    ClassificationService, ClassificationServiceServer,
};
use proto::{ErrorCode, Failure};
use runtime::{Grpc, Health, Metrics, Stop};
use tokio::net::TcpListener;
use tonic::service::Routes;
use tonic::{Request, Response, Status};

use crate::cache::Cache;
use crate::config::Config;
use crate::domain::{Code, Edition, Error, Scheme};

/// Name of the service in health checks.
const SERVICE: &str = "bouvetradar.classification.v1.ClassificationService";

/// Serves until `stop`, then drains.
pub(crate) async fn serve(
    listener: TcpListener,
    cache: Arc<Cache>,
    config: &Config,
    metrics: Metrics,
    stop: Stop,
) -> Result<(), crate::Error> {
    let health = Health::new(&[SERVICE]);
    // The lists are loaded: there is nothing to wait for.
    health.set(SERVICE, true);
    let grpc = Grpc {
        routes: Routes::new(ClassificationServiceServer::new(Service { cache })),
        health,
        descriptors: proto::DESCRIPTORS,
        metrics,
        drain_timeout: config.process.drain_timeout,
    };
    if let Ok(addr) = listener.local_addr() {
        tracing::info!(%addr, "classification is served");
    }
    Ok(grpc.serve(listener, stop).await?)
}

struct Service {
    cache: Arc<Cache>,
}

type Answer<T> = Result<Response<T>, Status>;

fn answer<T>(result: Result<T, Error>) -> Answer<T> {
    result.map(Response::new).map_err(|error| Failure::from(error).into())
}

impl From<Error> for Failure {
    // Every variant is the caller's: there is no server fault to log.
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error {
            Error::Missing { parameter, problem } => {
                Self::field(ErrorCode::MissingParameter, parameter, problem)
            }
            Error::Invalid { parameter, problem } => Self::field(ErrorCode::InvalidInput, parameter, problem),
            Error::WrongType { parameter, problem } => {
                Self::field(ErrorCode::InvalidParameterType, parameter, problem)
            }
            Error::NotFound { scheme, code } => {
                let reason = match scheme {
                    Scheme::Cpv => ErrorCode::CpvCodeNotFound,
                    Scheme::Nuts => ErrorCode::NutsCodeNotFound,
                    Scheme::Styrk => ErrorCode::StyrkCodeNotFound,
                };
                Self::new(reason, message).with("code", code)
            }
        }
    }
}

#[tonic::async_trait]
impl ClassificationService for Service {
    async fn list_cpv_categories(
        &self,
        request: Request<pb::ListCpvCategoriesRequest>,
    ) -> Answer<pb::ListCpvCategoriesResponse> {
        answer(cpv::categories(&self.cache.cpv.edition(), &request.into_inner()))
    }

    async fn list_cpv_codes(
        &self,
        request: Request<pb::ListCpvCodesRequest>,
    ) -> Answer<pb::ListCpvCodesResponse> {
        answer(cpv::codes(&self.cache.cpv.edition(), &request.into_inner()))
    }

    async fn get_cpv_code(&self, request: Request<pb::GetCpvCodeRequest>) -> Answer<pb::GetCpvCodeResponse> {
        answer(cpv::code(&self.cache.cpv.edition(), &request.into_inner()))
    }

    async fn get_cpv_stats(
        &self,
        request: Request<pb::GetCpvStatsRequest>,
    ) -> Answer<pb::GetCpvStatsResponse> {
        answer(cpv::stats(&self.cache.cpv.edition(), &request.into_inner()))
    }

    async fn list_nuts_codes(
        &self,
        request: Request<pb::ListNutsCodesRequest>,
    ) -> Answer<pb::ListNutsCodesResponse> {
        answer(nuts::codes(&self.cache.nuts.edition(), request.into_inner()))
    }

    async fn get_nuts_code(
        &self,
        request: Request<pb::GetNutsCodeRequest>,
    ) -> Answer<pb::GetNutsCodeResponse> {
        answer(nuts::code(&self.cache.nuts.edition(), &request.into_inner()))
    }

    async fn resolve_nuts(
        &self,
        request: Request<pb::ResolveNutsRequest>,
    ) -> Answer<pb::ResolveNutsResponse> {
        let edition = self.cache.nuts.edition();
        answer(nuts::resolve(&edition, &self.cache.retired, &request.into_inner()))
    }

    async fn list_styrk_codes(
        &self,
        request: Request<pb::ListStyrkCodesRequest>,
    ) -> Answer<pb::ListStyrkCodesResponse> {
        answer(styrk::codes(&self.cache.styrk.edition(), &request.into_inner()))
    }

    async fn get_styrk_code(
        &self,
        request: Request<pb::GetStyrkCodeRequest>,
    ) -> Answer<pb::GetStyrkCodeResponse> {
        answer(styrk::code(&self.cache.styrk.edition(), &request.into_inner()))
    }

    async fn search_classifications(
        &self,
        request: Request<pb::SearchClassificationsRequest>,
    ) -> Answer<pb::SearchClassificationsResponse> {
        answer(search::search(&self.cache, &request.into_inner()))
    }

    async fn list_sources(
        &self,
        _request: Request<pb::ListSourcesRequest>,
    ) -> Answer<pb::ListSourcesResponse> {
        answer(Ok(sources::list(&self.cache)))
    }

    async fn batch_get_labels(
        &self,
        request: Request<pb::BatchGetLabelsRequest>,
    ) -> Answer<pb::BatchGetLabelsResponse> {
        answer(search::labels(&self.cache, request.into_inner()))
    }
}

fn snapshot<C: Code>(edition: &Edition<C>) -> pb::Snapshot {
    pb::Snapshot {
        origin: edition.origin.name().to_owned(),
        version: edition.list.version().to_owned(),
        as_of: Some(timestamp(edition.as_of)),
        complete: edition.complete(),
    }
}

fn timestamp(time: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: time.as_second(), nanos: time.subsec_nanosecond() }
}

/// A count as the contract counts; lists are far smaller than its range.
fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// The level asked for, checked against the deepest there is.
fn level(asked: Option<i32>, deepest: u8) -> Result<Option<u8>, Error> {
    let Some(asked) = asked else { return Ok(None) };
    let level = u8::try_from(asked).ok().filter(|level| (1..=deepest).contains(level));
    level.map(Some).ok_or_else(|| Error::invalid("level", format!("{asked} is not 1 to {deepest}")))
}

/// The code asked for.
fn code<C: Code>(text: &str) -> Result<C, Error> {
    C::parse(text).map_err(|malformed| Error::malformed("code", &malformed))
}
