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
use tonic::codegen::BoxStream;
use tonic::metadata::MetadataValue;
use tonic::service::Routes;
use tonic::{Request, Response, Status};

use crate::cache::Cache;
use crate::config::Config;
use crate::domain::{Code, Edition, Entry, Error, Language, Scheme};

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
        routes: Routes::new(ClassificationServiceServer::new(Service::new(cache, stop.clone()))),
        health,
        descriptors: proto::DESCRIPTORS,
        metrics,
        tls: config.process.grpc_tls.clone(),
        drain_timeout: config.process.drain_timeout,
    };
    if let Ok(addr) = listener.local_addr() {
        tracing::info!(%addr, "classification is served");
    }
    Ok(grpc.serve(listener, stop).await?)
}

/// The RPCs.
#[derive(Debug)]
pub struct Service {
    cache: Arc<Cache>,
    stop: Stop,
}

impl Service {
    /// Answers from a cache; streams end on `stop`.
    pub fn new(cache: Arc<Cache>, stop: Stop) -> Self {
        Self { cache, stop }
    }
}

type Answer<T> = Result<Response<T>, Status>;

fn answer<T>(result: Result<T, Error>) -> Answer<T> {
    result.map(Response::new).map_err(|error| Failure::from(error).into())
}

/// Answers in the language of the request's field, else of its metadata, and says which it is.
fn spoken<T, R>(
    request: Request<T>,
    field: impl Fn(&mut T) -> &mut String,
    reply: impl FnOnce(&T, Language) -> Result<R, Error>,
) -> Answer<R> {
    let headers = request.metadata().get_all("accept-language").iter();
    let accepted: Vec<&str> = headers.filter_map(|value| value.to_str().ok()).collect();
    let accepted = accepted.join(",");
    let mut message = request.into_inner();
    let language = Language::choose(field(&mut message), &accepted)
        .map_err(|error| Status::from(Failure::from(error)))?;
    language.tag().clone_into(field(&mut message));
    let mut response = answer(reply(&message, language))?;
    response.metadata_mut().insert("content-language", MetadataValue::from_static(language.tag()));
    Ok(response)
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
            Error::Retired { code, successors, on } => Self::new(ErrorCode::NutsCodeNotFound, message)
                .with("code", code)
                .with("successors", successors.join(","))
                .with("retired_on", on.to_string()),
        }
    }
}

#[tonic::async_trait]
impl ClassificationService for Service {
    async fn list_cpv_categories(
        &self,
        request: Request<pb::ListCpvCategoriesRequest>,
    ) -> Answer<pb::ListCpvCategoriesResponse> {
        let edition = self.cache.cpv.edition();
        spoken(request, |asked| &mut asked.language, |_, language| Ok(cpv::categories(&edition, language)))
    }

    async fn list_cpv_codes(
        &self,
        request: Request<pb::ListCpvCodesRequest>,
    ) -> Answer<pb::ListCpvCodesResponse> {
        let edition = self.cache.cpv.edition();
        spoken(request, |asked| &mut asked.language, |asked, language| cpv::codes(&edition, asked, language))
    }

    async fn get_cpv_code(&self, request: Request<pb::GetCpvCodeRequest>) -> Answer<pb::GetCpvCodeResponse> {
        let edition = self.cache.cpv.edition();
        spoken(request, |asked| &mut asked.language, |asked, language| cpv::code(&edition, asked, language))
    }

    async fn get_cpv_stats(
        &self,
        request: Request<pb::GetCpvStatsRequest>,
    ) -> Answer<pb::GetCpvStatsResponse> {
        let edition = self.cache.cpv.edition();
        spoken(request, |asked| &mut asked.language, |_, language| Ok(cpv::stats(&edition, language)))
    }

    async fn list_nuts_codes(
        &self,
        request: Request<pb::ListNutsCodesRequest>,
    ) -> Answer<pb::ListNutsCodesResponse> {
        answer(nuts::codes(&self.cache, &request.into_inner()))
    }

    async fn list_retired_nuts_codes(
        &self,
        request: Request<pb::ListRetiredNutsCodesRequest>,
    ) -> Answer<pb::ListRetiredNutsCodesResponse> {
        answer(nuts::retired(&self.cache, *request.get_ref()))
    }

    async fn get_nuts_code(
        &self,
        request: Request<pb::GetNutsCodeRequest>,
    ) -> Answer<pb::GetNutsCodeResponse> {
        answer(nuts::code(&self.cache, &request.into_inner()))
    }

    async fn resolve_nuts(
        &self,
        request: Request<pb::ResolveNutsRequest>,
    ) -> Answer<pb::ResolveNutsResponse> {
        answer(nuts::resolve(&self.cache, &request.into_inner()))
    }

    async fn list_styrk_codes(
        &self,
        request: Request<pb::ListStyrkCodesRequest>,
    ) -> Answer<pb::ListStyrkCodesResponse> {
        let edition = self.cache.styrk.edition();
        spoken(
            request,
            |asked| &mut asked.language,
            |asked, language| styrk::codes(&edition, asked, language),
        )
    }

    async fn get_styrk_code(
        &self,
        request: Request<pb::GetStyrkCodeRequest>,
    ) -> Answer<pb::GetStyrkCodeResponse> {
        let edition = self.cache.styrk.edition();
        spoken(request, |asked| &mut asked.language, |asked, language| styrk::code(&edition, asked, language))
    }

    async fn search_classifications(
        &self,
        request: Request<pb::SearchClassificationsRequest>,
    ) -> Answer<pb::SearchClassificationsResponse> {
        spoken(request, |asked| &mut asked.language, |asked, _| search::search(&self.cache, asked))
    }

    async fn list_sources(
        &self,
        _request: Request<pb::ListSourcesRequest>,
    ) -> Answer<pb::ListSourcesResponse> {
        answer(Ok(sources::list(&self.cache)))
    }

    async fn watch_sources(
        &self,
        _request: Request<pb::WatchSourcesRequest>,
    ) -> Answer<BoxStream<pb::WatchSourcesResponse>> {
        answer(Ok(Box::pin(sources::watch(self.cache.clone(), self.stop.clone()))))
    }

    async fn batch_get_labels(
        &self,
        request: Request<pb::BatchGetLabelsRequest>,
    ) -> Answer<pb::BatchGetLabelsResponse> {
        spoken(request, |asked| &mut asked.language, |asked, _| search::labels(&self.cache, asked.clone()))
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

/// The code that only it and those below it are wanted of; none if there is no such wish.
fn under<'a, C: Code>(edition: &'a Edition<C>, text: &str) -> Result<Option<&'a Entry<C>>, Error> {
    if text.trim_matches(' ').is_empty() {
        return Ok(None);
    }
    let code = C::parse(text).map_err(|malformed| Error::malformed("under", &malformed))?;
    let absent = || Error::invalid("under", Error::not_found(&code).to_string());
    edition.list.get(&code).map(Some).ok_or_else(absent)
}

/// The language of a label, where it is not the one asked for.
fn fallback<C>(entry: &Entry<C>, language: Language) -> Option<String> {
    entry.fallback(language).map(|language| language.tag().to_owned())
}
