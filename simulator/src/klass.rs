//! SSB KLASS v1: versions, and the codes of the classifications they belong to.

mod catalogue;
mod codes;
mod form;
mod listing;
mod select;
mod version;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, Method, Response, StatusCode, header};

use crate::answer;
use crate::query::Query;
use crate::world::World;

pub(crate) use catalogue::Catalogue;
pub(crate) use form::{Charset, latin1};
use form::{Form, Problem};

/// The base address that links point to; the real one, as clients must not follow it blindly.
const BASE: &str = "https://data.ssb.no/api/klass/v1";

/// What every endpoint is given.
struct Asked<'a> {
    world: &'a World,
    query: &'a Query,
    form: Form,
    /// Path below the base, without a format suffix.
    path: Vec<&'a str>,
}

/// Anything under `/api/klass`.
pub(crate) async fn answer(State(world): State<Arc<World>>, request: Request) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let accept: Vec<&str> =
        request.headers().get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    let query = Query::parse(request.uri().query());
    let (form, below) = Form::negotiate(&path, &accept.join(","), world.faults().klass.latin1_only);
    let below = below.strip_prefix("/api/klass/v1").unwrap_or("/unknown");
    let path_parts = below.split('/').filter(|part| !part.is_empty()).collect();
    let asked = Asked { world: &world, query: &query, form, path: path_parts };
    let answered = if matches!(*request.method(), Method::GET | Method::HEAD) {
        route(&asked)
    } else {
        Err(Problem::new(StatusCode::METHOD_NOT_ALLOWED, "Method is not supported."))
    };
    let response = answered.unwrap_or_else(|problem| problem.render(form, &path));
    let response = answer::with(response, header::VARY, "Accept");
    let response = answer::with(response, header::VARY, "X-Forwarded-Proto");
    answer::with(response, HeaderName::from_static("access-control-allow-origin"), "*")
}

fn route(asked: &Asked<'_>) -> Result<Response<Body>, Problem> {
    match asked.path.as_slice() {
        [] => Ok(answer::with(
            answer::empty(StatusCode::FOUND),
            header::LOCATION,
            "/api/klass/v1/api-guide.html",
        )),
        ["versions", id] => version::answer(asked, whole(id)?),
        ["classifications"] => listing::all(asked),
        ["classifications", "search"] => listing::search(asked),
        ["classifications", id] => listing::one(asked, whole(id)?),
        ["classifications", id, "codes"] => codes::between(asked, whole(id)?),
        ["classifications", id, "codesAt"] => codes::at(asked, whole(id)?),
        ["classifications", id, "changes"] => codes::changes(asked, whole(id)?),
        _ => Err(Problem::new(StatusCode::NOT_FOUND, "")),
    }
}

fn whole(text: &str) -> Result<u32, Problem> {
    text.parse().map_err(|_| Problem::bad(format!("Failed to convert 'id' with value: '{text}'")))
}

impl Asked<'_> {
    /// The language asked for, if the version is published in it.
    fn language(&self, version: &catalogue::Version) -> Result<(), Problem> {
        let language = self.query.filled("language").unwrap_or("nb").to_lowercase();
        if !matches!(language.as_str(), "nb" | "nn" | "en") {
            return Err(Problem::bad(format!("Failed to convert 'language' with value: '{language}'")));
        }
        if version.published.contains(&language.as_str()) {
            return Ok(());
        }
        let to = version.valid_to.map_or_else(|| "null".to_owned(), |day| day.to_string());
        let (from, language) = (version.valid_from, language.to_uppercase());
        Err(Problem::missing(format!(
            "ClassificationVersion: [from={from}, to={to}]. Is not published in language: {language}"
        )))
    }

    /// Drops what the faults of lists drop.
    fn cut<T>(&self, mut items: Vec<T>) -> Vec<T> {
        let faults = self.world.faults().klass;
        if faults.empty_list {
            items.clear();
        } else if faults.half_list {
            items.truncate(items.len() / 2);
        }
        items
    }

    /// How an open end is printed.
    fn end(&self, day: Option<jiff::civil::Date>) -> Option<String> {
        match day {
            Some(day) => Some(day.to_string()),
            None if self.world.faults().klass.legacy_valid_to => Some("+999999999-12-31".to_owned()),
            None => None,
        }
    }
}
