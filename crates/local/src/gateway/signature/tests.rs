use http::header::{AUTHORIZATION, HOST};
use http::{HeaderMap, HeaderValue, Method};
use tcloud_core::credentials::Credentials;
use tcloud_core::operation::Protocol;
use tcloud_core::sign::qsign::{Request, Signer, TokenName, Window};

use super::{Checked, Refused, Signed, Terms, Verdict, check};
use crate::cam::Directory;
use crate::gateway::target::Via;
use crate::{AuthMode, Settings};

const NOW: i64 = 1_700_000_000;

/// The headers of a `GET /` signed by `key`.
fn signed(key: &Credentials) -> HeaderMap {
    let mut headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static("h"))]);
    let window = Window::new(NOW - 60, NOW + 900);
    Signer::new(key, TokenName::Cos, window)
        .authorize(&Method::GET, "/", &[], &mut headers)
        .unwrap();
    headers
}

/// What comes of `request` by `via` at `now`.
fn checked(
    settings: &Settings,
    via: Via,
    request: &Signed<'_>,
    now: i64,
) -> Result<Checked, Box<Refused>> {
    let directory = Directory::new(settings.account.clone(), [0; 32]).unwrap();
    let terms = Terms {
        directory: &directory,
        mode: settings.auth,
        now,
        region: &settings.default_region,
    };
    check(terms, Protocol::Cos, via, request)
}

/// The verdict or the code of the refusal.
fn outcome(settings: &Settings, headers: &HeaderMap, now: i64) -> Result<Verdict, String> {
    let request = Signed::Storage(Request {
        method: &Method::GET,
        path: "/",
        query: &[],
        headers,
    });
    checked(settings, Via::InProcess, &request, now)
        .map(|checked| checked.verdict)
        .map_err(|refused| refused.fault.code)
}

#[test]
fn modes() {
    let (known, unknown) = (
        Credentials::new("known", "k"),
        Credentials::new("other", "o"),
    );
    let wrong = Credentials::new("known", "wrong");
    let mode = |mode| Settings::default().keys([known.clone()]).auth(mode);
    let valid = Ok(Verdict::Valid {
        secret_id: "known".into(),
        advice: None,
    });
    let unchecked = |id: &str| {
        Ok(Verdict::Unchecked {
            secret_id: id.into(),
        })
    };
    let strict = mode(AuthMode::Strict);
    let lenient = mode(AuthMode::Lenient);
    let off = mode(AuthMode::Off);

    assert_eq!(outcome(&strict, &signed(&known), NOW), valid);
    assert_eq!(outcome(&lenient, &signed(&known), NOW), valid);
    assert_eq!(outcome(&off, &signed(&wrong), NOW), unchecked("known"));

    let refused = |code: &str| Err(code.to_owned());
    assert_eq!(
        outcome(&strict, &signed(&unknown), NOW),
        refused("InvalidAccessKeyId")
    );
    assert_eq!(
        outcome(&lenient, &signed(&unknown), NOW),
        unchecked("other")
    );
    assert_eq!(
        outcome(&strict, &signed(&wrong), NOW),
        refused("SignatureDoesNotMatch")
    );
    assert_eq!(
        outcome(&lenient, &signed(&wrong), NOW),
        refused("SignatureDoesNotMatch")
    );
    for settings in [&strict, &lenient, &off] {
        assert_eq!(
            outcome(settings, &HeaderMap::new(), NOW),
            Ok(Verdict::Anonymous)
        );
    }

    let mut garbage = HeaderMap::new();
    garbage.insert(AUTHORIZATION, HeaderValue::from_static("Basic eA=="));
    assert_eq!(outcome(&strict, &garbage, NOW), refused("AccessDenied"));
    assert_eq!(outcome(&off, &garbage, NOW), Ok(Verdict::Anonymous));
}

#[test]
fn the_built_in_key_is_of_no_use_from_a_network() {
    let own = Credentials::new("own", "o");
    let built_in = Settings::default().account.keys.remove(0);
    let settings = Settings::default().keys([own.clone(), built_in.clone()]);
    let code = |key: &Credentials, via| {
        let headers = signed(key);
        let request = Signed::Storage(Request {
            method: &Method::GET,
            path: "/",
            query: &[],
            headers: &headers,
        });
        checked(&settings, via, &request, NOW)
            .map_err(|refused| refused.fault.code)
            .err()
    };
    for via in [Via::InProcess, Via::Loopback] {
        assert_eq!(code(&built_in, via), None);
    }
    assert_eq!(code(&built_in, Via::Network), Some("AccessDenied".into()));
    assert_eq!(code(&own, Via::Network), None);
}

#[test]
fn a_signature_need_not_cover_the_host_but_should() {
    let authorization = "q-sign-algorithm=sha1&q-ak=known&q-sign-time=1699999940;1700000900\
        &q-key-time=1699999940;1700000900&q-header-list=&q-url-param-list=\
        &q-signature=8e1029302c9f4e4c8c6aa9bf2347f28c9c849c76";
    let settings = Settings::default().keys([Credentials::new("known", "k")]);
    let mut headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static("h"))]);
    headers.insert(AUTHORIZATION, authorization.parse().unwrap());
    let Ok(Verdict::Valid { advice, .. }) = outcome(&settings, &headers, NOW) else {
        panic!("it is right");
    };
    assert!(advice.unwrap().contains("does not cover `host`"));
    // What is signed is checked all the same.
    let altered = authorization.replace("1700000900", "1700000901");
    headers.insert(AUTHORIZATION, altered.parse().unwrap());
    assert_eq!(
        outcome(&settings, &headers, NOW),
        Err("SignatureDoesNotMatch".into())
    );
}

#[test]
fn signatures_of_s3_are_refused_by_name_in_every_mode() {
    let headers = HeaderMap::from_iter([(
        AUTHORIZATION,
        HeaderValue::from_static("AWS4-HMAC-SHA256 Credential=a/b/c/s3/aws4_request"),
    )]);
    for mode in [AuthMode::Strict, AuthMode::Lenient, AuthMode::Off] {
        assert_eq!(
            outcome(&Settings::default().auth(mode), &headers, NOW),
            Err("NotImplemented".into())
        );
    }
}

#[test]
fn the_clock_may_be_a_quarter_of_an_hour_off() {
    let settings = Settings::default().keys([Credentials::new("known", "k")]);
    let headers = signed(&Credentials::new("known", "k"));
    let starts = NOW - 60;
    assert!(outcome(&settings, &headers, starts - 900).is_ok());
    assert_eq!(
        outcome(&settings, &headers, starts - 901),
        Err("RequestTimeTooSkewed".into())
    );
    assert_eq!(
        outcome(&settings, &headers, NOW + 901),
        Err("AccessDenied".into())
    );
}

#[test]
fn a_temporary_key_needs_its_token() {
    let key = Credentials::new("known", "k");
    let settings = Settings::default().keys([key.clone().with_token("t")]);
    assert!(outcome(&settings, &signed(&key.clone().with_token("t")), NOW).is_ok());
    for key in [key.clone().with_token("u"), key] {
        assert_eq!(
            outcome(&settings, &signed(&key), NOW),
            Err("AccessDenied".into())
        );
    }
}
