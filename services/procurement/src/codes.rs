//! What this service wants to know of code lists, whoever keeps them.

use std::collections::HashMap;
use std::future::Future;

use crate::domain::{Hit, leaves};

/// Somebody who keeps the code lists. The adapter to the classification service is in `grpc`.
pub(crate) trait Codes: Send + Sync + 'static {
    /// Labels of CPV and NUTS codes.
    fn labels(
        &self,
        cpv: Vec<String>,
        nuts: Vec<String>,
    ) -> impl Future<Output = Result<Labels, Unreachable>> + Send;

    /// What a place name may mean: candidates of the best kind of match. Empty when it means nothing.
    fn candidates(&self, name: &str) -> impl Future<Output = Result<Vec<Candidate>, Unreachable>> + Send;

    /// Regions and counties that are no more.
    fn retired(&self) -> impl Future<Output = Result<Vec<Retired>, Unreachable>> + Send;

    /// Regions and counties below a Norwegian code. Empty when the code is not in the list.
    fn below(&self, code: &str) -> impl Future<Output = Result<Vec<String>, Unreachable>> + Send;
}

/// Labels of a hit's most specific CPV codes and of its places. A list that cannot be asked leaves them out.
pub(crate) async fn of_hit(codes: &impl Codes, hit: &Hit) -> Labels {
    labels(codes, leaves(&hit.cpv), hit.locations.clone()).await
}

/// Labels of codes. A list that cannot be asked leaves them out.
pub(crate) async fn labels(codes: &impl Codes, cpv: Vec<String>, nuts: Vec<String>) -> Labels {
    if cpv.is_empty() && nuts.is_empty() {
        return Labels::default();
    }
    codes.labels(cpv, nuts).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "codes are shown without labels");
        Labels::default()
    })
}

/// The lists cannot be asked; the text is for logs.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unreachable(pub(crate) String);

/// Labels of codes, and what is known of codes without one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Labels {
    /// Labels by CPV code.
    pub(crate) cpv: HashMap<String, String>,
    /// Names by NUTS code.
    pub(crate) nuts: HashMap<String, String>,
    /// CPV codes that do not exist. Empty when the list is not complete, because then nobody knows.
    pub(crate) no_cpv: Vec<String>,
    /// NUTS codes that are not current. Empty when the list is not complete.
    pub(crate) no_nuts: Vec<String>,
}

/// A region or county that is no more, whose code older notices carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Retired {
    /// Its code.
    pub(crate) code: String,
    /// The name it had.
    pub(crate) name: String,
    /// What covers its area now.
    pub(crate) successors: Vec<String>,
}

/// One meaning of a place name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// NUTS code.
    pub(crate) code: String,
    /// Official name.
    pub(crate) name: String,
    /// 1 region, 2 county, 3 municipality.
    pub(crate) level: i32,
    /// The finest code notices carry: the county, for a municipality.
    pub(crate) notice_code: String,
    /// How the name matched.
    pub(crate) matched: Matched,
    /// Retired code or name it was reached through.
    pub(crate) replaces: Option<String>,
}

/// How a place name matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Matched {
    /// It is the code, the number or the name.
    Exactly,
    /// It was replaced by this one.
    Successor,
    /// It is the beginning of a name.
    Prefix,
}
