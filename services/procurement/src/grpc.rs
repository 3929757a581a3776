//! The service on the wire: the only place that knows tonic and generated types.

mod changes;
mod classification;
mod export;
mod failure;
mod hit;
mod lot;
mod notice;
mod organizations;
mod party;
mod search;
mod stats;
mod sync;
mod timeline;

use std::sync::Arc;

use proto::google;
use proto::procurement as pb;
use proto::procurement::procurement_service_server::ProcurementService;
use runtime::Stop;
use tonic::metadata::MetadataValue;
use tonic::{Request, Response, Status};

pub(crate) use classification::Classification;
pub(crate) use proto::DESCRIPTORS;
pub(crate) use proto::procurement::procurement_service_server::ProcurementServiceServer;

use crate::answer::Origin;
use crate::codes::Codes;
use crate::desk::Desk;
use crate::domain::NoticeId;
use crate::error::Problem;
use crate::progress::Reporter;

/// The service's name in health checks.
pub(crate) const NAME: &str = "bouvetradar.procurement.v1.ProcurementService";

/// Answers the service's calls.
#[derive(Debug)]
pub(crate) struct Service<C> {
    desk: Arc<Desk<C>>,
    reporter: Reporter,
    stop: Stop,
}

impl<C: Codes> Service<C> {
    /// The service over a desk, for a server to route to. Streams end at `stop`.
    pub(crate) fn routes(desk: Arc<Desk<C>>, reporter: Reporter, stop: Stop) -> tonic::service::Routes {
        tonic::service::Routes::new(ProcurementServiceServer::new(Self { desk, reporter, stop }))
    }

    /// An answer that may be kept as long as the contract says; unless it is of a mirror that is being filled, whose next
    /// answer is another, or Doffin's, which tells its age and would tell it wrong later. Those are kept here already.
    async fn good_for_a_while<T>(&self, origin: Origin, message: T) -> Response<T> {
        let mut response = Response::new(message);
        if origin == Origin::Live || self.desk.mirror().is_filling().await {
            response.metadata_mut().insert("cache-control", MetadataValue::from_static("no-store"));
        }
        response
    }
}

#[tonic::async_trait]
impl<C: Codes> ProcurementService for Service<C> {
    async fn search_notices(
        &self,
        request: Request<pb::SearchNoticesRequest>,
    ) -> Result<Response<pb::SearchNoticesResponse>, Status> {
        let (ask, wanted) = search::ask(request.get_ref())?;
        let answer = self.desk.search(ask, wanted).await?;
        let origin = answer.origin;
        Ok(self.good_for_a_while(origin, search::response(answer)).await)
    }

    async fn get_notice(
        &self,
        request: Request<pb::GetNoticeRequest>,
    ) -> Result<Response<pb::GetNoticeResponse>, Status> {
        let id = NoticeId::parse(&request.get_ref().id).map_err(Problem::from)?;
        let notice = self.desk.notice(&id).await?;
        Ok(self.good_for_a_while(notice.origin, notice::response(&notice)).await)
    }

    async fn get_notice_xml(
        &self,
        request: Request<pb::GetNoticeXmlRequest>,
    ) -> Result<Response<pb::GetNoticeXmlResponse>, Status> {
        let id = NoticeId::parse(&request.get_ref().id).map_err(Problem::from)?;
        let document = self.desk.document(&id).await?;
        let body = google::api::HttpBody {
            content_type: "application/xml".into(),
            data: document.into(),
            extensions: Vec::new(),
        };
        Ok(Response::new(pb::GetNoticeXmlResponse { body: Some(body) }))
    }

    async fn get_sync_status(
        &self,
        request: Request<pb::GetSyncStatusRequest>,
    ) -> Result<Response<pb::GetSyncStatusResponse>, Status> {
        let data = sync::status(&self.desk, &self.reporter, request.get_ref()).await;
        Ok(Response::new(pb::GetSyncStatusResponse { data: Some(data) }))
    }

    async fn get_notice_timeline(
        &self,
        request: Request<pb::GetNoticeTimelineRequest>,
    ) -> Result<Response<pb::GetNoticeTimelineResponse>, Status> {
        let id = NoticeId::parse(&request.get_ref().id).map_err(Problem::from)?;
        let entries = self.desk.mirror().timeline(&id).await?;
        let entries = entries.ok_or(Problem::NoticeNotListed(id))?;
        Ok(self.good_for_a_while(Origin::Mirror, timeline::response(&entries)).await)
    }

    async fn list_changes(
        &self,
        request: Request<pb::ListChangesRequest>,
    ) -> Result<Response<pb::ListChangesResponse>, Status> {
        Ok(Response::new(changes::list(&self.desk, request.get_ref()).await?))
    }

    async fn watch_notices(
        &self,
        request: Request<pb::WatchNoticesRequest>,
    ) -> Result<Response<Stream<pb::WatchNoticesResponse>>, Status> {
        let stream = changes::watch(Arc::clone(&self.desk), request.get_ref(), self.stop.clone()).await?;
        Ok(Response::new(stream))
    }

    async fn export_notices(
        &self,
        request: Request<pb::ExportNoticesRequest>,
    ) -> Result<Response<Stream<pb::ExportNoticesResponse>>, Status> {
        Ok(export::begin(Arc::clone(&self.desk), request.get_ref()).await?)
    }

    async fn get_stats(
        &self,
        request: Request<pb::GetStatsRequest>,
    ) -> Result<Response<pb::GetStatsResponse>, Status> {
        let stats = stats::get(&self.desk, request.get_ref()).await?;
        Ok(self.good_for_a_while(Origin::Mirror, stats).await)
    }

    async fn list_organizations(
        &self,
        request: Request<pb::ListOrganizationsRequest>,
    ) -> Result<Response<pb::ListOrganizationsResponse>, Status> {
        let listed = organizations::list(&self.desk, request.get_ref()).await?;
        Ok(self.good_for_a_while(Origin::Mirror, listed).await)
    }

    async fn get_organization(
        &self,
        request: Request<pb::GetOrganizationRequest>,
    ) -> Result<Response<pb::GetOrganizationResponse>, Status> {
        let profile = organizations::one(&self.desk, request.get_ref()).await?;
        Ok(self.good_for_a_while(Origin::Mirror, profile).await)
    }
}

type Stream<T> = tonic::codegen::BoxStream<T>;
