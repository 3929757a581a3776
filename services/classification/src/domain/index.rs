//! Labels of a list, folded once.

use super::fold::Folded;

/// The labels of a list in both languages.
#[derive(Debug)]
pub struct Index {
    /// Bokmål.
    pub nb: Labels,
    /// English.
    pub en: Labels,
}

impl Index {
    /// Folds labels, in the list's order.
    pub fn new<'a>(labels: impl Iterator<Item = (&'a str, Option<&'a str>)>) -> Self {
        let (nb, en) = labels.map(|(nb, en)| (Some(Folded::new(nb)), en.map(Folded::new))).unzip();
        Self { nb: Labels(nb), en: Labels(en) }
    }

    /// Bokmål, then English.
    pub fn languages(&self) -> impl Iterator<Item = &Labels> {
        [&self.nb, &self.en].into_iter()
    }
}

/// The labels of a list in one language.
#[derive(Debug)]
pub struct Labels(Vec<Option<Folded>>);

impl Labels {
    /// A label, folded.
    pub fn label(&self, position: usize) -> Option<&Folded> {
        self.0.get(position)?.as_ref()
    }
}
