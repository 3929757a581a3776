//! What an answer of Doffin's means.

use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;
use jiff::Timestamp;
use serde::Deserialize;

use super::exchange::{Answer, Broken};
use super::pace::LONGEST_PAUSE;
use super::{Endpoint, Error, Page, json, wire};

/// How long to pause when Doffin does not say.
const PAUSE: Duration = Duration::from_secs(15);

/// Longest part of an error body that is kept.
const DETAIL_LIMIT: usize = 200;

/// Why an answer cannot be used, and what to do.
#[derive(Debug)]
pub(super) enum Verdict {
    /// Everybody has to wait.
    Pause(Duration),
    /// Ask again, at most `most` times.
    Again { error: Error, most: u32 },
    /// Give up.
    Final(Error),
}

impl From<Broken> for Verdict {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Connect(detail) => again("no connection", detail),
            Broken::Cut(detail) => again("the answer was cut off", detail),
            Broken::TooLarge => failed("the answer is too large", String::new()),
            Broken::Timeout => Self::Final(Error::Timeout),
        }
    }
}

/// Sorts out the statuses that mean the same everywhere; 200 and 400 pass, because they need reading.
pub(super) fn common(endpoint: Endpoint, answer: Answer) -> Result<Answer, Verdict> {
    let status = answer.status;
    Err(match status {
        200 | 400 => return Ok(answer),
        401 => Verdict::Final(Error::KeyRefused),
        404 if endpoint == Endpoint::Download => Verdict::Final(Error::NotFound),
        429 => Verdict::Pause(pause(answer.retry_after.as_ref())),
        500 | 502 | 503 | 504 => {
            // Some notices make the download fail with a Java exception, every time.
            let most = if status == 500 && endpoint == Endpoint::Download { 1 } else { u32::MAX };
            let error = Error::Failed { what: format!("status {status}"), detail: said(&answer.body) };
            Verdict::Again { error, most }
        }
        402..=499 => refused(&answer),
        _ => failed(&format!("status {status}"), said(&answer.body)),
    })
}

/// Reads a page of hits.
pub(super) fn page(answer: &Answer, repaired: &mut dyn FnMut()) -> Result<Page, Verdict> {
    let as_of = Timestamp::now();
    // 400 is never "there is no more": a window does not reach beyond the first 1000 hits, so that "Unable to
    // access more than the top N hits" is a cap that Doffin has lowered, not the end of what was found.
    if answer.status != 200 {
        return Err(refused(answer));
    }
    let size = answer.body.len();
    let envelope: wire::Envelope = json::read(&answer.body, repaired).map_err(|error| {
        let detail = error.to_string();
        if error.is_eof() {
            again("the answer was cut off", detail)
        } else {
            failed("unreadable answer", detail)
        }
    })?;
    envelope.page(as_of, size).ok_or_else(|| failed("unreadable answer", said(&answer.body)))
}

/// Takes a document as it is, if it is one.
pub(super) fn document(answer: &Answer) -> Result<Bytes, Verdict> {
    if answer.status != 200 {
        return Err(refused(answer));
    }
    if is_notice(&answer.body) {
        return Ok(answer.body.clone());
    }
    let error = Error::Failed { what: "unreadable document".to_owned(), detail: said(&answer.body) };
    Err(Verdict::Again { error, most: 1 })
}

/// Whether a body is XML with something in it, and not a web page of whatever stands between.
fn is_notice(body: &[u8]) -> bool {
    let mut rest = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
    while let Some(after) = after(rest, b"<?", b"?>").or_else(|| after(rest, b"<!--", b"-->")) {
        rest = after.trim_ascii_start();
    }
    let begins = |text: &[u8], with: &[u8]| {
        text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with))
    };
    let doctype = b"<!doctype";
    let page = begins(rest, b"<html")
        || (begins(rest, doctype) && begins(rest[doctype.len()..].trim_ascii_start(), b"html"));
    rest.starts_with(b"<") && !page
}

/// What comes after a part that begins and ends so, if the text begins with one.
fn after<'a>(text: &'a [u8], begin: &[u8], end: &[u8]) -> Option<&'a [u8]> {
    let inside = text.strip_prefix(begin)?;
    let at = inside.windows(end.len()).position(|window| window == end)?;
    inside.get(at + end.len()..)
}

fn again(what: &str, detail: String) -> Verdict {
    Verdict::Again { error: Error::Failed { what: what.to_owned(), detail }, most: u32::MAX }
}

fn failed(what: &str, detail: String) -> Verdict {
    Verdict::Final(Error::Failed { what: what.to_owned(), detail })
}

fn refused(answer: &Answer) -> Verdict {
    Verdict::Final(Error::Refused { status: answer.status, detail: said(&answer.body) })
}

/// How long Doffin wants us to wait, with a little added so that not everybody comes back at once.
fn pause(header: Option<&HeaderValue>) -> Duration {
    let text = header.and_then(|value| value.to_str().ok()).map(str::trim);
    let asked = text.and_then(|text| match text.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => until(text),
    });
    let jitter = Duration::from_millis(fastrand::u64(0..500));
    (asked.unwrap_or(PAUSE).max(Duration::from_secs(1)) + jitter).min(LONGEST_PAUSE)
}

fn until(date: &str) -> Option<Duration> {
    let at = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
    Duration::try_from(at.duration_since(Timestamp::now())).ok()
}

/// What an error body says: the gateway's JSON, the application's JSON, plain text, or nothing. HTML pages
/// of whatever stands between are nothing.
fn said(body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Body {
        reason: Option<String>,
        message: Option<String>,
    }
    let text = match serde_json::from_slice::<Body>(body) {
        Ok(Body { reason: Some(text), .. } | Body { message: Some(text), .. }) => text,
        Ok(_) => String::new(),
        Err(_) => {
            String::from_utf8_lossy(body.get(..body.len().min(4 * DETAIL_LIMIT)).unwrap_or(body)).into_owned()
        }
    };
    if text.trim_start().starts_with('<') {
        return String::new();
    }
    text.trim().chars().filter(|c| !c.is_control()).take(DETAIL_LIMIT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_bodies_are_read_in_every_form() {
        let top = "Unable to access more than the top 1000 hits, please lower either the page or numHitsPerPage parameters.";
        assert_eq!(said(format!(r#"{{"reason":"{top}"}}"#).as_bytes()), top);
        assert_eq!(said(br#"{"statusCode":404,"message":"Resource not found"}"#), "Resource not found");
        assert_eq!(said(b"Cannot invoke \"x\"\nat y"), "Cannot invoke \"x\"at y");
        assert_eq!(said(b""), "");
        assert_eq!(said(b"{}"), "");
        assert_eq!(said(b"\n <!DOCTYPE html><h1>502</h1>"), "");
        assert_eq!(said(&[0xff; 10_000]).chars().count(), DETAIL_LIMIT);
    }

    #[test]
    fn a_document_is_xml_and_no_web_page() {
        for notice in [
            "<a/>",
            "\u{feff}\r\n <?xml version=\"1.0\"?>\n<!-- x --><ContractNotice>æ</ContractNotice>",
            "<!DOCTYPE ContractNotice><ContractNotice/>",
            "<h/>",
        ] {
            assert!(is_notice(notice.as_bytes()), "{notice}");
        }
        for other in [
            "",
            "\u{feff} \n",
            "garbage <a/>",
            "{\"reason\":\"none\"}",
            "<!DOCTYPE html><h1>busy</h1>",
            " \n<!doctype\n HTML>",
            "<HTML lang=\"nb\">",
            "<?xml version=\"1.0\"?>",
            "<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0\">",
            "<!-- proxy --> <html>",
        ] {
            assert!(!is_notice(other.as_bytes()), "{other}");
        }
        assert!(!is_notice(&[0xff; 16]));
    }

    #[test]
    fn a_pause_is_what_doffin_says_within_reason_or_fifteen_seconds() {
        let seconds = |text: &str| pause(Some(&HeaderValue::from_str(text).unwrap())).as_secs();
        assert_eq!(seconds("4"), 4);
        assert_eq!(seconds("0"), 1);
        assert_eq!(seconds("86400"), 60);
        assert_eq!(seconds("soon"), 15);
        assert_eq!(pause(None).as_secs(), 15);
        let date = Timestamp::now() + jiff::SignedDuration::from_secs(30);
        let date = date.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        assert!((28..=31).contains(&seconds(&date)), "{date} gave {}", seconds(&date));
        assert_eq!(seconds("Mon, 01 Jan 2024 00:00:00 GMT"), 15);
    }
}
