//! Random protos: every kind of field in every place, with a route for each message and for single fields.

use std::fmt::Write as _;

use fastrand::Rng;

const SCALARS: [&str; 15] = [
    "bool", "int32", "sint32", "sfixed32", "uint32", "fixed32", "int64", "sint64", "sfixed64", "uint64",
    "fixed64", "float", "double", "string", "bytes",
];

const KEYS: usize = 11;

const WELL_KNOWN: [&str; 12] = [
    "Timestamp",
    "Duration",
    "FieldMask",
    "Struct",
    "Value",
    "ListValue",
    "Any",
    "Empty",
    "BoolValue",
    "StringValue",
    "Int64Value",
    "BytesValue",
];

/// A file with a service.
pub(crate) fn random(rng: &mut Rng) -> String {
    let count = rng.usize(1..6);
    let mut out = String::from("syntax = \"proto3\";\npackage random.v1;\n");
    for file in ["any", "duration", "empty", "field_mask", "struct", "timestamp", "wrappers"] {
        writeln!(out, "import \"google/protobuf/{file}.proto\";").unwrap();
    }
    out += "import \"google/api/annotations.proto\";\n";
    out += "enum Near { N0 = 0; N1 = 1; N2 = 2; }\n";
    out += "enum Far { option allow_alias = true; F0 = 0; FM = -7; FB = 1000000; FA = 1000000; }\n";
    let (mut messages, mut routes) = (String::new(), String::new());
    for message in 0..count {
        let fields = self::message(rng, message, count, &mut messages);
        let rule = |more: &str, path: &str| format!("{{ get: \"/m{message}{path}\" {more} }}");
        write!(routes, "rpc R{message}(M{message}) returns (M{message}) {{ option (google.api.http) = {{")
            .unwrap();
        write!(routes, "get: \"/m{message}\" ").unwrap();
        for field in fields {
            let rule = rule(&format!("response_body: \"{field}\""), &format!("/{field}"));
            write!(routes, "additional_bindings {rule} ").unwrap();
        }
        routes += "}; }\n";
    }
    out + &messages + "service S {\n" + &routes + "}\n"
}

fn message(rng: &mut Rng, message: usize, count: usize, out: &mut String) -> Vec<String> {
    let mut number = 0;
    let mut names = Vec::new();
    writeln!(out, "message M{message} {{").unwrap();
    for at in 0..rng.usize(0..14) {
        let name = format!("f_{at}");
        let mut next = |rng: &mut Rng| {
            number += [1, 1, 1, 2, 17, 400][rng.usize(0..6)];
            number
        };
        let number = next(rng);
        let kind = kind(rng, count);
        match rng.u8(0..10) {
            0 => writeln!(out, "optional {kind} {name} = {number};"),
            1..=3 if SCALARS[..13].contains(&kind.as_str()) && rng.bool() => {
                writeln!(out, "repeated {kind} {name} = {number} [packed = false];")
            }
            1..=3 => writeln!(out, "repeated {kind} {name} = {number};"),
            4 | 5 => {
                let key = [&SCALARS[..KEYS], &["string"]].concat()[rng.usize(0..=KEYS)];
                writeln!(out, "map<{key}, {kind}> {name} = {number};")
            }
            6 => {
                let (more, other) = (next(rng), self::kind(rng, count));
                writeln!(out, "oneof o_{at} {{ {kind} {name} = {number}; {other} g_{at} = {more}; }}")
            }
            7 => writeln!(out, "{kind} {name} = {number} [json_name = \"æ\\\"{at}\"];"),
            _ => writeln!(out, "{kind} {name} = {number};"),
        }
        .unwrap();
        names.push(name);
    }
    *out += "}\n";
    names
}

fn kind(rng: &mut Rng, count: usize) -> String {
    match rng.u8(0..10) {
        0 => "Near".into(),
        1 => "Far".into(),
        2 => format!("google.protobuf.{}", WELL_KNOWN[rng.usize(0..WELL_KNOWN.len())]),
        3 | 4 => format!("M{}", rng.usize(0..count)),
        _ => SCALARS[rng.usize(0..SCALARS.len())].into(),
    }
}
