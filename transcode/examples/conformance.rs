//! Answers the protobuf conformance runner with what this crate makes of its cases: JSON read as a request body,
//! wire bytes written as a reply.
//!
//! `conformance_test_runner target/debug/examples/conformance INCLUDE` where `INCLUDE` is the directory of the
//! suite's protos. Cases of proto2, editions, text format and wire to wire are skipped.

use std::io::{Read as _, Write as _};
use std::path::Path;

use http::Method;
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, Value};
use protox::Compiler;
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver, IncludeFileResolver};
use transcode::{Binding, Found, Mapping, Reply, Table};

const ROUTE: &str = r#"
    syntax = "proto3";
    import "conformance/conformance.proto";
    import "google/api/annotations.proto";
    import "google/protobuf/test_messages_proto3.proto";
    service Conformance {
      rpc Echo(protobuf_test_messages.proto3.TestAllTypesProto3)
          returns (protobuf_test_messages.proto3.TestAllTypesProto3) {
        option (google.api.http) = {post: "/echo" body: "*"};
      }
    }"#;

struct Route;

impl FileResolver for Route {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        match name {
            "route.proto" => File::from_source(name, ROUTE),
            _ => Err(protox::Error::file_not_found(name)),
        }
    }
}

fn pool(include: &str) -> Result<DescriptorPool, Box<dyn std::error::Error>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut resolver = ChainFileResolver::new();
    resolver.add(Route);
    resolver.add(IncludeFileResolver::new(include.into()));
    resolver.add(IncludeFileResolver::new(here.join("../proto")));
    resolver.add(GoogleFileResolver::new());
    let mut compiler = Compiler::with_file_resolver(resolver);
    compiler.include_imports(true).open_file("route.proto")?;
    Ok(DescriptorPool::decode(compiler.encode_file_descriptor_set().as_slice())?)
}

/// The member of the response that answers a request, and what it holds.
fn answer(binding: &Binding, lenient: &Binding, request: &DynamicMessage) -> (&'static str, Value) {
    let get = |name: &str| request.get_field_by_name(name).map(std::borrow::Cow::into_owned);
    let number = |name: &str| get(name).and_then(|value| value.as_enum_number()).unwrap_or_default();
    let message_type = get("message_type").and_then(|value| value.as_str().map(str::to_owned));
    let (protobuf, json, ignoring_unknown) = (1, 2, 3);
    let output = number("requested_output_format");
    let skipped = |why: &str| ("skipped", Value::String(why.into()));
    if message_type.as_deref() == Some("conformance.FailureSet") {
        // The runner asks first which cases are known to fail: none.
        return ("protobuf_payload", Value::Bytes(bytes::Bytes::new()));
    }
    if message_type.as_deref() != Some(binding.rpc.input().full_name()) {
        return skipped("not proto3");
    }
    let binding = if number("test_category") == ignoring_unknown { lenient } else { binding };
    let wire = if request.has_field_by_name("json_payload") {
        let text = get("json_payload").and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
        match binding.request("/echo", None, text.as_bytes(), &[]) {
            Ok(wire) => wire,
            Err(violations) => return ("parse_error", Value::String(format!("{violations:?}"))),
        }
    } else if request.has_field_by_name("protobuf_payload") && output == json {
        get("protobuf_payload").and_then(|v| v.as_bytes().cloned()).unwrap_or_default()
    } else {
        return skipped("not about JSON");
    };
    if output == protobuf {
        return ("protobuf_payload", Value::Bytes(wire));
    }
    if output != json {
        return skipped("not about JSON");
    }
    match binding.reply(wire) {
        Ok(Reply::Object(text) | Reply::Json(text)) => {
            ("json_payload", Value::String(String::from_utf8_lossy(&text).into_owned()))
        }
        Ok(Reply::Body { .. }) => ("runtime_error", Value::String("not JSON".into())),
        // What cannot be read and what cannot be printed are one thing to a caller, but two to the runner.
        Err(error) if DynamicMessage::decode(binding.rpc.output(), payload(request)).is_ok() => {
            ("serialize_error", Value::String(error.problem))
        }
        Err(error) => ("parse_error", Value::String(error.problem)),
    }
}

fn payload(request: &DynamicMessage) -> bytes::Bytes {
    request.get_field_by_name("protobuf_payload").and_then(|v| v.as_bytes().cloned()).unwrap_or_default()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let include = std::env::args().nth(1).ok_or("name the directory of the suite's protos")?;
    let pool = pool(&include)?;
    // The suite wants defaults left out, and in some cases unknown members passed over.
    let mapping = Mapping { print_defaults: false, ignore_unknown: false };
    let strict = Table::compile_with(&pool, mapping)?;
    let lenient = Table::compile_with(&pool, Mapping { ignore_unknown: true, ..mapping })?;
    let route = |table: &'_ Table| match table.find("/echo", &Method::POST) {
        Found::Route(binding) => Ok(binding.clone()),
        _ => Err("the suite's protos have no route"),
    };
    let (binding, lenient) = (&route(&strict)?, &route(&lenient)?);
    let named = |name: &str| pool.get_message_by_name(name).ok_or("the suite's protocol is not known");
    let (asked, answered) =
        (named("conformance.ConformanceRequest")?, named("conformance.ConformanceResponse")?);
    let (mut input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    let mut length = [0; 4];
    // The runner closes the pipe when it has no more cases.
    while input.read_exact(&mut length).is_ok() {
        let mut request = vec![0; u32::from_le_bytes(length) as usize];
        input.read_exact(&mut request)?;
        let request = DynamicMessage::decode(asked.clone(), request.as_slice())?;
        let (member, value) = answer(binding, lenient, &request);
        let mut response = DynamicMessage::new(answered.clone());
        response.try_set_field_by_name(member, value)?;
        let response = response.encode_to_vec();
        output.write_all(&u32::try_from(response.len())?.to_le_bytes())?;
        output.write_all(&response)?;
        output.flush()?;
    }
    Ok(())
}
