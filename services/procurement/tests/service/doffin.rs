//! A Doffin that answers what it is told to, and remembers what it was asked.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What was asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) key: Option<String>,
}

impl Asked {
    /// Values of one parameter.
    pub(crate) fn values(&self, name: &str) -> Vec<&str> {
        self.query.iter().filter(|(n, _)| n == name).map(|(_, value)| value.as_str()).collect()
    }
}

/// What to answer next.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// A status, headers and a body.
    Answer(u16, Vec<(&'static str, String)>, Bytes),
    /// The beginning of a body, then a lost connection.
    Cut,
    /// The promise of a body of this many bytes.
    Promise(u64),
    /// Nothing, ever.
    Hang,
}

impl Reply {
    pub(crate) fn text(status: u16, body: impl Into<String>) -> Self {
        Self::Answer(status, Vec::new(), Bytes::from(body.into()))
    }

    pub(crate) fn with(self, name: &'static str, value: impl Into<String>) -> Self {
        match self {
            Self::Answer(status, mut headers, body) => {
                headers.push((name, value.into()));
                Self::Answer(status, headers, body)
            }
            other => other,
        }
    }

    /// A page with these hits.
    pub(crate) fn hits(total: u32, hits: &[Value]) -> Self {
        let body = json!({"numHitsTotal": total, "numHitsAccessible": total.min(1000), "hits": hits});
        Self::text(200, body.to_string())
    }
}

/// The scripted server.
#[derive(Debug, Clone)]
pub(crate) struct Doffin {
    pub(crate) addr: SocketAddr,
    state: Arc<Mutex<Script>>,
}

#[derive(Debug, Default)]
struct Script {
    asked: Vec<Asked>,
    replies: VecDeque<Reply>,
    /// How many notices there are when nothing is scripted.
    total: u32,
    /// Whether a page begins with the last hit of the one before.
    overlap: bool,
}

impl Doffin {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let doffin = Self { addr: listener.local_addr().unwrap(), state: Arc::default() };
        let router = Router::new().fallback(answer).with_state(doffin.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        doffin
    }

    /// What to answer, in order; after that, pages of `total` notices.
    pub(crate) fn script(&self, replies: impl IntoIterator<Item = Reply>) {
        self.state.lock().unwrap().replies.extend(replies);
    }

    /// How many notices there are.
    pub(crate) fn holds(&self, total: u32) {
        self.state.lock().unwrap().total = total;
    }

    /// Makes pages overlap by one hit.
    pub(crate) fn overlap(&self) {
        self.state.lock().unwrap().overlap = true;
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.state.lock().unwrap().asked.clone()
    }

    fn next(&self, asked: Asked) -> Reply {
        let mut script = self.state.lock().unwrap();
        let number = |name| asked.values(name).first().and_then(|text| text.parse().ok()).unwrap_or(1_u32);
        let (page, size) = (number("page"), number("numHitsPerPage"));
        script.asked.push(asked);
        if let Some(reply) = script.replies.pop_front() {
            return reply;
        }
        let start = (page - 1) * size + 1;
        let mut ids: Vec<u32> = (start..start + size).filter(|id| *id <= script.total.min(1000)).collect();
        if script.overlap
            && page > 1
            && let Some(first) = ids.first_mut()
        {
            *first -= 1;
        }
        let hits: Vec<_> = ids.into_iter().map(|id| hit(&format!("2026-{id:06}"))).collect();
        Reply::hits(script.total, &hits)
    }
}

/// A plain hit.
pub(crate) fn hit(id: &str) -> Value {
    json!({
        "id": id, "buyer": [{"id": "0a", "organizationId": "938 801 363", "name": "Kommune A"}],
        "heading": "Tittel", "description": "Beskrivelse", "locationId": ["NO081"], "estimatedValue": null,
        "type": "ANNOUNCEMENT_OF_COMPETITION", "allTypes": ["COMPETITION", "ANNOUNCEMENT_OF_COMPETITION"],
        "status": "ACTIVE", "issueDate": "2026-07-30T12:36:32Z", "deadline": "2026-09-01T10:00:00Z",
        "publicationDate": "2026-08-03", "receivedTenders": null, "allReceivedTenders": null,
        "cpvCodes": ["72200000", "72000000"], "limitedDataFlag": null, "doffinClassicUrl": null, "lots": [],
    })
}

async fn answer(State(doffin): State<Doffin>, request: Request) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let asked = Asked {
        path: request.uri().path().to_owned(),
        query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        key: request.headers().get("ocp-apim-subscription-key").map(|key| key.to_str().unwrap().to_owned()),
    };
    match doffin.next(asked) {
        Reply::Answer(status, headers, body) => {
            let mut response = Response::builder().status(status);
            for (name, value) in headers {
                response = response.header(name, value);
            }
            response.body(Body::from(body)).unwrap()
        }
        Reply::Cut => {
            let chunks = [Ok(Bytes::from_static(b"{\"numHits")), Err(std::io::Error::other("cut"))];
            Response::new(Body::from_stream(tokio_stream::iter(chunks)))
        }
        Reply::Promise(length) => {
            let never = Body::from_stream(tokio_stream::pending::<Result<Bytes, std::io::Error>>());
            Response::builder().header("content-length", length).body(never).unwrap()
        }
        Reply::Hang => std::future::pending().await,
    }
}
