//! A hash of all that is indexed.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use super::Error;
use super::schema::{NONE, Number};
use super::view::View;

/// A hash over every notice's id and the hash of its record, in the order of the ids: segments and the order in
/// which notices came leave no trace.
pub(super) fn digest(view: &View) -> Result<String, Error> {
    let mut prints = BTreeMap::new();
    let (_, name) = Number::ALL[Number::Print as usize];
    for part in &view.parts {
        let column = part.reader.fast_fields().i64(name)?;
        for doc in part.reader.doc_ids_alive() {
            let print = column.first(doc).unwrap_or(NONE);
            let key = part.columns.keys[doc as usize];
            if prints.insert(key, print).is_some() {
                return Err(anyhow::anyhow!("notice {key} is indexed twice").into());
            }
        }
    }
    let mut hash = Sha256::new();
    for (key, print) in prints {
        hash.update(key.to_be_bytes());
        hash.update(print.to_be_bytes());
    }
    Ok(URL_SAFE_NO_PAD.encode(hash.finalize()))
}
