//! Compiles `proto/**/*.proto` with protox, so that no protoc is needed. Run by the `proto` crate.
//!
//! The descriptor set is kept as protox encodes it, extensions included: `protox::compile` drops the
//! `google.api.http` annotations, and the gateway, reflection and `OpenAPI` live on them.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use prost::Message as _;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    println!("cargo::rerun-if-changed=../build.rs");
    for dir in ["bouvetradar", "google"] {
        println!("cargo::rerun-if-changed={dir}");
    }

    let mut files = Vec::new();
    collect(&root.join("bouvetradar"), &mut files)?;
    files.sort();

    let mut compiler = protox::Compiler::new([&root])?;
    compiler.include_imports(true).include_source_info(true).open_files(&files)?;
    let encoded = compiler.encode_file_descriptor_set();
    fs::write(out.join("descriptors.bin"), &encoded)?;

    let set = prost_types::FileDescriptorSet::decode(encoded.as_slice())?;
    tonic_prost_build::configure()
        // Responses are small structs of strings; boxing nothing keeps the generated code plain.
        .generate_default_stubs(true)
        .compile_fds(set)?;
    Ok(())
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "proto") {
            files.push(path);
        }
    }
    Ok(())
}
