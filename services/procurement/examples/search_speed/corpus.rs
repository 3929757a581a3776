//! Notices by the hundred thousand: words with Norwegian parts and endings, drawn by Zipf's law.

use jiff::{Timestamp, ToSpan as _};

use crate::domain::{
    Facts, Hit, Identity, Lot, Money, NoticeId, OrgNumber, Organization, Rule, Seq, Stored, ValueKind, Valued,
};
use crate::search::Entry;

/// Words every text is full of, the commonest first.
const COMMON: [&str; 40] = [
    "og",
    "i",
    "av",
    "til",
    "for",
    "skal",
    "med",
    "er",
    "på",
    "som",
    "den",
    "det",
    "ved",
    "avtalen",
    "leverandøren",
    "oppdragsgiver",
    "kommunen",
    "anskaffelsen",
    "tjenester",
    "kontrakten",
    "konkurransen",
    "levering",
    "behov",
    "tilbud",
    "arbeidet",
    "anlegg",
    "drift",
    "vedlikehold",
    "prosjektet",
    "rammeavtale",
    "entreprise",
    "utstyr",
    "bygg",
    "vei",
    "vann",
    "skole",
    "helse",
    "systemet",
    "rådgivning",
    "opsjon",
];

/// First parts of compounds.
const FIRST: [&str; 80] = [
    "vann",
    "vei",
    "skole",
    "helse",
    "bygg",
    "drift",
    "brann",
    "barne",
    "syke",
    "data",
    "nett",
    "kraft",
    "avløps",
    "renholds",
    "mat",
    "kjøre",
    "buss",
    "båt",
    "ferge",
    "tunnel",
    "bru",
    "park",
    "idretts",
    "svømme",
    "kultur",
    "bibliotek",
    "museums",
    "arkiv",
    "lønns",
    "regnskaps",
    "økonomi",
    "revisjons",
    "juss",
    "tolke",
    "språk",
    "vikar",
    "bemannings",
    "kurs",
    "opplærings",
    "lege",
    "tannlege",
    "apotek",
    "medisin",
    "labor",
    "forsknings",
    "miljø",
    "klima",
    "energi",
    "varme",
    "kjøle",
    "ventilasjons",
    "elektro",
    "rør",
    "tak",
    "fasade",
    "grunn",
    "gravemaskin",
    "asfalt",
    "betong",
    "stål",
    "tre",
    "maler",
    "snekker",
    "låse",
    "sikkerhets",
    "vakt",
    "alarm",
    "kamera",
    "tele",
    "mobil",
    "program",
    "sky",
    "server",
    "lagrings",
    "skrive",
    "møbel",
    "kontor",
    "kantine",
    "avfalls",
    "gjenvinnings",
];

/// Last parts of compounds.
const LAST: [&str; 60] = [
    "tjeneste",
    "anlegg",
    "avtale",
    "utstyr",
    "system",
    "arbeid",
    "vedlikehold",
    "leveranse",
    "maskin",
    "behandling",
    "løsning",
    "plan",
    "kontroll",
    "måling",
    "prosjekt",
    "bygning",
    "rehabilitering",
    "utvikling",
    "støtte",
    "transport",
    "materiell",
    "ordning",
    "senter",
    "stasjon",
    "ledning",
    "kabel",
    "pumpe",
    "tank",
    "hall",
    "lokale",
    "område",
    "oppdrag",
    "analyse",
    "vurdering",
    "undersøkelse",
    "registrering",
    "prøve",
    "kjøp",
    "leie",
    "salg",
    "forvaltning",
    "styring",
    "ledelse",
    "veiledning",
    "oppfølging",
    "beredskap",
    "vern",
    "rensing",
    "tømming",
    "rydding",
    "vask",
    "reparasjon",
    "montering",
    "installasjon",
    "demontering",
    "lagring",
    "sikring",
    "merking",
    "trykking",
    "distribusjon",
];

/// Endings.
const ENDINGS: [&str; 6] = ["", "n", "r", "ne", "s", "nes"];

const PLACES: [&str; 18] = [
    "NO020", "NO060", "NO071", "NO072", "NO073", "NO081", "NO083", "NO084", "NO085", "NO092", "NO093",
    "NO094", "NO0A1", "NO0A2", "NO0A3", "anyw", "NO08", "NO074",
];

const DIVISIONS: [u32; 45] = [
    45, 72, 71, 79, 85, 33, 34, 90, 50, 48, 60, 39, 30, 44, 55, 80, 42, 77, 31, 66, 32, 38, 35, 92, 64, 73,
    9, 15, 63, 98, 22, 51, 65, 75, 18, 37, 43, 24, 3, 41, 16, 14, 19, 70, 76,
];

/// Writes notices.
pub(crate) struct Author {
    random: fastrand::Rng,
    words: Vec<String>,
    buyers: Vec<Organization>,
    suppliers: Vec<Organization>,
    /// When everything is measured.
    pub(crate) now: Timestamp,
}

impl Author {
    /// An author that writes the same notices for the same seed.
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut rare: Vec<String> = FIRST
            .iter()
            .flat_map(|first| LAST.iter().map(move |last| format!("{first}{last}")))
            .flat_map(|word| ENDINGS.iter().map(move |ending| format!("{word}{ending}")))
            .chain((0..30_000).map(|number| format!("{}{}", LAST[number % 60], 1_000 + number)))
            .collect();
        random.shuffle(&mut rare);
        let words = COMMON.iter().map(ToString::to_string).chain(rare).collect();
        let organizations = |base: u32, count: usize, kind: &str| {
            let number = |n: u32| (0..10).find_map(|check| OrgNumber::find(&format!("{n:08}{check}")));
            let numbers = (base..).filter_map(number).take(count);
            let named = |(at, number): (usize, OrgNumber)| Organization {
                row: String::new(),
                given: Some(number.as_str().to_owned()),
                name: format!("{} {} {kind}", FIRST[at % 80], LAST[at / 80 % 60]),
                number: Some(number),
            };
            numbers.enumerate().map(named).collect::<Vec<_>>()
        };
        let (buyers, suppliers) =
            (organizations(91_000_000, 2_500, "kommune"), organizations(93_000_000, 20_000, "AS"));
        let now = Timestamp::from_second(1_790_000_000).unwrap_or_default();
        Self { random, words, buyers, suppliers, now }
    }

    /// A number below `count`, small ones more often: Zipf's law with exponent 1.
    fn zipf(&mut self, count: usize) -> usize {
        #[expect(clippy::cast_precision_loss, reason = "counts of words")]
        let most = count as f64;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the count")]
        let drawn = (most + 1.0).powf(self.random.f64()) as usize;
        drawn.saturating_sub(1).min(count - 1)
    }

    /// The word of a rank.
    pub(crate) fn word(&self, rank: usize) -> &str {
        &self.words[rank]
    }

    fn text(&mut self, words: usize) -> String {
        let mut text = String::with_capacity(words * 9);
        for at in 0..words {
            if at > 0 {
                text.push_str(if self.random.u8(0..12) == 0 { ". " } else { " " });
            }
            let rank = self.zipf(self.words.len());
            text.push_str(&self.words[rank]);
        }
        text
    }

    fn codes(&mut self) -> Vec<String> {
        let mut codes = std::collections::BTreeSet::new();
        for _ in 0..self.random.usize(1..4) {
            let division = DIVISIONS[self.zipf(45)];
            let code = division * 1_000_000
                + self.random.u32(1..10) * 100_000
                + self.random.u32(0..10) * 10_000
                + self.random.u32(0..10) * 1_000;
            for stem in [1_000_000, 100_000, 10_000, 1_000] {
                codes.insert(format!("{:08}", code / stem * stem));
            }
        }
        codes.into_iter().collect()
    }

    /// The notice of a number, counted from 0.
    pub(crate) fn notice(&mut self, number: u32) -> Entry {
        let year = 2017 + number / 120_000;
        let id = NoticeId::parse(&format!("{year:04}-{:06}", 100_000 + number % 120_000));
        let id = id.unwrap_or_else(|_| unreachable!("the id is well formed"));
        let kinds = match self.random.u8(0..100) {
            0..64 => ["ANNOUNCEMENT_OF_COMPETITION", "COMPETITION"],
            64..72 => ["ADVISORY_NOTICE", "PLANNING"],
            72..92 => ["ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT", "RESULT"],
            _ => ["CANCELLED_OR_MISSING_CONCLUSION_OF_CONTRACT", "RESULT"],
        };
        let issued = self.now - self.random.i64(0..9 * 365 * 24).hours();
        let won = kinds[0] == "ANNOUNCEMENT_OF_CONCLUSION_OF_CONTRACT";
        let lots = if self.random.u8(0..5) == 0 { self.random.usize(2..6) } else { 1 };
        let lots: Vec<Lot> = (0..lots).map(|_| self.lot(won, lots > 1)).collect();
        let buyer = self.zipf(self.buyers.len());
        let buyer = self.buyers[buyer].clone();
        let hit = Hit {
            id,
            buyers: vec![buyer],
            heading: self.text(7),
            description: {
                let words = self.random.usize(60..320);
                self.text(words)
            },
            locations: vec![PLACES[self.zipf(PLACES.len())].to_owned()],
            estimated_value: self.random.bool().then(|| Money {
                currency: "NOK".into(),
                amount: f64::from(self.random.u32(1..900)) * 100_000.0,
            }),
            kind: kinds[0].into(),
            all_kinds: kinds.map(Into::into).to_vec(),
            status: (kinds[1] == "COMPETITION").then(|| "ACTIVE".into()),
            issued: Some(issued),
            deadline: (kinds[1] == "COMPETITION").then(|| issued + self.random.i64(10..60 * 24).hours()),
            published: Some(issued.to_zoned_datetime(jiff::tz::TimeZone::UTC).date()),
            received_tenders: won.then(|| self.random.i32(1..9)),
            received: Vec::new(),
            cpv: self.codes(),
            lots,
        };
        let facts = self.facts(&hit, won);
        let seq = Seq(i64::from(number) + 1);
        Entry { stored: stored(hit, seq, issued), facts: Some(facts) }
    }

    fn lot(&mut self, won: bool, divided: bool) -> Lot {
        let count = self.suppliers.len();
        let winner = self.zipf(count);
        let winner = won.then(|| self.suppliers[winner].clone());
        let (heading, description) = if divided { (self.text(5), self.text(40)) } else { Default::default() };
        Lot { heading, description, winners: winner.into_iter().collect() }
    }

    fn facts(&mut self, hit: &Hit, won: bool) -> Facts {
        let party = |of: &Organization| (of.number.clone(), of.name.clone());
        let money = Money { currency: "NOK".into(), amount: f64::from(self.random.u32(1..900)) * 90_000.0 };
        Facts {
            languages: vec!["NOR".into()],
            procedure: Some(["open", "restricted", "neg-w-call", "oth-single"][self.zipf(4)].into()),
            lots: u32::try_from(hit.lots.len()).unwrap_or(1),
            buyers: hit.buyers.iter().map(party).collect(),
            winners: hit.lots.iter().flat_map(|lot| &lot.winners).map(party).collect(),
            values: won
                .then_some(Valued { kind: ValueKind::Total, money, rule: Rule::NoticeTotal })
                .into_iter()
                .collect(),
            ..Facts::default()
        }
    }
}

fn stored(hit: Hit, first_seq: Seq, seen: Timestamp) -> Stored {
    Stored {
        hit,
        outcome: None,
        superseded_by: None,
        listed: true,
        first_seen: seen,
        last_seen: seen,
        first_seq,
        identity: Identity::default(),
        main_cpv: None,
        has_document: true,
        unreadable: None,
    }
}
