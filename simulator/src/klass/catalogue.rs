//! The classifications and versions this KLASS knows, built from the code lists.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::civil::{Date, date};

use super::Charset;
use crate::data_dir::Files;
use crate::lists::{ListEntry, Lists};

/// All there is.
#[derive(Debug)]
pub(crate) struct Catalogue {
    pub(super) classifications: Vec<Classification>,
    pub(super) versions: Vec<Version>,
}

/// A classification: a series of versions.
#[derive(Debug)]
pub(super) struct Classification {
    pub(super) id: u32,
    pub(super) name: &'static str,
    pub(super) section: &'static str,
}

/// One edition.
#[derive(Debug)]
pub(super) struct Version {
    pub(super) id: u32,
    /// The classification it belongs to, where that is known.
    pub(super) classification: Option<u32>,
    pub(super) name: &'static str,
    pub(super) valid_from: Date,
    pub(super) valid_to: Option<Date>,
    pub(super) published: &'static [&'static str],
    pub(super) levels: &'static [&'static str],
    /// Sorted by code.
    pub(super) items: Vec<ListEntry>,
    /// Real CSV files, by charset.
    pub(super) files: Vec<(Charset, Bytes)>,
}

impl Version {
    /// Whether the version is in force on some day of a half-open range.
    pub(super) fn overlaps(&self, from: Date, to: Option<Date>) -> bool {
        to.is_none_or(|to| self.valid_from < to) && self.valid_to.is_none_or(|end| end > from)
    }
}

impl Catalogue {
    pub(crate) fn new(lists: &Lists, files: &Files) -> Self {
        let municipalities = municipalities(&lists.nuts);
        let mut merged = municipalities.clone();
        merged.retain(|entry| entry.code != "0301");
        merged.insert(0, flat("0399", "Oslo (fremtidig nummer)"));
        let version = |id, classification, name, valid_from, items: Vec<ListEntry>| Version {
            id,
            classification,
            name,
            valid_from,
            valid_to: None,
            published: &["nb"],
            levels: &[],
            items: sorted(items),
            files: Vec::new(),
        };
        let versions = vec![
            Version {
                published: &["nb", "nn"],
                levels: &["Yrkesfelt", "Yrkesområde", "Yrkesgruppe", "Yrke"],
                files: files.styrk_csv.clone(),
                ..version(
                    33,
                    Some(7),
                    "Yrkesklassifisering 08 (STYRK-08) ",
                    date(2011, 1, 1),
                    lists.styrk.clone(),
                )
            },
            Version {
                levels: &["Landsdel", "Fylke", "Kommune"],
                files: files.nuts_csv.clone(),
                ..version(
                    2_482,
                    None,
                    "Regionale inndelinger (NUTS) 2024",
                    date(2024, 1, 1),
                    lists.nuts.clone(),
                )
            },
            Version {
                levels: &["Fylke"],
                ..version(2_301, Some(104), "Fylkesinndeling 2024", date(2024, 1, 1), counties(&lists.nuts))
            },
            Version {
                levels: &["Kommune"],
                valid_to: Some(date(2040, 1, 1)),
                ..version(1_931, Some(131), "Kommuneinndeling 2024", date(2024, 1, 1), municipalities)
            },
            // A decision that is not in force yet, so that `includeFuture` has something to hide.
            Version {
                levels: &["Kommune"],
                ..version(3_131, Some(131), "Kommuneinndeling 2040", date(2040, 1, 1), merged)
            },
        ];
        let classification = |id, name, section| Classification { id, name, section };
        let classifications = vec![
            classification(7, "Standard for yrkesklassifisering (STYRK)", "312 - Arbeidsmarked og lønn"),
            classification(104, "Standard for fylkesinndeling", "320 - Befolkning"),
            classification(131, "Standard for kommuneinndeling", "320 - Befolkning"),
        ];
        Self { classifications, versions }
    }

    pub(super) fn version(&self, id: u32) -> Option<&Version> {
        self.versions.iter().find(|version| version.id == id)
    }

    pub(super) fn classification(&self, id: u32) -> Option<&Classification> {
        self.classifications.iter().find(|classification| classification.id == id)
    }

    pub(super) fn versions_of(&self, id: u32) -> impl Iterator<Item = &Version> {
        self.versions.iter().filter(move |version| version.classification == Some(id))
    }
}

fn sorted(mut items: Vec<ListEntry>) -> Vec<ListEntry> {
    items.sort_by(|left, right| left.code.cmp(&right.code));
    items
}

fn flat(code: &str, name: &str) -> ListEntry {
    ListEntry { code: code.to_owned(), parent: None, level: 1, name: name.to_owned() }
}

fn municipalities(nuts: &[ListEntry]) -> Vec<ListEntry> {
    let numbered = nuts.iter().filter(|entry| entry.level == 3);
    let mut items: Vec<_> =
        numbered.map(|entry| flat(entry.code.trim_start_matches("NO"), &entry.name)).collect();
    items.push(flat("9999", "Uoppgitt"));
    items
}

/// A county's number is the beginning of its municipalities'.
fn counties(nuts: &[ListEntry]) -> Vec<ListEntry> {
    let names: BTreeMap<&str, &str> =
        nuts.iter().map(|entry| (entry.code.as_str(), entry.name.as_str())).collect();
    let mut numbers: BTreeMap<&str, &str> = BTreeMap::new();
    for entry in nuts.iter().filter(|entry| entry.level == 3) {
        let name = entry.parent.as_deref().and_then(|parent| names.get(parent));
        if let (Some(number), Some(name)) = (entry.code.get(2..4), name) {
            numbers.insert(number, name);
        }
    }
    numbers.insert("99", "Uoppgitt");
    numbers.into_iter().map(|(number, name)| flat(number, name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counties_and_municipalities_follow_from_the_regions() {
        let nuts = Lists::default().nuts;
        let counties = counties(&nuts);
        assert_eq!(counties.len(), 16);
        assert!(counties.contains(&flat("32", "Akershus")) && counties.contains(&flat("99", "Uoppgitt")));
        assert!(municipalities(&nuts).contains(&flat("0301", "Oslo")));
    }
}
