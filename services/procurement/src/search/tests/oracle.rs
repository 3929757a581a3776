//! Whatever is asked, the index answers what going through all notices one by one gives.

use std::collections::{BTreeMap, BTreeSet};

use tantivy::fieldnorm::FieldNormReader;
use tantivy::query::Bm25Weight;

use super::make::{Made, find, now, numbers, one, random, words};
use crate::domain::{Query, Seq, SortBy, status};
use crate::search::analysis::Reading;
use crate::search::fold::{Folded, words as words_of};
use crate::search::plan::{Clause, Plan};
use crate::search::{Entry, Facet, Find};

/// Words of most notices, of some and of few; pairs of the first ones are indexed.
const WORDS: [&str; 16] = [
    "og",
    "i",
    "av",
    "på",
    "leverandøren",
    "kommunen",
    "avtaler",
    "krav",
    "vei",
    "veier",
    "bru",
    "skolen",
    "IKT",
    "båter",
    "helsebygg",
    "2026",
];
const RARE: [&str; 6] = ["tunnel", "museum", "helikopter", "å", "helsevesen", "orgel"];

/// A notice as whoever reads it sees it.
struct Read {
    entry: Entry,
    /// Its texts, the heading first; the stems of each word.
    texts: Vec<Vec<[Option<String>; 2]>>,
    forms: BTreeSet<String>,
}

impl Read {
    fn new(entry: Entry) -> Self {
        let hit = &entry.stored.hit;
        let organizations = hit.buyers.iter().chain(hit.lots.iter().flat_map(|lot| &lot.winners));
        let mut texts = vec![hit.heading.clone()];
        let names = organizations.clone().map(|of| of.name.clone());
        let given =
            organizations.filter_map(|of| of.number.as_ref().map(|number| number.as_str().to_owned()));
        for text in [hit.description.clone()].into_iter().chain(names).chain(given) {
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        let mut forms = BTreeSet::new();
        let stems = texts.iter().map(|text| {
            let words = words_of(text).map(|(from, to)| &text[from..to]);
            words
                .map(|word| {
                    let Folded { long, plain } = Folded::new(word);
                    forms.extend([Some(long), plain].into_iter().flatten());
                    Reading::Stems.of(word)
                })
                .collect()
        });
        let texts = stems.collect();
        Self { entry, texts, forms }
    }

    /// How often a stem is read; the heading is read three times.
    fn frequency(&self, stem: &str) -> u32 {
        let times = [3].into_iter().chain(std::iter::repeat(1));
        let count = |text: &Vec<[Option<String>; 2]>| {
            text.iter().flatten().flatten().filter(|other| *other == stem).count()
        };
        self.texts.iter().zip(times).map(|(text, times)| u32::try_from(count(text)).unwrap() * times).sum()
    }

    fn length(&self) -> u32 {
        let times = [3].into_iter().chain(std::iter::repeat(1));
        let count = |text: &Vec<[Option<String>; 2]>| text.iter().flatten().flatten().count();
        self.texts.iter().zip(times).map(|(text, times)| u32::try_from(count(text)).unwrap() * times).sum()
    }

    fn near(&self, stems: &[String]) -> bool {
        let at = |word: &[Option<String>; 2], stem: &String| word.iter().flatten().any(|other| other == stem);
        let here =
            |window: &[[Option<String>; 2]]| window.iter().zip(stems).all(|(word, stem)| at(word, stem));
        self.texts.iter().any(|text| text.windows(stems.len()).any(here))
    }

    fn holds(&self, clause: &Clause) -> bool {
        match clause {
            Clause::Word(stem) => self.frequency(stem) > 0,
            Clause::Phrase(stems) => self.near(stems),
            Clause::Beginning { form, stem } => {
                self.frequency(stem) > 0 || self.forms.iter().any(|other| other.starts_with(form))
            }
            Clause::Notice { id, mention } => self.entry.stored.hit.id == *id || self.near(mention),
        }
    }

    fn matches(&self, plan: &Plan) -> bool {
        let stored = &self.entry.stored;
        let unwanted = |group: &Vec<Clause>| group.iter().all(|clause| self.holds(clause));
        (stored.listed && stored.superseded_by.is_none())
            && plan.wanted.iter().all(|clause| self.holds(clause))
            && !plan.unwanted.iter().any(unwanted)
    }

    fn number(&self) -> u32 {
        self.entry.stored.hit.id.as_str()[5..].parse().unwrap()
    }
}

fn notice(number: u32, seed: u64) -> Entry {
    let mut rng = fastrand::Rng::with_seed(seed * 7_919 + u64::from(number));
    let mut entry = random(number, seed);
    let mut text = |most: usize| {
        let count = rng.usize(1..most);
        let word = |rng: &mut fastrand::Rng| {
            if rng.u8(0..150) == 0 {
                *one(rng, &RARE)
            } else {
                WORDS[rng.usize(..WORDS.len()).min(rng.usize(..32))]
            }
        };
        (0..count).map(|_| word(&mut rng)).collect::<Vec<_>>().join(" ")
    };
    (entry.stored.hit.heading, entry.stored.hit.description) = (text(6), text(50));
    entry
}

fn question(rng: &mut fastrand::Rng) -> String {
    let word = |rng: &mut fastrand::Rng| if rng.u8(0..4) == 0 { *one(rng, &RARE) } else { *one(rng, &WORDS) };
    let piece = |rng: &mut fastrand::Rng| {
        let text = match rng.u8(0..6) {
            0..2 => word(rng).to_owned(),
            2..5 => {
                let words: Vec<&str> = (0..rng.usize(2..4)).map(|_| word(rng)).collect();
                format!("\"{}\"", words.join(" "))
            }
            _ => format!("{}*", ["hel", "vei", "lev", "kom", "2026", "tun"][rng.usize(..6)]),
        };
        if rng.u8(0..5) == 0 { format!("-{text}") } else { text }
    };
    (0..rng.usize(0..4)).map(|_| piece(rng)).collect::<Vec<_>>().join(" ")
}

/// The score of a notice: that of BM25, summed in the order of the words.
fn scores(all: &[Read], plan: &Plan) -> impl Fn(&Read) -> f32 {
    let notices = all.len() as u64;
    let words: u64 = all.iter().map(|read| u64::from(read.length())).sum();
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a few thousand words")]
    let average = (words as f64 / notices as f64) as f32;
    let weight = |stem: String| {
        let with = all.iter().filter(|read| read.frequency(&stem) > 0).count() as u64;
        (Bm25Weight::for_one_term_without_explain(with, notices, average), stem)
    };
    let weights: Vec<_> = plan.scored().into_iter().map(weight).collect();
    move |read| {
        let length = FieldNormReader::fieldnorm_to_id(read.length());
        let of = weights.iter().filter(|(_, stem)| read.frequency(stem) > 0);
        of.fold(0.0, |sum, (weight, stem)| sum + weight.score(length, read.frequency(stem)))
    }
}

fn count(found: &[&Read], values: impl Fn(&Read) -> Vec<String>) -> Vec<(String, usize)> {
    let mut counts = BTreeMap::new();
    for read in found {
        for value in values(read).into_iter().collect::<BTreeSet<_>>() {
            *counts.entry(value).or_default() += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|a: &(String, usize), b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts
}

fn compare(made: &Made, all: &[Read], text: &str, order: SortBy) -> usize {
    let query = Query { sort: Some(order), ..words(text) };
    let plan = Plan::new(query.words.as_ref());
    let facets = vec![Facet::Type, Facet::CpvDivision, Facet::Location, Facet::Status, Facet::Year];
    let found = made.index.find(&Find { facets, ..find(query) }).unwrap();
    let mut expected: Vec<&Read> = all.iter().filter(|read| read.matches(&plan)).collect();
    let score = scores(all, &plan);
    match order {
        SortBy::Relevance => {
            expected.sort_by(|a, b| score(b).total_cmp(&score(a)).then_with(|| b.number().cmp(&a.number())));
        }
        _ => expected.sort_by_key(|read| std::cmp::Reverse((read.entry.stored.hit.published, read.number()))),
    }
    let ids: Vec<u32> = expected.iter().map(|read| read.number()).collect();
    assert_eq!((found.total, numbers(&found)), (ids.len(), ids), "{text:?} by {order:?}");
    let value = |facet: Facet, read: &Read| -> Vec<String> {
        let hit = &read.entry.stored.hit;
        match facet {
            Facet::Type => vec![hit.kind.clone()],
            Facet::CpvDivision => hit.cpv.iter().map(|code| format!("{}000000", &code[..2])).collect(),
            Facet::Location => hit.locations.clone(),
            Facet::Status => {
                status(&read.entry.stored, now()).map(|s| s.as_str().to_owned()).into_iter().collect()
            }
            _ => hit.published.map(|day| day.year().to_string()).into_iter().collect(),
        }
    };
    for (facet, counts) in found.facets {
        assert_eq!(counts, count(&expected, |read| value(facet, read)), "{facet:?} of {text:?}");
    }
    found.total
}

#[test]
fn every_answer_is_that_of_going_through_all_notices() {
    let mut rng = fastrand::Rng::with_seed(41);
    let entries: Vec<Entry> = (1..=900).map(|number| notice(number, 6)).collect();
    let made = Made::of(&entries[..500]);
    made.index.apply(&entries[500..800], entries[799].stored.first_seq).unwrap();
    made.index.apply(&entries[800..], entries[899].stored.first_seq).unwrap();
    let mut all: Vec<Read> = entries.into_iter().map(Read::new).collect();
    let mut sizes = BTreeSet::new();
    for _ in 0..250 {
        let text = question(&mut rng);
        sizes.insert(compare(&made, &all, &text, SortBy::Relevance));
    }
    assert!(sizes.len() > 50 && sizes.first() == Some(&0) && sizes.last() > Some(&700), "{sizes:?}");
    // Some are replaced: what was kept in memory of their segments must not show them any more.
    for round in 0..3 {
        let changed: Vec<Entry> =
            (1..=900).step_by(7 + round).map(|n| notice(n, 60 + round as u64)).collect();
        made.index.apply(&changed, Seq(900)).unwrap();
        for entry in changed {
            let at = entry.stored.first_seq.0 - 1;
            all[usize::try_from(at).unwrap()] = Read::new(entry);
        }
        for _ in 0..80 {
            compare(&made, &all, &question(&mut rng), SortBy::PublicationDateDesc);
        }
    }
}
