//! The CPV list in the file format of its Norwegian publisher.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{Response, StatusCode};
use bytes::Bytes;

use crate::CpvEntry;
use crate::answer;
use crate::world::World;

/// `GET /cpv.yaml`
pub(crate) async fn answer(State(world): State<Arc<World>>) -> Response<Body> {
    let faults = world.faults().cpv;
    let body = match () {
        () if faults.empty_list => Bytes::from_static(b"{}\n"),
        () if faults.half_list => first_half(&world.cpv_yaml),
        () => world.cpv_yaml.clone(),
    };
    answer::of(StatusCode::OK, "text/plain; charset=utf-8", body)
}

/// The first half of the entries, whole.
fn first_half(yaml: &Bytes) -> Bytes {
    let middle = yaml.len() / 2;
    let end =
        yaml[middle..].windows(2).position(|pair| pair == b"\n'").map_or(yaml.len(), |at| middle + at + 1);
    yaml.slice(..end)
}

/// The list as a file.
pub(crate) fn render(entries: &[CpvEntry]) -> Bytes {
    let mut yaml = String::with_capacity(entries.len() * 120);
    for CpvEntry { code, name_nb, name_en } in entries {
        let (name, nob) = (scalar(name_en), scalar(name_nb));
        let _ = write!(yaml, "'{code}':\n  name: {name}\n  nob: {nob}\n  history: []\n  nob_verify: false\n");
    }
    yaml.into()
}

/// A text as YAML writes it: plain where it can be.
fn scalar(text: &str) -> String {
    let plain = text.chars().next().is_some_and(char::is_alphabetic)
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with(':');
    if plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "''")) }
}

/// Reads such a file; texts may be plain, quoted or run over several lines.
pub(crate) fn parse(yaml: &str) -> Vec<CpvEntry> {
    let mut entries: Vec<CpvEntry> = Vec::new();
    let mut field: Option<fn(&mut CpvEntry) -> &mut String> = None;
    for line in yaml.lines() {
        if let Some(code) = line.strip_suffix(':').filter(|line| !line.starts_with(' ')) {
            let code = code.trim_matches(['\'', '"']).to_owned();
            entries.push(CpvEntry { code, name_nb: String::new(), name_en: String::new() });
            field = None;
            continue;
        }
        let Some(entry) = entries.last_mut() else { continue };
        let text = line.trim_start();
        let indent = line.len() - text.len();
        let (key, value) = text.split_once(": ").unwrap_or((text, ""));
        if indent <= 2 {
            field = match key {
                "name" => Some(|entry| &mut entry.name_en),
                "nob" => Some(|entry| &mut entry.name_nb),
                _ => None,
            };
            if let Some(field) = field {
                value.clone_into(field(entry));
            }
        } else if let Some(field) = field {
            let whole = field(entry);
            whole.push(' ');
            whole.push_str(text);
        }
    }
    for entry in &mut entries {
        for text in [&mut entry.name_nb, &mut entry.name_en] {
            *text = unquoted(text);
        }
    }
    entries
}

fn unquoted(text: &str) -> String {
    let text = text.trim();
    let inside = |quote: char| text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote));
    match (inside('\''), inside('"')) {
        (Some(text), _) => text.replace("''", "'"),
        (_, Some(text)) => text.replace("\\\"", "\""),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Lists;

    #[test]
    fn what_is_rendered_reads_back() {
        let mut entries = Lists::default().cpv;
        entries[0].name_en = "Workers' tools: various".to_owned();
        let yaml = render(&entries);
        assert!(yaml.starts_with(b"'09000000':\n  name: 'Workers'' tools: various'\n  nob: "));
        assert_eq!(parse(std::str::from_utf8(&yaml).unwrap()), entries);
    }

    #[test]
    fn half_a_list_ends_between_two_entries() {
        let entries = Lists::default().cpv;
        let half = parse(std::str::from_utf8(&first_half(&render(&entries))).unwrap());
        assert!(half.len() > 50 && half.len() < entries.len());
        assert_eq!(half[..], entries[..half.len()]);
    }

    #[test]
    fn a_text_that_runs_over_lines_is_joined() {
        let entries = parse("'1':\n  name: one\n    two\n  nob: 'en\n    to'\n  history: []\n");
        assert_eq!((entries[0].name_en.as_str(), entries[0].name_nb.as_str()), ("one two", "en to"));
    }
}
