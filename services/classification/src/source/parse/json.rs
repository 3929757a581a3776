//! JSON of KLASS: `/versions/{id}` (`classificationItems`) and `/classifications/{id}/codes` (`codes`).

use jiff::civil::Date;
use serde::Deserialize;

use super::{in_force, wrong};
use crate::domain::Row;
use crate::source::Error;

#[derive(Deserialize)]
struct Answer {
    #[serde(alias = "classificationItems")]
    codes: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    code: String,
    name: String,
    // Null at the top in `codes`, "" in versions.
    parent_code: Option<String>,
    valid_from: Option<String>,
    valid_to: Option<String>,
    valid_from_in_requested_range: Option<String>,
    valid_to_in_requested_range: Option<String>,
}

/// Reads an answer of KLASS. A code that was renamed occurs once for each name; the one in force stays.
pub(super) fn parse(text: &str, today: Date) -> Result<Vec<Row>, Error> {
    let answer: Answer = serde_json::from_str(text).map_err(|error| wrong("JSON", &error))?;
    let holds = |from: &Option<String>, to: &Option<String>| {
        in_force(from.as_deref().unwrap_or_default(), to.as_deref().unwrap_or_default(), today)
    };
    let rows = answer.codes.into_iter().filter(|item| {
        holds(&item.valid_from, &item.valid_to)
            && holds(&item.valid_from_in_requested_range, &item.valid_to_in_requested_range)
    });
    Ok(rows.map(|item| Row::new(item.code, item.name).below(&item.parent_code.unwrap_or_default())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Result<Vec<Row>, Error> {
        parse(text, jiff::civil::date(2026, 1, 1))
    }

    #[test]
    fn a_version_is_read_with_its_empty_parents() {
        let text = r#"{"name":"NUTS","levels":[{"levelNumber":1}],"classificationItems":[
            {"code":"NO08","parentCode":"","level":"1","name":"Oslo og Viken","shortName":null,"notes":null},
            {"code":"NO081","parentCode":"NO08","level":"2","name":"Oslo","shortName":null,"notes":null}]}"#;
        assert_eq!(
            rows(text).unwrap(),
            [Row::new("NO08", "Oslo og Viken"), Row::new("NO081", "Oslo").below("NO08")]
        );
    }

    #[test]
    fn of_a_renamed_code_only_the_name_in_force_is_taken() {
        let text = r#"{"codes":[
            {"code":"2","parentCode":null,"level":"1","name":"Akademiske yrker","validFrom":null,"validTo":null,
             "validFromInRequestedRange":"2024-01-01","validToInRequestedRange":"2025-01-01"},
            {"code":"2","parentCode":null,"level":"1","name":"Akademikere","validFrom":null,"validTo":null,
             "validFromInRequestedRange":"2025-01-01","validToInRequestedRange":"+999999999-12-31"},
            {"code":"25","parentCode":"2","level":"2","name":"IKT-rådgivere"}]}"#;
        assert_eq!(
            rows(text).unwrap(),
            [Row::new("2", "Akademikere"), Row::new("25", "IKT-rådgivere").below("2")]
        );
    }

    #[test]
    fn an_error_body_is_not_a_list() {
        let problem =
            rows(r#"{"type":"about:blank","title":"Not Found","status":404}"#).unwrap_err().to_string();
        assert!(problem.contains("JSON") && problem.contains("codes"), "{problem}");
    }
}
