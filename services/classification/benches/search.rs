//! How long a search takes, in lists as large as the real ones.
//!
//! The lists are generated, so that the figures can be repeated anywhere: CPV with 9,400 codes whose labels have two to
//! nine words of a vocabulary of some 4,600, and the embedded geography and occupations. `docs/SEARCH.md` has figures
//! of the real lists too.
#![expect(clippy::unwrap_used, reason = "a bench that cannot make its lists has nothing to measure")]

use std::hint::black_box;

use classification::domain::search::{Query, best, search};
use classification::domain::{CpvCode, Language, List, NutsCode, Row, Scheme, StyrkCode};
use classification::source::embedded;
use criterion::Criterion;

const HEADS: [&str; 24] = [
    "bygg",
    "data",
    "drift",
    "fjern",
    "gass",
    "helse",
    "jord",
    "kjøre",
    "kontor",
    "kraft",
    "luft",
    "maskin",
    "mat",
    "metall",
    "møbel",
    "olje",
    "papir",
    "renhold",
    "sikring",
    "skole",
    "transport",
    "vann",
    "vei",
    "verktøy",
];
const TAILS: [&str; 24] = [
    "anlegg",
    "arbeid",
    "artikler",
    "bygning",
    "deler",
    "drift",
    "fartøy",
    "installasjon",
    "kabler",
    "ledninger",
    "maskiner",
    "materiell",
    "midler",
    "program",
    "rådgivning",
    "reparasjon",
    "skap",
    "system",
    "tilbehør",
    "tjenester",
    "transport",
    "utleie",
    "utstyr",
    "vedlikehold",
];
const ENDINGS: [&str; 8] = ["", "er", "ene", "s", "e", "et", "en", "erne"];

fn cpv() -> List<CpvCode> {
    let mut random = fastrand::Rng::with_seed(3);
    let mut label = || {
        let count = random.usize(2..=9);
        let mut word = || {
            let head = random.choice(HEADS).unwrap_or_default();
            let tail = random.choice(TAILS).unwrap_or_default();
            format!("{head}{tail}{}", random.choice(ENDINGS).unwrap_or_default())
        };
        (0..count).map(|_| word()).collect::<Vec<_>>().join(" ")
    };
    let divisions = (10..=56).map(|division| format!("{division}000000"));
    let below =
        (10..=56).flat_map(|division| (1..200).map(move |rest| format!("{division}{:06}", rest * 5000 + 11)));
    let rows = divisions.chain(below).map(|code| Row::new(code, label()).english(&label()));
    List::build(rows.collect::<Vec<_>>()).unwrap()
}

fn benches(criterion: &mut Criterion) {
    let cpv = cpv();
    let nuts: List<NutsCode> = List::build(embedded::rows(Scheme::Nuts).unwrap()).unwrap();
    let styrk: List<StyrkCode> = List::build(embedded::rows(Scheme::Styrk).unwrap()).unwrap();
    let mut group = criterion.benchmark_group("search");
    for (name, text) in [
        ("code prefix", "45"),
        ("one letter", "v"),
        ("two letters", "ve"),
        ("word", "renhold"),
        ("compound", "vedlikeholdsprogram"),
        ("misspelt", "vedlkehold"),
        ("three words", "drift av skole og transport"),
        ("nothing", "qqqqqqqqqq"),
    ] {
        let run = || {
            let query = Query::new(black_box(text), Language::Nb, None).unwrap();
            let mut hits = search(&cpv, &query, None);
            hits.extend(search(&nuts, &query, None));
            hits.extend(search(&styrk, &query, None));
            best(hits, &query)
        };
        group.bench_function(name, |bencher| bencher.iter(run));
    }
    group.finish();
    criterion.bench_function("search/index of a list", |bencher| {
        bencher.iter(|| classification::domain::search::Index::new(cpv.entries()));
    });
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    benches(&mut criterion);
    criterion.final_summary();
}
