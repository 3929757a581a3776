//! A gRPC channel over all addresses of a service.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body::{Body as HttpBody, Frame, SizeHint};
use pin_project_lite::pin_project;
use tonic::body::Body;
use tonic::codegen::StdError;
use tower::Service;

use super::channel::Incoming;
use super::member::Call;
use super::pool::Pool;
use super::{chain, is_late};

/// No server of the service can be called: none is known, or calls to all of them have failed of late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no server of the service can be called")]
pub struct Nowhere;

/// A channel whose calls go to the less busy of two servers that serve.
#[derive(Debug, Clone)]
pub struct Balanced(pub(super) Arc<Pool>);

impl Service<http::Request<Body>> for Balanced {
    type Response = http::Response<Answer>;
    type Error = StdError;
    type Future = BoxFuture<'static, Result<Self::Response, StdError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), StdError>> {
        // Which server is asked is decided by the call.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let pool = self.0.clone();
        Box::pin(async move {
            let member = pool.choose().await.ok_or(Nowhere)?;
            let call = member.enter();
            match member.channel.call(request).await {
                Ok(response) => {
                    member.succeeded();
                    Ok(response.map(|body| Answer { body, call }))
                }
                Err(error) => {
                    // Callers choose their deadlines, and must not be able to have servers left out.
                    if !chain(&*error).any(is_late) && member.failed(Instant::now()) {
                        pool.ejected(&member);
                    }
                    Err(error)
                }
            }
        })
    }
}

pin_project! {
    /// The body of an answer; the server counts as busy with it until it ends.
    #[derive(Debug)]
    pub struct Answer {
        #[pin]
        body: Incoming,
        call: Call,
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = h2::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, h2::Error>>> {
        Poll::Ready(ready!(self.project().body.poll_frame(cx)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
