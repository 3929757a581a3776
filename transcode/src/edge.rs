//! What the program around the transcoder decides.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use tonic::client::GrpcService;
use tonic::codegen::{Body as HttpBody, StdError};

use crate::reply::Unreadable;
use crate::table::Binding;
use crate::violation::Violation;

/// What the program around the transcoder decides: where services are, how errors look, what goes along.
pub trait Edge: Send + Sync + 'static {
    /// How a service is called.
    type Channel: GrpcService<
            tonic::body::Body,
            Future: Send,
            Error: Into<StdError> + Send,
            ResponseBody: HttpBody<Data = Bytes, Error: Into<StdError> + Send> + Send + 'static,
        > + Clone
        + Send
        + Sync;

    /// The channel to a service, by its full name. `None`: this program does not know where it is.
    fn channel(&self, service: &str) -> Option<Self::Channel>;

    /// Whether a unary call that ended like this is made again; `attempt` counts from 0. Never, unless an edge says
    /// otherwise.
    fn again(&self, binding: &Binding, status: &tonic::Status, attempt: u32) -> bool {
        let _ = (binding, status, attempt);
        false
    }

    /// What a failed request is answered with.
    fn render(&self, problem: &Problem) -> Rendered;

    /// Headers of the HTTP request that go along as metadata.
    fn forward(&self, headers: &HeaderMap, metadata: &mut HeaderMap);

    /// Metadata of the service's answer that goes back as headers. Nothing, unless an edge says otherwise.
    fn backward(&self, metadata: &HeaderMap, headers: &mut HeaderMap) {
        let _ = (metadata, headers);
    }

    /// Adds headers to a good reply, such as how long it may be cached.
    fn decorate(&self, binding: &Binding, headers: &mut HeaderMap);

    /// Adds headers that depend on the body to a good reply that is no stream, such as its `ETag`. Nothing, unless an
    /// edge says otherwise.
    fn decorate_whole(&self, body: &Bytes, headers: &mut HeaderMap) {
        let _ = (body, headers);
    }

    /// Members put before those of a JSON object reply, such as `"success":true`, without braces.
    fn envelope(&self, binding: &Binding) -> Option<&'static str>;
}

/// Why a request has no good reply.
#[derive(Debug)]
pub enum Problem {
    /// No route has this path.
    NoRoute,
    /// Routes have this path, but with other methods.
    Method(Vec<Method>),
    /// The request does not fit the route.
    Invalid(Vec<Violation>),
    /// The body is longer than this many bytes.
    TooLarge(usize),
    /// The body is of this media type, which is not read.
    MediaType(String),
    /// The caller's connection broke while the body was read.
    BodyLost,
    /// The program does not know where the service is.
    NoBackend(String),
    /// The service answered an error, or could not be reached.
    Status(tonic::Status),
    /// The deadline passed.
    Deadline,
    /// The service's answer cannot be transcoded.
    Unreadable(Unreadable),
}

/// An error as it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// HTTP status.
    pub status: StatusCode,
    /// Extra headers.
    pub headers: HeaderMap,
    /// JSON body.
    pub body: Bytes,
}
