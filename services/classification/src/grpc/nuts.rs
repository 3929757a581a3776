//! RPCs on NUTS.

use proto::classification as pb;

use super::{code as parse, count, level as checked, snapshot};
use crate::domain::nuts::Retirements;
use crate::domain::resolve::{Kind, Resolution, resolve as meanings};
use crate::domain::{Edition, Entry, Error, List, NutsCode};

type Nuts = Edition<NutsCode>;

pub(super) fn codes(
    edition: &Nuts,
    request: pb::ListNutsCodesRequest,
) -> Result<pb::ListNutsCodesResponse, Error> {
    let level = checked(request.level, 3)?.unwrap_or(3);
    let list = &edition.list;
    let data = list.roots().map(|entry| region(list, entry, level)).collect();
    let total = list.entries().iter().filter(|entry| entry.level <= level).count();
    Ok(pb::ListNutsCodesResponse {
        data,
        total: count(total),
        level: level.into(),
        snapshot: Some(snapshot(edition)),
    })
}

pub(super) fn code(
    edition: &Nuts,
    request: &pb::GetNutsCodeRequest,
) -> Result<pb::GetNutsCodeResponse, Error> {
    let code: NutsCode = parse(&request.code)?;
    let list = &edition.list;
    let entry = list.get(&code).ok_or_else(|| Error::not_found(&code))?;
    let matched = |entry: &Entry<NutsCode>| pb::NutsMatch {
        code: entry.code.to_string(),
        name: entry.nb.clone(),
        level: entry.level.into(),
        parent: parent(list, entry),
    };
    let detail = pb::NutsCodeDetail {
        code: entry.code.to_string(),
        name: entry.nb.clone(),
        level: entry.level.into(),
        parent: parent(list, entry),
        children: list.children(entry).map(matched).collect(),
    };
    Ok(pb::GetNutsCodeResponse { data: Some(detail), snapshot: Some(snapshot(edition)) })
}

pub(super) fn resolve(
    edition: &Nuts,
    retired: &Retirements,
    request: &pb::ResolveNutsRequest,
) -> Result<pb::ResolveNutsResponse, Error> {
    let found = meanings(&edition.list, retired, &request.name)?;
    let data: Vec<_> = found.into_iter().map(|meaning| resolution(&edition.list, meaning)).collect();
    Ok(pb::ResolveNutsResponse { total: count(data.len()), data, snapshot: Some(snapshot(edition)) })
}

fn resolution(list: &List<NutsCode>, meaning: Resolution<'_>) -> pb::NutsResolution {
    let entry = meaning.entry;
    let county = list.parent(entry).filter(|_| entry.level == 3);
    let kind = match meaning.kind {
        Kind::Code => pb::NutsMatchKind::Code,
        Kind::Name => pb::NutsMatchKind::Name,
        Kind::Successor => pb::NutsMatchKind::Successor,
        Kind::Prefix => pb::NutsMatchKind::Prefix,
    };
    pb::NutsResolution {
        code: entry.code.to_string(),
        name: entry.nb.clone(),
        level: entry.level.into(),
        notice_code: county.unwrap_or(entry).code.to_string(),
        kind: kind.into(),
        replaces: meaning.replaces,
    }
}

fn region(list: &List<NutsCode>, entry: &Entry<NutsCode>, level: u8) -> pb::NutsRegion {
    let counties = list.children(entry).filter(|_| level >= 2);
    pb::NutsRegion {
        code: entry.code.to_string(),
        name: entry.nb.clone(),
        counties: counties.map(|entry| county(list, entry, level)).collect(),
    }
}

fn county(list: &List<NutsCode>, entry: &Entry<NutsCode>, level: u8) -> pb::NutsCounty {
    let municipality = |entry: &Entry<NutsCode>| pb::NutsMunicipality {
        code: entry.code.to_string(),
        name: entry.nb.clone(),
    };
    pb::NutsCounty {
        code: entry.code.to_string(),
        name: entry.nb.clone(),
        municipalities: list.children(entry).filter(|_| level >= 3).map(municipality).collect(),
    }
}

fn parent(list: &List<NutsCode>, entry: &Entry<NutsCode>) -> Option<String> {
    list.parent(entry).map(|above| above.code.to_string())
}
