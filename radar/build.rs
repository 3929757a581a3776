//! How the program is linked.

use std::env::var;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Images have at most 40 MB, and this program holds all others. Packing the addresses that are set at its start saves
    // 1.4 MB, and functions that came out the same for several types as much again. Only a program that brings its own C
    // library is sure to have what unpacks them, and only Rust's own linker, which is this target's, can fold functions.
    // That is safe where no address of a function has to be its own: Rust promises none, and browsers link SQLite so.
    let own_library =
        var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default().split(',').any(|feature| feature == "crt-static");
    if own_library && var("TARGET").is_ok_and(|target| target == "x86_64-unknown-linux-gnu") {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs,--icf=all");
    }
}
