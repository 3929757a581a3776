//! RPCs on CPV.

use proto::classification as pb;

use super::{code as parse, count, fallback, level as checked, snapshot, under};
use crate::domain::cpv::{self, Filter};
use crate::domain::{Code as _, CpvCode, Edition, Entry, Error, Language, List};

type Cpv = Edition<CpvCode>;

pub(super) fn categories(edition: &Cpv, language: Language) -> pb::ListCpvCategoriesResponse {
    let data: Vec<_> = edition.list.roots().map(|entry| message(&edition.list, entry, language)).collect();
    pb::ListCpvCategoriesResponse { total: count(data.len()), data, snapshot: Some(snapshot(edition)) }
}

pub(super) fn codes(
    edition: &Cpv,
    request: &pb::ListCpvCodesRequest,
    language: Language,
) -> Result<pb::ListCpvCodesResponse, Error> {
    let level = checked(request.level, 7)?;
    for (parameter, text) in [("search", &request.search), ("category", &request.category)] {
        if text.chars().count() > 200 {
            return Err(Error::invalid(parameter, "must be at most 200 characters"));
        }
    }
    let search = request.search.trim();
    let division = match request.category.trim() {
        "" => None,
        text => Some(cpv::division(&edition.list, text)?),
    };
    let under = under(edition, &request.under)?;
    let found = cpv::select(&edition.list, Filter { division, under, search, level });
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

pub(super) fn code(
    edition: &Cpv,
    request: &pb::GetCpvCodeRequest,
    language: Language,
) -> Result<pb::GetCpvCodeResponse, Error> {
    let code: CpvCode = parse(&request.code)?;
    let list = &edition.list;
    let entry = list.get(&code).ok_or_else(|| Error::not_found(&code))?;
    let related = |entry: &Entry<CpvCode>| pb::RelatedCode {
        code: entry.code.as_str().to_owned(),
        description: entry.label(language).to_owned(),
        language: fallback(entry, language),
    };
    let children: Vec<_> = list.children(entry).map(related).collect();
    let ancestors: Vec<_> = list.lineage(entry).into_iter().map(related).collect();
    let found = message(list, entry, language);
    let detail = pb::CpvCodeDetail {
        code: found.code,
        name: found.name,
        description: found.description,
        category: found.category,
        related_codes: ancestors.iter().chain(&children).cloned().collect(),
        level: found.level,
        parent: list.parent(entry).map(|above| above.code.to_string()),
        children,
        ancestors,
        siblings: list.siblings(entry).map(related).collect(),
        descendants: count(entry.descendants()),
        level_name: CpvCode::level_name(entry.level, language).to_owned(),
        language: found.language,
    };
    Ok(pb::GetCpvCodeResponse { data: Some(detail), snapshot: Some(snapshot(edition)) })
}

pub(super) fn stats(edition: &Cpv, language: Language) -> pb::GetCpvStatsResponse {
    let mut stats = pb::CpvStats { total_codes: count(edition.list.len()), ..pb::CpvStats::default() };
    for division in edition.list.roots() {
        let codes = count(division.descendants() + 1);
        let name = division.label(language).to_owned();
        *stats.main_categories.entry(name.clone()).or_default() += codes;
        stats.top_level_distribution.insert(division.code.division_digits().to_owned(), codes);
        stats.category_details.push(pb::CpvCategoryCount {
            code: division.code.to_string(),
            description: name.clone(),
            name,
            count: codes,
        });
    }
    pb::GetCpvStatsResponse { data: Some(stats), snapshot: Some(snapshot(edition)) }
}

// The full list runs through here: text is copied as it is, never formatted.
fn message(list: &List<CpvCode>, entry: &Entry<CpvCode>, language: Language) -> pb::CpvCode {
    let description = entry.label(language);
    pb::CpvCode {
        code: entry.code.as_str().to_owned(),
        name: (entry.level == 1).then(|| description.to_owned()),
        description: description.to_owned(),
        category: list.root(entry).label(language).to_owned(),
        level: entry.level.into(),
        language: fallback(entry, language),
    }
}
