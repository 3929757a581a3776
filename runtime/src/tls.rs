//! TLS: towards publishers, between our own processes, and for whoever listens. Certificates are read again when their
//! files change; connections that are open keep the ones they began with.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, ServerConfig, SignatureScheme,
};

use crate::Reloaded;
use crate::config::{Error, GrpcTls};

/// What HTTP/2 is called in a handshake.
const H2: &[u8] = b"h2";

/// What HTTP/1.1 is called in a handshake.
const HTTP1: &[u8] = b"http/1.1";

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn public_roots() -> RootCertStore {
    RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }
}

/// Settings of a client that trusts Mozilla's root certificates, which are compiled in, so that images need no
/// certificate store. For an HTTP client that speaks HTTP/2 and HTTP/1.1.
pub fn client() -> Result<ClientConfig, rustls::Error> {
    let mut tls = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_root_certificates(public_roots())
        .with_no_client_auth();
    tls.alpn_protocols = vec![H2.to_vec(), HTTP1.to_vec()];
    Ok(tls)
}

/// Settings of a server that browsers and other HTTP clients reach, with the certificate in two PEM files.
pub fn edge(cert: &Path, key: &Path, variable: &'static str) -> Result<Reloaded<ServerConfig>, Error> {
    Reloaded::of_files(vec![cert.to_owned(), key.to_owned()], variable, |files| {
        server_config(files, &[H2, HTTP1]).map_err(|error| error.to_string())
    })
}

/// Settings of a client for one server alone: the one whose certificate is in a file. For a process that asks itself.
pub fn itself(cert: &Path) -> Result<ClientConfig, Box<dyn std::error::Error + Send + Sync>> {
    let own = certificates(&std::fs::read(cert)?)?;
    let verifier = Arc::new(Itself { own, provider: provider() });
    Ok(ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth())
}

/// The same for a gRPC listener, to which the process shows its own certificate.
fn itself_over_grpc(files: &[Vec<u8>]) -> Made<ClientConfig> {
    let [cert, key] = files else { return Err("a certificate and a key are needed".into()) };
    let verifier = Arc::new(Itself { own: certificates(cert)?, provider: provider() });
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_client_auth_cert(certificates(cert)?, PrivateKeyDer::from_pem_slice(key)?)?;
    config.alpn_protocols = vec![H2.to_vec()];
    Ok(config)
}

impl GrpcTls {
    fn identity(&self) -> Result<Option<[PathBuf; 2]>, Error> {
        match (&self.cert, &self.key) {
            (Some(cert), Some(key)) => Ok(Some([cert.clone(), key.clone()])),
            (None, None) => Ok(None),
            (Some(_), None) => Err(Error::new("GRPC_KEY_FILE", "must be set where GRPC_CERT_FILE is")),
            (None, Some(_)) => Err(Error::new("GRPC_CERT_FILE", "must be set where GRPC_KEY_FILE is")),
        }
    }

    /// Whether the process's own gRPC listener speaks TLS.
    pub fn is_on(&self) -> bool {
        self.cert.is_some()
    }

    /// Settings of a gRPC listener. With an authority, callers without a certificate of it are refused. `None`: it
    /// speaks without TLS.
    pub fn server(&self) -> Result<Option<Reloaded<ServerConfig>>, Error> {
        let Some(identity) = self.identity()? else { return Ok(None) };
        let paths = identity.into_iter().chain(self.ca.clone()).collect();
        let make = |files: &[Vec<u8>]| server_config(files, &[H2]).map_err(|error| error.to_string());
        Reloaded::of_files(paths, "GRPC_CERT_FILE", make).map(Some)
    }

    /// Settings of a client for the process's own listener. `None`: it speaks without TLS.
    pub(crate) fn itself(&self) -> Result<Option<Reloaded<ClientConfig>>, Error> {
        let Some(identity) = self.identity()? else { return Ok(None) };
        let make = |files: &[Vec<u8>]| itself_over_grpc(files).map_err(|error| error.to_string());
        Reloaded::of_files(identity.into(), "GRPC_CERT_FILE", make).map(Some)
    }

    /// Settings of a gRPC client: whom it trusts, and the certificate it shows.
    pub fn client(&self) -> Result<Reloaded<ClientConfig>, Error> {
        let has_ca = self.ca.is_some();
        let paths = self.ca.clone().into_iter().chain(self.identity()?.into_iter().flatten()).collect();
        Reloaded::of_files(paths, "GRPC_CA_FILE", move |files| {
            let (ca, identity) = files.split_at(usize::from(has_ca));
            client_config(ca.first(), identity).map_err(|error| error.to_string())
        })
    }
}

type Made<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Of a certificate chain, its key, and the authority of callers if there is one.
fn server_config(files: &[Vec<u8>], protocols: &[&[u8]]) -> Made<ServerConfig> {
    let [cert, key, ca @ ..] = files else { return Err("a certificate and a key are needed".into()) };
    let builder = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
    let builder = match ca.first() {
        Some(ca) => {
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots(ca)?), provider());
            builder.with_client_cert_verifier(verifier.build()?)
        }
        None => builder.with_no_client_auth(),
    };
    let mut config = builder.with_single_cert(certificates(cert)?, PrivateKeyDer::from_pem_slice(key)?)?;
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    Ok(config)
}

/// Of the authority of servers, the public ones if there is none, and of a certificate and key, if there are any.
fn client_config(ca: Option<&Vec<u8>>, identity: &[Vec<u8>]) -> Made<ClientConfig> {
    let roots = ca.map_or_else(|| Ok(public_roots()), |ca| roots(ca))?;
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots);
    let mut config = match identity {
        [cert, key] => {
            builder.with_client_auth_cert(certificates(cert)?, PrivateKeyDer::from_pem_slice(key)?)?
        }
        _ => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![H2.to_vec()];
    Ok(config)
}

fn certificates(pem: &[u8]) -> Made<Vec<CertificateDer<'static>>> {
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>()?;
    if certificates.is_empty() { Err("there is no certificate in it".into()) } else { Ok(certificates) }
}

fn roots(pem: &[u8]) -> Made<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(pem)? {
        roots.add(certificate)?;
    }
    Ok(roots)
}

/// Takes one certificate, by its bytes: a process asks itself at an address its certificate does not name.
#[derive(Debug)]
struct Itself {
    own: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Itself {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if self.own.first().is_some_and(|own| own == shown) {
            return Ok(ServerCertVerified::assertion());
        }
        Err(CertificateError::ApplicationVerificationFailure.into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_offers_both_versions_of_http() {
        assert_eq!(client().unwrap().alpn_protocols, [H2.to_vec(), HTTP1.to_vec()]);
    }

    #[test]
    fn half_an_identity_and_files_that_hold_none_are_errors_of_their_variable() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pem");
        std::fs::write(&path, "no pem").unwrap();
        let tls = |cert, key| GrpcTls { cert, key, ca: None }.server().map(drop).map_err(|e| e.variable);
        assert_eq!(tls(None, None), Ok(()));
        assert_eq!(tls(Some(path.clone()), None), Err("GRPC_KEY_FILE".into()));
        assert_eq!(tls(None, Some(path.clone())), Err("GRPC_CERT_FILE".into()));
        assert_eq!(tls(Some(path.clone()), Some(path)), Err("GRPC_CERT_FILE".into()));
    }
}
