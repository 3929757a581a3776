//! The words notices are made of: per field of trade, what is bought and why, in bokmål and nynorsk.

mod building;
mod digital;
mod health;
mod service;
mod transport;

use std::sync::Arc;

/// One field of trade.
#[derive(Debug)]
pub(crate) struct Domain {
    /// BT-23.
    pub(crate) nature: &'static str,
    /// What is bought, with its CPV codes, the main one first.
    pub(crate) subjects: &'static [(&'static str, &'static [u32])],
    /// Sentences about the need.
    pub(crate) needs: &'static [&'static str],
    /// The same in nynorsk.
    pub(crate) nynorsk: &'static [(&'static str, &'static [u32])],
    /// Sentences in nynorsk.
    pub(crate) needs_nynorsk: &'static [&'static str],
}

/// All fields of trade; the common ones come more than once.
pub(crate) fn domains() -> [&'static Domain; 16] {
    [
        &digital::DIGITAL,
        &building::BUILDING,
        &health::HEALTH,
        &service::CLEANING,
        &transport::TRANSPORT,
        &building::BUILDING,
        &service::CONSULTANCY,
        &service::FOOD,
        &building::ENGINEERING,
        &digital::DIGITAL,
        &transport::ROAD,
        &building::WATER,
        &health::CARE,
        &service::SCHOOL,
        &building::ENERGY,
        &service::STAFFING,
    ]
}

/// Heading, description and direct CPV codes of a new notice.
#[derive(Clone, Debug)]
pub(crate) struct Wording {
    pub(crate) heading: Arc<str>,
    pub(crate) description: Arc<str>,
    pub(crate) subject: &'static str,
    pub(crate) cpv: &'static [u32],
    pub(crate) nature: &'static str,
}

const HEADINGS: [&str; 12] = [
    "{s}",
    "Rammeavtale for {s}",
    "Anskaffelse av {s}",
    "Kjøp av {s}",
    "{n} {s}",
    "{S} - {b}",
    "{S}",
    "Rammeavtale {s} {y}-{z}",
    "Åpen tilbudskonkurranse: {s}",
    "{S} til {b}",
    "{b} - {s}",
    "Parallelle rammeavtaler for {s}",
];
const HEADINGS_NYNORSK: [&str; 4] = ["{S}", "Kjøp av {s}", "Rammeavtale om {s}", "{S} til {b}"];
const OPENINGS: [&str; 8] = [
    "{b} skal inngå avtale om {s}.",
    "Formålet med anskaffelsen er å dekke {b} sitt behov for {s}.",
    "{b} inviterer til konkurranse om {s}.",
    "Oppdragsgiver har behov for {s}, og ønsker tilbud fra kvalifiserte leverandører.",
    "Anskaffelsen gjelder {s}.",
    "Det skal inngås rammeavtale med én eller flere leverandører av {s}.",
    "{b} utlyser med dette konkurranse om «{s}».",
    "Oppdraget omfatter {s} i henhold til vedlagt kravspesifikasjon.",
];
const OPENINGS_NYNORSK: [&str; 4] = [
    "Føremålet med anskaffinga er å dekkje oppdragsgjevar sitt behov for {s}.",
    "{b} ønskjer tilbod på {s}.",
    "Anskaffinga gjeld {s}.",
    "Oppdragsgjevar skal inngå avtale om {s} med ein eller fleire leverandørar.",
];
const CLOSINGS: [&str; 10] = [
    "Avtalen har en varighet på to år med opsjon på forlengelse i inntil ett pluss ett år.",
    "Klima- og miljøhensyn vektes med minimum tretti prosent.",
    "Oppdragsgiver tar forbehold om nødvendige politiske vedtak.",
    "Nærmere beskrivelse av ytelsene følger av konkurransegrunnlaget.",
    "Det stilles krav om lønns- og arbeidsvilkår etter gjeldende forskrift.",
    "Leverandøren skal ha miljøledelsessystem.",
    "Tilbud leveres elektronisk.  Tilbud på e-post blir avvist.",
    "Verdien er et anslag og ikke bindende for oppdragsgiver.",
    "Bruk av lærlinger er et krav i kontrakten.",
    "Det blir holdt tilbudskonferanse; se fremdriftsplanen.",
];
const CLOSINGS_NYNORSK: [&str; 4] = [
    "Avtala gjeld i to år med høve til forlenging i inntil to år.",
    "Tilbod skal leverast elektronisk.",
    "Klima- og miljøomsyn tel minst tretti prosent.",
    "Sjå konkurransegrunnlaget for nærare omtale.",
];

impl Wording {
    /// A wording picked by `random` for a buyer.
    pub(crate) fn compose(random: &mut fastrand::Rng, buyer: &str, year: i16) -> Self {
        let domains = domains();
        let domain = domains[random.usize(..domains.len())];
        let nynorsk = !domain.nynorsk.is_empty() && random.u8(..100) < 8;
        let subjects = if nynorsk { domain.nynorsk } else { domain.subjects };
        let (subject, cpv) = subjects[random.usize(..subjects.len())];
        Self::about(random, domain, (subject, cpv), buyer, year, nynorsk)
    }

    /// A wording about artificial intelligence.
    pub(crate) fn intelligence(random: &mut fastrand::Rng, buyer: &str, year: i16) -> Self {
        let subjects = digital::INTELLIGENCE;
        let subject = subjects[random.usize(..subjects.len())];
        Self::about(random, &digital::DIGITAL, subject, buyer, year, false)
    }

    fn about(
        random: &mut fastrand::Rng,
        domain: &'static Domain,
        (subject, cpv): (&'static str, &'static [u32]),
        buyer: &str,
        year: i16,
        nynorsk: bool,
    ) -> Self {
        let number = format!("{}-{:03}", year % 100, random.u16(1..400));
        let fill = |template: &str| {
            template
                .replace("{S}", &capitalised(subject))
                .replace("{s}", subject)
                .replace("{b}", buyer)
                .replace("{n}", &number)
                .replace("{y}", &year.to_string())
                .replace("{z}", &(year + 4).to_string())
        };
        let (headings, openings, needs, closings): (&[&str], &[&str], &[&str], &[&str]) = if nynorsk {
            (&HEADINGS_NYNORSK, &OPENINGS_NYNORSK, domain.needs_nynorsk, &CLOSINGS_NYNORSK)
        } else {
            (&HEADINGS, &OPENINGS, domain.needs, &CLOSINGS)
        };
        let mut pick = |texts: &[&'static str]| texts[random.usize(..texts.len())];
        let heading = capitalised(&fill(pick(headings)));
        let mut description = fill(pick(openings));
        let first = pick(needs);
        let second = pick(needs);
        description.push(' ');
        description.push_str(first);
        if second != first {
            // Doffin strips line breaks, which glues sentences together.
            description.push_str(if first.len() % 5 == 0 { "" } else { " " });
            description.push_str(second);
        }
        description.push(' ');
        description.push_str(pick(closings));
        Self { heading: heading.into(), description: description.into(), subject, cpv, nature: domain.nature }
    }
}

/// The text with its first letter in upper case.
pub(crate) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists::{Lists, Vocabulary};

    #[test]
    fn every_code_of_a_subject_is_in_the_built_in_list() {
        let lists = Lists::default();
        let vocabulary = Vocabulary::new(&lists.cpv);
        for domain in domains() {
            for (subject, codes) in domain.subjects.iter().chain(domain.nynorsk) {
                for &code in *codes {
                    assert!(
                        lists.cpv.iter().any(|entry| entry.code == format!("{code:08}")),
                        "{subject}: {code:08}"
                    );
                    assert!(vocabulary.with_ancestors(&[code]).len() <= 7);
                }
            }
        }
    }

    #[test]
    fn templates_are_filled_completely() {
        let mut random = fastrand::Rng::with_seed(3);
        for _ in 0..500 {
            let wording = Wording::compose(&mut random, "Nordvik kommune", 2024);
            assert!(!format!("{}{}", wording.heading, wording.description).contains(['{', '}']));
            assert!(
                wording.heading.chars().next().unwrap().is_uppercase() || wording.heading.starts_with("24-")
            );
        }
    }
}
