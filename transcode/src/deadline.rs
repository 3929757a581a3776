//! How long a caller is willing to wait.

use std::time::Duration;

use http::HeaderMap;

use crate::violation::{Kind, Violation};

/// Reads `X-Request-Timeout` (seconds, or a number with `ms` or `s`) and `grpc-timeout`; the smaller one counts.
pub(crate) fn of(headers: &HeaderMap) -> Result<Option<Duration>, Violation> {
    let mut smallest = None;
    for (name, parse) in
        [("x-request-timeout", plain as fn(&str) -> Option<Duration>), ("grpc-timeout", grpc)]
    {
        for value in headers.get_all(name) {
            let parsed = value.to_str().ok().and_then(parse).filter(|d| !d.is_zero());
            let duration = parsed.ok_or_else(|| {
                Violation::new(
                    name,
                    Kind::Type,
                    "is not a duration; write seconds such as 2 or 0.5, or 500ms",
                )
            })?;
            smallest = Some(smallest.map_or(duration, |s: Duration| s.min(duration)));
        }
    }
    Ok(smallest)
}

fn plain(text: &str) -> Option<Duration> {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => (text.strip_suffix('s').unwrap_or(text), 1.0),
    };
    let digits = number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let number: f64 = number.parse().ok().filter(|_| digits && number.len() <= 12)?;
    Duration::try_from_secs_f64(number * unit).ok()
}

fn grpc(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.len() > 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let amount: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(amount * 3600),
        "M" => Duration::from_secs(amount * 60),
        "S" => Duration::from_secs(amount),
        "m" => Duration::from_millis(amount),
        "u" => Duration::from_micros(amount),
        "n" => Duration::from_nanos(amount),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&'static str, &'static str)]) -> Result<Option<Duration>, String> {
        let headers =
            pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        of(&headers).map_err(|v| v.field)
    }

    #[test]
    fn the_smaller_timeout_counts_and_nonsense_is_named() {
        let ms = |ms| Ok(Some(Duration::from_millis(ms)));
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&[("x-request-timeout", "2")]), ms(2000));
        assert_eq!(read(&[("x-request-timeout", "0.5")]), ms(500));
        assert_eq!(read(&[("x-request-timeout", "250ms"), ("grpc-timeout", "1S")]), ms(250));
        assert_eq!(read(&[("x-request-timeout", "5s"), ("grpc-timeout", "1S")]), ms(1000));
        for bad in ["", "0", "-1", "soon", "1e9", "inf", "NaN", "9999999999999"] {
            assert_eq!(read(&[("x-request-timeout", bad)]), Err("x-request-timeout".into()), "{bad}");
        }
        for bad in ["", "S", "1", "123456789S", "1.5S", "0m"] {
            assert_eq!(read(&[("grpc-timeout", bad)]), Err("grpc-timeout".into()), "{bad}");
        }
    }
}
