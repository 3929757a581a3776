//! Packs what is in `page/` for `src/docs.rs`: each file gzipped, with its digest. The page's own
//! references get the digest as `?v=`, so that browsers may keep what they name for good.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

const PAGE: &str = "index.html";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=page");
    println!("cargo::rerun-if-changed=build.rs");
    let place = |variable| env::var(variable).map(PathBuf::from).map_err(io::Error::other);
    let (root, out) = (place("CARGO_MANIFEST_DIR")?.join("page"), place("OUT_DIR")?);
    let mut names = Vec::new();
    collect(&root, "", &mut names)?;
    names.sort();

    let mut page = fs::read_to_string(root.join(PAGE))?;
    let mut list = format!("static FILES: [File; {}] = [\n", names.len());
    for name in names.iter().filter(|name| *name != PAGE) {
        let plain = fs::read(root.join(name))?;
        let digest = write(&out, name, &plain, &mut list)?;
        page = page.replace(&format!("\"docs/{name}\""), &format!("\"docs/{name}?v={digest}\""));
    }
    write(&out, PAGE, page.as_bytes(), &mut list)?;
    list.push_str("];\n");
    fs::write(out.join("page.rs"), list)
}

/// Names of the files beneath a directory, with `/` whatever the system.
fn collect(root: &Path, prefix: &str, names: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(prefix))? {
        let entry = entry?;
        let name = entry.file_name().into_string().map_err(|_| io::Error::other("a name is not UTF-8"))?;
        let name = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        if entry.file_type()?.is_dir() {
            collect(root, &name, names)?;
        } else {
            names.push(name);
        }
    }
    Ok(())
}

/// Leaves a file packed and its entry in the list; gives its digest.
fn write(out: &Path, name: &str, plain: &[u8], list: &mut String) -> io::Result<String> {
    let digest = Sha256::digest(plain).iter().take(8).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(plain)?;
    fs::write(out.join(format!("{digest}.gz")), gzip.finish()?)?;
    let packed = format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{digest}.gz\"))");
    let _ = writeln!(list, "File::packed({name:?}, {digest:?}, {packed}),");
    Ok(digest)
}
