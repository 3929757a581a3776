//! Whose address a request comes from, where proxies stand in between.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use http::{HeaderMap, HeaderName};
use ipnet::IpNet;
use runtime::config::Error;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Most addresses of `X-Forwarded-For` that are read, from the nearest on.
const MAX_HOPS: usize = 32;

/// A caller by address: an IPv4 address, or the /64 an IPv6 address is in, because that is what one subscriber has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Client([u8; 16]);

impl Client {
    pub(crate) fn octets(self) -> [u8; 16] {
        self.0
    }
}

impl fmt::Display for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ipv6Addr::from(self.0).to_canonical().fmt(formatter)
    }
}

impl From<IpAddr> for Client {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(v4) => v4.to_ipv6_mapped().octets(),
            IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).octets(),
        })
    }
}

/// How a request came in, as the connection knows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer {
    pub(crate) addr: SocketAddr,
    /// Whether the connection is over TLS that ends here.
    pub(crate) tls: bool,
}

/// Proxies whose word on where a request comes from is taken.
#[derive(Debug, Clone, Default)]
pub(crate) struct Proxies(Vec<IpNet>);

impl Proxies {
    /// Reads networks such as `10.0.0.0/8` and single addresses.
    pub(crate) fn parse(listed: &[String]) -> Result<Self, Error> {
        let net = |text: &str| {
            let single = text.parse::<IpAddr>().map(IpNet::from);
            text.parse::<IpNet>().or(single).map_err(|_| {
                let problem = format!("{text:?} is no address or network such as 10.0.0.0/8");
                Error::new("TRUSTED_PROXIES", problem)
            })
        };
        let texts = listed.iter().map(|text| text.trim()).filter(|text| !text.is_empty());
        texts.map(net).collect::<Result<_, _>>().map(Self)
    }

    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|net| net.contains(&address))
    }

    /// The address a request comes from: the last one that a trusted proxy names and that is none itself. What a
    /// caller writes into the header stands before that, and is not read.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        let mut client = peer;
        if self.0.is_empty() || !self.trusts(peer) {
            return client.into();
        }
        let lines = headers.get_all(FORWARDED_FOR).iter().rev();
        let hops = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
        for hop in hops.take(MAX_HOPS) {
            let Some(address) = address(hop.trim()) else { break };
            client = address;
            if !self.trusts(address) {
                break;
            }
        }
        client.into()
    }

    /// Whether the caller's own connection is over TLS, here or at a trusted proxy.
    pub(crate) fn is_secure(&self, peer: Peer, headers: &HeaderMap) -> bool {
        let said = || headers.get(FORWARDED_PROTO).is_some_and(|proto| proto == "https");
        peer.tls || (self.trusts(peer.addr.ip()) && said())
    }
}

/// An address with or without a port, as proxies write it.
fn address(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']')).unwrap_or(hop);
    let with_port = || hop.parse::<SocketAddr>().map(|addr| addr.ip());
    bare.parse().or_else(|_| with_port()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &[&str], peer: &str, forwarded: &[&str]) -> Client {
        let listed: Vec<String> = trusted.iter().map(ToString::to_string).collect();
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED_FOR, line.parse().unwrap());
        }
        Proxies::parse(&listed).unwrap().client(peer.parse().unwrap(), &headers)
    }

    fn at(address: &str) -> Client {
        address.parse::<IpAddr>().unwrap().into()
    }

    #[test]
    fn only_trusted_proxies_say_where_a_request_comes_from() {
        assert_eq!(client(&[], "198.51.100.9", &["1.1.1.1"]), at("198.51.100.9"));
        assert_eq!(client(&["10.0.0.0/8"], "198.51.100.9", &["1.1.1.1"]), at("198.51.100.9"));
        assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", &["1.1.1.1"]), at("1.1.1.1"));
        assert_eq!(client(&["10.0.0.0/8"], "::ffff:10.0.0.1", &["1.1.1.1"]), at("1.1.1.1"));
    }

    #[test]
    fn what_the_caller_wrote_before_the_first_proxy_is_not_read() {
        let trusted = ["10.0.0.0/8", "2001:db8::1"];
        assert_eq!(client(&trusted, "10.0.0.1", &["6.6.6.6, 203.0.113.7, 10.0.0.2"]), at("203.0.113.7"));
        assert_eq!(client(&trusted, "10.0.0.1", &["6.6.6.6", "203.0.113.7", "10.0.0.2"]), at("203.0.113.7"));
        assert_eq!(client(&trusted, "10.0.0.1", &["203.0.113.7:4711, [2001:db8::1]:443"]), at("203.0.113.7"));
        assert_eq!(client(&trusted, "10.0.0.1", &["203.0.113.7, nonsense, 10.0.0.2"]), at("10.0.0.2"));
        assert_eq!(client(&trusted, "10.0.0.1", &[]), at("10.0.0.1"));
    }

    #[test]
    fn an_ipv6_subscriber_is_one_caller() {
        assert_eq!(at("2001:db8:1:2::1"), at("2001:db8:1:2:ffff::9"));
        assert_ne!(at("2001:db8:1:2::1"), at("2001:db8:1:3::1"));
        assert_ne!(at("192.0.2.1"), at("192.0.2.2"));
    }

    #[test]
    fn a_network_that_is_none_is_named() {
        let error = Proxies::parse(&["10.0.0.0/40".into()]).unwrap_err().to_string();
        assert!(error.starts_with("TRUSTED_PROXIES: \"10.0.0.0/40\""), "{error}");
    }
}
