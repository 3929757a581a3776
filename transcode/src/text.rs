//! Values as JSON text, byte for byte what `serde_json` and `prost-reflect` write.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

/// Seconds from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z, from the epoch.
pub(crate) const TIMESTAMP_SECONDS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

/// Seconds a Duration may hold either way: about 10,000 years.
pub(crate) const MAX_DURATION_SECONDS: u64 = 315_576_000_000;

/// A whole number or a finite real one.
#[inline]
pub(crate) fn number<T: Serialize>(out: &mut Vec<u8>, value: T) {
    // Numbers into memory cannot fail.
    serde_json::to_writer(out, &value).unwrap_or_default();
}

/// A whole number in quotes, as those of 64 bits are written.
pub(crate) fn quoted<T: Serialize>(out: &mut Vec<u8>, value: T) {
    out.push(b'"');
    number(out, value);
    out.push(b'"');
}

/// What a real number that is not finite is called.
pub(crate) fn not_finite(value: f64) -> Option<&'static str> {
    match value {
        f64::INFINITY => Some("Infinity"),
        f64::NEG_INFINITY => Some("-Infinity"),
        _ => value.is_nan().then_some("NaN"),
    }
}

pub(crate) fn real(out: &mut Vec<u8>, wide: f64, value: impl Serialize) {
    match not_finite(wide) {
        Some(name) => {
            out.push(b'"');
            out.extend_from_slice(name.as_bytes());
            out.push(b'"');
        }
        None => number(out, value),
    }
}

pub(crate) fn base64(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    let start = out.len();
    out.resize(start + bytes.len().div_ceil(3) * 4, 0);
    // The room is exact, so nothing is left over and nothing is missing.
    STANDARD.encode_slice(bytes, &mut out[start..]).unwrap_or_default();
    out.push(b'"');
}

const ONES: u64 = u64::MAX / 255;
const HIGHS: u64 = ONES << 7;

/// Writes a string. `false`: it is not UTF-8, and what was written of it is of no use.
#[inline]
pub(crate) fn string(out: &mut Vec<u8>, bytes: &[u8]) -> bool {
    out.push(b'"');
    // Eight bytes at a time: is any of them special, or not ASCII?
    let (mut special, mut high) = (0, 0);
    let mut look = |word: u64| {
        special |= specials(word);
        high |= word;
    };
    let (chunks, rest) = bytes.as_chunks::<8>();
    for chunk in chunks {
        look(u64::from_le_bytes(*chunk));
    }
    match bytes.last_chunk::<8>() {
        // Those before the rest are looked at twice, which is cheaper than copying the rest.
        Some(last) if !rest.is_empty() => look(u64::from_le_bytes(*last)),
        Some(_) => {}
        None => look(short(rest)),
    }
    if high & HIGHS != 0 && std::str::from_utf8(bytes).is_err() {
        return false;
    }
    if special == 0 {
        out.extend_from_slice(bytes);
    } else {
        escaped(out, bytes);
    }
    out.push(b'"');
    true
}

/// Fewer than eight bytes, filled up with spaces.
fn short(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(ONES * u64::from(b' '), |word, byte| word << 8 | u64::from(*byte))
}

/// Not zero if a byte of the word is below a space, a quote or a backslash.
fn specials(word: u64) -> u64 {
    let equals = |byte: u64| {
        let zero = word ^ (ONES * byte);
        zero.wrapping_sub(ONES) & !zero
    };
    let below_space = word.wrapping_sub(ONES * 0x20) & !word;
    (equals(b'"'.into()) | equals(b'\\'.into()) | below_space) & HIGHS
}

fn escaped(out: &mut Vec<u8>, bytes: &[u8]) {
    for byte in bytes {
        let short = match byte {
            b'"' | b'\\' => *byte,
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0x08 => b'b',
            0x0c => b'f',
            0..0x20 => {
                let hex = b"0123456789abcdef";
                let (high, low) = (hex[usize::from(byte >> 4)], hex[usize::from(byte & 15)]);
                out.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
                continue;
            }
            _ => {
                out.push(*byte);
                continue;
            }
        };
        out.extend_from_slice(&[b'\\', short]);
    }
}

/// Writes a Timestamp. `false`: it is out of range, and nothing is written.
pub(crate) fn timestamp(out: &mut Vec<u8>, seconds: i64, nanos: i32) -> bool {
    let Some(fraction) = u32::try_from(nanos).ok().filter(|nanos| *nanos < 1_000_000_000) else {
        return false;
    };
    if !TIMESTAMP_SECONDS.contains(&seconds) {
        return false;
    }
    let (year, month, day) = civil(seconds.div_euclid(86_400));
    let second = low(seconds.rem_euclid(86_400));
    let mut text = *b"\"0000-00-00T00:00:00";
    for (at, value) in [
        (1, year / 100),
        (3, year % 100),
        (6, month),
        (9, day),
        (12, second / 3600),
        (15, second / 60 % 60),
        (18, second % 60),
    ] {
        text[at] += low8(value / 10);
        text[at + 1] += low8(value % 10);
    }
    out.extend_from_slice(&text);
    nanoseconds(out, fraction);
    out.extend_from_slice(b"Z\"");
    true
}

/// Writes a Duration. `false`: it is out of range or of mixed signs, and nothing is written.
pub(crate) fn duration(out: &mut Vec<u8>, seconds: i64, nanos: i32) -> bool {
    let mixed = seconds.signum() * i64::from(nanos.signum()) < 0;
    if mixed || seconds.unsigned_abs() > MAX_DURATION_SECONDS || nanos.unsigned_abs() >= 1_000_000_000 {
        return false;
    }
    out.push(b'"');
    if seconds < 0 || nanos < 0 {
        out.push(b'-');
    }
    number(out, seconds.unsigned_abs());
    nanoseconds(out, nanos.unsigned_abs());
    out.extend_from_slice(b"s\"");
    true
}

/// Year, month and day of a day since the epoch, in the Gregorian calendar carried back before its time.
fn civil(days: i64) -> (u32, u32, u32) {
    // Years begin in March here, so that a leap day is the last of its year; the era of 400 years before the year 0 makes
    // every number here positive.
    let days = low(days + 719_468 + 146_097);
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let date = day - (153 * month + 2) / 5 + 1;
    let (month, later) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (year + era * 400 + later - 400, month, date)
}

/// A number that is known to be small.
fn low(value: i64) -> u32 {
    u32::try_from(value).unwrap_or_default()
}

fn low8(value: u32) -> u8 {
    u8::try_from(value).unwrap_or_default()
}

/// A fraction of a second, in three, six or nine digits, if there is one.
fn nanoseconds(out: &mut Vec<u8>, nanos: u32) {
    if nanos == 0 {
        return;
    }
    out.push(b'.');
    match nanos {
        _ if nanos.is_multiple_of(1_000_000) => digits(out, i64::from(nanos / 1_000_000), 3),
        _ if nanos.is_multiple_of(1000) => digits(out, i64::from(nanos / 1000), 6),
        _ => digits(out, nanos.into(), 9),
    }
}

/// A number from 0 in so many digits.
fn digits(out: &mut Vec<u8>, mut value: i64, count: usize) {
    let start = out.len();
    out.resize(start + count, b'0');
    for digit in out[start..].iter_mut().rev() {
        *digit = b'0' + u8::try_from(value % 10).unwrap_or_default();
        value /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_what_serde_json_writes_wherever_the_special_byte_stands() {
        for special in ["\"", "\\", "\n", "\0", "\u{1f}", "\u{7f}", "æ", "🐟", " ", "!", "\u{8}\u{c}\t\r"]
        {
            for length in 0..20 {
                for at in 0..=length {
                    let mut text = "a".repeat(length);
                    text.insert_str(at, special);
                    let mut out = Vec::new();
                    assert!(string(&mut out, text.as_bytes()));
                    assert_eq!(out, serde_json::to_vec(&text).unwrap(), "{text:?}");
                }
            }
        }
    }

    #[test]
    fn a_string_that_is_not_utf_8_is_refused_wherever_it_breaks() {
        for length in 0..20 {
            let mut bytes = vec![b'a'; length];
            bytes.push(0xc3);
            assert!(!string(&mut Vec::new(), &bytes), "{length}");
        }
    }

    #[test]
    fn bytes_fill_their_room_exactly() {
        for length in 0..10u8 {
            let bytes: Vec<u8> = (0..length).map(|n| n * 29).collect();
            let mut out = b"x".to_vec();
            base64(&mut out, &bytes);
            assert_eq!(out, format!("x\"{}\"", STANDARD.encode(&bytes)).into_bytes());
        }
    }
}
