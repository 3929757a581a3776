//! One HTTP request from route to reply.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _};
use http::header::{ACCEPT, ALLOW, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Empty, Full, Limited};
use tokio::time::Instant;
use tonic::metadata::MetadataMap;

use crate::codec::Raw;
use crate::cursor::{self, Cursor};
use crate::edge::{Edge, Problem, Rendered};
use crate::matcher::Found;
use crate::reply::Reply;
use crate::stream::{self, Format};
use crate::table::{Binding, Body, Table};
use crate::{ReplyBody, deadline};

/// Limits and lifetimes of requests.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Longest request body, in bytes.
    pub max_body: usize,
    /// Longest message a service may answer, in bytes.
    pub max_reply: usize,
    /// Time a unary call may take when the caller asks for no less. A stream may go on.
    pub timeout: Duration,
    /// How often an event stream says that it is alive.
    pub heartbeat: Duration,
    /// Prefixes of query parameters that are passed over.
    pub ignored_parameters: Vec<String>,
    /// Name of the text field that says where in a stream a message stands: printed as the `id` of an event, and
    /// taken from `Last-Event-ID` into the request. `None`: events have no ids.
    pub cursor: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_body: 1 << 20,
            max_reply: 64 << 20,
            timeout: Duration::from_secs(30),
            heartbeat: Duration::from_secs(15),
            ignored_parameters: vec!["utm_".into()],
            cursor: Some("cursor".into()),
        }
    }
}

/// The route a reply came by, left in its extensions for logs and metrics. In a request's extensions it is the route
/// the request is known to lead to.
#[derive(Debug, Clone)]
pub struct Matched(pub Arc<Binding>);

/// Answers HTTP requests by calling RPCs.
#[derive(Debug)]
pub struct Transcoder<E> {
    table: Table,
    edge: Arc<E>,
    settings: Settings,
}

impl<E: Edge> Transcoder<E> {
    /// A transcoder over a route table.
    pub fn new(table: Table, edge: E, settings: Settings) -> Self {
        Self { table, edge: Arc::new(edge), settings }
    }

    /// The route table.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// What the program around it decides.
    pub fn edge(&self) -> &E {
        &self.edge
    }

    /// Answers one request. Dropping the future cancels the call behind it.
    pub async fn handle<B>(&self, request: Request<B>) -> Response<ReplyBody>
    where
        B: http_body::Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send,
    {
        let head = request.method() == Method::HEAD;
        // A layer before this one may have looked already.
        let known = request.extensions().get::<Matched>().map(|known| known.0.clone());
        let found = match &known {
            Some(binding) => Found::Route(binding),
            None => self.table.find(request.uri().path(), request.method()),
        };
        let mut response = match found {
            Found::Route(binding) => {
                let binding = binding.clone();
                let answered = self.answer(&binding, request).await;
                let mut response = answered.unwrap_or_else(|problem| self.refuse(&problem));
                response.extensions_mut().insert(Matched(binding));
                response
            }
            Found::Methods(methods) => self.refuse(&Problem::Method(methods)),
            Found::Nothing => self.refuse(&Problem::NoRoute),
        };
        if head {
            *response.body_mut() = Empty::new().boxed_unsync();
        }
        response
    }

    async fn answer<B>(
        &self,
        binding: &Arc<Binding>,
        request: Request<B>,
    ) -> Result<Response<ReplyBody>, Problem>
    where
        B: http_body::Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send,
    {
        let (parts, body) = request.into_parts();
        let asked = deadline::of(&parts.headers).map_err(|v| Problem::Invalid(vec![v]))?;
        let body = self.read_body(binding, &parts.headers, body).await?;
        let resumed = self.resumed(binding, &parts);
        let query = resumed.as_deref().or(parts.uri.query());
        let wire = binding
            .request(parts.uri.path(), query, &body, &self.settings.ignored_parameters)
            .map_err(Problem::Invalid)?;
        let service = binding.rpc.parent_service().full_name().to_owned();
        let channel = self.edge.channel(&service).ok_or(Problem::NoBackend(service))?;
        let mut call = tonic::Request::new(wire);
        let mut metadata = HeaderMap::new();
        self.edge.forward(&parts.headers, &mut metadata);
        *call.metadata_mut() = MetadataMap::from_headers(metadata);
        if binding.rpc.is_server_streaming() {
            if let Some(asked) = asked {
                call.set_timeout(asked);
            }
            let deadline = asked.map(|asked| Instant::now() + asked);
            let format = Format::asked_by(parts.headers.get(ACCEPT));
            let stream = self.stream(binding, channel, call, format, deadline);
            return before(deadline, stream).await;
        }
        let timeout = asked.map_or(self.settings.timeout, |asked| asked.min(self.settings.timeout));
        call.set_timeout(timeout);
        before(Some(Instant::now() + timeout), self.unary(binding, channel, call)).await
    }

    /// The query of a caller whose event stream broke off.
    fn resumed(&self, binding: &Binding, parts: &http::request::Parts) -> Option<String> {
        let name = self.settings.cursor.as_deref().filter(|_| binding.rpc.is_server_streaming())?;
        cursor::resumed(&binding.rpc.input(), name, parts.uri.query(), &parts.headers)
    }

    async fn read_body<B>(&self, binding: &Binding, headers: &HeaderMap, body: B) -> Result<Bytes, Problem>
    where
        B: http_body::Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send,
    {
        if matches!(binding.body, Body::None) {
            return Ok(Bytes::new());
        }
        if let Some(media) = headers.get(CONTENT_TYPE) {
            let media = media.to_str().unwrap_or_default();
            let essence = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            if essence != "application/json" && !essence.ends_with("+json") {
                return Err(Problem::MediaType(media.to_owned()));
            }
        }
        let limit = self.settings.max_body;
        let pinned = std::pin::pin!(Limited::new(body, limit));
        match pinned.collect().await {
            Ok(body) => Ok(body.to_bytes()),
            Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(Problem::TooLarge(limit)),
            Err(_) => Err(Problem::BodyLost),
        }
    }

    async fn unary(
        &self,
        binding: &Arc<Binding>,
        channel: E::Channel,
        call: tonic::Request<Bytes>,
    ) -> Result<Response<ReplyBody>, Problem> {
        let mut client = self.client(channel);
        ready(&mut client).await?;
        let path = binding.rpc_path.clone();
        // Boxed: the state of a call is large, and the caller's stack holds it through every middleware.
        let answer = client.unary(call, path, Raw).boxed().await.map_err(Problem::Status)?;
        let (metadata, wire, _) = answer.into_parts();
        let members = self.edge.envelope(binding).unwrap_or_default();
        let reply = binding.reply_with(wire, members).map_err(Problem::Unreadable)?;
        Ok(self.good(binding, metadata, reply))
    }

    async fn stream(
        &self,
        binding: &Arc<Binding>,
        channel: E::Channel,
        call: tonic::Request<Bytes>,
        format: Format,
        deadline: Option<Instant>,
    ) -> Result<Response<ReplyBody>, Problem> {
        let mut client = self.client(channel);
        ready(&mut client).await?;
        let path = binding.rpc_path.clone();
        let answer = client.server_streaming(call, path, Raw).boxed().await.map_err(Problem::Status)?;
        let (metadata, mut messages, _) = answer.into_parts();
        let mut first = None;
        let (format, media) = if binding.is_passed_through() {
            // The first message says what the bytes are.
            first = messages.message().await.map_err(Problem::Status)?;
            let reply =
                first.clone().map(|wire| binding.reply(wire)).transpose().map_err(Problem::Unreadable)?;
            let content_type = match reply {
                Some(Reply::Body { content_type, .. }) => content_type,
                _ => String::new(),
            };
            (Format::Lines, media_type(content_type))
        } else {
            (format, HeaderValue::from_static(format.media_type()))
        };
        let headers = self.headers(binding, metadata, media);
        let writer = stream::Writer {
            binding: binding.clone(),
            edge: self.edge.clone(),
            format,
            heartbeat: self.settings.heartbeat,
            deadline,
            cursor: self.settings.cursor.as_deref().and_then(|n| Cursor::find(&binding.rpc.output(), n)),
        };
        let messages = futures_util::stream::iter(first.map(Ok)).chain(messages);
        let mut response = Response::new(writer.body(messages));
        *response.headers_mut() = headers;
        Ok(response)
    }

    fn client(&self, channel: E::Channel) -> tonic::client::Grpc<E::Channel> {
        tonic::client::Grpc::new(channel).max_decoding_message_size(self.settings.max_reply)
    }

    fn good(&self, binding: &Binding, metadata: MetadataMap, reply: Reply) -> Response<ReplyBody> {
        let json = HeaderValue::from_static("application/json");
        let (media, bytes) = match reply {
            Reply::Object(value) | Reply::Json(value) => (json, value.into()),
            Reply::Body { content_type, data } => (media_type(content_type), data),
        };
        response(StatusCode::OK, self.headers(binding, metadata, media), bytes)
    }

    fn headers(&self, binding: &Binding, metadata: MetadataMap, media: HeaderValue) -> HeaderMap {
        let mut headers = HeaderMap::new();
        self.edge.backward(&metadata.into_headers(), &mut headers);
        self.edge.decorate(binding, &mut headers);
        headers.insert(CONTENT_TYPE, media);
        headers
    }

    fn refuse(&self, problem: &Problem) -> Response<ReplyBody> {
        let Rendered { status, mut headers, body } = self.edge.render(problem);
        if let Problem::Method(methods) = problem {
            let mut names: Vec<&str> = methods.iter().map(Method::as_str).collect();
            if names.contains(&"GET") && !names.contains(&"HEAD") {
                names.push("HEAD");
            }
            if let Ok(value) = HeaderValue::try_from(names.join(", ")) {
                headers.insert(ALLOW, value);
            }
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response(status, headers, body)
    }
}

/// Waits for an answer until the deadline. The layers below keep the same time and may be the first to notice
/// that it is up, as a cancelled call; the caller is told one thing either way.
async fn before<T>(
    deadline: Option<Instant>,
    answer: impl Future<Output = Result<T, Problem>>,
) -> Result<T, Problem> {
    let Some(deadline) = deadline else { return answer.await };
    match tokio::time::timeout_at(deadline, answer).await {
        Err(_) => Err(Problem::Deadline),
        Ok(Err(Problem::Status(status))) if stream::is_late(&status, deadline) => Err(Problem::Deadline),
        Ok(answered) => answered,
    }
}

fn media_type(content_type: String) -> HeaderValue {
    let media = HeaderValue::try_from(content_type).ok().filter(|media| !media.is_empty());
    media.unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

async fn ready<T: tonic::client::GrpcService<tonic::body::Body, Error: Into<tonic::codegen::StdError>>>(
    client: &mut tonic::client::Grpc<T>,
) -> Result<(), Problem> {
    let unavailable = |error: T::Error| {
        let error: tonic::codegen::StdError = error.into();
        Problem::Status(tonic::Status::unavailable(error.to_string()))
    };
    client.ready().await.map_err(unavailable)
}

fn response(status: StatusCode, headers: HeaderMap, body: Bytes) -> Response<ReplyBody> {
    let length = HeaderValue::from(body.len());
    let mut response = Response::new(Full::new(body).boxed_unsync());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response.headers_mut().insert(CONTENT_LENGTH, length);
    response
}
