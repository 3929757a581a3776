//! Any bytes are written by plan as prost-reflect writes them, or refused by both.
#![no_main]

use bytes::Bytes;
use fuzz::{binding, has_map_of_another_type, text};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|wire: &[u8]| {
    let Some((first, wire)) = wire.split_first() else { return };
    let route = ["/kinds", "/wellknown", "/items/{id}", "/parts/nested", "/parts/labels"][usize::from(first % 5)];
    let binding = binding("GET", route);
    if has_map_of_another_type(&binding.rpc.output(), wire) {
        return;
    }
    let wire = Bytes::copy_from_slice(wire);
    let (planned, reflected) = (binding.reply(wire.clone()), binding.reply_reflected(wire));
    match (planned, reflected) {
        (Ok(planned), Ok(reflected)) => {
            assert_eq!(String::from_utf8(text(planned)), String::from_utf8(text(reflected)));
        }
        (Err(_), Err(_)) => {}
        // Fields beside the one that is the reply are passed over unread.
        (Ok(_), Err(_)) if binding.response_body.is_some() => {}
        (planned, reflected) => panic!("{planned:?} but {reflected:?}"),
    }
});
