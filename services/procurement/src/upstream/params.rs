//! The parameters of a search. Doffin ignores names it does not know and answers everything, so there is
//! no way here to write another name.

use url::{Url, form_urlencoded};

use super::PageNumber;
use crate::domain::Query;

/// The names Doffin knows.
#[derive(Debug, Clone, Copy)]
enum Name {
    SearchString,
    Type,
    Status,
    CpvCode,
    Location,
    IssueDateFrom,
    IssueDateTo,
    EstimatedValueFrom,
    EstimatedValueTo,
    SortBy,
    Page,
    NumHitsPerPage,
}

impl Name {
    fn as_str(self) -> &'static str {
        match self {
            Self::SearchString => "searchString",
            Self::Type => "type",
            Self::Status => "status",
            Self::CpvCode => "cpvCode",
            Self::Location => "location",
            Self::IssueDateFrom => "issueDateFrom",
            Self::IssueDateTo => "issueDateTo",
            Self::EstimatedValueFrom => "estimatedValueFrom",
            Self::EstimatedValueTo => "estimatedValueTo",
            Self::SortBy => "sortBy",
            Self::Page => "page",
            Self::NumHitsPerPage => "numHitsPerPage",
        }
    }
}

/// Writes a search into a URL's query.
pub(super) fn encode(query: &Query, page: PageNumber, url: &mut Url) {
    let mut pairs = url.query_pairs_mut();
    write(query, page, |name, value| {
        pairs.append_pair(name.as_str(), value);
    });
}

/// Writes a search as text.
pub(super) fn text(query: &Query, page: PageNumber) -> String {
    let mut text = form_urlencoded::Serializer::new(String::new());
    write(query, page, |name, value| {
        text.append_pair(name.as_str(), value);
    });
    text.finish()
}

fn write(query: &Query, page: PageNumber, mut pair: impl FnMut(Name, &str)) {
    if let Some(words) = &query.words {
        pair(Name::SearchString, words.as_str());
    }
    for kind in &query.types {
        pair(Name::Type, kind.as_str());
    }
    for status in &query.statuses {
        pair(Name::Status, status.as_str());
    }
    for code in &query.cpv {
        pair(Name::CpvCode, code.as_str());
    }
    for location in &query.locations {
        pair(Name::Location, location);
    }
    for (name, day) in [(Name::IssueDateFrom, query.issued.from), (Name::IssueDateTo, query.issued.to)] {
        if let Some(day) = day {
            pair(name, &day.to_string());
        }
    }
    for (name, value) in
        [(Name::EstimatedValueFrom, query.value.from), (Name::EstimatedValueTo, query.value.to)]
    {
        if let Some(value) = value {
            pair(name, &value.to_string());
        }
    }
    pair(Name::SortBy, query.order().as_str());
    pair(Name::Page, &page.number.to_string());
    pair(Name::NumHitsPerPage, &page.size.to_string());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CpvCode, DateRange, NoticeType, Status, ValueRange, Words};

    #[test]
    fn a_full_search_is_written_with_repeated_and_escaped_values() {
        let query = Query {
            words: Words::parse("vei & bru").unwrap(),
            cpv: [CpvCode::parse("72").unwrap(), CpvCode::parse("45000000-7").unwrap()].into(),
            locations: ["NO0A1".to_owned(), "anyw".to_owned()].into(),
            statuses: [Status::Active].into(),
            types: [NoticeType::Result].into(),
            issued: DateRange::parse("2026-01-01", "2026-02-01").unwrap(),
            value: ValueRange::new(Some(1e21), Some(2.5e21)).unwrap(),
            refine: crate::domain::Refine::default(),
            sort: None,
        };
        assert_eq!(
            text(&query, PageNumber { size: 100, number: 2 }),
            "searchString=vei+%26+bru&type=RESULT&status=ACTIVE&cpvCode=45000000&cpvCode=72000000\
             &location=NO0A1&location=anyw&issueDateFrom=2026-01-01&issueDateTo=2026-02-01\
             &estimatedValueFrom=1000000000000000000000&estimatedValueTo=2500000000000000000000\
             &sortBy=RELEVANCE&page=2&numHitsPerPage=100"
        );
    }

    #[test]
    fn what_is_not_asked_is_not_sent() {
        let text = text(&Query::default(), PageNumber { size: 15, number: 1 });
        assert_eq!(text, "sortBy=PUBLICATION_DATE_DESC&page=1&numHitsPerPage=15");
    }
}
