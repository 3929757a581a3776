//! One pass over a document's events: namespaces resolved, what is not read passed over, limits kept. The
//! stack lives on the heap and has a limit, so that no document can exhaust it.

use std::borrow::Cow;

use quick_xml::events::attributes::Attributes;
use quick_xml::events::{BytesRef, Event};
use quick_xml::{Reader, XmlVersion, escape};

use super::Unreadable;
use super::names::{At, Leaf, Space, Step};
use super::paths;

/// Deepest nesting; real documents stay below 25.
const DEPTH_LIMIT: usize = 100;

/// Most attributes of one element that is read.
const ATTRIBUTE_LIMIT: usize = 100;

/// Most namespace declarations in force at once.
const NAMESPACE_LIMIT: usize = 200;

/// A leaf's text, trimmed, with those attributes that tell what it means.
#[derive(Debug, Default)]
pub(super) struct Value<'a> {
    pub(super) text: Cow<'a, str>,
    /// `languageID`.
    pub(super) language: Option<Cow<'a, str>>,
    /// `currencyID`.
    pub(super) currency: Option<Cow<'a, str>>,
    /// `unitCode`.
    pub(super) unit: Option<Cow<'a, str>>,
    /// `listName`.
    pub(super) list: Option<Cow<'a, str>>,
    /// `schemeName`.
    pub(super) scheme: Option<Cow<'a, str>>,
}

/// Who is told what a document holds.
pub(super) trait Visit<'a> {
    /// The root element.
    fn root(&mut self, name: &'static str);
    /// An element begins.
    fn open(&mut self, at: At) -> Result<(), Unreadable>;
    /// An element ends.
    fn close(&mut self, at: At);
    /// Text was read; never empty.
    fn leaf(&mut self, leaf: Leaf, value: Value<'a>) -> Result<(), Unreadable>;
}

/// Extensions are read as if their elements stood where the extension stands, without its wrapping.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layer {
    /// An element of the notice's structure.
    Own,
    /// `ext:UBLExtensions` and below, before the extension itself: holds only more wrapping.
    Wrapping,
    /// `efext:EformsExtension`: holds what extends the element around its wrapping.
    Extension,
}

struct Frame {
    at: At,
    layer: Layer,
    /// How many namespace declarations were in force around it.
    bindings: usize,
}

/// A leaf being read.
struct Open<'a> {
    leaf: Leaf,
    value: Value<'a>,
    text: Option<Cow<'a, str>>,
    bindings: usize,
}

struct Walk<'a, V> {
    visit: V,
    stack: Vec<Frame>,
    /// Elements open inside the one that is passed over, itself included.
    passing: usize,
    leaf: Option<Open<'a>>,
    /// Prefix and namespace of each declaration in force, the innermost last.
    bindings: Vec<(&'a str, Space)>,
    ended: bool,
}

/// Walks a document to its end.
pub(super) fn walk<'a, V: Visit<'a>>(text: &'a str, visit: V) -> Result<V, Unreadable> {
    let mut reader = Reader::from_str(text);
    let mut walk = Walk {
        visit,
        stack: Vec::with_capacity(32),
        passing: 0,
        leaf: None,
        bindings: Vec::with_capacity(16),
        ended: false,
    };
    loop {
        // White space between elements is nothing, inside text it counts.
        reader.config_mut().trim_text_start = walk.leaf.is_none();
        let event = reader
            .read_event()
            .map_err(|error| Unreadable::Xml { at: reader.error_position(), problem: error.to_string() })?;
        let end = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        match event {
            // The tag's text lives as long as the document, where the event lends it out for less.
            Event::Start(tag) => {
                walk.start(behind(text, end, tag.len(), 1), tag.name().as_ref().len(), false)?;
            }
            Event::Empty(tag) => {
                walk.start(behind(text, end, tag.len(), 2), tag.name().as_ref().len(), true)?;
            }
            Event::End(_) => walk.end()?,
            Event::Text(text) => walk.text(text.xml10_content())?,
            Event::CData(text) => walk.text(text.xml10_content())?,
            Event::GeneralRef(reference) => walk.reference(&reference)?,
            Event::DocType(_) => return Err(Unreadable::DocumentType),
            Event::Eof => break,
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
    }
    if walk.ended { Ok(walk.visit) } else { Err(Unreadable::Cut) }
}

/// The inside of a tag of some length that ends, with some characters of its own, at a position.
fn behind(text: &str, end: usize, length: usize, marks: usize) -> &str {
    let end = end.saturating_sub(marks);
    text.get(end.saturating_sub(length)..end).unwrap_or_default()
}

impl<'a, V: Visit<'a>> Walk<'a, V> {
    fn start(&mut self, tag: &'a str, name_length: usize, empty: bool) -> Result<(), Unreadable> {
        if self.ended {
            return Err(Unreadable::NotANotice);
        }
        if self.stack.len() + self.passing >= DEPTH_LIMIT {
            return Err(Unreadable::Deep);
        }
        if self.passing > 0 || self.leaf.is_some() {
            // An element inside a leaf: its text is none of ours.
            self.passing += usize::from(!empty);
            return Ok(());
        }
        let before = self.bindings.len();
        let value =
            if tag.len() > name_length { self.attributes(tag, name_length)? } else { Value::default() };
        let qualified = tag.get(..name_length).unwrap_or_default();
        let (prefix, name) = qualified.split_once(':').unwrap_or(("", qualified));
        let Some(parent) = self.stack.last() else { return self.root(prefix, name, empty, before) };
        let space = self.space(prefix);
        match step(parent, space, name) {
            Some((Step::Into(at), layer)) => {
                if layer == Layer::Own {
                    self.visit.open(at)?;
                }
                self.stack.push(Frame { at, layer, bindings: before });
                if empty {
                    self.end()?;
                }
            }
            Some((Step::Read(leaf), _)) if !empty => {
                self.leaf = Some(Open { leaf, value, text: None, bindings: before });
            }
            _ => {
                self.bindings.truncate(before);
                self.passing = usize::from(!empty);
            }
        }
        Ok(())
    }

    fn root(&mut self, prefix: &str, name: &str, empty: bool, before: usize) -> Result<(), Unreadable> {
        match self.space(prefix) {
            Space::Root(root) if root == name => self.visit.root(root),
            _ => return Err(Unreadable::NotANotice),
        }
        self.stack.push(Frame { at: At::Notice, layer: Layer::Own, bindings: before });
        if empty { self.end() } else { Ok(()) }
    }

    fn end(&mut self) -> Result<(), Unreadable> {
        if self.passing > 0 {
            self.passing -= 1;
        } else if let Some(open) = self.leaf.take() {
            self.bindings.truncate(open.bindings);
            let text = trimmed(open.text.unwrap_or_default());
            if !text.is_empty() {
                self.visit.leaf(open.leaf, Value { text, ..open.value })?;
            }
        } else if let Some(frame) = self.stack.pop() {
            self.bindings.truncate(frame.bindings);
            if frame.layer == Layer::Own {
                self.visit.close(frame.at);
            }
            self.ended = self.stack.is_empty();
        }
        Ok(())
    }

    fn text(&mut self, text: Cow<'a, str>) -> Result<(), Unreadable> {
        if let Some(open) = &mut self.leaf {
            match &mut open.text {
                _ if self.passing > 0 => {}
                Some(before) => before.to_mut().push_str(&text),
                None => open.text = Some(text),
            }
        } else if self.stack.is_empty() && !text.trim_ascii().is_empty() {
            return Err(Unreadable::NotANotice);
        }
        Ok(())
    }

    /// Only characters by number and the five entities that XML itself declares are known. There can be no
    /// others, since document types are refused.
    fn reference(&mut self, reference: &BytesRef<'a>) -> Result<(), Unreadable> {
        let number = reference.resolve_char_ref().map_err(|_| Unreadable::Reference)?;
        let mut buffer = [0; 4];
        let text = match number {
            Some(character) => &*character.encode_utf8(&mut buffer),
            None => escape::resolve_xml_entity(reference).ok_or(Unreadable::Reference)?,
        };
        self.text(Cow::Owned(text.to_owned()))
    }

    /// Takes the namespaces an element declares, and gives those of its attributes that are of use.
    fn attributes(&mut self, tag: &'a str, name_length: usize) -> Result<Value<'a>, Unreadable> {
        let mut value = Value::default();
        let mut attributes = Attributes::new(tag, name_length);
        for (index, attribute) in attributes.with_checks(false).enumerate() {
            let attribute = attribute
                .map_err(|error| Unreadable::Xml { at: 0, problem: format!("an attribute: {error}") })?;
            if index >= ATTRIBUTE_LIMIT || self.bindings.len() >= NAMESPACE_LIMIT {
                return Err(Unreadable::Attributes);
            }
            let slot = match attribute.key.0 {
                "languageID" => &mut value.language,
                "currencyID" => &mut value.currency,
                "unitCode" => &mut value.unit,
                "listName" => &mut value.list,
                "schemeName" => &mut value.scheme,
                key => {
                    let prefix = if key == "xmlns" { Some("") } else { key.strip_prefix("xmlns:") };
                    if let Some(prefix) = prefix {
                        let uri = attribute
                            .normalized_value(XmlVersion::Implicit1_0)
                            .map_err(|_| Unreadable::Reference)?;
                        self.bindings.push((prefix, Space::of(&uri)));
                    }
                    continue;
                }
            };
            *slot =
                Some(attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| Unreadable::Reference)?);
        }
        Ok(value)
    }

    fn space(&self, prefix: &str) -> Space {
        let bound = self.bindings.iter().rev().find(|(bound, _)| *bound == prefix);
        bound.map_or(Space::Other, |(_, space)| *space)
    }
}

/// What a child of an element is, if it is to be entered or read.
fn step(parent: &Frame, space: Space, name: &str) -> Option<(Step, Layer)> {
    let layer = match (space, name) {
        (Space::Extension, "UBLExtensions") if parent.layer != Layer::Wrapping => Layer::Wrapping,
        (Space::Extension, "UBLExtension" | "ExtensionContent") if parent.layer == Layer::Wrapping => {
            Layer::Wrapping
        }
        (Space::Eforms, "EformsExtension") if parent.layer == Layer::Wrapping => Layer::Extension,
        _ if parent.layer == Layer::Wrapping => return None,
        _ => return paths::child(parent.at, space, name).map(|step| (step, Layer::Own)),
    };
    Some((Step::Into(parent.at), layer))
}

fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}
