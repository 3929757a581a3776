//! A search, from the contract's form to ours and back.

use std::collections::BTreeSet;

use proto::procurement as pb;

use super::hit;
use crate::domain::{
    Ask, CpvCode, DateRange, Invalid, NoticeType, Place, Query, Refine, SortBy, Status, ValueRange, Window,
    Words, at_most,
};
use crate::error::Problem;
use crate::live::Answer;

/// Checks a request.
pub(super) fn ask(request: &pb::SearchNoticesRequest) -> Result<Ask, Problem> {
    source(request.source)?;
    at_most("cpvCode", &request.cpv_code)?;
    at_most("location", &request.location)?;
    let query = Query {
        words: Words::parse(&request.search)?,
        cpv: request.cpv_code.iter().map(|code| CpvCode::parse(code)).collect::<Result<_, _>>()?,
        locations: BTreeSet::new(),
        statuses: each(&request.status, status)?,
        types: each(&request.r#type, notice_type)?,
        issued: DateRange::parse(&request.issue_date_from, &request.issue_date_to)?,
        value: ValueRange::new(request.estimated_value_from, request.estimated_value_to)?,
        refine: Refine::default(),
        sort: sort_by(request.sort_by)?,
    };
    let ask = Ask {
        query,
        places: request.location.iter().map(|place| Place::parse(place)).collect::<Result<_, _>>()?,
        include_nationwide: request.include_nationwide,
        window: Window::new(request.page, request.hits_per_page)?,
    };
    Ok(ask.checked()?)
}

/// What was found, in the contract's form.
pub(super) fn response(answer: Answer) -> pb::SearchNoticesResponse {
    let count = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
    let elements = count(answer.hits.len());
    let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    pb::SearchNoticesResponse {
        data: Some(pb::SearchPage {
            hits: answer.hits.iter().map(|found| hit::hit(found)).collect(),
            total_hits: number(answer.total),
            page: number(answer.window.page()),
            hits_per_page: number(answer.window.hits_per_page()),
        }),
        elements,
        source: pb::Source::Live.into(),
        as_of: Some(hit::timestamp(answer.as_of)),
        age_seconds: hit::age(answer.as_of),
        coverage: Some(pb::Coverage {
            complete: answer.incomplete.is_none(),
            accessible_hits: number(answer.accessible),
            reason: answer.incomplete,
        }),
        notes: answer.notes,
    }
}

fn source(number: i32) -> Result<(), Problem> {
    match pb::Source::try_from(number) {
        Ok(pb::Source::Unspecified | pb::Source::Live) => Ok(()),
        Ok(pb::Source::Mirror) => Err(Problem::NoMirror("source MIRROR")),
        Err(_) => Err(unknown("source", number).into()),
    }
}

/// Values of a repeated filter. Unspecified ones say nothing.
fn each<T: Ord>(
    numbers: &[i32],
    read: impl Fn(i32) -> Result<Option<T>, Invalid>,
) -> Result<BTreeSet<T>, Invalid> {
    numbers.iter().filter_map(|number| read(*number).transpose()).collect()
}

fn unknown(field: &'static str, number: i32) -> Invalid {
    Invalid::wrong_type(field, format!("{number} is not a value of this parameter"))
}

fn status(number: i32) -> Result<Option<Status>, Invalid> {
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

fn notice_type(number: i32) -> Result<Option<NoticeType>, Invalid> {
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
        let ask = ask(&pb::SearchNoticesRequest { status: vec![0], ..Default::default() }).unwrap();
        assert!(!ask.query.is_filtered());
        assert_eq!((ask.window.page(), ask.window.hits_per_page()), (1, 100));
    }
}
