//! What the targets share: the routes of the transcoder's own tests.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};
use prost_reflect::{DescriptorPool, DynamicMessage, Kind, MessageDescriptor};
use protox::Compiler;
use protox::file::{ChainFileResolver, GoogleFileResolver, IncludeFileResolver};
use transcode::{Binding, Reply, Table};

/// The routes that are asked.
pub static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut resolver = ChainFileResolver::new();
    resolver.add(IncludeFileResolver::new(here.join("../transcode/tests/protos")));
    resolver.add(IncludeFileResolver::new(here.join("../proto")));
    resolver.add(GoogleFileResolver::new());
    let mut compiler = Compiler::with_file_resolver(resolver);
    compiler.include_imports(true).open_file("routes.proto").unwrap();
    let pool = DescriptorPool::decode(compiler.encode_file_descriptor_set().as_slice()).unwrap();
    Table::compile(&pool).unwrap()
});

/// The route with this template and method.
pub fn binding(method: &str, route: &str) -> &'static Arc<Binding> {
    TABLE.bindings().iter().find(|b| b.route == route && b.http_method == method).unwrap()
}

/// What a good request became can be read as its message.
pub fn readable(binding: &Binding, wire: bytes::Bytes) {
    DynamicMessage::decode(binding.rpc.input(), wire).unwrap();
}

/// A reply's bytes.
pub fn text(reply: Reply) -> Vec<u8> {
    match reply {
        Reply::Object(json) | Reply::Json(json) => json,
        Reply::Body { data, .. } => data.into(),
    }
}

/// Whether a map comes with another wire type than a length, which prost-reflect reads as if it were one. What it
/// makes of the rest says nothing then.
pub fn has_map_of_another_type(message: &MessageDescriptor, mut wire: &[u8]) -> bool {
    while let Ok((number, layout)) = decode_key(&mut wire) {
        let field = message.get_field(number);
        let length = layout == WireType::LengthDelimited;
        if field.as_ref().is_some_and(|field| field.is_map() && !length) {
            return true;
        }
        if length && let Some(Kind::Message(inner)) = field.as_ref().map(|field| field.kind()) {
            let Ok(length) = decode_varint(&mut wire) else { return false };
            let Some((inside, rest)) = usize::try_from(length).ok().and_then(|n| wire.split_at_checked(n)) else {
                return has_map_of_another_type(&inner, wire);
            };
            if has_map_of_another_type(&inner, inside) {
                return true;
            }
            wire = rest;
        } else if skip_field(layout, number, &mut wire, DecodeContext::default()).is_err() {
            return false;
        }
    }
    false
}
