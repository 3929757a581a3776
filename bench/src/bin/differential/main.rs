//! Puts the same random requests to Envoy and to this transcoder, in front of one backend that answers what it is
//! asked, and compares what the backend was asked and what came back.
//!
//! Run by `bench/differential.py`, which starts Envoy. Requests are valid, over the routes of the transcoder's tests.
#![expect(clippy::print_stdout, reason = "says what it found")]

mod cases;
mod servers;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Parser;
use fastrand::Rng;
use prost_reflect::{DescriptorPool, DynamicMessage};
use protox::Compiler;
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver, IncludeFileResolver};
use serde_json::Value;
use transcode::{Found, Table};

use crate::cases::Case;
use crate::servers::{Backend, ask};

/// What to do.
#[derive(Debug, Parser)]
enum What {
    /// Writes the descriptor set that Envoy reads.
    Descriptors {
        /// Where to.
        file: PathBuf,
    },
    /// Compares.
    Compare {
        /// Where the backend listens, as Envoy was told.
        backend: SocketAddr,
        /// Where Envoy listens.
        envoy: SocketAddr,
        /// How many requests.
        #[arg(long, default_value_t = 2000)]
        count: usize,
        /// Where the randomness begins.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
}

/// The routes without those that choose a field of the reply, which Envoy does not start with.
struct Routes(String);

impl FileResolver for Routes {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        if name != "routes.proto" {
            return Err(protox::Error::file_not_found(name));
        }
        let (before, parts) = self.0.split_once("  rpc Parts(").unwrap_or((&self.0, ""));
        let after = parts.split_once("\n  }\n").map_or("", |(_, after)| after);
        File::from_source(name, &format!("{before}{after}"))
    }
}

fn descriptors() -> anyhow::Result<Vec<u8>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut resolver = ChainFileResolver::new();
    resolver.add(Routes(std::fs::read_to_string(here.join("../transcode/tests/protos/routes.proto"))?));
    resolver.add(IncludeFileResolver::new(here.join("../transcode/tests/protos")));
    resolver.add(IncludeFileResolver::new(here.join("../proto")));
    resolver.add(GoogleFileResolver::new());
    let mut compiler = Compiler::with_file_resolver(resolver);
    compiler.include_imports(true).open_file("routes.proto")?;
    Ok(compiler.encode_file_descriptor_set())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let set = descriptors()?;
    match What::parse() {
        What::Descriptors { file } => Ok(std::fs::write(file, set)?),
        What::Compare { backend, envoy, count, seed } => {
            let pool = DescriptorPool::decode(set.as_slice())?;
            compare(pool, backend, envoy, count, seed).await
        }
    }
}

async fn compare(
    pool: DescriptorPool,
    address: SocketAddr,
    envoy: SocketAddr,
    count: usize,
    seed: u64,
) -> anyhow::Result<()> {
    let table = Table::compile(&pool)?;
    let backend = Backend::start(address).await?;
    let ours = servers::transcoder(&pool, address).await?;
    let mut rng = Rng::with_seed(seed);
    let mut different = 0;
    for _ in 0..count {
        let case = cases::random(&mut rng, &pool);
        let told =
            [outcome(&table, &backend, ours, &case).await?, outcome(&table, &backend, envoy, &case).await?];
        if told[0] != told[1] {
            different += 1;
            println!("{case}\n  ours:  {}\n  envoy: {}", told[0], told[1]);
        }
    }
    println!("{count} requests from seed {seed}: {different} different");
    anyhow::ensure!(different == 0, "{different} of {count} differ");
    Ok(())
}

/// What the backend was asked, as JSON of prost-reflect's, and what came back.
async fn outcome(table: &Table, backend: &Backend, to: SocketAddr, case: &Case) -> anyhow::Result<Value> {
    let (status, body) = ask(to, case).await?;
    let path = case.target.split('?').next().unwrap_or_default();
    let Found::Route(binding) = table.find(path, &case.method) else { anyhow::bail!("no route for {case}") };
    let asked = match backend.take() {
        Some(wire) => serde_json::to_value(DynamicMessage::decode(binding.rpc.input(), wire)?)?,
        None => Value::Null,
    };
    let body: Value = serde_json::from_slice(&body).with_context(|| format!("{case}: {body:?}"))?;
    Ok(cases::normal(serde_json::json!({"status": status, "asked": asked, "answer": body})))
}
