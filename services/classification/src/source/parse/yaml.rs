//! YAML of DFØ's eForms SDK: codes as keys, `name` in English and `nob` in bokmål.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::wrong;
use crate::domain::Row;
use crate::source::Error;

#[derive(Deserialize)]
struct Item {
    name: Option<String>,
    nob: Option<String>,
}

/// Reads a code list. A code may lack its bokmål label.
pub(super) fn parse(text: &str) -> Result<Vec<Row>, Error> {
    let items: BTreeMap<String, Item> =
        serde_saphyr::from_str(text).map_err(|error| wrong("YAML", &error))?;
    let row = |(code, item): (String, Item)| {
        Row::new(code, item.nob.unwrap_or_default()).english(&item.name.unwrap_or_default())
    };
    Ok(items.into_iter().map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_list_is_read_with_quoted_and_plain_keys() {
        let text = "'03000000':\n  name: Agricultural products\n  nob: Landbruksprodukter\n  history: []\n  nob_verify: false\n\
            48000000:\n  name: 'Software: packages'\n  nob: Programvare\n  history:\n  - name: Old\n\
            '72000000':\n  name: IT services\n  nob: null\n";
        let expected = [
            Row::new("03000000", "Landbruksprodukter").english("Agricultural products"),
            Row::new("48000000", "Programvare").english("Software: packages"),
            Row::new("72000000", "").english("IT services"),
        ];
        assert_eq!(parse(text).unwrap(), expected);
    }

    #[test]
    fn a_list_that_is_no_mapping_is_refused() {
        assert!(parse("- one\n- two\n").is_err());
        assert!(parse("'03000000':\n  name: [\n").is_err());
    }
}
