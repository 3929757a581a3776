//! TLS towards publishers.

use std::sync::Arc;

/// Settings of a client that trusts Mozilla's root certificates, which are compiled in, so that images need no
/// certificate store. For an HTTP client that speaks HTTP/2 and HTTP/1.1.
pub fn client() -> Result<rustls::ClientConfig, rustls::Error> {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(tls)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_client_offers_both_versions_of_http() {
        assert_eq!(super::client().unwrap().alpn_protocols, [b"h2".to_vec(), b"http/1.1".to_vec()]);
    }
}
