//! RPCs on STYRK-08.

use proto::classification as pb;

use super::{code as parse, count, fallback, level as checked, snapshot, under};
use crate::domain::{Code as _, Edition, Entry, Error, Language, List, StyrkCode};

type Styrk = Edition<StyrkCode>;

pub(super) fn codes(
    edition: &Styrk,
    request: &pb::ListStyrkCodesRequest,
    language: Language,
) -> Result<pb::ListStyrkCodesResponse, Error> {
    let level = checked(request.level, 4)?.unwrap_or(4);
    let under = under(edition, &request.under)?;
    if let Some(under) = under.filter(|under| under.level > level) {
        let problem = format!("{level} is above {}, which has level {}", under.code, under.level);
        return Err(Error::invalid("level", problem));
    }
    let list = &edition.list;
    let nesting = Nesting { list, under, language, level };
    let groups = list.roots().filter(|entry| nesting.wants(entry));
    Ok(pb::ListStyrkCodesResponse {
        data: groups.map(|entry| nesting.major_group(entry)).collect(),
        total: count(list.entries().iter().filter(|entry| nesting.wants(entry)).count()),
        level: level.into(),
        snapshot: Some(snapshot(edition)),
    })
}

pub(super) fn code(
    edition: &Styrk,
    request: &pb::GetStyrkCodeRequest,
    language: Language,
) -> Result<pb::GetStyrkCodeResponse, Error> {
    let code: StyrkCode = parse(&request.code)?;
    let list = &edition.list;
    let entry = list.get(&code).ok_or_else(|| Error::not_found(&code))?;
    let related = |entry: &Entry<StyrkCode>| pb::RelatedStyrkCode {
        code: entry.code.as_str().to_owned(),
        name: entry.label(language).to_owned(),
        language: fallback(entry, language),
    };
    let detail = pb::StyrkCodeDetail {
        code: entry.code.as_str().to_owned(),
        name: entry.label(language).to_owned(),
        level: entry.level.into(),
        parent: list.parent(entry).map(|above| above.code.to_string()),
        children: list.children(entry).map(related).collect(),
        ancestors: list.lineage(entry).into_iter().map(related).collect(),
        siblings: list.siblings(entry).map(related).collect(),
        descendants: count(entry.descendants()),
        level_name: StyrkCode::level_name(entry.level, language).to_owned(),
        language: fallback(entry, language),
    };
    Ok(pb::GetStyrkCodeResponse { data: Some(detail), snapshot: Some(snapshot(edition)) })
}

/// What of the list is answered, in which language and how deep.
struct Nesting<'a> {
    list: &'a List<StyrkCode>,
    under: Option<&'a Entry<StyrkCode>>,
    language: Language,
    level: u8,
}

impl<'a> Nesting<'a> {
    /// Whether an entry is answered: the codes above the one asked for are, because it is nested in them.
    fn wants(&self, entry: &Entry<StyrkCode>) -> bool {
        let near = |under: &Entry<StyrkCode>| {
            let (one, other) = (entry.code.as_str(), under.code.as_str());
            one.starts_with(other) || other.starts_with(one)
        };
        entry.level <= self.level && self.under.is_none_or(near)
    }

    fn children(&self, entry: &'a Entry<StyrkCode>) -> impl Iterator<Item = &'a Entry<StyrkCode>> {
        self.list.children(entry).filter(|entry| self.wants(entry))
    }

    fn texts(&self, entry: &Entry<StyrkCode>) -> (String, String, Option<String>) {
        let name = entry.label(self.language).to_owned();
        (entry.code.as_str().to_owned(), name, fallback(entry, self.language))
    }

    fn major_group(&self, entry: &'a Entry<StyrkCode>) -> pb::StyrkMajorGroup {
        let (code, name, language) = self.texts(entry);
        let subgroups = self.children(entry).map(|entry| self.subgroup(entry)).collect();
        pb::StyrkMajorGroup { code, name, subgroups, language }
    }

    fn subgroup(&self, entry: &'a Entry<StyrkCode>) -> pb::StyrkSubgroup {
        let (code, name, language) = self.texts(entry);
        let roles = self.children(entry).map(|entry| self.role(entry)).collect();
        pb::StyrkSubgroup { code, name, roles, language }
    }

    fn role(&self, entry: &'a Entry<StyrkCode>) -> pb::StyrkRole {
        let (code, name, language) = self.texts(entry);
        let title = |entry| {
            let (code, name, language) = self.texts(entry);
            pb::StyrkTitle { code, name, language }
        };
        pb::StyrkRole { code, name, titles: self.children(entry).map(title).collect(), language }
    }
}
