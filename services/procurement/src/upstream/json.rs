//! JSON as Doffin writes it: with raw control characters in old texts, and one object where a list belongs.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};

/// Reads a body. One that is not JSON because of raw control characters or bytes that are not UTF-8 is
/// repaired and read again; `repaired` is then called.
pub(super) fn read<T: DeserializeOwned>(
    body: &[u8],
    repaired: &mut dyn FnMut(),
) -> Result<T, serde_json::Error> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    match serde_json::from_slice(body) {
        Ok(value) => Ok(value),
        Err(error) if error.is_syntax() => {
            let Some(text) = repair(body) else { return Err(error) };
            let value = serde_json::from_str(&text)?;
            repaired();
            Ok(value)
        }
        Err(error) => Err(error),
    }
}

/// Escapes control characters inside strings. `None` if there is nothing to repair.
fn repair(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let mut out = String::with_capacity(text.len() + 64);
    let (mut in_string, mut escaped) = (false, false);
    let mut changed = matches!(text, Cow::Owned(_));
    for c in text.chars() {
        match c {
            '\0'..='\x1f' if in_string => {
                // A backslash before it would make the escape below plain text, so it is doubled.
                if escaped {
                    out.push('\\');
                }
                let _ = write!(out, "\\u{:04x}", u32::from(c));
                (escaped, changed) = (false, true);
                continue;
            }
            '"' if !escaped => in_string = !in_string,
            _ => {}
        }
        escaped = in_string && c == '\\' && !escaped;
        out.push(c);
    }
    changed.then_some(out)
}

/// A list that may also be null, absent, or a single object.
pub(super) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct List<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for List<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list, one of its items, or null")
        }

        fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
            T::deserialize(de::value::StrDeserializer::new(text)).map(|item| vec![item])
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            T::deserialize(MapAccessDeserializer::new(map)).map(|item| vec![item])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            let mut items = Vec::with_capacity(seq.size_hint().unwrap_or(0).min(1024));
            while let Some(item) = seq.next_element::<Option<T>>()? {
                items.extend(item);
            }
            Ok(items)
        }
    }

    deserializer.deserialize_any(List(PhantomData))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read_counted(body: &[u8]) -> (Option<Value>, u32) {
        let mut repairs = 0;
        let value = read(body, &mut || repairs += 1).ok();
        (value, repairs)
    }

    #[test]
    fn raw_control_characters_in_strings_are_taken_and_counted() {
        let body = b"{\n\t\"a\": \"one\ntwo\tthree\x00 \\\" \\\\\n\",\r\n\"b\": 1}";
        assert_eq!(read_counted(body), (Some(json!({"a": "one\ntwo\tthree\0 \" \\\n", "b": 1})), 1));
        assert_eq!(read_counted(b"{\"a\": \"x\\\ny\"}"), (Some(json!({"a": "x\\\ny"})), 1));
    }

    #[test]
    fn clean_json_and_a_byte_order_mark_need_no_repair() {
        assert_eq!(read_counted(b"\xef\xbb\xbf{\"a\":\"\xc3\xa6\\n\"}"), (Some(json!({"a": "æ\n"})), 0));
    }

    #[test]
    fn bytes_that_are_not_utf8_are_replaced() {
        assert_eq!(read_counted(b"{\"a\":\"\xe6\"}"), (Some(json!({"a": "\u{fffd}"})), 1));
    }

    #[test]
    fn what_is_no_json_stays_none() {
        for body in [&b"<html>"[..], b"", b"{\"a\":", b"{\"a\":\"x\ny"] {
            assert_eq!(read_counted(body), (None, 0));
        }
    }
}
