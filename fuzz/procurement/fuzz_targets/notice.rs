//! Any bytes are a notice's document, of which a hit can be made, or are refused.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let read = procurement::fuzzing::document(bytes).is_some();
    assert_eq!(read, procurement::fuzzing::hit(bytes));
});
