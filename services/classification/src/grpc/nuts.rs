//! RPCs on NUTS.

use jiff::civil::Date;
use proto::classification as pb;

use super::{code as parse, count, level as checked, snapshot, under};
use crate::cache::Cache;
use crate::domain::history::FIRST_DAY;
use crate::domain::resolve::{Kind, Places, Resolution};
use crate::domain::{Code as _, Edition, Entry, Error, Language, List, NutsCode};

pub(super) fn codes(
    cache: &Cache,
    request: &pb::ListNutsCodesRequest,
) -> Result<pb::ListNutsCodesResponse, Error> {
    let level = checked(request.level, 3)?.unwrap_or(3);
    let day = day(&request.as_of)?;
    let present = cache.nuts.edition();
    let edition: &Edition<NutsCode> = day.and_then(|day| cache.history.on(day)).unwrap_or(&present);
    let under = under(edition, &request.under).map_err(|error| succeeded(cache, &request.under, error))?;
    if let Some(under) = under.filter(|under| under.level > level) {
        let problem = format!("{level} is above {}, which has level {}", under.code, under.level);
        return Err(Error::invalid("level", problem));
    }
    let list = &edition.list;
    let nesting = Nesting { list, under, level };
    Ok(pb::ListNutsCodesResponse {
        data: list.roots().filter(|entry| nesting.wants(entry)).map(|entry| nesting.region(entry)).collect(),
        total: count(list.entries().iter().filter(|entry| nesting.wants(entry)).count()),
        level: level.into(),
        snapshot: Some(snapshot(edition)),
    })
}

pub(super) fn retired(
    cache: &Cache,
    request: pb::ListRetiredNutsCodesRequest,
) -> Result<pb::ListRetiredNutsCodesResponse, Error> {
    let level = checked(request.level, 3)?.unwrap_or(3);
    let wanted = cache.history.retired().filter(|one| one.code.level() <= level);
    let data: Vec<_> = wanted
        .map(|one| pb::RetiredNutsCode {
            code: one.code.to_string(),
            name: one.name.clone(),
            level: one.code.level().into(),
            successors: one.successors.iter().map(ToString::to_string).collect(),
            retired_on: one.on.to_string(),
        })
        .collect();
    Ok(pb::ListRetiredNutsCodesResponse { total: count(data.len()), data })
}

pub(super) fn code(
    cache: &Cache,
    request: &pb::GetNutsCodeRequest,
) -> Result<pb::GetNutsCodeResponse, Error> {
    let code: NutsCode = parse(&request.code)?;
    let edition = cache.nuts.edition();
    let list = &edition.list;
    let entry = list.get(&code).ok_or_else(|| cache.history.not_found(&code))?;
    let matched = |entry: &Entry<NutsCode>| pb::NutsMatch {
        code: entry.code.as_str().to_owned(),
        name: entry.nb.clone(),
        level: entry.level.into(),
        parent: parent(list, entry),
    };
    let detail = pb::NutsCodeDetail {
        code: entry.code.as_str().to_owned(),
        name: entry.nb.clone(),
        level: entry.level.into(),
        parent: parent(list, entry),
        children: list.children(entry).map(matched).collect(),
        ancestors: list.lineage(entry).into_iter().map(matched).collect(),
        siblings: list.siblings(entry).map(matched).collect(),
        descendants: count(entry.descendants()),
        level_name: NutsCode::level_name(entry.level, Language::Nb).to_owned(),
        valid_from: cache.history.since(&code).map(|day| day.to_string()),
    };
    Ok(pb::GetNutsCodeResponse { data: Some(detail), snapshot: Some(snapshot(&edition)) })
}

pub(super) fn resolve(
    cache: &Cache,
    request: &pb::ResolveNutsRequest,
) -> Result<pb::ResolveNutsResponse, Error> {
    let edition = cache.nuts.edition();
    let places = Places { list: &edition.list, history: &cache.history, postal: &cache.postal };
    let found = places.resolve(&request.name)?;
    let data: Vec<_> = found.into_iter().map(|meaning| resolution(&edition.list, meaning)).collect();
    Ok(pb::ResolveNutsResponse { total: count(data.len()), data, snapshot: Some(snapshot(&edition)) })
}

/// The day asked for; none if none is.
fn day(text: &str) -> Result<Option<Date>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    // The parser alone would also take times, zones and compact forms.
    let form = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let day: Date = text
        .parse()
        .ok()
        .filter(|_| form)
        .ok_or_else(|| Error::invalid("as_of", "must be a day that exists, as YYYY-MM-DD"))?;
    if day < FIRST_DAY {
        return Err(Error::invalid("as_of", format!("{day} is before {FIRST_DAY}, the first day known")));
    }
    Ok(Some(day))
}

/// Says what took the place of a code that is out of use.
fn succeeded(cache: &Cache, under: &str, error: Error) -> Error {
    let retired = NutsCode::parse(under).ok().filter(|code| cache.history.code(code).is_some());
    retired.map_or(error, |code| Error::invalid("under", cache.history.not_found(&code).to_string()))
}

fn resolution(list: &List<NutsCode>, meaning: Resolution<'_>) -> pb::NutsResolution {
    let entry = meaning.entry;
    let county = list.parent(entry).filter(|_| entry.level == 3);
    let kind = match meaning.kind {
        Kind::Code => pb::NutsMatchKind::Code,
        Kind::Name => pb::NutsMatchKind::Name,
        Kind::Successor => pb::NutsMatchKind::Successor,
        Kind::PostalCode => pb::NutsMatchKind::PostalCode,
        Kind::Prefix => pb::NutsMatchKind::Prefix,
        Kind::Fuzzy => pb::NutsMatchKind::Fuzzy,
    };
    let (replaces, replaced_on) = meaning.replaces.map(|(code, on)| (code, on.to_string())).unzip();
    pb::NutsResolution {
        code: entry.code.to_string(),
        name: entry.nb.clone(),
        level: entry.level.into(),
        notice_code: county.unwrap_or(entry).code.to_string(),
        kind: kind.into(),
        replaces,
        replaced_on,
    }
}

/// What of the geography is answered, and how deep.
struct Nesting<'a> {
    list: &'a List<NutsCode>,
    under: Option<&'a Entry<NutsCode>>,
    level: u8,
}

impl<'a> Nesting<'a> {
    /// Whether an entry is answered: the codes above the one asked for are, because it is nested in them.
    fn wants(&self, entry: &Entry<NutsCode>) -> bool {
        let (list, level) = (self.list, self.level);
        let near = |under| list.within(entry, under) || list.within(under, entry);
        entry.level <= level && self.under.is_none_or(near)
    }

    fn children(&self, entry: &'a Entry<NutsCode>) -> impl Iterator<Item = &'a Entry<NutsCode>> {
        self.list.children(entry).filter(|entry| self.wants(entry))
    }

    fn region(&self, entry: &'a Entry<NutsCode>) -> pb::NutsRegion {
        pb::NutsRegion {
            code: entry.code.as_str().to_owned(),
            name: entry.nb.clone(),
            counties: self.children(entry).map(|entry| self.county(entry)).collect(),
        }
    }

    fn county(&self, entry: &'a Entry<NutsCode>) -> pb::NutsCounty {
        let municipality = |entry: &Entry<NutsCode>| pb::NutsMunicipality {
            code: entry.code.as_str().to_owned(),
            name: entry.nb.clone(),
        };
        pb::NutsCounty {
            code: entry.code.as_str().to_owned(),
            name: entry.nb.clone(),
            municipalities: self.children(entry).map(municipality).collect(),
        }
    }
}

fn parent(list: &List<NutsCode>, entry: &Entry<NutsCode>) -> Option<String> {
    list.parent(entry).map(|above| above.code.as_str().to_owned())
}
