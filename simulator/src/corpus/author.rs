//! Writes notices: new ones, and those that follow from an earlier one.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::Draft;
use super::facts::Facts;
use crate::clock;
use crate::hash;
use crate::lists::Vocabulary;
use crate::notice::{Form, Life, Links, Lot, Money, Notice, Origin, Party, Type};
use crate::organization::{Organization, Register};
use crate::text::{self, Wording};

/// Why a notice was not published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("no notice has this id")]
    Unknown,
    #[error("the notice is already superseded")]
    Superseded,
    #[error("search does not miss the notice")]
    NotWithdrawn,
    #[error("the notice is not a competition")]
    NotACompetition,
    #[error("a CPV code is not eight digits")]
    BadCpv,
    #[error("the type is a roll-up")]
    RollUp,
}

/// Whoever writes the notices: chance, the organisations and the vocabulary.
#[derive(Debug)]
pub(crate) struct Author {
    pub(super) facts: Facts,
    register: Register,
    vocabulary: Vocabulary,
    /// Last number given out, by year and by form.
    numbers: HashMap<(i16, bool), u32>,
}

impl Author {
    pub(crate) fn new(seed: u64, register: Register, vocabulary: Vocabulary) -> Self {
        Self { facts: Facts::new(seed), register, vocabulary, numbers: HashMap::new() }
    }

    /// A new notice on a subject picked by chance.
    pub(crate) fn compose(&mut self, kind: Type, issued: Timestamp) -> Notice {
        let count = self.register.buyers.len();
        let buyer = Arc::clone(&self.register.buyers[self.facts.random.usize(..count)]);
        let wording = Wording::compose(&mut self.facts.random, &buyer.name, clock::day_of(issued).year());
        self.write(kind, issued, &buyer, &wording)
    }

    /// A new competition about artificial intelligence in Oslo.
    pub(super) fn intelligence(&mut self, issued: Timestamp) -> Notice {
        let capital: Vec<_> = self.register.buyers.iter().filter(|buyer| buyer.county == "NO081").collect();
        let buyer = Arc::clone(capital[self.facts.random.usize(..capital.len())]);
        let year = clock::day_of(issued).year();
        let wording = Wording::intelligence(&mut self.facts.random, &buyer.name, year);
        let mut notice = self.write(Type::AnnouncementOfCompetition, issued, &buyer, &wording);
        notice.locations = vec!["NO081".to_owned()];
        notice
    }

    fn write(
        &mut self,
        kind: Type,
        issued: Timestamp,
        buyer: &Arc<Organization>,
        wording: &Wording,
    ) -> Notice {
        let facts = &mut self.facts;
        let mut direct = wording.cpv.to_vec();
        if facts.chance(300)
            && let Some(extra) = self.vocabulary.neighbour(direct[0], facts.random.usize(..))
        {
            direct.push(extra);
        }
        let lots = facts.lots(wording, &direct);
        let all: Vec<u32> = lots.iter().flat_map(|lot| lot.cpv.iter().copied()).chain(direct).collect();
        let buyers = self.buyers(buyer);
        let facts = &mut self.facts;
        let mut notice = Notice {
            id: String::new(),
            kind,
            all_types: facts.all_types(kind),
            locations: facts.locations(&buyer.county, issued),
            buyers,
            heading: Arc::clone(&wording.heading),
            description: Arc::clone(&wording.description),
            value: facts.value(),
            issued,
            deadline: facts.deadline(kind, issued),
            published: facts.publication_day(issued),
            received: None,
            statistics: None,
            cpv: self.vocabulary.with_ancestors(&all),
            lots,
            procedure: facts.procedure(wording.nature),
            links: Links { version: 1, ..Links::default() },
            origin: Origin::Generated,
            life: Life::from(issued),
            haystack: String::new(),
        };
        notice.life.visible_from = clock::midnight(notice.published);
        notice.id = self.number(&notice);
        self.finish_result(&mut notice);
        notice
    }

    /// A later version of a notice: same procedure, later deadline, new id.
    pub(super) fn correction(&mut self, former: &Notice, issued: Timestamp) -> Notice {
        let mut notice = former.clone();
        self.redate(&mut notice, issued);
        notice.description = format!("Rettelse: fristen er endret. {}", former.description).into();
        let longer = SignedDuration::from_hours(24 * 7);
        notice.deadline = former.deadline.and_then(|deadline| deadline.max(issued).checked_add(longer).ok());
        let keeps_uuid = self.facts.chance(300);
        notice.links = Links {
            version: if keeps_uuid { former.links.version + 1 } else { 1 },
            uuid_of: keeps_uuid.then(|| former.links.uuid_of.clone().unwrap_or_else(|| former.id.clone())),
            folder_of: former.links.folder_of.clone().or_else(|| Some(former.id.clone())),
            changes: Some(former.id.clone()),
            previous: former.links.previous.clone(),
        };
        notice
    }

    /// The award, cancellation or change that follows an earlier notice; `linked` by its procedure id.
    pub(super) fn result(&mut self, earlier: &Notice, kind: Type, issued: Timestamp, linked: bool) -> Notice {
        let mut notice = earlier.clone();
        notice.kind = kind;
        self.redate(&mut notice, issued);
        notice.all_types = self.facts.all_types(kind);
        notice.heading = match (kind, self.facts.random.u8(..3)) {
            (Type::AnnouncementOfConclusionOfContract, 0) => {
                format!("Kontraktstildeling - {}", earlier.heading)
            }
            (Type::CancelledOrMissingConclusionOfContract, 0) => format!("Avlysning - {}", earlier.heading),
            (Type::ChangeOfConclusionOfContract, _) => format!("Endring av kontrakt: {}", earlier.heading),
            _ => earlier.heading.to_string(),
        }
        .into();
        if let [lot] = notice.lots.as_mut_slice() {
            lot.heading = Arc::clone(&notice.heading);
        }
        if !self.facts.chance(250) {
            notice.deadline = None;
        }
        let root = earlier.links.folder_of.clone().unwrap_or_else(|| earlier.id.clone());
        notice.links = Links {
            version: 1,
            folder_of: linked.then_some(root),
            previous: (linked && self.facts.chance(500)).then(|| earlier.id.clone()),
            changes: (kind == Type::ChangeOfConclusionOfContract).then(|| earlier.id.clone()),
            uuid_of: None,
        };
        self.finish_result(&mut notice);
        notice
    }

    fn redate(&mut self, notice: &mut Notice, issued: Timestamp) {
        notice.issued = issued;
        notice.published = self.facts.publication_day(issued);
        notice.origin = Origin::Generated;
        let visible_from = clock::midnight(notice.published);
        notice.life = Life::from(visible_from);
        notice.id = self.number(notice);
    }

    /// Winners and statistics, for the types that have them.
    fn finish_result(&mut self, notice: &mut Notice) {
        if notice.kind.group() != Type::Result {
            return;
        }
        (notice.received, notice.statistics) = self.facts.received();
        let winners = notice.kind.has_winners();
        let issued = notice.issued;
        for lot in &mut notice.lots {
            lot.winners = if winners { self.winners(issued) } else { Vec::new() };
        }
    }

    fn winners(&mut self, issued: Timestamp) -> Vec<Vec<Party>> {
        let several = if self.facts.chance(120) { self.facts.random.usize(2..5) } else { 1 };
        (0..several)
            .map(|_| {
                let members = if self.facts.chance(40) { 2 } else { 1 };
                (0..members).map(|_| self.supplier(issued)).collect()
            })
            .collect()
    }

    fn supplier(&mut self, issued: Timestamp) -> Party {
        let facts = &mut self.facts;
        let abroad = facts.chance(40);
        let pool = if abroad { &self.register.foreign } else { &self.register.suppliers };
        let organization = Arc::clone(&pool[facts.random.usize(..pool.len())]);
        let form = if abroad { Form::Plain } else { facts.form(issued, true) };
        Party { organization, form }
    }

    fn buyers(&mut self, first: &Arc<Organization>) -> Vec<Party> {
        let mut buyers = vec![Party { organization: Arc::clone(first), form: self.facts.buyer_form() }];
        if self.facts.chance(74) {
            for _ in 0..self.facts.random.usize(1..4) {
                let index = self.facts.random.usize(..self.register.buyers.len());
                let organization = Arc::clone(&self.register.buyers[index]);
                buyers.push(Party { organization, form: self.facts.buyer_form() });
            }
        } else if self.facts.chance(8) {
            buyers.push(buyers[0].clone());
        }
        buyers
    }

    fn number(&mut self, notice: &Notice) -> String {
        let year = clock::day_of(notice.issued).year();
        let native = notice.is_native();
        let start = if native { 100_000 } else { 300_000 };
        let last = self.numbers.entry((year, native)).or_insert(start);
        *last += self.facts.random.u32(1..=12);
        format!("{year}-{last:06}")
    }

    /// Gives out no number up to the one of a known notice.
    pub(super) fn leave_out(&mut self, id: &str) {
        let parts = id
            .split_once('-')
            .and_then(|(year, number)| Some((year.parse().ok()?, number.parse::<u32>().ok()?)));
        let Some((year, number)) = parts else { return };
        for (native, start) in [(true, 100_000), (false, 300_000)] {
            let last = self.numbers.entry((year, native)).or_insert(start);
            *last = number.max(*last);
        }
    }

    /// A supplier picked by a number.
    pub(super) fn supplier_at(&self, number: u64) -> Arc<Organization> {
        let count = self.register.suppliers.len() as u64;
        Arc::clone(&self.register.suppliers[usize::try_from(number % count).unwrap_or(0)])
    }

    /// Puts what a draft says in place of what chance said.
    pub(super) fn apply(&mut self, notice: &mut Notice, draft: Draft) -> Result<(), Refusal> {
        if notice.kind.group() == notice.kind {
            return Err(Refusal::RollUp);
        }
        if let Some(heading) = draft.heading {
            notice.heading = text::capitalised(&heading).into();
        }
        if let Some(description) = draft.description {
            notice.description = description.into();
        }
        if let Some(codes) = draft.cpv_codes {
            let direct: Option<Vec<u32>> = codes.iter().map(|code| parse_cpv(code)).collect();
            let direct = direct.ok_or(Refusal::BadCpv)?;
            notice.cpv = self.vocabulary.with_ancestors(&direct);
            for lot in &mut notice.lots {
                lot.cpv.clone_from(&direct);
            }
        }
        if let [Lot { heading, description, .. }] = notice.lots.as_mut_slice() {
            *heading = Arc::clone(&notice.heading);
            *description = Arc::clone(&notice.description);
        }
        if let Some(locations) = draft.location_id {
            notice.locations = locations;
        }
        if let Some(amount) = draft.estimated_value.and_then(serde_json::Number::from_f64) {
            notice.value = Some(Money { currency_code: "NOK".to_owned(), amount });
        }
        notice.deadline = draft.deadline.or(notice.deadline);
        notice.links.folder_of = draft.procedure_of;
        if let Some(name) = draft.buyer {
            let id = hash::hex(&name);
            let organization = Arc::new(Organization::known(id, draft.buyer_number, name));
            notice.buyers = vec![Party { organization, form: Form::Plain }];
        }
        Ok(())
    }
}

/// A CPV code of exactly eight digits.
pub(crate) fn parse_cpv(code: &str) -> Option<u32> {
    (code.len() == 8 && code.bytes().all(|byte| byte.is_ascii_digit())).then(|| code.parse().ok())?
}
