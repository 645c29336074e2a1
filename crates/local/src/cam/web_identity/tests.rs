use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::super::account::IdentityProvider;
use super::super::condition::{Fact, Facts};
use super::{issue, verify};

/// A time at which the tokens of OpenSSL are valid.
const NOW: i64 = 1_700_000_100;
const AUDIENCE: &str = "sts.cloud.tencent.com";

/// Keys and tokens that OpenSSL has made.
fn openssl() -> Value {
    serde_json::from_str(include_str!("openssl.json")).unwrap()
}

fn provider_of(issuer: &str, audience: &str, keys: &Value) -> IdentityProvider {
    IdentityProvider::new("example", issuer, [audience], &keys.to_string()).unwrap()
}

fn provider() -> IdentityProvider {
    provider_of("https://oidc.example.com", AUDIENCE, &openssl()["jwks"])
}

/// Why `token` is not taken at `now`.
fn why(provider: &IdentityProvider, token: &str, now: i64) -> String {
    verify(provider, token, now).unwrap_err().to_string()
}

#[test]
fn tokens_of_others_are_understood() {
    for kind in ["rs256", "es256"] {
        let openssl = openssl();
        let claims = verify(&provider(), openssl[kind].as_str().unwrap(), NOW).unwrap();
        let subject = "system:serviceaccount:default:web";
        assert_eq!(claims.fact("oidc:sub"), Fact::of(Some(subject)));
        let audiences = Fact::Values(vec![AUDIENCE.into(), "other".into()]);
        assert_eq!(claims.fact("oidc:aud"), audiences);
        assert_eq!(claims.fact("oidc:email"), Fact::Absent);
        assert_eq!(claims.fact("qcs:ip"), Fact::Unknown);
    }
}

#[test]
fn a_token_has_its_time() {
    let openssl = openssl();
    let token = openssl["rs256"].as_str().unwrap();
    let (start, end) = (1_700_000_000, 1_700_003_600);
    for now in [start - 60, start, end, end + 60] {
        assert!(verify(&provider(), token, now).is_ok(), "{now}");
    }
    assert!(why(&provider(), token, start - 61).contains("has not come"));
    assert!(why(&provider(), token, end + 61).contains("is over"));
}

#[test]
fn a_token_is_for_one_audience_and_by_one_issuer() {
    let openssl = openssl();
    let (token, keys) = (openssl["rs256"].as_str().unwrap(), &openssl["jwks"]);
    let issuer = "https://oidc.example.com";
    for (issuer, audience) in [(issuer, "nobody"), ("https://evil.example.com", AUDIENCE)] {
        let other = provider_of(issuer, audience, keys);
        let why = why(&other, token, NOW);
        assert!(why.contains("is not one of the provider"), "{why}");
        assert!(!why.contains(token));
    }
}

#[test]
fn a_token_that_was_changed_or_signed_otherwise_is_not_taken() {
    let openssl = openssl();
    let token = openssl["rs256"].as_str().unwrap();
    let [header, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        panic!("{token}");
    };
    let encode = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let decoded = URL_SAFE_NO_PAD.decode(claims).unwrap();
    let mut other: Value = serde_json::from_slice(&decoded).unwrap();
    other["sub"] = json!("system:serviceaccount:kube-system:admin");
    let other = encode(other);
    let none = encode(json!({ "alg": "none", "kid": "rsa" }));
    let symmetric = encode(json!({ "alg": "HS256", "kid": "rsa" }));
    let stranger = encode(json!({ "alg": "RS256", "kid": "stranger" }));
    for forged in [
        format!("{header}.{other}.{signature}"),
        format!("{header}.{claims}."),
        format!("{none}.{claims}."),
        format!("{symmetric}.{claims}.{signature}"),
        format!("{stranger}.{claims}.{signature}"),
        format!("{header}.{claims}"),
        String::new(),
        "a.b.c".to_owned(),
        ".".repeat(100_000),
    ] {
        assert!(verify(&provider(), &forged, NOW).is_err(), "{forged}");
    }
    // Signed with what is public of a key, as if it were a secret.
    let secret = openssl["jwks"]["keys"][0]["n"].as_str().unwrap();
    let secret = URL_SAFE_NO_PAD.decode(secret).unwrap();
    let confused = issue(&provider(), &secret, "admin", NOW, 60);
    assert!(verify(&provider(), &confused, NOW).is_err());
}

#[test]
fn what_it_issues_it_takes() {
    let secret = b"a secret of the cloud";
    let keys = json!({ "keys": [{
        "kty": "oct", "alg": "HS256", "k": URL_SAFE_NO_PAD.encode(secret)
    }] });
    let own = provider_of("https://oidc.localhost", AUDIENCE, &keys);
    let token = issue(&own, secret, "web", NOW, 60);
    let claims = verify(&own, &token, NOW).unwrap();
    assert_eq!(claims.fact("oidc:sub"), Fact::of(Some("web")));
    assert!(verify(&own, &issue(&own, b"another", "web", NOW, 60), NOW).is_err());
}
