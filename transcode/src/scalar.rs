//! Text of a path or query made into a field's value.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use prost_reflect::{DynamicMessage, Kind, Value};

/// Well-known messages that are written as one text in a query.
const TEXTUAL: [&str; 12] = [
    "google.protobuf.Timestamp",
    "google.protobuf.Duration",
    "google.protobuf.FieldMask",
    "google.protobuf.BoolValue",
    "google.protobuf.BytesValue",
    "google.protobuf.DoubleValue",
    "google.protobuf.FloatValue",
    "google.protobuf.Int32Value",
    "google.protobuf.Int64Value",
    "google.protobuf.StringValue",
    "google.protobuf.UInt32Value",
    "google.protobuf.UInt64Value",
];

/// Whether values of this kind can be written as one text.
pub(crate) fn is_textual(kind: &Kind) -> bool {
    match kind {
        Kind::Message(message) => TEXTUAL.contains(&message.full_name()),
        _ => true,
    }
}

/// Reads a value, or says what would be right.
pub(crate) fn parse(kind: &Kind, text: &str) -> Result<Value, String> {
    fn number<T: std::str::FromStr>(text: &str, what: &str) -> Result<T, String> {
        text.parse().map_err(|_| format!("{text:?} is not {what}"))
    }
    Ok(match kind {
        Kind::String => Value::String(text.to_owned()),
        Kind::Bool => match text {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => return Err(format!("{text:?} is not true or false")),
        },
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(number(text, "a whole number of 32 bits")?),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(number(text, "a whole number of 64 bits")?),
        Kind::Uint32 | Kind::Fixed32 => Value::U32(number(text, "a whole number from 0 of 32 bits")?),
        Kind::Uint64 | Kind::Fixed64 => Value::U64(number(text, "a whole number from 0 of 64 bits")?),
        Kind::Double => Value::F64(float(text)?),
        Kind::Float => {
            let value = float(text)?;
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a float field holds no more; range is checked below"
            )]
            let narrow = value as f32;
            if narrow.is_infinite() && value.is_finite() {
                return Err(format!("{text:?} is too large for a float"));
            }
            Value::F32(narrow)
        }
        Kind::Bytes => Value::Bytes(bytes(text)?.into()),
        Kind::Enum(descriptor) => {
            let by_number = || text.parse().ok().filter(|n| descriptor.get_value(*n).is_some());
            let number = descriptor.get_value_by_name(text).map(|value| value.number()).or_else(by_number);
            Value::EnumNumber(number.ok_or_else(|| {
                let names: Vec<_> =
                    descriptor.values().filter(|v| v.number() != 0).map(|v| v.name().to_owned()).collect();
                format!("{text:?} is not one of {}", names.join(", "))
            })?)
        }
        Kind::Message(message) => {
            let quoted = serde_json::Value::String(text.to_owned());
            let plain = serde_json::from_str(text).unwrap_or_else(|_| quoted.clone());
            // Wrappers of numbers and booleans read bare JSON; texts, times and 64-bit numbers read strings.
            let read = |json| DynamicMessage::deserialize(message.clone(), json);
            let value = read(quoted).or_else(|_| read(plain));
            Value::Message(value.map_err(|_| format!("{text:?} is not a {}", message.name()))?)
        }
    })
}

fn float(text: &str) -> Result<f64, String> {
    match text {
        "NaN" => Ok(f64::NAN),
        "Infinity" => Ok(f64::INFINITY),
        "-Infinity" => Ok(f64::NEG_INFINITY),
        _ => {
            let value: Option<f64> = text.parse().ok();
            // Rust also reads "inf" and "nan", and overflows to infinity; JSON numbers do neither.
            value.filter(|v| v.is_finite()).ok_or_else(|| format!("{text:?} is not a number"))
        }
    }
}

fn bytes(text: &str) -> Result<Vec<u8>, String> {
    [&STANDARD, &URL_SAFE, &STANDARD_NO_PAD, &URL_SAFE_NO_PAD]
        .iter()
        .find_map(|engine| engine.decode(text).ok())
        .ok_or_else(|| "is not base64".to_owned())
}
