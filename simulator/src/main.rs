//! Runs the simulator until SIGINT or SIGTERM.

use clap::Parser;
use simulator::Args;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> Result<(), simulator::Error> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let args = Args::parse();
    let listener = TcpListener::bind(args.addr).await.map_err(simulator::Error::Bind)?;
    let stop = CancellationToken::new();
    simulator::stop_on_signal(stop.clone())?;
    simulator::serve(listener, args.into_config(), stop).await
}
