//! Who bid on which lot at what price: the winners of the record, and losers some buyers chose to name.

use super::organizations::Pool;
use crate::corpus::Corpus;
use crate::hash;
use crate::notice::{Form, Notice, Party};

/// One bid on one lot.
pub(super) struct Bid {
    pub(super) lot: usize,
    /// Index of the tendering party.
    pub(super) party: usize,
    pub(super) won: bool,
    /// In the notice's currency; 0 is written where the price is not known.
    pub(super) amount: Option<u64>,
}

/// A group of organisations that bid together.
#[derive(PartialEq, Eq)]
pub(super) struct TenderingParty {
    pub(super) tenderers: Vec<String>,
    pub(super) subcontractors: Vec<String>,
}

/// All bids of a notice.
#[derive(Default)]
pub(super) struct Bids {
    pub(super) each: Vec<Bid>,
    pub(super) parties: Vec<TenderingParty>,
    pub(super) total: Option<u64>,
    pub(super) currency: String,
}

impl Bids {
    pub(super) fn of(corpus: &Corpus, notice: &Notice, roll: u64, pool: &mut Pool) -> Self {
        let estimate =
            notice.value.as_ref().and_then(|value| value.amount.as_f64()).filter(|value| *value >= 1_000.0);
        let thousands = estimate.map_or(1_000 + roll % 4_000, whole_thousands);
        let total = thousands * 10 * (65 + roll % 40);
        let currency = notice.value.as_ref().map_or("NOK", |value| value.currency_code.as_str());
        let mut all = Self { currency: currency.to_owned(), ..Self::default() };
        let native = notice.is_native();
        // Converted notices repeat the total in every bid.
        let priced = if native { roll.is_multiple_of(2) } else { roll.is_multiple_of(3) };
        let repeated = !native;
        for (lot, record) in notice.lots.iter().enumerate() {
            for winners in &record.winners {
                let tenderers = winners.iter().map(|party| pool.add(party)).collect();
                let helped = hash::mix(roll ^ lot as u64).is_multiple_of(6);
                let subcontractors =
                    if helped { vec![outsider(corpus, roll ^ 0x63, pool)] } else { Vec::new() };
                let amount = if repeated { total } else { total / notice.lots.len().max(1) as u64 };
                all.bid(lot, TenderingParty { tenderers, subcontractors }, true, priced.then_some(amount));
            }
            let losers =
                if record.winners.is_empty() || !roll.is_multiple_of(3) { 0 } else { 1 + (roll / 3) % 3 };
            for loser in 0..losers {
                let tenderers = vec![outsider(corpus, roll.wrapping_add(loser * 7 + 1), pool)];
                let amount = if lot == 0 { total + total / 10 * (loser + 1) } else { 0 };
                let party = TenderingParty { tenderers, subcontractors: Vec::new() };
                all.bid(lot, party, false, priced.then_some(amount));
            }
        }
        let told = if native { roll.is_multiple_of(5) } else { priced };
        all.total = (told && !all.each.is_empty()).then_some(total);
        all
    }

    fn bid(&mut self, lot: usize, party: TenderingParty, won: bool, amount: Option<u64>) {
        let known = self.parties.iter().position(|other| *other == party);
        let party = known.unwrap_or_else(|| {
            self.parties.push(party);
            self.parties.len() - 1
        });
        self.each.push(Bid { lot, party, won, amount });
    }
}

/// An organisation that is not in the record.
fn outsider(corpus: &Corpus, number: u64, pool: &mut Pool) -> String {
    let organization = corpus.supplier(hash::mix(number));
    pool.add(&Party { organization, form: Form::Plain })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "estimates are positive and below 2^63"
)]
fn whole_thousands(amount: f64) -> u64 {
    (amount.clamp(0.0, 1e15) / 1_000.0) as u64
}
