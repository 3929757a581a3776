//! `radar import`: notices from files.

use std::path::Path;

use anyhow::ensure;
use procurement::Loaded;

use crate::progress::Bar;
use crate::system::Settings;

/// Most single files and documents that are told of by name.
const TOLD: usize = 20;

/// Loads a directory and tells what became of it. Files that could not be used make it fail in the end, after
/// everything else has been loaded.
pub async fn run(dir: &Path) -> anyhow::Result<()> {
    ensure!(dir.is_dir(), "{} is not a directory", dir.display());
    let config = Settings::from_environment()?.procurement;
    let bar = Bar::new();
    let say = |loaded: &Loaded| bar.at(loaded.done(), loaded.total, "notices");
    let loaded = procurement::import(&config, dir, say).await;
    bar.end();
    let loaded = loaded?;
    tell(&loaded);
    ensure!(loaded.skipped.is_empty(), "{} files were passed over", loaded.skipped.len());
    ensure!(
        loaded.total > 0,
        "{} holds no notices: neither .xml named after them nor .json with hits",
        dir.display()
    );
    Ok(())
}

#[expect(clippy::print_stdout, reason = "what a command found out is its output")]
fn tell(loaded: &Loaded) {
    for (id, why) in loaded.unreadable.iter().take(TOLD) {
        println!("document of {id} is kept but cannot be read: {why}");
    }
    for (name, why) in loaded.skipped.iter().take(TOLD) {
        println!("passed over {name}: {why}");
    }
    let Loaded { new, changed, same, unreadable, skipped, .. } = loaded;
    println!(
        "{new} new, {changed} changed, {same} unchanged; {} unreadable documents, {} files passed over",
        unreadable.len(),
        skipped.len()
    );
}
