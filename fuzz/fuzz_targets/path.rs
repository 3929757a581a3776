//! Any template parses or is refused; any path finds a route that can read it, or none.
#![no_main]

use fuzz::{TABLE, readable};
use http::Method;
use libfuzzer_sys::fuzz_target;
use transcode::Found;
use transcode::template::Template;

fuzz_target!(|text: &str| {
    if let Ok(template) = Template::parse(text) {
        // A template printed without its patterns is one again, with as many variables.
        let again = Template::parse(&template.route());
        assert!(again.is_ok_and(|again| again.variables.len() == template.variables.len()), "{text:?}");
    }
    for method in [Method::GET, Method::POST, Method::PATCH] {
        let Found::Route(binding) = TABLE.find(text, &method) else { continue };
        if let Ok(wire) = binding.request(text, None, b"", &[]) {
            readable(binding, wire);
        }
    }
});
