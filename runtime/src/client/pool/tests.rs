use std::sync::Mutex;

use tokio::net::TcpListener;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use super::*;
use crate::config::GrpcTls;
use crate::{Grpc, Health, Metrics, Stop};

/// A server that has nothing but its health.
struct Server {
    addr: SocketAddr,
    health: Health,
    stop: Stop,
    ended: tokio::task::JoinHandle<()>,
}

const SERVICE: &str = "x.Y";

async fn server(addr: SocketAddr) -> Server {
    let (health, stop) = (Health::new(&[SERVICE]), Stop::new());
    health.set(SERVICE, true);
    let listener = TcpListener::bind(addr).await.unwrap();
    let server = Grpc {
        routes: tonic::service::Routes::default(),
        health: health.clone(),
        descriptors: tonic_health::pb::FILE_DESCRIPTOR_SET,
        metrics: Metrics::new("x", "0"),
        tls: GrpcTls::default(),
        drain_timeout: Duration::from_secs(5),
    };
    let (addr, until) = (listener.local_addr().unwrap(), stop.clone());
    let ended = tokio::spawn(async move { server.serve(listener, until).await.unwrap() });
    Server { addr, health, stop, ended }
}

fn loopback() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

fn target(urls: &str) -> Target {
    let remotes = crate::client::remotes(urls, "X_URL", &GrpcTls::default()).unwrap();
    Target { name: "x", service: SERVICE, remotes }
}

/// A pool over these servers, and what it counts.
fn over(servers: &[&Server]) -> (Arc<Pool>, Metrics) {
    let metrics = Metrics::new("test", "0");
    let urls: Vec<_> = servers.iter().map(|server| format!("http://{}", server.addr)).collect();
    (Pool::start(target(&urls.join(",")), Meter::new(&metrics)), metrics)
}

/// Waits until what is counted says so.
async fn counted(metrics: &Metrics, line: &str) {
    let wait = async {
        while !metrics.text().contains(line) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(20), wait).await;
    waited.unwrap_or_else(|_| panic!("never {line}:\n{}", metrics.text()));
}

fn serving(count: usize) -> String {
    format!("backend_addresses{{backend=\"x\",state=\"serving\"}} {count}\n")
}

async fn ask(pool: &Arc<Pool>) -> Result<(), tonic::Status> {
    let mut client = HealthClient::new(pool.channel(Duration::from_secs(5)));
    client.check(HealthCheckRequest { service: SERVICE.into() }).await.map(drop)
}

#[tokio::test]
async fn calls_go_to_every_server_that_serves_and_to_no_other() {
    let (first, second) = (server(loopback()).await, server(loopback()).await);
    let (pool, metrics) = over(&[&first, &second]);
    counted(&metrics, &serving(2)).await;
    let chosen = async || pool.choose().await.unwrap().addr;
    let mut seen = BTreeSet::new();
    for _ in 0..100 {
        seen.insert(chosen().await);
    }
    assert_eq!(seen.len(), 2);
    first.health.set(SERVICE, false);
    counted(&metrics, &serving(1)).await;
    for _ in 0..100 {
        assert_eq!(chosen().await, second.addr);
    }
    first.health.set(SERVICE, true);
    counted(&metrics, &serving(2)).await;
}

#[tokio::test]
async fn the_less_busy_of_two_is_chosen() {
    let (first, second) = (server(loopback()).await, server(loopback()).await);
    let (pool, metrics) = over(&[&first, &second]);
    counted(&metrics, &serving(2)).await;
    let busy = pool.choose().await.unwrap();
    let call = busy.enter();
    for _ in 0..100 {
        assert_ne!(pool.choose().await.unwrap().addr, busy.addr);
    }
    drop(call);
}

#[tokio::test]
async fn a_server_that_went_away_is_left_out_and_taken_back() {
    let gone = server(loopback()).await;
    let (pool, metrics) = over(&[&gone]);
    counted(&metrics, &serving(1)).await;
    let addr = gone.addr;
    gone.stop.stop();
    gone.ended.await.unwrap();
    counted(&metrics, &serving(0)).await;
    // It cannot be reached, and after three failures it is not tried.
    for _ in 0..3 {
        assert!(ask(&pool).await.is_err());
    }
    assert!(pool.choose().await.is_none());
    assert!(metrics.text().contains("backend_ejections_total{backend=\"x\"} 1\n"), "{}", metrics.text());
    let refused = ask(&pool).await.unwrap_err();
    let cause = std::error::Error::source(&refused).unwrap();
    assert!(cause.is::<crate::client::Nowhere>(), "{cause}");
    let back = server(addr).await;
    counted(&metrics, &serving(1)).await;
    ask(&pool).await.unwrap();
    back.stop.stop();
}

#[tokio::test]
async fn servers_stop_one_after_the_other_and_no_call_fails() {
    let mut servers = vec![server(loopback()).await, server(loopback()).await];
    let (pool, metrics) = over(&servers.iter().collect::<Vec<_>>());
    counted(&metrics, &serving(2)).await;
    let stop = Stop::new();
    let callers: Vec<_> = (0..8)
        .map(|_| {
            let (pool, stop) = (pool.clone(), stop.clone());
            tokio::spawn(async move {
                let mut calls = 0;
                while !stop.is_stopped() {
                    ask(&pool).await.unwrap();
                    calls += 1;
                }
                calls
            })
        })
        .collect();
    for _ in 0..4 {
        let stopping = servers.remove(0);
        // What a process does on SIGTERM: it says that it does not serve, and goes on for a while.
        stopping.health.set(SERVICE, false);
        counted(&metrics, &serving(1)).await;
        stopping.stop.stop();
        stopping.ended.await.unwrap();
        servers.push(server(stopping.addr).await);
        counted(&metrics, &serving(2)).await;
    }
    stop.stop();
    for caller in callers {
        assert!(caller.await.unwrap() > 0);
    }
}

#[tokio::test]
async fn names_are_resolved_again_and_a_name_server_that_is_down_changes_nothing() {
    type Answers = Arc<Mutex<Vec<Option<Vec<SocketAddr>>>>>;
    let addr = |last| SocketAddr::from(([127, 0, 0, last], 1));
    let answers: Answers =
        Arc::new(Mutex::new(vec![Some(vec![addr(3)]), None, Some(vec![addr(1), addr(2)]), None]));
    let metrics = Metrics::new("test", "0");
    let left = answers.clone();
    let pool = Pool::start_with(target("http://service:1"), Meter::new(&metrics), move |host, port| {
        assert_eq!((host.as_str(), port), ("service", 1));
        let answer = left.lock().unwrap().pop().unwrap_or(Some(vec![addr(3)]));
        Box::pin(async move { answer.ok_or_else(|| std::io::Error::other("no name server")) })
    });
    let members = || pool.members.borrow().iter().map(|member| member.addr).collect::<Vec<_>>();
    // The first resolution fails; a call waits for the next.
    assert!(members().is_empty());
    assert!(pool.choose().await.is_some());
    assert_eq!(members(), [addr(1), addr(2)]);
    let kept = pool.members.borrow()[0].clone();
    let mut changes = pool.members.subscribe();
    changes.changed().await.unwrap();
    assert!(answers.lock().unwrap().is_empty(), "the answer in between failed");
    assert_eq!(members(), [addr(3)]);
    assert_eq!(kept.standing(Instant::now()), Standing::Unreachable);
}

#[tokio::test]
async fn a_name_that_leads_nowhere_is_no_reason_not_to_use_the_others() {
    let addr = SocketAddr::from(([127, 0, 0, 1], 1));
    let metrics = Metrics::new("test", "0");
    let targets = target("http://gone:1,http://there:1");
    let pool = Pool::start_with(targets, Meter::new(&metrics), move |host, _| {
        let found = if host == "there" { Ok(vec![addr]) } else { Err(std::io::Error::other("no such name")) };
        Box::pin(async move { found })
    });
    assert_eq!(pool.choose().await.map(|member| member.addr), Some(addr));
}
