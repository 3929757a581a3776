//! Who gets in, and who does not.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use system_tests::issuer::{self, KeyServer, Signer};
use system_tests::log::Log;
use system_tests::{Answer, Setup, World, failure};

const SEARCH: &str = "/api/doffin/search?hitsPerPage=1";
const LIST: &str = "/api/cpv/categories";

/// Client, key and scopes.
type Key<'a> = (&'a str, &'a str, &'a [&'a str]);

fn hash(key: &str) -> String {
    Sha256::digest(key.as_bytes()).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// Puts a file of keys in place the way a secret mount does: all at once.
fn write_keys(path: &Path, keys: &[Key<'_>]) {
    let line =
        |(client, key, scopes): &Key<'_>| json!({"client": client, "sha256": hash(key), "scopes": scopes});
    let new = path.with_extension("new");
    std::fs::write(&new, json!({"keys": keys.iter().map(line).collect::<Vec<_>>()}).to_string()).unwrap();
    std::fs::rename(new, path).unwrap();
}

async fn with_keys(path: &Path) -> World {
    write_keys(
        path,
        &[
            ("web", "web-1", &["procurement.read"] as &[&str]),
            ("list", "list-1", &[]),
            ("web", "web-2", &["procurement.read"]),
        ],
    );
    World::start_with(|setup| {
        setup.settings.gateway.auth.api_keys_file = Some(path.to_owned());
        setup.settings.gateway.limits.rate_limit_client = Some("100000/1min".to_owned());
    })
    .await
}

async fn with_key(world: &World, path: &str, key: &str) -> Answer {
    world.send(Method::GET, path, &[("x-api-key", key)]).await
}

async fn with_token(world: &World, path: &str, token: &str) -> Answer {
    world.send(Method::GET, path, &[("authorization", &format!("Bearer {token}"))]).await
}

#[tokio::test]
async fn a_key_opens_the_routes_of_its_scopes_and_none_opens_none() {
    let dir = tempfile::tempdir().unwrap();
    let world = with_keys(&dir.path().join("keys.json")).await;
    for path in [SEARCH, LIST] {
        let answer = world.get(path).await;
        failure(&answer, 401, "UNAUTHENTICATED");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        failure(&with_key(&world, path, "web-3").await, 401, "UNAUTHENTICATED");
        for key in ["web-1", "web-2"] {
            let answer = with_key(&world, path, key).await;
            assert_eq!(answer.status, 200, "{path}");
            let kept = answer.header("cache-control");
            assert!(kept.starts_with("private, ") || kept == "no-store", "{:?}", answer.headers);
            assert!(path != LIST || kept != "no-store", "{:?}", answer.headers);
        }
    }
    assert_eq!(with_key(&world, LIST, "list-1").await.status, 200);
    let refused = with_key(&world, SEARCH, "list-1").await;
    assert_eq!(refused.header("ratelimit-policy"), "\"client\";q=100000;w=60", "it took of the limit");
    assert_eq!(failure(&refused, 403, "PERMISSION_DENIED")["details"]["scope"], "procurement.read");
    assert!(refused.header("www-authenticate").contains("insufficient_scope"));
    for open in ["/livez", "/readyz", "/api/health", "/api/openapi.json", "/api/docs", "/api/docs/page.js"] {
        assert_eq!(world.get(open).await.status, 200, "{open}");
    }
    // What nobody needs is not offered: calls without credentials, and the scope is told.
    let document = world.json("/api/openapi.json").await;
    assert_eq!(document["security"], json!([{"key": []}, {"token": []}]));
    let search = &document["paths"]["/api/doffin/search"]["get"];
    assert_eq!(search["x-required-scope"], "procurement.read");
    assert!(search["responses"]["401"].is_object() && search["responses"]["403"].is_object(), "{search}");
    failure(&world.get("/nowhere").await, 404, "ROUTE_NOT_FOUND");
    world.stop().await;
}

#[tokio::test]
async fn credentials_are_given_once_and_never_in_the_address() {
    let dir = tempfile::tempdir().unwrap();
    let world = with_keys(&dir.path().join("keys.json")).await;
    let refused: [&[(&str, &str)]; 4] = [
        &[("x-api-key", "web-1"), ("x-api-key", "web-1")],
        &[("x-api-key", "web-1"), ("authorization", "Bearer a.b.c")],
        &[("authorization", "Basic d2ViLTE6")],
        &[("authorization", "Bearer web-1")],
    ];
    for headers in refused {
        failure(&world.send(Method::GET, LIST, headers).await, 401, "UNAUTHENTICATED");
    }
    assert_eq!(world.get(&format!("{LIST}?api_key=web-1")).await.status, 401);
    world.stop().await;
}

#[tokio::test]
async fn services_hear_who_calls_from_the_gateway_and_not_from_the_caller() {
    let (log, _guard) = Log::capture(tracing::Level::DEBUG);
    let dir = tempfile::tempdir().unwrap();
    let world = with_keys(&dir.path().join("keys.json")).await;
    let forged = [("x-bouvetradar-client", "key/admin"), ("x-bouvetradar-scopes", "procurement.export")];
    let mut headers = vec![("x-api-key", "web-1"), ("x-request-id", "asked-1")];
    headers.extend(forged);
    assert_eq!(world.send(Method::GET, LIST, &headers).await.status, 200);
    failure(&world.send(Method::GET, "/api/doffin/export", &headers).await, 403, "PERMISSION_DENIED");
    world.stop().await;
    assert_eq!(log.lines(&["rpc finished", "asked-1", "client=\"key/web\""]).len(), 1, "{log:?}");
    assert!(log.lines(&["key/admin"]).is_empty());
    assert!(log.lines(&["web-1"]).is_empty(), "a key is in the log");
}

#[tokio::test]
async fn an_open_gateway_lets_nobody_s_word_for_who_they_are_through() {
    let (log, _guard) = Log::capture(tracing::Level::DEBUG);
    let world = World::start().await;
    let forged = [("x-bouvetradar-client", "key/admin"), ("authorization", "Bearer whatever")];
    assert_eq!(world.send(Method::GET, SEARCH, &forged).await.status, 200);
    world.stop().await;
    assert!(log.lines(&["key/admin"]).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_rotate_under_load_without_a_failed_request() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keys.json");
    let world = with_keys(&path).await;
    let good: &[&str] = &["procurement.read"];
    // Each client goes over to the new key when it has been told, which is after both are good.
    let steps: [(&[Key<'_>], &str, &str); 3] = [
        (&[("web", "web-1", good), ("web", "new", good)], "web-1", "new"),
        (&[("web", "new", good)], "new", "web-1"),
        (&[("web", "new", good), ("web", "newer", good)], "new", "newer"),
    ];
    let mut asked = 0;
    for (at, (keys, used, probe)) in steps.into_iter().enumerate() {
        write_keys(&path, keys);
        let wanted = if at == 1 { 401 } else { 200 };
        while with_key(&world, LIST, probe).await.status != wanted {
            for _ in 0..20 {
                assert_eq!(with_key(&world, LIST, used).await.status, 200, "step {at}");
                asked += 1;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    assert!(asked > 50, "only {asked} requests were made meanwhile");
    world.stop().await;
}

fn trusting(setup: &mut Setup, keys: &str) {
    let auth = &mut setup.settings.gateway.auth;
    auth.jwt_jwks = Some(keys.to_owned());
    auth.jwt_issuer = Some(issuer::ISSUER.to_owned());
    auth.jwt_audience = Some(issuer::AUDIENCE.to_owned());
}

#[tokio::test]
async fn tokens_of_three_algorithms_get_in() {
    let server = KeyServer::start().await;
    let signers = [("r", Signer::rsa()), ("e", Signer::ec()), ("d", Signer::ed())];
    server.show(&signers.iter().map(|(id, signer)| signer.jwk(id)).collect::<Vec<_>>());
    let world = World::start_with(|setup| trusting(setup, &server.url())).await;
    for (id, signer) in &signers {
        let mut claims = issuer::claims("procurement.read other");
        assert_eq!(with_token(&world, SEARCH, &signer.token(id, &claims)).await.status, 200, "{id}");
        claims["scope"] = json!("other");
        failure(&with_token(&world, SEARCH, &signer.token(id, &claims)).await, 403, "PERMISSION_DENIED");
        claims["scp"] = json!(["procurement.read"]);
        claims["aud"] = json!(["elsewhere", issuer::AUDIENCE]);
        assert_eq!(with_token(&world, SEARCH, &signer.token(id, &claims)).await.status, 200, "{id}");
    }
    failure(&with_key(&world, LIST, "web-1").await, 401, "UNAUTHENTICATED");
    world.stop().await;
}

type Forgeries = Vec<(&'static str, String)>;

/// Tokens whose claims are right and whose signature is not.
fn badly_signed(rsa: &Signer, ec: &Signer) -> Forgeries {
    let good = issuer::claims("procurement.read");
    let head = |algorithm: &str| json!({"alg": algorithm, "kid": "r"});
    let named =
        |algorithm: &str, name: &str, value: Value| json!({"alg": algorithm, "kid": "r", name: value});
    let public = rsa.jwk("r").to_string();
    let hmac = |message: &[u8]| {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, public.as_bytes());
        ring::hmac::sign(&key, message).as_ref().to_vec()
    };
    let valid = rsa.token("r", &good);
    let (message, signature) = valid.rsplit_once('.').unwrap();
    let header = message.split_once('.').unwrap().0;
    let admin = issuer::text(good.to_string().replace("someone", "admin").as_bytes());
    let other = Signer::ec();
    vec![
        ("alg none", issuer::assemble(&head("none"), &good, |_| Vec::new())),
        ("alg None", issuer::assemble(&head("None"), &good, |_| Vec::new())),
        ("signed with the public key as a secret", issuer::assemble(&head("HS256"), &good, hmac)),
        ("RSA key named, signed by an EC key", ec.token_with(&head("ES256"), &good)),
        ("EC key named, signed by the RSA key", rsa.token_with(&json!({"alg": "RS256", "kid": "e"}), &good)),
        ("another hash than allowed", rsa.token_with(&head("RS512"), &good)),
        ("own key in the header", other.token_with(&named("ES256", "jwk", other.jwk("r")), &good)),
        (
            "keys of another place",
            other.token_with(&named("ES256", "jku", json!("http://127.0.0.1/")), &good),
        ),
        ("an extension to be understood", rsa.token_with(&named("RS256", "crit", json!(["b64"])), &good)),
        ("no signature", format!("{message}.")),
        ("no third part", message.to_owned()),
        ("other claims under the signature", format!("{header}.{admin}.{signature}")),
        ("unknown key", rsa.token("q", &good)),
    ]
}

/// Tokens that the issuer signed and that are not for here and now.
fn out_of_place(rsa: &Signer) -> Forgeries {
    let good = issuer::claims("procurement.read");
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        rsa.token("r", &claims)
    };
    let without = |name: &str| {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(name);
        rsa.token("r", &claims)
    };
    vec![
        ("another issuer", with("iss", json!("https://id.example.evil"))),
        ("another audience", with("aud", json!("other"))),
        ("expired", with("exp", json!(issuer::now() - 31))),
        ("not yet", with("nbf", json!(issuer::now() + 3600))),
        ("no end", without("exp")),
        ("no audience", without("aud")),
        ("no issuer", without("iss")),
        ("nobody", without("sub")),
        ("a line break in the name", with("sub", json!("a\r\nx-bouvetradar-scopes: all"))),
        ("9 kB long", with("pad", json!("x".repeat(7000)))),
    ]
}

#[tokio::test]
async fn forged_tokens_stay_outside() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("jwks.json");
    let (rsa, ec) = (Signer::rsa(), Signer::ec());
    std::fs::write(&file, json!({"keys": [rsa.jwk("r"), ec.jwk("e")]}).to_string()).unwrap();
    for some in [badly_signed(&rsa, &ec), out_of_place(&rsa)] {
        // Failures are counted by address: a new gateway for each lot.
        let world = World::start_with(|setup| trusting(setup, file.to_str().unwrap())).await;
        for (what, token) in &some {
            let answer = with_token(&world, SEARCH, token).await;
            assert_eq!(answer.status, 401, "{what} got in");
            assert!(answer.header("www-authenticate").contains("invalid_token"), "{what}");
        }
        let good = rsa.token("r", &issuer::claims("procurement.read"));
        assert_eq!(with_token(&world, SEARCH, &good).await.status, 200);
        world.stop().await;
    }
}

#[tokio::test]
async fn an_issuer_s_new_key_is_good_at_once_and_its_old_one_no_longer() {
    let server = KeyServer::start().await;
    let (old, new) = (Signer::ec(), Signer::ed());
    let world = World::start_with(|setup| trusting(setup, &server.url())).await;
    let claims = issuer::claims("procurement.read");
    // The issuer could not be reached yet: nothing can be said of the token.
    failure(&with_token(&world, LIST, &old.token("1", &claims)).await, 503, "SERVICE_UNAVAILABLE");
    server.show(&[old.jwk("1")]);
    let until = async |token: String, status: u16| {
        let ask = async {
            while with_token(&world, LIST, &token).await.status != status {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), ask).await.unwrap();
    };
    until(old.token("1", &claims), 200).await;
    server.show(&[new.jwk("2")]);
    until(new.token("2", &claims), 200).await;
    failure(&with_token(&world, LIST, &old.token("1", &claims)).await, 401, "UNAUTHENTICATED");
    world.stop().await;
}

#[tokio::test]
async fn guessing_is_slowed_down_and_does_not_lock_out_who_is_known() {
    let dir = tempfile::tempdir().unwrap();
    let world = with_keys(&dir.path().join("keys.json")).await;
    assert_eq!(with_key(&world, LIST, "web-1").await.status, 200);
    let mut refused = 0;
    for guess in 0..40 {
        let answer = with_key(&world, LIST, &format!("guess-{guess}")).await;
        if answer.status == 429 {
            failure(&answer, 429, "RATE_LIMITED");
            assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1);
            refused += 1;
        } else {
            assert_eq!(answer.status, 401);
        }
    }
    assert!((18..=20).contains(&refused), "{refused}");
    // One that was never right here is not even looked at; one that was goes on.
    assert_eq!(with_key(&world, LIST, "web-2").await.status, 429);
    assert_eq!(with_key(&world, LIST, "web-1").await.status, 200);
    world.stop().await;
}
