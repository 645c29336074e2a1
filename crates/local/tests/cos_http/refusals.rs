//! A request is never taken for another one: what the routed operation does not know is refused by
//! its name, and nothing happens.

use http::{HeaderName, HeaderValue, Request};
use tcloud_core::body::Body;
use tcloud_cos::CallOptions;
use tcloud_local::AuthMode;

use crate::fixture::{Answered, BUCKET, Fixture, bucket_host, code, request};

/// A cloud that checks no signatures, with an object `k` in its bucket.
async fn open() -> Fixture {
    let fixture = Fixture::mode(AuthMode::Off).await;
    assert_eq!(fixture.anonymous("PUT /").await.status, 200);
    assert_eq!(fixture.send(put("k", &[], "content")).await.status, 200);
    fixture
}

fn put(key: &str, headers: &[(&'static str, &'static str)], body: &str) -> Request<Body> {
    with(&format!("PUT /{key}"), headers, body)
}

fn with(line: &str, headers: &[(&'static str, &'static str)], body: &str) -> Request<Body> {
    let mut request = request(line, &bucket_host());
    for (name, value) in headers {
        let name = HeaderName::from_static(name);
        request
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    request
        .headers_mut()
        .insert("content-length", body.len().into());
    *request.body_mut() = Body::from(body.to_owned());
    request
}

fn assert_refused(answer: &Answered, word: &str, line: &str) {
    assert_eq!(answer.status, 501, "{line}: {}", answer.text);
    assert_eq!(answer.element("Code"), "NotImplemented", "{line}");
    let message = answer.element("Message");
    assert!(message.contains(word), "{line}: {message}");
}

#[tokio::test]
async fn channels_and_vectors_are_refused_with_the_reason() {
    let fixture = open().await;
    for (line, word) in [
        (
            "PUT /channel?live",
            "PutLiveChannel is not implemented here: channels take",
        ),
        ("GET /?live", "RTMP"),
        ("POST /channel/list.m3u8?vod&starttime=1&endtime=2", "RTMP"),
    ] {
        assert_refused(&fixture.anonymous(line).await, word, line);
    }
    let vectors = request("POST /CreateIndex", "vectors.ap-chongqing.coslake.com");
    assert_refused(
        &fixture.send(vectors).await,
        "by their distance",
        "CreateIndex",
    );
}

#[tokio::test]
async fn a_sub_resource_that_is_not_there_is_not_the_resource() {
    let fixture = open().await;
    for (line, word) in [
        (
            "PUT /ch?newest",
            "PutObject has no query parameter `newest`",
        ),
        (
            "DELETE /k?newest",
            "DeleteObject has no query parameter `newest`",
        ),
        ("GET /k?newest", "`newest`"),
        ("HEAD /k?newest", ""),
        (
            "GET /k?imageMogr9/thumbnail/50x",
            "`imageMogr9/thumbnail/50x`",
        ),
        ("GET /k?foo=bar", "`foo`"),
        ("GET /?newest", "GetBucket has no query parameter `newest`"),
        ("GET /?response-control", "`response-control`"),
        ("PUT /?newest", "`newest`"),
        ("HEAD /?newest", ""),
        (
            "DELETE /?response-control",
            "DeleteBucket has no query parameter",
        ),
        ("PATCH /k?newest&q-ak=secret", "PATCH /k?newest at"),
        ("PATCH /?newest", "PATCH /?newest at"),
    ] {
        let answer = fixture.anonymous(line).await;
        if line.starts_with("HEAD") {
            assert_eq!(answer.status, 501, "{line}");
        } else {
            assert_refused(&answer, word, line);
        }
    }
    // Nothing came of it.
    let listed = fixture.anonymous("GET /").await;
    assert_eq!(listed.text.matches("<Key>").count(), 1, "{}", listed.text);
    assert_eq!(fixture.anonymous("GET /k").await.text, "content");
}

#[tokio::test]
async fn a_header_that_asks_for_more_is_not_dropped() {
    let fixture = open().await;
    for header in [
        "x-amz-website-redirect-location",
        "x-amz-acl",
        "x-cos-callback",
        "x-cos-callback-var",
        "x-cos-object-lock-mode",
        "x-cos-object-lock-retain-until-date",
        "x-cos-server-side-encryption-cos-kms-key-id",
        "x-cos-server-side-encryption-context",
        "x-ci-image-process",
    ] {
        let answer = fixture.send(put("new", &[(header, "x")], "")).await;
        assert_refused(&answer, header, header);
    }
    assert_eq!(fixture.anonymous("GET /new").await.status, 404);
    for (line, header) in [
        ("GET /k", "pic-operations"),
        ("GET /k", "x-cos-acl"),
        ("DELETE /", "x-cos-meta"),
    ] {
        let answer = fixture.send(with(line, &[(header, "x")], "")).await;
        assert_refused(&answer, header, line);
    }
}

#[tokio::test]
async fn a_body_that_asks_for_more_is_not_dropped() {
    let fixture = Fixture::mode(AuthMode::Off).await;
    for (node, word) in [
        ("<BucketAZConfig>MAZ</BucketAZConfig>", "BucketAZConfig"),
        (
            "<BucketArchConfig>OFS</BucketArchConfig>",
            "BucketArchConfig",
        ),
        (
            "<LocationConstraint>eu</LocationConstraint>",
            "CreateBucketConfiguration.LocationConstraint",
        ),
    ] {
        let body = format!("<CreateBucketConfiguration>{node}</CreateBucketConfiguration>");
        assert_refused(&fixture.send(with("PUT /", &[], &body)).await, word, node);
    }
    assert_eq!(fixture.anonymous("HEAD /").await.status, 404);
    let empty = with("PUT /", &[], "<CreateBucketConfiguration/>");
    assert_eq!(fixture.send(empty).await.status, 200);
    let body = with("DELETE /", &[], "<Whatever/>");
    assert_refused(&fixture.send(body).await, "DeleteBucket has no body", "");
    assert_eq!(fixture.anonymous("HEAD /").await.status, 200);
}

#[tokio::test]
async fn what_every_request_may_carry_is_no_request_for_more() {
    let fixture = open().await;
    let headers = [
        ("traceparent", "00-x"),
        ("x-amzn-trace-id", "1"),
        ("x-cos-meta-colour", "blue"),
        ("x-cos-sdk-retry", "true"),
        ("x-cos-security-token", "t"),
        ("x-cos-traceid", "1"),
        ("x-request-id", "1"),
    ];
    let stored = fixture.send(put("new", &headers, "new")).await;
    assert_eq!(stored.status, 200, "{}", stored.text);
    let line = "GET /new?x-cos-security-token=t&token=t&clientIP=1&clientUA=a";
    let read = fixture.send(with(line, &headers, "")).await;
    assert_eq!(read.text, "new");
    assert_eq!(read.header("x-cos-meta-colour"), "blue");
}

#[tokio::test]
async fn a_signature_does_not_make_it_another_request() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let options = CallOptions::new().query("response-control", "");
    let deleted = client.delete_bucket(BUCKET).options(options).send().await;
    assert_eq!(code(deleted), "NotImplemented");
    client.head_bucket(BUCKET).send().await.unwrap();
}
