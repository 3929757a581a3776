//! Bouvet Radar in one process.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use radar::config::{Command, Config, Demo};
use radar::demo::Simulation;
use radar::progress::{self, Bar, Beside};
use radar::system::Settings;
use radar::{System, import, sync, welcome};
use runtime::{Stop, config, program, telemetry};

#[tokio::main]
async fn main() -> ExitCode {
    let config: Config = config::parse();
    let done = |()| ExitCode::SUCCESS;
    let ended = match config.command {
        Command::Demo(demo) => run(Some(*demo)).await,
        Command::Serve => run(None).await,
        Command::Health => return health().await,
        Command::Import(what) => import::run(&what.dir).await.map(done),
        Command::Sync(days) => sync::run(&days).await.map(done),
        Command::Backup(what) => backup(&what.to).await.map(done),
    };
    ended.unwrap_or_else(|error| runtime::exit(&error))
}

async fn health() -> ExitCode {
    match Settings::from_environment() {
        Ok(settings) => {
            let (addr, cert) = (settings.gateway.listen_addr(), settings.gateway.tls_cert_file.as_deref());
            program::checked(gateway::health::probe(addr, cert).await)
        }
        Err(error) => config::fail(&error),
    }
}

async fn backup(to: &Path) -> anyhow::Result<()> {
    Ok(procurement::backup(&Settings::from_environment()?.procurement, to).await?)
}

async fn run(demo: Option<Demo>) -> anyhow::Result<ExitCode> {
    let settings = Settings::from_environment()?;
    if demo.is_none() {
        settings.check()?;
    }
    // It outlives everything that has something to say, the error that ends the program included.
    let (bar, process) = (Bar::new(), &settings.gateway.process);
    // A log that goes elsewhere need not make the bar flicker.
    let _telemetry = if std::io::stdout().is_terminal() {
        telemetry::start_through("radar", process, Beside::new(&bar))?
    } else {
        telemetry::start("radar", process)?
    };
    Ok(match serve(demo, settings, bar).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => runtime::exit(&error),
    })
}

async fn serve(demo: Option<Demo>, mut settings: Settings, bar: Bar) -> anyhow::Result<()> {
    let stop = Stop::new();
    stop.on_signals()?;
    let mut simulation = match &demo {
        Some(demo) => Some(Simulation::start(demo, &mut settings)?),
        None => None,
    };
    settings.check()?;
    let (shown, standing) = tokio::sync::watch::channel(procurement::Standing::default());
    let mut system = System::start(settings, shown)?;
    let cert = system.gateway_cert().map(Path::to_owned);
    let welcome = welcome::text(&system, simulation.as_ref());
    tokio::spawn(greet(system.gateway.addr, cert, welcome, bar.clone()));
    tokio::spawn(progress::show(bar.clone(), standing));
    let simulated = async {
        match &mut simulation {
            Some(simulation) => simulation.ended().await,
            None => std::future::pending().await,
        }
    };
    let ended = tokio::select! {
        ended = system.ended() => Some(ended),
        ended = simulated => Some(ended),
        () = stop.stopped() => None,
    };
    bar.end();
    if let Some(ended) = ended {
        return ended;
    }
    system.stop().await?;
    if let Some(simulation) = simulation {
        simulation.stop().await?;
    }
    Ok(())
}

async fn greet(gateway: SocketAddr, cert: Option<PathBuf>, welcome: String, bar: Bar) {
    if !welcome::ready(gateway, cert.as_deref()).await {
        tracing::warn!("the system is not ready yet; see /api/health");
    }
    // Standard error, because standard output is the log, which may be read by a program.
    #[expect(clippy::print_stderr, reason = "the person who started the program reads this")]
    bar.aside(|| eprintln!("{welcome}"));
}
