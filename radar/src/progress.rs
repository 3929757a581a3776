//! How far a command is, on the terminal of whoever waits for it. Elsewhere nothing is drawn.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar on standard error.
#[derive(Debug)]
pub struct Bar(ProgressBar);

impl Bar {
    /// A bar of things of one kind.
    pub fn new(things: &str) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let template = format!("{{bar:40}} {{pos}}/{{len}} {things}, {{per_sec}}, {{eta}} left {{msg}}");
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// A sign of life beside words, for work of unknown length.
    pub fn spinner() -> Self {
        Self(ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()))
    }

    /// So many are done.
    pub fn at(&mut self, done: usize, total: usize) {
        self.0.set_length(total as u64);
        self.0.set_position(done as u64);
    }

    /// A word beside the bar.
    pub fn say(&mut self, text: String) {
        self.0.set_message(text);
    }

    /// Takes the bar away.
    pub fn end(&mut self) {
        self.0.finish_and_clear();
    }
}
