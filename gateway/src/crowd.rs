//! How many connections, or streams, each address has open.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::address::{Client, Proxies};

/// Counts by address what is open. It holds no more addresses than there are open.
#[derive(Debug)]
pub(crate) struct Crowd {
    open: Mutex<HashMap<Client, usize>>,
    most: usize,
    /// These bring many callers over few addresses.
    proxies: Proxies,
}

/// The place of what is open; given up when dropped.
#[derive(Debug)]
pub(crate) struct Seat(Option<(Client, Arc<Crowd>)>);

impl Crowd {
    pub(crate) fn new(most: usize, proxies: Proxies) -> Arc<Self> {
        Arc::new(Self { open: Mutex::default(), most, proxies })
    }

    /// A place for one more connection of an address. `None`: it has too many.
    pub(crate) fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Seat> {
        if self.proxies.trusts(address) {
            return Some(Seat(None));
        }
        self.enter_as(Client::from(address))
    }

    /// A place for something of a client whose address is known already.
    pub(crate) fn enter_as(self: &Arc<Self>, client: Client) -> Option<Seat> {
        let mut open = self.open();
        let own = open.entry(client).or_default();
        if *own >= self.most {
            return None;
        }
        *own += 1;
        Some(Seat(Some((client, self.clone()))))
    }

    /// How many an address may have.
    pub(crate) fn most(&self) -> usize {
        self.most
    }

    fn open(&self) -> MutexGuard<'_, HashMap<Client, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some((client, crowd)) = self.0.take() else { return };
        let mut open = crowd.open();
        if let Some(own) = open.get_mut(&client) {
            *own -= 1;
            if *own == 0 {
                open.remove(&client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_connections_and_a_trusted_proxy_any_number() {
        let crowd = Crowd::new(2, Proxies::parse(&["10.0.0.0/8".into()]).unwrap());
        let enter = |address: &str| crowd.enter(address.parse().unwrap());
        let (first, _second) = (enter("192.0.2.1").unwrap(), enter("192.0.2.1").unwrap());
        assert!(enter("192.0.2.1").is_none());
        assert!(enter("192.0.2.2").is_some());
        drop(first);
        assert!(enter("192.0.2.1").is_some());
        assert!((0..9).all(|_| enter("10.0.0.1").is_some()));
        assert_eq!(crowd.open().len(), 1, "an address without connections is kept");
    }
}
