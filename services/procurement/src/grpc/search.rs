//! A search, from the contract's form to ours and back.

use std::collections::BTreeSet;

use proto::procurement as pb;

use super::hit;
use crate::answer::{Answer, Counted, Origin};
use crate::desk::Wanted;
use crate::domain::{
    Ask, CountRange, CpvCode, DateRange, Invalid, Named, NoticeType, Place, Query, Refine, SortBy, Status,
    ValueRange, Window, Words, at_most,
};
use crate::error::Problem;
use crate::search::Facet;

/// Most facets of one search.
const FACETS: usize = 10;

/// Checks a request.
pub(super) fn ask(request: &pb::SearchNoticesRequest) -> Result<(Ask, Wanted), Problem> {
    let origin = source(request.source)?;
    let cursor =
        Some(request.cursor.trim_matches(' ')).filter(|cursor| !cursor.is_empty()).map(str::to_owned);
    if cursor.is_some() && request.page.is_some() {
        return Err(Invalid::new("page", "does not go with cursor, which says where to go on").into());
    }
    let wanted = Wanted {
        origin,
        window: Window::new(request.page, request.hits_per_page)?,
        cursor,
        facets: facets(&request.facet)?,
    };
    Ok((filters(request)?, wanted))
}

/// The filters of a request.
pub(super) fn filters(request: &pb::SearchNoticesRequest) -> Result<Ask, Problem> {
    let query = Query {
        words: Words::parse(&request.search)?,
        cpv: cpv(&request.cpv_code)?,
        locations: BTreeSet::new(),
        statuses: each(&request.status, status)?,
        types: each(&request.r#type, notice_type)?,
        issued: DateRange::parse(&request.issue_date_from, &request.issue_date_to)?,
        value: ValueRange::new(request.estimated_value_from, request.estimated_value_to)?,
        refine: refine(request)?,
        sort: sort_by(request.sort_by)?,
    };
    let ask =
        Ask { query, places: places(&request.location)?, include_nationwide: request.include_nationwide };
    Ok(ask.checked()?)
}

/// The filters of a request for counts or an export, in the form of a search, so that all three match the same. Requests
/// of the three kinds have these fields alike, and nothing in common that could be asked for them.
macro_rules! filters_like_a_search {
    ($request:expr) => {{
        let request = $request;
        $crate::grpc::search::filters(&proto::procurement::SearchNoticesRequest {
            search: request.search.clone(),
            cpv_code: request.cpv_code.clone(),
            location: request.location.clone(),
            status: request.status.clone(),
            r#type: request.r#type.clone(),
            issue_date_from: request.issue_date_from.clone(),
            issue_date_to: request.issue_date_to.clone(),
            estimated_value_from: request.estimated_value_from,
            estimated_value_to: request.estimated_value_to,
            include_nationwide: request.include_nationwide,
            buyer: request.buyer.clone(),
            supplier: request.supplier.clone(),
            currency: request.currency.clone(),
            published_from: request.published_from.clone(),
            published_to: request.published_to.clone(),
            deadline_from: request.deadline_from.clone(),
            deadline_to: request.deadline_to.clone(),
            language: request.language.clone(),
            procedure: request.procedure.clone(),
            lots_from: request.lots_from,
            lots_to: request.lots_to,
            ..proto::procurement::SearchNoticesRequest::default()
        })
    }};
}
pub(super) use filters_like_a_search;

fn refine(request: &pb::SearchNoticesRequest) -> Result<Refine, Problem> {
    Ok(Refine {
        buyers: named("buyer", &request.buyer)?,
        suppliers: named("supplier", &request.supplier)?,
        currencies: letters("currency", &request.currency)?,
        published: published(&request.published_from, &request.published_to)?,
        deadline: DateRange::read(
            ("deadlineFrom", "deadlineTo"),
            &request.deadline_from,
            &request.deadline_to,
        )?,
        languages: letters("language", &request.language)?,
        procedures: procedures(&request.procedure)?,
        lots: CountRange::new(("lotsFrom", "lotsTo"), request.lots_from, request.lots_to)?,
    })
}

/// CPV codes of a filter.
pub(super) fn cpv(codes: &[String]) -> Result<BTreeSet<CpvCode>, Problem> {
    at_most("cpvCode", codes)?;
    Ok(codes.iter().map(|code| CpvCode::parse(code)).collect::<Result<_, _>>()?)
}

/// Places of a filter.
pub(super) fn places(places: &[String]) -> Result<Vec<Place>, Problem> {
    at_most("location", places)?;
    Ok(places.iter().map(|place| Place::parse(place)).collect::<Result<_, _>>()?)
}

/// Organisations of a filter.
pub(super) fn named(field: &'static str, given: &[String]) -> Result<BTreeSet<Named>, Problem> {
    at_most(field, given)?;
    Ok(given.iter().map(|text| Named::parse(field, text)).collect::<Result<_, _>>()?)
}

/// Days of publication.
pub(super) fn published(from: &str, to: &str) -> Result<DateRange, Problem> {
    Ok(DateRange::read(("publishedFrom", "publishedTo"), from, to)?)
}

/// Codes of three letters, of lists that are not ours to check.
fn letters(field: &'static str, given: &[String]) -> Result<BTreeSet<String>, Problem> {
    let form = |code: &str| code.len() == 3 && code.bytes().all(|b| b.is_ascii_alphabetic());
    codes(field, given, "three letters", form).map(|codes| codes.map(str::to_ascii_uppercase).collect())
}

/// Procedure types, a list that the EU extends.
fn procedures(given: &[String]) -> Result<BTreeSet<String>, Problem> {
    let form = |code: &str| {
        (1..=40).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    codes("procedure", given, "up to 40 letters, digits and hyphens", form)
        .map(|codes| codes.map(str::to_ascii_lowercase).collect())
}

/// Codes of one form, without the spaces around them.
fn codes<'a>(
    field: &'static str,
    given: &'a [String],
    form: &str,
    has_form: impl Fn(&str) -> bool,
) -> Result<impl Iterator<Item = &'a str>, Problem> {
    at_most(field, given)?;
    let codes = given.iter().map(|code| code.trim_matches(' '));
    if let Some(code) = codes.clone().find(|code| !has_form(code)) {
        return Err(Invalid::new(field, format!("{code:?} is not {form}")).into());
    }
    Ok(codes)
}

/// What was found, in the contract's form.
pub(super) fn response(answer: Answer) -> pb::SearchNoticesResponse {
    pb::SearchNoticesResponse {
        elements: count(answer.shown.len()),
        data: Some(pb::SearchPage {
            hits: answer.shown.iter().map(hit::shown).collect(),
            total_hits: count(answer.total),
            page: i32::try_from(answer.window.page()).unwrap_or(i32::MAX),
            hits_per_page: i32::try_from(answer.window.hits_per_page()).unwrap_or(i32::MAX),
            next_cursor: answer.next,
        }),
        source: hit::source(answer.origin).into(),
        as_of: answer.as_of.map(hit::timestamp),
        age_seconds: answer.as_of.map_or(0, hit::age),
        coverage: Some(coverage(answer.accessible, answer.incomplete)),
        notes: answer.notes,
        facets: answer.facets.into_iter().map(|(name, values)| counted(name, values)).collect(),
    }
}

/// What an answer may lack.
pub(super) fn coverage(accessible: usize, incomplete: Option<String>) -> pb::Coverage {
    pb::Coverage { complete: incomplete.is_none(), accessible_hits: count(accessible), reason: incomplete }
}

/// A number of things in the contract's form.
pub(super) fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn counted(name: Facet, values: Vec<Counted>) -> pb::Facet {
    let value = |counted: Counted| pb::FacetValue {
        key: counted.key,
        label: counted.label,
        notices: count(counted.notices),
    };
    pb::Facet { name: facet_name(name).into(), values: values.into_iter().map(value).collect() }
}

fn source(number: i32) -> Result<Option<Origin>, Problem> {
    match pb::Source::try_from(number) {
        Ok(pb::Source::Unspecified) => Ok(None),
        Ok(pb::Source::Live) => Ok(Some(Origin::Live)),
        Ok(pb::Source::Mirror) => Ok(Some(Origin::Mirror)),
        Err(_) => Err(unknown("source", number).into()),
    }
}

const FACET_NAMES: [(Facet, pb::facet::Name); 10] = [
    (Facet::Type, pb::facet::Name::Type),
    (Facet::Status, pb::facet::Name::Status),
    (Facet::CpvDivision, pb::facet::Name::CpvDivision),
    (Facet::Location, pb::facet::Name::Location),
    (Facet::Buyer, pb::facet::Name::Buyer),
    (Facet::Supplier, pb::facet::Name::Supplier),
    (Facet::Year, pb::facet::Name::Year),
    (Facet::Procedure, pb::facet::Name::Procedure),
    (Facet::Currency, pb::facet::Name::Currency),
    (Facet::Language, pb::facet::Name::Language),
];

/// Facets asked for, each once, in the order asked.
fn facets(numbers: &[i32]) -> Result<Vec<Facet>, Invalid> {
    let mut facets = Vec::new();
    for number in numbers {
        let name = pb::facet::Name::try_from(*number).map_err(|_| unknown("facet", *number))?;
        let facet = FACET_NAMES.iter().find(|(_, known)| *known == name).map(|(facet, _)| *facet);
        facets.extend(facet.filter(|facet| !facets.contains(facet)));
    }
    if numbers.len() > FACETS {
        return Err(Invalid::new("facet", format!("must hold at most {FACETS} values")));
    }
    Ok(facets)
}

fn facet_name(facet: Facet) -> pb::facet::Name {
    FACET_NAMES
        .iter()
        .find(|(known, _)| *known == facet)
        .map_or(pb::facet::Name::Unspecified, |(_, name)| *name)
}

/// Values of a repeated filter. Unspecified ones say nothing.
pub(super) fn each<T: Ord>(
    numbers: &[i32],
    read: impl Fn(i32) -> Result<Option<T>, Invalid>,
) -> Result<BTreeSet<T>, Invalid> {
    numbers.iter().filter_map(|number| read(*number).transpose()).collect()
}

pub(super) fn unknown(field: &'static str, number: i32) -> Invalid {
    Invalid::wrong_type(field, format!("{number} is not a value of this parameter"))
}

pub(super) fn status(number: i32) -> Result<Option<Status>, Invalid> {
    use pb::NoticeStatus as Pb;
    let status = Pb::try_from(number).map_err(|_| unknown("status", number))?;
    Ok(Some(match status {
        Pb::Unspecified => return Ok(None),
        Pb::Active => Status::Active,
        Pb::Expired => Status::Expired,
        Pb::Awarded => Status::Awarded,
        Pb::Cancelled => Status::Cancelled,
    }))
}

pub(super) fn notice_type(number: i32) -> Result<Option<NoticeType>, Invalid> {
    use pb::NoticeType as Pb;
    let kind = Pb::try_from(number).map_err(|_| unknown("type", number))?;
    Ok(Some(match kind {
        Pb::Unspecified => return Ok(None),
        Pb::Planning => NoticeType::Planning,
        Pb::AdvisoryNotice => NoticeType::AdvisoryNotice,
        Pb::NoticeOnBuyerProfile => NoticeType::NoticeOnBuyerProfile,
        Pb::PreAnnouncement => NoticeType::PreAnnouncement,
        Pb::Competition => NoticeType::Competition,
        Pb::AnnouncementOfCompetition => NoticeType::AnnouncementOfCompetition,
        Pb::DynamicPurchasingScheme => NoticeType::DynamicPurchasingScheme,
        Pb::QualificationScheme => NoticeType::QualificationScheme,
        Pb::Result => NoticeType::Result,
        Pb::AnnouncementOfIntent => NoticeType::AnnouncementOfIntent,
        Pb::AnnouncementOfConclusionOfContract => NoticeType::AnnouncementOfConclusionOfContract,
        Pb::ChangeOfConclusionOfContract => NoticeType::ChangeOfConclusionOfContract,
        Pb::CancelledOrMissingConclusionOfContract => NoticeType::CancelledOrMissingConclusionOfContract,
    }))
}

fn sort_by(number: i32) -> Result<Option<SortBy>, Invalid> {
    use pb::SortBy as Pb;
    let order = Pb::try_from(number).map_err(|_| unknown("sortBy", number))?;
    Ok(Some(match order {
        Pb::Unspecified => return Ok(None),
        Pb::PublicationDateDesc => SortBy::PublicationDateDesc,
        Pb::PublicationDateAsc => SortBy::PublicationDateAsc,
        Pb::Deadline => SortBy::Deadline,
        Pb::Relevance => SortBy::Relevance,
        Pb::EstimatedValueDesc => SortBy::EstimatedValueDesc,
        Pb::EstimatedValueAsc => SortBy::EstimatedValueAsc,
        Pb::DeadlineDesc => SortBy::DeadlineDesc,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(ours: &str, theirs: &str) {
        assert_eq!(ours, theirs);
    }

    #[test]
    fn every_word_of_the_contract_is_the_word_doffin_knows() {
        for number in 1..100 {
            if let Ok(kind) = pb::NoticeType::try_from(number) {
                same(notice_type(number).unwrap().unwrap().as_str(), kind.as_str_name());
            }
            if let Ok(value) = pb::NoticeStatus::try_from(number) {
                same(status(number).unwrap().unwrap().as_str(), value.as_str_name());
            }
            if let Ok(order) = pb::SortBy::try_from(number) {
                same(sort_by(number).unwrap().unwrap().as_str(), order.as_str_name());
            }
        }
    }

    #[test]
    fn numbers_the_contract_does_not_have_are_of_the_wrong_type() {
        let problem = |request: pb::SearchNoticesRequest| match ask(&request).unwrap_err() {
            Problem::Invalid(invalid) if invalid.wrong_type => invalid.field,
            other => panic!("{other:?}"),
        };
        assert_eq!(problem(pb::SearchNoticesRequest { status: vec![1, 99], ..Default::default() }), "status");
        assert_eq!(problem(pb::SearchNoticesRequest { r#type: vec![-1], ..Default::default() }), "type");
        assert_eq!(problem(pb::SearchNoticesRequest { sort_by: 99, ..Default::default() }), "sortBy");
        assert_eq!(problem(pb::SearchNoticesRequest { source: 99, ..Default::default() }), "source");
    }

    #[test]
    fn an_empty_request_asks_for_the_first_hundred_of_everything() {
        let (ask, wanted) = ask(&pb::SearchNoticesRequest { status: vec![0], ..Default::default() }).unwrap();
        assert!(!ask.query.is_filtered());
        assert_eq!((wanted.window.page(), wanted.window.hits_per_page()), (1, 100));
    }
}
