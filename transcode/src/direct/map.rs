//! Maps: entries that come sorted are written as they come, others are sorted first.

use super::{Direct, Stop, low32, zigzag32, zigzag64};
use crate::plan::{Field, Kind, Scalar};
use crate::text;
use crate::wire::{Broken, Layout, Reader};

/// A key, as it is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key<'w> {
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Text(&'w [u8]),
}

/// A key, and the value with its layout if there is one.
type Entry<'w> = (Key<'w>, Option<(Layout, Reader<'w>)>);

impl Direct<'_> {
    /// Writes the entries that follow each other from here, of which the first one's tag has been read.
    pub(super) fn map(
        &mut self,
        field: &Field,
        key: Scalar,
        layout: Layout,
        reader: &mut Reader<'_>,
    ) -> Result<(), Stop> {
        if layout != Layout::Length {
            return Err(Broken("has the wire type of another kind of field").into());
        }
        let (start, mut sorting) = (self.out.len(), *reader);
        if self.sorted_map(field, key, reader)? {
            return Ok(());
        }
        self.out.truncate(start);
        let mut entries = Vec::new();
        loop {
            entries.push(entry(key, sorting.bytes()?)?);
            if !goes_on(field.number, &mut sorting)? {
                break;
            }
        }
        entries.sort_by_key(|(key, _)| *key);
        if entries.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err(Stop::Here);
        }
        *reader = sorting;
        self.out.push(b'{');
        for entry in entries {
            self.entry(field, entry)?;
        }
        self.out.push(b'}');
        Ok(())
    }

    /// Writes entries as long as they come sorted. `false`: one does not.
    fn sorted_map(&mut self, field: &Field, key: Scalar, reader: &mut Reader<'_>) -> Result<bool, Stop> {
        let mut last = None;
        self.out.push(b'{');
        loop {
            let next = entry(key, reader.bytes()?)?;
            if last.is_some_and(|last| last >= next.0) {
                return Ok(false);
            }
            last = Some(next.0);
            self.entry(field, next)?;
            if !goes_on(field.number, reader)? {
                break;
            }
        }
        self.out.push(b'}');
        Ok(true)
    }

    fn entry(&mut self, field: &Field, (key, value): Entry<'_>) -> Result<(), Stop> {
        if self.out.last() != Some(&b'{') {
            self.out.push(b',');
        }
        match key {
            Key::Bool(key) => text::quoted(self.out, key),
            Key::Signed(key) => text::quoted(self.out, key),
            Key::Unsigned(key) => text::quoted(self.out, key),
            Key::Text(key) => {
                if !text::string(self.out, key) {
                    return Err(Broken("is not UTF-8").into());
                }
            }
        }
        self.out.push(b':');
        match (value, field.kind) {
            (Some((layout, mut value)), kind) => {
                self.value(kind, layout, &mut value)?;
                // Something after the value: another value, or a key that came late.
                if !value.is_empty() {
                    return Err(Stop::Here);
                }
            }
            (None, Kind::Message(index)) => self.message(index, &[], "")?,
            (None, _) => self.out.extend_from_slice(&field.absent),
        }
        Ok(())
    }
}

/// Whether another entry of the same map follows; its tag is read then.
fn goes_on(number: u32, reader: &mut Reader<'_>) -> Result<bool, Stop> {
    let mut ahead = *reader;
    if ahead.is_empty() || ahead.tag()? != (number, Layout::Length) {
        return Ok(false);
    }
    *reader = ahead;
    Ok(true)
}

/// Reads an entry: a key, then a value, both of which may be absent. Any other is left to prost-reflect.
fn entry(scalar: Scalar, wire: &[u8]) -> Result<Entry<'_>, Stop> {
    let mut reader = Reader::new(wire);
    let mut tag = next_tag(&mut reader)?;
    let key = match tag {
        Some((1, layout)) => {
            if layout != scalar.layout() {
                return Err(Broken("a map key has the wire type of another kind").into());
            }
            let key = read_key(scalar, &mut reader)?;
            tag = next_tag(&mut reader)?;
            key
        }
        _ => default_key(scalar),
    };
    match tag {
        None => Ok((key, None)),
        Some((2, layout)) => Ok((key, Some((layout, reader)))),
        Some(_) => Err(Stop::Here),
    }
}

fn next_tag(reader: &mut Reader<'_>) -> Result<Option<(u32, Layout)>, Stop> {
    if reader.is_empty() { Ok(None) } else { Ok(Some(reader.tag()?)) }
}

fn default_key<'w>(scalar: Scalar) -> Key<'w> {
    match scalar {
        Scalar::Bool => Key::Bool(false),
        Scalar::String => Key::Text(b""),
        Scalar::Uint32 | Scalar::Fixed32 | Scalar::Uint64 | Scalar::Fixed64 => Key::Unsigned(0),
        _ => Key::Signed(0),
    }
}

fn read_key<'w>(scalar: Scalar, reader: &mut Reader<'w>) -> Result<Key<'w>, Stop> {
    Ok(match scalar {
        Scalar::Bool => Key::Bool(reader.varint()? != 0),
        Scalar::String => Key::Text(reader.bytes()?),
        Scalar::Int32 => Key::Signed(low32(reader.varint()?).cast_signed().into()),
        Scalar::Sint32 => Key::Signed(zigzag32(low32(reader.varint()?)).into()),
        Scalar::Sfixed32 => Key::Signed(i32::from_le_bytes(reader.fixed32()?).into()),
        Scalar::Int64 => Key::Signed(reader.varint()?.cast_signed()),
        Scalar::Sint64 => Key::Signed(zigzag64(reader.varint()?)),
        Scalar::Sfixed64 => Key::Signed(i64::from_le_bytes(reader.fixed64()?)),
        Scalar::Uint32 => Key::Unsigned(low32(reader.varint()?).into()),
        Scalar::Fixed32 => Key::Unsigned(u32::from_le_bytes(reader.fixed32()?).into()),
        Scalar::Uint64 => Key::Unsigned(reader.varint()?),
        Scalar::Fixed64 => Key::Unsigned(u64::from_le_bytes(reader.fixed64()?)),
        // Nothing else is a key.
        Scalar::Float | Scalar::Double | Scalar::Bytes => return Err(Stop::Here),
    })
}
