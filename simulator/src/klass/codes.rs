//! `/classifications/{id}/codes`, `/codesAt` and `/changes`.

use axum::body::Body;
use axum::http::Response;
use jiff::ToSpan;
use jiff::civil::Date;

use super::Asked;
use super::form::{List, Problem, Row};
use super::select::Selection;
use crate::clock;
use crate::lists::ListEntry;

const KEYS: [&str; 11] = [
    "code",
    "parentCode",
    "level",
    "name",
    "shortName",
    "presentationName",
    "validFrom",
    "validTo",
    "validFromInRequestedRange",
    "validToInRequestedRange",
    "notes",
];

/// A code in the part of the asked range in which it is in force.
struct Found<'a> {
    entry: &'a ListEntry,
    from: Date,
    to: Option<Date>,
}

/// `/codes?from=&to=`
pub(super) fn between(asked: &Asked<'_>, id: u32) -> Result<Response<Body>, Problem> {
    let (from, to) = range(asked)?;
    list(asked, id, from, to, true)
}

/// `/codesAt?date=`
pub(super) fn at(asked: &Asked<'_>, id: u32) -> Result<Response<Body>, Problem> {
    let day = day(asked, "date")?.ok_or_else(|| required("date"))?;
    list(asked, id, day, day.checked_add(1.day()).ok(), false)
}

/// `/changes?from=&to=`: nothing ever changed between the versions known here.
pub(super) fn changes(asked: &Asked<'_>, id: u32) -> Result<Response<Body>, Problem> {
    range(asked)?;
    known(asked, id)?;
    let columns =
        ["oldCode", "oldName", "oldShortName", "newCode", "newName", "newShortName", "changeOccurred"];
    let list = List {
        json: "codeChanges",
        xml: ("codeChangeList", "codeChangeItem"),
        columns: columns.to_vec(),
        separator: separator(asked)?,
    };
    list.render(asked.form, &[])
}

fn range(asked: &Asked<'_>) -> Result<(Date, Option<Date>), Problem> {
    let from = day(asked, "from")?.ok_or_else(|| required("from"))?;
    let to = day(asked, "to")?;
    match to {
        Some(to) if from >= to => {
            Err(Problem::bad(format!("From is equal or after to. From: {from} To: {to}")))
        }
        _ => Ok((from, to)),
    }
}

fn required(name: &str) -> Problem {
    Problem::bad(format!(
        "Required request parameter '{name}' for method parameter type String is not present"
    ))
}

fn day(asked: &Asked<'_>, name: &str) -> Result<Option<Date>, Problem> {
    let Some(text) = asked.query.filled(name) else { return Ok(None) };
    let bad = || Problem::bad(format!("Failed to convert '{name}' with value: '{text}'"));
    if text.len() != 10 {
        return Err(bad());
    }
    text.parse().map(Some).map_err(|_| bad())
}

fn known(asked: &Asked<'_>, id: u32) -> Result<(), Problem> {
    match asked.world.catalogue.classification(id) {
        Some(_) => Ok(()),
        None => Err(Problem::missing(format!("Classification not found with id = {id}"))),
    }
}

fn separator(asked: &Asked<'_>) -> Result<char, Problem> {
    let text = asked.query.filled("csvSeparator").unwrap_or(",");
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(separator), None) => Ok(separator),
        _ => Err(Problem::bad("Separator must be a single character".to_owned())),
    }
}

fn list(
    asked: &Asked<'_>,
    id: u32,
    from: Date,
    to: Option<Date>,
    ranged: bool,
) -> Result<Response<Body>, Problem> {
    known(asked, id)?;
    let separator = separator(asked)?;
    let keys: Vec<&'static str> =
        KEYS.into_iter().filter(|key| ranged || !key.ends_with("InRequestedRange")).collect();
    let columns = columns(asked, &keys)?;
    let selection = Selection::parse(asked.query.get("selectCodes").unwrap_or_default())?;
    let level = asked.query.filled("selectLevel");
    let pattern = asked.query.filled("presentationNamePattern");
    let rows: Vec<Row> = found(asked, id, from, to)?
        .into_iter()
        .filter(|found| selection.wants(&found.entry.code))
        .filter(|found| level.is_none_or(|level| level == found.entry.level.to_string()))
        .map(|found| row(asked, &found, pattern, &keys))
        .collect();
    let list = List { json: "codes", xml: ("codeList", "codeItem"), columns, separator };
    list.render(asked.form, &asked.cut(rows))
}

/// The columns asked for. The range columns exist in the output and are refused here all the same.
fn columns(asked: &Asked<'_>, keys: &[&'static str]) -> Result<Vec<&'static str>, Problem> {
    let Some(names) = asked.query.filled("csvFields") else { return Ok(keys.to_vec()) };
    names
        .split(',')
        .map(|name| {
            let known = keys.iter().find(|key| **key == name && !key.ends_with("InRequestedRange"));
            known.copied().ok_or_else(|| {
                Problem::bad(format!("CorrespondenceList does not contain the following field(s): {name}"))
            })
        })
        .collect()
}

/// Codes in force somewhere in the range, sorted; the same code of touching versions is one.
fn found<'a>(asked: &'a Asked<'_>, id: u32, from: Date, to: Option<Date>) -> Result<Vec<Found<'a>>, Problem> {
    let today = clock::day_of(asked.world.clock.now());
    let future = asked.query.flag("includeFuture");
    let mut all: Vec<Found<'a>> = Vec::new();
    for version in asked.world.catalogue.versions_of(id) {
        if !version.overlaps(from, to) || (version.valid_from > today && !future) {
            continue;
        }
        asked.language(version)?;
        // An end that lies behind a version nobody may see yet is not told either.
        let end = version.valid_to.filter(|end| future || *end <= today);
        let to = [to, end].into_iter().flatten().min();
        all.extend(version.items.iter().map(|entry| Found { entry, from: from.max(version.valid_from), to }));
    }
    all.sort_by(|left, right| (&left.entry.code, left.from).cmp(&(&right.entry.code, right.from)));
    let mut merged: Vec<Found<'a>> = Vec::with_capacity(all.len());
    for next in all {
        match merged.last_mut() {
            Some(last) if last.to == Some(next.from) && same(last.entry, next.entry) => last.to = next.to,
            _ => merged.push(next),
        }
    }
    Ok(merged)
}

fn same(left: &ListEntry, right: &ListEntry) -> bool {
    left.code == right.code && left.name == right.name && left.level == right.level
}

fn row(asked: &Asked<'_>, found: &Found<'_>, pattern: Option<&str>, keys: &[&'static str]) -> Row {
    let ListEntry { code, parent, level, name } = found.entry;
    let value = |key: &str| match key {
        "code" => Some(code.clone()),
        "parentCode" => parent.clone(),
        "level" => Some(level.to_string()),
        "name" => Some(name.clone()),
        "presentationName" => Some(pattern.map_or_else(String::new, |pattern| present(pattern, code, name))),
        "shortName" | "notes" => Some(String::new()),
        "validFromInRequestedRange" => Some(found.from.to_string()),
        "validToInRequestedRange" => asked.end(found.to),
        "validTo" if asked.world.faults().klass.legacy_valid_to => asked.end(None),
        _ => None,
    };
    Row(keys.iter().map(|&key| (key, value(key))).collect())
}

/// The pattern with its placeholders filled; placeholders it does not know stay.
fn present(pattern: &str, code: &str, name: &str) -> String {
    let mut text = pattern.to_owned();
    for (field, value) in [("code", code), ("name", name), ("shortname", "")] {
        text = text
            .replace(&format!("{{{field}}}"), value)
            .replace(&format!("{{uppercase({field})}}"), &value.to_uppercase())
            .replace(&format!("{{lowercase({field})}}"), &value.to_lowercase())
            .replace(&format!("{{capitalize({field})}}"), &crate::text::capitalised(&value.to_lowercase()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::present;

    #[test]
    fn patterns_are_case_sensitive() {
        assert_eq!(present("{code} - {uppercase(name)}", "25", "Rådgivere"), "25 - RÅDGIVERE");
        assert_eq!(present("{Code} {shortName}{shortname}", "25", "x"), "{Code} {shortName}");
    }
}
