//! A simulator and a client that talks to it.

use std::sync::Once;

use reqwest::Response;
use serde_json::Value;
use simulator::{Config, Faults, Simulator};

static PROVIDER: Once = Once::new();

/// A client that never waits for ever. Even plain HTTP needs a TLS provider to be there.
pub(crate) fn client() -> reqwest::Client {
    PROVIDER.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::builder().timeout(std::time::Duration::from_secs(20)).build().unwrap()
}

/// A running simulator with the key in hand.
pub(crate) struct Probe {
    pub(crate) simulator: Simulator,
    pub(crate) client: reqwest::Client,
}

/// What a generated corpus is like in most tests: small, of one day, without a rate limit.
pub(crate) fn config() -> Config {
    Config {
        notices: 1_500,
        seed: 11,
        now: Some("2026-11-23T12:00:00Z".parse().unwrap()),
        faults: Faults::without_rate_limit(),
        ..Config::default()
    }
}

impl Probe {
    pub(crate) async fn start() -> Self {
        Self::with(config()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        Self { simulator: Simulator::start(config).await.unwrap(), client: client() }
    }

    /// Starts with some faults changed.
    pub(crate) async fn faulty(change: impl FnOnce(&mut Faults)) -> Self {
        let mut config = config();
        change(&mut config.faults);
        Self::with(config).await
    }

    /// Changes faults on the way.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Faults)) {
        let mut faults = self.simulator.faults();
        change(&mut faults);
        self.simulator.set_faults(faults);
    }

    /// `GET /search?query`
    pub(crate) async fn search(&self, query: &str) -> Response {
        let address = format!("{}/search?{query}", self.simulator.doffin_url());
        self.client.get(address).header("Ocp-Apim-Subscription-Key", "demo-key").send().await.unwrap()
    }

    /// The envelope of a search that must succeed.
    pub(crate) async fn found(&self, query: &str) -> Value {
        let response = self.search(query).await;
        assert_eq!(response.status(), 200, "{query}");
        response.json().await.unwrap()
    }

    /// `numHitsTotal` of a search.
    pub(crate) async fn total(&self, query: &str) -> u64 {
        self.found(query).await["numHitsTotal"].as_u64().unwrap()
    }

    /// The hits of a search.
    pub(crate) async fn hits(&self, query: &str) -> Vec<Value> {
        self.found(query).await["hits"].as_array().unwrap().clone()
    }

    /// `GET /download/{id}`
    pub(crate) async fn download(&self, id: &str) -> Response {
        let address = format!("{}/download/{id}", self.simulator.doffin_url());
        self.client.get(address).header("Ocp-Apim-Subscription-Key", "demo-key").send().await.unwrap()
    }

    /// `GET` below KLASS's base with an `Accept` header.
    pub(crate) async fn klass(&self, path: &str, accept: &str) -> Response {
        let address = format!("{}{path}", self.simulator.klass_url());
        self.client.get(address).header("accept", accept).send().await.unwrap()
    }

    /// JSON below KLASS's base.
    pub(crate) async fn klass_json(&self, path: &str) -> Value {
        let response = self.klass(path, "application/json").await;
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.unwrap()
    }
}

/// The ids of hits, in order.
pub(crate) fn ids(hits: &[Value]) -> Vec<String> {
    hits.iter().map(|hit| hit["id"].as_str().unwrap().to_owned()).collect()
}

/// A header as text, empty when it is not there.
pub(crate) fn header(response: &Response, name: &str) -> String {
    response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}
