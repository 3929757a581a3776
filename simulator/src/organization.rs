//! Made-up buyers and suppliers with valid check digits.
//!
//! Numbers begin with 80 or 90, series the Norwegian register has not given out.

use std::sync::Arc;

use crate::hash;

/// An organisation of the simulated world.
#[derive(Clone, Debug)]
pub(crate) struct Organization {
    /// 32 hexadecimal digits, stable.
    pub(crate) id: String,
    /// The number, when the organisation has one.
    pub(crate) number: Option<String>,
    pub(crate) name: String,
    pub(crate) town: String,
    /// NUTS-3 code of the seat.
    pub(crate) county: String,
    /// ISO 3166 alpha-3.
    pub(crate) country: &'static str,
    /// BT-165.
    pub(crate) size: &'static str,
    /// BT-11.
    pub(crate) legal_type: &'static str,
}

impl Organization {
    /// An organisation read from a file, of which only the hit's three fields are known.
    pub(crate) fn known(id: String, number: Option<String>, name: String) -> Self {
        Self {
            id,
            number,
            name,
            town: String::new(),
            county: String::new(),
            country: "NOR",
            size: "medium",
            legal_type: "body-pl",
        }
    }
}

/// The buyers and suppliers notices are written about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Register {
    pub(crate) buyers: Vec<Arc<Organization>>,
    pub(crate) suppliers: Vec<Arc<Organization>>,
    pub(crate) foreign: Vec<Arc<Organization>>,
}

const FIRST: [&str; 26] = [
    "Nord", "Sør", "Øst", "Vest", "Fjell", "Hav", "Skog", "Elve", "Stein", "Bjørke", "Furu", "Sol", "Lang",
    "Stor", "Lille", "Grønn", "Kvit", "Rød", "Sand", "Myr", "Eike", "Lind", "Våg", "Breid", "Høg", "Djup",
];
const LAST: [&str; 14] =
    ["vik", "tun", "nes", "dal", "ås", "heim", "sund", "berg", "fjord", "li", "voll", "haug", "strand", "mo"];
const COUNTIES: [&str; 15] = [
    "NO020", "NO060", "NO071", "NO072", "NO073", "NO083", "NO084", "NO085", "NO092", "NO093", "NO094",
    "NO0A1", "NO0A2", "NO0A3", "NO081",
];
const TRADES: [&str; 16] = [
    "Bygg AS",
    "Entreprenør AS",
    "Digital AS",
    "Data AS",
    "Renhold AS",
    "Transport AS",
    "Rådgivning AS",
    "Vikar AS",
    "Elektro AS",
    "Maskin AS",
    "Helse AS",
    "Mat AS",
    "Konsult as",
    "Anlegg AS",
    "Energi AS",
    "Kunnskap AS",
];
const ABROAD: [(&str, Option<&str>, &str, &str); 8] = [
    ("Nordlys Medtech AB", Some("SE556000000101"), "SWE", "Malmö"),
    ("Havblik Systems ApS", Some("DK10000009"), "DNK", "Aarhus"),
    ("Sisu Digital OY", None, "FIN", "Tampere"),
    ("Baltic Bridge OÜ", Some("1000000-1"), "EST", "Tallinn"),
    ("Rheintal Technik GmbH", None, "DEU", "Köln"),
    ("Svea Konsult AB", Some("556000-0001"), "SWE", "Uppsala"),
    ("Lakeland Software Oy", Some("2000000-8"), "FIN", "Oulu"),
    ("Wisla Budowa Sp. z o.o.", None, "POL", "Gdańsk"),
];

impl Register {
    /// About 150 buyers, 250 Norwegian and 8 foreign suppliers.
    pub(crate) fn generate(seed: u64) -> Self {
        let mut number = Numbers { next: 9_000_000 + u32::try_from(seed % 1_000).unwrap_or(0) };
        let place = |i: usize| format!("{}{}", FIRST[i % FIRST.len()], LAST[(i / 2) % LAST.len()]);
        let mut buyers = Vec::new();
        for i in 0..150 {
            let town = place(i);
            let oslo = i % 9 == 0;
            let (name, legal_type) = match i % 10 {
                _ if oslo && i % 2 == 0 => {
                    (format!("Direktoratet for {}", AFFAIRS[i % AFFAIRS.len()]), "cga")
                }
                _ if oslo => (format!("Oslo etat for {}", AFFAIRS[i % AFFAIRS.len()]), "la"),
                0..=5 => (format!("{town} kommune"), "la"),
                6 => (format!("{town} fylkeskommune"), "ra"),
                7 => (format!("{town} helseforetak"), "body-pl"),
                8 => (format!("{town} vann og avløp IKS"), "pub-undert-la"),
                _ => (format!("Høgskolen i {town}"), "body-pl"),
            };
            let county = if oslo { "NO081" } else { COUNTIES[i % (COUNTIES.len() - 1)] };
            buyers.push(number.issue(name, if oslo { "Oslo".to_owned() } else { town }, county, legal_type));
        }
        let suppliers = (0..250)
            .map(|i| {
                let name = format!("{} {}", place(i * 7 + 3), TRADES[(i + i / TRADES.len()) % TRADES.len()]);
                number.issue(name, place(i * 3), COUNTIES[i % COUNTIES.len()], "private")
            })
            .collect();
        let foreign = ABROAD
            .iter()
            .map(|&(name, number, country, town)| {
                Arc::new(Organization {
                    country,
                    town: town.to_owned(),
                    size: "large",
                    legal_type: "private",
                    ..Organization::known(hash::hex(name), number.map(str::to_owned), name.to_owned())
                })
            })
            .collect();
        Self { buyers, suppliers, foreign }
    }
}

const AFFAIRS: [&str; 8] = [
    "digital forvaltning",
    "bygg og eiendom",
    "velferd og helse",
    "opplæring",
    "vann og miljø",
    "samferdsel",
    "innkjøp",
    "kultur og idrett",
];

struct Numbers {
    next: u32,
}

impl Numbers {
    fn issue(
        &mut self,
        name: String,
        town: String,
        county: &str,
        legal_type: &'static str,
    ) -> Arc<Organization> {
        let number = loop {
            self.next += 37;
            // Every other number in the 80 series, as the register has both eights and nines.
            let stem =
                if self.next.is_multiple_of(2) { 90_000_000 } else { 80_000_000 } + self.next % 1_000_000;
            if let Some(digit) = check_digit(stem) {
                break format!("{stem}{digit}");
            }
        };
        let size = ["micro", "small", "medium", "large"][(self.next % 4) as usize];
        Arc::new(Organization {
            town,
            county: county.to_owned(),
            size,
            legal_type,
            ..Organization::known(hash::hex(&number), Some(number), name)
        })
    }
}

/// The ninth digit of an organisation number; `None` where no number is given out.
pub(crate) fn check_digit(stem: u32) -> Option<u32> {
    let weights = [2, 3, 4, 5, 6, 7, 2, 3];
    let mut rest = stem;
    let mut sum = 0;
    for weight in weights {
        sum += rest % 10 * weight;
        rest /= 10;
    }
    match 11 - sum % 11 {
        11 => Some(0),
        10 => None,
        digit => Some(digit),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_check_digit_is_the_registers_own() {
        assert_eq!(check_digit(97_476_067), Some(3)); // the register itself: 974 760 673
        assert_eq!(check_digit(99_182_582), Some(7)); // the owner of Doffin: 991 825 827
    }

    #[test]
    fn every_generated_number_is_valid_and_used_once() {
        let register = Register::generate(1);
        let mut seen = HashSet::new();
        for organization in register.buyers.iter().chain(&register.suppliers) {
            let number = organization.number.clone().unwrap();
            let value: u32 = number.parse().unwrap();
            assert_eq!(check_digit(value / 10), Some(value % 10), "{number}");
            assert!(seen.insert(number));
            assert_eq!(organization.id.len(), 32);
        }
        assert!(register.foreign.iter().any(|organization| organization.number.is_none()));
    }
}
