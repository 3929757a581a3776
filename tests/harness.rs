//! The whole system in one process, against a simulator, on ports nobody else has.
//!
//! Every test starts its own; what a test changes (faults, stopped services) touches no other test.

#![expect(clippy::missing_panics_doc, clippy::unwrap_used, reason = "a test fails by panicking")]

pub mod issuer;
pub mod log;
pub mod pki;
pub mod redis;

use std::time::Duration;

use http::{HeaderMap, Method, StatusCode};
use radar::system::Settings;
use radar::{System, demo, welcome};
use serde_json::Value;
use simulator::{Faults, Simulator};
use tempfile::TempDir;

/// How long a test waits for something to become right; a mirror is filled within it on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// A running system with its simulator.
#[derive(Debug)]
pub struct World {
    /// Doffin and KLASS.
    pub simulator: Simulator,
    /// The three servers.
    pub system: System,
    http: reqwest::Client,
    _data: TempDir,
}

/// An HTTP answer.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("not JSON ({e}): {}", String::from_utf8_lossy(&self.body)))
    }

    /// A header, its values joined, or nothing.
    pub fn header(&self, name: &str) -> String {
        let values = self.headers.get_all(name).iter().map(|value| value.to_str().unwrap());
        values.collect::<Vec<_>>().join(", ")
    }
}

/// What a test changes before the system starts.
#[derive(Debug)]
pub struct Setup {
    /// The simulator's settings.
    pub simulator: simulator::Config,
    /// The servers' settings.
    pub settings: Settings,
    /// Path below the simulated KLASS that NUTS is taken from instead of the usual one.
    pub nuts_path: Option<&'static str>,
}

impl World {
    /// A small corpus, no rate limit, everything else as shipped.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// The same with a mirror that is being filled.
    pub async fn start_mirrored() -> Self {
        Self::start_with(|setup| {
            setup.simulator.notices = 400;
            setup.settings.procurement.sync.enabled = true;
            setup.settings.procurement.sync.tail_interval = Duration::from_secs(1);
            setup.settings.procurement.sync.week_rest = Duration::from_secs(1);
        })
        .await
    }

    /// Waits until the mirror holds everything Doffin lists, documents included, and the index has taken it in.
    pub async fn mirrored(&self) {
        self.until("/api/doffin/sync", |answer| {
            let status = &answer.json()["data"];
            status["phase"] == "TAIL"
                && status["weeksComplete"] == status["weeksTotal"]
                && status["documentsWanted"] == status["documentsParked"]
                && status["indexLag"] == 0
        })
        .await;
    }

    /// The same with changes.
    pub async fn start_with(change: impl FnOnce(&mut Setup)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut setup = Setup {
            simulator: simulator::Config {
                notices: 600,
                lists: demo::lists().unwrap(),
                faults: Faults::without_rate_limit(),
                ..simulator::Config::default()
            },
            settings: Settings::on_free_ports().unwrap(),
            nuts_path: None,
        };
        setup.settings.procurement.doffin_rate = 5000.0;
        setup.settings.classification.data_dir = data.path().to_owned();
        setup.settings.procurement.data_dir = data.path().to_owned();
        setup.settings.procurement.database_url = None;
        setup.settings.procurement.sync.enabled = false;
        change(&mut setup);
        let simulator = Simulator::start(setup.simulator).await.unwrap();
        demo::point(&mut setup.settings, &format!("http://{}", simulator.addr()));
        let nuts = setup.nuts_path.map(|path| format!("{}/{path}", simulator.klass_url()));
        setup.settings.classification.nuts_source = nuts;
        let system = System::start(setup.settings, tokio::sync::watch::Sender::default()).unwrap();
        assert!(
            welcome::ready(system.gateway.addr, system.gateway_cert()).await,
            "the system did not become ready"
        );
        Self { simulator, system, http: client(), _data: data }
    }

    /// The URL of a path at the gateway.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.system.gateway.addr)
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[]).await
    }

    /// A GET that must succeed, as JSON.
    pub async fn json(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", String::from_utf8_lossy(&answer.body));
        answer.json()
    }

    /// Any request.
    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.http.request(method, self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap_or_else(|e| panic!("{path}: {e}"));
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, body: response.bytes().await.unwrap().to_vec() }
    }

    /// What a counter of the gateway stands at.
    pub async fn counter(&self, name: &str) -> u64 {
        let url = format!("http://{}/metrics", self.system.gateway.metrics_addr);
        let text = client().get(url).send().await.unwrap().text().await.unwrap();
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix("_total "));
        value.unwrap_or_else(|| panic!("no counter {name}")).parse().unwrap()
    }

    /// Asks again until the answer is as wanted, and gives it. Answers that are kept would never change.
    pub async fn until(&self, path: &str, wanted: impl Fn(&Answer) -> bool) -> Answer {
        let ask = async {
            loop {
                let answer = self.send(Method::GET, path, &[("cache-control", "no-cache")]).await;
                if wanted(&answer) {
                    return answer;
                }
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
        };
        tokio::time::timeout(PATIENCE, ask).await.unwrap_or_else(|_| panic!("{path} never became right"))
    }

    /// Stops everything in order.
    pub async fn stop(self) {
        self.system.stop().await.unwrap();
        self.simulator.stop().await;
    }
}

/// An HTTP client that keeps its connections.
pub fn client() -> reqwest::Client {
    builder().build().unwrap()
}

/// Settings for a client that shows answers as they come and gives up after a while.
pub fn builder() -> reqwest::ClientBuilder {
    // Only plain HTTP is spoken here, but a client wants to know whose cryptography it would use. Losing the
    // race to install it is as good as winning it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_gzip()
        .timeout(Duration::from_secs(30))
}

/// Checks the envelope of an error and gives it.
pub fn failure(answer: &Answer, status: u16, name: &str) -> Value {
    let body = answer.json();
    assert_eq!((answer.status.as_u16(), body["error_name"].as_str()), (status, Some(name)), "{body}");
    let entry = proto::catalogue::by_name(name).unwrap();
    assert_eq!(body["success"], false, "{body}");
    assert_eq!(body["error_code"], entry.code as i32, "{body}");
    assert_eq!(u16::from(answer.status), entry.http, "{body}");
    assert!(body["error"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
    assert!(body["details"].is_object(), "{body}");
    assert_eq!(body["request_id"].as_str(), Some(answer.header("x-request-id").as_str()), "{body}");
    let leaks = ["panicked", "src/", "127.0.0.1", "tcp", "hyper", "demo-key", "0x", "/root", "/home"];
    let text = body.to_string();
    assert!(!leaks.iter().any(|leak| text.contains(leak)), "leaks: {text}");
    body
}
