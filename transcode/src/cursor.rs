//! Where in a stream a message stands, so that a caller whose connection broke can go on after it.

use http::HeaderMap;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use crate::wire::{Layout, Reader};

/// The cursor of a stream's messages: a text field of the message, or of a message in it.
#[derive(Debug, Clone)]
pub(crate) struct Cursor {
    path: Vec<u32>,
}

impl Cursor {
    /// Looks for the field in what a stream's messages are.
    pub(crate) fn find(message: &MessageDescriptor, name: &str) -> Option<Self> {
        let own = |message: &MessageDescriptor| message.get_field_by_name(name).filter(is_text);
        if let Some(field) = own(message) {
            return Some(Self { path: vec![field.number()] });
        }
        message.fields().filter(|field| !field.is_list() && !field.is_map()).find_map(|outer| {
            let inner = own(outer.kind().as_message()?)?;
            Some(Self { path: vec![outer.number(), inner.number()] })
        })
    }

    /// The cursor of one message. `None`: it has none, or none that fits on a line.
    pub(crate) fn of<'a>(&self, wire: &'a [u8]) -> Option<&'a str> {
        let bytes = self.path.iter().try_fold(wire, |wire, number| last(wire, *number))?;
        let text = std::str::from_utf8(bytes).ok().filter(|text| !text.is_empty())?;
        (!text.contains(['\r', '\n', '\0'])).then_some(text)
    }
}

fn is_text(field: &FieldDescriptor) -> bool {
    matches!(field.kind(), Kind::String) && !field.is_list()
}

/// The bytes of a field: the last of them count.
fn last(wire: &[u8], number: u32) -> Option<&[u8]> {
    let mut reader = Reader::new(wire);
    let mut found = None;
    while !reader.is_empty() {
        match reader.tag().ok()? {
            (at, Layout::Length) if at == number => found = Some(reader.bytes().ok()?),
            (_, layout) => drop(reader.skip(layout).ok().filter(|known| *known)?),
        }
    }
    found
}

/// The query of a caller that goes on after the last event it has seen. Browsers ask again with the URL they began
/// with, so what stands there is older.
pub(crate) fn resumed(
    input: &MessageDescriptor,
    name: &str,
    query: Option<&str>,
    headers: &HeaderMap,
) -> Option<String> {
    let seen = headers.get("last-event-id")?.to_str().ok().filter(|seen| !seen.is_empty())?;
    input.get_field_by_name(name).filter(is_text)?;
    let others = query.unwrap_or_default().split('&').filter(|pair| {
        let given = pair.split('=').next().unwrap_or_default();
        given != name && !pair.is_empty()
    });
    let cursor = format!("{name}={}", utf8_percent_encode(seen, NON_ALPHANUMERIC));
    Some(others.map(str::to_owned).chain([cursor]).collect::<Vec<_>>().join("&"))
}
