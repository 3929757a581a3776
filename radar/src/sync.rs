//! `radar sync`: the notices of some days, once.

use anyhow::ensure;

use crate::config::Days;
use crate::progress::Bar;
use crate::system::Settings;

/// Fetches the days and tells what each week came to. An incomplete week makes it fail in the end.
pub async fn run(days: &Days) -> anyhow::Result<()> {
    ensure!(days.from <= days.to, "--from {} is after --to {}", days.from, days.to);
    let config = Settings::from_environment()?.procurement;
    let bar = Bar::new();
    let weeks = procurement::sync_days(&config, days.from, days.to, |now| bar.mirror(&now)).await;
    bar.end();
    let weeks = weeks?;
    for week in &weeks {
        tell(week);
    }
    let lacking = weeks.iter().filter(|week| !week.complete).count();
    ensure!(lacking == 0, "{lacking} weeks are not complete; run it again");
    Ok(())
}

#[expect(clippy::print_stdout, reason = "what a command found out is its output")]
fn tell(week: &procurement::Week) {
    let procurement::Week { from, to, total, held, complete } = week;
    let standing = if *complete { "complete" } else { "NOT COMPLETE" };
    println!("{from} to {to}: {held} of {total} notices, {standing}");
}
