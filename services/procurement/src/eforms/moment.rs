//! Days and moments as notices write them: with any zone or none, and with placeholders for none.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::{Offset, TimeZone};

/// Where a notice lives that does not tell its zone.
static OSLO: LazyLock<TimeZone> =
    LazyLock::new(|| TimeZone::get("Europe/Oslo").unwrap_or_else(|_| TimeZone::fixed(jiff::tz::offset(1))));

/// A deadline in this year or later stands for none: forms that demand one are filled in with 2049 or 2099.
const NO_DEADLINE: i16 = 2049;

/// A day, and the zone behind it.
fn day_and_zone(text: &str) -> Option<(Date, Option<Offset>)> {
    let text = text.trim();
    let (day, rest) = (text.get(..10)?, text.get(10..)?);
    let dashes = [4, 7].iter().all(|at| day.as_bytes().get(*at) == Some(&b'-'));
    let (year, month, day) =
        (day.get(..4)?.parse().ok()?, day.get(5..7)?.parse().ok()?, day.get(8..)?.parse().ok()?);
    Some((Date::new(year, month, day).ok().filter(|_| dashes)?, zone(rest)))
}

/// `Z`, `+01:00`, `-01:00` at the end of a text; anything else is no zone.
fn zone(text: &str) -> Option<Offset> {
    if text.ends_with(['Z', 'z']) {
        return Some(Offset::UTC);
    }
    let tail = text.len().checked_sub(6).and_then(|at| text.get(at..))?;
    let sign = match tail.as_bytes() {
        [b'+', _, _, b':', _, _] => 1,
        [b'-', _, _, b':', _, _] => -1,
        _ => return None,
    };
    let hours: i32 = tail.get(1..3)?.parse().ok()?;
    let minutes: i32 = tail.get(4..6)?.parse().ok()?;
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

/// A time of day and the zone behind it. `24:00` is none: it belongs to the next day.
fn time_and_zone(text: &str) -> Option<(Time, Option<Offset>)> {
    let text = text.trim();
    let colon = text.as_bytes().get(2) == Some(&b':');
    let hour = text.get(..2)?.parse().ok()?;
    let minute = text.get(3..5)?.parse().ok()?;
    let second = match text.as_bytes().get(5) {
        Some(b':') => text.get(6..8)?.parse().ok()?,
        _ => 0,
    };
    Some((Time::new(hour, minute, second, 0).ok().filter(|_| colon)?, zone(text.get(5..)?)))
}

/// A day. `2000-01-01`, which some senders write when they must write something, is none.
pub(super) fn day(text: &str) -> Option<Date> {
    let (day, _) = day_and_zone(text)?;
    (day != Date::constant(2000, 1, 1)).then_some(day)
}

/// A moment from a date and a time in two elements. The zone is the time's, else the date's, else Oslo's.
/// Without a time it is the `otherwise` of that day.
pub(super) fn moment(date: &str, time: Option<&str>, otherwise: Time) -> Option<Timestamp> {
    let (day, day_zone) = day_and_zone(date)?;
    let (time, time_zone) = match time.and_then(time_and_zone) {
        Some(found) => found,
        None => (otherwise, None),
    };
    let zone = time_zone.or(day_zone).map_or_else(|| OSLO.clone(), TimeZone::fixed);
    zone.to_timestamp(day.to_datetime(time)).ok()
}

/// A deadline; a day alone is a deadline until its end.
pub(super) fn deadline(date: &str, time: Option<&str>) -> Option<Timestamp> {
    let (day, _) = day_and_zone(date)?;
    let real = day.year() < NO_DEADLINE && day != Date::constant(2000, 1, 1);
    real.then(|| moment(date, time, Time::constant(23, 59, 59, 0))).flatten()
}

/// The day of a moment in Norway.
pub(super) fn day_in_oslo(at: Timestamp) -> Date {
    OSLO.to_datetime(at).date()
}
