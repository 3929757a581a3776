//! Writes indented XML; text and attributes are escaped, elements close themselves in order.

use std::fmt::Write as _;

/// An XML document being written.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    text: String,
    open: Vec<&'static str>,
    indent: usize,
}

/// Attributes of one element.
pub(crate) type Attributes<'a> = &'a [(&'static str, &'a str)];

impl Writer {
    /// A document with `indent` spaces per level, starting with `prolog`.
    pub(crate) fn new(indent: usize, prolog: &str) -> Self {
        Self { text: prolog.to_owned(), open: Vec::new(), indent }
    }

    /// Starts an element and writes what is inside it.
    pub(crate) fn within(
        &mut self,
        name: &'static str,
        attributes: Attributes<'_>,
        inside: impl FnOnce(&mut Self),
    ) {
        self.tag(name, attributes, ">\n");
        self.open.push(name);
        inside(self);
        self.open.pop();
        self.margin();
        let _ = writeln!(self.text, "</{name}>");
    }

    /// Writes nested elements with a text in the innermost: `path` is separated by `/`.
    pub(crate) fn nested(&mut self, path: &[&'static str], attributes: Attributes<'_>, text: &str) {
        match path {
            [] => {}
            [leaf] => self.leaf(leaf, attributes, text),
            [outer, inner @ ..] => self.within(outer, &[], |xml| xml.nested(inner, attributes, text)),
        }
    }

    /// Writes an element with a text.
    pub(crate) fn leaf(&mut self, name: &'static str, attributes: Attributes<'_>, text: &str) {
        if text.is_empty() {
            self.tag(name, attributes, "/>\n");
            return;
        }
        self.tag(name, attributes, ">");
        self.escaped(text);
        let _ = writeln!(self.text, "</{name}>");
    }

    /// Writes a comment.
    pub(crate) fn comment(&mut self, text: &str) {
        self.margin();
        let _ = writeln!(self.text, "<!--{}-->", text.replace("--", "- "));
    }

    /// The finished document.
    pub(crate) fn finish(self) -> String {
        self.text
    }

    fn tag(&mut self, name: &str, attributes: Attributes<'_>, end: &str) {
        self.margin();
        let _ = write!(self.text, "<{name}");
        for (key, value) in attributes {
            let _ = write!(self.text, " {key}=\"");
            self.escaped(value);
            self.text.push('"');
        }
        self.text.push_str(end);
    }

    fn margin(&mut self) {
        for _ in 0..self.open.len() * self.indent {
            self.text.push(' ');
        }
    }

    fn escaped(&mut self, text: &str) {
        for letter in text.chars() {
            match letter {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '"' => self.text.push_str("&quot;"),
                _ if letter < ' ' && !matches!(letter, '\t' | '\n' | '\r') => self.text.push(' '),
                _ => self.text.push(letter),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_and_elements_close_in_order() {
        let mut xml = Writer::new(1, "");
        xml.within("a", &[("b", "\"1\"")], |xml| {
            xml.nested(&["c", "d"], &[], "æ < ø & å");
            xml.comment("x -- y");
            xml.leaf("e", &[], "");
        });
        let expected =
            "<a b=\"&quot;1&quot;\">\n <c>\n  <d>æ &lt; ø &amp; å</d>\n </c>\n <!--x -  y-->\n <e/>\n</a>\n";
        assert_eq!(xml.finish(), expected);
    }
}
