//! How the program is linked.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Images have at most 40 MB, and this program holds all others: addresses to be set at its start take 1.4 MB, packed
    // next to nothing, and many functions are the same for several types. A program without the system's C library brings what unpacks them itself; others' may be older.
    let features = std::env::var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default();
    if features.split(',').any(|feature| feature == "crt-static") {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs,--icf=all");
    }
}
