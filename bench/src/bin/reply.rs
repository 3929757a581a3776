//! Binds one request and writes its reply so many times. Says how many allocations one takes; run under callgrind to
//! count its instructions.
#![expect(clippy::print_stdout, reason = "says what it did")]

use std::alloc::System;

use anyhow::Context as _;
use bench::cases;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use transcode::{Reply, Table};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// What is learnt from the first replies is part of the start.
const WARM: usize = 10;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (name, times) =
        arguments.next().zip(arguments.next()).context("say which case, and how many times")?;
    let times: usize = times.parse()?;
    let case = cases().into_iter().find(|case| case.name == name).context("no such case")?;
    let table = Table::compile(proto::catalogue::pool())?;
    let (binding, wire) = (case.binding(&table)?, case.wire()?);
    let (path, query) = case.target.split_once('?').map_or((case.target, None), |(p, q)| (p, Some(q)));
    let (mut bytes, mut allocated) = (0, 0);
    for round in 0..times + WARM {
        if round == WARM {
            allocated = allocations();
        }
        let request = binding.request(path, query, &[], &[]);
        anyhow::ensure!(request.is_ok(), "{} is no good request", case.target);
        let Reply::Object(json) = binding.reply_with(wire.clone(), "\"success\":true")? else {
            anyhow::bail!("{name} is no object")
        };
        bytes = json.len();
    }
    let each = (allocations() - allocated).checked_div(times).unwrap_or_default();
    println!("{name}: {} bytes on the wire, {bytes} of JSON, {each} allocations each", wire.len());
    Ok(())
}

fn allocations() -> usize {
    let stats = ALLOCATOR.stats();
    stats.allocations + stats.reallocations
}
