//! How far work is, on the terminal of whoever waits for it. Elsewhere nothing is drawn.

use std::fmt::Write as _;
use std::io::{self, Write};

use indicatif::{HumanCount, HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use procurement::Standing;
use tokio::sync::watch;

/// A bar on standard error. Copies are of the same bar.
#[derive(Debug, Clone)]
pub struct Bar(ProgressBar);

impl Bar {
    /// A bar that is not drawn before it is told how far the work is.
    pub fn new() -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {msg}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// So many of so many things are done.
    pub fn at(&self, done: usize, total: usize, things: &str) {
        let (shown, rate, left) = (HumanCount(done as u64), self.0.per_sec(), self.0.eta());
        self.0.set_length(total as u64);
        self.0.set_position(done as u64);
        let total = HumanCount(total as u64);
        self.0.set_message(format!(
            "{shown} of {total} {things}, {rate:.0} a second, {} left",
            HumanDuration(left)
        ));
    }

    /// The mirror is so far.
    pub fn mirror(&self, standing: &Standing) {
        let (done, total) = parts(standing);
        self.0.set_length(total);
        self.0.set_position(done);
        self.0.set_message(words(standing));
    }

    /// Takes the bar away while something else is written to the terminal.
    pub fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        self.0.suspend(write)
    }

    /// Takes the bar away.
    pub fn end(&self) {
        self.0.finish_and_clear();
    }
}

impl Default for Bar {
    fn default() -> Self {
        Self::new()
    }
}

/// Shows how far a mirror is until it is full. Where no bar is seen it listens no longer than it has to, so that nobody
/// asks the store for nothing.
pub async fn show(bar: Bar, mut shown: watch::Receiver<Standing>) {
    if bar.0.is_hidden() {
        return;
    }
    let mut drawn = false;
    while shown.changed().await.is_ok() {
        let standing = *shown.borrow_and_update();
        if standing.is_full() {
            bar.end();
            if drawn {
                let Standing { notices, documents, .. } = standing;
                tracing::info!(notices, documents, "the mirror is full; what is new is followed");
            }
            return;
        }
        drawn = true;
        bar.mirror(&standing);
    }
    bar.end();
}

/// Standard output, where it is the terminal that the bar is on.
#[derive(Debug)]
pub struct Beside(Bar);

impl Beside {
    /// Standard output beside a bar.
    pub fn new(bar: &Bar) -> Self {
        Self(bar.clone())
    }
}

impl Write for Beside {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // All of it, so that the bar does not come back in the middle of a line.
        self.0.aside(|| io::stdout().write_all(bytes).and_then(|()| io::stdout().flush()))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is done of what there is: weeks, and then the documents of their notices.
fn parts(standing: &Standing) -> (u64, u64) {
    let Standing { weeks, weeks_wanted, documents, documents_wanted, .. } = *standing;
    if weeks < weeks_wanted || documents_wanted == 0 {
        (weeks as u64, weeks_wanted as u64)
    } else {
        (documents, documents + documents_wanted)
    }
}

fn words(standing: &Standing) -> String {
    let Standing { weeks, weeks_wanted, notices, documents, documents_wanted, left } = *standing;
    let (notices, documents) = (HumanCount(notices), HumanCount(documents));
    let mut text =
        format!("{weeks} of {weeks_wanted} weeks listed, {notices} notices and {documents} documents held");
    if documents_wanted > 0 {
        let _ = write!(text, ", {} to come", HumanCount(documents_wanted));
    }
    if let Some(left) = left {
        let _ = write!(text, ", {} left", HumanDuration(left));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn weeks_come_first_and_then_their_documents() {
        let listing = Standing {
            weeks: 120,
            weeks_wanted: 518,
            notices: 40_123,
            documents: 200,
            documents_wanted: 39_923,
            left: Some(Duration::from_mins(90)),
        };
        assert_eq!(parts(&listing), (120, 518));
        assert_eq!(
            words(&listing),
            "120 of 518 weeks listed, 40,123 notices and 200 documents held, 39,923 to come, 2 hours left"
        );
        let fetching = Standing { weeks: 518, left: None, ..listing };
        assert_eq!(parts(&fetching), (200, 40_123));
        let days = Standing { documents_wanted: 0, left: None, ..listing };
        assert_eq!(parts(&days), (120, 518));
        assert_eq!(words(&days), "120 of 518 weeks listed, 40,123 notices and 200 documents held");
    }
}
