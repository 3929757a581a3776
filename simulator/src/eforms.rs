//! The eForms document of a notice, rendered from the same record as its hit.
//!
//! Two families: *native* ones, sent in as eForms since October 2023, and *retro* ones, converted from older forms with
//! all the converter's habits (comments, bare dates, Doffin ids for UUIDs, repeated totals, placeholders).

mod bids;
mod head;
mod organizations;
mod project;
mod result;

use jiff::Timestamp;

use crate::corpus::Corpus;
use crate::notice::{Lot, Notice, Type};
use crate::xml::Writer;
use crate::{clock, hash};
use bids::Bids;
use organizations::Pool;

/// The document of a notice.
pub(crate) fn document(corpus: &Corpus, notice: &Notice) -> String {
    Document::new(corpus, notice).render()
}

/// A notice on its way to XML.
struct Document<'a> {
    corpus: &'a Corpus,
    notice: &'a Notice,
    native: bool,
    /// Decides what the record leaves open, always in the same way.
    roll: u64,
    pool: Pool,
    bids: Bids,
}

impl<'a> Document<'a> {
    fn new(corpus: &'a Corpus, notice: &'a Notice) -> Self {
        let roll = hash::of(&notice.id, 9);
        let mut pool = Pool::of(notice);
        let bids = Bids::of(corpus, notice, roll, &mut pool);
        Self { corpus, notice, native: notice.is_native(), roll, pool, bids }
    }

    fn render(&self) -> String {
        let mut xml = Writer::new(if self.native { 2 } else { 3 }, self.prolog());
        xml.within(self.root(), &self.namespaces(), |xml| {
            self.extension(xml);
            self.header(xml);
            self.parties(xml);
            self.terms(xml);
            self.project(xml);
            self.lots(xml);
            self.tender_result(xml);
        });
        xml.finish()
    }

    /// Whether something that happens once in `times` documents happens in this one.
    fn one_in(&self, times: u64, salt: u64) -> bool {
        hash::mix(self.roll ^ salt.wrapping_mul(0x9e37_79b9)).is_multiple_of(times)
    }

    /// A comment of the converter.
    fn note(&self, xml: &mut Writer, text: &str) {
        if !self.native {
            xml.comment(text);
        }
    }

    /// A text in the notice's languages.
    fn text(&self, xml: &mut Writer, name: &'static str, text: &str) {
        match self.native {
            true => {
                xml.leaf(name, &[("languageID", "NOR")], text);
                if self.bilingual() {
                    xml.leaf(name, &[("languageID", "ENG")], &format!("(Machine translated) {text}"));
                }
            }
            false if self.one_in(5, 1) => xml.leaf(name, &[], text),
            false => xml.leaf(name, &[("languageID", "NOB")], text),
        }
    }

    fn bilingual(&self) -> bool {
        self.native && self.one_in(3, 2)
    }

    /// A date as this family writes dates other than the dispatch.
    fn date(&self, moment: Timestamp, salt: u64) -> String {
        let day = clock::day_of(moment);
        match (self.native, self.one_in(3, salt)) {
            (false, _) => day.to_string(),
            (true, true) => format!("{day}Z"),
            (true, false) => format!("{day}{}", clock::offset_of(moment)),
        }
    }

    /// A lot's technical id.
    fn lot_id(&self, index: usize) -> String {
        let prefix = if self.parts() { "PAR" } else { "LOT" };
        match self.notice.lots.len() {
            0 | 1 if !self.native && self.one_in(20, 3) => "MISSING".to_owned(),
            0 | 1 => format!("{prefix}-0000"),
            _ => format!("{prefix}-{:04}", index + 1),
        }
    }

    /// Whether the notice plans parts rather than offers lots.
    fn parts(&self) -> bool {
        self.notice.kind.group() == Type::Planning
    }

    fn lot_scheme(&self) -> &'static str {
        if self.parts() { "Part" } else { "Lot" }
    }

    /// Direct CPV codes of the whole notice, the main one first.
    fn cpv(&self) -> Vec<u32> {
        let mut codes: Vec<u32> = Vec::new();
        for code in self.notice.lots.iter().flat_map(|lot: &Lot| lot.cpv.iter().copied()) {
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        if codes.is_empty() {
            codes.extend(self.notice.cpv.last());
        }
        codes
    }
}

/// The id of a notice in documents: a UUID when native, else its Doffin id.
fn notice_id(notice: &Notice) -> String {
    if !notice.is_native() {
        return notice.id.clone();
    }
    hash::uuid(notice.links.uuid_of.as_ref().unwrap_or(&notice.id), 1)
}

/// The id of the procedure that a notice belongs to (BT-04).
fn folder_id(corpus: &Corpus, notice: &Notice) -> String {
    let named = notice.links.folder_of.as_ref().unwrap_or(&notice.id);
    // A draft may name any notice of the procedure; all must get the id of its first.
    let root = corpus.get(named).and_then(|named| named.links.folder_of.as_ref()).unwrap_or(named);
    let native = corpus.get(root).map_or(notice.is_native(), Notice::is_native);
    if native { hash::uuid(root, 2) } else { root.clone() }
}

/// How one notice refers to another: `{uuid}-{version}`.
fn reference(corpus: &Corpus, id: &str) -> String {
    corpus
        .get(id)
        .map_or_else(|| id.to_owned(), |notice| format!("{}-{:02}", notice_id(notice), notice.links.version))
}
