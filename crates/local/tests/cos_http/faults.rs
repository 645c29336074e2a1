//! Requests that fail on demand.

use std::time::Duration;

use http::{HeaderMap, Request};
use serde_json::{Value, json};
use tcloud_core::body::Body;
use tcloud_core::error::Error;
use tcloud_cos::operation::get_object::GetObjectRequest;
use tcloud_cos::operation::put_object::PutObjectRequest;
use tcloud_local::{AuthMode, FaultKind, FaultRule, Settings};

use crate::fixture::{BUCKET, Fixture, REGION, bucket_host, request};
use crate::sockets::{Served, status};

fn settings() -> Settings {
    let settings = Settings::default().auth(AuthMode::Off);
    settings.default_region(REGION).bucket(BUCKET)
}

/// A cloud that lets everybody in, with an object `a`, so that answers can be looked at.
async fn open() -> Fixture {
    let fixture = Fixture::with(settings()).await;
    let client = fixture.client();
    client
        .put_object(BUCKET, "a", "content")
        .send()
        .await
        .unwrap();
    fixture
}

async fn page(fixture: &Fixture, line: &str, body: &str) -> (u16, Value) {
    let (method, path) = line.split_once(' ').unwrap();
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost");
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let answer = fixture.send(request).await;
    let value = serde_json::from_str(&answer.text).unwrap();
    (answer.status.as_u16(), value)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("", |it| it.to_str().unwrap())
}

#[tokio::test]
async fn a_refusal_looks_like_one_of_the_service() {
    let fixture = open().await;
    let faults = fixture.cloud.faults();
    let rule = FaultRule::refuse(503, "ServiceUnavailable").of::<GetObjectRequest>();
    let id = faults.add(rule).unwrap();
    let answer = fixture.anonymous("GET /a").await;
    assert_eq!(answer.status.as_u16(), 503);
    assert_eq!(answer.element("Code"), "ServiceUnavailable");
    assert_eq!(
        answer.element("RequestId"),
        answer.header("x-cos-request-id")
    );
    assert!(!answer.element("RequestId").is_empty());
    assert!(answer.element("Message").contains("a rule for faults"));
    assert_eq!(answer.header("x-tcloud-fault"), id.to_string());
    let log = fixture.page("/_local/requests?limit=1").await;
    let entry = &log["requests"][0];
    assert_eq!(entry["faults"], json!([id]));
    assert_eq!(entry["code"], "ServiceUnavailable");
    let recorded = fixture.cloud.requests().all();
    assert_eq!(recorded.last().unwrap().faults, [id]);

    // Whatever else is asked for is not met.
    let head = fixture.anonymous("HEAD /a").await;
    assert_eq!(
        (head.status.as_u16(), head.header("x-tcloud-fault")),
        (200, "")
    );
    let log = fixture.page("/_local/requests?limit=1").await;
    assert_eq!(log["requests"][0]["faults"], Value::Null);
    assert!(faults.remove(id));
    assert_eq!(fixture.anonymous("GET /a").await.text, "content");
}

#[tokio::test]
async fn each_service_says_it_in_its_own_way() {
    let fixture = open().await;
    let faults = fixture.cloud.faults();
    let ci = format!("{BUCKET}.ci.{REGION}.myqcloud.com");
    let asked = async |host: &str, action: &str| {
        let mut asked = request(if action.is_empty() { "GET /" } else { "POST /" }, host);
        if host == ci {
            asked = request("GET /jobs/c1", host);
        }
        if !action.is_empty() {
            let headers = asked.headers_mut();
            headers.insert("x-tc-action", action.parse().unwrap());
            headers.insert("x-tc-version", "2018-08-13".parse().unwrap());
            *asked.body_mut() = Body::from("{}");
        }
        fixture.send(asked).await
    };
    let sts = "sts.tencentcloudapi.com";
    faults
        .add(FaultRule::new(FaultKind::Throttle {
            retry_after: Some(3),
        }))
        .unwrap();
    let cos = asked(&bucket_host(), "").await;
    assert_eq!(
        (cos.status.as_u16(), cos.element("Code")),
        (503, "SlowDown")
    );
    assert_eq!(cos.header("retry-after"), "3");
    let ci_answer = asked(&ci, "").await;
    assert_eq!(
        (ci_answer.status.as_u16(), ci_answer.element("Code")),
        (429, "SlowDown")
    );
    let api = asked(sts, "GetCallerIdentity").await;
    let said: Value = serde_json::from_str(&api.text).unwrap();
    assert_eq!(api.status.as_u16(), 200);
    assert_eq!(said["Response"]["Error"]["Code"], "RequestLimitExceeded");
    assert_eq!(api.header("retry-after"), "3");
    assert_eq!(api.header("x-tcloud-fault"), "1");

    faults.clear();
    faults.add(FaultRule::expired_token()).unwrap();
    let cos = asked(&bucket_host(), "").await;
    assert_eq!(
        (cos.status.as_u16(), cos.element("Code")),
        (400, "ExpiredToken")
    );
    let api = asked(sts, "GetCallerIdentity").await;
    let said: Value = serde_json::from_str(&api.text).unwrap();
    let code = &said["Response"]["Error"]["Code"];
    assert_eq!(code, "AuthFailure.TokenFailure");

    faults.clear();
    let kind = FaultKind::Refuse {
        status: None,
        code: "InternalError".to_owned(),
        message: Some("broken".to_owned()),
    };
    faults.add(FaultRule::new(kind)).unwrap();
    let cos = asked(&bucket_host(), "").await;
    assert_eq!(
        (cos.status.as_u16(), cos.element("Message")),
        (500, "broken")
    );
    let api = asked(sts, "GetCallerIdentity").await;
    assert_eq!(api.status.as_u16(), 200);
}

#[tokio::test]
async fn a_client_tries_again_and_gets_through() {
    let (fixture, client) = Fixture::with_bucket().await;
    let rule = FaultRule::refuse(503, "ServiceUnavailable")
        .of::<PutObjectRequest>()
        .bucket(BUCKET)
        .key_prefix("a/")
        .count(1);
    fixture.cloud.faults().add(rule).unwrap();
    let put = async |key: &str| {
        client
            .put_object(BUCKET, key, "content")
            .send()
            .await
            .unwrap()
    };
    assert_eq!(put("b/1").await.attempts(), 1);
    assert_eq!(put("a/1").await.attempts(), 2);
    assert_eq!(put("a/2").await.attempts(), 1);
    let state = &fixture.cloud.faults().list()[0];
    assert_eq!((state.matched, state.hits), (3, 1));
    // Both attempts arrived, and only what was carried out is there.
    let arrived = fixture.cloud.requests();
    assert_eq!(arrived.of::<PutObjectRequest>().len(), 4);
}

#[tokio::test]
async fn what_is_refused_is_not_done() {
    let (fixture, client) = Fixture::with_bucket().await;
    let rule = FaultRule::refuse(400, "InvalidRequest").of::<PutObjectRequest>();
    fixture.cloud.faults().add(rule).unwrap();
    let refused = client.put_object(BUCKET, "a", "content").send().await;
    assert_eq!(refused.unwrap_err().code(), Some("InvalidRequest"));
    fixture.cloud.faults().clear();
    let missing = client.head_object(BUCKET, "a").send().await.unwrap_err();
    assert_eq!(missing.status().unwrap().as_u16(), 404);
    // Nor is what has no permission let through by a rule that delays nothing.
    fixture
        .cloud
        .faults()
        .add(FaultRule::latency(Duration::ZERO))
        .unwrap();
    assert_eq!(fixture.anonymous("GET /a").await.status.as_u16(), 403);
}

#[tokio::test]
async fn a_wrong_checksum_is_noticed() {
    let (fixture, client) = Fixture::with_bucket().await;
    client
        .put_object(BUCKET, "a", "content")
        .send()
        .await
        .unwrap();
    let right = client.head_object(BUCKET, "a").send().await.unwrap();
    let right = text(right.headers(), "x-cos-hash-crc64ecma").to_owned();
    let rule = FaultRule::wrong_checksum().of::<PutObjectRequest>();
    fixture.cloud.faults().add(rule).unwrap();
    let error: Error = client
        .put_object(BUCKET, "a", "content")
        .send()
        .await
        .unwrap_err();
    assert!(error.to_string().contains("CRC"), "{error}");
    // It was stored all the same, and rightly.
    let stored = client.head_object(BUCKET, "a").send().await.unwrap();
    assert_eq!(text(stored.headers(), "x-cos-hash-crc64ecma"), right);
}

#[tokio::test]
async fn an_answer_breaks_off() {
    let fixture = open().await;
    let rule = FaultRule::cut(3).of::<GetObjectRequest>();
    fixture.cloud.faults().add(rule).unwrap();
    let read = async |line: &str| {
        let response = fixture.cloud.handle(request(line, &bucket_host())).await;
        let (parts, mut body) = response.into_parts();
        let mut read = Vec::new();
        let end = loop {
            match body.chunk().await {
                Some(Ok(chunk)) => read.extend_from_slice(&chunk),
                Some(Err(error)) => break Some(error.kind()),
                None => break None,
            }
        };
        (text(&parts.headers, "content-length").to_owned(), read, end)
    };
    let reset = Some(std::io::ErrorKind::ConnectionReset);
    let cut = read("GET /a").await;
    assert_eq!(cut, ("7".to_owned(), b"con".to_vec(), reset));
    // However long it may be, the last byte does not come.
    fixture.cloud.faults().clear();
    fixture.cloud.faults().add(FaultRule::cut(100)).unwrap();
    let cut = read("GET /a").await;
    assert_eq!(cut, ("7".to_owned(), b"conten".to_vec(), reset));
    // What has no body is as it was.
    let whole = read("HEAD /a").await;
    assert_eq!(whole, ("7".to_owned(), Vec::new(), None));
}

#[tokio::test]
async fn a_connection_breaks_where_an_answer_is_cut() {
    let served = Served::new(settings()).await;
    let client = served.fixture.client();
    client
        .put_object(BUCKET, "a", "content")
        .send()
        .await
        .unwrap();
    served
        .fixture
        .cloud
        .faults()
        .add(FaultRule::cut(3))
        .unwrap();
    let host = format!("Host: {}", bucket_host());
    let answer = served.exchange(&["GET /a HTTP/1.1", &host], "").await;
    assert_eq!(status(&answer), "200", "{answer}");
    assert!(answer.contains("Content-Length: 7") || answer.contains("content-length: 7"));
    assert!(answer.ends_with("\r\n\r\ncon"), "{answer}");
}

#[tokio::test]
async fn latency_passes_on_the_clock_of_the_cloud() {
    let fixture = open().await;
    let rule = FaultRule::latency(Duration::from_mins(10)).of::<GetObjectRequest>();
    fixture.cloud.faults().add(rule).unwrap();
    let get = || {
        let cloud = fixture.cloud.clone();
        tokio::spawn(async move {
            cloud
                .handle(request("GET /a", &bucket_host()))
                .await
                .status()
        })
    };
    let hits = async |count: u64| {
        while fixture.cloud.faults().list()[0].hits < count {
            tokio::task::yield_now().await;
        }
    };
    // Whoever tests moves the clock of the machine, or puts that of the cloud ahead.
    let first = get();
    hits(1).await;
    fixture.clock.advance(599_999);
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!first.is_finished());
    fixture.clock.advance(1);
    assert_eq!(first.await.unwrap().as_u16(), 200);
    let second = get();
    hits(2).await;
    // Until it waits, the clock is put ahead in vain, so as often as is needed.
    while !second.is_finished() {
        fixture
            .cloud
            .advance_clock(Duration::from_mins(10))
            .await
            .unwrap();
    }
    assert_eq!(second.await.unwrap().as_u16(), 200);
}

#[tokio::test]
async fn rules_are_added_listed_and_removed_by_requests() {
    let fixture = open().await;
    let rule = json!({
        "service": "cos", "operation": "GetObject", "skip": 1, "count": 2,
        "fault": { "refuse": { "status": 500, "code": "InternalError" } },
    });
    let (status, added) = page(&fixture, "POST /_local/faults", &rule.to_string()).await;
    assert_eq!(status, 201);
    assert_eq!(
        added,
        json!({ "id": 1, "matched": 0, "hits": 0, "rule": rule })
    );
    for expected in [200, 500, 500, 200] {
        let answer = fixture.anonymous("GET /a").await;
        assert_eq!(answer.status.as_u16(), expected);
    }
    let shown = json!({ "id": 1, "matched": 4, "hits": 2, "rule": rule });
    let listed = page(&fixture, "GET /_local/faults", "").await;
    assert_eq!(listed, (200, json!({ "faults": [shown] })));
    assert_eq!(
        page(&fixture, "GET /_local/faults/1", "").await,
        (200, shown.clone())
    );
    let health = fixture.page("/_local/health").await;
    assert_eq!(health["faults"], json!([shown]));
    assert_eq!(health["clock_ahead_seconds"], 0);

    let second = r#"{"fault": "expiredToken"}"#;
    assert_eq!(page(&fixture, "POST /_local/faults", second).await.0, 201);
    let (status, left) = page(&fixture, "DELETE /_local/faults/1", "").await;
    assert_eq!((status, &left["faults"][0]["id"]), (200, &json!(2)));
    assert_eq!(page(&fixture, "DELETE /_local/faults/1", "").await.0, 404);
    let none = json!({ "faults": [] });
    assert_eq!(
        page(&fixture, "DELETE /_local/faults", "").await,
        (200, none)
    );
    assert_eq!(fixture.anonymous("GET /a").await.status.as_u16(), 200);
}

#[tokio::test]
async fn what_is_no_rule_is_refused_and_said_why() {
    let fixture = open().await;
    for (body, says) in [
        ("", "EOF"),
        ("[]", "invalid length"),
        (
            r#"{"fault": "expiredToken", "op": "PutObject"}"#,
            "unknown field `op`, expected one of",
        ),
        (
            r#"{"fault": {"explode": {}}}"#,
            "unknown variant `explode`, expected one of",
        ),
        (
            r#"{"fault": "expiredToken", "operation": "PutThing"}"#,
            "no operation `PutThing`",
        ),
        (r#"{"fault": "expiredToken", "share": 2}"#, "at most 1"),
    ] {
        let (status, value) = page(&fixture, "POST /_local/faults", body).await;
        assert_eq!(status, 400, "{body}");
        let error = value["error"].as_str().unwrap();
        assert!(error.starts_with("this is no fault: "), "{error}");
        assert!(error.contains(says), "{error}");
    }
    for (line, status) in [
        ("PUT /_local/faults", 405),
        ("POST /_local/faults/1", 404),
        ("GET /_local/faults/1", 404),
        ("GET /_local/faults/x", 404),
        ("GET /_local/faultsx", 404),
    ] {
        assert_eq!(page(&fixture, line, "").await.0, status, "{line}");
    }
    let long = " ".repeat(100_000);
    assert_eq!(page(&fixture, "POST /_local/faults", &long).await.0, 400);
    assert_eq!(fixture.cloud.faults().list(), []);
}
