//! Kinds of questions, and how long each takes.

use std::time::{Duration, Instant};

use crate::corpus::Author;
use crate::domain::{CpvCode, NoticeType, Query, SortBy, Status, Words};
use crate::search::{Dimension, Facet, Find, Index, Paging};
use crate::took::Took;

/// How often each question is asked before times are taken, and then.
const WARMING: usize = 20;
const TIMES: usize = 300;

/// Five facets.
const FACETS: [Facet; 5] = [Facet::Type, Facet::Status, Facet::CpvDivision, Facet::Location, Facet::Buyer];

/// Asks for the so-manieth time; gives the matches.
type Ask = Box<dyn Fn(&Index, usize) -> usize>;

/// One kind of question.
pub(crate) struct Class {
    /// What it is, as the table says it.
    pub(crate) name: &'static str,
    ask: Ask,
}

impl Class {
    /// Asks and takes the time.
    pub(crate) fn measure(&self, index: &Index) -> Took {
        let mut matches = 0;
        let mut ask = |round| {
            let begun = Instant::now();
            matches = (self.ask)(index, round);
            begun.elapsed()
        };
        let first = ask(0);
        (1..WARMING).for_each(|round| _ = ask(round));
        let busy = processor_time();
        let mut times: Vec<Duration> = (WARMING..WARMING + TIMES).map(ask).collect();
        let busy = processor_time().saturating_sub(busy) / u32::try_from(TIMES).unwrap_or(1);
        times.sort_unstable();
        Took {
            name: self.name.to_owned(),
            matches,
            first,
            least: times[0],
            p50: times[TIMES / 2],
            p99: times[TIMES * 99 / 100],
            busy,
        }
    }
}

/// Processor time of this thread so far; none where the system does not tell.
fn processor_time() -> Duration {
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = statistics.split(' ').next().and_then(|number| number.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}

/// All kinds of questions.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(crate) fn classes(author: &Author) -> Vec<Class> {
    let now = author.now;
    let find = move |query: Query, facets: &[Facet]| Find {
        query,
        now,
        paging: Paging::Offset { skip: 0, take: 20 },
        facets: facets.to_vec(),
    };
    // Words of about the same rank, so that no two questions in a row are the same.
    let ranks = |from: usize| {
        (from..from + 10).step_by(3).map(|rank| author.word(rank).to_owned()).collect::<Vec<_>>()
    };
    let class = move |name, texts: Vec<String>, sort: Option<SortBy>, facets: &'static [Facet]| {
        let queries: Vec<Query> = texts
            .iter()
            .map(|text| Query { words: Words::parse(text).unwrap_or_default(), sort, ..Query::default() })
            .collect();
        let ask = move |index: &Index, round: usize| {
            let query = queries[round % queries.len()].clone();
            index.find(&find(query, facets)).map_or(0, |found| found.total)
        };
        Class { name, ask: Box::new(ask) }
    };
    let pairs = |one: Vec<String>, two: Vec<String>, form: fn(&str, &str) -> String| {
        one.iter().zip(&two).map(|(one, two)| form(one, two)).collect::<Vec<_>>()
    };
    let (commonest, common, rare) = (vec![author.word(0).to_owned()], ranks(12), ranks(20_000));
    let and = |one: &str, two: &str| format!("{one} {two}");
    let narrow = Query {
        types: [NoticeType::Competition].into(),
        statuses: [Status::Active].into(),
        cpv: CpvCode::parse("72").into_iter().collect(),
        locations: ["NO08".to_owned(), "anyw".to_owned()].into(),
        sort: Some(SortBy::Deadline),
        ..Query::default()
    };
    let expired = Query { statuses: [Status::Expired].into(), ..Query::default() };
    let filtered = |name, query: Query| Class {
        name,
        ask: Box::new(move |index: &Index, _| {
            index.find(&find(query.clone(), &FACETS)).map_or(0, |found| found.total)
        }),
    };
    let statistics = |name, by| Class {
        name,
        ask: Box::new(move |index: &Index, _| {
            index.stats(&Query::default(), now, by, 100).map_or(0, |stats| stats.total)
        }),
    };
    let deep = Query { words: Words::parse(author.word(0)).unwrap_or_default(), ..Query::default() };
    let cursor = Class {
        name: "commonest word, by relevance, a page by cursor",
        ask: Box::new(move |index: &Index, _| {
            let mut find = find(deep.clone(), &[]);
            let first = index.find(&find).unwrap_or_default();
            find.paging = Paging::After { cursor: first.next.unwrap_or_default(), take: 20 };
            index.find(&find).map_or(0, |found| found.total)
        }),
    };
    vec![
        class("rare word, by relevance", rare.clone(), None, &[]),
        class("common word, by relevance", common.clone(), None, &[]),
        class("common word, 5 facets", common.clone(), None, &FACETS),
        class("commonest word, by relevance", commonest.clone(), None, &[]),
        class("commonest word, newest first", commonest.clone(), Some(SortBy::PublicationDateDesc), &[]),
        class("commonest word, 5 facets", commonest.clone(), None, &FACETS),
        class("two common words, 5 facets", pairs(ranks(20), ranks(30), and), None, &FACETS),
        class("four common words", vec!["og avtalen skal leverandøren".to_owned()], None, &[]),
        class(
            "two words side by side",
            pairs(ranks(20), ranks(30), |a, b| format!("\"{a} {b}\"")),
            None,
            &[],
        ),
        class("the commonest words side by side", vec!["\"og i\"".to_owned()], None, &[]),
        class(
            "the commonest word and another side by side",
            pairs(vec!["og".to_owned(); 4], ranks(45), |a, b| format!("\"{a} {b}\"")),
            None,
            &[],
        ),
        class(
            "beginning of five letters",
            vec!["helse*".into(), "vannt*".into(), "skole*".into()],
            None,
            &[],
        ),
        class("beginning of three letters", vec!["van*".into(), "bet*".into(), "kon*".into()], None, &[]),
        class("without a common word", common.iter().map(|word| format!("-{word}")).collect(), None, &[]),
        filtered("type, status, CPV, place; by deadline; 5 facets", narrow),
        filtered("expired ones, newest first, 5 facets", expired),
        filtered("everything, newest first, 5 facets", Query::default()),
        cursor,
        statistics("statistics of everything by month", Dimension::Month),
        statistics("statistics of everything by supplier", Dimension::Supplier),
    ]
}
