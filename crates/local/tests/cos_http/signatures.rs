use http::{HeaderMap, HeaderValue, Method};
use tcloud_core::credentials::Credentials;
use tcloud_core::sign::qsign::{self, Signer, TokenName, Window};
use tcloud_local::{DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, Settings};

use crate::fixture::{BUCKET, Fixture, NOW, bucket_host, code, request};

const HOUR: i64 = 3_600_000;

#[tokio::test]
async fn a_wrong_secret_is_explained() {
    let (fixture, _) = Fixture::with_bucket().await;
    let client = fixture.client_of(Credentials::new(DEFAULT_SECRET_ID, "wrong"), NOW);
    let signed = client.get_object(BUCKET, "k").sign().await.unwrap();
    let ours = signed.signature().clone();
    let answer = fixture.send(in_origin_form(signed.into_http())).await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.element("Code"), "SignatureDoesNotMatch");
    assert_eq!(
        answer.element("FormatString").trim_end(),
        ours.http_string.replace('&', "&amp;").trim_end()
    );
    assert_eq!(
        answer.element("StringToSign").trim_end(),
        ours.string_to_sign.trim_end()
    );

    let log = fixture.page("/_local/requests?limit=1").await;
    let entry = &log["requests"][0];
    assert_eq!(entry["code"], "SignatureDoesNotMatch");
    assert_eq!(entry["status"], 403);
    assert_eq!(entry["signature"]["result"], "refused");
    assert_eq!(entry["signature"]["formatString"], ours.http_string);
}

#[tokio::test]
async fn a_changed_request_is_refused() {
    let (fixture, client) = Fixture::with_bucket().await;
    let signed = client.get_object(BUCKET, "k").sign().await.unwrap();
    let mut changed = in_origin_form(signed.into_http());
    let host = HeaderValue::from_static("other-1250000000.cos.ap-chongqing.myqcloud.com");
    changed.headers_mut().insert("host", host);
    let answer = fixture.send(changed).await;
    assert_eq!(answer.element("Code"), "SignatureDoesNotMatch");
    assert!(answer.element("FormatString").contains("host=other-"));
}

#[tokio::test]
async fn a_proxied_request_is_for_the_host_of_its_address() {
    let (fixture, client) = Fixture::with_bucket().await;
    let signed = client.get_object(BUCKET, "k").sign().await.unwrap();
    let mut changed = signed.into_http();
    let elsewhere = "http://other-1250000000.cos.ap-chongqing.myqcloud.com/k";
    *changed.uri_mut() = elsewhere.parse().unwrap();
    let answer = fixture.send(changed).await;
    assert_eq!(answer.element("Code"), "SignatureDoesNotMatch");
}

#[tokio::test]
async fn unknown_keys_and_wrong_tokens_are_refused() {
    let (fixture, _) = Fixture::with_bucket().await;
    let stranger = fixture.client_of(Credentials::new("AKIDstranger", "s"), NOW);
    assert_eq!(
        code(stranger.get_bucket(BUCKET).send().await),
        "InvalidAccessKeyId"
    );

    let key = Credentials::new("AKIDtemporary", "s");
    let settings = Settings::default().keys([key.clone().with_token("right")]);
    let fixture = Fixture::with(settings).await;
    let right = fixture.client_of(key.clone().with_token("right"), NOW);
    right.put_bucket(BUCKET).send().await.unwrap();
    let wrong = fixture.client_of(key.with_token("wrong"), NOW);
    assert_eq!(code(wrong.get_bucket(BUCKET).send().await), "AccessDenied");
    let log = fixture.page("/_local/requests").await.to_string();
    assert!(
        !log.contains("wrong\"") && !log.contains("right\""),
        "{log}"
    );
}

#[tokio::test]
async fn a_signature_need_not_cover_the_host() {
    let (fixture, _) = Fixture::with_bucket().await;
    let key = Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY);
    let now = NOW / 1000;
    let sign = |path: &str| {
        let signer = Signer::new(&key, TokenName::Cos, Window::new(now, now + 60));
        let bare = HeaderMap::new();
        let signature = signer.sign(&qsign::Request {
            method: &Method::GET,
            path,
            query: &[],
            headers: &bare,
        });
        HeaderValue::from_str(&signature.authorization).unwrap()
    };
    let mut accepted = request("GET /", &bucket_host());
    accepted.headers_mut().insert("authorization", sign("/"));
    let answer = fixture.send(accepted).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let log = fixture.page("/_local/requests?limit=1").await;
    let verdict = &log["requests"][0]["signature"];
    assert_eq!(verdict["result"], "valid");
    let advice = verdict["advice"].as_str().unwrap();
    assert!(advice.contains("does not cover `host`"), "{advice}");

    let mut altered = request("GET /k", &bucket_host());
    altered.headers_mut().insert("authorization", sign("/"));
    let answer = fixture.send(altered).await;
    assert_eq!(answer.element("Code"), "SignatureDoesNotMatch");
}

#[tokio::test]
async fn keys_of_encryption_are_not_repeated() {
    let (fixture, _) = Fixture::with_bucket().await;
    let client = fixture.client_of(Credentials::new(DEFAULT_SECRET_ID, "wrong"), NOW);
    let key = "MDEyMzQ1Njc4OUFCQ0RFRjAxMjM0NTY3ODlBQkNERUY=";
    let put = client
        .put_object(BUCKET, "k", "v")
        .sse_customer_algorithm("AES256")
        .sse_customer_key(key);
    let signed = put.sign().await.unwrap();
    let shown = format!("{:?}", signed.signature());
    let answer = fixture.send(in_origin_form(signed.into_http())).await;
    assert_eq!(answer.element("Code"), "SignatureDoesNotMatch");
    let text = answer.element("FormatString");
    assert!(text.contains("customer-key=***"), "{text}");
    let log = fixture.page("/_local/requests").await.to_string();
    assert!(log.contains("customer-key=***"), "{log}");
    for shown in [&shown, &answer.text, &log] {
        assert!(!shown.contains("MDEyMzQ1"), "{shown}");
    }
}

#[tokio::test]
async fn signatures_that_are_not_understood_are_named() {
    let (fixture, client) = Fixture::with_bucket().await;
    let put = client.put_object(BUCKET, "k", "v");
    put.send().await.unwrap();
    for (line, authorization, code, named) in [
        (
            "GET /k",
            "AWS4-ECDSA-P256-SHA256 Credential=a/b/s3/aws4_request, SignedHeaders=host, Signature=0",
            "NotImplemented",
            "AWS4-ECDSA-P256-SHA256",
        ),
        ("GET /k", "AWS a:c2ln", "NotImplemented", "version 2"),
        (
            "GET /k?X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256&X-Amz-Signature=0",
            "",
            "NotImplemented",
            "AWS4-ECDSA-P256-SHA256",
        ),
        (
            "GET /k?AWSAccessKeyId=a&Expires=1&Signature=c2ln",
            "",
            "NotImplemented",
            "version 2",
        ),
        ("GET /k?sign=c2ln", "", "AccessDenied", "former JSON API"),
    ] {
        let mut asked = request(line, &bucket_host());
        let value = HeaderValue::from_static(authorization);
        asked.headers_mut().insert("authorization", value);
        let answer = fixture.send(asked).await;
        assert_eq!(answer.element("Code"), code, "{line}: {}", answer.text);
        let message = answer.element("Message").replace("&apos;", "'");
        assert!(message.contains(named), "{message}");
    }
}

#[tokio::test]
async fn clocks_may_be_a_quarter_of_an_hour_off() {
    let (fixture, _) = Fixture::with_bucket().await;
    // A signature begins a minute before it is made.
    for (offset, expected) in [
        (15 * 60_000, ""),
        (17 * 60_000, "RequestTimeTooSkewed"),
        (-14 * 60_000, ""),
        (-HOUR, "AccessDenied"),
    ] {
        let client = fixture.client_at(NOW + offset);
        let signed = client.get_bucket(BUCKET).sign().await.unwrap();
        let answer = fixture.send(in_origin_form(signed.into_http())).await;
        assert_eq!(answer.element("Code"), expected, "{offset}");
    }
}

#[tokio::test]
async fn a_client_corrects_its_clock_by_the_date_of_the_answer() {
    let (fixture, _) = Fixture::with_bucket().await;
    fixture.clock.advance(-HOUR);
    let late = fixture.client_at(NOW);
    let page = late.get_bucket(BUCKET).send().await.unwrap();
    assert_eq!(page.attempts(), 2);
    assert_eq!(page.headers()["date"], "Tue, 14 Nov 2023 21:13:20 GMT");
}

#[tokio::test]
async fn requests_are_remembered_without_secrets() {
    let (fixture, client) = Fixture::with_bucket().await;
    client.put_object(BUCKET, "k", "v").send().await.unwrap();
    fixture.anonymous("GET /k?q-signature=secret").await;
    let log = fixture.page("/_local/requests").await;
    let entries = log["requests"].as_array().unwrap();
    let operations: Vec<_> = entries.iter().map(|entry| &entry["operation"]).collect();
    assert_eq!(
        operations,
        [
            &serde_json::Value::Null,
            &"cos.PutObject".into(),
            &"cos.PutBucket".into()
        ]
    );
    let put = &entries[1];
    assert_eq!(put["method"], "PUT");
    assert_eq!(put["path"], "/k");
    assert_eq!(put["status"], 200);
    assert_eq!(put["time"], "2023-11-14T22:13:20Z");
    assert_eq!(put["signature"]["result"], "valid");
    assert_eq!(put["signature"]["secretId"], DEFAULT_SECRET_ID);
    assert!(!log.to_string().contains("secret\""));

    let health = fixture.page("/_local/health").await;
    assert_eq!(health["status"], "ok");
    assert_eq!(
        health["services"],
        serde_json::json!(["cos", "ci", "mps", "sts"])
    );
    let rebound = fixture
        .send(request("GET /_local/requests", "rebound.example"))
        .await;
    assert_eq!(rebound.status, 403, "{}", rebound.text);
    assert!(!rebound.text.contains("requests\":"), "{}", rebound.text);
}

#[tokio::test]
async fn an_unsigned_action_is_refused_as_its_protocol_does() {
    let fixture = Fixture::new().await;
    let mut action = request("POST /", "http://127.0.0.1:9000");
    for (name, value) in [
        ("x-tc-action", "ProcessImage"),
        ("x-tc-version", "2019-06-12"),
    ] {
        action
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    let answer = fixture.send(action).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/json");
    let body: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
    let error = &body["Response"]["Error"];
    assert_eq!(error["Code"], "AuthFailure.InvalidAuthorization");
    assert!(body["Response"]["RequestId"].is_string());
}

/// A request as it is on a socket: the address was only where to connect to.
fn in_origin_form<T>(mut request: http::Request<T>) -> http::Request<T> {
    let path = request.uri().path_and_query().unwrap().clone();
    *request.uri_mut() = path.into();
    request
}
