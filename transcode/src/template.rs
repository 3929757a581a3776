//! Path templates of `google.api.http`, as `http.proto` defines them.
//!
//! ```text
//! Template = "/" Segments [ Verb ]      Segment  = "*" | "**" | LITERAL | Variable
//! Segments = Segment { "/" Segment }    Variable = "{" FieldPath [ "=" Segments ] "}"
//! Verb     = ":" LITERAL                FieldPath = IDENT { "." IDENT }
//! ```

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// A parsed template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Its parts, variables flattened.
    pub parts: Vec<Part>,
    /// Which parts make which field.
    pub variables: Vec<Variable>,
    /// Custom verb after the last segment.
    pub verb: Option<String>,
}

/// What one segment of a path must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// This text, percent-decoded.
    Literal(String),
    /// Any one segment that is not empty.
    Star,
    /// Any number of segments. Only at the end.
    Rest,
}

/// A field bound from the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Path of the field, by proto names.
    pub field: String,
    /// First part it covers.
    pub start: usize,
    /// One after the last part it covers.
    pub end: usize,
    /// Whether it may hold slashes: it covers several parts or `**`. Such a value keeps `%2F` as it is.
    pub multi: bool,
}

/// Why a template cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("path template {template:?}: {problem}")]
pub struct Invalid {
    template: String,
    problem: String,
}

impl Template {
    /// Parses a template.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let invalid = |problem: &str| Invalid { template: text.into(), problem: problem.into() };
        let body = text.strip_prefix('/').ok_or_else(|| invalid("does not begin with a slash"))?;
        let (segments, verb) = split_verb(body);
        if verb.is_some_and(|verb| verb.is_empty() || !verb.chars().all(is_literal)) {
            return Err(invalid("has an invalid verb"));
        }
        let mut template = Self { parts: Vec::new(), variables: Vec::new(), verb: verb.map(str::to_owned) };
        for segment in split_segments(segments).ok_or_else(|| invalid("has unbalanced braces"))? {
            match segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) {
                Some(variable) => template.add_variable(variable).map_err(|p| invalid(&p))?,
                None => template.add_part(segment).map_err(|p| invalid(&p))?,
            }
        }
        if template.parts.iter().rev().skip(1).any(|part| *part == Part::Rest) {
            return Err(invalid("has ** before its end"));
        }
        Ok(template)
    }

    fn add_part(&mut self, segment: &str) -> Result<(), String> {
        self.parts.push(match segment {
            "*" => Part::Star,
            "**" => Part::Rest,
            "" => return Err("has an empty segment".into()),
            literal if literal.chars().all(is_literal) => {
                let decoded = percent_decode_str(literal).decode_utf8();
                Part::Literal(decoded.map_err(|_| format!("segment {literal:?} is not UTF-8"))?.into_owned())
            }
            other => return Err(format!("segment {other:?} is not a literal, *, ** or {{variable}}")),
        });
        Ok(())
    }

    fn add_variable(&mut self, text: &str) -> Result<(), String> {
        let (field, pattern) = text.split_once('=').unwrap_or((text, "*"));
        let identifier = |name: &str| {
            name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        if !field.split('.').all(identifier) {
            return Err(format!("variable {field:?} is not a field path"));
        }
        if self.variables.iter().any(|v| v.field == field) {
            return Err(format!("variable {field:?} occurs twice"));
        }
        let start = self.parts.len();
        for segment in pattern.split('/') {
            if segment.contains(['{', '}']) {
                return Err("variables cannot be nested".into());
            }
            self.add_part(segment)?;
        }
        let end = self.parts.len();
        let multi = end - start > 1 || self.parts.last() == Some(&Part::Rest);
        self.variables.push(Variable { field: field.to_owned(), start, end, multi });
        Ok(())
    }

    /// The template as documentation and metrics print it: `/a/{field}` without patterns.
    pub fn route(&self) -> String {
        let mut out = String::new();
        let mut at = 0;
        while at < self.parts.len() {
            out.push('/');
            if let Some(variable) = self.variables.iter().find(|v| v.start == at) {
                out.extend(["{", &variable.field, "}"]);
                at = variable.end;
                continue;
            }
            match &self.parts[at] {
                Part::Literal(text) => text.chars().for_each(|c| push_literal(&mut out, c)),
                Part::Star => out.push('*'),
                Part::Rest => out.push_str("**"),
            }
            at += 1;
        }
        if let Some(verb) = &self.verb {
            out.push(':');
            out.push_str(verb);
        }
        out
    }
}

/// Puts back the escapes that a literal needs to be read as what it is.
fn push_literal(out: &mut String, c: char) {
    if is_literal(c) && c != '%' {
        out.push(c);
    } else {
        out.extend(utf8_percent_encode(c.encode_utf8(&mut [0; 4]), NON_ALPHANUMERIC));
    }
}

/// Splits off the verb: what follows the last colon outside braces in the last segment.
fn split_verb(text: &str) -> (&str, Option<&str>) {
    let tail = text.rfind(['/', '}']).map_or(0, |at| at + 1);
    match text[tail..].find(':') {
        Some(at) => (&text[..tail + at], Some(&text[tail + at + 1..])),
        None => (text, None),
    }
}

fn split_segments(text: &str) -> Option<Vec<&str>> {
    let (mut out, mut depth, mut start) = (Vec::new(), 0usize, 0);
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.checked_sub(1)?,
            '/' if depth == 0 => {
                out.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    out.push(&text[start..]);
    (depth == 0).then_some(out)
}

fn is_literal(c: char) -> bool {
    !matches!(c, '{' | '}' | '*' | '=' | '/' | ':' | '?' | '#') && !c.is_whitespace() && !c.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Template {
        Template::parse(text).unwrap()
    }

    #[test]
    fn variables_are_flattened_into_parts() {
        let template = parse("/v1/{name=shelves/*/books/*}/{rest=**}:read");
        assert_eq!(template.parts.len(), 6);
        assert_eq!(template.variables[0], Variable { field: "name".into(), start: 1, end: 5, multi: true });
        assert_eq!(template.variables[1], Variable { field: "rest".into(), start: 5, end: 6, multi: true });
        assert_eq!(template.verb.as_deref(), Some("read"));
        assert_eq!(template.route(), "/v1/{name}/{rest}:read");
    }

    #[test]
    fn a_plain_variable_is_one_segment() {
        let template = parse("/a/{b.c_d}");
        assert_eq!(template.variables[0], Variable { field: "b.c_d".into(), start: 1, end: 2, multi: false });
        assert_eq!(template.parts[1], Part::Star);
    }

    #[test]
    fn a_verb_follows_a_variable_or_a_literal() {
        assert_eq!(parse("/a/{b}:c").verb.as_deref(), Some("c"));
        assert_eq!(parse("/a/b:c").verb.as_deref(), Some("c"));
        assert_eq!(parse("/a/b:c").parts[1], Part::Literal("b".into()));
    }

    #[test]
    fn a_literal_keeps_its_escapes_where_it_is_printed() {
        for text in ["/a%20b/%2F%25:c", "/%7B/æ"] {
            assert_eq!(parse(text).route(), text);
            assert_eq!(parse(&parse(text).route()), parse(text));
        }
    }

    #[test]
    fn what_is_not_a_template_is_refused_with_the_reason() {
        for (text, reason) in [
            ("a/b", "slash"),
            ("/", "empty segment"),
            ("/a//b", "empty segment"),
            ("/a/", "empty segment"),
            ("/{a", "unbalanced"),
            ("/a}", "unbalanced"),
            ("/**/a", "before its end"),
            ("/{a=**}/b", "before its end"),
            ("/{a={b}}", "nested"),
            ("/{1a}", "field path"),
            ("/{a}/{a}", "twice"),
            ("/a:", "verb"),
            ("/a b", "not a literal"),
        ] {
            let message = Template::parse(text).unwrap_err().to_string();
            assert!(message.contains(reason), "{text}: {message}");
        }
    }
}
