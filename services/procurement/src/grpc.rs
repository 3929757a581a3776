//! The service on the wire: the only place that knows tonic and generated types.

mod classification;
mod hit;
mod notice;
mod search;

use std::time::Duration;

use proto::procurement as pb;
use proto::procurement::procurement_service_server::ProcurementService;
use proto::{ErrorCode, Failure, google};
use tonic::{Request, Response, Status};

pub(crate) use classification::Classification;
pub(crate) use proto::DESCRIPTORS;
pub(crate) use proto::procurement::procurement_service_server::ProcurementServiceServer;

use crate::codes::Codes;
use crate::domain::NoticeId;
use crate::error::Problem;
use crate::live::Live;

/// The service's name in health checks.
pub(crate) const NAME: &str = "bouvetradar.procurement.v1.ProcurementService";

/// Answers the service's calls.
#[derive(Debug)]
pub(crate) struct Service<C> {
    live: Live<C>,
}

impl<C: Codes> Service<C> {
    /// The service over live answers, for a server to route to.
    pub(crate) fn routes(live: Live<C>) -> tonic::service::Routes {
        tonic::service::Routes::new(ProcurementServiceServer::new(Self { live }))
    }
}

#[tonic::async_trait]
impl<C: Codes> ProcurementService for Service<C> {
    async fn search_notices(
        &self,
        request: Request<pb::SearchNoticesRequest>,
    ) -> Result<Response<pb::SearchNoticesResponse>, Status> {
        let ask = search::ask(request.get_ref())?;
        Ok(Response::new(search::response(self.live.search(ask).await?)))
    }

    async fn get_notice(
        &self,
        request: Request<pb::GetNoticeRequest>,
    ) -> Result<Response<pb::GetNoticeResponse>, Status> {
        let id = NoticeId::parse(&request.get_ref().id).map_err(Problem::from)?;
        Ok(Response::new(notice::response(&self.live.notice(&id).await?)))
    }

    async fn get_notice_xml(
        &self,
        request: Request<pb::GetNoticeXmlRequest>,
    ) -> Result<Response<pb::GetNoticeXmlResponse>, Status> {
        let id = NoticeId::parse(&request.get_ref().id).map_err(Problem::from)?;
        let document = self.live.document(&id).await?;
        let body = google::api::HttpBody {
            content_type: "application/xml".into(),
            data: document.into(),
            extensions: Vec::new(),
        };
        Ok(Response::new(pb::GetNoticeXmlResponse { body: Some(body) }))
    }

    async fn get_sync_status(
        &self,
        _: Request<pb::GetSyncStatusRequest>,
    ) -> Result<Response<pb::GetSyncStatusResponse>, Status> {
        let seen = self.live.seen();
        let status = pb::SyncStatus {
            phase: pb::SyncPhase::Disabled.into(),
            notices: 0,
            last_success: seen.last_success.map(hit::timestamp),
            last_failure: seen.last_failure.as_ref().map(|(at, _)| hit::timestamp(*at)),
            last_error: seen.last_failure.map(|(_, error)| error),
            upstream_requests: i32::try_from(seen.requests).unwrap_or(i32::MAX),
        };
        Ok(Response::new(pb::GetSyncStatusResponse { data: Some(status) }))
    }

    async fn get_notice_timeline(
        &self,
        _: Request<pb::GetNoticeTimelineRequest>,
    ) -> Result<Response<pb::GetNoticeTimelineResponse>, Status> {
        no_mirror("GetNoticeTimeline")
    }

    async fn list_changes(
        &self,
        _: Request<pb::ListChangesRequest>,
    ) -> Result<Response<pb::ListChangesResponse>, Status> {
        no_mirror("ListChanges")
    }

    async fn watch_notices(
        &self,
        _: Request<pb::WatchNoticesRequest>,
    ) -> Result<Response<Stream<pb::WatchNoticesResponse>>, Status> {
        no_mirror("WatchNotices")
    }

    async fn export_notices(
        &self,
        _: Request<pb::ExportNoticesRequest>,
    ) -> Result<Response<Stream<pb::ExportNoticesResponse>>, Status> {
        no_mirror("ExportNotices")
    }

    async fn get_stats(
        &self,
        _: Request<pb::GetStatsRequest>,
    ) -> Result<Response<pb::GetStatsResponse>, Status> {
        no_mirror("GetStats")
    }

    async fn list_organizations(
        &self,
        _: Request<pb::ListOrganizationsRequest>,
    ) -> Result<Response<pb::ListOrganizationsResponse>, Status> {
        no_mirror("ListOrganizations")
    }

    async fn get_organization(
        &self,
        _: Request<pb::GetOrganizationRequest>,
    ) -> Result<Response<pb::GetOrganizationResponse>, Status> {
        no_mirror("GetOrganization")
    }
}

type Stream<T> = tonic::codegen::BoxStream<T>;

fn no_mirror<T>(rpc: &'static str) -> Result<T, Status> {
    Err(Problem::NoMirror(rpc).into())
}

impl From<Problem> for Status {
    fn from(problem: Problem) -> Self {
        log(&problem);
        failure(problem).into()
    }
}

/// Faults that are not the caller's, once, with their causes.
fn log(problem: &Problem) {
    use crate::upstream::Error::{Failed, Refused};
    match problem {
        Problem::Doffin(Failed { what, detail }) => tracing::warn!(what, detail, "doffin failed"),
        Problem::Doffin(Refused { status, detail }) => {
            tracing::error!(status, detail, "doffin does not take what we send");
        }
        Problem::Doffin(other) => tracing::error!(error = %other, "doffin answered unexpectedly"),
        Problem::Throttled { retry_after } => {
            let retry_after_s = retry_after.as_secs_f64();
            tracing::warn!(retry_after_s, "doffin may not be asked yet");
        }
        Problem::Timeout => tracing::warn!("doffin did not answer in time"),
        Problem::CodesUnavailable(cause) => tracing::warn!(cause, "place names cannot be looked up"),
        // The client logs a refused key when it is first refused; the others are the caller's.
        Problem::KeyRefused
        | Problem::Invalid(_)
        | Problem::NoticeNotListed(_)
        | Problem::NoDocument(_)
        | Problem::NoMirror(_) => {}
    }
}

/// What the caller is told; causes stay here.
fn failure(problem: Problem) -> Failure {
    match problem {
        Problem::Invalid(invalid) => {
            let code =
                if invalid.wrong_type { ErrorCode::InvalidParameterType } else { ErrorCode::InvalidInput };
            let failure = Failure::field(code, invalid.field, invalid.problem);
            match invalid.fact {
                Some((key, value)) => failure.with(key, value),
                None => failure,
            }
        }
        Problem::NoticeNotListed(id) => {
            let message = format!("Doffin does not list notice {id}");
            Failure::new(ErrorCode::NoticeNotFound, message).with("id", id.as_str())
        }
        Problem::NoDocument(id) => {
            let message = format!("Doffin has no document of notice {id}, or it is not out yet");
            Failure::new(ErrorCode::NoticeNotFound, message).with("id", id.as_str())
        }
        Problem::NoMirror(what) => Failure::new(
            ErrorCode::NotImplemented,
            format!("this server keeps no mirror of Doffin; {what} needs one"),
        ),
        Problem::Throttled { retry_after } => {
            let wait = Duration::from_secs(retry_after.as_secs() + 1);
            let message =
                format!("Doffin limits how often it may be asked; try again in {} seconds", wait.as_secs());
            Failure::new(ErrorCode::DoffinApiError, message).retry_after(wait)
        }
        Problem::Timeout => Failure::new(ErrorCode::ApiTimeout, "Doffin did not answer in time"),
        Problem::Doffin(error) => {
            Failure::new(ErrorCode::DoffinApiError, format!("Doffin could not answer: {error}"))
        }
        Problem::KeyRefused => Failure::new(
            ErrorCode::DoffinApiError,
            "Doffin refused our key; whoever runs this server has to give it a valid one",
        ),
        Problem::CodesUnavailable(_) => Failure::new(
            ErrorCode::ServiceUnavailable,
            "place names cannot be looked up right now; NUTS codes can be searched for meanwhile",
        ),
    }
}
