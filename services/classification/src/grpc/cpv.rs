//! RPCs on CPV.

use proto::classification as pb;

use super::{code as parse, count, level as checked, snapshot};
use crate::domain::{CpvCode, Edition, Entry, Error, Language, List, cpv};

type Cpv = Edition<CpvCode>;

pub(super) fn categories(
    edition: &Cpv,
    request: &pb::ListCpvCategoriesRequest,
) -> Result<pb::ListCpvCategoriesResponse, Error> {
    let language = Language::parse(&request.language)?;
    let data: Vec<_> = edition.list.roots().map(|entry| message(&edition.list, entry, language)).collect();
    Ok(pb::ListCpvCategoriesResponse { total: count(data.len()), data, snapshot: Some(snapshot(edition)) })
}

pub(super) fn codes(
    edition: &Cpv,
    request: &pb::ListCpvCodesRequest,
) -> Result<pb::ListCpvCodesResponse, Error> {
    let language = Language::parse(&request.language)?;
    let level = checked(request.level, 7)?;
    let search = request.search.trim();
    if search.chars().count() > 200 {
        return Err(Error::invalid("search", "must be at most 200 characters"));
    }
    let division = match request.category.trim() {
        "" => None,
        text => Some(cpv::division(&edition.list, text)?),
    };
    let found = cpv::select(&edition.list, division, search, level);
    let data: Vec<_> = found.into_iter().map(|entry| message(&edition.list, entry, language)).collect();
    let filters = pb::CpvFilters {
        category: division.map(|entry| entry.code.to_string()).unwrap_or_default(),
        search: search.to_owned(),
    };
    Ok(pb::ListCpvCodesResponse {
        total: count(data.len()),
        data,
        filters: Some(filters),
        snapshot: Some(snapshot(edition)),
    })
}

pub(super) fn code(edition: &Cpv, request: &pb::GetCpvCodeRequest) -> Result<pb::GetCpvCodeResponse, Error> {
    let language = Language::parse(&request.language)?;
    let code: CpvCode = parse(&request.code)?;
    let list = &edition.list;
    let entry = list.get(&code).ok_or_else(|| Error::not_found(&code))?;
    let related = |entry: &Entry<CpvCode>| pb::RelatedCode {
        code: entry.code.to_string(),
        description: entry.label(language).to_owned(),
    };
    let children: Vec<_> = list.children(entry).map(related).collect();
    let mut related_codes: Vec<_> = list.ancestors(entry).map(related).collect();
    related_codes.reverse();
    related_codes.extend(children.iter().cloned());
    let found = message(list, entry, language);
    let detail = pb::CpvCodeDetail {
        code: found.code,
        name: found.name,
        description: found.description,
        category: found.category,
        related_codes,
        level: found.level,
        parent: list.parent(entry).map(|above| above.code.to_string()),
        children,
    };
    Ok(pb::GetCpvCodeResponse { data: Some(detail), snapshot: Some(snapshot(edition)) })
}

pub(super) fn stats(
    edition: &Cpv,
    request: &pb::GetCpvStatsRequest,
) -> Result<pb::GetCpvStatsResponse, Error> {
    let language = Language::parse(&request.language)?;
    let mut stats = pb::CpvStats { total_codes: count(edition.list.len()), ..pb::CpvStats::default() };
    for division in edition.list.roots() {
        let digits = division.code.division_digits();
        let codes = count(edition.list.starting_with(digits).len());
        let name = division.label(language).to_owned();
        *stats.main_categories.entry(name.clone()).or_default() += codes;
        stats.top_level_distribution.insert(digits.to_owned(), codes);
        stats.category_details.push(pb::CpvCategoryCount {
            code: division.code.to_string(),
            description: name.clone(),
            name,
            count: codes,
        });
    }
    Ok(pb::GetCpvStatsResponse { data: Some(stats), snapshot: Some(snapshot(edition)) })
}

fn message(list: &List<CpvCode>, entry: &Entry<CpvCode>, language: Language) -> pb::CpvCode {
    let description = entry.label(language).to_owned();
    let is_division = entry.level == 1;
    let category = if is_division {
        description.clone()
    } else {
        list.get(&entry.code.division())
            .map(|division| division.label(language).to_owned())
            .unwrap_or_default()
    };
    pb::CpvCode {
        code: entry.code.to_string(),
        name: is_division.then(|| description.clone()),
        description,
        category,
        level: entry.level.into(),
    }
}
