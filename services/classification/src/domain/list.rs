//! A code list: sorted by code, linked into its hierarchy, indexed, and never changed again.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};
use unicode_normalization::UnicodeNormalization as _;

use super::code::{Code, Malformed};
use super::fold::Folded;
use super::index::Index;
use super::language::Language;

/// One line of a list as its publisher wrote it; nothing about it is checked yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// The code.
    pub code: String,
    /// The code above, where the publisher says it.
    pub parent: Option<String>,
    /// Label in bokmål.
    pub nb: String,
    /// Label in English.
    pub en: Option<String>,
}

impl Row {
    /// A row without parent and English label.
    pub fn new(code: impl Into<String>, nb: impl Into<String>) -> Self {
        Self { code: code.into(), nb: nb.into(), ..Self::default() }
    }

    /// The row below `code`; empty text is no code.
    pub fn below(mut self, code: &str) -> Self {
        self.parent = Some(code.trim().to_owned()).filter(|code| !code.is_empty());
        self
    }

    /// The row with an English label; empty text is no label.
    pub fn english(mut self, label: &str) -> Self {
        self.en = Some(label.trim().to_owned()).filter(|label| !label.is_empty());
        self
    }
}

/// Why rows make no list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// There are none.
    #[error("the list is empty")]
    Empty,
    /// One has no valid code.
    #[error("{0}")]
    Code(#[from] Malformed),
    /// One has no label.
    #[error("code {0} has no label")]
    Label(String),
    /// Two have the same code.
    #[error("code {0} occurs twice")]
    Twice(String),
    /// One has no place in the hierarchy.
    #[error("code {code} has no place in the hierarchy: {problem}")]
    Orphan {
        /// The code.
        code: String,
        /// What is wrong with its parent.
        problem: String,
    },
}

/// A code with its labels and its place in the hierarchy.
#[derive(Debug, Clone)]
pub struct Entry<C> {
    /// The code.
    pub code: C,
    /// Its level, 1 at the top.
    pub level: u8,
    /// Label in bokmål.
    pub nb: String,
    /// Label in English, if there is one.
    pub en: Option<String>,
    parent: Option<usize>,
    children: Vec<usize>,
}

impl<C> Entry<C> {
    /// Its label; bokmål where English is asked for and there is none.
    pub fn label(&self, language: Language) -> &str {
        match language {
            Language::Nb => &self.nb,
            Language::En => self.en.as_ref().unwrap_or(&self.nb),
        }
    }
}

/// A code list.
#[derive(Debug)]
pub struct List<C> {
    entries: Vec<Entry<C>>,
    roots: Vec<usize>,
    names: BTreeMap<String, Vec<usize>>,
    pub(super) index: Index,
    version: String,
}

impl<C: Code> List<C> {
    /// Checks rows and makes them a list.
    pub fn build(rows: impl IntoIterator<Item = Row>) -> Result<Self, Broken> {
        let mut given = Vec::new();
        for row in rows {
            let code = C::parse(&row.code)?;
            let parent = row.parent.as_deref().map(C::parse).transpose()?;
            let nb = clean(&row.nb).ok_or_else(|| Broken::Label(code.to_string()))?;
            let en = row.en.as_deref().and_then(clean);
            let level = code.level();
            given.push((parent, Entry { code, level, nb, en, parent: None, children: Vec::new() }));
        }
        given.sort_by(|(_, a), (_, b)| a.code.cmp(&b.code));
        let (parents, mut entries): (Vec<Option<C>>, Vec<Entry<C>>) = given.into_iter().unzip();
        if entries.is_empty() {
            return Err(Broken::Empty);
        }
        if let Some(pair) = entries.windows(2).find(|pair| pair[0].code == pair[1].code) {
            return Err(Broken::Twice(pair[0].code.to_string()));
        }
        let mut roots = Vec::new();
        for (position, parent) in parents.iter().enumerate() {
            match place(&entries, &entries[position].code, parent.as_ref())? {
                Some(above) => {
                    entries[position].parent = Some(above);
                    entries[above].children.push(position);
                }
                None => roots.push(position),
            }
        }
        let names = names::<C>(&entries);
        let index = Index::new(entries.iter().map(|e| (e.nb.as_str(), e.en.as_deref())));
        let version = version(&entries);
        Ok(Self { entries, roots, names, index, version })
    }

    /// How many codes it has; never none.
    #[expect(clippy::len_without_is_empty, reason = "an empty list cannot be built")]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// All codes, sorted.
    pub fn entries(&self) -> &[Entry<C>] {
        &self.entries
    }

    /// Identifies the contents: equal versions mean equal lists. 16 hexadecimal digits.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// How many codes carry an English label.
    pub fn english(&self) -> usize {
        self.entries.iter().filter(|entry| entry.en.is_some()).count()
    }

    /// The entry of a code.
    pub fn get(&self, code: &C) -> Option<&Entry<C>> {
        self.entries.get(find(&self.entries, code)?)
    }

    /// The code directly above.
    pub fn parent(&self, entry: &Entry<C>) -> Option<&Entry<C>> {
        self.entries.get(entry.parent?)
    }

    /// The codes directly below, sorted.
    pub fn children<'a>(&'a self, entry: &'a Entry<C>) -> impl Iterator<Item = &'a Entry<C>> {
        entry.children.iter().filter_map(|position| self.entries.get(*position))
    }

    /// The codes at the top, sorted.
    pub fn roots(&self) -> impl Iterator<Item = &Entry<C>> {
        self.roots.iter().filter_map(|position| self.entries.get(*position))
    }

    /// The codes above, nearest first.
    pub fn ancestors<'a>(&'a self, entry: &'a Entry<C>) -> impl Iterator<Item = &'a Entry<C>> {
        std::iter::successors(self.parent(entry), |above| self.parent(above))
    }

    /// The codes that begin with `prefix`, sorted.
    pub fn starting_with(&self, prefix: &str) -> &[Entry<C>] {
        let start = self.entries.partition_point(|entry| entry.code.as_str() < prefix);
        let rest = self.entries.get(start..).unwrap_or_default();
        rest.get(..rest.partition_point(|entry| entry.code.as_str().starts_with(prefix))).unwrap_or_default()
    }

    /// The codes whose name in either language, folded, is `name`; sorted.
    pub fn named(&self, name: &str) -> impl Iterator<Item = &Entry<C>> {
        self.names.get(name).into_iter().flatten().filter_map(|position| self.entries.get(*position))
    }

    /// The codes with a name in either language that, folded, begins with `start`; a code for each such name.
    pub fn named_from<'a, 'q>(
        &'a self,
        start: &'q str,
    ) -> impl Iterator<Item = &'a Entry<C>> + use<'a, 'q, C> {
        self.names
            .range(start.to_owned()..)
            .take_while(move |(name, _)| name.starts_with(start))
            .flat_map(|(_, positions)| positions)
            .filter_map(|position| self.entries.get(*position))
    }

    /// The folded labels of an entry, bokmål first.
    pub fn folded(&self, entry: &Entry<C>) -> impl Iterator<Item = &Folded> {
        let position = find(&self.entries, &entry.code);
        self.index.languages().filter_map(move |labels| labels.label(position?))
    }

    pub(super) fn at(&self, position: usize) -> Option<&Entry<C>> {
        self.entries.get(position)
    }

    pub(super) fn position(&self, entry: &Entry<C>) -> Option<usize> {
        find(&self.entries, &entry.code)
    }
}

fn find<C: Ord>(entries: &[Entry<C>], code: &C) -> Option<usize> {
    entries.binary_search_by(|entry| entry.code.cmp(code)).ok()
}

/// Where the code above is; none at the top.
fn place<C: Code>(entries: &[Entry<C>], code: &C, given: Option<&C>) -> Result<Option<usize>, Broken> {
    let orphan = |problem: String| Broken::Orphan { code: code.to_string(), problem };
    if code.level() == 1 {
        return match given {
            Some(parent) => Err(orphan(format!("{parent} cannot be above the top level"))),
            None => Ok(None),
        };
    }
    let own = code.ancestors();
    if C::GAPS {
        let above = own.iter().find_map(|ancestor| find(entries, ancestor));
        return above.map(Some).ok_or_else(|| orphan("no code above it is listed".into()));
    }
    let parent = own.first().or(given).ok_or_else(|| orphan("the code above is not said".into()))?;
    if let Some(other) = given.filter(|given| *given != parent) {
        return Err(orphan(format!("{other} cannot be above it")));
    }
    if parent.level() + 1 != code.level() {
        return Err(orphan(format!("{parent} is not one level above")));
    }
    find(entries, parent).map(Some).ok_or_else(|| orphan(format!("{parent} is not listed")))
}

fn names<C: Code>(entries: &[Entry<C>]) -> BTreeMap<String, Vec<usize>> {
    let mut names: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (position, entry) in entries.iter().enumerate() {
        for label in std::iter::once(&entry.nb).chain(&entry.en) {
            for name in C::names(label) {
                for form in Folded::new(name).forms() {
                    let positions = names.entry(form.to_owned()).or_default();
                    if positions.last() != Some(&position) {
                        positions.push(position);
                    }
                }
            }
        }
    }
    names
}

fn version<C: Code>(entries: &[Entry<C>]) -> String {
    let mut hash = Sha256::new();
    for entry in entries {
        let parent =
            entry.parent.and_then(|position| entries.get(position)).map_or("", |above| above.code.as_str());
        for field in [entry.code.as_str(), parent, &entry.nb, entry.en.as_deref().unwrap_or_default()] {
            hash.update(field.as_bytes());
            // Labels hold no control characters, so the separator keeps fields apart.
            hash.update([0]);
        }
    }
    let first = hash.finalize().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte));
    format!("{first:016x}")
}

/// A label in composed form, without control characters and with single spaces; none if nothing is left.
fn clean(label: &str) -> Option<String> {
    let composed: String = label.nfc().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let clean = composed.split_whitespace().collect::<Vec<_>>().join(" ");
    (!clean.is_empty()).then_some(clean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CpvCode, NutsCode, StyrkCode};

    fn styrk(codes: &[&str]) -> Result<List<StyrkCode>, Broken> {
        List::build(codes.iter().map(|code| Row::new(*code, format!("yrke {code}"))))
    }

    #[test]
    fn a_list_is_linked_in_both_directions_whatever_the_order_of_rows() {
        let list = styrk(&["2512", "2", "251", "25", "1"]).unwrap();
        let role = list.get(&StyrkCode::parse("251").unwrap()).unwrap();
        assert_eq!(list.parent(role).unwrap().code.as_str(), "25");
        assert_eq!(list.children(role).map(|e| e.code.as_str()).collect::<Vec<_>>(), ["2512"]);
        assert_eq!(list.roots().map(|e| e.code.as_str()).collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(list.ancestors(role).map(|e| e.code.as_str()).collect::<Vec<_>>(), ["25", "2"]);
        assert_eq!(list.starting_with("25").len(), 3);
        assert_eq!(list.starting_with("9").len(), 0);
    }

    #[test]
    fn broken_rows_are_refused_with_the_code_at_fault() {
        let refused = |codes: &[&str]| styrk(codes).unwrap_err().to_string();
        assert_eq!(refused(&[]), "the list is empty");
        assert!(refused(&["2", "x5"]).contains("\"x5\""));
        assert!(refused(&["2", "2"]).contains("2 occurs twice"));
        assert!(refused(&["2", "251"]).contains("code 251 has no place"));
        let unlabelled = List::<StyrkCode>::build([Row::new("2", " \t")]).unwrap_err();
        assert_eq!(unlabelled, Broken::Label("2".into()));
    }

    #[test]
    fn a_parent_must_be_listed_and_one_level_above() {
        let build = |rows: Vec<Row>| List::<NutsCode>::build(rows).map(|list| list.len());
        let region = Row::new("NO08", "Oslo og Viken");
        let county = Row::new("NO081", "Oslo").below("NO08");
        let city = Row::new("NO0301", "Oslo");
        assert_eq!(build(vec![region.clone(), county.clone(), city.clone().below("NO081")]), Ok(3));
        for wrong in [city.clone(), city.clone().below("NO084"), city.below("NO08")] {
            assert!(matches!(build(vec![region.clone(), county.clone(), wrong]), Err(Broken::Orphan { .. })));
        }
        assert!(build(vec![region.clone(), county.below("NO09")]).is_err());
        assert!(build(vec![region.below("NO09")]).is_err());
        let division_missing = List::<CpvCode>::build([Row::new("48200000", "Programvare for nettverk")]);
        assert!(matches!(division_missing, Err(Broken::Orphan { .. })));
    }

    #[test]
    fn equal_contents_have_equal_versions_and_any_change_a_new_one() {
        let version = |rows: &[Row]| List::<StyrkCode>::build(rows.to_vec()).unwrap().version().to_owned();
        let rows = [Row::new("1", "Ledere"), Row::new("2", "Akademiske yrker")];
        let spaced = [Row::new("2", " Akademiske  yrker "), Row::new("1", "Ledere")];
        assert_eq!(version(&rows), version(&spaced));
        assert_eq!(version(&rows).len(), 16);
        let translated = [rows[0].clone().english("Managers"), rows[1].clone()];
        assert_ne!(version(&rows), version(&translated));
    }
}
