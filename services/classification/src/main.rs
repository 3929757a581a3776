//! The classification service as a program of its own.

use std::process::ExitCode;

use classification::Config;
use classification::config::Command;
use runtime::{Program, config, probe, program};

#[tokio::main]
async fn main() -> ExitCode {
    let config: Config = config::parse();
    if let Some(Command::Health) = config.command {
        return program::checked(probe::probe(config.addr, &config.process.grpc_tls).await);
    }
    let program = Program {
        name: "classification",
        version: env!("CARGO_PKG_VERSION"),
        process: config.process.clone(),
        addr: config.addr,
        variable: "CLASSIFICATION_ADDR",
    };
    program.run(|listener, metrics, stop| classification::serve(listener, config, metrics, stop)).await
}
