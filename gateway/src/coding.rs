//! In which coding a caller takes its answer.

use http::HeaderMap;
use http::HeaderValue;
use http::header::ACCEPT_ENCODING;

const GZIP: &str = "gzip";
const IDENTITY: &str = "identity";

/// Codings of answers, the quickest for its size first. `compression` in `app.rs` knows the same ones. Brotli is not among
/// them: its state, six kilobytes, would lie in every answer, compressed or not, and callers who take it take one of these.
const CODINGS: [&str; 2] = ["zstd", GZIP];

/// The coding that a caller likes best of those there are; `None` for the plain bytes, also where these are refused:
/// every caller gets an answer, instead of 406.
pub(crate) fn of(headers: &HeaderMap) -> Option<&'static str> {
    let said = said(headers);
    let plain = said.named(IDENTITY);
    let mut best = None;
    for name in CODINGS {
        let Some(weight) = said.weight(name).filter(|weight| *weight > 0.0) else { continue };
        if best.is_none_or(|(_, other)| weight > other) {
            best = Some((name, weight));
        }
    }
    // Plain bytes that are not named are as good as anything, and larger.
    best.filter(|(_, weight)| plain.is_none_or(|plain| *weight >= plain)).map(|(name, _)| name)
}

/// Makes a request ask for that coding, so that all who compress are of one mind; and for gzip after it, which files
/// are packed in, if its caller takes that.
pub(crate) fn settle(headers: &mut HeaderMap) {
    if !headers.contains_key(ACCEPT_ENCODING) {
        return;
    }
    let gzip = said(headers).weight(GZIP).is_some_and(|weight| weight > 0.0);
    let asked = match of(headers) {
        Some(GZIP) => HeaderValue::from_static(GZIP),
        Some("zstd") if gzip => HeaderValue::from_static("zstd, gzip;q=0.5"),
        Some(coding) => HeaderValue::from_static(coding),
        None => return drop(headers.remove(ACCEPT_ENCODING)),
    };
    headers.insert(ACCEPT_ENCODING, asked);
}

/// Whether a request that was settled takes what is packed with gzip.
pub(crate) fn takes_gzip(settled: &HeaderMap) -> bool {
    let asked = settled.get(ACCEPT_ENCODING).and_then(|asked| asked.to_str().ok());
    asked.is_some_and(|asked| asked.contains(GZIP))
}

/// A tag without what `tagged` put at its end.
pub(crate) fn untagged(tag: &str) -> String {
    let plain = CODINGS.iter().find_map(|coding| {
        tag.strip_suffix('"')?.strip_suffix(coding)?.strip_suffix('-').map(|plain| format!("{plain}\""))
    });
    plain.unwrap_or_else(|| tag.to_owned())
}

/// The tag of the same answer in a coding: its bytes are others than those of the plain one.
pub(crate) fn tagged(tag: &str, coding: &str) -> Option<String> {
    Some(format!("{}-{coding}\"", tag.strip_suffix('"')?))
}

/// What a caller says of codings.
struct Said(Vec<(String, f32)>);

impl Said {
    /// What it says of one.
    fn named(&self, name: &str) -> Option<f32> {
        self.0.iter().find(|(said, _)| said == name).map(|(_, weight)| *weight)
    }

    /// What it says of one, or of all it does not name.
    fn weight(&self, name: &str) -> Option<f32> {
        self.named(name).or_else(|| self.named("*"))
    }
}

fn said(headers: &HeaderMap) -> Said {
    let lines = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    Said(lines.flat_map(|line| line.split(',')).filter_map(weighed).collect())
}

fn weighed(coding: &str) -> Option<(String, f32)> {
    let mut parts = coding.split(';').map(|part| part.trim().to_ascii_lowercase());
    let name = parts.next().filter(|name| !name.is_empty())?;
    let weight = parts.find_map(|part| part.strip_prefix("q=")?.trim().parse().ok());
    Some((name, weight.unwrap_or(1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &[&'static str]) -> Option<&'static str> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(ACCEPT_ENCODING, HeaderValue::from_static(line));
        }
        super::of(&headers)
    }

    #[test]
    fn a_caller_gets_what_it_likes_best_and_an_answer_in_any_case() {
        for (said, wanted) in [
            ("gzip", Some("gzip")),
            ("GZip;q=0.5", Some("gzip")),
            ("gzip, deflate, br, zstd", Some("zstd")),
            ("gzip, br", Some("gzip")),
            ("gzip;q=1.0, br;q=0.8", Some("gzip")),
            ("gzip;q=1.0, identity;q=0", Some("gzip")),
            ("gzip;q=0.5, *;q=0", Some("gzip")),
            ("*", Some("zstd")),
            ("*;q=0.3, zstd;q=0, identity;q=0.2", Some("gzip")),
            ("gzip;q=0.2, identity;q=0.9", None),
            ("gzip;q=0", None),
            ("gzip ; q=0.0", None),
            ("identity; q=0", None),
            ("*;q=0", None),
            ("identity", None),
            ("compress", None),
            ("", None),
            (";q=1,,", None),
        ] {
            assert_eq!(of(&[said]), wanted, "{said}");
        }
        assert_eq!(of(&["deflate", "gzip"]), Some("gzip"), "two lines are one list");
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn what_is_packed_with_gzip_is_for_those_who_take_it() {
        for (said, gzip, asked) in [
            ("gzip, deflate, br, zstd", true, "zstd, gzip;q=0.5"),
            ("br, *;q=0.1", true, "zstd, gzip;q=0.5"),
            ("zstd, gzip;q=0", false, "zstd"),
            ("gzip", true, "gzip"),
            ("identity", false, ""),
        ] {
            let mut headers = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(said))]);
            settle(&mut headers);
            assert_eq!(takes_gzip(&headers), gzip, "{said}");
            assert_eq!(headers.get(ACCEPT_ENCODING).map_or("", |asked| asked.to_str().unwrap_or("?")), asked);
        }
    }

    #[test]
    fn a_tag_tells_its_coding_and_can_be_told_without() {
        for coding in CODINGS {
            let tag = tagged("\"a\"", coding).unwrap();
            assert_eq!(tag, format!("\"a-{coding}\""));
            assert_eq!(untagged(&tag), "\"a\"");
        }
        assert_eq!(untagged("\"a\""), "\"a\"");
        assert_eq!(untagged("*"), "*");
        assert_eq!(tagged("broken", "gzip"), None);
    }
}
