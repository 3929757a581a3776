//! A Redis of a test's own.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// A running `redis-server`, killed when dropped.
#[derive(Debug)]
pub struct Redis {
    port: u16,
    child: Child,
    dir: TempDir,
}

impl Redis {
    /// Starts one. `None`: this machine has no `redis-server`.
    #[expect(clippy::print_stdout, reason = "who runs the tests learns what was not tested")]
    pub async fn start() -> Option<Self> {
        // The port is free again as soon as the listener is dropped.
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let dir = tempfile::tempdir().unwrap();
        let child = spawn(port, &dir).or_else(|| {
            println!("no redis-server: what needs it is not tested");
            None
        })?;
        let redis = Self { port, child, dir };
        redis.wait().await;
        Some(redis)
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Kills it.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again, empty, at the same address.
    pub async fn revive(&mut self) {
        self.child = spawn(self.port, &self.dir).unwrap();
        self.wait().await;
    }

    async fn wait(&self) {
        let up = async {
            while tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), up).await.unwrap();
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(port: u16, dir: &TempDir) -> Option<Child> {
    let mut command = Command::new("redis-server");
    command.args(["--port", &port.to_string(), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1"]);
    command.current_dir(dir.path()).stdout(Stdio::null()).spawn().ok()
}
