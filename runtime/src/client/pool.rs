//! The servers of one service: found by name, watched, and chosen among.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use tokio::sync::{Notify, watch};
use tonic::service::interceptor::InterceptedService;

use super::member::{Member, Standing};
use super::{Balanced, Connected, Meter, Propagate, Remote};

/// How often names are resolved: pods come and go, and the name servers of Kubernetes let answers live as long.
const RESOLVE: Duration = Duration::from_secs(5);

/// Least time between two resolutions, when a server that cannot be reached asks for one.
const RESOLVE_AGAIN: Duration = Duration::from_millis(500);

/// How long a call waits for a service's first address.
const FIRST_ADDRESS: Duration = Duration::from_secs(2);

/// What is connected to.
#[derive(Debug, Clone)]
pub struct Target {
    /// Short name, for logs and metrics.
    pub name: &'static str,
    /// Full name of the service, whose health is watched.
    pub service: &'static str,
    /// Its servers. Each may have many addresses.
    pub remotes: Vec<Remote>,
}

/// The servers of one service.
#[derive(Debug)]
pub struct Pool {
    target: Target,
    members: watch::Sender<Arc<[Arc<Member>]>>,
    unreachable: Notify,
    meter: Meter,
}

type Resolved = BoxFuture<'static, std::io::Result<Vec<SocketAddr>>>;

impl Pool {
    /// Begins to look for servers, and to watch their health, until the pool is dropped.
    pub fn start(target: Target, meter: Meter) -> Arc<Self> {
        Self::start_with(target, meter, |host, port| {
            Box::pin(async move { Ok(tokio::net::lookup_host((host, port)).await?.collect()) })
        })
    }

    fn start_with(
        target: Target,
        meter: Meter,
        resolve: impl Fn(String, u16) -> Resolved + Send + Sync + 'static,
    ) -> Arc<Self> {
        let pool = Arc::new(Self {
            target,
            members: watch::Sender::new(Arc::new([])),
            unreachable: Notify::new(),
            meter,
        });
        let written: Option<Vec<_>> = pool.target.remotes.iter().map(literal).collect();
        if let Some(found) = written {
            // Nothing to resolve: addresses are there at once, and stay.
            pool.set(&found.into_iter().enumerate().collect());
        } else {
            tokio::spawn(keep_resolved(Arc::downgrade(&pool), resolve));
        }
        pool
    }

    /// A channel over these servers, whose calls end after `timeout` unless they have an earlier deadline.
    pub fn channel(self: &Arc<Self>, timeout: Duration) -> Connected {
        InterceptedService::new(Balanced(self.clone()), Propagate { timeout })
    }

    /// Whether any server says that it serves.
    pub fn is_serving(&self) -> bool {
        self.members.borrow().iter().any(|member| member.is_serving())
    }

    /// Takes note that a call is made again.
    pub fn retried(&self) {
        self.meter.retried(self.target.name);
    }

    /// The server to call: of those that are the best choice, the less busy of two.
    pub(super) async fn choose(&self) -> Option<Arc<Member>> {
        let members = self.members.borrow().clone();
        if !members.is_empty() {
            return choose(&members);
        }
        let mut members = self.members.subscribe();
        let found =
            tokio::time::timeout(FIRST_ADDRESS, members.wait_for(|members| !members.is_empty())).await;
        choose(&found.ok()?.ok()?.clone())
    }

    pub(super) fn ejected(&self, member: &Member) {
        self.meter.ejected(self.target.name);
        tracing::warn!(backend = self.target.name, addr = %member.addr, "calls fail; the address is left out");
        self.unreachable.notify_one();
    }

    /// Makes these the servers; those that were there before stay as they are.
    fn set(self: &Arc<Self>, found: &BTreeSet<(usize, SocketAddr)>) {
        let before = self.members.borrow().clone();
        let mut fresh = Vec::new();
        let mut taken = BTreeSet::new();
        let of = |&(remote, addr): &(usize, SocketAddr)| {
            // Two names may lead to one address.
            if !taken.insert(addr) {
                return None;
            }
            let known = before.iter().find(|member| member.addr == addr).cloned();
            Some(known.unwrap_or_else(|| {
                let member = Member::new(&self.target.remotes[remote], addr);
                fresh.push((remote, member.clone()));
                member
            }))
        };
        let members: Arc<[_]> = found.iter().filter_map(of).collect();
        if fresh.is_empty() && members.len() == before.len() {
            return;
        }
        let addresses: Vec<_> = members.iter().map(|member| member.addr.to_string()).collect();
        tracing::info!(backend = self.target.name, addresses = addresses.join(" "), "addresses changed");
        self.members.send_replace(members);
        for (remote, member) in fresh {
            let pool = Arc::downgrade(self);
            member.watch(self.target.remotes[remote].clone(), self.target.service, move |member| {
                if let Some(pool) = pool.upgrade() {
                    pool.changed(member);
                }
            });
        }
        self.count();
    }

    fn changed(&self, member: &Member) {
        let (serving, addr) = (member.is_serving(), member.addr);
        tracing::info!(backend = self.target.name, %addr, serving, "backend health changed");
        if !serving {
            self.unreachable.notify_one();
        }
        self.count();
    }

    fn count(&self) {
        let members = self.members.borrow().clone();
        let serving = members.iter().filter(|member| member.is_serving()).count();
        self.meter.addresses(self.target.name, serving, members.len() - serving);
    }
}

/// The address of a URL that names one.
fn literal(remote: &Remote) -> Option<SocketAddr> {
    let (host, port) = remote.place();
    Some(SocketAddr::new(host.parse::<IpAddr>().ok()?, port))
}

/// Resolves the names of a pool as long as there is one.
async fn keep_resolved(pool: Weak<Pool>, resolve: impl Fn(String, u16) -> Resolved + Send + Sync) {
    // The addresses of each name, and whether it could be resolved the last time.
    let mut names: Vec<(BTreeSet<SocketAddr>, bool)> = Vec::new();
    while let Some(pool) = pool.upgrade() {
        names.resize_with(pool.target.remotes.len(), || (BTreeSet::new(), true));
        for (number, remote) in pool.target.remotes.iter().enumerate() {
            let (known, well) = &mut names[number];
            match addresses(remote, &resolve).await {
                Ok(found) => (*known, *well) = (found, true),
                // The addresses that are known stay: a name server that is down is no reason to drop them. Nor is a
                // name that leads nowhere a reason not to use the others.
                Err(error) if std::mem::replace(well, false) => {
                    let (backend, host) = (pool.target.name, remote.place().0);
                    tracing::warn!(backend, host, %error, "the name of a service cannot be resolved");
                }
                Err(_) => {}
            }
            // At once: the next name may take its time to say that it leads nowhere.
            let all = names.iter().enumerate();
            pool.set(
                &all.flat_map(|(number, (known, _))| known.iter().map(move |at| (number, *at))).collect(),
            );
        }
        tokio::time::sleep(RESOLVE_AGAIN).await;
        let known = !pool.members.borrow().is_empty();
        if known {
            let _ = tokio::time::timeout(RESOLVE.saturating_sub(RESOLVE_AGAIN), pool.unreachable.notified())
                .await;
        }
    }
}

async fn addresses(
    remote: &Remote,
    resolve: &(impl Fn(String, u16) -> Resolved + Send + Sync),
) -> std::io::Result<BTreeSet<SocketAddr>> {
    let (host, port) = remote.place();
    match literal(remote) {
        Some(addr) => Ok(BTreeSet::from([addr])),
        None => Ok(resolve(host.to_owned(), port).await?.into_iter().collect()),
    }
}

fn choose(members: &[Arc<Member>]) -> Option<Arc<Member>> {
    let now = Instant::now();
    if let [only] = members {
        return (only.standing(now) > Standing::Ejected).then(|| only.clone());
    }
    let standings: Vec<_> = members.iter().map(|member| member.standing(now)).collect();
    let best = standings.iter().copied().max().filter(|best| *best > Standing::Ejected)?;
    let choices: Vec<_> = members
        .iter()
        .zip(standings)
        .filter(|(_, standing)| *standing == best)
        .map(|(member, _)| member)
        .collect();
    let first = fastrand::usize(..choices.len());
    let second = (first + 1 + fastrand::usize(..choices.len().max(2) - 1)) % choices.len();
    let (first, second) = (choices[first], choices[second]);
    Some(if second.load() < first.load() { second.clone() } else { first.clone() })
}

#[cfg(test)]
mod tests;
