//! Log lines as JSON: one object a line, flat, with the current span in `span`.
//!
//! The library's own JSON reads the span's fields back from text for every line, and again for every field recorded
//! late; a line of each request cost more than what the request did. Here fields are text once and stay text.

use std::fmt::{self, Write as _};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

/// Where a library's source is on the machine that built it, which is in lines that come by the `log` facade.
const ELSEWHERE: [&str; 3] = ["log.module_path", "log.file", "log.line"];

/// Writes an event as a line.
pub(super) struct Line;

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'w> FormatFields<'w> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut out: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        out.write_str("{\"timestamp\":\"")?;
        SystemTime.format_time(&mut out)?;
        let metadata = event.metadata();
        write!(out, "\",\"level\":\"{}\"", metadata.level())?;
        record(&mut out, event, false)?;
        out.write_str(",\"target\":")?;
        text(&mut out, metadata.target())?;
        if let Some(span) = context.lookup_current() {
            out.write_str(",\"span\":{\"name\":")?;
            text(&mut out, span.name())?;
            if let Some(fields) =
                span.extensions().get::<FormattedFields<N>>().filter(|fields| !fields.is_empty())
            {
                write!(out, ",{}", fields.fields)?;
            }
            out.write_char('}')?;
        }
        out.write_str("}\n")
    }
}

/// Writes a span's fields as members of an object, with commas between.
pub(super) struct Members;

impl<'w> FormatFields<'w> for Members {
    fn format_fields<R: RecordFields>(&self, mut out: Writer<'w>, fields: R) -> fmt::Result {
        record(&mut out, fields, true)
    }

    fn add_fields(
        &self,
        current: &'w mut FormattedFields<Self>,
        fields: &tracing::span::Record<'_>,
    ) -> fmt::Result {
        let first = current.fields.is_empty();
        record(&mut current.as_writer(), fields, first)
    }
}

fn record(out: &mut dyn fmt::Write, fields: impl RecordFields, first: bool) -> fmt::Result {
    let mut members = Recorder { out, first, result: Ok(()) };
    fields.record(&mut members);
    members.result
}

struct Recorder<'a> {
    out: &'a mut dyn fmt::Write,
    first: bool,
    result: fmt::Result,
}

impl Recorder<'_> {
    fn member(&mut self, field: &Field, value: impl FnOnce(&mut dyn fmt::Write) -> fmt::Result) {
        if ELSEWHERE.contains(&field.name()) {
            return;
        }
        let comma = if std::mem::take(&mut self.first) { "" } else { "," };
        let name = |out: &mut dyn fmt::Write| {
            out.write_str(comma)?;
            text(out, field.name())?;
            out.write_char(':')
        };
        if self.result.is_ok() {
            self.result = name(self.out).and_then(|()| value(self.out));
        }
    }
}

impl Visit for Recorder<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON has no word for what is no number.
        self.member(field, |out| {
            if value.is_finite() { write!(out, "{value:?}") } else { write!(out, "\"{value}\"") }
        });
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.member(field, |out| write!(out, "{value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.member(field, |out| write!(out, "{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.member(field, |out| write!(out, "{value}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.member(field, |out| text(out, value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.member(field, |out| {
            out.write_char('"')?;
            write!(Escaped(out), "{value:?}")?;
            out.write_char('"')
        });
    }
}

fn text(out: &mut dyn fmt::Write, value: &str) -> fmt::Result {
    out.write_char('"')?;
    Escaped(out).write_str(value)?;
    out.write_char('"')
}

/// Writes text as it stands inside a JSON string.
struct Escaped<'a>(&'a mut dyn fmt::Write);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.find(|c: char| c < ' ' || c == '"' || c == '\\') {
            self.0.write_str(&rest[..at])?;
            match rest.as_bytes()[at] {
                byte @ (b'"' | b'\\') => write!(self.0, "\\{}", char::from(byte))?,
                b'\n' => self.0.write_str("\\n")?,
                byte => write!(self.0, "\\u{byte:04x}")?,
            }
            rest = &rest[at + 1..];
        }
        self.0.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_is_one_object_whatever_its_fields_hold() {
        let lines = Lines::default();
        let writer = lines.clone();
        let layer = tracing_subscriber::fmt::layer()
            .fmt_fields(Members)
            .event_format(Line)
            .with_writer(move || writer.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            tracing::info!(a.b = 1, log.file = "/somewhere/lib.rs", log.line = 7, "outside");
            let span = tracing::info_span!("request", id = "x\"1", late = tracing::field::Empty);
            span.record("late", tracing::field::display("l\\ate"));
            span.in_scope(|| {
                let none: Option<&str> = None;
                tracing::warn!(none, real = 0.5, nan = f64::NAN, yes = true, "two\nlines \u{1} æ");
            });
        });
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let ends: Vec<&str> =
            text.lines().map(|line| line.split_once("\",\"level\"").map(|(_, end)| end).unwrap()).collect();
        assert_eq!(
            ends,
            [
                r#":"INFO","message":"outside","a.b":1,"target":"runtime::telemetry::json::tests"}"#,
                concat!(
                    r#":"WARN","message":"two\nlines \u0001 æ","real":0.5,"nan":"NaN","yes":true,"#,
                    r#""target":"runtime::telemetry::json::tests","#,
                    r#""span":{"name":"request","id":"x\"1","late":"l\\ate"}}"#
                ),
            ]
        );
    }
}
