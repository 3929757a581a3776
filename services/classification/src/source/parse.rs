//! Text made into rows, in every format the publishers use.
//!
//! The format is told by the text itself, because content types cannot be relied on: the CPV list is sent as
//! `text/plain`, and an error page with status 200 as whatever was asked for.

mod csv;
mod json;
mod yaml;

use std::fmt;

use jiff::civil::Date;

use super::Error;
use crate::domain::Row;

/// Reads a list; of entries with a period, those in force on `today`.
pub fn parse(text: &str, today: Date) -> Result<Vec<Row>, Error> {
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    let Some(first) = first else {
        return Err(wrong("a list", &"it is empty"));
    };
    match first.chars().next() {
        Some('<') => Err(wrong("a list", &"it is an HTML or XML page")),
        Some('{' | '[') => json::parse(text, today),
        _ if csv::is_header(first) => csv::parse(text, today),
        _ => yaml::parse(text),
    }
}

fn wrong(format: &'static str, problem: &dyn fmt::Display) -> Error {
    // Parsers quote the text around a fault; the first line says what it is.
    let problem = problem.to_string().lines().next().unwrap_or_default().chars().take(200).collect();
    Error::Format { format, problem }
}

/// Whether a period `[from, to)` holds on a day. What is no date is an open end: older KLASS servers write
/// `+999999999-12-31`.
fn in_force(from: &str, to: &str, today: Date) -> bool {
    let date = |text: &str| text.trim().parse::<Date>().ok();
    date(from).is_none_or(|from| from <= today) && date(to).is_none_or(|to| today < to)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        parse(text, jiff::civil::date(2026, 1, 1)).unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_list_is_told_apart() {
        assert!(problem("<!DOCTYPE html><html>503</html>").contains("HTML"));
        assert!(problem(" \n# only a comment\n").contains("empty"));
        assert!(problem("{\"codes\": [").contains("JSON"));
        assert!(problem("just a sentence").contains("YAML"));
    }

    #[test]
    fn a_period_is_half_open_and_what_is_no_date_does_not_end_it() {
        let today = jiff::civil::date(2026, 1, 1);
        assert!(in_force("2024-01-01", "", today) && in_force("", "+999999999-12-31", today));
        assert!(in_force("2026-01-01", "2026-01-02", today));
        assert!(!in_force("2026-01-02", "", today) && !in_force("2020-01-01", "2026-01-01", today));
    }
}
