//! Wire bytes written as JSON without making objects of them.
//!
//! The fields of a message are taken in the order they come; most writers send them by number, which is the order
//! they are printed in. Where the wire does not say by itself what is printed, nothing is guessed:
//!
//! - fields in another order are sorted first, in a copy of that message;
//! - a singular field twice, two members of a oneof, a map key twice, an unusual map entry, and the types with a
//!   form of their own beside times and wrappers are left to prost-reflect, for that message;
//! - a value that cannot be printed, a group that nobody knows, or too deep a nesting is left to it for the whole
//!   reply, because a later field may still change what counts.

mod map;

use prost_reflect::DynamicMessage;

use crate::plan::{Field, Form, Kind, Message, Plans, Scalar, Shape};
use crate::text;
use crate::wire::{Broken, Layout, Reader};
use crate::writer::{self, MAX_DEPTH};

/// Why a message was not written.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The wire is broken, whatever reads it.
    Broken(Broken),
    /// The same, with the field it is broken in.
    BrokenIn(String),
    /// This message is left to prost-reflect.
    Here,
    /// The whole reply is left to prost-reflect.
    Whole,
    /// Fields do not come by number.
    Order,
}

impl From<Broken> for Stop {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

/// Writes messages by plan.
pub(crate) struct Direct<'a> {
    pub(crate) plans: &'a Plans,
    pub(crate) out: &'a mut Vec<u8>,
    /// How many messages the next one is inside of.
    pub(crate) depth: usize,
}

impl<'a> Direct<'a> {
    /// Writes a message. `members` go in front of its own if it is an object of fields.
    pub(crate) fn message(&mut self, index: usize, wire: &[u8], members: &str) -> Result<(), Stop> {
        if self.depth >= MAX_DEPTH {
            return Err(Stop::Whole);
        }
        let start = self.out.len();
        let plan = &self.plans.messages[index];
        self.depth += 1;
        let written = match plan.form {
            Form::Fields | Form::Part => {
                self.out.push(b'{');
                self.out.extend_from_slice(members.as_bytes());
                self.members(plan, wire)
            }
            Form::Timestamp => self.time(wire, text::timestamp),
            Form::Duration => self.time(wire, text::duration),
            Form::Wrapper(scalar) => self.wrapper(scalar, wire),
            Form::Reflected => Err(Stop::Here),
        };
        self.depth -= 1;
        match written {
            Ok(()) if matches!(plan.form, Form::Fields | Form::Part) => self.out.push(b'}'),
            Err(Stop::Here) if members.is_empty() && plan.form != Form::Part => {
                self.out.truncate(start);
                self.reflected(plan, wire)?;
            }
            Err(Stop::Here) => return Err(Stop::Whole),
            other => return other,
        }
        Ok(())
    }

    fn reflected(&mut self, plan: &Message, wire: &[u8]) -> Result<(), Stop> {
        let message = DynamicMessage::decode(plan.descriptor.clone(), wire).map_err(|_| Stop::Whole)?;
        writer::message_into(&message, self.out, self.depth, self.plans.print_defaults)
            .map_err(|_| Stop::Whole)
    }

    fn members(&mut self, plan: &'a Message, wire: &[u8]) -> Result<(), Stop> {
        let start = self.out.len();
        match self.in_order(plan, wire) {
            Err(Stop::Order) => {
                self.out.truncate(start);
                self.in_order(plan, &sorted(plan, wire)?)
            }
            other => other,
        }
    }

    fn in_order(&mut self, plan: &'a Message, wire: &[u8]) -> Result<(), Stop> {
        let mut reader = Reader::new(wire);
        // Fields before `next` are written; the last of them that came is `member`, and may be a list that goes on.
        let (mut next, mut member, mut oneofs) = (0, None, 0);
        while !reader.is_empty() {
            let (number, layout) = reader.tag()?;
            let Some(at) = find(plan, number, next)? else {
                skip(&mut reader, layout)?;
                continue;
            };
            let field = &plan.fields[at];
            if at < next {
                if field.shape != Shape::List {
                    return Err(Stop::Here);
                }
            } else {
                if field.oneof & oneofs != 0 {
                    return Err(Stop::Here);
                }
                oneofs |= field.oneof;
                self.end(member);
                self.defaults(&plan.defaults[default_at(plan, next)..field.default_at]);
                member = Some((field, self.out.len()));
                self.member(&field.key);
                next = at + 1;
                if field.shape == Shape::List {
                    self.out.push(b'[');
                }
            }
            match field.shape {
                Shape::Single => self.value(field.kind, layout, &mut reader),
                Shape::List => self.items(field.kind, layout, &mut reader),
                Shape::Map(key) => self.map(field, key, layout, &mut reader),
            }
            .map_err(|stop| in_field(stop, plan, field))?;
        }
        self.end(member);
        self.defaults(&plan.defaults[default_at(plan, next)..]);
        Ok(())
    }

    /// Ends the member that begins where it is said, or takes it back if it says what its absence would.
    fn end(&mut self, member: Option<(&Field, usize)>) {
        let Some((field, start)) = member else { return };
        if field.shape == Shape::List {
            self.out.push(b']');
        }
        let length = self.out.len() - start;
        if length + 1 >= field.omitted.len() && field.omitted.ends_with(&self.out[start..]) {
            self.out.truncate(start);
        }
    }

    /// What absent fields print; every member brings its comma, which the first of an object does without.
    fn defaults(&mut self, defaults: &[u8]) {
        if !defaults.is_empty() {
            self.member(defaults);
        }
    }

    fn member(&mut self, text: &[u8]) {
        let first = self.out.last() == Some(&b'{');
        self.out.extend_from_slice(&text[usize::from(first)..]);
    }

    fn items(&mut self, kind: Kind, layout: Layout, reader: &mut Reader<'_>) -> Result<(), Stop> {
        if layout == Layout::Length && kind.layout() != Layout::Length {
            let mut packed = Reader::new(reader.bytes()?);
            while !packed.is_empty() {
                self.item(kind, kind.layout(), &mut packed)?;
            }
            return Ok(());
        }
        self.item(kind, layout, reader)
    }

    fn item(&mut self, kind: Kind, layout: Layout, reader: &mut Reader<'_>) -> Result<(), Stop> {
        if self.out.last() != Some(&b'[') {
            self.out.push(b',');
        }
        self.value(kind, layout, reader)
    }

    fn value(&mut self, kind: Kind, layout: Layout, reader: &mut Reader<'_>) -> Result<(), Stop> {
        if layout != kind.layout() {
            return Err(Broken("has the wire type of another kind of field").into());
        }
        match kind {
            Kind::Scalar(scalar) => self.scalar(scalar, reader),
            Kind::Message(index) => self.message(index, reader.bytes()?, ""),
            Kind::Enum(index) => {
                let number = low32(reader.varint()?).cast_signed();
                match self.plans.enums[index].get(number) {
                    Some(name) => self.out.extend_from_slice(name),
                    None => text::number(self.out, number),
                }
                Ok(())
            }
            Kind::Null => {
                reader.varint()?;
                self.out.extend_from_slice(b"null");
                Ok(())
            }
        }
    }

    fn scalar(&mut self, scalar: Scalar, reader: &mut Reader<'_>) -> Result<(), Stop> {
        let out = &mut *self.out;
        match scalar {
            Scalar::Bool => {
                let text: &[u8] = if reader.varint()? == 0 { b"false" } else { b"true" };
                out.extend_from_slice(text);
            }
            Scalar::Int32 => text::number(out, low32(reader.varint()?).cast_signed()),
            Scalar::Sint32 => text::number(out, zigzag32(low32(reader.varint()?))),
            Scalar::Uint32 => text::number(out, low32(reader.varint()?)),
            Scalar::Fixed32 => text::number(out, u32::from_le_bytes(reader.fixed32()?)),
            Scalar::Sfixed32 => text::number(out, i32::from_le_bytes(reader.fixed32()?)),
            Scalar::Int64 => text::quoted(out, reader.varint()?.cast_signed()),
            Scalar::Sint64 => text::quoted(out, zigzag64(reader.varint()?)),
            Scalar::Uint64 => text::quoted(out, reader.varint()?),
            Scalar::Fixed64 => text::quoted(out, u64::from_le_bytes(reader.fixed64()?)),
            Scalar::Sfixed64 => text::quoted(out, i64::from_le_bytes(reader.fixed64()?)),
            Scalar::Float => {
                let value = f32::from_le_bytes(reader.fixed32()?);
                text::real(out, value.into(), value);
            }
            Scalar::Double => {
                let value = f64::from_le_bytes(reader.fixed64()?);
                text::real(out, value, value);
            }
            Scalar::Bytes => text::base64(out, reader.bytes()?),
            Scalar::String => {
                if !text::string(out, reader.bytes()?) {
                    return Err(Broken("is not UTF-8").into());
                }
            }
        }
        Ok(())
    }

    fn time(&mut self, wire: &[u8], write: fn(&mut Vec<u8>, i64, i32) -> bool) -> Result<(), Stop> {
        let (mut seconds, mut nanos) = (None, None);
        let mut reader = Reader::new(wire);
        while !reader.is_empty() {
            match reader.tag()? {
                (1, Layout::Varint) if seconds.is_none() => seconds = Some(reader.varint()?.cast_signed()),
                (2, Layout::Varint) if nanos.is_none() => {
                    nanos = Some(low32(reader.varint()?).cast_signed());
                }
                _ => return Err(Stop::Here),
            }
        }
        let written = write(self.out, seconds.unwrap_or_default(), nanos.unwrap_or_default());
        if written { Ok(()) } else { Err(Stop::Whole) }
    }

    fn wrapper(&mut self, scalar: Scalar, wire: &[u8]) -> Result<(), Stop> {
        let mut reader = Reader::new(wire);
        if reader.is_empty() {
            self.out.extend_from_slice(scalar.default_text());
            return Ok(());
        }
        if reader.tag()? != (1, scalar.layout()) {
            return Err(Stop::Here);
        }
        self.scalar(scalar, &mut reader)?;
        if reader.is_empty() { Ok(()) } else { Err(Stop::Here) }
    }
}

/// The place of a field, looked for from the last one written. `None`: it is not known.
fn find(plan: &Message, number: u32, next: usize) -> Result<Option<usize>, Stop> {
    let mut at = next.saturating_sub(1);
    if plan.fields.get(at).is_some_and(|field| number < field.number) {
        let earlier = plan.fields[..at].binary_search_by_key(&number, |field| field.number);
        return if earlier.is_ok() { Err(Stop::Order) } else { Ok(None) };
    }
    while plan.fields.get(at).is_some_and(|field| field.number < number) {
        at += 1;
    }
    Ok(plan.fields.get(at).filter(|field| field.number == number).map(|_| at))
}

fn default_at(plan: &Message, next: usize) -> usize {
    plan.fields.get(next).map_or(plan.defaults.len(), |field| field.default_at)
}

fn skip(reader: &mut Reader<'_>, layout: Layout) -> Result<(), Stop> {
    if reader.skip(layout)? { Ok(()) } else { Err(Stop::Whole) }
}

/// The known fields of a message by number, those of one number in the order they came.
fn sorted(plan: &Message, wire: &[u8]) -> Result<Vec<u8>, Stop> {
    let mut records = Vec::new();
    let mut reader = Reader::new(wire);
    while !reader.is_empty() {
        let start = reader.rest();
        let (number, layout) = reader.tag()?;
        skip(&mut reader, layout)?;
        if plan.fields.binary_search_by_key(&number, |field| field.number).is_ok() {
            records.push((number, &start[..start.len() - reader.rest().len()]));
        }
    }
    records.sort_by_key(|(number, _)| *number);
    let mut sorted = Vec::with_capacity(wire.len());
    for (_, record) in records {
        sorted.extend_from_slice(record);
    }
    Ok(sorted)
}

/// Says where the wire is broken.
fn in_field(stop: Stop, plan: &Message, field: &Field) -> Stop {
    match stop {
        Stop::Broken(Broken(what)) => {
            let name = plan.descriptor.get_field(field.number);
            let name = name.as_ref().map_or("", |name| name.full_name());
            Stop::BrokenIn(format!("{name}: {what}"))
        }
        other => other,
    }
}

fn low32(value: u64) -> u32 {
    u32::try_from(value & u64::from(u32::MAX)).unwrap_or_default()
}

fn zigzag32(value: u32) -> i32 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}

fn zigzag64(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}

#[cfg(test)]
#[path = "../tests/support/pool.rs"]
mod pool;

#[cfg(test)]
mod tests {
    use prost::Message as _;
    use prost_reflect::DynamicMessage;
    use serde_json::json;

    use super::*;
    use crate::plan::Planner;

    fn stops(message: &str, wire: &[u8]) -> String {
        let pool = pool::pool(None);
        let mut planner = Planner::new(true);
        let index = planner.message(&pool.get_message_by_name(message).unwrap());
        let plans = planner.finish();
        let plan = &plans.messages[index];
        let mut out = Vec::new();
        let mut direct = Direct { plans: &plans, out: &mut out, depth: 0 };
        direct.members(plan, wire).err().map_or_else(|| "written".into(), |stop| format!("{stop:?}"))
    }

    #[test]
    fn what_is_usual_is_written_by_plan_in_any_order_and_what_is_unclear_is_not() {
        let pool = pool::pool(None);
        let usual = json!({
            "doubleField": 1.5, "int64Field": "-9", "stringField": "æ", "bytesField": "+/8=", "color": 2,
            "inner": {"name": "x", "inner": {}}, "maybeNumber": 0, "numbers": [1, -1], "texts": ["", "a"],
            "inners": [{}, {"tags": ["t"]}], "byName": {"b": 1, "a": 2}, "byNumber": {"-7": {}},
            "choiceInner": {"left": ""}
        });
        let descriptor = pool.get_message_by_name("transcode.test.v1.Kinds").unwrap();
        let usual = DynamicMessage::deserialize(descriptor, usual).unwrap().encode_to_vec();
        assert_eq!(stops("transcode.test.v1.Kinds", &usual), "written");
        let late = [&usual, &b"\x18\x05"[..]].concat();
        assert_eq!(stops("transcode.test.v1.Kinds", &late), "written");
        for (message, wire) in [
            ("Kinds", &b"\x18\x05\x18\x06"[..]),    // int32_field twice
            ("Kinds", b"\x98\x03\x01\x92\x03\x00"), // two members of a oneof
            ("Kinds", b"\xc2\x02\x03\x0a\x01a\xc2\x02\x03\x0a\x01a"), // a map key twice
            ("Kinds", b"\xc2\x02\x05\x10\x01\x0a\x01a"), // a value before its key
        ] {
            assert_eq!(stops(&format!("transcode.test.v1.{message}"), wire), "Here", "{wire:?}");
        }
        assert_eq!(stops("transcode.test.v1.Kinds", b"\xa3\x06\xa4\x06"), "Whole");
        let broken = stops("transcode.test.v1.Kinds", b"\x72\x01\xff");
        assert!(broken.contains("Kinds.string_field: is not UTF-8"), "{broken}");
    }
}
