//! The facts of a notice, drawn with the frequencies measured on real ones.

use std::sync::Arc;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::clock;
use crate::notice::{Form, Lot, Money, Procedure, Type};
use crate::text::{self, Wording};

/// Estimates in thousands of NOK; buyers like round numbers.
const THOUSANDS: [u32; 20] = [
    500, 1_000, 1_300, 1_500, 2_000, 2_400, 2_500, 3_000, 4_000, 5_000, 6_500, 8_000, 10_000, 12_000, 15_000,
    25_000, 40_000, 80_000, 200_000, 851_000,
];

/// A source of chance that knows how often things happen.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(super) random: fastrand::Rng,
}

impl Facts {
    pub(super) fn new(seed: u64) -> Self {
        Self { random: fastrand::Rng::with_seed(seed) }
    }

    /// Whether something that happens `per_mille` times in a thousand happens.
    pub(super) fn chance(&mut self, per_mille: u16) -> bool {
        self.random.u16(..1_000) < per_mille
    }

    /// An entry of a table of weights out of 1,000.
    fn weighted<T: Copy>(&mut self, table: &[(u16, T)], otherwise: T) -> T {
        let mut roll = self.random.u16(..1_000);
        for &(weight, value) in table {
            if roll < weight {
                return value;
            }
            roll -= weight;
        }
        otherwise
    }

    pub(super) fn all_types(&mut self, kind: Type) -> Vec<Type> {
        let mut types = vec![kind, kind.group()];
        if kind == Type::AnnouncementOfCompetition && self.chance(39) {
            types.extend([Type::Planning, Type::NoticeOnBuyerProfile]);
        }
        if kind == Type::CancelledOrMissingConclusionOfContract && self.chance(86) {
            types.extend([Type::AdvisoryNotice, Type::Planning]);
        }
        types
    }

    pub(super) fn locations(&mut self, county: &str, issued: Timestamp) -> Vec<String> {
        match self.random.u16(..1_000) {
            0..180 => return vec!["anyw".to_owned()],
            180..182 => return Vec::new(),
            182..190 => return vec![county.to_owned(), "SE110".to_owned()],
            190..194 => return vec!["FI1D9".to_owned()],
            _ => {}
        }
        let year = clock::day_of(issued).year();
        if year < 2024 && self.chance(40) {
            return vec![["NO08", "NO0A", "NO0", "NO07"][self.random.usize(..4)].to_owned()];
        }
        let mut locations = vec![code_of_the_time(county, year, self.chance(400)).to_owned()];
        if self.chance(120) {
            let more = ["NO071", "NO0A2", "NO060", "NO020", "NO081"][self.random.usize(..5)];
            if !locations.iter().any(|code| code == more) {
                locations.push(more.to_owned());
            }
        }
        locations
    }

    pub(super) fn value(&mut self) -> Option<Money> {
        if self.chance(530) {
            return None;
        }
        let currency = self.weighted(&[(985, "NOK"), (8, "EUR"), (4, "USD")], "PLN");
        let thousands = THOUSANDS[self.random.usize(..THOUSANDS.len())] * self.random.u32(1..=3);
        let amount =
            self.weighted(&[(6, Some(0)), (6, Some(95))], None).unwrap_or(u64::from(thousands) * 1_000);
        let amount = if self.chance(400) {
            serde_json::Number::from_f64(f64::from(u32::try_from(amount).unwrap_or(u32::MAX)))?
        } else {
            amount.into()
        };
        Some(Money { currency_code: currency.to_owned(), amount })
    }

    pub(super) fn deadline(&mut self, kind: Type, issued: Timestamp) -> Option<Timestamp> {
        let missing = match kind {
            Type::AnnouncementOfCompetition => 6,
            Type::DynamicPurchasingScheme | Type::QualificationScheme => 300,
            Type::PreAnnouncement => 500,
            Type::AnnouncementOfIntent => 900,
            Type::AnnouncementOfConclusionOfContract => 750,
            _ => 1_000,
        };
        if self.chance(missing) {
            return None;
        }
        let days = match kind.group() {
            Type::Result => -self.random.i64(40..200),
            _ if matches!(kind, Type::DynamicPurchasingScheme | Type::QualificationScheme) => {
                self.random.i64(400..1_600)
            }
            _ => self.random.i64(12..46),
        };
        // Minutes after midnight UTC: noon in summer Oslo, a bare date, the end of the day in Oslo, office hours.
        let table = [(780, 600), (90, 0), (40, 1_319), (40, 1_320), (30, 660)];
        let minutes = self.weighted(&table, 780);
        let day = issued.as_second().div_euclid(86_400) + days;
        Timestamp::from_second(day * 86_400 + minutes * 60).ok()
    }

    pub(super) fn publication_day(&mut self, issued: Timestamp) -> Date {
        let lag = self.weighted(&[(59, 0), (630, 1), (140, 2), (102, 3), (67, 4), (1, 5)], 7);
        clock::day_of(issued).saturating_add(lag.days())
    }

    pub(super) fn procedure(&mut self, nature: &'static str) -> Procedure {
        let table =
            [(640, "open"), (90, "restricted"), (130, "neg-w-call"), (60, "oth-single"), (50, "oth-mult")];
        Procedure {
            code: self.weighted(&table, "neg-wo-call"),
            nature,
            months: [12, 24, 24, 36, 48, 48, 120][self.random.usize(..7)],
            framework: self.chance(350),
            eea: self.chance(550),
        }
    }

    pub(super) fn lots(&mut self, wording: &Wording, direct: &[u32]) -> Vec<Lot> {
        let lot = |heading: Arc<str>, description: Arc<str>, cpv| Lot {
            heading,
            description,
            cpv,
            winners: Vec::new(),
        };
        if !self.chance(64) {
            if self.chance(1) {
                return Vec::new();
            }
            return vec![lot(
                Arc::clone(&wording.heading),
                Arc::clone(&wording.description),
                direct.to_vec(),
            )];
        }
        let count = if self.chance(100) { self.random.usize(5..=14) } else { self.random.usize(2..=4) };
        (1..=count)
            .map(|number| {
                let subject = text::capitalised(wording.subject);
                let heading = format!("Delkontrakt {number}: {subject}").into();
                let description = format!("Delkontrakt {number} av {count}. {}", wording.description).into();
                lot(heading, description, vec![direct[number % direct.len()]])
            })
            .collect()
    }

    /// `receivedTenders` and `allReceivedTenders`, which often contradict each other.
    pub(super) fn received(&mut self) -> (Option<u32>, Option<Vec<(String, u32)>>) {
        let count = self.random.u32(1..9);
        let entry = |kind: &str, total| (kind.to_owned(), total);
        match self.random.u8(..10) {
            0 => (None, None),
            1 => (Some(0), None),
            2..5 => (Some(0), Some(vec![entry("tenders", 0), entry("t-esubm", count)])),
            5..8 => (Some(count), Some(vec![entry("tenders", count), entry("t-esubm", 0)])),
            8 => {
                let small = count / 2;
                (
                    Some(count),
                    Some(vec![entry("tenders", count), entry("t-sme", small), entry("t-oth-eea", 1)]),
                )
            }
            _ => (Some(count), Some(vec![entry("part-req", count + 3), entry("tenders", count)])),
        }
    }

    pub(super) fn buyer_form(&mut self) -> Form {
        let form = self.form(Timestamp::MAX, false);
        if form == Form::Missing { Form::Plain } else { form }
    }

    /// How a number is typed; suppliers of the first years often go without.
    pub(super) fn form(&mut self, issued: Timestamp, supplier: bool) -> Form {
        if supplier && clock::day_of(issued).year() < 2020 && self.chance(400) {
            return Form::Missing;
        }
        let table = [
            (870, Form::Plain),
            (60, Form::Spaced),
            (8, Form::Prefixed),
            (16, Form::PrefixedVat),
            (10, Form::Vat),
            (10, Form::Labelled),
            (5, Form::ZeroWidth),
            (4, Form::Several),
            (7, Form::Garbage),
        ];
        self.weighted(&table, Form::Missing)
    }

    /// A moment in office hours of a day.
    pub(super) fn office_hour(&mut self, day: Date) -> Timestamp {
        let minutes = self.random.i64(0..540);
        let seconds = self.random.i64(0..60);
        let start = clock::midnight(day);
        start.checked_add(SignedDuration::from_secs(7 * 3_600 + minutes * 60 + seconds)).unwrap_or(start)
    }
}

/// The county's code in the division that was in force.
fn code_of_the_time(county: &str, year: i16, oldest: bool) -> &str {
    match (year, county) {
        (2020..=2023, "NO083" | "NO084" | "NO085") => "NO082",
        (2020..=2023, "NO093" | "NO094") => "NO091",
        (2020..=2023, "NO072" | "NO073") => "NO074",
        (..=2019, "NO081") if oldest => "NO011",
        (..=2019, "NO084") if oldest => "NO012",
        (..=2019, "NO020") if oldest => "NO021",
        (..=2019, "NO083") if oldest => "NO031",
        (..=2019, "NO085") if oldest => "NO032",
        (..=2019, "NO093") if oldest => "NO033",
        (..=2019, "NO094") if oldest => "NO034",
        (..=2019, "NO0A1") if oldest => "NO043",
        (..=2019, "NO0A2") if oldest => "NO051",
        _ => county,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retired_codes_are_used_in_their_own_years_only() {
        assert_eq!(code_of_the_time("NO084", 2021, false), "NO082");
        assert_eq!(code_of_the_time("NO084", 2024, true), "NO084");
        assert_eq!(code_of_the_time("NO081", 2018, true), "NO011");
    }

    #[test]
    fn most_deadlines_are_at_ten_utc() {
        let mut facts = Facts::new(7);
        let issued: Timestamp = "2025-06-02T08:00:00Z".parse().unwrap();
        let hours: Vec<String> = (0..1_000)
            .filter_map(|_| facts.deadline(Type::AnnouncementOfCompetition, issued))
            .map(|deadline| deadline.to_string()[11..16].to_owned())
            .collect();
        let at = |hour: &str| hours.iter().filter(|other| *other == hour).count();
        assert!((700..860).contains(&at("10:00")), "{}", at("10:00"));
        assert!(at("00:00") > 40 && at("21:59") > 10 && at("22:00") > 10);
    }
}
