//! Any body becomes a message or is refused, and a message that can be printed is read back as the same.
#![no_main]

use fuzz::{binding, text};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    for route in ["/kinds", "/wellknown"] {
        let binding = binding("POST", route);
        let Ok(wire) = binding.request(route, None, body, &[]) else { continue };
        let Ok(reply) = binding.reply(wire) else { continue };
        let printed = text(reply);
        let again = binding.request(route, None, &printed, &[]).expect("what is printed can be read");
        let again = text(binding.reply(again).expect("and printed again"));
        assert_eq!(String::from_utf8(printed), String::from_utf8(again));
    }
});
