//! A code list: sorted by code, linked into its hierarchy, indexed, and never changed again.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};
use unicode_normalization::UnicodeNormalization as _;

use super::code::{Code, Malformed};
use super::fold::Folded;
use super::index::Index;
use super::search;

pub use super::entry::Entry;
pub use super::row::{Broken, Row};

/// A code list.
#[derive(Debug)]
pub struct List<C> {
    entries: Vec<Entry<C>>,
    roots: Vec<usize>,
    names: BTreeMap<String, Vec<usize>>,
    pub(super) index: Index,
    searched: search::Index,
    version: String,
}

impl<C: Code> List<C> {
    /// Checks rows and makes them a list.
    pub fn build(rows: impl IntoIterator<Item = Row>) -> Result<Self, Broken> {
        let mut given = Vec::new();
        for row in rows {
            let code = C::parse(&row.code)?;
            let parent = row.parent.as_deref().map(C::parse).transpose()?;
            if !code.listed() {
                return Err(Malformed(code.to_string(), "a code of this list").into());
            }
            let (nb, en) = (clean(&row.nb), row.en.as_deref().and_then(clean));
            let unlabelled = Broken::Label(code.to_string());
            let level = code.level();
            given.push((parent, Entry::new(code, level, nb, en).ok_or(unlabelled)?));
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
        gather(&mut entries, &roots);
        let names = names::<C>(&entries);
        let index = Index::new(entries.iter().map(|e| (e.nb.as_str(), e.en.as_deref())));
        let searched = search::Index::new(&entries);
        let version = version(&entries);
        Ok(Self { entries, roots, names, index, searched, version })
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

    /// How many codes carry a label in bokmål.
    pub fn bokmaal(&self) -> usize {
        self.entries.iter().filter(|entry| !entry.untranslated).count()
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

    /// The code at the top that an entry is below; itself at the top.
    pub fn root<'a>(&'a self, entry: &'a Entry<C>) -> &'a Entry<C> {
        self.entries.get(entry.root).unwrap_or(entry)
    }

    /// The other codes directly below the same code, sorted; at the top the other codes there.
    pub fn siblings<'a>(&'a self, entry: &'a Entry<C>) -> impl Iterator<Item = &'a Entry<C>> {
        let positions = self.parent(entry).map_or(&self.roots, |above| &above.children);
        let all = positions.iter().filter_map(|position| self.entries.get(*position));
        all.filter(|other| other.code != entry.code)
    }

    /// The codes above, from the top down.
    pub fn lineage<'a>(&'a self, entry: &'a Entry<C>) -> Vec<&'a Entry<C>> {
        let mut lineage: Vec<_> = self.ancestors(entry).collect();
        lineage.reverse();
        lineage
    }

    /// Whether an entry is `top` or below it.
    pub fn within(&self, entry: &Entry<C>, top: &Entry<C>) -> bool {
        entry.code == top.code || self.ancestors(entry).any(|above| above.code == top.code)
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

    /// Every name in either language, folded, with the codes that have it.
    pub fn names(&self) -> impl Iterator<Item = (&str, impl Iterator<Item = &Entry<C>>)> {
        self.names.iter().map(|(name, positions)| {
            (name.as_str(), positions.iter().filter_map(|position| self.entries.get(*position)))
        })
    }

    /// The folded labels of an entry, bokmål first.
    pub fn folded(&self, entry: &Entry<C>) -> impl Iterator<Item = &Folded> {
        let position = find(&self.entries, &entry.code);
        self.index.languages().filter_map(move |labels| labels.label(position?))
    }

    /// What is searched by words.
    pub fn searched(&self) -> &search::Index {
        &self.searched
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

/// Fills in, from the top down, what each entry belongs to, and from the bottom up, how many are below it.
fn gather<C>(entries: &mut [Entry<C>], roots: &[usize]) {
    let mut order: Vec<(usize, usize)> = roots.iter().map(|root| (*root, *root)).collect();
    let mut next = 0;
    while let Some((position, root)) = order.get(next).copied() {
        entries[position].root = root;
        order.extend(entries[position].children.iter().map(|child| (*child, root)));
        next += 1;
    }
    for (position, _) in order.into_iter().rev() {
        let counted = entries[position].descendants + 1;
        if let Some(parent) = entries[position].parent {
            entries[parent].descendants += counted;
        }
    }
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
