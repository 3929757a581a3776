//! The part of a text that fits the words best.

use std::collections::HashSet;
use std::ops::Range;

use super::analysis::Reading;
use super::fold::{Folded, words};
use super::plan::{Clause, Plan};

/// About how long a snippet is, in characters.
const LENGTH: usize = 200;

/// Longest part of a text that is looked at, in bytes.
const LOOKED_AT: usize = 100_000;

/// What is marked in texts.
pub(super) struct Marker {
    stems: HashSet<String>,
    beginnings: Vec<String>,
}

/// A word of a text that is marked.
struct Hit {
    at: Range<usize>,
    stem: String,
}

impl Marker {
    /// Marks what a plan wants.
    pub(super) fn new(plan: &Plan) -> Self {
        let beginning = |clause: &Clause| match clause {
            Clause::Beginning { form, .. } => Some(form.clone()),
            _ => None,
        };
        let beginnings = plan.wanted.iter().filter_map(beginning).collect();
        Self { stems: plan.scored().into_iter().collect(), beginnings }
    }

    /// The best part of a text, escaped for HTML, with hits in `<b>`; none without a hit.
    pub(super) fn snippet(&self, text: &str) -> Option<String> {
        let text = &text[..text.floor_char_boundary(LOOKED_AT)];
        let hits: Vec<Hit> = words(text).filter_map(|(from, to)| self.hit(text, from..to)).collect();
        let window = best(&hits)?;
        let around = surroundings(text, hits[window.start].at.start..hits[window.end - 1].at.end);
        let mut out = String::with_capacity(around.len() + 64);
        if around.start > 0 {
            out.push_str("… ");
        }
        let mut from = around.start;
        for hit in &hits {
            if hit.at.start >= from && hit.at.end <= around.end {
                escape(&text[from..hit.at.start], &mut out);
                out.push_str("<b>");
                escape(&text[hit.at.clone()], &mut out);
                out.push_str("</b>");
                from = hit.at.end;
            }
        }
        escape(&text[from..around.end], &mut out);
        if around.end < text.len() {
            out.push_str(" …");
        }
        Some(out)
    }

    fn hit(&self, text: &str, at: Range<usize>) -> Option<Hit> {
        let word = &text[at.clone()];
        let stems = Reading::Stems.of(word);
        if let Some(stem) = stems.into_iter().flatten().find(|stem| self.stems.contains(stem)) {
            return Some(Hit { at, stem });
        }
        if self.beginnings.is_empty() {
            return None;
        }
        let Folded { long, plain } = Folded::new(word);
        let begins = |beginning: &&String| {
            long.starts_with(*beginning) || plain.as_ref().is_some_and(|plain| plain.starts_with(*beginning))
        };
        self.beginnings.iter().find(begins).map(|beginning| Hit { at, stem: beginning.clone() })
    }
}

/// The hits that fit together into a snippet: most different ones, then most, then the first.
fn best(hits: &[Hit]) -> Option<Range<usize>> {
    let mut best: Option<((usize, usize), Range<usize>)> = None;
    for from in 0..hits.len() {
        // A hit is at least a character, so no more than this many fit.
        let fits = |hit: &&Hit| hit.at.end - hits[from].at.start <= LENGTH;
        let count = hits[from..].iter().take(LENGTH).take_while(fits).count().max(1);
        let different = hits[from..from + count].iter().map(|hit| &hit.stem).collect::<HashSet<_>>().len();
        if best.as_ref().is_none_or(|(known, _)| (different, count) > *known) {
            best = Some(((different, count), from..from + count));
        }
    }
    best.map(|(_, range)| range)
}

/// A part with what stands around it, about [`LENGTH`] characters in all, cut between words.
fn surroundings(text: &str, part: Range<usize>) -> Range<usize> {
    let spare = LENGTH.saturating_sub(text[part.clone()].chars().count());
    let before = spare / 3;
    let mut start =
        text[..part.start].char_indices().rev().take(before).last().map_or(part.start, |(at, _)| at);
    let room = spare - text[start..part.start].chars().count();
    let tail = &text[part.end..];
    let mut end = tail.char_indices().nth(room).map_or(text.len(), |(at, _)| part.end + at);
    if start > 0 && !text[..start].ends_with(char::is_whitespace) {
        let cut = text[start..part.start].find(char::is_whitespace);
        start = cut.map_or(part.start, |at| start + at);
    }
    if end < text.len() && !text[end..].starts_with(char::is_whitespace) {
        end = text[part.end..end].rfind(char::is_whitespace).map_or(part.end, |at| part.end + at);
    }
    let cut = &text[start..end];
    start += cut.len() - cut.trim_start().len();
    end = end.max(start) - (cut.len() - cut.trim_end().len()).min(end - start.min(end));
    start..end
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
}
