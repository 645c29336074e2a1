use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderValue, Method};
use proptest::prelude::*;

use super::canonical::{
    ACTION, CONTENT_HASH, TIMESTAMP, TOKEN, canonical_request, signing_key, string_to_sign,
};
use super::*;
use crate::credentials::Credentials;
use crate::sign::digest::{HmacSha256, mac, mac_hex};
use crate::sign::{Policy, Rejection, SignError};

const NOW: i64 = 1_700_000_000;
const SECRET: Option<&str> = Some("SECRETEXAMPLE");

fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE")
}

fn headers(host: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(HOST, host.parse().unwrap());
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/json; charset=UTF-8"),
    );
    headers.insert(ACTION, HeaderValue::from_static("DescribeTasks"));
    headers.insert(TIMESTAMP, NOW.into());
    headers
}

fn post<'a>(headers: &'a HeaderMap, payload: &'a [u8]) -> Request<'a> {
    Request {
        method: &Method::POST,
        query: "",
        headers,
        payload,
    }
}

fn check(authorization: &str, request: &Request<'_>) -> Result<(), Rejection> {
    Authorization::parse(authorization)?.verify(request, SECRET, NOW, Policy::TC3)
}

fn authorization(request: &Request<'_>) -> String {
    Signer::new(&credentials(), "mps", NOW)
        .sign(request)
        .authorization
}

#[test]
fn authorize_sets_what_the_signature_needs() {
    let credentials = credentials().with_token("T");
    let signer = Signer::new(&credentials, "mps", NOW)
        .with_unsigned_payload()
        .with_signed_action();
    let mut headers = headers("h");
    headers.remove(TIMESTAMP);
    let signature = signer
        .authorize(&Method::POST, "", &mut headers, b"{}")
        .unwrap();
    assert_eq!(headers[TIMESTAMP], "1700000000");
    assert_eq!(headers[TOKEN], "T");
    assert_eq!(headers[CONTENT_HASH], "UNSIGNED-PAYLOAD");
    assert!(headers[AUTHORIZATION].is_sensitive());
    assert!(
        signature
            .http_string
            .contains("\nx-tc-action:describetasks\n")
    );
    assert!(
        signature
            .http_string
            .contains("\ncontent-type:application/json; charset=UTF-8\n")
    );
    let request = post(&headers, b"another body");
    let found = Authorization::from_request(&request).unwrap();
    assert_eq!(found.access_key_id(), "AKIDEXAMPLE");
    assert_eq!((found.date(), found.service()), ("2023-11-14", "mps"));
    assert_eq!(
        found.signed_headers().collect::<Vec<_>>(),
        ["content-type", "host", "x-tc-action"]
    );
    assert_eq!(found.verify(&request, SECRET, NOW, Policy::TC3), Ok(()));
    headers.remove(CONTENT_HASH);
    assert!(
        found
            .verify(&post(&headers, b"another body"), SECRET, NOW, Policy::TC3)
            .is_err()
    );
}

#[test]
fn what_cannot_be_signed_is_named() {
    let credentials = credentials();
    let signer = Signer::new(&credentials, "mps", NOW);
    for (name, missing) in [(HOST, "host"), (CONTENT_TYPE, "content-type")] {
        let mut headers = headers("h");
        headers.remove(name);
        let result = signer.authorize(&Method::POST, "", &mut headers, b"");
        assert_eq!(result, Err(SignError::MissingHeader(missing)));
    }
}

#[test]
fn hosts_of_the_sdks_are_accepted() {
    for (sent, signed) in [
        ("127.0.0.1:9000", "127.0.0.1:9000"),
        ("127.0.0.1:9000", "127.0.0.1"),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
        ("[::1]:9000", "[::1]"),
    ] {
        let authorization = authorization(&post(&headers(signed), b"{}"));
        assert_eq!(
            check(&authorization, &post(&headers(sent), b"{}")),
            Ok(()),
            "{sent} {signed}"
        );
    }
    let other = authorization(&post(&headers("[::2]"), b"{}"));
    let Err(Rejection::SignatureMismatch { http_string, .. }) =
        check(&other, &post(&headers("[::1]"), b"{}"))
    else {
        panic!("another host has to be refused");
    };
    assert!(http_string.contains("\nhost:[::1]\n"), "{http_string}");
}

#[test]
fn values_may_be_signed_as_sent_or_in_lower_case() {
    let headers = headers("Mps.Example");
    let request = post(&headers, b"{}");
    let names = ["content-type", "host", ACTION];
    let key = signing_key("SECRETEXAMPLE", "2023-11-14", "mps");
    let forms: [fn(&str) -> bool; 3] = [|_| true, |_| false, |name| name == ACTION];
    for lowers in forms {
        let canonical = canonical_request(&request, &names, None, lowers);
        let to_sign = string_to_sign(NOW, "2023-11-14", "mps", &canonical);
        let signature = mac_hex(mac::<HmacSha256>(&key, to_sign.as_bytes()));
        // Some clients leave out the spaces.
        for comma in [",", ", ", " ,  "] {
            let authorization = format!(
                "TC3-HMAC-SHA256 Credential=AKIDEXAMPLE/2023-11-14/mps/tc3_request{comma}\
                 SignedHeaders={}{comma}Signature={signature}",
                names.join(";")
            );
            assert_eq!(check(&authorization, &request), Ok(()));
        }
    }
}

#[test]
fn time_is_checked_at_both_ends() {
    let headers = headers("h");
    let request = post(&headers, b"{}");
    let signed = Authorization::parse(&authorization(&request)).unwrap();
    let at = |now| signed.verify(&request, SECRET, now, Policy::TC3);
    for now in [NOW - 300, NOW, NOW + 300] {
        assert_eq!(at(now), Ok(()), "{now}");
    }
    assert_eq!(
        at(NOW - 301),
        Err(Rejection::TimeTooSkewed {
            requested: NOW,
            now: NOW - 301
        })
    );
    assert_eq!(
        at(NOW + 301),
        Err(Rejection::Expired {
            end: NOW + 300,
            now: NOW + 301
        })
    );
    assert_eq!(
        at(NOW + 301).unwrap_err().tc3_code(),
        "AuthFailure.SignatureExpire"
    );
    let loose = Policy::TC3.with_tolerance_seconds(900);
    assert_eq!(signed.verify(&request, SECRET, NOW + 900, loose), Ok(()));
    assert!(at(i64::MAX).is_err() && at(i64::MIN).is_err());
}

#[test]
fn the_scope_has_to_be_of_the_timestamps_day() {
    let mut headers = headers("h");
    let authorization = authorization(&post(&headers, b"{}"));
    for bad in ["1700006400", "", "soon", "+1700000000", "-1"] {
        headers.insert(TIMESTAMP, bad.parse().unwrap());
        let error = check(&authorization, &post(&headers, b"{}")).unwrap_err();
        assert!(
            matches!(error, Rejection::InvalidAuthorization { .. }),
            "{bad}: {error}"
        );
    }
}

#[test]
fn host_has_to_be_signed_unless_the_policy_says_otherwise() {
    let headers = headers("h");
    let request = post(&headers, b"{}");
    let canonical = canonical_request(&request, &["content-type"], None, |_| false);
    let to_sign = string_to_sign(NOW, "2023-11-14", "mps", &canonical);
    let key = signing_key("SECRETEXAMPLE", "2023-11-14", "mps");
    let signed = Authorization::parse(&format!(
        "TC3-HMAC-SHA256 Credential=AKIDEXAMPLE/2023-11-14/mps/tc3_request, \
         SignedHeaders=content-type, Signature={}",
        mac_hex(mac::<HmacSha256>(&key, to_sign.as_bytes()))
    ))
    .unwrap();
    let with = |policy| signed.verify(&request, SECRET, NOW, policy);
    assert_eq!(with(Policy::TC3), Err(Rejection::HostNotSigned));
    assert_eq!(with(Policy::TC3.with_require_host(false)), Ok(()));
    let unknown = signed.verify(&request, None, NOW, Policy::TC3.with_require_host(false));
    assert_eq!(
        unknown,
        Err(Rejection::UnknownKey {
            access_key_id: "AKIDEXAMPLE".into()
        })
    );
}

#[test]
fn a_skipped_signature_is_none() {
    let mut headers = headers("h");
    headers.insert("authorization", "SKIP".parse().unwrap());
    assert_eq!(
        Authorization::from_request(&post(&headers, b"")),
        Err(Rejection::MissingAuthorization)
    );
}

#[test]
fn what_is_wrong_with_an_authorization_is_said() {
    let good = authorization(&post(&headers("h"), b"{}"));
    for (bad, why) in [
        ("SKIP".to_owned(), "does not start with"),
        (good.replace("SHA256", "SHA1"), "does not start with"),
        (good.replace("Signature=", "Sig="), "`Signature` is missing"),
        (format!("{good}, Signature=0"), "`Signature` occurs twice"),
        (good.replace("/mps/", "/"), "`Credential` is not"),
        (good.replace("/mps/", "//"), "`Credential` is empty"),
        (
            good.replace("tc3_request", "aws4_request"),
            "`Credential` is not",
        ),
        (format!("{good}{}", " ".repeat(20_000)), "longer than"),
    ] {
        let error = Authorization::parse(&bad).unwrap_err().to_string();
        assert!(error.contains(why), "{error}, expected {why}");
    }
    let headers = headers("h");
    let missing = Authorization::from_request(&post(&headers, b"{}"));
    assert_eq!(missing, Err(Rejection::MissingAuthorization));
}

proptest! {
    #[test]
    fn signed_requests_verify(
        payload in prop::collection::vec(any::<u8>(), 0..50),
        query in "[!-~]{0,30}",
        service in "[a-z0-9]{1,8}",
        host in "[A-Za-z0-9.]{1,20}(:[0-9]{1,5})?",
        seconds in -300_i64..=300,
    ) {
        let mut headers = headers(&host);
        let credentials = credentials();
        let signer = Signer::new(&credentials, &service, NOW);
        signer.authorize(&Method::GET, &query, &mut headers, &payload).unwrap();
        let request = Request { method: &Method::GET, query: &query, headers: &headers, payload: &payload };
        let found = Authorization::from_request(&request).unwrap();
        let at = NOW + seconds;
        prop_assert_eq!(found.verify(&request, SECRET, at, Policy::TC3), Ok(()));
        prop_assert!(found.verify(&request, Some("other"), at, Policy::TC3).is_err());
        let post = Request { method: &Method::POST, ..request };
        prop_assert!(found.verify(&post, SECRET, at, Policy::TC3).is_err());
    }
}
