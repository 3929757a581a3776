//! The classification service as keeper of the code lists.

use std::time::Duration;

use proto::Failure;
use proto::classification as pb;
use proto::classification::classification_service_client::ClassificationServiceClient;
use proto::classification::classification_service_server::SERVICE_NAME;
use runtime::Metrics;
use runtime::client::{self, Connected, Meter, Pool, Target};
use runtime::config::GrpcTls;
use tonic::{Code, Status};

use crate::codes::{Candidate, Codes, Labels, Matched, Retired, Unreachable};

/// How long a look-up may take: it is a read of memory next door.
const TIMEOUT: Duration = Duration::from_secs(2);

/// A client of the classification service.
#[derive(Debug, Clone)]
pub(crate) struct Classification {
    client: ClassificationServiceClient<Connected>,
}

impl Classification {
    /// Connects to the servers of these URLs when first used.
    pub(crate) fn new(urls: &str, tls: &GrpcTls, metrics: &Metrics) -> Result<Self, runtime::config::Error> {
        let remotes = client::remotes(urls, "CLASSIFICATION_URL", tls)?;
        let target = Target { name: "classification", service: SERVICE_NAME, remotes };
        let channel = Pool::start(target, Meter::new(metrics)).channel(TIMEOUT);
        Ok(Self { client: ClassificationServiceClient::new(channel) })
    }
}

impl Codes for Classification {
    async fn labels(&self, cpv: Vec<String>, nuts: Vec<String>) -> Result<Labels, Unreachable> {
        let reference = |scheme: pb::Scheme| move |code| pb::CodeReference { scheme: scheme.into(), code };
        let cpv = cpv.into_iter().map(reference(pb::Scheme::Cpv));
        let codes = cpv.chain(nuts.into_iter().map(reference(pb::Scheme::Nuts))).collect();
        let request = pb::BatchGetLabelsRequest { codes, language: String::new() };
        let response =
            self.client.clone().batch_get_labels(request).await.map_err(|status| unreachable(&status))?;
        Ok(labels(response.get_ref()))
    }

    async fn candidates(&self, name: &str) -> Result<Vec<Candidate>, Unreachable> {
        let request = pb::ResolveNutsRequest { name: name.to_owned() };
        match self.client.clone().resolve_nuts(request).await {
            Ok(response) => Ok(response.into_inner().data.into_iter().map(candidate).collect()),
            // A name the list does not even take means nothing in it.
            Err(status) if status.code() == Code::InvalidArgument => Ok(Vec::new()),
            Err(status) => Err(unreachable(&status)),
        }
    }

    async fn retired(&self) -> Result<Vec<Retired>, Unreachable> {
        let request = pb::ListRetiredNutsCodesRequest { level: Some(2) };
        let answer = self.client.clone().list_retired_nuts_codes(request).await;
        let codes = answer.map_err(|status| unreachable(&status))?.into_inner().data;
        let retired =
            |one: pb::RetiredNutsCode| Retired { code: one.code, name: one.name, successors: one.successors };
        Ok(codes.into_iter().map(retired).collect())
    }

    async fn below(&self, code: &str) -> Result<Vec<String>, Unreachable> {
        if code.len() < 4 {
            let request = pb::ListNutsCodesRequest { level: Some(2), ..Default::default() };
            let response =
                self.client.clone().list_nuts_codes(request).await.map_err(|status| unreachable(&status))?;
            return Ok(response.into_inner().data.into_iter().flat_map(region).collect());
        }
        let request = pb::GetNutsCodeRequest { code: code.to_owned() };
        match self.client.clone().get_nuts_code(request).await {
            Ok(response) => {
                let children = response.into_inner().data.map(|detail| detail.children).unwrap_or_default();
                Ok(children.into_iter().map(|child| child.code).collect())
            }
            Err(status) if status.code() == Code::NotFound => Ok(Vec::new()),
            Err(status) => Err(unreachable(&status)),
        }
    }
}

fn region(region: pb::NutsRegion) -> impl Iterator<Item = String> {
    region.counties.into_iter().map(|county| county.code).chain([region.code])
}

fn labels(response: &pb::BatchGetLabelsResponse) -> Labels {
    let complete = |scheme: pb::Scheme| {
        let of_scheme = |list: &&pb::SchemeSnapshot| list.scheme() == scheme;
        let snapshot = response.snapshots.iter().find(of_scheme).and_then(|list| list.snapshot.as_ref());
        snapshot.is_some_and(|snapshot| snapshot.complete)
    };
    let missing = |scheme: pb::Scheme| {
        let codes = response.missing.iter().filter(|code| code.scheme() == scheme);
        if complete(scheme) { codes.map(|code| code.code.clone()).collect() } else { Vec::new() }
    };
    let named = |scheme: pb::Scheme| {
        let labels = response.labels.iter().filter(|label| label.scheme() == scheme);
        labels.map(|label| (label.code.clone(), label.label.clone())).collect()
    };
    Labels {
        cpv: named(pb::Scheme::Cpv),
        nuts: named(pb::Scheme::Nuts),
        no_cpv: missing(pb::Scheme::Cpv),
        no_nuts: missing(pb::Scheme::Nuts),
    }
}

fn candidate(resolution: pb::NutsResolution) -> Candidate {
    let matched = match resolution.kind() {
        pb::NutsMatchKind::Unspecified
        | pb::NutsMatchKind::Code
        | pb::NutsMatchKind::Name
        | pb::NutsMatchKind::PostalCode => Matched::Exactly,
        pb::NutsMatchKind::Successor => Matched::Successor,
        // A name with a slip in it is as much a guess as the beginning of one.
        pb::NutsMatchKind::Prefix | pb::NutsMatchKind::Fuzzy => Matched::Prefix,
    };
    Candidate {
        code: resolution.code,
        name: resolution.name,
        level: resolution.level,
        notice_code: resolution.notice_code,
        matched,
        replaces: resolution.replaces,
    }
}

fn unreachable(status: &Status) -> Unreachable {
    let failure = Failure::from_status(status);
    Unreachable(format!("{}: {}", failure.entry().name, status.message()))
}
