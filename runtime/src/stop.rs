//! When to stop, told to every part of a process.

use std::future::Future;

use tokio_util::sync::CancellationToken;

/// A signal that is given once and seen by every clone.
#[derive(Debug, Clone, Default)]
pub struct Stop(CancellationToken);

impl Stop {
    /// Not given yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives the signal.
    pub fn stop(&self) {
        self.0.cancel();
    }

    /// Whether it was given.
    pub fn is_stopped(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Waits until it is given.
    pub fn stopped(&self) -> impl Future<Output = ()> + Send + 'static {
        self.0.clone().cancelled_owned()
    }

    /// A signal that is given with this one, or before it by its own `stop`.
    pub fn child(&self) -> Self {
        Self(self.0.child_token())
    }

    /// The token behind it, for libraries that take one.
    pub fn token(&self) -> CancellationToken {
        self.0.clone()
    }

    /// Gives the signal on the first SIGTERM or SIGINT; the second exits at once with 130, for a person who
    /// does not want to wait for the drain.
    pub fn on_signals(&self) -> std::io::Result<()> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let stop = self.clone();
        tokio::spawn(async move {
            let mut next = async || tokio::select! { _ = terminate.recv() => "SIGTERM", _ = interrupt.recv() => "SIGINT" };
            let first = next().await;
            tracing::info!(signal = first, "stopping; a second signal exits at once");
            stop.stop();
            abandon(next().await);
        });
        Ok(())
    }
}

/// Ends the program at once. Log lines on their way are not waited for, so this one is not one of them.
#[expect(clippy::print_stderr, reason = "whoever asked twice is told, whatever has become of the log")]
fn abandon(signal: &str) -> ! {
    eprintln!("{signal} came twice: exiting without draining");
    std::process::exit(130);
}
