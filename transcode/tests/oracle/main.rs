//! Replies written by plan are, byte for byte, those that prost-reflect writes: over random descriptors and
//! random wire bytes, valid and broken.
//!
//! `ORACLE_SEED` begins elsewhere, `ORACLE_ROUNDS` goes on longer; a failure prints the seed of its round.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

#[path = "../support/pool.rs"]
mod pool;
mod protos;
mod wires;

use std::collections::HashSet;

use bytes::Bytes;
use fastrand::Rng;
use prost_reflect::{Kind, MessageDescriptor};
use transcode::{Binding, Mapping, Reply, Table};

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// What a reply holds, envelope and all.
fn text(reply: Reply) -> String {
    match reply {
        Reply::Object(json) => format!("object {}", String::from_utf8(json).unwrap()),
        Reply::Json(json) => format!("json {}", String::from_utf8(json).unwrap()),
        body @ Reply::Body { .. } => format!("{body:?}"),
    }
}

/// Whether a message holds a map, however deep. Of those prost-reflect does not check the wire type: it reads
/// another one as if it were a length.
fn has_map(message: &MessageDescriptor, seen: &mut HashSet<String>) -> bool {
    seen.insert(message.full_name().to_owned())
        && message.fields().any(|field| match field.kind() {
            Kind::Message(inner) => field.is_map() || has_map(&inner, seen),
            _ => false,
        })
}

/// Holds the two against each other. Answers whether the wire could be read.
fn compare(binding: &Binding, wire: &Bytes, broken: bool, told: &str) -> bool {
    match (binding.reply(wire.clone()), binding.reply_reflected(wire.clone())) {
        // What the two make of it says nothing then; that they come to an end does.
        _ if broken && has_map(&binding.rpc.output(), &mut HashSet::new()) => false,
        (Ok(planned), Ok(reflected)) => {
            assert_eq!(text(planned), text(reflected), "{told}: {wire:?}");
            true
        }
        (Err(_), Err(_)) => false,
        // Of a reply that is one field, the others are passed over unread.
        (Ok(_), Err(_)) if binding.response_body.is_some() => false,
        (planned, reflected) => panic!("{told}: {wire:?}: {planned:?} but {reflected:?}"),
    }
}

fn round(seed: u64, messages: usize) -> (usize, usize) {
    let mut rng = Rng::with_seed(seed);
    let source = protos::random(&mut rng);
    let pool = pool::pool(Some(&source));
    let mapping = Mapping { print_defaults: rng.u8(0..3) > 0, ignore_unknown: false };
    let table = Table::compile_with(&pool, mapping);
    let table = table.unwrap_or_else(|error| panic!("seed {seed}: {error}\n{source}"));
    let (mut good, mut all) = (0, 0);
    for binding in table.bindings() {
        for _ in 0..messages {
            let wire = Bytes::from(wires::random(&mut rng, &binding.rpc.output()));
            let told = format!("seed {seed}, {binding}");
            good += usize::from(compare(binding, &wire, false, &told));
            all += 1;
            let broken = Bytes::from(wires::broken(&mut rng, &wire));
            compare(binding, &broken, true, &told);
        }
    }
    (good, all)
}

#[test]
fn replies_by_plan_are_those_of_prost_reflect() {
    let seed = setting("ORACLE_SEED", fastrand::u64(..));
    let (mut good, mut all) = (0, 0);
    for round_seed in (0..setting("ORACLE_ROUNDS", 6)).map(|round| seed.wrapping_add(round)) {
        let (read, made) = round(round_seed, 40);
        good += read;
        all += made;
    }
    assert!(good * 2 > all, "only {good} of {all} messages could be read: they show little");
}

#[test]
fn every_kind_of_field_is_written_as_prost_reflect_does_in_every_order() {
    let pool = pool::pool(None);
    let table = Table::compile(&pool).unwrap();
    let seed = setting("ORACLE_SEED", fastrand::u64(..));
    let mut rng = Rng::with_seed(seed);
    for binding in table.bindings() {
        for _ in 0..200 {
            let wire = Bytes::from(wires::random(&mut rng, &binding.rpc.output()));
            compare(binding, &wire, false, &format!("seed {seed}, {binding}"));
        }
    }
}

#[test]
fn members_put_first_do_not_change_what_follows() {
    let pool = pool::pool(None);
    let table = Table::compile(&pool).unwrap();
    let mut rng = Rng::with_seed(7);
    for binding in table.bindings() {
        for _ in 0..50 {
            let wire = Bytes::from(wires::random(&mut rng, &binding.rpc.output()));
            let Ok(Reply::Object(plain)) = binding.reply(wire.clone()) else { continue };
            let Ok(Reply::Object(wrapped)) = binding.reply_with(wire, r#""success":true"#) else {
                panic!("{binding}: no object with members")
            };
            let comma = if plain == b"{}" { "" } else { "," };
            let plain = String::from_utf8(plain).unwrap();
            let expected = format!(r#"{{"success":true{comma}{}"#, &plain[1..]);
            assert_eq!(String::from_utf8(wrapped).unwrap(), expected, "{binding}");
        }
    }
}
