//! Any bytes are a page of hits or are refused.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    procurement::fuzzing::page(bytes);
});
