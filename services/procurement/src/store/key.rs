//! How ids, times, days and money are stored: as whole numbers, except days, which sort as text.

use jiff::Timestamp;
use jiff::civil::Date;

use super::error::Fault;
use crate::domain::{Money, NoticeId};

/// Notices of a year have numbers below this.
const YEAR: i64 = 1_000_000;

/// Amounts from here on are slips of the keyboard. Sums of fewer than 90,000 smaller ones fit their type.
const ABSURD: f64 = 1e12;

/// A notice's key: its id without the dash.
pub(super) fn of(id: &NoticeId) -> i64 {
    id.as_str().bytes().filter(u8::is_ascii_digit).fold(0, |key, digit| key * 10 + i64::from(digit - b'0'))
}

/// The id of a key.
pub(super) fn id(key: i64) -> Result<NoticeId, Fault> {
    let text = format!("{:04}-{:06}", key / YEAR, key % YEAR);
    NoticeId::parse(&text).map_err(|_| Fault::Data(format!("{key} is no notice")))
}

/// A moment, in microseconds since 1970; what is finer is cut off.
pub(super) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// The moment of a number.
pub(super) fn moment(micros: i64) -> Result<Timestamp, Fault> {
    Timestamp::from_microsecond(micros).map_err(|_| Fault::Data(format!("{micros} is no moment")))
}

/// The day of a text.
pub(super) fn day(text: &str) -> Result<Date, Fault> {
    text.parse().map_err(|_| Fault::Data(format!("{text:?} is no day")))
}

/// Hundredths of the currency's unit, for adding up; amounts that are no numbers, negative or absurd are none.
pub(super) fn hundredths(money: &Money) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "below 1e14, so it fits")]
    (0.0..ABSURD).contains(&money.amount).then(|| (money.amount * 100.0).round() as i64)
}

/// Units of the currency.
pub(super) fn units(hundredths: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a sum this large needs no hundredths")]
    let amount = hundredths as f64;
    amount / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_an_id_without_its_dash() {
        for text in ["2026-112546", "0000-000001", "9999-999999"] {
            let notice = NoticeId::parse(text).unwrap();
            assert_eq!(id(of(&notice)).unwrap(), notice);
        }
        assert!(id(-1).is_err() && id(10_000_000_000).is_err());
    }

    #[test]
    fn only_amounts_that_can_be_added_up_are_kept_for_it() {
        let kept = |amount| hundredths(&Money { currency: "NOK".into(), amount });
        assert_eq!(kept(492_700.0), Some(49_270_000));
        assert_eq!(kept(0.015), Some(2));
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 1e12, 1e300] {
            assert_eq!(kept(bad), None, "{bad}");
        }
    }
}
