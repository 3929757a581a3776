//! An error as callers see it, and its form on the wire.

use std::collections::HashMap;
use std::time::Duration;

use tonic::Status;
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::catalogue::{self, Entry};
use crate::{ERROR_DOMAIN, ErrorCode};

/// An error as callers see it: a reason of the catalogue, a sentence, and what helps to act on it.
///
/// On the wire it is `google.rpc.Status` with `ErrorInfo`, `BadRequest` and `RetryInfo`; both directions
/// keep everything. It never holds a cause: causes are logged where they occur.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The reason.
    pub code: ErrorCode,
    /// One sentence for a person, without addresses or internals.
    pub message: String,
    /// Fields that are wrong, if the request is at fault.
    pub violations: Vec<Violation>,
    /// When it is worth trying again.
    pub retry_after: Option<Duration>,
    /// Facts for programs, such as the code that was not found. In order of their names.
    pub metadata: Vec<(String, String)>,
}

/// One field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Path of the field as the caller writes it, such as `hitsPerPage`.
    pub field: String,
    /// What is wrong with it, and what would be right.
    pub description: String,
}

impl Failure {
    /// An error with a reason and a sentence.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            violations: Vec::new(),
            retry_after: None,
            metadata: Vec::new(),
        }
    }

    /// A request whose `field` is wrong. The sentence names the field.
    pub fn field(code: ErrorCode, field: impl Into<String>, description: impl Into<String>) -> Self {
        let (field, description) = (field.into(), description.into());
        let mut failure = Self::new(code, format!("{field}: {description}"));
        failure.violations.push(Violation { field, description });
        failure
    }

    /// Says when it is worth trying again.
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.retry_after = Some(delay);
        self
    }

    /// Adds a fact for programs.
    pub fn with(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.push((key.into(), value.into()));
        self.metadata.sort();
        self
    }

    /// The catalogue's entry of the reason.
    pub fn entry(&self) -> &'static Entry {
        catalogue::entry(self.code)
    }

    /// Reads an error off the wire. One that carries no reason of ours keeps its gRPC class, and its text only
    /// if the class says that the request was at fault: other texts may name addresses.
    pub fn from_status(status: &Status) -> Self {
        let details = status.get_error_details();
        let info = details.error_info().filter(|info| info.domain == ERROR_DOMAIN);
        let known = info.and_then(|info| catalogue::by_name(&info.reason));
        let entry = known.unwrap_or_else(|| catalogue::for_grpc(status.code()));
        let trusted = known.is_some() || (400..500).contains(&entry.http);
        let message = if trusted && !status.message().is_empty() {
            status.message().to_owned()
        } else {
            generic_message(entry.code).to_owned()
        };
        let mut metadata: Vec<_> = info.map(|i| i.metadata.clone()).unwrap_or_default().into_iter().collect();
        metadata.sort();
        Self {
            code: entry.code,
            message,
            violations: details
                .bad_request()
                .map(|bad| {
                    let violation = |v: &tonic_types::FieldViolation| Violation {
                        field: v.field.clone(),
                        description: v.description.clone(),
                    };
                    bad.field_violations.iter().map(violation).collect()
                })
                .unwrap_or_default(),
            retry_after: details.retry_info().and_then(|retry| retry.retry_delay),
            metadata,
        }
    }
}

impl From<Failure> for Status {
    fn from(failure: Failure) -> Self {
        let entry = failure.entry();
        let metadata: HashMap<_, _> = failure.metadata.into_iter().collect();
        let mut details = ErrorDetails::with_error_info(&entry.name, ERROR_DOMAIN, metadata);
        for violation in failure.violations {
            details.add_bad_request_violation(violation.field, violation.description);
        }
        if let Some(delay) = failure.retry_after {
            details.set_retry_info(Some(delay));
        }
        Status::with_error_details(entry.grpc, failure.message, details)
    }
}

fn generic_message(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::ServiceUnavailable => "the service is not available right now",
        ErrorCode::ApiTimeout => "the answer did not come in time",
        ErrorCode::NotImplemented => "this server does not serve that",
        ErrorCode::Cancelled => "the call was cancelled",
        ErrorCode::ResourceNotFound => "not found",
        ErrorCode::InvalidInput => "the request is not valid",
        ErrorCode::RateLimited => "too many requests",
        _ => "an internal error occurred",
    }
}

#[cfg(test)]
mod tests {
    use tonic::Code;

    use super::*;

    fn full(code: ErrorCode) -> Failure {
        Failure::field(code, "hitsPerPage", "must be 1 to 1000")
            .retry_after(Duration::from_millis(1500))
            .with("code", "99999999")
            .with("asked", "ærlig")
    }

    #[test]
    fn every_reason_survives_the_wire_with_all_it_carries() {
        for entry in catalogue::entries() {
            let failure = full(entry.code);
            let status = Status::from(failure.clone());
            assert_eq!(status.code(), entry.grpc, "{}", entry.name);
            assert_eq!(Failure::from_status(&status), failure, "{}", entry.name);
        }
    }

    #[test]
    fn a_transport_error_does_not_carry_its_address_on() {
        let status = Status::unavailable("tcp connect error: 10.0.0.7:50052 refused");
        let failure = Failure::from_status(&status);
        assert_eq!(failure.code, ErrorCode::ServiceUnavailable);
        assert!(!failure.message.contains("10.0.0.7"), "{}", failure.message);
    }

    #[test]
    fn another_domain_s_reason_is_not_taken_for_ours() {
        let details = ErrorDetails::with_error_info("NOTICE_NOT_FOUND", "elsewhere", HashMap::new());
        let status = Status::with_error_details(Code::NotFound, "no such thing", details);
        assert_eq!(Failure::from_status(&status).code, ErrorCode::ResourceNotFound);
    }
}
