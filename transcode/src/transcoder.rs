//! One HTTP request from route to reply.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _};
use http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, VARY};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Empty, Full, Limited};
use tokio::time::Instant;
use tonic::metadata::MetadataMap;

use crate::call::{Answer, Call};
use crate::codec::Raw;
use crate::cursor::{self, Cursor};
use crate::edge::{Edge, Problem, Rendered};
use crate::matcher::Found;
use crate::reply::Reply;
use crate::stream::{self, Format};
use crate::table::{Binding, Body, Table};
use crate::{ReplyBody, deadline};

/// By how much services are told less time than there is.
pub(crate) const MARGIN: Duration = Duration::from_millis(50);

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
        match self.prepare(request).await {
            Ok(call) => self.perform(&call).await,
            Err(refused) => refused,
        }
    }

    /// Reads one request as far as the call it asks for; or refuses it.
    pub async fn prepare<B>(&self, request: Request<B>) -> Result<Call, Response<ReplyBody>>
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
        let problem = match found {
            Found::Route(binding) => {
                let binding = binding.clone();
                return self
                    .read(&binding, head, request)
                    .await
                    .map_err(|problem| finish(&binding, head, self.refuse(&problem)));
            }
            Found::Methods(methods) => Problem::Method(methods),
            Found::Nothing => Problem::NoRoute,
        };
        Err(without_body(head, self.refuse(&problem)))
    }

    /// Makes a call and answers its caller.
    pub async fn perform(&self, call: &Call) -> Response<ReplyBody> {
        if !call.is_streaming() {
            let timeout =
                call.timeout.map_or(self.settings.timeout, |asked| asked.min(self.settings.timeout));
            return match self.unary(call, timeout).await {
                Ok(answer) => self.reply(call, answer),
                Err(problem) => self.refusal(call, &problem),
            };
        }
        let deadline = call.timeout.map(|asked| Instant::now() + asked);
        let answered = before(deadline, self.stream(call, deadline)).await;
        finish(&call.binding, call.head, answered.unwrap_or_else(|problem| self.refuse(&problem)))
    }

    /// Makes a unary call, which ends after `timeout`.
    pub async fn unary(&self, call: &Call, timeout: Duration) -> Result<Answer, Problem> {
        let deadline = Instant::now() + timeout;
        before(Some(deadline), async {
            let mut client = self.client(call)?;
            // First the same for all, which HTTP/2 then writes short.
            let (mut attempt, mut time) = (0, told(timeout));
            loop {
                match self.attempt(&mut client, call, time).await {
                    Err(Problem::Status(status)) if self.edge.again(&call.binding, &status, attempt) => {}
                    ended => return ended,
                }
                attempt += 1;
                time = told(deadline.saturating_duration_since(Instant::now()));
            }
        })
        .await
    }

    /// The answer of a unary call as its caller's reply.
    pub fn reply(&self, call: &Call, answer: Answer) -> Response<ReplyBody> {
        finish(&call.binding, call.head, response(StatusCode::OK, answer.headers, answer.body))
    }

    /// A problem with a call as its caller's reply.
    pub fn refusal(&self, call: &Call, problem: &Problem) -> Response<ReplyBody> {
        finish(&call.binding, call.head, self.refuse(problem))
    }

    async fn read<B>(&self, binding: &Arc<Binding>, head: bool, request: Request<B>) -> Result<Call, Problem>
    where
        B: http_body::Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send,
    {
        let (parts, body) = request.into_parts();
        let timeout = deadline::of(&parts.headers).map_err(|v| Problem::Invalid(vec![v]))?;
        let body = self.read_body(binding, &parts.headers, body).await?;
        let resumed = self.resumed(binding, &parts);
        let query = resumed.as_deref().or(parts.uri.query());
        let message = binding
            .request(parts.uri.path(), query, &body, &self.settings.ignored_parameters)
            .map_err(Problem::Invalid)?;
        let mut metadata = HeaderMap::new();
        self.edge.forward(&parts.headers, &mut metadata);
        let format = Format::asked_by(&parts.headers);
        Ok(Call { binding: binding.clone(), message, metadata, timeout, format, head })
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

    async fn attempt(
        &self,
        client: &mut tonic::client::Grpc<E::Channel>,
        call: &Call,
        time: Duration,
    ) -> Result<Answer, Problem> {
        ready(client).await?;
        let path = call.binding.rpc_path.clone();
        let mut request = call.request();
        request.set_timeout(time);
        // Boxed: the state of a call is large, and the caller's stack holds it through every middleware.
        let answer = client.unary(request, path, Raw).boxed().await.map_err(Problem::Status)?;
        let (metadata, wire, _) = answer.into_parts();
        let members = self.edge.envelope(&call.binding).unwrap_or_default();
        let reply = call.binding.reply_with(wire, members).map_err(Problem::Unreadable)?;
        let json = HeaderValue::from_static("application/json");
        let (media, body) = match reply {
            Reply::Object(value) | Reply::Json(value) => (json, value.into()),
            Reply::Body { content_type, data } => (media_type(content_type), data),
        };
        let mut headers = self.headers(&call.binding, metadata, media);
        self.edge.decorate_whole(&body, &mut headers);
        Ok(Answer { headers, body })
    }

    async fn stream(&self, call: &Call, deadline: Option<Instant>) -> Result<Response<ReplyBody>, Problem> {
        let binding = &call.binding;
        let mut client = self.client(call)?;
        let mut attempt = 0;
        // Until it has begun nobody has been told anything, and it may begin elsewhere.
        let answer = loop {
            ready(&mut client).await?;
            let mut request = call.request();
            if let Some(deadline) = deadline {
                request.set_timeout(told(deadline.saturating_duration_since(Instant::now())));
            }
            let path = binding.rpc_path.clone();
            match client.server_streaming(request, path, Raw).boxed().await {
                Ok(answer) => break answer,
                Err(status) if self.edge.again(binding, &status, attempt) => attempt += 1,
                Err(status) => return Err(Problem::Status(status)),
            }
        };
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
            (call.format, HeaderValue::from_static(call.format.media_type()))
        };
        let mut headers = self.headers(binding, metadata, media);
        if !binding.is_passed_through() {
            headers.append(VARY, HeaderValue::from_static("accept"));
        }
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

    fn client(&self, call: &Call) -> Result<tonic::client::Grpc<E::Channel>, Problem> {
        let service = call.binding.rpc.parent_service();
        let channel = self.edge.channel(service.full_name());
        let channel = channel.ok_or_else(|| Problem::NoBackend(service.full_name().to_owned()))?;
        Ok(tonic::client::Grpc::new(channel).max_decoding_message_size(self.settings.max_reply))
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

/// An answer with the route it came by; to HEAD without its body.
fn finish(binding: &Arc<Binding>, head: bool, mut response: Response<ReplyBody>) -> Response<ReplyBody> {
    response.extensions_mut().insert(Matched(binding.clone()));
    without_body(head, response)
}

fn without_body(head: bool, mut response: Response<ReplyBody>) -> Response<ReplyBody> {
    if head {
        *response.body_mut() = Empty::new().boxed_unsync();
    }
    response
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

/// How much of the time that is left a service is told, so that what it says when that is up still comes in time.
fn told(left: Duration) -> Duration {
    left.saturating_sub(MARGIN.min(left / 10))
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
