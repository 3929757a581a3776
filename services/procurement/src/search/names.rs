//! Words that columns count by, numbered alike in all segments.

use std::collections::HashMap;
use std::sync::Arc;

use super::schema::Label;

/// Words of one column, each with its number; 0 is none.
#[derive(Debug, Clone)]
pub(super) struct List {
    words: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
}

impl Default for List {
    fn default() -> Self {
        Self { words: vec!["".into()], numbers: HashMap::new() }
    }
}

impl List {
    /// The number of a word, if any notice has it.
    pub(super) fn find(&self, word: &str) -> Option<u32> {
        self.numbers.get(word).copied()
    }

    /// The word of a number.
    pub(super) fn word(&self, number: usize) -> &str {
        self.words.get(number).map_or("", |word| word)
    }

    /// One more than the highest number.
    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    fn number(&mut self, word: &str) -> u32 {
        if let Some(number) = self.numbers.get(word) {
            return *number;
        }
        let number = u32::try_from(self.words.len()).unwrap_or(0);
        let word: Arc<str> = word.into();
        self.words.push(word.clone());
        self.numbers.insert(word, number);
        number
    }
}

/// The lists of all columns. A copy shares what it can; numbers once given stay.
#[derive(Debug, Clone, Default)]
pub(super) struct Names([Arc<List>; Label::ALL.len()]);

impl Names {
    /// The list of a column.
    pub(super) fn of(&self, label: Label) -> &List {
        &self.0[label as usize]
    }

    /// The numbers of words, given to those that have none yet.
    pub(super) fn numbers<'a>(&mut self, label: Label, words: impl Iterator<Item = &'a str>) -> Vec<u32> {
        let list = &mut self.0[label as usize];
        words.map(|word| list.find(word).unwrap_or_else(|| Arc::make_mut(list).number(word))).collect()
    }
}
