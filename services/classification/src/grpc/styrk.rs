//! RPCs on STYRK-08.

use proto::classification as pb;

use super::{code as parse, count, level as checked, snapshot};
use crate::domain::{Edition, Entry, Error, Language, List, StyrkCode};

type Styrk = Edition<StyrkCode>;

pub(super) fn codes(
    edition: &Styrk,
    request: &pb::ListStyrkCodesRequest,
) -> Result<pb::ListStyrkCodesResponse, Error> {
    let language = Language::parse(&request.language)?;
    let level = checked(request.level, 4)?.unwrap_or(4);
    let list = &edition.list;
    let nesting = Nesting { list, language, level };
    let total = list.entries().iter().filter(|entry| entry.level <= level).count();
    Ok(pb::ListStyrkCodesResponse {
        data: list.roots().map(|entry| nesting.major_group(entry)).collect(),
        total: count(total),
        level: level.into(),
        snapshot: Some(snapshot(edition)),
    })
}

pub(super) fn code(
    edition: &Styrk,
    request: &pb::GetStyrkCodeRequest,
) -> Result<pb::GetStyrkCodeResponse, Error> {
    let language = Language::parse(&request.language)?;
    let code: StyrkCode = parse(&request.code)?;
    let list = &edition.list;
    let entry = list.get(&code).ok_or_else(|| Error::not_found(&code))?;
    let related = |entry: &Entry<StyrkCode>| pb::RelatedStyrkCode {
        code: entry.code.to_string(),
        name: entry.label(language).to_owned(),
    };
    let detail = pb::StyrkCodeDetail {
        code: entry.code.to_string(),
        name: entry.label(language).to_owned(),
        level: entry.level.into(),
        parent: list.parent(entry).map(|above| above.code.to_string()),
        children: list.children(entry).map(related).collect(),
    };
    Ok(pb::GetStyrkCodeResponse { data: Some(detail), snapshot: Some(snapshot(edition)) })
}

struct Nesting<'a> {
    list: &'a List<StyrkCode>,
    language: Language,
    level: u8,
}

impl<'a> Nesting<'a> {
    fn children(&self, entry: &'a Entry<StyrkCode>) -> impl Iterator<Item = &'a Entry<StyrkCode>> {
        let deeper = entry.level < self.level;
        self.list.children(entry).filter(move |_| deeper)
    }

    fn texts(&self, entry: &Entry<StyrkCode>) -> (String, String) {
        (entry.code.to_string(), entry.label(self.language).to_owned())
    }

    fn major_group(&self, entry: &'a Entry<StyrkCode>) -> pb::StyrkMajorGroup {
        let (code, name) = self.texts(entry);
        let subgroups = self.children(entry).map(|entry| self.subgroup(entry)).collect();
        pb::StyrkMajorGroup { code, name, subgroups }
    }

    fn subgroup(&self, entry: &'a Entry<StyrkCode>) -> pb::StyrkSubgroup {
        let (code, name) = self.texts(entry);
        let roles = self.children(entry).map(|entry| self.role(entry)).collect();
        pb::StyrkSubgroup { code, name, roles }
    }

    fn role(&self, entry: &'a Entry<StyrkCode>) -> pb::StyrkRole {
        let (code, name) = self.texts(entry);
        let title = |entry| {
            let (code, name) = self.texts(entry);
            pb::StyrkTitle { code, name }
        };
        pb::StyrkRole { code, name, titles: self.children(entry).map(title).collect() }
    }
}
