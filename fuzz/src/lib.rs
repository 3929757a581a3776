//! What the targets share: the routes of the transcoder's own tests.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use prost_reflect::{DescriptorPool, DynamicMessage};
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
