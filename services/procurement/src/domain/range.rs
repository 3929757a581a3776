//! Ranges of days and of values.

use jiff::civil::Date;

use super::Invalid;

/// Days from one to another, both inclusive, either end open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct DateRange {
    /// First day.
    pub(crate) from: Option<Date>,
    /// Last day.
    pub(crate) to: Option<Date>,
}

impl DateRange {
    /// Reads two days of issue, as [`DateRange::read`] does.
    pub(crate) fn parse(from: &str, to: &str) -> Result<Self, Invalid> {
        Self::read(("issueDateFrom", "issueDateTo"), from, to)
    }

    /// Reads two days, `YYYY-MM-DD`, from the two fields named; an empty text leaves an end open.
    pub(crate) fn read(fields: (&'static str, &'static str), from: &str, to: &str) -> Result<Self, Invalid> {
        let range = Self { from: day(fields.0, from)?, to: day(fields.1, to)? };
        match (range.from, range.to) {
            (Some(from), Some(to)) if from > to => {
                Err(Invalid::new(fields.0, format!("{from} is after {} {to}", fields.1)))
            }
            _ => Ok(range),
        }
    }
}

fn day(field: &'static str, text: &str) -> Result<Option<Date>, Invalid> {
    if text.is_empty() {
        return Ok(None);
    }
    // The parser alone would also take times, zones and compact forms.
    let form = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let date = text.parse().ok().filter(|_| form);
    date.map(Some).ok_or_else(|| Invalid::new(field, "must be a day that exists, as YYYY-MM-DD"))
}

/// Values from one to another, both inclusive, either end open.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct ValueRange {
    /// Lowest value.
    pub(crate) from: Option<f64>,
    /// Highest value.
    pub(crate) to: Option<f64>,
}

impl ValueRange {
    /// Checks two estimated values.
    pub(crate) fn new(from: Option<f64>, to: Option<f64>) -> Result<Self, Invalid> {
        for (field, value) in [("estimatedValueFrom", from), ("estimatedValueTo", to)] {
            if value.is_some_and(|value| !value.is_finite() || value < 0.0) {
                return Err(Invalid::new(field, "must be a number of 0 or more"));
            }
        }
        match (from, to) {
            (Some(low), Some(high)) if low > high => {
                Err(Invalid::new("estimatedValueFrom", format!("{low} is above estimatedValueTo {high}")))
            }
            _ => Ok(Self { from, to }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_that_exist_in_one_form_are_read() {
        let range = DateRange::parse("2024-02-29", "").unwrap();
        assert_eq!((range.from.unwrap().to_string(), range.to), ("2024-02-29".into(), None));
        for bad in [
            "2025-02-29",
            "20250201",
            "2025-2-1",
            "2025-02-01T00:00:00Z",
            "01.02.2025",
            "+002025-01-01",
            " 2025-02-01",
            " ",
        ] {
            assert_eq!(DateRange::parse(bad, "").unwrap_err().field, "issueDateFrom", "{bad}");
            assert_eq!(DateRange::parse("", bad).unwrap_err().field, "issueDateTo", "{bad}");
        }
        assert!(DateRange::parse("2026-01-01", "2026-01-01").is_ok());
        assert_eq!(DateRange::parse("2026-01-02", "2026-01-01").unwrap_err().field, "issueDateFrom");
    }

    #[test]
    fn values_are_finite_not_negative_and_in_order() {
        assert!(ValueRange::new(Some(0.0), Some(0.0)).is_ok());
        for bad in [-1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(ValueRange::new(Some(bad), None).unwrap_err().field, "estimatedValueFrom");
            assert_eq!(ValueRange::new(None, Some(bad)).unwrap_err().field, "estimatedValueTo");
        }
        assert_eq!(ValueRange::new(Some(2.0), Some(1.0)).unwrap_err().field, "estimatedValueFrom");
    }
}
