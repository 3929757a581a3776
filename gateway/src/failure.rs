//! Errors in the envelope callers know.

use std::time::Duration;

use axum::response::{IntoResponse as _, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};
use proto::{ErrorCode, Failure, catalogue};
use runtime::Context;
use serde::Serialize;
use serde_json::{Map, Value, json};
use transcode::violation::Kind;
use transcode::{Problem, Rendered, Violation};

/// When to ask again for a service that could not be reached: restarts take about as long.
const RETRY_AFTER_OUTAGE: Duration = Duration::from_secs(1);

/// An error as callers read it, in the order they read it.
#[derive(Debug, Serialize)]
struct Envelope<'a> {
    success: bool,
    error: &'a str,
    error_code: i32,
    error_name: &'a str,
    details: Map<String, Value>,
    request_id: Option<String>,
}

/// Writes a failure.
pub(crate) fn render(failure: &Failure) -> Rendered {
    let entry = catalogue::entry(failure.code);
    let mut details: Map<String, Value> =
        failure.metadata.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))).collect();
    if !failure.violations.is_empty() {
        let violation = |v: &proto::Violation| json!({"field": v.field, "description": v.description});
        details.insert("violations".into(), failure.violations.iter().map(violation).collect());
    }
    let mut headers = HeaderMap::new();
    // What went wrong just now may be right the next moment.
    headers.insert(http::header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(delay) = failure.retry_after {
        let seconds = delay.as_secs().saturating_add(u64::from(delay.subsec_nanos() > 0)).max(1);
        details.insert("retry_after_seconds".into(), Value::from(seconds));
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    let body = Envelope {
        success: false,
        error: &failure.message,
        error_code: entry.code as i32,
        error_name: &entry.name,
        details,
        request_id: Context::current().map(|context| context.request_id),
    };
    Rendered {
        status: StatusCode::from_u16(entry.http).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        headers,
        body: serde_json::to_vec(&body).unwrap_or_default().into(),
    }
}

/// A failure of the gateway's own as an answer.
pub(crate) fn response(failure: &Failure) -> Response {
    let Rendered { status, headers, body } = render(failure);
    (status, headers, [(CONTENT_TYPE, "application/json")], body).into_response()
}

/// What a problem of the transcoder means to a caller. Faults of ours are logged here, once.
pub(crate) fn of(problem: &Problem) -> Failure {
    match problem {
        Problem::NoRoute => {
            Failure::new(ErrorCode::RouteNotFound, "there is no such route; /api/openapi.json lists them")
        }
        Problem::Method(methods) => {
            let names: Vec<_> = methods.iter().map(http::Method::as_str).collect();
            Failure::new(ErrorCode::MethodNotAllowed, format!("this route takes {}", names.join(", ")))
        }
        Problem::Invalid(violations) => invalid(violations),
        Problem::TooLarge(limit) => {
            Failure::new(ErrorCode::RequestTooLarge, format!("the request body is over {limit} bytes"))
        }
        Problem::MediaType(media) => {
            let media: String = media.chars().take(100).collect();
            Failure::new(
                ErrorCode::UnsupportedMediaType,
                format!("{media:?} is not read; send application/json"),
            )
        }
        Problem::BodyLost => Failure::new(ErrorCode::InvalidInput, "the request body broke off"),
        Problem::Deadline => Failure::new(ErrorCode::ApiTimeout, "the answer did not come in time"),
        Problem::NoBackend(service) => {
            tracing::error!(service, "a route leads to a service this gateway has no address for");
            Failure::new(ErrorCode::InternalServerError, "an internal error occurred")
        }
        Problem::Unreadable(error) => {
            tracing::error!(%error, "a service's answer cannot be transcoded");
            Failure::new(ErrorCode::TransformationError, "the answer could not be written as JSON")
        }
        Problem::Status(status) => of_status(status),
    }
}

/// What a service, or the way to it, answered.
fn of_status(status: &tonic::Status) -> Failure {
    // A status with a source was made by our own client from a transport error: whatever class that error
    // was given, the service did not say it.
    if std::error::Error::source(status).is_some() {
        tracing::warn!(cause = status.message(), "a service could not be reached");
        let failure = Failure::new(ErrorCode::ServiceUnavailable, "the service is not available right now");
        return failure.retry_after(RETRY_AFTER_OUTAGE);
    }
    let failure = Failure::from_status(status);
    if failure.code == ErrorCode::InternalServerError && !status.message().is_empty() {
        // Services log their own faults under the request id; this one may come from a library below them.
        tracing::warn!(cause = status.message(), code = ?status.code(), "a service failed");
    }
    failure
}

fn invalid(violations: &[Violation]) -> Failure {
    // The first one decides the code; all of them are listed.
    let code = match violations.first().map(|v| v.kind) {
        Some(Kind::Type) => ErrorCode::InvalidParameterType,
        _ => ErrorCode::InvalidInput,
    };
    let text = |v: &Violation| match v.field.as_str() {
        "" => v.description.clone(),
        field => format!("{field}: {}", v.description),
    };
    let mut failure = Failure::new(code, violations.iter().map(text).collect::<Vec<_>>().join("; "));
    failure.violations = violations
        .iter()
        .map(|v| proto::Violation { field: v.field.clone(), description: v.description.clone() })
        .collect();
    failure
}
