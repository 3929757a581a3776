//! From bytes to text: size, byte order mark, declared encoding.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::Unreadable;

/// Largest document that is read, in bytes. The largest real one known has less than 1 MB.
const SIZE_LIMIT: usize = 32 << 20;

/// How far into a document its XML declaration must end.
const DECLARATION_LIMIT: usize = 256;

/// The document's text. Borrowed where it is UTF-8, which nearly all are.
pub(super) fn text(bytes: &[u8]) -> Result<Cow<'_, str>, Unreadable> {
    if bytes.len() > SIZE_LIMIT {
        return Err(Unreadable::Large { bytes: bytes.len() });
    }
    let (encoding, rest) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (encoding, bytes.get(length..).unwrap_or_default()),
        None => (declared(bytes)?, bytes),
    };
    // It borrows what is UTF-8 already.
    let decoded = encoding.decode_without_bom_handling_and_without_replacement(rest);
    decoded.ok_or(Unreadable::Encoding("bytes that are not of the encoding declared"))
}

/// The encoding that the XML declaration names; UTF-8 without one.
fn declared(bytes: &[u8]) -> Result<&'static Encoding, Unreadable> {
    // UTF-16 without a byte order mark shows itself by the zero bytes around the first `<`.
    match bytes {
        [b'<', 0, ..] => return Ok(UTF_16LE),
        [0, b'<', ..] => return Ok(UTF_16BE),
        _ => {}
    }
    let start = bytes.get(..bytes.len().min(DECLARATION_LIMIT)).unwrap_or_default();
    let Some(label) = label(start) else { return Ok(UTF_8) };
    match Encoding::for_label(label) {
        // Its first byte was read as ASCII, so it is not what it says.
        Some(encoding) if encoding == UTF_16LE || encoding == UTF_16BE => {
            Err(Unreadable::Encoding("UTF-16 declared, but not used"))
        }
        Some(encoding) => Ok(encoding),
        None => Err(Unreadable::Encoding("an encoding that is not known")),
    }
}

/// The value of `encoding` in an XML declaration.
fn label(start: &[u8]) -> Option<&[u8]> {
    let start = start.strip_prefix(b"<?xml")?;
    let declaration = start.get(..start.windows(2).position(|pair| pair == b"?>")?)?;
    let at = declaration.windows(8).position(|word| word == b"encoding")?;
    let value = declaration.get(at + 8..)?.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (quote, value) = value.split_first()?;
    let end = value.iter().position(|byte| byte == quote)?;
    matches!(quote, b'"' | b'\'').then(|| value.get(..end)).flatten()
}
