//! Any query becomes a message or is refused.
#![no_main]

use fuzz::{binding, readable};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|query: &str| {
    for route in ["/kinds", "/wellknown"] {
        let binding = binding("GET", route);
        match binding.request(route, Some(query), b"", &["utm_".to_owned()]) {
            Ok(wire) => readable(binding, wire),
            Err(violations) => assert!(!violations.is_empty()),
        }
    }
});
