//! `/classifications` in pages, one classification, and the search among them.

use axum::body::Body;
use axum::http::{Response, StatusCode};
use serde_json::{Value, json};

use super::form::{Form, Problem};
use super::version::MODIFIED;
use super::{Asked, BASE, catalogue};
use crate::answer;
use crate::clock;

/// All classifications, paged from 0.
pub(super) fn all(asked: &Asked<'_>) -> Result<Response<Body>, Problem> {
    let (page, size) = (number(asked, "page", 0)?, number(asked, "size", 20)?.max(1));
    let entries: Vec<Value> = asked.world.catalogue.classifications.iter().map(entry).collect();
    let address = |page: usize| {
        let codelists = asked.query.flag("includeCodelists");
        format!("{BASE}/classifications?includeCodelists={codelists}&page={page}&size={size}")
    };
    let pages = entries.len().div_ceil(size);
    let mut links = json!({
        "first": {"href": address(0)},
        "self": {"href": address(page)},
        "last": {"href": address(pages.saturating_sub(1))},
        "search": {"href": format!("{BASE}/classifications/search{{?query,includeCodelists}}"), "templated": true},
    });
    if page + 1 < pages {
        links["next"] = json!({"href": address(page + 1)});
    }
    let totals = json!({"size": size, "totalElements": entries.len(), "totalPages": pages, "number": page});
    let entries: Vec<Value> = asked.cut(entries).into_iter().skip(page * size).take(size).collect();
    let mut body = json!({"_links": links, "page": totals});
    if !entries.is_empty() {
        body["_embedded"] = json!({"classifications": entries});
    }
    render(asked, &body)
}

/// One classification and its versions.
pub(super) fn one(asked: &Asked<'_>, id: u32) -> Result<Response<Body>, Problem> {
    let missing = || Problem::missing(format!("Classification not found with id = {id}"));
    let classification = asked.world.catalogue.classification(id).ok_or_else(missing)?;
    let today = clock::day_of(asked.world.clock.now());
    let shown =
        |version: &&catalogue::Version| version.valid_from <= today || asked.query.flag("includeFuture");
    let versions: Vec<Value> = asked.world.catalogue.versions_of(id).filter(shown).map(edition).collect();
    let own = format!("{BASE}/classifications/{id}");
    let range = "{?from=<yyyy-MM-dd>,to=<yyyy-MM-dd>,csvSeparator,level,selectCodes,presentationNamePattern}";
    let mut body = entry(classification);
    body["description"] = json!("");
    body["primaryLanguage"] = json!("nb");
    body["copyrighted"] = json!(false);
    body["includeShortName"] = json!(false);
    body["includeNotes"] = json!(false);
    body["contactPerson"] = json!({"name": "Seksjon for statistiske standarder", "email": "", "phone": ""});
    body["owningSection"] = json!(classification.section);
    body["statisticalUnits"] = json!([]);
    body["versions"] = json!(versions);
    body["_links"]["codes"] = json!({"href": format!("{own}/codes{range}"), "templated": true});
    body["_links"]["codesAt"] =
        json!({"href": format!("{own}/codesAt{{?date=<yyyy-MM-dd>,level}}"), "templated": true});
    render(asked, &body)
}

/// Classifications whose name contains the query.
pub(super) fn search(asked: &Asked<'_>) -> Result<Response<Body>, Problem> {
    let query = asked.query.filled("query").ok_or_else(|| {
        let text = "Required request parameter 'query' for method parameter type String is not present";
        Problem::bad(text.to_owned())
    })?;
    let wanted = query.to_lowercase();
    let found: Vec<Value> = asked
        .world
        .catalogue
        .classifications
        .iter()
        .filter(|classification| classification.name.to_lowercase().contains(&wanted))
        .map(|classification| {
            let mut result = entry(classification);
            result["snippet"] = json!(format!("<strong>{query}</strong>"));
            result["searchScore"] = json!(1.0);
            result
        })
        .collect();
    let count = found.len();
    let mut body =
        json!({"page": {"size": 20, "totalElements": count, "totalPages": count.div_ceil(20), "number": 0}});
    if count > 0 {
        body["_embedded"] = json!({"searchResults": found});
    }
    render(asked, &body)
}

fn entry(classification: &catalogue::Classification) -> Value {
    let id = classification.id;
    json!({
        "name": classification.name,
        "id": id,
        "classificationType": "Klassifikasjon",
        "lastModified": MODIFIED,
        "_links": {"self": {"href": format!("{BASE}/classifications/{id}")}},
    })
}

fn edition(version: &catalogue::Version) -> Value {
    let mut body = json!({
        "name": version.name,
        "id": version.id,
        "validFrom": version.valid_from,
        "lastModified": MODIFIED,
        "published": version.published,
        "_links": {"self": {"href": format!("{BASE}/versions/{}", version.id)}},
    });
    if let Some(end) = version.valid_to {
        body["validTo"] = json!(end);
    }
    body
}

fn number(asked: &Asked<'_>, name: &str, default: usize) -> Result<usize, Problem> {
    let Some(text) = asked.query.filled(name) else { return Ok(default) };
    text.parse().map_err(|_| Problem::bad(format!("Failed to convert '{name}' with value: '{text}'")))
}

/// There is no CSV of these, and the XML is not simulated.
fn render(asked: &Asked<'_>, body: &Value) -> Result<Response<Body>, Problem> {
    match asked.form {
        Form::Json => Ok(answer::json(StatusCode::OK, "application/json", body)),
        form => Err(Problem::unforeseen(form, "No acceptable representation")),
    }
}
