//! TLS at the edge and between our own processes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::Version;
use radar::system::Service;
use runtime::config::GrpcTls;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use system_tests::pki::{Authority, Identity};
use system_tests::{Setup, World, builder};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

const LIST: &str = "/api/cpv/categories";

/// A world with few notices, which starts sooner.
async fn small(change: impl FnOnce(&mut Setup)) -> World {
    World::start_with(|setup| {
        setup.simulator.notices = 50;
        change(setup);
    })
    .await
}

fn https(setup: &mut Setup, identity: &Identity) {
    setup.settings.gateway.tls_cert_file = Some(identity.cert.clone());
    setup.settings.gateway.tls_key_file = Some(identity.key.clone());
}

fn mutual(authority: &Authority, identity: &Identity) -> GrpcTls {
    GrpcTls { cert: Some(identity.cert.clone()), key: Some(identity.key.clone()), ca: Some(authority.ca()) }
}

fn with_mutual_tls(setup: &mut Setup, tls: &GrpcTls) {
    setup.settings.gateway.process.grpc_tls = tls.clone();
    setup.settings.procurement.process.grpc_tls = tls.clone();
    setup.settings.classification.process.grpc_tls = tls.clone();
}

/// One request on a connection of its own; the certificate that was shown, and the answer's head.
async fn ask(addr: SocketAddr, config: ClientConfig) -> std::io::Result<(Vec<u8>, String)> {
    let stream = TcpStream::connect(addr).await?;
    let connector = TlsConnector::from(Arc::new(config));
    let mut stream = connector.connect(ServerName::try_from("localhost").unwrap(), stream).await?;
    let shown = stream.get_ref().1.peer_certificates().unwrap()[0].to_vec();
    let request = format!("GET {LIST} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok((shown, String::from_utf8_lossy(&answer).into_owned()))
}

#[tokio::test]
async fn the_gateway_speaks_both_versions_of_http_over_tls_and_then_asks_for_it() {
    let authority = Authority::new();
    let identity = authority.issue("edge");
    let world = small(|setup| https(setup, &identity)).await;
    let url = format!("https://localhost:{}{LIST}", world.system.gateway.addr.port());
    for (protocols, version) in
        [(vec![b"h2".to_vec(), b"http/1.1".to_vec()], Version::HTTP_2), (Vec::new(), Version::HTTP_11)]
    {
        let mut tls = authority.client(None);
        tls.alpn_protocols = protocols;
        let client = builder().tls_backend_preconfigured(tls).build().unwrap();
        let answer = client.get(&url).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.version()), (200, version));
        assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000; includeSubDomains");
    }
    let stranger = builder().tls_backend_preconfigured(Authority::new().client(None)).build().unwrap();
    assert!(stranger.get(&url).send().await.is_err(), "any certificate would do");
    assert!(builder().build().unwrap().get(world.url(LIST)).send().await.is_err(), "plain HTTP was answered");
    world.stop().await;
}

#[tokio::test]
async fn only_a_trusted_proxy_says_that_a_request_came_over_tls() {
    for (trusted, header) in [("127.0.0.1", "max-age=31536000; includeSubDomains"), ("192.0.2.1", "")] {
        let world = small(|setup| setup.settings.gateway.trusted_proxies = vec![trusted.to_owned()]).await;
        let answer = world.send(http::Method::GET, "/livez", &[("x-forwarded-proto", "https")]).await;
        assert_eq!(answer.header("strict-transport-security"), header, "{trusted}");
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_edge_s_certificate_rotates_under_load_without_a_failed_request() {
    let authority = Authority::new();
    let identity = authority.issue("edge");
    let world = small(|setup| https(setup, &identity)).await;
    let mut tls = authority.client(None);
    tls.alpn_protocols = vec![b"h2".to_vec()];
    // One connection that stays, and a new one for each request.
    let kept = builder().tls_backend_preconfigured(tls).build().unwrap();
    let url = format!("https://localhost:{}{LIST}", world.system.gateway.addr.port());
    let mut shown = HashSet::new();
    for rotation in 1..=3 {
        let rotated = async {
            while shown.len() < rotation {
                let (certificate, answer) =
                    ask(world.system.gateway.addr, authority.client(None)).await.unwrap();
                assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
                assert_eq!(kept.get(&url).send().await.unwrap().status(), 200);
                shown.insert(certificate);
            }
        };
        tokio::time::timeout(Duration::from_secs(30), rotated).await.unwrap();
        authority.issue("edge");
    }
    world.stop().await;
}

#[tokio::test]
async fn services_that_require_mutual_tls_answer_each_other_and_nobody_else() {
    let (authority, other) = (Authority::new(), Authority::new());
    let tls = mutual(&authority, &authority.issue("grpc"));
    let world = small(|setup| with_mutual_tls(setup, &tls)).await;
    // Through the gateway to both services, and from procurement on to classification for the place's name.
    assert_eq!(world.get(LIST).await.status, 200);
    assert_eq!(world.get("/api/doffin/search?location=Oslo&hitsPerPage=1").await.status, 200);
    let addr = world.system.classification.addr;
    assert_eq!(runtime::probe::probe(addr, &tls).await, Ok(()));
    assert!(runtime::probe::probe(addr, &GrpcTls::default()).await.is_err(), "plain gRPC was answered");
    let stranger = other.issue("stranger");
    for (config, what) in [
        (authority.client(None), "no certificate"),
        (authority.client(Some(&stranger)), "another authority's certificate"),
    ] {
        // In TLS 1.3 the client learns of the refusal from its first read.
        let answered = ask(addr, config).await;
        assert!(answered.is_err(), "{what} was taken: {answered:?}");
    }
    world.stop().await;
}

#[tokio::test]
async fn services_certificates_rotate_without_a_failed_request() {
    let authority = Authority::new();
    let tls = mutual(&authority, &authority.issue("grpc"));
    let mut world = small(|setup| with_mutual_tls(setup, &tls)).await;
    let own = authority.issue("client");
    let shown = async |world: &World| {
        // gRPC speaks HTTP/2 only: the handshake is what is looked at here.
        let stream = TcpStream::connect(world.system.classification.addr).await.unwrap();
        let connector = TlsConnector::from(Arc::new(authority.client(Some(&own))));
        let name = ServerName::try_from("localhost").unwrap();
        let stream = connector.connect(name, stream).await.unwrap();
        stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
    };
    let before = shown(&world).await;
    authority.issue("grpc");
    let rotated = async {
        while shown(&world).await == before {
            assert_eq!(world.get(LIST).await.status, 200);
        }
    };
    tokio::time::timeout(Duration::from_secs(30), rotated).await.unwrap();
    // A connection made after the rotation, both sides with the new certificate.
    world.system.stop_service(Service::Classification).await.unwrap();
    world.system.start_service(Service::Classification).unwrap();
    world.until(LIST, |answer| answer.status == 200).await;
    world.stop().await;
}
