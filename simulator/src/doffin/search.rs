//! `GET /public/v2/search`: a closed set of parameters, unknown ones ignored, and a ceiling of 1,000 hits.

use axum::body::Body;
use axum::http::{Response, StatusCode};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::hit::Hit;
use super::order::{self, Sort};
use super::{JSON, Refusal, hit};
use crate::answer;
use crate::faults::{Ceiling, Doffin, Nuts2};
use crate::notice::{Notice, Status, Type};
use crate::query::Query;
use crate::world::World;

/// How many hits of a query can be reached.
const CEILING: u64 = 1_000;
/// The size of a page nobody asked a size for.
const DEFAULT_SIZE: u64 = 15;

/// A request that was understood.
#[derive(Debug)]
struct Search {
    words: Vec<String>,
    types: Vec<Type>,
    statuses: Vec<Status>,
    /// `None` inside is a code that no notice can carry.
    cpv: Vec<Option<u32>>,
    locations: Vec<String>,
    from: Option<Date>,
    to: Option<Date>,
    value_from: Option<f64>,
    value_to: Option<f64>,
    sort: Sort,
    page: u64,
    size: u64,
}

/// The answer to a search.
pub(super) fn answer(world: &World, faults: &Doffin, query: &Query) -> Response<Body> {
    let search = match Search::read(query, faults) {
        Ok(search) => search,
        Err(refusal) => return refusal.render(),
    };
    let now = world.clock.now();
    let corpus = world.corpus();
    let mut found: Vec<&Notice> = corpus
        .all()
        .iter()
        .filter(|notice| notice.visible(now) && search.matches(notice, faults, now))
        .collect();
    let total = found.len() as u64;
    let skipped = (search.page - 1) * search.size;
    let beyond = search.page * search.size > CEILING;
    let mut hits: Vec<Hit<'_>> = if beyond || skipped >= total {
        Vec::new()
    } else {
        let tie = order::tie(faults.tie_order, search.page, search.size);
        search.sort.apply(&mut found, &search.words, tie);
        let start = usize::try_from(skipped).unwrap_or(usize::MAX);
        let size = usize::try_from(search.size).unwrap_or(usize::MAX);
        let shuffle = world.next_response();
        found.iter().skip(start).take(size).map(|notice| hit::render(notice, now, faults, shuffle)).collect()
    };
    let hits = match hits.len() {
        1 if faults.single_hit_object => Hits::One(hits.pop().map(Box::new)),
        _ => Hits::Many(hits),
    };
    let page = Page { num_hits_total: total, num_hits_accessible: total.min(CEILING), hits };
    match serde_json::to_string(&page) {
        Ok(body) => answer::of(StatusCode::OK, JSON, hit::with_raw_bytes(&body)),
        Err(error) => answer::of(StatusCode::INTERNAL_SERVER_ERROR, "text/plain", error.to_string()),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    num_hits_total: u64,
    num_hits_accessible: u64,
    hits: Hits<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Hits<'a> {
    One(Option<Box<Hit<'a>>>),
    Many(Vec<Hit<'a>>),
}

impl Search {
    fn read(query: &Query, faults: &Doffin) -> Result<Self, Refusal> {
        let words: Vec<String> = query
            .get("searchString")
            .map(|text| text.to_lowercase().split_whitespace().map(str::to_owned).collect())
            .unwrap_or_default();
        let sort = match query.filled("sortBy") {
            Some(name) => Sort::parse(name, faults.value_asc).ok_or(Refusal::UnknownOrder)?,
            None if words.is_empty() => Sort::PublicationDateDesc,
            None => Sort::Relevance,
        };
        let page = positive(query, "page", 1)?;
        let size = positive(query, "numHitsPerPage", DEFAULT_SIZE)?;
        within_reach(page, size, faults)?;
        Ok(Self {
            words,
            types: constants(query, "type", "NoticeType", Type::parse)?,
            statuses: constants(query, "status", "NoticeStatus", Status::parse)?,
            cpv: query.all("cpvCode").map(crate::corpus::parse_cpv).collect(),
            locations: query.all("location").map(str::to_owned).collect(),
            from: day(query, "issueDateFrom")?,
            to: day(query, "issueDateTo")?,
            value_from: number(query, "estimatedValueFrom")?,
            value_to: number(query, "estimatedValueTo")?,
            sort,
            page,
            size,
        })
    }

    fn matches(&self, notice: &Notice, faults: &Doffin, now: Timestamp) -> bool {
        (self.types.is_empty() || self.types.iter().any(|kind| notice.all_types.contains(kind)))
            && self.in_time(notice)
            && (self.cpv.is_empty()
                || self.cpv.iter().flatten().any(|code| notice.cpv.binary_search(code).is_ok()))
            && (self.locations.is_empty()
                || self.locations.iter().any(|code| located(notice, code, faults.nuts2)))
            && (self.statuses.is_empty()
                || notice.status(now).is_some_and(|status| self.statuses.contains(&status)))
            && self.worth(notice)
            && self.words.iter().all(|word| notice.haystack.contains(word.as_str()))
    }

    /// Days of dispatch are days in UTC.
    fn in_time(&self, notice: &Notice) -> bool {
        if self.from.is_none() && self.to.is_none() {
            return true;
        }
        let day = jiff::tz::Offset::UTC.to_datetime(notice.issued).date();
        self.from.is_none_or(|from| day >= from) && self.to.is_none_or(|to| day <= to)
    }

    fn worth(&self, notice: &Notice) -> bool {
        if self.value_from.is_none() && self.value_to.is_none() {
            return true;
        }
        order::amount(notice).is_some_and(|amount| {
            self.value_from.is_none_or(|from| amount >= from) && self.value_to.is_none_or(|to| amount <= to)
        })
    }
}

fn located(notice: &Notice, code: &str, nuts2: Nuts2) -> bool {
    let expand = nuts2 == Nuts2::Expand && code.len() == 4 && code.starts_with("NO");
    notice.locations.iter().any(|location| location == code || (expand && location.starts_with(code)))
}

fn within_reach(page: u64, size: u64, faults: &Doffin) -> Result<(), Refusal> {
    if faults.page_size_cap.is_some_and(|cap| size > u64::from(cap)) {
        let cap = faults.page_size_cap.unwrap_or_default();
        return Err(refused(&format!(
            "Unable to access more than the top {cap} hits, please lower numHitsPerPage parameters."
        )));
    }
    if page.saturating_mul(size) > CEILING && faults.ceiling == Ceiling::Refuse {
        return Err(refused(
            "Unable to access more than the top 1000 hits, please lower either the page or numHitsPerPage parameters.",
        ));
    }
    Ok(())
}

/// A whole number from 1 to a billion; what other texts get was never seen, so they get the same.
fn positive(query: &Query, name: &str, default: u64) -> Result<u64, Refusal> {
    let Some(text) = query.filled(name) else { return Ok(default) };
    match text.parse::<u64>() {
        Ok(number @ 1..=1_000_000_000) => Ok(number),
        _ => Err(refused(&format!("Parameter {name} must be >= 1"))),
    }
}

fn number(query: &Query, name: &str) -> Result<Option<f64>, Refusal> {
    let Some(text) = query.filled(name) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| refused(&format!("Parameter {name} must be a number")))
}

fn day(query: &Query, name: &str) -> Result<Option<Date>, Refusal> {
    let Some(text) = query.filled(name) else { return Ok(None) };
    let shaped = text.len() == 10 && text.is_ascii();
    match text.parse::<Date>() {
        Ok(day) if shaped => Ok(Some(day)),
        _ => Err(refused("Wrong issue date format. Correct format: YYYY-MM-DD")),
    }
}

fn constants<T>(
    query: &Query,
    name: &str,
    class: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, Refusal> {
    query
        .all(name)
        .map(|text| {
            let message = || format!("No enum constant no.dfo.dof.notices.domain.elements.{class}.{text}");
            parse(text).ok_or_else(|| refused(&message()))
        })
        .collect()
}

fn refused(reason: &str) -> Refusal {
    Refusal::Reason(reason.to_owned())
}
