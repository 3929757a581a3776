//! The three forms of every answer (JSON, XML, CSV), how one is chosen, and problems in each of them.

use axum::body::Body;
use axum::http::{Response, StatusCode};
use bytes::Bytes;
use serde::Serialize;
use serde::ser::SerializeMap;

use crate::answer;
use crate::xml::Writer;

/// Encodings of CSV.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charset {
    /// The default.
    Latin1,
    /// On request.
    Utf8,
}

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Xml,
    Csv(Charset),
    /// A suffix or media type there is no form for.
    None,
}

impl Form {
    /// The form asked for, and the path without the suffix that asked for it.
    pub(super) fn negotiate<'a>(path: &'a str, accept: &str, latin1_only: bool) -> (Self, &'a str) {
        let charset = |text: &str| {
            if text.to_ascii_lowercase().contains("utf-8") && !latin1_only {
                Charset::Utf8
            } else {
                Charset::Latin1
            }
        };
        let last = path.rsplit('/').next().unwrap_or_default();
        if let Some((_, suffix)) = last.rsplit_once('.') {
            let form = match suffix {
                "json" => Self::Json,
                "xml" => Self::Xml,
                "csv" => Self::Csv(charset(accept)),
                _ => Self::None,
            };
            return (form, path.get(..path.len() - suffix.len() - 1).unwrap_or(path));
        }
        let mut ranges: Vec<(&str, f32)> = accept
            .split(',')
            .map(|range| {
                let quality = range.split(';').find_map(|part| part.trim().strip_prefix("q="));
                (range.trim(), quality.and_then(|text| text.parse().ok()).unwrap_or(1.0))
            })
            .collect();
        ranges.sort_by(|left, right| right.1.total_cmp(&left.1));
        let form =
            ranges.iter().find_map(|(range, _)| match range.split(';').next().unwrap_or_default().trim() {
                "" | "*/*" | "application/*" | "application/json" => Some(Self::Json),
                "application/xml" | "text/xml" => Some(Self::Xml),
                "text/csv" | "text/*" => Some(Self::Csv(charset(range))),
                _ => None,
            });
        (form.unwrap_or(Self::None), path)
    }
}

/// A row of a list: keys in order, values absent or text.
#[derive(Clone, Debug)]
pub(super) struct Row(pub(super) Vec<(&'static str, Option<String>)>);

impl Serialize for Row {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// Names of the parts of a list in the three forms.
pub(super) struct List {
    pub(super) json: &'static str,
    pub(super) xml: (&'static str, &'static str),
    pub(super) columns: Vec<&'static str>,
    pub(super) separator: char,
}

impl List {
    /// The answer that holds the rows.
    pub(super) fn render(&self, form: Form, rows: &[Row]) -> Result<Response<Body>, Problem> {
        match form {
            Form::Json => Ok(answer::json(StatusCode::OK, "application/json", &Named(self.json, rows))),
            Form::Xml => {
                let mut xml = Writer::new(0, PROLOG);
                xml.within(self.xml.0, &[], |xml| {
                    for row in rows {
                        xml.within(self.xml.1, &[], |xml| {
                            for (key, value) in &row.0 {
                                xml.leaf(key, &[], value.as_deref().unwrap_or_default());
                            }
                        });
                    }
                });
                Ok(answer::of(StatusCode::OK, "application/xml;charset=UTF-8", xml.finish()))
            }
            Form::Csv(charset) => Ok(csv_answer(charset, &self.csv(rows))),
            Form::None => Err(Problem::new(StatusCode::NOT_FOUND, "")),
        }
    }

    fn csv(&self, rows: &[Row]) -> String {
        let separator = self.separator.to_string();
        let mut text = self.columns.join(&separator);
        text.push('\n');
        for row in rows {
            let cells: Vec<String> = self
                .columns
                .iter()
                .map(|column| {
                    let value =
                        row.0.iter().find(|(key, _)| key == column).and_then(|(_, value)| value.as_deref());
                    value.map_or_else(String::new, |value| format!("\"{}\"", value.replace('"', "'")))
                })
                .collect();
            text.push_str(&cells.join(&separator));
            text.push('\n');
        }
        text
    }
}

pub(super) const PROLOG: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

struct Named<'a>(&'static str, &'a [Row]);

impl Serialize for Named<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(self.0, self.1)?;
        map.end()
    }
}

/// CSV in an encoding; what Latin-1 lacks becomes a question mark.
pub(super) fn csv_answer(charset: Charset, text: &str) -> Response<Body> {
    match charset {
        Charset::Utf8 => csv_bytes(charset, Bytes::copy_from_slice(text.as_bytes())),
        Charset::Latin1 => {
            let bytes: Vec<u8> =
                text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?')).collect();
            csv_bytes(charset, bytes.into())
        }
    }
}

/// CSV that is already encoded.
pub(super) fn csv_bytes(charset: Charset, bytes: Bytes) -> Response<Body> {
    let content_type = match charset {
        Charset::Latin1 => "text/csv;charset=ISO-8859-1",
        Charset::Utf8 => "text/csv;charset=UTF-8",
    };
    answer::of(StatusCode::OK, content_type, bytes)
}

/// Latin-1 bytes as text.
pub(crate) fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

/// An error, in the words of the server's source.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    detail: String,
}

impl Problem {
    pub(super) fn new(status: StatusCode, detail: &str) -> Self {
        Self { status, detail: detail.to_owned() }
    }

    pub(super) fn bad(detail: String) -> Self {
        Self { status: StatusCode::BAD_REQUEST, detail }
    }

    pub(super) fn missing(detail: String) -> Self {
        Self { status: StatusCode::NOT_FOUND, detail }
    }

    /// What an unforeseen exception becomes: 400 for those who read JSON or XML, 500 for the others.
    pub(super) fn unforeseen(form: Form, detail: &str) -> Self {
        match form {
            Form::Json | Form::Xml => Self::bad(detail.to_owned()),
            Form::Csv(_) | Form::None => Self::new(StatusCode::INTERNAL_SERVER_ERROR, detail),
        }
    }

    /// The problem in the form that was asked for.
    pub(super) fn render(self, form: Form, instance: &str) -> Response<Body> {
        let title = self.status.canonical_reason().unwrap_or_default();
        let status = self.status.as_u16();
        match form {
            Form::Csv(_) => answer::of(self.status, "text/csv;charset=ISO-8859-1", self.detail),
            Form::Xml => {
                let mut xml = Writer::new(0, PROLOG);
                xml.within("problem", &[("xmlns", "urn:ietf:rfc:7807")], |xml| {
                    xml.leaf("type", &[], "about:blank");
                    xml.leaf("title", &[], title);
                    xml.leaf("status", &[], &status.to_string());
                    if !self.detail.is_empty() {
                        xml.leaf("detail", &[], &self.detail);
                    }
                    xml.leaf("instance", &[], instance);
                });
                answer::of(self.status, "application/problem+xml", xml.finish())
            }
            Form::Json | Form::None => {
                let detail = (!self.detail.is_empty()).then_some(self.detail);
                let body = Rfc7807 { kind: "about:blank", title, status, detail, instance };
                answer::json(self.status, "application/problem+json", &body)
            }
        }
    }
}

#[derive(Serialize)]
struct Rfc7807<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'a str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    instance: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(path: &str, accept: &str) -> Form {
        Form::negotiate(path, accept, false).0
    }

    #[test]
    fn the_suffix_wins_over_accept() {
        assert_eq!(form("/versions/33.csv", "application/json"), Form::Csv(Charset::Latin1));
        assert_eq!(Form::negotiate("/versions/33.xml", "", false), (Form::Xml, "/versions/33"));
        assert_eq!(form("/versions/33.pdf", "application/json"), Form::None);
    }

    #[test]
    fn accept_is_read_with_its_qualities_and_charset() {
        assert_eq!(form("/v", ""), Form::Json);
        assert_eq!(form("/v", "*/*"), Form::Json);
        assert_eq!(form("/v", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"), Form::Xml);
        assert_eq!(form("/v", "text/csv;charset=UTF-8"), Form::Csv(Charset::Utf8));
        assert_eq!(form("/v", "application/json;q=0.1,text/csv"), Form::Csv(Charset::Latin1));
        assert_eq!(Form::negotiate("/v", "text/csv;charset=UTF-8", true).0, Form::Csv(Charset::Latin1));
    }
}
