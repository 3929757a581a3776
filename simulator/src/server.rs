//! Runs a simulator on a listener, or a whole one in the background for tests.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get};
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::world::World;
use crate::{
    Bustle, Config, Draft, Error, Faults, NoticeSummary, Stats, admin, answer, doffin, klass, outage,
    vocabulary,
};

/// Serves the simulated upstreams until `stop` is cancelled; open requests are answered first.
pub async fn serve(listener: TcpListener, config: Config, stop: CancellationToken) -> Result<(), Error> {
    let world = build(config, stop).await?;
    run(listener, world).await
}

async fn build(config: Config, stop: CancellationToken) -> Result<Arc<World>, Error> {
    let built = tokio::task::spawn_blocking(move || World::build(config, stop));
    Ok(Arc::new(built.await??))
}

async fn run(listener: TcpListener, world: Arc<World>) -> Result<(), Error> {
    if let Ok(addr) = listener.local_addr() {
        tracing::info!(%addr, "simulator is listening");
    }
    let stop = world.stop.clone();
    axum::serve(listener, routes(world))
        .with_graceful_shutdown(stop.cancelled_owned())
        .await
        .map_err(Error::Serve)
}

fn routes(world: Arc<World>) -> Router {
    Router::new()
        .route("/public", any(doffin::answer))
        .route("/public/{*rest}", any(doffin::answer))
        .route("/api/klass/{*rest}", any(klass::answer))
        .route("/cpv.yaml", get(vocabulary::answer))
        .nest("/admin", admin::routes())
        .fallback(async || answer::empty(StatusCode::NOT_FOUND))
        .layer(from_fn_with_state(Arc::clone(&world), outage::guard))
        .with_state(world)
}

/// Cancels `stop` at the first SIGINT or SIGTERM.
pub fn stop_on_signal(stop: CancellationToken) -> Result<(), Error> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::Serve)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(Error::Serve)?;
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
        stop.cancel();
    });
    Ok(())
}

/// A simulator on a free port of this machine, running in the background. Dropping it stops it too.
#[derive(Debug)]
pub struct Simulator {
    addr: SocketAddr,
    world: Arc<World>,
    task: Option<JoinHandle<Result<(), Error>>>,
}

impl Simulator {
    /// Starts a simulator; it answers when this returns.
    pub async fn start(config: Config) -> Result<Self, Error> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(Error::Bind)?;
        let addr = listener.local_addr().map_err(Error::Bind)?;
        let world = build(config, CancellationToken::new()).await?;
        let task = Some(tokio::spawn(run(listener, Arc::clone(&world))));
        Ok(Self { addr, world, task })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Base address of Doffin.
    pub fn doffin_url(&self) -> String {
        format!("http://{}/public/v2", self.addr)
    }

    /// Base address of KLASS.
    pub fn klass_url(&self) -> String {
        format!("http://{}/api/klass/v1", self.addr)
    }

    /// Address of the CPV list.
    pub fn cpv_url(&self) -> String {
        format!("http://{}/cpv.yaml", self.addr)
    }

    /// Base address of the control endpoints.
    pub fn admin_url(&self) -> String {
        format!("http://{}/admin", self.addr)
    }

    /// Puts all faults as given from the next request on.
    pub fn set_faults(&self, faults: Faults) {
        self.world.set_faults(faults);
    }

    /// The faults as they are now; counted ones count down.
    pub fn faults(&self) -> Faults {
        self.world.faults()
    }

    /// What was asked and answered so far.
    pub fn stats(&self) -> Stats {
        self.world.recorder.snapshot()
    }

    /// Forgets what was asked and answered so far.
    pub fn reset_stats(&self) {
        self.world.recorder.reset();
    }

    /// The truth about every notice, superseded and future ones included.
    pub fn notices(&self) -> Vec<NoticeSummary> {
        self.world.corpus().summaries(self.now())
    }

    /// The simulated time.
    pub fn now(&self) -> Timestamp {
        self.world.clock.now()
    }

    /// Moves the simulated clock to a moment.
    pub fn set_now(&self, now: Timestamp) {
        self.world.clock.set(now);
    }

    /// Moves the simulated clock by seconds.
    pub fn advance(&self, seconds: i64) {
        self.world.clock.advance(seconds);
    }

    /// Publishes a notice now and gives its id; `None` when the draft is refused.
    pub fn publish(&self, draft: Draft) -> Option<String> {
        let now = self.now();
        self.world.corpus_mut().publish(draft, now).ok()
    }

    /// Publishes a correction of a notice now and gives the new id; `None` when there is nothing to correct.
    pub fn correct(&self, id: &str) -> Option<String> {
        let now = self.now();
        self.world.corpus_mut().correct(id, now).ok()
    }

    /// Publishes the award of a competition now and gives its id; `None` when the id is no competition.
    pub fn award(&self, id: &str) -> Option<String> {
        let now = self.now();
        self.world.corpus_mut().award(id, now).ok()
    }

    /// Publishes the cancellation of a competition now and gives its id; `None` when the id is no competition.
    pub fn cancel(&self, id: &str) -> Option<String> {
        let now = self.now();
        self.world.corpus_mut().cancel(id, now).ok()
    }

    /// Hides a notice from search; false when there is none.
    pub fn withdraw(&self, id: &str) -> bool {
        let now = self.now();
        self.world.corpus_mut().withdraw(id, now).is_ok()
    }

    /// Shows a withdrawn notice again; false when it is not withdrawn.
    pub fn restore(&self, id: &str) -> bool {
        self.world.corpus_mut().restore(id).is_ok()
    }

    /// Lets so many things happen to notices at random.
    pub fn bustle(&self, events: u32) -> Bustle {
        let now = self.now();
        self.world.corpus_mut().bustle(events, now)
    }

    /// Stops the simulator and waits until the port is free.
    pub async fn stop(mut self) {
        self.world.stop.cancel();
        if let Some(task) = self.task.take()
            && let Err(error) = task.await
        {
            tracing::warn!(%error, "the simulator ended early");
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.world.stop.cancel();
    }
}
