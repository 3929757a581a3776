//! The code lists the upstreams publish. A short built-in set is enough to generate notices and answer KLASS;
//! callers may hand over the full ones.

mod cpv;
mod nuts;
mod styrk;

use std::collections::HashSet;

/// One code of the CPV list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CpvEntry {
    /// Eight digits, no check digit.
    pub code: String,
    /// Norwegian (bokmål) name.
    pub name_nb: String,
    /// English name.
    pub name_en: String,
}

/// One code of a hierarchical list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListEntry {
    /// The code.
    pub code: String,
    /// The code one level up, if any.
    pub parent: Option<String>,
    /// Level, 1 at the top.
    pub level: u8,
    /// Norwegian name.
    pub name: String,
}

/// The three lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lists {
    /// Common procurement vocabulary.
    pub cpv: Vec<CpvEntry>,
    /// Regions (1), counties (2) and municipalities (3), as KLASS numbers the levels.
    pub nuts: Vec<ListEntry>,
    /// Occupations, STYRK-08, four levels.
    pub styrk: Vec<ListEntry>,
}

impl Default for Lists {
    fn default() -> Self {
        Self { cpv: cpv::entries(), nuts: nuts::entries(), styrk: styrk::entries() }
    }
}

/// Which CPV codes exist, for finding ancestors.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vocabulary {
    codes: HashSet<u32>,
    ordered: Vec<u32>,
}

impl Vocabulary {
    pub(crate) fn new(entries: &[CpvEntry]) -> Self {
        let mut ordered: Vec<u32> = entries.iter().filter_map(|entry| entry.code.parse().ok()).collect();
        ordered.sort_unstable();
        Self { codes: ordered.iter().copied().collect(), ordered }
    }

    /// The codes and all their ancestors that exist, ascending.
    pub(crate) fn with_ancestors(&self, direct: &[u32]) -> Vec<u32> {
        let mut all = Vec::with_capacity(direct.len() * 4);
        for &code in direct {
            all.push(code);
            for unit in [10, 100, 1_000, 10_000, 100_000, 1_000_000] {
                let ancestor = code / unit * unit;
                if self.codes.contains(&ancestor) {
                    all.push(ancestor);
                }
            }
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    /// A code of the same division as `code`, picked by `roll`.
    pub(crate) fn neighbour(&self, code: u32, roll: usize) -> Option<u32> {
        let division = code / 1_000_000;
        let start = self.ordered.partition_point(|&other| other / 1_000_000 < division);
        let end = self.ordered.partition_point(|&other| other / 1_000_000 <= division);
        let range = self.ordered.get(start..end)?;
        (!range.is_empty()).then(|| range[roll % range.len()])
    }
}

/// The entries of a table whose rows are `code|name`, with parent and level by rule.
fn table(rows: &str, place: impl Fn(&str) -> (Option<String>, u8)) -> Vec<ListEntry> {
    rows.lines()
        .filter_map(|row| row.split_once('|'))
        .map(|(code, name)| {
            let (parent, level) = place(code);
            ListEntry { code: code.to_owned(), parent, level, name: name.to_owned() }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_cpv_code_comes_with_its_division_group_and_class() {
        let lists = Lists::default();
        let vocabulary = Vocabulary::new(&lists.cpv);
        assert!(lists.cpv.len() > 100);
        for entry in &lists.cpv {
            assert_eq!(entry.code.len(), 8);
            let code: u32 = entry.code.parse().unwrap();
            for unit in [10_000, 100_000, 1_000_000] {
                assert!(vocabulary.codes.contains(&(code / unit * unit)), "{} lacks an ancestor", entry.code);
            }
        }
    }

    #[test]
    fn ancestors_that_do_not_exist_are_left_out() {
        let vocabulary = Vocabulary::new(&Lists::default().cpv);
        assert_eq!(
            vocabulary.with_ancestors(&[90_919_200]),
            [90_000_000, 90_900_000, 90_910_000, 90_919_000, 90_919_200]
        );
    }

    #[test]
    fn every_parent_exists_one_level_up() {
        let lists = Lists::default();
        for list in [&lists.nuts, &lists.styrk] {
            for entry in list {
                let parent =
                    entry.parent.as_ref().map(|code| list.iter().find(|other| other.code == *code).unwrap());
                assert_eq!(parent.map_or(0, |parent| parent.level) + 1, entry.level, "{}", entry.code);
            }
        }
    }
}
