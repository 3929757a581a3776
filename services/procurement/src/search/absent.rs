//! Values that no notice carries: a filter on them finds nothing, whatever else is asked, and is often misspelt.

use std::collections::BTreeSet;

use tantivy::Term;

use super::Error;
use super::schema::{Code, Fields, Label};
use super::view::View;
use crate::domain::{Named, Query, Refine};

/// A value that is filtered by and that no notice carries, after the filter's name.
pub(crate) type Absent = (&'static str, String);

/// What a search filters by and no notice carries. Nothing of an index without notices, which says nothing.
pub(super) fn absent(view: &View, fields: &Fields, query: &Query) -> Result<Vec<Absent>, Error> {
    let mut absent = Vec::new();
    if view.searcher.num_docs() == 0 {
        return Ok(absent);
    }
    let Refine { buyers, suppliers, currencies, languages, procedures, .. } = &query.refine;
    let codes = [
        ("buyer", Code::Buyer, numbers(buyers)),
        ("supplier", Code::Supplier, numbers(suppliers)),
        ("language", Code::Language, languages.iter().map(String::as_str).collect()),
        ("procedure", Code::Procedure, procedures.iter().map(String::as_str).collect()),
    ];
    for (name, code, values) in codes {
        for value in values {
            if view.searcher.doc_freq(&Term::from_field_text(fields.code(code), value))? == 0 {
                absent.push((name, value.to_owned()));
            }
        }
    }
    let unknown = |currency: &&String| view.names.of(Label::Currency).find(currency).is_none();
    absent.extend(currencies.iter().filter(unknown).map(|currency| ("currency", currency.clone())));
    Ok(absent)
}

fn numbers(parties: &BTreeSet<Named>) -> Vec<&str> {
    let numbers = parties.iter().filter_map(|party| match party {
        Named::Number(number) => Some(number.as_str()),
        Named::Name(_) => None,
    });
    numbers.collect()
}
