//! Values that no notice carries: a filter on them finds nothing, whatever else is asked, and is often misspelt.

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
    let texts = |values: &std::collections::BTreeSet<String>| values.iter().cloned().collect::<Vec<_>>();
    let numbers = |parties: &std::collections::BTreeSet<Named>| {
        let number = |party: &Named| match party {
            Named::Number(number) => Some(number.as_str().to_owned()),
            Named::Name(_) => None,
        };
        parties.iter().filter_map(number).collect()
    };
    for (name, code, values) in [
        ("buyer", Code::Buyer, numbers(buyers)),
        ("supplier", Code::Supplier, numbers(suppliers)),
        ("language", Code::Language, texts(languages)),
        ("procedure", Code::Procedure, texts(procedures)),
    ] {
        for value in values {
            let term = Term::from_field_text(fields.code(code), &value);
            if view.searcher.doc_freq(&term)? == 0 {
                absent.push((name, value));
            }
        }
    }
    let unknown = |currency: &&String| view.names.of(Label::Currency).find(currency).is_none();
    absent.extend(currencies.iter().filter(unknown).map(|currency| ("currency", currency.clone())));
    Ok(absent)
}
