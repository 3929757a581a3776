//! Words of labels, and where they occur.

use std::collections::BTreeMap;

use super::fold::{self, Folded};

/// The labels of a list in both languages.
#[derive(Debug)]
pub struct Index {
    /// Bokmål.
    pub nb: Labels,
    /// English.
    pub en: Labels,
}

impl Index {
    /// Indexes labels, in the list's order.
    pub fn new<'a>(labels: impl Iterator<Item = (&'a str, Option<&'a str>)>) -> Self {
        let mut index = Self { nb: Labels::default(), en: Labels::default() };
        for (nb, en) in labels {
            index.nb.push(Some(nb));
            index.en.push(en);
        }
        index
    }

    /// Bokmål, then English.
    pub fn languages(&self) -> impl Iterator<Item = &Labels> {
        [&self.nb, &self.en].into_iter()
    }
}

/// The labels of a list in one language.
#[derive(Debug, Default)]
pub struct Labels {
    folded: Vec<Option<Folded>>,
    words: BTreeMap<String, Vec<usize>>,
}

impl Labels {
    fn push(&mut self, label: Option<&str>) {
        let position = self.folded.len();
        let folded = label.map(Folded::new);
        for form in folded.iter().flat_map(Folded::forms) {
            for word in fold::words(form) {
                let positions = self.words.entry(word.to_owned()).or_default();
                if positions.last() != Some(&position) {
                    positions.push(position);
                }
            }
        }
        self.folded.push(folded);
    }

    /// A label, folded.
    pub fn label(&self, position: usize) -> Option<&Folded> {
        self.folded.get(position)?.as_ref()
    }

    /// Positions of the labels in which every word of a folded query begins a word, sorted.
    pub fn with_words(&self, query: &str) -> Vec<usize> {
        let mut found: Option<Vec<usize>> = None;
        for word in fold::words(query) {
            let mut positions: Vec<usize> = self
                .words
                .range(word.to_owned()..)
                .take_while(|(key, _)| key.starts_with(word))
                .flat_map(|(_, positions)| positions.iter().copied())
                .collect();
            positions.sort_unstable();
            positions.dedup();
            if let Some(before) = found {
                positions.retain(|position| before.binary_search(position).is_ok());
            }
            found = Some(positions);
        }
        found.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_must_begin_a_word_of_the_same_label() {
        let labels = [
            ("Kjøp av skip", Some("Ships")),
            ("Skipsverft", Some("Purchase of yards")),
            ("Kjøpesenter", None),
        ];
        let index = Index::new(labels.into_iter());
        assert_eq!(index.nb.with_words("skip"), [0, 1]);
        assert_eq!(index.nb.with_words("kjop ski"), [0]);
        assert_eq!(index.nb.with_words("kjoep"), [0, 2]);
        assert_eq!(index.en.with_words("purchase ships"), Vec::<usize>::new());
        assert_eq!(index.nb.with_words("verft"), Vec::<usize>::new());
        assert_eq!(index.nb.with_words(""), Vec::<usize>::new());
    }
}
