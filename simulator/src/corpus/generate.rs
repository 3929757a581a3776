//! Fills a corpus with nearly ten years of notices, in the order they were sent in.

use std::collections::VecDeque;

use jiff::civil::{Date, Weekday, date};
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::Corpus;
use crate::clock;
use crate::notice::{Notice, Type};

/// Notices published in each year, as counted on the real service; later years are taken to have 17,000.
const PER_YEAR: [(i16, u32); 9] = [
    (2017, 14_202),
    (2018, 15_019),
    (2019, 16_123),
    (2020, 16_515),
    (2021, 17_545),
    (2022, 17_596),
    (2023, 17_824),
    (2024, 15_956),
    (2025, 16_330),
];

/// Types so rare that a small corpus needs them by plan rather than by chance.
const RARE: [Type; 5] = [
    Type::NoticeOnBuyerProfile,
    Type::ChangeOfConclusionOfContract,
    Type::QualificationScheme,
    Type::DynamicPurchasingScheme,
    Type::PreAnnouncement,
];

/// Adds `count` notices that end with the day before `now`, so that all of a day the same seed gives the same ones.
pub(super) fn fill(corpus: &mut Corpus, count: usize, now: Timestamp) {
    let now = clock::midnight(clock::day_of(now));
    let promised = (count / 100).clamp(1, 12).min(count);
    let mut moments: Vec<(Timestamp, bool)> =
        (0..count - promised).map(|_| (moment(corpus, now), false)).collect();
    for number in 0..promised {
        let hours = 50 + 37 * i64::try_from(number).unwrap_or(0);
        moments.push((back(now, hours), true));
    }
    moments.sort_unstable();
    let mut pending = Pending::default();
    for (index, (issued, promised)) in moments.into_iter().enumerate() {
        let notice =
            if promised { promise(corpus, issued, now) } else { pending.next(corpus, index, issued) };
        pending.remember(&notice);
        corpus.insert(notice);
    }
}

fn back(now: Timestamp, hours: i64) -> Timestamp {
    now.checked_sub(SignedDuration::from_hours(hours)).unwrap_or(now)
}

/// A competition that is open, published, in Oslo and about artificial intelligence.
fn promise(corpus: &mut Corpus, issued: Timestamp, now: Timestamp) -> Notice {
    let mut notice = corpus.author.intelligence(issued);
    let days = corpus.author.facts.random.i64(6..40);
    let noon = (now.as_second().div_euclid(86_400) + days) * 86_400 + 36_000;
    notice.deadline = Timestamp::from_second(noon).ok();
    notice.published = clock::day_of(issued).saturating_add(1.day());
    notice.life.visible_from = clock::midnight(notice.published);
    notice
}

/// A moment of dispatch before `now`: years by their counts, weekdays before weekends, few in July.
fn moment(corpus: &mut Corpus, now: Timestamp) -> Timestamp {
    let facts = &mut corpus.author.facts;
    let today = clock::day_of(now);
    let elapsed = u32::try_from(today.day_of_year()).unwrap_or(1);
    let years: Vec<(i16, u32)> = (2017..=today.year())
        .map(|year| {
            let known = PER_YEAR.iter().find(|(known, _)| *known == year);
            let whole = known.map_or(17_000, |(_, count)| *count);
            (year, if year == today.year() { whole * elapsed / 365 } else { whole })
        })
        .collect();
    let mut roll = facts.random.u32(..years.iter().map(|(_, weight)| weight).sum::<u32>().max(1));
    let mut picked = 2017;
    for (year, weight) in years {
        picked = year;
        if roll < weight {
            break;
        }
        roll -= weight;
    }
    loop {
        let day: Date = date(picked, 1, 1).saturating_add(i64::from(facts.random.u16(1..365)).days());
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        if day >= today || (weekend && !facts.chance(70)) || (day.month() == 7 && facts.chance(400)) {
            // Early in January of the first year nothing else may be left.
            if day.day_of_year() > 3 || today > date(picked, 1, 7) {
                continue;
            }
        }
        return facts.office_hour(day.min(today)).min(back(now, 1));
    }
}

/// What later notices can refer to.
#[derive(Debug, Default)]
struct Pending {
    competitions: VecDeque<String>,
    awards: VecDeque<String>,
}

impl Pending {
    fn remember(&mut self, notice: &Notice) {
        let (queue, limit) = match notice.kind {
            Type::AnnouncementOfCompetition => (&mut self.competitions, 15_000),
            Type::AnnouncementOfConclusionOfContract => (&mut self.awards, 100),
            _ => return,
        };
        queue.push_back(notice.id.clone());
        if queue.len() > limit {
            queue.pop_front();
        }
    }

    fn next(&mut self, corpus: &mut Corpus, index: usize, issued: Timestamp) -> Notice {
        let kind = kind(corpus, index);
        let first_year = clock::day_of(issued).year() == 2017;
        match kind {
            Type::AnnouncementOfConclusionOfContract | Type::CancelledOrMissingConclusionOfContract
                if first_year =>
            {
                corpus.author.compose(Type::AnnouncementOfCompetition, issued)
            }
            Type::AnnouncementOfConclusionOfContract | Type::CancelledOrMissingConclusionOfContract => {
                self.result(corpus, kind, issued)
            }
            Type::ChangeOfConclusionOfContract => {
                match self.awards.pop_front().and_then(|id| corpus.get(&id).cloned()) {
                    Some(award) => corpus.author.result(&award, kind, issued, true),
                    None => corpus.author.compose(kind, issued),
                }
            }
            Type::AnnouncementOfCompetition if corpus.author.facts.chance(80) => {
                self.correction(corpus, issued)
            }
            _ => corpus.author.compose(kind, issued),
        }
    }

    /// An award or cancellation of a competition whose deadline passed; the link is often left out.
    fn result(&mut self, corpus: &mut Corpus, kind: Type, issued: Timestamp) -> Notice {
        let ready = |corpus: &Corpus, id: &String| {
            corpus.get(id).is_some_and(|notice| {
                let waited = issued.duration_since(notice.issued).as_hours() / 24;
                notice.life.superseded.is_none() && (45..400).contains(&waited)
            })
        };
        let too_old = |id: &String| {
            corpus.get(id).is_none_or(|notice| issued.duration_since(notice.issued).as_hours() > 24 * 400)
        };
        while self.competitions.front().is_some_and(too_old) {
            self.competitions.pop_front();
        }
        let Some(first) = self.competitions.iter().position(|id| ready(corpus, id)) else {
            return corpus.author.compose(kind, issued);
        };
        let later = (first + corpus.author.facts.random.usize(..20)).min(self.competitions.len() - 1);
        let place = if ready(corpus, &self.competitions[later]) { later } else { first };
        let competition = self.competitions.remove(place).and_then(|id| corpus.get(&id).cloned());
        let Some(competition) = competition.filter(|notice| notice.deadline.is_none_or(|at| at < issued))
        else {
            return corpus.author.compose(kind, issued);
        };
        let linked = corpus.author.facts.chance(if competition.is_native() { 700 } else { 120 });
        let result = corpus.author.result(&competition, kind, issued, linked);
        if linked && let Some(competition) = corpus.get_mut(&competition.id) {
            let life = &mut competition.life;
            let event = if kind == Type::AnnouncementOfConclusionOfContract {
                &mut life.awarded
            } else {
                &mut life.cancelled
            };
            *event = Some(result.life.visible_from);
        }
        result
    }

    /// A corrected version of a competition of the last weeks, which then disappears from search.
    fn correction(&mut self, corpus: &mut Corpus, issued: Timestamp) -> Notice {
        let recent = self.competitions.iter().rev().take(200).find(|id| {
            corpus.get(id).is_some_and(|notice| {
                let age = issued.duration_since(notice.issued).as_hours();
                (48..24 * 40).contains(&age)
                    && notice.life.superseded.is_none()
                    && notice.deadline.is_some_and(|deadline| deadline > issued)
            })
        });
        let Some(former) = recent.and_then(|id| corpus.get(id).cloned()) else {
            return corpus.author.compose(Type::AnnouncementOfCompetition, issued);
        };
        let mut correction = corpus.author.correction(&former, issued);
        if correction.life.visible_from < former.life.visible_from {
            correction.published = former.published;
            correction.life.visible_from = former.life.visible_from;
        }
        if corpus.author.facts.chance(50) {
            // Without BT-758 nothing is replaced, and both stay visible.
            correction.links.changes = None;
        } else if let Some(former) = corpus.get_mut(&former.id) {
            former.life.superseded = Some(correction.life.visible_from);
        }
        correction
    }
}

/// The next notice's type, with the shares of the real service.
fn kind(corpus: &mut Corpus, index: usize) -> Type {
    if index % 50 == 7 {
        return RARE[index / 50 % RARE.len()];
    }
    match corpus.author.facts.random.u16(..1_000) {
        0..645 => Type::AnnouncementOfCompetition,
        645..729 => Type::AdvisoryNotice,
        729..924 => Type::AnnouncementOfConclusionOfContract,
        924..976 => Type::CancelledOrMissingConclusionOfContract,
        _ => Type::AnnouncementOfIntent,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::lists::{Lists, Vocabulary};
    use crate::notice::Status;

    fn corpus(count: usize, seed: u64) -> (Corpus, Timestamp) {
        let now = "2026-11-23T12:00:00Z".parse().unwrap();
        (Corpus::generate(count, seed, Vocabulary::new(&Lists::default().cpv), now), now)
    }

    #[test]
    fn the_same_seed_gives_the_same_notices_and_another_seed_others() {
        let (first, second, other) = (corpus(600, 4).0, corpus(600, 4).0, corpus(600, 5).0);
        let ids =
            |corpus: &Corpus| corpus.all().iter().map(|notice| notice.haystack.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&first), ids(&second));
        assert_ne!(ids(&first), ids(&other));
    }

    #[test]
    fn the_time_of_day_changes_nothing() {
        let vocabulary = || Vocabulary::new(&Lists::default().cpv);
        let at = |time: &str| {
            Corpus::generate(300, 1, vocabulary(), format!("2026-11-23T{time}Z").parse().unwrap())
        };
        let (morning, evening) = (at("06:00:00.5"), at("21:00:00"));
        for (left, right) in morning.all().iter().zip(evening.all()) {
            assert_eq!((&left.id, left.issued, left.deadline), (&right.id, right.issued, right.deadline));
            assert_eq!(left.issued.subsec_nanosecond(), 0);
        }
    }

    #[test]
    fn every_type_and_status_occurs_in_about_its_real_share() {
        let (corpus, now) = corpus(5_000, 1);
        assert_eq!(corpus.all().len(), 5_000);
        let mut types: HashMap<Type, usize> = HashMap::new();
        for notice in corpus.all() {
            *types.entry(notice.kind).or_default() += 1;
        }
        assert_eq!(types.len(), 10);
        assert!((2_900..3_600).contains(&types[&Type::AnnouncementOfCompetition]), "{types:?}");
        assert!((750..1_150).contains(&types[&Type::AnnouncementOfConclusionOfContract]), "{types:?}");
        for status in [Status::Active, Status::Expired, Status::Awarded, Status::Cancelled] {
            let count = corpus
                .all()
                .iter()
                .filter(|notice| notice.visible(now) && notice.status(now) == Some(status));
            assert!(count.count() >= 20, "{status:?}");
        }
        assert!(corpus.all().iter().filter(|notice| notice.life.superseded.is_some()).count() > 100);
    }

    #[test]
    fn open_competitions_about_artificial_intelligence_in_oslo_are_promised() {
        for count in [1, 60, 5_000] {
            let (corpus, now) = corpus(count, 2);
            let found = corpus.all().iter().filter(|notice| {
                notice.status(now) == Some(Status::Active)
                    && notice.visible(now)
                    && notice.haystack.contains("kunstig intelligens")
                    && notice.locations.iter().any(|code| code == "NO081")
            });
            assert!(found.count() >= 1);
        }
    }

    #[test]
    fn nothing_is_sent_in_later_than_now_or_published_before_it_was_sent_in() {
        let (corpus, now) = corpus(2_000, 3);
        for notice in corpus.all() {
            assert!(notice.issued <= now);
            assert!(notice.published >= clock::day_of(notice.issued));
            assert!(!notice.cpv.is_empty());
        }
    }
}
