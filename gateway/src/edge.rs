//! What the contract's options mean at the edge.

use std::borrow::Cow;
use std::collections::HashMap;

use http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, CACHE_CONTROL};
use http::{HeaderMap, HeaderName, HeaderValue};
use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor, Value};
use runtime::client::Connected;
use transcode::{Binding, Problem, Rendered};

use crate::backends::Backends;
use crate::failure;

/// Request headers that go along to services. The trace and the request id are added by the channel, from the
/// request's own context, so that a caller's broken ones do not travel.
const FORWARDED: [HeaderName; 2] = [AUTHORIZATION, ACCEPT_LANGUAGE];

/// The gateway's side of the transcoder.
#[derive(Debug)]
pub(crate) struct Edge {
    backends: Backends,
    cache_control: HashMap<String, HeaderValue>,
    enveloped: HashMap<String, bool>,
}

impl Edge {
    pub(crate) fn new(pool: &DescriptorPool, backends: Backends) -> Self {
        let mut edge = Self { backends, cache_control: HashMap::new(), enveloped: HashMap::new() };
        for service in pool.services() {
            let envelope = option(pool, "bouvetradar.http.v1.envelope", &service.options());
            let envelope = envelope.and_then(|value| value.as_bool()).unwrap_or_default();
            edge.enveloped.insert(service.full_name().to_owned(), envelope);
            for rpc in service.methods() {
                edge.cache_control.insert(rpc.full_name().to_owned(), cache_control(pool, &rpc));
            }
        }
        edge
    }
}

fn option(pool: &DescriptorPool, name: &str, options: &DynamicMessage) -> Option<Value> {
    let extension = pool.get_extension_by_name(name)?;
    options.has_extension(&extension).then(|| options.get_extension(&extension).into_owned())
}

fn cache_control(pool: &DescriptorPool, rpc: &MethodDescriptor) -> HeaderValue {
    let route = option(pool, "bouvetradar.http.v1.route", &rpc.options());
    let cache = route.as_ref().and_then(Value::as_message).and_then(|route| {
        route
            .has_field_by_name("cache")
            .then(|| route.get_field_by_name("cache").map(Cow::into_owned))
            .flatten()
    });
    let Some(Value::Message(cache)) = cache else { return HeaderValue::from_static("no-store") };
    let seconds = |name: &str| cache.get_field_by_name(name).and_then(|v| v.as_i32()).unwrap_or_default();
    let shared = cache.get_field_by_name("shared").and_then(|v| v.as_bool()).unwrap_or_default();
    let scope = if shared { "public" } else { "private" };
    let stale = match seconds("stale_while_revalidate_seconds") {
        0 => String::new(),
        stale => format!(", stale-while-revalidate={stale}"),
    };
    let text = format!("{scope}, max-age={}{stale}", seconds("max_age_seconds"));
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("no-store"))
}

impl transcode::Edge for Edge {
    type Channel = Connected;

    fn channel(&self, service: &str) -> Option<Connected> {
        self.backends.channel(service)
    }

    fn render(&self, problem: &Problem) -> Rendered {
        failure::render(&failure::of(problem))
    }

    fn forward(&self, headers: &HeaderMap, metadata: &mut HeaderMap) {
        for name in FORWARDED {
            if let Some(value) = headers.get(&name) {
                metadata.insert(name, value.clone());
            }
        }
    }

    fn decorate(&self, binding: &Binding, headers: &mut HeaderMap) {
        if let Some(value) = self.cache_control.get(binding.rpc.full_name()) {
            headers.insert(CACHE_CONTROL, value.clone());
        }
    }

    fn envelope(&self, binding: &Binding) -> Option<&'static str> {
        let enveloped = self.enveloped.get(binding.rpc.parent_service().full_name()).copied();
        enveloped.unwrap_or_default().then_some("\"success\":true")
    }
}
