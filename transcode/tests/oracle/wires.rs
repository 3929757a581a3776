//! Random messages on the wire: mostly as an encoder writes them, and in all the ways that are allowed.

use fastrand::Rng;
use prost::encoding::{WireType, encode_key, encode_varint};
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

/// Deepest nesting of what is made.
const DEPTH: usize = 6;

const TEXTS: [&str; 6] =
    ["", "a", "æøå", "a \"quoted\" line\n", "🐟\u{0}\u{1f}", "a longer text without anything"];

/// A message that can be read, save for a value here and there.
pub(crate) fn random(rng: &mut Rng, message: &MessageDescriptor) -> Vec<u8> {
    // Some messages are as encoders write them, in some everything happens.
    let wild = if rng.bool() { 0 } else { rng.u8(1..30) };
    let mut out = Vec::new();
    write(&mut Wires { rng, wild, depth: 0 }, message, &mut out);
    out
}

/// The same bytes with something broken.
pub(crate) fn broken(rng: &mut Rng, wire: &[u8]) -> Vec<u8> {
    let mut wire = wire.to_vec();
    for _ in 0..rng.usize(1..4) {
        let at = rng.usize(0..=wire.len());
        match rng.u8(0..4) {
            0 => wire.truncate(at),
            1 => wire.insert(at, rng.u8(..)),
            2 if at < wire.len() => drop(wire.remove(at)),
            _ if at < wire.len() => wire[at] ^= 1 << rng.u8(0..8),
            _ => {}
        }
    }
    wire
}

struct Wires<'a> {
    rng: &'a mut Rng,
    wild: u8,
    depth: usize,
}

impl Wires<'_> {
    fn rarely(&mut self) -> bool {
        self.rng.u8(0..100) < self.wild
    }
}

fn write(wires: &mut Wires<'_>, message: &MessageDescriptor, out: &mut Vec<u8>) {
    let mut records = Vec::new();
    for field in message.fields() {
        let rival = field
            .containing_oneof()
            .is_some_and(|oneof| oneof.fields().next().is_some_and(|first| first != field));
        if wires.rng.bool() || (rival && !wires.rarely()) {
            continue;
        }
        let times = if field.is_list() || field.is_map() { wires.rng.usize(0..4) } else { 1 };
        let again = usize::from(wires.rarely());
        for _ in 0..times + again {
            let mut record = Vec::new();
            write_field(wires, &field, &mut record);
            records.push(record);
        }
        if wires.rarely() {
            records.push(unknown(wires.rng));
        }
    }
    if wires.rarely() {
        wires.rng.shuffle(&mut records);
    }
    out.extend(records.concat());
}

fn unknown(rng: &mut Rng) -> Vec<u8> {
    let mut out = Vec::new();
    let number = [15_000, 3, 50, 536_870_911][rng.usize(0..4)];
    match rng.u8(0..5) {
        0 => {
            encode_key(number, WireType::Varint, &mut out);
            encode_varint(rng.u64(..), &mut out);
        }
        1 => {
            encode_key(number, WireType::SixtyFourBit, &mut out);
            out.extend([255; 8]);
        }
        2 => {
            encode_key(number, WireType::LengthDelimited, &mut out);
            out.extend(b"\x02\xff\xff");
        }
        3 => {
            encode_key(number, WireType::StartGroup, &mut out);
            out.extend(b"\x08\x01");
            encode_key(number, WireType::EndGroup, &mut out);
        }
        _ => {
            encode_key(number, WireType::ThirtyTwoBit, &mut out);
            out.extend([0; 4]);
        }
    }
    out
}

fn write_field(wires: &mut Wires<'_>, field: &FieldDescriptor, out: &mut Vec<u8>) {
    if field.is_map() {
        let entry = field.kind().as_message().unwrap().clone();
        let mut parts = Vec::new();
        for part in entry.fields() {
            if !wires.rarely() {
                let mut record = Vec::new();
                write_value(wires, &part, &mut record);
                parts.push(record);
            }
        }
        if wires.rarely() {
            wires.rng.shuffle(&mut parts);
        }
        if wires.rarely() {
            parts.extend(parts.first().cloned());
        }
        length(field.number(), &parts.concat(), out);
    } else if field.is_list() && field.kind().wire_type() != WireType::LengthDelimited && wires.rng.bool() {
        let mut packed = Vec::new();
        for _ in 0..wires.rng.usize(0..4) {
            bare(wires, &field.kind(), &mut packed);
        }
        length(field.number(), &packed, out);
    } else {
        write_value(wires, field, out);
    }
}

fn length(number: u32, bytes: &[u8], out: &mut Vec<u8>) {
    encode_key(number, WireType::LengthDelimited, out);
    encode_varint(bytes.len() as u64, out);
    out.extend(bytes);
}

fn write_value(wires: &mut Wires<'_>, field: &FieldDescriptor, out: &mut Vec<u8>) {
    let kind = field.kind();
    if wires.rng.u16(0..2000) < wires.wild.into() && !field.is_map() {
        // As a field of another kind.
        encode_key(field.number(), WireType::ThirtyTwoBit, out);
        out.extend([1; 4]);
        return;
    }
    encode_key(field.number(), kind.wire_type(), out);
    if kind.wire_type() != WireType::LengthDelimited {
        bare(wires, &kind, out);
        return;
    }
    let mut bytes = Vec::new();
    bare(wires, &kind, &mut bytes);
    encode_varint(bytes.len() as u64, out);
    out.extend(bytes);
}

fn bare(wires: &mut Wires<'_>, kind: &Kind, out: &mut Vec<u8>) {
    match kind {
        Kind::Message(message) => {
            if wires.depth < DEPTH {
                wires.depth += 1;
                nested(wires, message, out);
                wires.depth -= 1;
            }
        }
        Kind::String => out.extend(TEXTS[wires.rng.usize(0..TEXTS.len())].bytes()),
        Kind::Bytes => {
            let length = wires.rng.usize(0..10);
            out.extend((0..length).map(|_| wires.rng.u8(..)));
        }
        Kind::Enum(_) => {
            let number = [0, 1, 2, 3, -7, 1_000_000, -1][wires.rng.usize(0..7)];
            encode_varint(i64::from(number).cast_unsigned(), out);
        }
        kind => match kind.wire_type() {
            WireType::Varint => encode_varint(number(wires.rng), out),
            WireType::ThirtyTwoBit => {
                let real = [0.0, 0.1, -1e30, f32::NAN, f32::NEG_INFINITY][wires.rng.usize(0..5)];
                out.extend(real.to_le_bytes());
            }
            _ => {
                let real = [0.0, 0.1, -1e300, f64::NAN, f64::INFINITY, 3.0][wires.rng.usize(0..6)];
                out.extend(real.to_le_bytes());
            }
        },
    }
}

/// A message inside: of times mostly ones that exist, of masks and structs ones that can be printed.
fn nested(wires: &mut Wires<'_>, message: &MessageDescriptor, out: &mut Vec<u8>) {
    let name = message.full_name();
    if matches!(name, "google.protobuf.Timestamp" | "google.protobuf.Duration") && !wires.rarely() {
        let top = if wires.rarely() { i64::MAX } else { 253_402_300_799 };
        let seconds = wires.rng.i64(0..top);
        let nanos = [0, 1, 1000, 120_000_000, 999_999_999][wires.rng.usize(0..5)];
        if wires.rng.bool() {
            prost::encoding::int64::encode(1, &seconds, out);
        }
        if wires.rng.bool() {
            prost::encoding::int32::encode(2, &nanos, out);
        }
    } else if name == "google.protobuf.Any" && !wires.rarely() {
        if wires.rng.bool() {
            prost::encoding::string::encode(1, &"x/google.protobuf.Int32Value".to_owned(), out);
            prost::encoding::bytes::encode(2, &b"\x08\x05".to_vec(), out);
        }
    } else if name == "google.protobuf.Value" && !wires.rarely() {
        prost::encoding::string::encode(3, &"text".to_owned(), out);
    } else if name == "google.protobuf.FieldMask" && !wires.rarely() {
        prost::encoding::string::encode(1, &"a_b.c".to_owned(), out);
    } else {
        write(wires, message, out);
    }
}

fn number(rng: &mut Rng) -> u64 {
    match rng.u8(0..6) {
        0 => 0,
        1 => 1,
        2 => u64::MAX,
        3 => rng.u64(..),
        4 => rng.u32(..).into(),
        _ => rng.u8(..).into(),
    }
}
