//! The program itself, as a child process.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use simulator::Simulator;
use tempfile::TempDir;

use crate::search;
use crate::store::Store;
use crate::store::tests::harness::Place;

/// How to start it.
pub(super) struct Process {
    arguments: Vec<String>,
    data: TempDir,
}

/// It, while it runs; killed when dropped.
pub(super) struct Running {
    child: Child,
    addr: SocketAddr,
    metrics: SocketAddr,
}

impl Process {
    /// Against a simulator, with a store of its own.
    pub(super) fn new(simulator: &Simulator, place: &Place, from: Date) -> Self {
        let data = tempfile::tempdir().unwrap();
        let arguments = [
            ("doffin-base-url", simulator.doffin_url()),
            ("doffin-api-key", "demo-key".to_owned()),
            ("doffin-rate", "250".to_owned()),
            ("doffin-timeout", "3s".to_owned()),
            ("classification-url", "http://127.0.0.1:1".to_owned()),
            ("database-url", place.settings.url.clone()),
            ("data-dir", data.path().display().to_string()),
            ("sync-from", from.to_string()),
            ("sync-tail-interval", "1s".to_owned()),
            ("sync-reconcile-interval", "1s".to_owned()),
            ("sync-refresh-interval", "5s".to_owned()),
            ("sync-document-rest", "2s".to_owned()),
            ("sync-week-rest", "2s".to_owned()),
        ];
        let arguments = arguments.into_iter().map(|(name, value)| format!("--{name}={value}")).collect();
        Self { arguments, data }
    }

    /// Starts it on ports that are free.
    pub(super) fn start(&self) -> Running {
        let (addr, metrics) = (free(), free());
        let program = program();
        let log =
            std::fs::File::options().create(true).append(true).open(self.data.path().join("log")).unwrap();
        let child = Command::new(&program)
            .args(&self.arguments)
            .args([format!("--addr={addr}"), format!("--metrics-addr={metrics}")])
            .stdout(Stdio::from(log))
            .stderr(Stdio::null())
            .spawn();
        let child = child.unwrap_or_else(|error| panic!("{}: {error}; build it first", program.display()));
        Running { child, addr, metrics }
    }

    /// The index the process left, brought up to date, says what one built from nothing says.
    pub(super) async fn index_equals_a_rebuild(&self, store: &Store) {
        let fresh = tempfile::tempdir().unwrap();
        let left = digest(&self.data.path().join("index"), store).await;
        assert_eq!(left, digest(fresh.path(), store).await, "the index differs from a rebuild");
    }
}

impl Running {
    /// SIGKILL, and waits for the end.
    pub(super) fn kill(mut self) {
        let ended = self.child.try_wait().unwrap();
        assert!(ended.is_none(), "the process ended by itself: {ended:?}");
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Whether it syncs, by its metrics; not while it starts.
    pub(super) fn leads(&self) -> bool {
        let read = || {
            let mut stream = TcpStream::connect_timeout(&self.metrics, Duration::from_secs(1))?;
            stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")?;
            let mut text = String::new();
            stream.read_to_string(&mut text)?;
            Ok::<_, std::io::Error>(text)
        };
        read().is_ok_and(|text| text.lines().any(|line| line == "sync_leader 1"))
    }

    /// Whether it says that it serves.
    pub(super) fn serves(&self) -> bool {
        let health = Command::new(program()).arg(format!("--addr={}", self.addr)).arg("health").output();
        health.unwrap().status.success()
    }

    /// SIGTERM, and waits for the end.
    pub(super) fn stop(mut self) {
        let status = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(status.success());
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// The program beside the tests that are running.
fn program() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    tests.parent().and_then(Path::parent).unwrap().join("procurement")
}

/// What an index says of everything, once it has taken in the whole feed.
async fn digest(directory: &Path, store: &Store) -> String {
    let settings = search::Settings { dir: directory.to_owned(), memory: 32 << 20 };
    let (index, _) = search::Index::open(&settings).unwrap();
    let index = Arc::new(index);
    search::fill(store.clone(), Arc::clone(&index)).await.unwrap();
    index.digest().unwrap()
}

fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}
