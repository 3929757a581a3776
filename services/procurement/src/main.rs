//! The procurement service as a program of its own.

use std::process::ExitCode;

use procurement::{Command, Config};
use runtime::{Program, config, probe, program};

#[tokio::main]
async fn main() -> ExitCode {
    let config: Config = config::parse();
    if let Some(Command::Health) = config.command {
        return program::checked(probe::probe(config.addr, &config.process.grpc_tls).await);
    }
    let program = Program {
        name: "procurement",
        version: env!("CARGO_PKG_VERSION"),
        process: config.process.clone(),
        addr: config.addr,
        variable: "PROCUREMENT_ADDR",
    };
    program.run(|listener, metrics, stop| procurement::serve(listener, config, metrics, stop)).await
}
