//! A classification service with a handful of codes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use proto::classification as pb;
use proto::classification::classification_service_server::{
    ClassificationService, ClassificationServiceServer,
};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};

const CPV: [(&str, &str); 3] =
    [("45000000", "Bygge- og anleggsvirksomhet"), ("72000000", "IT-tjenester"), ("72200000", "Programvare")];
const NUTS: [(&str, &str); 5] = [
    ("NO08", "Oslo og Viken"),
    ("NO081", "Oslo"),
    ("NO083", "Østfold"),
    ("NO084", "Akershus"),
    ("NO0A1", "Rogaland"),
];

/// The service; its CPV list says whether it is complete.
#[derive(Debug, Clone)]
pub(crate) struct Classification {
    pub(crate) addr: SocketAddr,
    incomplete: Arc<AtomicBool>,
}

impl Classification {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let service = Self { addr: listener.local_addr().unwrap(), incomplete: Arc::default() };
        let server = tonic::transport::Server::builder()
            .add_service(ClassificationServiceServer::new(service.clone()))
            .serve_with_incoming(TcpListenerStream::new(listener));
        tokio::spawn(async move { server.await.unwrap() });
        service
    }

    /// Makes the lists say that they lack codes.
    pub(crate) fn lacks_codes(&self) {
        self.incomplete.store(true, Ordering::Relaxed);
    }
}

fn list(scheme: pb::Scheme) -> &'static [(&'static str, &'static str)] {
    match scheme {
        pb::Scheme::Cpv => &CPV,
        pb::Scheme::Nuts => &NUTS,
        _ => &[],
    }
}

fn meaning(code: &str, level: i32, notice_code: &str, kind: pb::NutsMatchKind) -> pb::NutsResolution {
    let name = NUTS.iter().find(|(known, _)| *known == code).map_or(code, |(_, name)| name);
    pb::NutsResolution {
        code: code.into(),
        name: name.into(),
        level,
        notice_code: notice_code.into(),
        kind: kind.into(),
        replaces: (kind == pb::NutsMatchKind::Successor).then(|| "NO082".into()),
        replaced_on: None,
    }
}

fn meanings(name: &str) -> Vec<pb::NutsResolution> {
    use pb::NutsMatchKind::{Code, Name, Successor};
    match name {
        "Oslo" | "OSLO" => vec![meaning("NO081", 2, "NO081", Name), meaning("NO0301", 3, "NO081", Name)],
        "0301" => vec![meaning("NO0301", 3, "NO081", Code)],
        "Bærum" => vec![meaning("NO3201", 3, "NO084", Name)],
        "Våler" => vec![meaning("NO3114", 3, "NO083", Name), meaning("NO3419", 3, "NO020", Name)],
        "Oslo og Viken" => vec![meaning("NO08", 1, "NO08", Name)],
        "NO082" | "Viken" => {
            vec![meaning("NO083", 2, "NO083", Successor), meaning("NO084", 2, "NO084", Successor)]
        }
        // A region that is no more.
        "NO07" => vec![meaning("NO08", 1, "NO08", Successor)],
        _ => Vec::new(),
    }
}

#[tonic::async_trait]
impl ClassificationService for Classification {
    async fn batch_get_labels(
        &self,
        request: Request<pb::BatchGetLabelsRequest>,
    ) -> Result<Response<pb::BatchGetLabelsResponse>, Status> {
        let mut response = pb::BatchGetLabelsResponse::default();
        for reference in request.into_inner().codes {
            let known = list(reference.scheme()).iter().find(|(code, _)| *code == reference.code);
            match known {
                Some((code, label)) => response.labels.push(pb::CodeLabel {
                    scheme: reference.scheme,
                    code: (*code).into(),
                    label: (*label).into(),
                    language: None,
                }),
                None => response.missing.push(reference),
            }
        }
        let complete = !self.incomplete.load(Ordering::Relaxed);
        response.snapshots = [pb::Scheme::Cpv, pb::Scheme::Nuts]
            .map(|scheme| pb::SchemeSnapshot {
                scheme: scheme.into(),
                snapshot: Some(pb::Snapshot { complete, ..Default::default() }),
            })
            .to_vec();
        Ok(Response::new(response))
    }

    async fn resolve_nuts(
        &self,
        request: Request<pb::ResolveNutsRequest>,
    ) -> Result<Response<pb::ResolveNutsResponse>, Status> {
        let data = meanings(&request.get_ref().name);
        Ok(Response::new(pb::ResolveNutsResponse { data, ..Default::default() }))
    }

    async fn list_retired_nuts_codes(
        &self,
        _: Request<pb::ListRetiredNutsCodesRequest>,
    ) -> Result<Response<pb::ListRetiredNutsCodesResponse>, Status> {
        let viken = pb::RetiredNutsCode {
            code: "NO082".into(),
            name: "Viken".into(),
            level: 2,
            successors: vec!["NO083".into(), "NO084".into()],
            retired_on: "2024-01-01".into(),
        };
        Ok(Response::new(pb::ListRetiredNutsCodesResponse { data: vec![viken], total: 1 }))
    }

    async fn get_nuts_code(
        &self,
        request: Request<pb::GetNutsCodeRequest>,
    ) -> Result<Response<pb::GetNutsCodeResponse>, Status> {
        if request.get_ref().code != "NO08" {
            return Err(proto::Failure::new(proto::ErrorCode::NutsCodeNotFound, "no such code").into());
        }
        let child = |code: &str| pb::NutsMatch { code: code.into(), level: 2, ..Default::default() };
        let children = ["NO081", "NO083", "NO084"].map(child).to_vec();
        let data = pb::NutsCodeDetail { code: "NO08".into(), children, ..Default::default() };
        Ok(Response::new(pb::GetNutsCodeResponse { data: Some(data), snapshot: None }))
    }

    async fn list_nuts_codes(
        &self,
        _: Request<pb::ListNutsCodesRequest>,
    ) -> Result<Response<pb::ListNutsCodesResponse>, Status> {
        let county = |code: &str| pb::NutsCounty { code: code.into(), ..Default::default() };
        let region = |code: &str, counties: &[&str]| pb::NutsRegion {
            code: code.into(),
            counties: counties.iter().map(|code| county(code)).collect(),
            ..Default::default()
        };
        let data = vec![region("NO08", &["NO081", "NO083", "NO084"]), region("NO0A", &["NO0A1"])];
        Ok(Response::new(pb::ListNutsCodesResponse { data, ..Default::default() }))
    }
}
