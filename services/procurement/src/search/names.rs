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

/// Marks the number of several words; below it are numbers of one.
pub(super) const SEVERAL: u32 = 1 << 31;

/// Words that notices have together, each set with its number. So a notice has one number however many words it
/// has, and is counted in one step.
#[derive(Debug, Clone, Default)]
pub(super) struct Sets {
    members: Vec<u32>,
    ends: Vec<u32>,
    numbers: HashMap<Box<[u32]>, u32>,
}

impl Sets {
    /// How many sets there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The numbers of the words that a number stands for.
    pub(super) fn members<'a>(&'a self, number: &'a u32) -> &'a [u32] {
        match *number {
            0 => &[],
            several if several & SEVERAL != 0 => {
                let at = (several & !SEVERAL) as usize;
                let begin = at.checked_sub(1).map_or(0, |before| self.ends[before]);
                &self.members[begin as usize..self.ends[at] as usize]
            }
            _ => std::slice::from_ref(number),
        }
    }

    fn number(&mut self, words: &[u32]) -> u32 {
        if let Some(number) = self.numbers.get(words) {
            return *number;
        }
        let number = SEVERAL | u32::try_from(self.ends.len()).unwrap_or(0);
        self.members.extend_from_slice(words);
        self.ends.push(u32::try_from(self.members.len()).unwrap_or(0));
        self.numbers.insert(words.into(), number);
        number
    }
}

/// The lists of all columns. A copy shares what it can; numbers once given stay.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    lists: [Arc<List>; Label::ALL.len()],
    sets: [Arc<Sets>; Label::ALL.len()],
}

impl Names {
    /// The list of a column.
    pub(super) fn of(&self, label: Label) -> &List {
        &self.lists[label as usize]
    }

    /// The sets of a column.
    pub(super) fn sets(&self, label: Label) -> &Sets {
        &self.sets[label as usize]
    }

    /// The numbers of words, given to those that have none yet.
    pub(super) fn numbers<'a>(&mut self, label: Label, words: impl Iterator<Item = &'a str>) -> Vec<u32> {
        let list = &mut self.lists[label as usize];
        words.map(|word| list.find(word).unwrap_or_else(|| Arc::make_mut(list).number(word))).collect()
    }

    /// One number for the words of a notice, each given once, in rising order.
    pub(super) fn together(&mut self, label: Label, words: &[u32]) -> u32 {
        match words {
            [] => 0,
            [one] => *one,
            several => {
                let sets = &mut self.sets[label as usize];
                let known = sets.numbers.get(several).copied();
                known.unwrap_or_else(|| Arc::make_mut(sets).number(several))
            }
        }
    }

    /// The numbers of all sets of words that hold one of some words.
    pub(super) fn with_any(&self, label: Label, words: &[u32]) -> Vec<u32> {
        let sets = self.sets(label);
        let several = (0..sets.len()).filter_map(|set| u32::try_from(set).ok()).map(|set| set | SEVERAL);
        let hold = several.filter(|set| sets.members(set).iter().any(|word| words.contains(word)));
        words.iter().copied().chain(hold).collect()
    }
}
