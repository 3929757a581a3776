//! RPCs across lists.

use proto::classification as pb;

use super::{count, snapshot};
use crate::cache::Cache;
use crate::domain::search::{Field, Hit, Kind, Query, best, search as in_list};
use crate::domain::{Code, CpvCode, Edition, Entry, Error, Language, NutsCode, Scheme, StyrkCode};

/// Most codes labelled in one call.
const MAX_LABELS: usize = 1000;

pub(super) fn search(
    cache: &Cache,
    request: &pb::SearchClassificationsRequest,
) -> Result<pb::SearchClassificationsResponse, Error> {
    let language = Language::parse(&request.language)?;
    let query = Query::new(&request.q, language, request.limit)?;
    let asked = scheme("scheme", request.scheme)?;
    let under = request.under.trim_matches(' ');
    let only = match (asked, under) {
        (None, "") => None,
        (None, under) => Some(scheme_of(under)?),
        (Some(scheme), _) => Some(scheme),
    };
    let wanted = |scheme| only.is_none_or(|only| only == scheme);
    let mut hits = Vec::new();
    if wanted(Scheme::Cpv) {
        hits.extend(one(&cache.cpv.edition(), &query, under)?);
    }
    if wanted(Scheme::Nuts) {
        hits.extend(one(&cache.nuts.edition(), &query, under)?);
    }
    if wanted(Scheme::Styrk) {
        hits.extend(one(&cache.styrk.edition(), &query, under)?);
    }
    let data: Vec<_> = best(hits, &query).into_iter().map(message).collect();
    Ok(pb::SearchClassificationsResponse { total: count(data.len()), data })
}

pub(super) fn labels(
    cache: &Cache,
    request: pb::BatchGetLabelsRequest,
) -> Result<pb::BatchGetLabelsResponse, Error> {
    let language = Language::parse(&request.language)?;
    if request.codes.len() > MAX_LABELS {
        return Err(Error::invalid("codes", format!("must be at most {MAX_LABELS}")));
    }
    let (cpv, nuts, styrk) = (cache.cpv.edition(), cache.nuts.edition(), cache.styrk.edition());
    let mut response = pb::BatchGetLabelsResponse::default();
    let mut read = Vec::new();
    for reference in request.codes {
        let scheme = scheme("codes.scheme", reference.scheme)?
            .ok_or_else(|| Error::missing("codes.scheme", "say which list each code belongs to"))?;
        if !read.contains(&scheme) {
            read.push(scheme);
        }
        let label = match scheme {
            Scheme::Cpv => label(&cpv, &reference.code, language),
            Scheme::Nuts => label(&nuts, &reference.code, language),
            Scheme::Styrk => label(&styrk, &reference.code, language),
        };
        match label {
            Some(label) => response.labels.push(label),
            None => response.missing.push(reference),
        }
    }
    read.sort_unstable();
    let edition = |scheme| pb::SchemeSnapshot {
        scheme: enumerated(scheme),
        snapshot: Some(match scheme {
            Scheme::Cpv => snapshot(&cpv),
            Scheme::Nuts => snapshot(&nuts),
            Scheme::Styrk => snapshot(&styrk),
        }),
    };
    response.snapshots = read.into_iter().map(edition).collect();
    Ok(response)
}

fn one<C: Code>(edition: &Edition<C>, query: &Query, under: &str) -> Result<Vec<Hit>, Error> {
    let list = &edition.list;
    let under = match under {
        "" => None,
        text => {
            let code = C::parse(text).map_err(|malformed| Error::malformed("under", &malformed))?;
            let absent = || Error::invalid("under", format!("{} code {code} not found", C::SCHEME));
            Some(list.get(&code).ok_or_else(absent)?)
        }
    };
    Ok(in_list(list, query, under))
}

fn label<C: Code>(edition: &Edition<C>, code: &str, language: Language) -> Option<pb::CodeLabel> {
    let entry: &Entry<C> = edition.list.get(&C::parse(code).ok()?)?;
    Some(pb::CodeLabel {
        scheme: enumerated(C::SCHEME),
        code: entry.code.to_string(),
        label: entry.label(language).to_owned(),
        language: entry.fallback(language).map(|language| language.tag().to_owned()),
    })
}

/// The list that a code by itself belongs to. Four digits are an occupation: a municipality's number needs
/// the list to be said.
fn scheme_of(code: &str) -> Result<Scheme, Error> {
    if CpvCode::parse(code).is_ok() {
        Ok(Scheme::Cpv)
    } else if StyrkCode::parse(code).is_ok() {
        Ok(Scheme::Styrk)
    } else if NutsCode::parse(code).is_ok() {
        Ok(Scheme::Nuts)
    } else {
        Err(Error::invalid("under", format!("{code:?} is not a CPV, NUTS or STYRK-08 code")))
    }
}

fn scheme(parameter: &'static str, number: i32) -> Result<Option<Scheme>, Error> {
    match pb::Scheme::try_from(number) {
        Ok(pb::Scheme::Unspecified) => Ok(None),
        Ok(pb::Scheme::Cpv) => Ok(Some(Scheme::Cpv)),
        Ok(pb::Scheme::Nuts) => Ok(Some(Scheme::Nuts)),
        Ok(pb::Scheme::Styrk) => Ok(Some(Scheme::Styrk)),
        Err(_) => Err(Error::wrong_type(parameter, format!("{number} is not one of CPV, NUTS, STYRK"))),
    }
}

/// The number of a list in the contract.
pub(super) fn enumerated(scheme: Scheme) -> i32 {
    match scheme {
        Scheme::Cpv => pb::Scheme::Cpv,
        Scheme::Nuts => pb::Scheme::Nuts,
        Scheme::Styrk => pb::Scheme::Styrk,
    }
    .into()
}

fn message(hit: Hit) -> pb::ClassificationHit {
    let field = match hit.field {
        Field::Code => "code",
        Field::NameNb => "name_nb",
        Field::NameEn => "name_en",
        Field::Synonym => "synonym",
    };
    let kind = match hit.kind {
        Kind::Exact => "exact",
        Kind::Prefix => "prefix",
        Kind::Words => "words",
        Kind::Stem => "stem",
        Kind::Compound => "compound",
        Kind::Fuzzy => "fuzzy",
    };
    pb::ClassificationHit {
        scheme: enumerated(hit.scheme),
        code: hit.code,
        name: hit.name,
        level: hit.level.into(),
        matched: Some(pb::SearchMatch { field: field.to_owned(), kind: kind.to_owned(), text: hit.text }),
        language: hit.fallback.map(|language| language.tag().to_owned()),
    }
}
