//! `/versions/{id}`.

use axum::body::Body;
use axum::http::{Response, StatusCode};
use serde::Serialize;

use super::form::{self, Form, List, PROLOG, Problem, Row};
use super::{Asked, BASE, catalogue};
use crate::answer;
use crate::clock;
use crate::xml::Writer;

/// When everything was last modified, in a pattern RFC 3339 does not know.
pub(super) const MODIFIED: &str = "2024-01-02T09:15:00.000+0000";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Whole<'a> {
    name: &'a str,
    id: u32,
    valid_from: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_to: Option<String>,
    last_modified: &'static str,
    published: &'a [&'a str],
    introduction: &'static str,
    contact_person: Contact,
    owning_section: &'a str,
    legal_base: &'static str,
    publications: &'static str,
    derived_from: &'static str,
    correspondence_tables: [(); 0],
    classification_variants: [(); 0],
    changelogs: [Change; 1],
    levels: Vec<Level<'a>>,
    classification_items: Vec<Row>,
    #[serde(rename = "_links")]
    links: serde_json::Value,
}

#[derive(Serialize)]
struct Contact {
    name: &'static str,
    email: &'static str,
    phone: &'static str,
}

/// The missing r is the real one's.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    change_occured: &'static str,
    description: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Level<'a> {
    level_number: usize,
    level_name: &'a str,
}

/// One version with all its items.
pub(super) fn answer(asked: &Asked<'_>, id: u32) -> Result<Response<Body>, Problem> {
    let today = clock::day_of(asked.world.clock.now());
    let found = asked.world.catalogue.version(id).filter(|version| {
        let hidden = version.valid_from > today && !asked.query.flag("includeFuture");
        !hidden && !asked.world.faults().klass.version_404
    });
    let missing = || Problem::missing(format!("Classification Version not found with id = {id}"));
    let version = found.ok_or_else(missing)?;
    asked.language(version)?;
    let faults = asked.world.faults().klass;
    let untouched = !faults.empty_list && !faults.half_list;
    match asked.form {
        Form::Json => Ok(answer::json(StatusCode::OK, "application/json", &whole(asked, version))),
        Form::Xml => Ok(answer::of(StatusCode::OK, "application/xml;charset=UTF-8", xml(asked, version))),
        Form::Csv(charset) => match version.files.iter().find(|(known, _)| *known == charset) {
            Some((_, bytes)) if untouched => Ok(form::csv_bytes(charset, bytes.clone())),
            _ => table().render(asked.form, &asked.cut(rows(version, true))),
        },
        Form::None => Err(Problem::new(StatusCode::NOT_FOUND, "")),
    }
}

/// Versions are always separated by semicolons.
fn table() -> List {
    let columns = ["code", "parentCode", "level", "name", "shortName", "notes", "validFrom", "validTo"];
    List { json: "", xml: ("", ""), columns: columns.to_vec(), separator: ';' }
}

/// Items as versions print them: no parent is an empty string.
fn rows(version: &catalogue::Version, with_validity: bool) -> Vec<Row> {
    let row = |entry: &crate::ListEntry| {
        let mut cells = vec![
            ("code", Some(entry.code.clone())),
            ("parentCode", Some(entry.parent.clone().unwrap_or_default())),
            ("level", Some(entry.level.to_string())),
            ("name", Some(entry.name.clone())),
            ("shortName", None),
            ("notes", None),
        ];
        if with_validity {
            cells.extend([("validFrom", None), ("validTo", None)]);
        }
        Row(cells)
    };
    version.items.iter().map(row).collect()
}

fn whole<'a>(asked: &Asked<'_>, version: &'a catalogue::Version) -> Whole<'a> {
    Whole {
        name: version.name,
        id: version.id,
        valid_from: version.valid_from.to_string(),
        valid_to: asked.end(version.valid_to),
        last_modified: MODIFIED,
        published: version.published,
        introduction: "",
        contact_person: Contact { name: "Seksjon for statistiske standarder", email: "", phone: "" },
        owning_section: "320 - Seksjon for befolkningsstatistikk ",
        legal_base: "",
        publications: "",
        derived_from: "",
        correspondence_tables: [],
        classification_variants: [],
        changelogs: [Change { change_occured: MODIFIED, description: "Opprettet" }],
        levels: version
            .levels
            .iter()
            .enumerate()
            .map(|(index, level_name)| Level { level_number: index + 1, level_name })
            .collect(),
        classification_items: asked.cut(rows(version, false)),
        links: serde_json::json!({"self": {"href": format!("{BASE}/versions/{}", version.id)}}),
    }
}

fn xml(asked: &Asked<'_>, version: &catalogue::Version) -> String {
    let mut xml = Writer::new(0, PROLOG);
    xml.within("classificationVersion", &[], |xml| {
        xml.leaf("name", &[], version.name);
        xml.leaf("id", &[], &version.id.to_string());
        xml.leaf("validFrom", &[], &version.valid_from.to_string());
        if let Some(end) = asked.end(version.valid_to) {
            xml.leaf("validTo", &[], &end);
        }
        xml.leaf("lastModified", &[], MODIFIED);
        xml.within("publishedLanguages", &[], |xml| {
            for language in version.published {
                xml.leaf("published", &[], language);
            }
        });
        xml.within("levels", &[], |xml| {
            for (index, name) in version.levels.iter().enumerate() {
                xml.within("level", &[], |xml| {
                    xml.leaf("levelNumber", &[], &(index + 1).to_string());
                    xml.leaf("levelName", &[], name);
                });
            }
        });
        xml.within("classificationItems", &[], |xml| {
            for row in asked.cut(rows(version, false)) {
                xml.within("classificationItem", &[], |xml| {
                    for (key, value) in &row.0 {
                        xml.leaf(key, &[], value.as_deref().unwrap_or_default());
                    }
                });
            }
        });
    });
    xml.finish()
}
