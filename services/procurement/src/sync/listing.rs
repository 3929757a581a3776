//! All notices of a range of days, proved whole: as many distinct ids as Doffin says there are.
//!
//! Doffin gives the first 1000 hits of a query and orders them by day only, so that pages repeat some notices
//! and lose others. A range that does not come out whole is cut until each part fits on one page; a day that
//! does not fit is asked for again with other page sizes, and then by kind of notice.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::Offset;
use tokio::time::Instant;

use super::week::{ahead, back, days};
use crate::domain::{CEILING, DateRange, Hit, NoticeId, NoticeType, Query, Status};
use crate::upstream::{Doffin, Error, Page, PageNumber, Urgency};

/// How long one request may take, waiting for its turn and trying again included.
const PATIENCE: Duration = Duration::from_secs(90);

/// The largest page that Doffin documents, and sizes to look from another side with.
pub(super) const PAGE: u32 = 100;
const OTHER_SIZES: [u32; 11] = [83, 71, 59, 47, 97, 89, 79, 73, 67, 61, 53];

/// Times a range is begun anew because its total changed while it was read.
const RESTARTS: u32 = 3;

/// Ranges of at most so many days are cut into days, not halves.
const SHORT: i64 = 14;

/// Kinds that are not groups of others.
const KINDS: [NoticeType; 10] = [
    NoticeType::AdvisoryNotice,
    NoticeType::NoticeOnBuyerProfile,
    NoticeType::PreAnnouncement,
    NoticeType::AnnouncementOfCompetition,
    NoticeType::DynamicPurchasingScheme,
    NoticeType::QualificationScheme,
    NoticeType::AnnouncementOfIntent,
    NoticeType::AnnouncementOfConclusionOfContract,
    NoticeType::ChangeOfConclusionOfContract,
    NoticeType::CancelledOrMissingConclusionOfContract,
];

/// What Doffin lists in a range of days.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// Each notice once, oldest publication first.
    pub(super) hits: Vec<Arc<Hit>>,
    /// How many there are, by Doffin's count.
    pub(super) total: u32,
    /// Whether that is what was found.
    pub(super) whole: bool,
    /// What is wrong if not, or what an operator may want to know.
    pub(super) note: Option<String>,
}

/// What to list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    /// First day of issue.
    pub(super) from: Date,
    /// Last day of issue.
    pub(super) to: Date,
    /// Only competitions of this status.
    pub(super) status: Option<Status>,
}

/// Notices found so far, out of so many.
#[derive(Debug, Default)]
struct Found {
    hits: HashMap<NoticeId, Arc<Hit>>,
    total: u32,
    unreadable: usize,
}

/// What became of a range.
enum Part {
    Whole(Found),
    /// It has to be cut.
    TooLarge,
    /// Cutting it did not help, or it would not hold still.
    Short(Found),
}

/// Lists a range.
pub(super) async fn list(doffin: &Doffin, range: Range) -> Result<Listing, Error> {
    let reader = Reader { doffin };
    let mut listing = Listing { whole: true, ..Listing::default() };
    let mut left = vec![range];
    let mut hits = HashMap::new();
    let mut unreadable = 0;
    while let Some(range) = left.pop() {
        let found = match reader.part(range).await? {
            Part::Whole(found) => found,
            Part::TooLarge => {
                left.extend(cut(range));
                continue;
            }
            Part::Short(found) => {
                listing.whole = false;
                let (held, total) = (found.hits.len(), found.total);
                listing.note = Some(format!("{} to {}: {held} of {total} found", range.from, range.to));
                found
            }
        };
        listing.total += found.total;
        unreadable += found.unreadable;
        hits.extend(found.hits);
    }
    if unreadable > 0 && listing.note.is_none() {
        listing.note = Some(format!("{unreadable} hits could not be read"));
    }
    listing.hits = oldest_first(hits);
    Ok(listing)
}

/// One page.
pub(super) async fn page(doffin: &Doffin, query: &Query, page: PageNumber) -> Result<Page, Error> {
    doffin.search_as(Urgency::Leftover, query, page, Instant::now() + PATIENCE).await
}

/// How many there are in a range.
pub(super) async fn count(doffin: &Doffin, range: Range) -> Result<u32, Error> {
    Ok(page(doffin, &query(range, None), PageNumber { size: 1, number: 1 }).await?.total)
}

/// Whether Doffin's search lists a notice.
pub(super) async fn find(doffin: &Doffin, id: &NoticeId) -> Result<Option<Arc<Hit>>, Error> {
    let query = Query { words: Some(id.into()), ..Query::default() };
    let page = page(doffin, &query, PageNumber { size: PAGE, number: 1 }).await?;
    Ok(page.hits.into_iter().find(|hit| hit.id == *id))
}

/// Notices by day of publication, then id: the order in which they enter the feed.
pub(super) fn oldest_first(hits: HashMap<NoticeId, Arc<Hit>>) -> Vec<Arc<Hit>> {
    let mut hits: Vec<_> = hits.into_values().collect();
    hits.sort_unstable_by(|left, right| (left.published, &left.id).cmp(&(right.published, &right.id)));
    hits
}

fn query(range: Range, kind: Option<NoticeType>) -> Query {
    Query {
        issued: DateRange { from: Some(range.from), to: Some(range.to) },
        statuses: range.status.into_iter().collect(),
        types: kind.into_iter().collect(),
        ..Query::default()
    }
}

/// A range of several days in parts, latest last.
fn cut(range: Range) -> Vec<Range> {
    let length = days(range.from, range.to);
    if length <= SHORT {
        let day = |offset| Range { from: ahead(range.from, offset), to: ahead(range.from, offset), ..range };
        return (0..length).map(day).collect();
    }
    let middle = ahead(range.from, length / 2);
    vec![Range { to: back(middle, 1), ..range }, Range { from: middle, ..range }]
}

struct Reader<'a> {
    doffin: &'a Doffin,
}

impl Reader<'_> {
    async fn part(&self, range: Range) -> Result<Part, Error> {
        let one_day = range.from == range.to;
        let query = query(range, None);
        let mut found = Found::default();
        for _ in 0..RESTARTS {
            found = Found::default();
            match self.read(&query, PAGE, &mut found).await? {
                Read::Through if found.is_whole() => return Ok(Part::Whole(found)),
                Read::Moved => {}
                Read::Through | Read::Ceiling if one_day => return self.day(range, found).await,
                Read::Through | Read::Ceiling => return Ok(Part::TooLarge),
            }
        }
        Ok(Part::Short(found))
    }

    /// A day that pages of one size do not show whole.
    async fn day(&self, range: Range, mut found: Found) -> Result<Part, Error> {
        if found.total <= CEILING {
            let whole = query(range, None);
            for size in OTHER_SIZES {
                let mut again = Found::default();
                let read = self.read(&whole, size, &mut again).await?;
                let same = again.total == found.total;
                found.hits.extend(again.hits);
                if !same || matches!(read, Read::Moved) {
                    // What was found before may be gone.
                    return Ok(Part::Short(found));
                }
                if found.is_whole() {
                    return Ok(Part::Whole(found));
                }
            }
        }
        for size in [PAGE].into_iter().chain(OTHER_SIZES) {
            for kind in KINDS {
                let mut some = Found::default();
                self.read(&query(range, Some(kind)), size, &mut some).await?;
                found.hits.extend(some.hits);
            }
            if found.is_whole() {
                return Ok(Part::Whole(found));
            }
        }
        Ok(Part::Short(found))
    }

    /// All pages of one size, as far as Doffin gives them.
    async fn read(&self, query: &Query, size: u32, found: &mut Found) -> Result<Read, Error> {
        let mut number = 1;
        loop {
            let page = page(self.doffin, query, PageNumber { size, number }).await?;
            within(query, &page)?;
            if number > 1 && page.total != found.total {
                return Ok(Read::Moved);
            }
            found.total = page.total;
            found.unreadable += page.unreadable;
            let empty = page.hits.is_empty() && page.unreadable == 0;
            found.hits.extend(page.hits.into_iter().map(|hit| (hit.id.clone(), hit)));
            if number == 1 && found.total > CEILING && query.types.is_empty() {
                return Ok(Read::Ceiling);
            }
            if empty || number * size >= found.total || (number + 1) * size > CEILING {
                return Ok(Read::Through);
            }
            number += 1;
        }
    }
}

/// How reading pages ended.
enum Read {
    /// With the last page there is.
    Through,
    /// At once: there are more than Doffin gives.
    Ceiling,
    /// Early: the total changed.
    Moved,
}

impl Found {
    fn is_whole(&self) -> bool {
        u32::try_from(self.hits.len() + self.unreadable).is_ok_and(|held| held == self.total)
    }
}

/// Doffin ignores filters it does not know; without this, a filter it stopped to know would look like a
/// mirror that lacks everything. A day's slack, because the zone of its days is not known.
fn within(query: &Query, page: &Page) -> Result<(), Error> {
    let DateRange { from: Some(from), to: Some(to) } = query.issued else { return Ok(()) };
    let day = |hit: &Hit| hit.issued.map(|issued| Offset::UTC.to_datetime(issued).date());
    let stray =
        page.hits.iter().find(|hit| day(hit).is_some_and(|day| day < back(from, 1) || day > ahead(to, 1)));
    match stray {
        None => Ok(()),
        Some(hit) => Err(Error::Failed {
            what: "the filter by day of issue does not work".to_owned(),
            detail: format!("notice {} is not from {from} to {to}", hit.id),
        }),
    }
}
