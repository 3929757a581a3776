//! Search words, understood: what must occur, what must not.
//!
//! Every word must occur, in any inflection and any field. `"…"` wants its words side by side, `-` before a
//! word or a quotation forbids it, `*` after a word takes whatever begins with it. Words that punctuation joins
//! ("IT-drift", "26-019") are wanted side by side. A Doffin id is the notice itself or a mention of it, and an
//! organisation number is one word however it is dressed. A quotation mark without a partner, and whatever holds
//! no letter or digit, is no condition; so a text of signs alone matches everything, and one of forbidden words
//! alone matches everything without them.

use std::borrow::Cow;
use std::collections::HashSet;

use super::analysis::stem_of;
use super::fold::{Folded, words};
use crate::domain::{NoticeId, OrgNumber, Words};

/// Shortest beginning that is completed, in letters; a shorter one is a word.
const SHORTEST_BEGINNING: usize = 3;

/// One condition on a notice's words.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Clause {
    /// A stem.
    Word(String),
    /// Stems side by side, two or more.
    Phrase(Vec<String>),
    /// A beginning of a folded word, and the stem of the word it may be already.
    Beginning {
        /// The beginning.
        form: String,
        /// The stem.
        stem: String,
    },
    /// A notice, or its id as words.
    Notice {
        /// The id.
        id: NoticeId,
        /// Year and number, side by side.
        mention: Vec<String>,
    },
}

/// What a text asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// What must occur, each once.
    pub(super) wanted: Vec<Clause>,
    /// What must not occur; a notice is left out where all of one group does.
    pub(super) unwanted: Vec<Vec<Clause>>,
}

impl Plan {
    /// Understands search words; none ask for nothing.
    pub(super) fn new(text: Option<&Words>) -> Self {
        text.map(|words| Self::read(words.as_str())).unwrap_or_default()
    }

    /// The words of a name, all of which must occur. Signs have no meaning in a name.
    pub(super) fn of_name(name: &str) -> Vec<String> {
        let mut stems = stems(name);
        stems.dedup();
        stems
    }

    fn read(text: &str) -> Self {
        let mut plan = Self::default();
        if let Some(number) = OrgNumber::find(text) {
            plan.wanted.push(Clause::Word(number.as_str().to_owned()));
            return plan;
        }
        for Piece { forbidden, quoted, text } in pieces(&undressed(text)) {
            let clauses = if quoted { phrase(text) } else { loose(text) };
            if forbidden {
                plan.unwanted.push(clauses);
            } else {
                plan.wanted.extend(clauses);
            }
        }
        let mut seen = HashSet::new();
        plan.wanted.retain(|clause| seen.insert(clause.clone()));
        plan.unwanted.retain(|clauses| !clauses.is_empty());
        plan
    }

    /// The stems that make a notice relevant, in the order of the words, each once.
    pub(super) fn scored(&self) -> Vec<String> {
        let mut stems: Vec<String> = Vec::new();
        for clause in &self.wanted {
            let of = match clause {
                Clause::Word(stem) | Clause::Beginning { stem, .. } => std::slice::from_ref(stem),
                Clause::Phrase(words) | Clause::Notice { mention: words, .. } => words.as_slice(),
            };
            for stem in of {
                if !stems.contains(stem) {
                    stems.push(stem.clone());
                }
            }
        }
        stems
    }
}

/// A run without spaces, or a quotation.
struct Piece<'a> {
    forbidden: bool,
    quoted: bool,
    text: &'a str,
}

const QUOTES: [char; 6] = ['"', '“', '”', '„', '«', '»'];

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let after = rest.strip_prefix(['-', '−', '–']).unwrap_or(rest);
        let forbidden = after.len() < rest.len();
        let inside = after.strip_prefix(QUOTES);
        let quotation = inside.and_then(|inside| inside.split_once(QUOTES));
        let (quoted, text, left) = if let Some((text, left)) = quotation {
            (true, text, left)
        } else {
            let run = inside.unwrap_or(after);
            let end = run.find(|c: char| c.is_whitespace() || QUOTES.contains(&c)).unwrap_or(run.len());
            (false, &run[..end], &run[end..])
        };
        found.push(Piece { forbidden, quoted, text });
        rest = left.trim_start();
    }
    found
}

/// Puts organisation numbers together that were written in groups of three digits.
fn undressed(text: &str) -> Cow<'_, str> {
    let all: Vec<(usize, usize)> = words(text).collect();
    let three =
        |(from, to): (usize, usize)| to - from == 3 && text[from..to].bytes().all(|b| b.is_ascii_digit());
    let mut out = String::new();
    let mut from = 0;
    for group in all.windows(3) {
        let (begin, end) = (group[0].0, group[2].1);
        if begin >= from
            && group.iter().all(|word| three(*word))
            && let Some(number) = OrgNumber::find(&text[begin..end])
        {
            out.push_str(&text[from..begin]);
            out.push_str(number.as_str());
            from = end;
        }
    }
    if from == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[from..]);
    Cow::Owned(out)
}

fn stems(text: &str) -> Vec<String> {
    words(text).filter_map(|(from, to)| stem_of(&text[from..to])).collect()
}

fn phrase(text: &str) -> Vec<Clause> {
    if let Some(number) = OrgNumber::find(text) {
        return vec![Clause::Word(number.as_str().to_owned())];
    }
    let mut stems = stems(text);
    match stems.len() {
        0 => Vec::new(),
        1 => stems.pop().map(Clause::Word).into_iter().collect(),
        _ => vec![Clause::Phrase(stems)],
    }
}

fn loose(text: &str) -> Vec<Clause> {
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric());
    if let Ok(id) = NoticeId::parse(bare) {
        return vec![Clause::Notice { id, mention: stems(bare) }];
    }
    let begins = text.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '*').ends_with('*');
    let last = words(text).last().filter(|_| begins);
    let Some((from, last)) = last.map(|(from, to)| (from, &text[from..to])) else { return phrase(text) };
    let mut clauses = phrase(&text[..from]);
    let form = Folded::new(last).long;
    if let Some(stem) = stem_of(last) {
        let long_enough = form.chars().count() >= SHORTEST_BEGINNING;
        clauses.push(if long_enough { Clause::Beginning { form, stem } } else { Clause::Word(stem) });
    }
    clauses
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(text: &str) -> Plan {
        Plan::new(Words::parse(text).unwrap().as_ref())
    }

    fn word(stem: &str) -> Clause {
        Clause::Word(stem.to_owned())
    }

    fn side_by_side(words: &[&str]) -> Clause {
        Clause::Phrase(words.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn words_quotations_and_what_is_forbidden_are_told_apart() {
        let plan = plan(r#"Skoler -bygg "nye veier" -"gamle veier" vei*"#);
        let beginning = Clause::Beginning { form: "vei".into(), stem: "vei".into() };
        assert_eq!(plan.wanted, [word("skol"), side_by_side(&["nye", "vei"]), beginning]);
        assert_eq!(plan.unwanted, [vec![word("bygg")], vec![side_by_side(&["gaml", "vei"])]]);
        assert_eq!(plan.scored(), ["skol", "nye", "vei"]);
    }

    #[test]
    fn what_punctuation_joins_is_wanted_side_by_side() {
        assert_eq!(plan("IT-drift").wanted, [side_by_side(&["it", "drift"])]);
        assert_eq!(plan("26-019,").wanted, [side_by_side(&["26", "019"])]);
        let beginning = Clause::Beginning { form: "hels".into(), stem: "hel".into() };
        assert_eq!(plan("e-hels*").wanted, [word("e"), beginning.clone()]);
        assert_eq!(plan("-e-hels*").unwanted, [vec![word("e"), beginning]]);
    }

    #[test]
    fn ids_and_organisation_numbers_are_one_thing_however_they_are_dressed() {
        let id = Clause::Notice {
            id: NoticeId::parse("2026-112546").unwrap(),
            mention: vec!["2026".into(), "112546".into()],
        };
        assert_eq!(plan("(2026-112546)").wanted, [id]);
        for dressed in
            ["938801363", "938 801 363", "NO938801363MVA", "\"938 801 363\"", "938\u{a0}801\u{a0}363"]
        {
            assert_eq!(plan(dressed).wanted, [word("938801363")], "{dressed:?}");
        }
        assert_eq!(plan("rør 938 801 363 vei").wanted, [word("roer"), word("938801363"), word("vei")]);
        assert_eq!(plan("100 200 300").wanted, [word("100"), word("200"), word("300")]);
    }

    #[test]
    fn a_word_said_twice_is_one_condition() {
        assert_eq!(plan("vei veien Vei").wanted, [word("vei")]);
    }

    #[test]
    fn odd_quotes_and_signs_alone_are_no_condition() {
        for text in
            ["\"", "***", "-", "--", "- -", "\"\"", "-\"\"", "«»", "!?", "-*", "🏗️", "\"-\"", "\u{301}"]
        {
            assert_eq!(plan(text), Plan::default(), "{text:?}");
        }
        assert_eq!(plan("\"vei").wanted, [word("vei")]);
        assert_eq!(plan("vei\" bru").wanted, [word("vei"), word("bru")]);
        assert_eq!(plan("«nye veier»bru").wanted, [side_by_side(&["nye", "vei"]), word("bru")]);
        assert_eq!(plan("-vei").unwanted, [vec![word("vei")]]);
        assert_eq!(plan("vei - bru").wanted, [word("vei"), word("bru")]);
        assert_eq!(plan("v*").wanted, [word("v")]);
    }

    #[test]
    fn no_text_is_too_odd_to_be_read() {
        let alphabet =
            ['a', 'Å', '"', '«', '-', '*', ' ', '9', '🏗', '\u{301}', '\u{ad}', 'ﬁ', 'İ', '½', '漢', '.'];
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..5_000 {
            let text: String =
                (0..random.usize(1..40)).map(|_| alphabet[random.usize(..alphabet.len())]).collect();
            let Some(words) = Words::parse(&text).unwrap() else { continue };
            for clause in Plan::new(Some(&words)).wanted {
                match clause {
                    Clause::Word(stem) | Clause::Beginning { stem, .. } => {
                        assert!(!stem.is_empty(), "{text:?}");
                    }
                    Clause::Phrase(stems) => assert!(stems.len() > 1 && stems.iter().all(|s| !s.is_empty())),
                    Clause::Notice { .. } => {}
                }
            }
        }
    }
}
