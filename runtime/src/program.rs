//! A server as a program of its own, the way all of ours start.

use std::net::SocketAddr;
use std::process::ExitCode;

use tokio::net::TcpListener;

use crate::config::Process;
use crate::{Metrics, Stop, bind, exit, telemetry};

/// What a program is called and where it listens.
#[derive(Debug)]
pub struct Program {
    /// Name in logs, traces and metrics.
    pub name: &'static str,
    /// Version in metrics.
    pub version: &'static str,
    /// Settings of every process.
    pub process: Process,
    /// Address to listen on.
    pub addr: SocketAddr,
    /// Variable that sets the address, for error messages.
    pub variable: &'static str,
}

impl Program {
    /// Starts telemetry, signals and metrics, listens, and serves until a signal. Gives the exit code.
    pub async fn run<F, E>(self, serve: impl FnOnce(TcpListener, Metrics, Stop) -> F) -> ExitCode
    where
        F: Future<Output = Result<(), E>>,
        E: Into<anyhow::Error>,
    {
        // It outlives everything that has something to say, the error that ends the program included.
        let _telemetry = match telemetry::start(self.name, &self.process) {
            Ok(telemetry) => telemetry,
            Err(error) => return exit(&error.into()),
        };
        match self.start(serve).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => exit(&error),
        }
    }

    async fn start<F, E>(self, serve: impl FnOnce(TcpListener, Metrics, Stop) -> F) -> anyhow::Result<()>
    where
        F: Future<Output = Result<(), E>>,
        E: Into<anyhow::Error>,
    {
        let stop = Stop::new();
        stop.on_signals()?;
        let listener = bind(self.addr, self.variable)?;
        let scraped = bind(self.process.metrics_addr, "METRICS_ADDR")?;
        let metrics = Metrics::new(self.name, self.version);
        tokio::spawn(metrics.clone().serve(scraped, stop.clone()));
        serve(listener, metrics, stop).await.map_err(Into::into)
    }
}

/// The exit code of a health check, which says in one line what is wrong.
#[expect(clippy::print_stderr, reason = "a health check has no other way to speak")]
pub fn checked(health: Result<(), String>) -> ExitCode {
    match health {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}
