//! Names of organisations, counted as notices come and change, so that they need not be counted when asked for.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::AnyConnection;
use unicode_normalization::UnicodeNormalization as _;

use super::derive::TABLES;
use super::error::Fault;
use super::observe::CHUNK;
use super::sql::{Fields as _, Rows, Sql};
use super::write::Write;
use crate::domain::OrgNumber;

/// Which notice names which organisation how.
pub(super) type Named = BTreeSet<(i64, OrgNumber, String)>;

/// Removes what was derived from notices; gives the organisations that were named in it.
pub(super) async fn forget(write: &mut Write, keys: &[i64]) -> Result<Named, Fault> {
    let mut named = Named::new();
    for keys in keys.chunks(CHUNK) {
        let connection = write.connection()?;
        let sql = Sql::new("SELECT notice, number, name FROM party WHERE number IS NOT NULL AND notice");
        for row in sql.within(keys).all(connection).await? {
            if let Ok(number) = OrgNumber::try_from(row.string(1)?) {
                named.insert((row.int(0)?, number, row.string(2)?));
            }
        }
        for table in TABLES {
            let sql = Sql::new("DELETE FROM ").text(table).text(" WHERE notice").within(keys);
            sql.run(connection).await?;
        }
    }
    Ok(named)
}

/// Counts notices by organisation and name anew, given what was removed and what was added.
pub(super) async fn recount(
    connection: &mut AnyConnection,
    removed: &Named,
    added: &Named,
) -> Result<(), Fault> {
    let mut names: BTreeMap<(&OrgNumber, &str), i64> = BTreeMap::new();
    let mut notices: BTreeMap<&OrgNumber, i64> = BTreeMap::new();
    for (named, one) in [(removed, -1), (added, 1)] {
        for (_, number, name) in named {
            *names.entry((number, name)).or_default() += one;
        }
        let pairs: BTreeSet<_> = named.iter().map(|(notice, number, _)| (notice, number)).collect();
        for (_, number) in pairs {
            *notices.entry(number).or_default() += one;
        }
    }
    names.retain(|_, count| *count != 0);
    notices.retain(|_, count| *count != 0);
    let mut rows = Rows::new(
        "organization (number, notices)",
        "ON CONFLICT (number) DO UPDATE SET notices = organization.notices + excluded.notices",
    );
    for (number, count) in notices {
        rows.add([number.as_str().into(), count.into()]);
    }
    rows.insert(connection).await?;
    let mut rows = Rows::new(
        "organization_name (number, name, notices)",
        "ON CONFLICT (number, name) DO UPDATE SET notices = organization_name.notices + excluded.notices",
    );
    let mut beginnings = BTreeSet::new();
    for ((number, name), count) in names {
        rows.add([number.as_str().into(), name.into(), count.into()]);
        if count > 0 {
            beginnings.extend(words(name).into_iter().map(|word| (word, number)));
        }
    }
    rows.insert(connection).await?;
    let mut rows = Rows::new("organization_word (word, number)", "ON CONFLICT DO NOTHING");
    for (word, number) in beginnings {
        rows.add([word.into(), number.as_str().into()]);
    }
    rows.insert(connection).await
}

/// The words of a text, folded: lower case, without accents, `ø` as `o`, `æ` as `ae`, `å` as `a`.
pub(super) fn words(text: &str) -> BTreeSet<String> {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd().flat_map(char::to_lowercase) {
        match c {
            'ø' => folded.push('o'),
            'æ' => folded.push_str("ae"),
            'ß' => folded.push_str("ss"),
            c if c.is_alphanumeric() => folded.push(c),
            '\u{300}'..='\u{36f}' => {}
            _ => folded.push(' '),
        }
    }
    folded.split_whitespace().map(ToOwned::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_names_are_folded() {
        let folded = |text| words(text).into_iter().collect::<Vec<_>>();
        assert_eq!(folded("Sørensen & Ångström A/S"), ["a", "angstrom", "s", "sorensen"]);
        assert_eq!(folded("SYKEHUSINNKJØP HF, hf"), ["hf", "sykehusinnkjop"]);
        assert_eq!(folded("Æ-bygg"), ["ae", "bygg"]);
        assert!(words(" & / ").is_empty());
    }
}
