//! CSV: KLASS `/versions/{id}` (`;`), `/classifications/{id}/codes` (`,`), and the embedded files.

use csv::{ReaderBuilder, StringRecord};
use jiff::civil::Date;

use super::{in_force, wrong};
use crate::domain::Row;
use crate::source::Error;

const CODE: [&str; 1] = ["code"];
const PARENT: [&str; 2] = ["parentcode", "parent"];
const NB: [&str; 5] = ["name", "nb", "nob", "name_nb", "name_nob"];
const EN: [&str; 4] = ["en", "eng", "name_en", "name_eng"];
const FROM: [&str; 1] = ["validfrom"];
const TO: [&str; 1] = ["validto"];

/// Whether a line is the header of a list.
pub(super) fn is_header(line: &str) -> bool {
    let names: Vec<String> = line.split(separator(line)).map(name).collect();
    has(&names, &CODE) && has(&names, &NB)
}

/// Reads rows by the names of their columns; columns without a known name are let go.
pub(super) fn parse(text: &str, today: Date) -> Result<Vec<Row>, Error> {
    let header =
        text.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#')).unwrap_or_default();
    let delimiter = u8::try_from(separator(header)).unwrap_or(b';');
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .comment(Some(b'#'))
        .flexible(true)
        .from_reader(text.as_bytes());
    let names: Vec<String> =
        reader.headers().map_err(|error| wrong("CSV", &error))?.iter().map(name).collect();
    let column = |wanted: &[&str]| names.iter().position(|name| wanted.contains(&name.as_str()));
    let (Some(code), Some(nb)) = (column(&CODE), column(&NB)) else {
        return Err(wrong("CSV", &"it has no columns for codes and names"));
    };
    let (parent, en, from, to) = (column(&PARENT), column(&EN), column(&FROM), column(&TO));
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| wrong("CSV", &error))?;
        if record.len() <= code.max(nb) {
            let line = record.position().map_or(0, csv::Position::line);
            return Err(wrong("CSV", &format!("line {line} is cut off")));
        }
        let field = |column: Option<usize>| optional(&record, column);
        if in_force(field(from), field(to), today) {
            rows.push(Row::new(field(Some(code)), field(Some(nb))).below(field(parent)).english(field(en)));
        }
    }
    Ok(rows)
}

fn optional(record: &StringRecord, column: Option<usize>) -> &str {
    column.and_then(|column| record.get(column)).unwrap_or_default()
}

fn separator(header: &str) -> char {
    if header.contains(';') { ';' } else { ',' }
}

fn name(column: &str) -> String {
    column.trim().trim_matches('"').trim_start_matches('\u{feff}').to_ascii_lowercase()
}

fn has(names: &[String], wanted: &[&str]) -> bool {
    names.iter().any(|name| wanted.contains(&name.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Row> {
        parse(text, jiff::civil::date(2026, 1, 1)).unwrap()
    }

    #[test]
    fn a_klass_version_is_read_with_quotes_nulls_and_doubled_quotes() {
        let text = "code;parentCode;level;name;shortName;notes;validFrom;validTo\n\
            \"NO08\";\"\";\"1\";\"Oslo og Viken\";;\n\
            \"NO081\";\"NO08\";\"2\";\"Oslo; \"\"hovedstaden\"\"\";;;;\n";
        let expected =
            [Row::new("NO08", "Oslo og Viken"), Row::new("NO081", "Oslo; \"hovedstaden\"").below("NO08")];
        assert_eq!(rows(text), expected);
    }

    #[test]
    fn a_codes_answer_is_read_with_commas_and_without_what_is_over() {
        let text = "code,parentCode,level,name,shortName,presentationName,validFrom,validTo\n\
            \"25\",\"2\",\"2\",\"IKT, rådgivere\",\"\",\"\",,\n\
            \"26\",\"2\",\"2\",\"Andre\",\"\",\"\",\"2011-01-01\",\"2020-01-01\"\n";
        assert_eq!(rows(text), [Row::new("25", "IKT, rådgivere").below("2")]);
    }

    #[test]
    fn comments_are_skipped_and_english_labels_kept() {
        let text = "# as of a day; not a header\ncode;nb;en\n1;Ledere;Managers\n00;Uoppgitt;\n";
        assert_eq!(rows(text), [Row::new("1", "Ledere").english("Managers"), Row::new("00", "Uoppgitt")]);
    }

    #[test]
    fn a_file_that_breaks_off_is_refused() {
        let text = "code;parentCode;level;name\n1;;1;Ledere\n2;;1";
        let error = parse(text, jiff::civil::date(2026, 1, 1)).unwrap_err().to_string();
        assert!(error.contains("line 3 is cut off"), "{error}");
    }
}
