//! What this service wants to know of code lists, whoever keeps them.

use std::collections::HashMap;
use std::future::Future;

use crate::domain::{Document, Hit, leaves};

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

/// Labels of every code a notice's page shows: of the hit's most specific CPV codes and its places, and of those in the
/// document. A list that cannot be asked leaves them out.
pub(crate) async fn of_notice(codes: &impl Codes, hit: &Hit, document: Option<&Document>) -> Labels {
    let mut cpv = leaves(&hit.cpv);
    let mut places = hit.locations.clone();
    let subjects = document.into_iter().flat_map(|document| {
        std::iter::once(&document.subject).chain(document.lots.iter().map(|lot| &lot.subject))
    });
    for subject in subjects {
        cpv.extend(subject.main_cpv.iter().chain(&subject.additional_cpv).cloned());
        places.extend(subject.places.iter().cloned());
    }
    for codes in [&mut cpv, &mut places] {
        codes.sort_unstable();
        codes.dedup();
    }
    labels(codes, cpv, places).await
}

/// Labels of codes, also of places that are in no list in force. A list that cannot be asked leaves them out.
pub(crate) async fn labels(codes: &impl Codes, cpv: Vec<String>, nuts: Vec<String>) -> Labels {
    if cpv.is_empty() && nuts.is_empty() {
        return Labels::default();
    }
    let mut labels = match codes.labels(cpv, nuts.clone()).await {
        Ok(labels) => labels,
        Err(error) => {
            tracing::warn!(%error, "codes are shown without labels");
            return Labels::default();
        }
    };
    for (code, name) in PLAIN.iter().filter(|(code, _)| nuts.iter().any(|asked| asked == code)) {
        labels.nuts.entry((*code).to_owned()).or_insert_with(|| (*name).to_owned());
    }
    let unnamed = |code: &String| code.starts_with("NO") && !labels.nuts.contains_key(code);
    if nuts.iter().any(unnamed) {
        match codes.retired().await {
            Ok(retired) => {
                let asked = retired.into_iter().filter(|retired| nuts.contains(&retired.code));
                let asked: Vec<Retired> = asked.filter(|retired| unnamed(&retired.code)).collect();
                labels.nuts.extend(asked.into_iter().map(|retired| (retired.code, retired.name)));
            }
            Err(error) => tracing::warn!(%error, "codes of older notices are shown without names"),
        }
    }
    labels
}

/// Names of places that notices carry and no list of regions has, in bokmål like all labels here.
const PLAIN: [(&str, &str); 5] = [
    ("NO", "Norge"),
    ("NO0", "Norge"),
    ("anyw", "Hele landet"),
    ("anyw-cou", "Hele landet"),
    ("anyw-eea", "Hele EØS"),
];

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
