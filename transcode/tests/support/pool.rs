//! Descriptors of the test protos, compiled when a test runs.

use std::path::Path;

use prost_reflect::DescriptorPool;
use protox::Compiler;
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver, IncludeFileResolver};

/// The protos in `tests/protos`, or one file of this text.
pub(crate) fn pool(text: Option<&str>) -> DescriptorPool {
    let mut resolver = resolver();
    let Some(text) = text else { return compile("routes.proto", resolver) };
    resolver.add(Text(text.to_owned()));
    compile("text.proto", resolver)
}

fn compile(name: &str, resolver: ChainFileResolver) -> DescriptorPool {
    let mut compiler = Compiler::with_file_resolver(resolver);
    compiler.include_imports(true).include_source_info(true).open_file(name).unwrap();
    // The encoded form: the other one has lost the http rules, which are options it does not know.
    DescriptorPool::decode(compiler.encode_file_descriptor_set().as_slice()).unwrap()
}

fn resolver() -> ChainFileResolver {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut resolver = ChainFileResolver::new();
    resolver.add(IncludeFileResolver::new(here.join("tests/protos")));
    resolver.add(IncludeFileResolver::new(here.join("../proto")));
    resolver.add(GoogleFileResolver::new());
    resolver
}

struct Text(String);

impl FileResolver for Text {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        if name == "text.proto" {
            File::from_source(name, &self.0)
        } else {
            Err(protox::Error::file_not_found(name))
        }
    }
}
