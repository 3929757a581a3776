//! A code with its labels and its place in the hierarchy.

use super::language::Language;

/// A code with its labels and its place in the hierarchy.
#[derive(Debug, Clone)]
pub struct Entry<C> {
    /// The code.
    pub code: C,
    /// Its level, 1 at the top.
    pub level: u8,
    /// Label in bokmål; in English where the list has no other.
    pub nb: String,
    /// Label in English, if there is one.
    pub en: Option<String>,
    /// Whether there is no label in bokmål, and `nb` is the English one.
    pub(super) untranslated: bool,
    pub(super) parent: Option<usize>,
    pub(super) root: usize,
    pub(super) children: Vec<usize>,
    pub(super) descendants: usize,
}

impl<C> Entry<C> {
    pub(super) fn new(code: C, level: u8, nb: Option<String>, en: Option<String>) -> Option<Self> {
        let untranslated = nb.is_none();
        Some(Self {
            code,
            level,
            nb: nb.or_else(|| en.clone())?,
            en,
            untranslated,
            parent: None,
            root: 0,
            children: Vec::new(),
            descendants: 0,
        })
    }

    /// Its label in a language, else in the other.
    pub fn label(&self, language: Language) -> &str {
        match language {
            Language::Nb => &self.nb,
            Language::En => self.en.as_ref().unwrap_or(&self.nb),
        }
    }

    /// The language of `label`, where it is not the one asked for.
    pub fn fallback(&self, language: Language) -> Option<Language> {
        match language {
            Language::Nb => self.untranslated.then_some(Language::En),
            Language::En => self.en.is_none().then_some(Language::Nb),
        }
    }

    /// The label in bokmål, if there is one.
    pub fn bokmaal(&self) -> Option<&str> {
        (!self.untranslated).then_some(self.nb.as_str())
    }

    /// How many codes are below it.
    pub fn descendants(&self) -> usize {
        self.descendants
    }
}
