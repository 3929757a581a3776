//! A sorted dictionary in two allocations: keys to numbers, found whole or by their beginning.

use std::ops::Range;

/// Keys and their numbers. A key may have several.
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    text: String,
    ends: Vec<u32>,
    values: Vec<u32>,
}

impl Dictionary {
    /// Sorts pairs; pairs that occur twice are kept once.
    pub(super) fn new(mut pairs: Vec<(String, u32)>) -> Self {
        pairs.sort_unstable();
        pairs.dedup();
        let mut dictionary = Self::default();
        for (key, value) in pairs {
            dictionary.text.push_str(&key);
            dictionary.ends.push(number(dictionary.text.len()));
            dictionary.values.push(value);
        }
        dictionary.text.shrink_to_fit();
        dictionary.ends.shrink_to_fit();
        dictionary.values.shrink_to_fit();
        dictionary
    }

    /// Numbers of a key.
    pub(super) fn get(&self, key: &str) -> &[u32] {
        self.slice(self.first(|other| other < key)..self.first(|other| other <= key))
    }

    /// Whether it has a key.
    pub(super) fn has(&self, key: &str) -> bool {
        !self.get(key).is_empty()
    }

    /// Numbers of the keys that begin with `prefix`, by key.
    pub(super) fn starting_with(&self, prefix: &str) -> &[u32] {
        self.slice(self.first(|key| key < prefix)..self.first(|key| key < prefix || key.starts_with(prefix)))
    }

    /// Every key with one of its numbers.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, u32)> {
        self.values.iter().enumerate().map(|(position, value)| (self.key(position), *value))
    }

    /// Bytes on the heap.
    pub(super) fn bytes(&self) -> usize {
        self.text.capacity() + (self.ends.capacity() + self.values.capacity()) * size_of::<u32>()
    }

    fn key(&self, position: usize) -> &str {
        let end = |position: usize| self.ends.get(position).map_or(0, |end| *end as usize);
        let start = position.checked_sub(1).map_or(0, end);
        self.text.get(start..end(position)).unwrap_or_default()
    }

    fn slice(&self, range: Range<usize>) -> &[u32] {
        self.values.get(range).unwrap_or_default()
    }

    /// The first position whose key is not `before`.
    fn first(&self, before: impl Fn(&str) -> bool) -> usize {
        let (mut low, mut high) = (0, self.values.len());
        while low < high {
            let middle = low.midpoint(high);
            if before(self.key(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

/// A length or position as the indexes store it. Lists are at most 32 MiB, so nothing comes near the end.
pub(super) fn number(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_whole_and_by_their_beginning() {
        let pairs = [("bil", 3), ("bilde", 1), ("bil", 2), ("hus", 4), ("bil", 3)];
        let dictionary = Dictionary::new(pairs.map(|(key, value)| (key.to_owned(), value)).to_vec());
        assert_eq!(dictionary.get("bil"), [2, 3]);
        assert_eq!(dictionary.get("bi"), [0_u32; 0]);
        assert_eq!(dictionary.starting_with("bi"), [2, 3, 1]);
        assert_eq!(dictionary.starting_with("").len(), 4);
        assert!(dictionary.has("hus") && !dictionary.has("husa") && !Dictionary::default().has(""));
        assert_eq!(dictionary.pairs().last(), Some(("hus", 4)));
    }
}
