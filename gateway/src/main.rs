//! The gateway as a program of its own.

use std::process::ExitCode;

use gateway::{Command, Config};
use runtime::{Program, config, program};

/// Requests are many small allocations, which the system's allocator spends a fifth of their time on.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let config: Config = config::parse();
    if let Some(Command::Health) = config.command {
        return program::checked(
            gateway::health::probe(config.listen_addr(), config.tls_cert_file.as_deref()).await,
        );
    }
    let program = Program {
        name: "gateway",
        version: env!("CARGO_PKG_VERSION"),
        process: config.process.clone(),
        addr: config.listen_addr(),
        variable: config.addr_variable(),
    };
    program.run(|listener, metrics, stop| gateway::serve(listener, config, metrics, stop)).await
}
