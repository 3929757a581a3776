//! A request on its way to its service, and what comes back.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use tonic::metadata::MetadataMap;

use crate::stream::Format;
use crate::table::Binding;

/// A request that was read and found valid: what is to be called, and with what.
#[derive(Debug, Clone)]
pub struct Call {
    /// The route it came by.
    pub binding: Arc<Binding>,
    /// The request message on the wire. Equal requests are equal here, however their parameters were ordered.
    pub message: Bytes,
    /// What goes along.
    pub metadata: HeaderMap,
    /// How long the caller waits, if it says so.
    pub timeout: Option<Duration>,
    pub(crate) format: Format,
    pub(crate) head: bool,
}

impl Call {
    /// Whether the answer is a stream.
    pub fn is_streaming(&self) -> bool {
        self.binding.rpc.is_server_streaming()
    }

    pub(crate) fn request(&self) -> tonic::Request<Bytes> {
        let mut request = tonic::Request::new(self.message.clone());
        *request.metadata_mut() = MetadataMap::from_headers(self.metadata.clone());
        request
    }
}

/// A whole good answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Headers of the reply.
    pub headers: HeaderMap,
    /// Body of the reply.
    pub body: Bytes,
}
