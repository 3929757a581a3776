//! What a person reads when the system has started.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use crate::System;
use crate::demo::Simulation;
use crate::system::START_TIMEOUT;

/// How often a gateway that is starting is asked whether it is ready.
const POLL: Duration = Duration::from_millis(50);

/// Waits until the gateway at an address says that everything serves. `false`: it did not in time.
pub async fn ready(addr: SocketAddr, cert: Option<&Path>) -> bool {
    let wait = async {
        while gateway::health::probe(addr, cert).await.is_err() {
            tokio::time::sleep(POLL).await;
        }
    };
    tokio::time::timeout(START_TIMEOUT, wait).await.is_ok()
}

/// URLs and commands to begin with.
pub fn text(system: &System, simulation: Option<&Simulation>) -> String {
    let scheme = if system.gateway_cert().is_some() { "https" } else { "http" };
    let web = format!("{scheme}://{}", shown(system.gateway.addr));
    let (procurement, classification) = (shown(system.procurement.addr), shown(system.classification.addr));
    let metrics = [&system.gateway, &system.procurement, &system.classification]
        .map(|server| format!("http://{}/metrics", shown(server.metrics_addr)));
    let mut out = format!("\nBouvet Radar {} is running.\n", env!("CARGO_PKG_VERSION"));
    if let Some(simulation) = simulation {
        let _ = writeln!(
            out,
            "This is a demo: notices come from a simulated Doffin and are generated, unless --data names real files.\n\
             Simulator and its switches: {}/admin/faults",
            simulation.url
        );
    }
    let _ = write!(
        out,
        "\n  read     {web}/api/docs\n  health   {web}/api/health\n  \
         JSON     {web}/api/doffin/search  {web}/api/cpv/categories\n  \
         gRPC     {procurement} procurement, {classification} classification (reflection is on)\n  \
         metrics  {}\n\nTry:\n  \
         curl '{web}/api/doffin/search?search=kunstig%20intelligens&location=Oslo'\n  \
         curl '{web}/api/nuts/resolve?name=B%C3%A6rum'\n  \
         grpcurl -plaintext -d '{{\"search\": \"renhold\", \"hitsPerPage\": 5}}' {procurement} \
         bouvetradar.procurement.v1.ProcurementService/SearchNotices\n",
        metrics.join("  ")
    );
    out
}

/// An address as a person types it.
fn shown(addr: SocketAddr) -> String {
    if addr.ip().is_loopback() || addr.ip().is_unspecified() {
        format!("localhost:{}", addr.port())
    } else {
        addr.to_string()
    }
}
