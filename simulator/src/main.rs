//! Runs the simulator until SIGINT or SIGTERM.

use std::process::ExitCode;

use clap::Parser;
use simulator::{Args, Command, Settings};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let args = Args::parse();
    let ended = match args.command {
        Some(Command::Health) => simulator::probe(args.settings.addr).await,
        None => serve(args.settings).await.map_err(|error| error.to_string()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error, "stopped");
            ExitCode::FAILURE
        }
    }
}

async fn serve(settings: Settings) -> Result<(), simulator::Error> {
    let listener = TcpListener::bind(settings.addr).await.map_err(simulator::Error::Bind)?;
    let stop = CancellationToken::new();
    simulator::stop_on_signal(stop.clone())?;
    simulator::serve(listener, settings.into_config(), stop).await
}
