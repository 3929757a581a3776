//! Runs the simulator until SIGINT or SIGTERM.

use std::process::ExitCode;

use clap::Parser;
use simulator::{Args, Command};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let args = Args::parse();
    let ended = match args.command {
        Some(Command::Health) => simulator::probe(args.addr).await,
        None => serve(args).await.map_err(|error| error.to_string()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error, "stopped");
            ExitCode::FAILURE
        }
    }
}

async fn serve(args: Args) -> Result<(), simulator::Error> {
    let listener = TcpListener::bind(args.addr).await.map_err(simulator::Error::Bind)?;
    let stop = CancellationToken::new();
    simulator::stop_on_signal(stop.clone())?;
    simulator::serve(listener, args.into_config(), stop).await
}
