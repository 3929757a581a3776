//! What a caller is told of a problem, and what the log is.

use std::time::Duration;

use proto::{ErrorCode, Failure};
use tonic::Status;

use crate::error::Problem;
use crate::store;

/// How long a caller waits before the store is asked again.
const STORE_PAUSE: Duration = Duration::from_secs(5);

impl From<Problem> for Status {
    fn from(problem: Problem) -> Self {
        problem.log();
        failure(problem).into()
    }
}

impl Problem {
    /// Logs faults that are not the caller's, once, with their causes.
    pub(crate) fn log(&self) {
        use crate::upstream::Error::{Failed, Refused};
        match self {
            Self::Doffin(Failed { what, detail }) => tracing::warn!(what, detail, "doffin failed"),
            Self::Doffin(Refused { status, detail }) => {
                tracing::error!(status, detail, "doffin does not take what we send");
            }
            Self::Doffin(other) => tracing::error!(error = %other, "doffin answered unexpectedly"),
            Self::Throttled { retry_after } => {
                let retry_after_s = retry_after.as_secs_f64();
                tracing::warn!(retry_after_s, "doffin may not be asked yet");
            }
            Self::Timeout => tracing::warn!("doffin did not answer in time"),
            Self::CodesUnavailable(cause) => tracing::warn!(cause, "place names cannot be looked up"),
            Self::Store(error) => tracing::error!(%error, "the store failed"),
            Self::Index(error) => tracing::error!(error, "the search index failed"),
            Self::Broken(error) => tracing::error!(error, "something is broken"),
            // The client logs a refused key when it is first refused; the others are the caller's.
            Self::KeyRefused
            | Self::Invalid(_)
            | Self::NoticeNotListed(_)
            | Self::NoDocument(_)
            | Self::NoOrganization(_)
            | Self::NoKey
            | Self::Stopping => {}
        }
    }
}

/// What the caller is told; causes stay here.
fn failure(problem: Problem) -> Failure {
    match problem {
        Problem::Invalid(invalid) => {
            let code =
                if invalid.wrong_type { ErrorCode::InvalidParameterType } else { ErrorCode::InvalidInput };
            let failure = Failure::field(code, invalid.field, invalid.problem);
            match invalid.fact {
                Some((key, value)) => failure.with(key, value),
                None => failure,
            }
        }
        Problem::NoticeNotListed(id) => {
            let message = format!("Doffin does not list notice {id}");
            Failure::new(ErrorCode::NoticeNotFound, message).with("id", id.as_str())
        }
        Problem::NoDocument(id) => {
            let message = format!("Doffin has no document of notice {id}, or it is not out yet");
            Failure::new(ErrorCode::NoticeNotFound, message).with("id", id.as_str())
        }
        Problem::NoOrganization(number) => {
            let message = format!("no notice names organisation {}", number.as_str());
            Failure::new(ErrorCode::OrganizationNotFound, message).with("number", number.as_str())
        }
        Problem::Store(error) => of_store(&error),
        Problem::Index(_) => {
            Failure::new(ErrorCode::ServiceUnavailable, "the mirror cannot be searched right now")
                .retry_after(STORE_PAUSE)
        }
        Problem::Broken(_) => Failure::new(ErrorCode::InternalServerError, "an internal error occurred"),
        Problem::Stopping => {
            Failure::new(ErrorCode::ServiceUnavailable, "this server is stopping; go on with another")
                .retry_after(Duration::from_secs(1))
        }
        of_doffin => of_doffins(of_doffin),
    }
}

fn of_store(error: &store::Error) -> Failure {
    match error {
        store::Error::Broken(_) | store::Error::Newer { .. } => {
            Failure::new(ErrorCode::DatabaseError, "the mirror's store failed")
        }
        store::Error::Unavailable(_) | store::Error::Full(_) | store::Error::Deposed => {
            Failure::new(ErrorCode::ServiceUnavailable, "the mirror's store is not available right now")
                .retry_after(STORE_PAUSE)
        }
    }
}

fn of_doffins(problem: Problem) -> Failure {
    match problem {
        Problem::Throttled { retry_after } => {
            let wait = Duration::from_secs(retry_after.as_secs() + 1);
            let message =
                format!("Doffin limits how often it may be asked; try again in {} seconds", wait.as_secs());
            Failure::new(ErrorCode::DoffinApiError, message).retry_after(wait)
        }
        Problem::Timeout => Failure::new(ErrorCode::ApiTimeout, "Doffin did not answer in time"),
        Problem::Doffin(error) => {
            Failure::new(ErrorCode::DoffinApiError, format!("Doffin could not answer: {error}"))
        }
        Problem::KeyRefused => Failure::new(
            ErrorCode::DoffinApiError,
            "Doffin refused our key; whoever runs this server has to give it a valid one",
        ),
        Problem::NoKey => Failure::new(
            ErrorCode::DoffinApiError,
            "this server has no key for Doffin; leave source=LIVE out to ask its mirror",
        ),
        _ => Failure::new(
            ErrorCode::ServiceUnavailable,
            "place names cannot be looked up right now; NUTS codes can be searched for meanwhile",
        ),
    }
}
