//! Bytes made into text.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use super::{Document, Error};

/// Decodes by the encoding the sender named. Where none is named: UTF-8 if the bytes are that, otherwise
/// ISO-8859-1, in which KLASS writes CSV. Bytes that the encoding does not have are an error, because a list
/// with replacement characters would be served as if it were right.
pub fn decode(document: &Document) -> Result<String, Error> {
    let named = document.charset.as_deref().and_then(|label| Encoding::for_label(label.as_bytes()));
    let encoding = named
        .unwrap_or_else(|| if std::str::from_utf8(&document.bytes).is_ok() { UTF_8 } else { WINDOWS_1252 });
    let (text, used, broken) = encoding.decode(&document.bytes);
    if broken { Err(Error::Encoding(used.name())) } else { Ok(text.into_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Validators;

    fn text(bytes: &[u8], charset: Option<&str>) -> Result<String, String> {
        let document = Document {
            bytes: bytes.to_vec(),
            charset: charset.map(str::to_owned),
            validators: Validators::default(),
        };
        decode(&document).map_err(|error| error.to_string())
    }

    #[test]
    fn the_named_encoding_wins_and_latin_1_is_the_last_guess() {
        assert_eq!(text(b"Tr\xf8ndelag", Some("ISO-8859-1")), Ok("Trøndelag".into()));
        assert_eq!(text(b"Tr\xf8ndelag", None), Ok("Trøndelag".into()));
        assert_eq!(text("Trøndelag".as_bytes(), None), Ok("Trøndelag".into()));
        assert_eq!(text(b"\xef\xbb\xbfkode", Some("utf-8")), Ok("kode".into()));
    }

    #[test]
    fn bytes_that_are_not_what_they_claim_are_refused() {
        assert_eq!(text(b"Tr\xf8ndelag", Some("UTF-8")), Err("the list is not UTF-8 text".into()));
    }
}
