//! Logs and traces of a process.

mod json;

use std::io::{self, IsTerminal as _};
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use http::{HeaderMap, HeaderValue};
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator as _};
use opentelemetry::trace::{TraceContextExt as _, TracerProvider as _};
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Span;
use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer, Registry};

use crate::Context;
use crate::config::{Error, LogFormat, Process};

/// How many daily log files are kept.
const LOG_FILES_KEPT: usize = 14;

/// How many lines wait for the one that is being written.
const LINES: usize = 8192;

/// Libraries that are only heard from WARN up, because below it they describe their own insides.
const QUIET: [&str; 9] = [
    "h2",
    "hyper",
    "hyper_util",
    "opentelemetry",
    "opentelemetry_sdk",
    "reqwest",
    "rustls",
    "tonic",
    "tower",
];

/// Libraries that are only heard at ERROR, because they warn of everyday business: merges that a commit overtakes.
const SILENT: [&str; 1] = ["tantivy"];

/// Keeps logs and traces flowing; dropping it flushes them.
#[derive(Debug)]
pub struct Guard {
    _stdout: WorkerGuard,
    _file: Option<WorkerGuard>,
    traces: Option<SdkTracerProvider>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.traces.as_ref().map(SdkTracerProvider::shutdown) {
            tracing::warn!(%error, "traces could not be flushed");
        }
    }
}

/// Starts logs and traces of a process, logs to standard output. Call once, inside a tokio runtime.
pub fn start(service: &'static str, process: &Process) -> Result<Guard, Error> {
    start_through(service, process, io::stdout())
}

/// The same, with logs to standard output through something that makes way for them.
pub fn start_through(
    service: &'static str,
    process: &Process,
    stdout: impl io::Write + Send + 'static,
) -> Result<Guard, Error> {
    let level = process.log_level.0;
    let traces = provider(service, process.otlp_endpoint.as_deref())?;
    // What is logged while a line is being written goes out with the next: a write for each line was a twentieth of what
    // a small request costs. When nobody reads them, those who log wait; no line is dropped.
    let (writer, flushing) = NonBlockingBuilder::default()
        .lossy(false)
        .buffered_lines_limit(LINES)
        .finish(io::BufWriter::new(stdout));
    let mut layers = vec![lines(process.log_format, level, writer)];
    if let Some(traces) = &traces {
        let spans = tracing_opentelemetry::layer().with_tracer(traces.tracer("bouvetradar"));
        // Spans carry the trace from process to process, whatever is logged.
        layers.push(spans.with_filter(targets(level.max(LevelFilter::INFO))).boxed());
        EXPORTING.store(true, Relaxed);
    }
    let mut file = None;
    if let Some(dir) = &process.log_dir {
        std::fs::create_dir_all(dir)
            .map_err(|error| Error::new("LOG_DIR", format!("{}: {error}", dir.display())))?;
        let appender = RollingFileAppender::builder()
            .rotation(Rotation::DAILY)
            .filename_prefix(service)
            .filename_suffix("log")
            .max_log_files(LOG_FILES_KEPT)
            .build(dir)
            .map_err(|error| Error::new("LOG_DIR", format!("{}: {error}", dir.display())))?;
        let (writer, guard) = tracing_appender::non_blocking(appender);
        layers.push(lines(LogFormat::Json, level, writer));
        file = Some(guard);
    }
    tracing_subscriber::registry().with(layers).try_init().map_err(|error| Error::new("logging", error))?;
    Ok(Guard { _stdout: flushing, _file: file, traces })
}

fn targets(level: LevelFilter) -> Targets {
    let (quiet, silent) = (level.min(LevelFilter::WARN), level.min(LevelFilter::ERROR));
    let quiet = QUIET.map(|target| (target, quiet)).into_iter();
    Targets::new().with_default(level).with_targets(quiet.chain(SILENT.map(|target| (target, silent))))
}

type Lines = Box<dyn Layer<Registry> + Send + Sync>;

fn lines<W>(format: LogFormat, level: LevelFilter, writer: W) -> Lines
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let text = match format {
        LogFormat::Text => true,
        LogFormat::Json => false,
        LogFormat::Auto => io::stdout().is_terminal(),
    };
    if text {
        fmt::layer()
            .with_writer(writer)
            .with_ansi(io::stdout().is_terminal())
            .with_target(false)
            .with_filter(targets(level))
            .boxed()
    } else {
        let json = fmt::layer().fmt_fields(json::Members).event_format(json::Line).with_writer(writer);
        json.with_filter(targets(level)).boxed()
    }
}

/// What exports traces, if there is somewhere to export them to.
fn provider(service: &'static str, endpoint: Option<&str>) -> Result<Option<SdkTracerProvider>, Error> {
    let Some(endpoint) = endpoint.filter(|endpoint| !endpoint.is_empty()) else { return Ok(None) };
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .build()
        .map_err(|error| Error::new("OTEL_EXPORTER_OTLP_ENDPOINT", error))?;
    let resource = Resource::builder().with_service_name(service).build();
    Ok(Some(SdkTracerProvider::builder().with_resource(resource).with_batch_exporter(exporter).build()))
}

/// Reads and writes W3C trace headers.
static W3C: LazyLock<TraceContextPropagator> = LazyLock::new(TraceContextPropagator::new);

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|value| value.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(http::HeaderName::as_str).collect()
    }
}

/// Makes a span part of the trace that W3C `traceparent` headers name, and records the trace id of one that begins
/// here, if the span has a field for it.
pub fn continue_trace(span: &Span, context: &Context, headers: &HeaderMap) {
    if !is_exporting() {
        return;
    }
    if context.trace.is_some() {
        // Fails only where no trace layer listens, and then there is nothing to continue.
        let _ = span.set_parent(W3C.extract(&Headers(headers)));
        return;
    }
    let trace_id = span.context().span().span_context().trace_id();
    if trace_id != opentelemetry::trace::TraceId::INVALID {
        span.record("trace_id", tracing::field::display(trace_id));
    }
}

struct Inject<F>(F);

impl<F: FnMut(&'static str, HeaderValue)> Injector for Inject<F> {
    fn set(&mut self, key: &str, value: String) {
        let key = ["traceparent", "tracestate"].into_iter().find(|known| *known == key);
        if let (Some(key), Ok(value)) = (key, HeaderValue::try_from(value)) {
            (self.0)(key, value);
        }
    }
}

/// Hands the W3C trace headers of what goes on to `set`: the current span's where traces are exported, otherwise those
/// the caller gave, so that a trace is not broken by a process that tells nobody of its own part.
pub fn inject_trace(context: Option<&Context>, mut set: impl FnMut(&'static str, HeaderValue)) {
    if is_exporting() {
        W3C.inject_context(&Span::current().context(), &mut Inject(set));
    } else if let Some(trace) = context.and_then(|context| context.trace.as_ref()) {
        set("traceparent", trace.parent.clone());
        if let Some(state) = &trace.state {
            set("tracestate", state.clone());
        }
    }
}

/// Whether traces are exported.
static EXPORTING: AtomicBool = AtomicBool::new(false);

fn is_exporting() -> bool {
    EXPORTING.load(Relaxed)
}
