//! What the contract's options say of each route, read once.

use std::collections::HashMap;
use std::time::Duration;

use http::HeaderValue;
use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor, Value};
use transcode::Binding;

use crate::keep::Lifetime;

/// Options of every RPC and service.
#[derive(Debug)]
pub(crate) struct Options {
    routes: HashMap<String, Route>,
    enveloped: HashMap<String, bool>,
}

/// Options of one RPC.
#[derive(Debug)]
pub(crate) struct Route {
    /// How long an answer may be kept.
    pub(crate) cache_control: HeaderValue,
    /// How long an answer is kept that is the same for everybody.
    pub(crate) shared: Option<Lifetime>,
    /// Scope a caller must hold, if any.
    pub(crate) scope: Option<String>,
    /// Tokens of a caller's rate limit that a request takes.
    pub(crate) cost: u32,
    /// Heading in the documentation, if any.
    pub(crate) tag: Option<String>,
    /// A call that succeeds, as a query string; empty if the contract gives none.
    pub(crate) example: String,
}

impl Options {
    pub(crate) fn read(pool: &DescriptorPool) -> Self {
        let mut options = Self { routes: HashMap::new(), enveloped: HashMap::new() };
        for service in pool.services() {
            let envelope = option(pool, "bouvetradar.http.v1.envelope", &service.options());
            let envelope = envelope.and_then(|value| value.as_bool()).unwrap_or_default();
            options.enveloped.insert(service.full_name().to_owned(), envelope);
            for rpc in service.methods() {
                options.routes.insert(rpc.full_name().to_owned(), route(pool, &rpc));
            }
        }
        options
    }

    pub(crate) fn route(&self, binding: &Binding) -> Option<&Route> {
        self.routes.get(binding.rpc.full_name())
    }

    pub(crate) fn is_enveloped(&self, binding: &Binding) -> bool {
        self.enveloped.get(binding.rpc.parent_service().full_name()).copied().unwrap_or_default()
    }
}

/// An option of the contract, if it is set.
pub(crate) fn option(pool: &DescriptorPool, name: &str, options: &DynamicMessage) -> Option<Value> {
    let extension = pool.get_extension_by_name(name)?;
    options.has_extension(&extension).then(|| options.get_extension(&extension).into_owned())
}

fn route(pool: &DescriptorPool, rpc: &MethodDescriptor) -> Route {
    let route = option(pool, "bouvetradar.http.v1.route", &rpc.options());
    let member = |name: &str| {
        let route = route.as_ref()?.as_message()?;
        route
            .has_field_by_name(name)
            .then(|| route.get_field_by_name(name))?
            .map(std::borrow::Cow::into_owned)
    };
    let text = |name: &str| member(name).and_then(|value| value.as_str().map(str::to_owned));
    let cache = member("cache");
    Route {
        cache_control: cache.as_ref().and_then(Value::as_message).map_or(NO_STORE, cache_control),
        shared: cache.as_ref().and_then(Value::as_message).and_then(shared),
        scope: text("scope"),
        cost: member("cost")
            .and_then(|v| v.as_i32())
            .and_then(|cost| u32::try_from(cost).ok())
            .map_or(1, |cost| cost.max(1)),
        tag: text("tag"),
        example: text("example").unwrap_or_default(),
    }
}

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

fn cache_control(cache: &DynamicMessage) -> HeaderValue {
    let scope = if is_shared(cache) { "public" } else { "private" };
    let stale = match seconds(cache, "stale_while_revalidate_seconds") {
        0 => String::new(),
        stale => format!(", stale-while-revalidate={stale}"),
    };
    let text = format!("{scope}, max-age={}{stale}", seconds(cache, "max_age_seconds"));
    HeaderValue::try_from(text).unwrap_or(NO_STORE)
}

fn shared(cache: &DynamicMessage) -> Option<Lifetime> {
    let lasting = |name| Duration::from_secs(seconds(cache, name));
    let lifetime =
        Lifetime { fresh: lasting("max_age_seconds"), stale: lasting("stale_while_revalidate_seconds") };
    (is_shared(cache) && !lifetime.fresh.is_zero()).then_some(lifetime)
}

fn seconds(cache: &DynamicMessage, name: &str) -> u64 {
    let value = cache.get_field_by_name(name).and_then(|value| value.as_i32()).unwrap_or_default();
    u64::try_from(value).unwrap_or_default()
}

fn is_shared(cache: &DynamicMessage) -> bool {
    cache.get_field_by_name("shared").and_then(|value| value.as_bool()).unwrap_or_default()
}
