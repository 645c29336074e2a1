use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, Method};
use proptest::prelude::*;

use super::canonical::{sign_key, signature_mac, string_to_sign};
use super::*;
use crate::credentials::Credentials;
use crate::sign::digest::mac_hex;
use crate::sign::{Policy, Rejection, SignError, Signature, encode};

const NOW: i64 = 1_700_000_000;
const SECRET: Option<&str> = Some("SECRETEXAMPLE");

fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE")
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    headers
}

fn query(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

fn get<'a>(path: &'a str, query: &'a [(String, String)], headers: &'a HeaderMap) -> Request<'a> {
    Request {
        method: &Method::GET,
        path,
        query,
        headers,
    }
}

/// The signature of `request`, valid for an hour from `NOW`.
fn signed(request: &Request<'_>) -> Signature {
    Signer::new(
        &credentials(),
        TokenName::Cos,
        Window::new(NOW, NOW + 3_600),
    )
    .sign(request)
}

fn check(authorization: &str, request: &Request<'_>) -> Result<(), Rejection> {
    Authorization::parse(authorization)?.verify(request, SECRET, NOW, Policy::COS)
}

/// An authorization over hand-made texts, for clients that sign otherwise than [`Signer`].
fn handmade(sign_time: &str, key_time: &str, lists: (&str, &str), to_sign: &str) -> String {
    let signature = mac_hex(signature_mac(&sign_key("SECRETEXAMPLE", key_time), to_sign));
    let (headers, params) = lists;
    format!(
        "q-sign-algorithm=sha1&q-ak=AKIDEXAMPLE&q-sign-time={sign_time}&q-key-time={key_time}\
         &q-header-list={headers}&q-url-param-list={params}&q-signature={signature}"
    )
}

#[test]
fn names_are_encoded_lowered_and_sorted() {
    let headers = headers(&[("host", "h"), ("x-cos-meta-a", " 1 "), ("accept", "*/*")]);
    let query = query(&[
        ("b", ""),
        ("versionId", "X"),
        ("中", "文"),
        ("B", "2"),
        ("a-b", "3"),
    ]);
    let signature = signed(&get("/", &query, &headers));
    let params = "%e4%b8%ad=%E6%96%87&a-b=3&b=&b=2&versionid=X";
    assert_eq!(
        signature.http_string,
        format!("get\n/\n{params}\nhost=h&x-cos-meta-a=1\n")
    );
    assert!(
        signature
            .authorization
            .contains("&q-header-list=host;x-cos-meta-a&")
    );
    assert!(
        signature
            .authorization
            .contains("&q-url-param-list=%e4%b8%ad;a-b;b;b;versionid&")
    );
}

#[test]
fn the_token_is_sent_and_signed_under_the_services_name() {
    let credentials = credentials().with_token("T/+=");
    for (name, text) in [
        (TokenName::Cos, "x-cos-security-token"),
        (TokenName::Ci, "x-ci-security-token"),
    ] {
        let signer = Signer::new(&credentials, name, Window::new(NOW, NOW + 60));
        let mut headers = headers(&[("host", "h")]);
        let signature = signer
            .authorize(&Method::GET, "/", &[], &mut headers)
            .unwrap();
        assert_eq!(headers[text], "T/+=");
        assert!(headers[text].is_sensitive() && headers[AUTHORIZATION].is_sensitive());
        assert_eq!(
            signature.http_string,
            format!("get\n/\n\nhost=h&{text}=T%2F%2B%3D\n")
        );
        assert_eq!(security_token(&get("/", &[], &headers)), Some("T/+="));
        assert_eq!(
            check(&signature.authorization, &get("/", &[], &headers)),
            Ok(())
        );

        let bare = super::tests::headers(&[("host", "h")]);
        let url = signer.presign("http", &get("/", &[], &bare)).unwrap().url;
        let query = encode::decode_query(url.split_once('?').unwrap().1).unwrap();
        let request = get("/", &query, &bare);
        assert_eq!(security_token(&request), Some("T/+="));
        let authorization = Authorization::from_request(&request).unwrap();
        assert!(authorization.param_list().any(|param| param == text));
        assert_eq!(
            authorization.verify(&request, SECRET, NOW, Policy::COS),
            Ok(())
        );
    }
}

#[test]
fn what_cannot_be_signed_is_named() {
    let bad = Credentials::new("id", "key").with_token("a\nb");
    let signer = Signer::new(&bad, TokenName::Ci, Window::new(0, 1));
    let sign = |mut headers: HeaderMap| signer.authorize(&Method::GET, "/", &[], &mut headers);
    assert_eq!(
        sign(HeaderMap::new()),
        Err(SignError::MissingHeader("host"))
    );
    let error = sign(headers(&[("host", "h")])).unwrap_err();
    assert_eq!(error, SignError::InvalidHeader("x-ci-security-token"));
    assert!(!error.to_string().contains("a\nb"));
}

#[test]
fn debug_hides_signature_token_and_key() {
    let headers = headers(&[
        ("host", "h"),
        ("x-cos-security-token", "TOKEN"),
        ("x-cos-server-side-encryption-customer-key", "CUSTOMER"),
    ]);
    let request = get("/", &[], &headers);
    let signature = signed(&request);
    let secret_part = signature
        .authorization
        .split("q-signature=")
        .nth(1)
        .unwrap();
    let rejection = check(
        &handmade(
            "1;9999999999",
            "1;9999999999",
            (
                "host;x-cos-security-token;x-cos-server-side-encryption-customer-key",
                "",
            ),
            "",
        ),
        &request,
    );
    let credentials = credentials();
    let signer = Signer::new(&credentials, TokenName::Cos, Window::new(NOW, NOW + 3_600));
    let presigned = signer.presign("http", &request).unwrap();
    for shown in [
        format!("{signature:?}"),
        format!("{presigned:?}"),
        format!("{:?}", rejection.unwrap_err()),
    ] {
        assert!(shown.contains("x-cos-security-token=***"), "{shown}");
        assert!(shown.contains("customer-key=***"), "{shown}");
        assert!(
            ["TOKEN", "CUSTOMER", secret_part]
                .iter()
                .all(|secret| !shown.contains(secret)),
            "{shown}"
        );
    }
    let authorization = Authorization::parse(&signature.authorization).unwrap();
    for shown in [format!("{authorization:?}"), format!("{request:?}")] {
        assert!(
            ["TOKEN", "CUSTOMER", secret_part]
                .iter()
                .all(|secret| !shown.contains(secret)),
            "{shown}"
        );
    }
}

#[test]
fn host_may_be_signed_without_its_port() {
    let sent = headers(&[("host", "127.0.0.1:9000")]);
    for host in ["127.0.0.1:9000", "127.0.0.1"] {
        let signed_headers = headers(&[("host", host)]);
        let signature = signed(&get("/", &[], &signed_headers));
        assert_eq!(
            check(&signature.authorization, &get("/", &[], &sent)),
            Ok(()),
            "{host}"
        );
    }
    let other = headers(&[("host", "127.0.0.1:9001")]);
    let signature = signed(&get("/", &[], &other));
    let Err(Rejection::SignatureMismatch {
        http_string,
        string_to_sign,
    }) = check(&signature.authorization, &get("/", &[], &sent))
    else {
        panic!("another port is another host");
    };
    assert_eq!(http_string, "get\n/\n\nhost=127.0.0.1%3A9000\n");
    assert!(string_to_sign.starts_with("sha1\n1700000000;1700003600\n"));
    let difference = crate::sign::explain::first_difference(&signature.http_string, &http_string);
    assert_eq!(difference.unwrap().ours, "host=127.0.0.1%3A9001");
}

#[test]
fn empty_lists_cover_method_and_path_only() {
    let window = "1699999940;1700010000";
    let to_sign = string_to_sign(window, "get\n/a\n\n\n");
    let authorization = handmade(window, window, ("", ""), &to_sign);
    let (headers, query) = (
        headers(&[("host", "h"), ("range", "r")]),
        query(&[("acl", "")]),
    );
    assert_eq!(check(&authorization, &get("/a", &query, &headers)), Ok(()));
    assert!(check(&authorization, &get("/b", &query, &headers)).is_err());
    let strict = Policy::COS.with_require_host(true);
    let signed = Authorization::parse(&authorization).unwrap();
    let result = signed.verify(&get("/a", &query, &headers), SECRET, NOW, strict);
    assert_eq!(result, Err(Rejection::HostNotSigned));
}

#[test]
fn either_validity_may_be_in_the_signed_text() {
    let (sign_time, key_time) = ("1699999000;1700001000", "1699990000;1700009000");
    let headers = headers(&[("host", "h")]);
    let request = get("/", &[], &headers);
    for signed_time in [sign_time, key_time] {
        let to_sign = string_to_sign(signed_time, "get\n/\n\nhost=h\n");
        let authorization = handmade(sign_time, key_time, ("host", ""), &to_sign);
        assert_eq!(check(&authorization, &request), Ok(()), "{signed_time}");
        // The shorter of the two counts.
        let late = Authorization::parse(&authorization).unwrap();
        let late = late.verify(&request, SECRET, 1_700_001_001, Policy::COS);
        assert_eq!(
            late,
            Err(Rejection::Expired {
                end: 1_700_001_000,
                now: 1_700_001_001
            })
        );
    }
}

#[test]
fn time_is_checked_at_both_ends() {
    let headers = headers(&[("host", "h")]);
    let request = get("/", &[], &headers);
    let signed = Authorization::parse(&signed(&request).authorization).unwrap();
    let at = |now| signed.verify(&request, SECRET, now, Policy::COS);
    for now in [NOW - 900, NOW, NOW + 3_600] {
        assert_eq!(at(now), Ok(()), "{now}");
    }
    let (early, late) = (NOW - 901, NOW + 3_601);
    assert_eq!(
        at(early),
        Err(Rejection::TimeTooSkewed {
            requested: NOW,
            now: early
        })
    );
    assert_eq!(
        at(late),
        Err(Rejection::Expired {
            end: NOW + 3_600,
            now: late
        })
    );
    assert_eq!(at(early).unwrap_err().cos_code().1, "RequestTimeTooSkewed");
    assert!(
        at(late)
            .unwrap_err()
            .to_string()
            .starts_with("Request has expired")
    );
    assert!(at(i64::MIN).is_err() && at(i64::MAX).is_err());
}

#[test]
fn an_unknown_key_is_never_accepted() {
    let headers = headers(&[("host", "h")]);
    let request = get("/", &[], &headers);
    let empty_secret = Credentials::new("AKIDEXAMPLE", "");
    let signer = Signer::new(&empty_secret, TokenName::Cos, Window::new(NOW, NOW + 1));
    let found = Authorization::parse(&signer.sign(&request).authorization).unwrap();
    let refused = found.verify(&request, None, NOW, Policy::COS);
    assert_eq!(
        refused,
        Err(Rejection::UnknownKey {
            access_key_id: "AKIDEXAMPLE".into()
        })
    );
}

#[test]
fn signatures_are_found_in_header_and_query() {
    let mut with_header = headers(&[("host", "h")]);
    let bare = with_header.clone();
    let authorization = signed(&get("/", &[], &bare)).authorization;
    with_header.insert(AUTHORIZATION, authorization.parse().unwrap());
    let merged = query(&[("acl", ""), ("sign", &authorization)]);
    let pairs: Vec<_> = authorization
        .split('&')
        .map(|item| item.split_once('=').unwrap())
        .collect();
    let spread = query(&pairs);
    for request in [
        get("/", &[], &with_header),
        get("/", &merged, &bare),
        get("/", &spread, &bare),
    ] {
        let found = Authorization::from_request(&request).unwrap();
        assert_eq!(found.header_list().collect::<Vec<_>>(), ["host"]);
        assert_eq!(found.sign_time(), Window::new(NOW, NOW + 3_600));
        assert_eq!(found.verify(&request, SECRET, NOW, Policy::COS), Ok(()));
    }
    let unsigned = query(&[("signature", "mine")]);
    let missing = Authorization::from_request(&get("/", &unsigned, &bare));
    assert_eq!(missing, Err(Rejection::MissingAuthorization));
}

#[test]
fn signatures_of_other_methods_are_named() {
    let in_header = |text: &str| {
        let headers = headers(&[("host", "h"), ("authorization", text)]);
        Authorization::from_request(&get("/", &[], &headers))
    };
    let in_query = |pairs: &[(&str, &str)]| {
        let headers = headers(&[("host", "h")]);
        Authorization::from_request(&get("/", &query(pairs), &headers))
    };
    let version_4 = [
        in_header("AWS4-HMAC-SHA256 Credential=a/b/c/s3/aws4_request, Signature=0"),
        in_header("AWS4-ECDSA-P256-SHA256 Credential=a/b/s3/aws4_request, Signature=0"),
        in_query(&[
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Signature", "0"),
        ]),
        in_query(&[("x-amz-signature", "0")]),
    ];
    let version_2 = [
        in_header("AWS AKIDEXAMPLE:c2lnbmF0dXJl"),
        in_query(&[
            ("AWSAccessKeyId", "a"),
            ("Signature", "0"),
            ("Expires", "1"),
        ]),
    ];
    for (found, version) in version_4
        .into_iter()
        .map(|found| (found, "4"))
        .chain(version_2.into_iter().map(|found| (found, "2")))
    {
        let rejection = found.unwrap_err();
        assert_eq!(rejection.cos_code().1, "NotImplemented");
        let message = rejection.to_string();
        let named = format!("S3's signature version {version}, which is not understood yet");
        assert!(message.contains(&named), "{message}");
    }
    for (found, named) in [
        (in_query(&[("sign", "c2lnbmF0dXJl")]), "former JSON API"),
        (
            in_header("TC3-HMAC-SHA256 Credential=a/b/c"),
            "is for API 3.0",
        ),
    ] {
        let rejection = found.unwrap_err();
        assert_eq!(rejection.cos_code().1, "AccessDenied");
        assert!(rejection.to_string().contains(named), "{rejection}");
    }
}

#[test]
fn what_is_wrong_with_an_authorization_is_said() {
    let good = handmade("1;2", "1;2", ("host", ""), "");
    assert!(Authorization::parse(&good).is_ok());
    assert!(Authorization::parse(&format!("{good}&x-unknown=1")).is_ok());
    for (bad, why) in [
        (
            good.replace("=sha1", "=sha256"),
            "`q-sign-algorithm` is not `sha1`",
        ),
        (good.replace("&q-ak=AKIDEXAMPLE", ""), "`q-ak` is missing"),
        (good.replace("AKIDEXAMPLE", ""), "`q-ak` is empty"),
        (format!("{good}&q-ak=x"), "`q-ak` occurs twice"),
        (
            good.replace("q-sign-time=1;2", "q-sign-time=2;1"),
            "`q-sign-time` ends before it starts",
        ),
        (
            good.replace("q-key-time=1;2", "q-key-time=+1;2"),
            "`q-key-time` is not `start;end`",
        ),
        (
            good.replace("q-key-time=1;2", "q-key-time=-1;2"),
            "`q-key-time` is not `start;end`",
        ),
        (
            good.replace("q-key-time=1;2", "q-key-time=1;99999999999999999999"),
            "`q-key-time` is not",
        ),
        (format!("{good}{}", " ".repeat(20_000)), "longer than"),
        (String::new(), "`q-sign-algorithm` is missing"),
    ] {
        let error = Authorization::parse(&bad).unwrap_err().to_string();
        assert!(error.contains(why), "{error}, expected {why}");
    }
}

proptest! {
    /// What we sign and write to the wire, a server reads back and accepts; and not with another
    /// path, query or method.
    #[test]
    fn signed_requests_verify(
        path in "/(\\PC|[./%+ ]){0,20}",
        query in prop::collection::vec(("\\PC{1,6}", "(\\PC|[&=;%+]){0,10}"), 0..5),
        meta in "[ -~\u{a1}-\u{ffff}]{0,20}",
        port in prop::option::of(1_u16..),
    ) {
        let host = port.map_or("h.example".to_owned(), |port| format!("h.example:{port}"));
        let headers = headers(&[("host", &host), ("x-cos-meta-a", &meta), ("accept", &meta)]);
        let signature = signed(&get(&path, &query, &headers));

        let wire_path = encode::decode_path(&encode::path(&path)).unwrap();
        let wire_query = encode::query(query.iter().map(|(key, value)| (key, value)));
        let mut received = encode::decode_query(&wire_query).unwrap();
        prop_assert_eq!(check(&signature.authorization, &get(&wire_path, &received, &headers)), Ok(()));

        let longer = format!("{path}x");
        prop_assert!(check(&signature.authorization, &get(&longer, &received, &headers)).is_err());
        let put = Request { method: &Method::PUT, ..get(&path, &received, &headers) };
        prop_assert!(check(&signature.authorization, &put).is_err());
        if let Some((_, value)) = received.first_mut() {
            value.push('x');
            prop_assert!(check(&signature.authorization, &get(&path, &received, &headers)).is_err());
        }
    }

    #[test]
    fn presigned_urls_verify(
        path in "/(\\PC|[./%+ ]){0,20}",
        query in prop::collection::vec(("\\PC{1,6}", "(\\PC|[&=;%+]){0,10}"), 0..5),
    ) {
        let headers = headers(&[("host", "h.example:81")]);
        let (credentials, window) = (credentials(), Window::new(NOW, NOW + 60));
        let signer = Signer::new(&credentials, TokenName::Ci, window);
        let url = signer.presign("https", &get(&path, &query, &headers)).unwrap().url;
        let url: http::Uri = url.parse().unwrap();
        prop_assert_eq!(url.host(), Some("h.example"));
        let path = encode::decode_path(url.path()).unwrap();
        let query = encode::decode_query(url.query().unwrap()).unwrap();
        let request = get(&path, &query, &headers);
        let found = Authorization::from_request(&request).unwrap();
        prop_assert_eq!(found.verify(&request, SECRET, NOW, Policy::COS), Ok(()));
    }
}
