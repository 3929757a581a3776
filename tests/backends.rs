//! Services with several servers: restarts that nobody notices, and what a dead one costs.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use clap::Parser as _;
use radar::system::Service;
use runtime::{Metrics, Stop};
use system_tests::World;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A gateway of its own, which keeps no answers: every request is a call.
struct Gateway {
    addr: SocketAddr,
    metrics: Metrics,
    stop: Stop,
    task: JoinHandle<()>,
}

impl Gateway {
    async fn start(procurement: &str, classification: &str) -> Self {
        let config = gateway::Config::try_parse_from([
            "gateway",
            "--response-cache-mib=0",
            "--environment=development",
            &format!("--procurement-url={procurement}"),
            &format!("--classification-url={classification}"),
        ])
        .unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let (addr, metrics, stop) = (listener.local_addr().unwrap(), Metrics::new("test", "0"), Stop::new());
        let serve = gateway::serve(listener, config, metrics.clone(), stop.clone());
        let task = tokio::spawn(async move { serve.await.unwrap() });
        Self { addr, metrics, stop, task }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    fn count(&self, series: &str) -> u64 {
        let text = self.metrics.text();
        let line = text.lines().find_map(|line| line.strip_prefix(series));
        line.map_or(0, |rest| rest.trim().parse().unwrap())
    }

    /// Waits until so many servers of a service say that they serve.
    async fn serving(&self, backend: &str, servers: u64) {
        let series = format!("backend_addresses{{backend=\"{backend}\",state=\"serving\"}}");
        let wait = async {
            while self.count(&series) != servers {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(30), wait).await;
        waited.unwrap_or_else(|_| panic!("never {servers} of {backend}:\n{}", self.metrics.text()));
    }

    async fn stop(self) {
        self.stop.stop();
        self.task.await.unwrap();
    }
}

fn url(addr: SocketAddr) -> String {
    format!("http://{addr}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn services_restart_one_after_the_other_behind_load_and_no_request_fails() {
    let mut worlds = [World::start().await, World::start().await];
    let all = |of: fn(&World) -> SocketAddr| worlds.iter().map(|w| url(of(w))).collect::<Vec<_>>().join(",");
    let procurement = all(|world| world.system.procurement.addr);
    let classification = all(|world| world.system.classification.addr);
    let gateway = Gateway::start(&procurement, &classification).await;
    for backend in ["procurement", "classification"] {
        gateway.serving(backend, 2).await;
    }
    let (going, served) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicUsize::new(0)));
    let callers: Vec<_> = (0..8)
        .map(|number| {
            let path = ["/api/styrk/codes/2512", "/api/doffin/sync"][number % 2];
            let (url, going, served) = (gateway.url(path), going.clone(), served.clone());
            tokio::spawn(async move {
                let (client, mut failures) = (system_tests::client(), Vec::new());
                while going.load(Ordering::Relaxed) {
                    let answer = client.get(&url).send().await.unwrap();
                    let status = answer.status();
                    let body = answer.text().await.unwrap();
                    if status == 200 {
                        served.fetch_add(1, Ordering::Relaxed);
                    } else {
                        failures.push(format!("{status}: {body}"));
                    }
                }
                failures
            })
        })
        .collect();
    for world in &mut worlds {
        for (service, backend) in
            [(Service::Classification, "classification"), (Service::Procurement, "procurement")]
        {
            world.system.stop_service(service).await.unwrap();
            gateway.serving(backend, 1).await;
            let before = served.load(Ordering::Relaxed);
            world.system.start_service(service).unwrap();
            gateway.serving(backend, 2).await;
            assert!(served.load(Ordering::Relaxed) > before, "nothing was asked meanwhile");
        }
    }
    going.store(false, Ordering::Relaxed);
    for caller in callers {
        let failures = caller.await.unwrap();
        assert!(failures.is_empty(), "{} of {served:?}: {failures:?}", failures.len());
    }
    gateway.stop().await;
    for world in worlds {
        world.stop().await;
    }
}

/// A server that closes every connection as soon as it comes, and counts them.
async fn broken() -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let (addr, count) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let counted = count.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            drop(stream);
        }
    });
    (addr, count)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_server_costs_no_storm_of_calls_and_refusals_come_at_once() {
    let (addr, connections) = broken().await;
    let gateway = Gateway::start(&url(addr), &url(addr)).await;
    let client = system_tests::client();
    let mut slowest = Duration::ZERO;
    for _ in 0..500 {
        let begin = std::time::Instant::now();
        let answer = client.get(gateway.url("/api/styrk/codes/2512")).send().await.unwrap();
        slowest = slowest.max(begin.elapsed());
        assert_eq!(answer.status(), 503);
        assert_eq!(answer.headers()["retry-after"], "1");
    }
    let retries = gateway.count("backend_retries_total{backend=\"classification\"}");
    assert!(retries <= 100, "{retries} retries of 500 calls");
    assert!(gateway.count("backend_ejections_total{backend=\"classification\"}") >= 1);
    let seen = connections.load(Ordering::Relaxed);
    assert!(seen < 600, "500 requests made {seen} connections");
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_one_broken_server_beside_a_good_one_every_request_succeeds() {
    let world = World::start().await;
    let (addr, _) = broken().await;
    let beside = |good: SocketAddr| format!("{},{}", url(addr), url(good));
    let (procurement, classification) = (world.system.procurement.addr, world.system.classification.addr);
    let gateway = Gateway::start(&beside(procurement), &beside(classification)).await;
    let client = system_tests::client();
    for number in 0..200 {
        // A stream that has not begun may begin elsewhere.
        let path = ["/api/styrk/codes/2512", "/api/doffin/watch"][number % 2];
        let answer = client.get(gateway.url(path)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}: {answer:?}");
    }
    gateway.stop().await;
    world.stop().await;
}
