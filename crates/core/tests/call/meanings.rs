//! What refusals mean, whichever service they are of, and what is said where the service is silent.

use http::Response;
use tcloud_core::body::Body;
use tcloud_core::codec::Document;
use tcloud_core::error::{Error, ErrorKind};
use tcloud_core::transport::Memory;

use crate::fixture::{CREATE, HEAD, TASK, TC3_REQUEST, call, client, clock, whole};

async fn refused_by_xml(status: u16, code: &str) -> Error {
    let body = format!("<Error><Code>{code}</Code><Message>m</Message></Error>");
    let transport = Memory::new(move |_| {
        Ok(Response::builder()
            .status(status)
            .body(body.clone().into())
            .unwrap())
    });
    call(&client(transport, &clock()), &CREATE, &whole())
        .await
        .unwrap_err()
}

async fn refused_by_api(code: &str) -> Error {
    let body = format!(
        r#"{{"Response":{{"Error":{{"Code":"{code}","Message":"m"}},"RequestId":"r-1"}}}}"#
    );
    let transport = Memory::new(move |_| Ok(Response::new(body.clone().into())));
    let request = Document::new(&TC3_REQUEST);
    call(&client(transport, &clock()), &TASK, &request)
        .await
        .unwrap_err()
}

/// Which of the four predicates hold.
fn meanings(error: &Error) -> Vec<&'static str> {
    [
        ("not found", error.is_not_found()),
        ("denied", error.is_access_denied()),
        ("throttled", error.is_throttled()),
        ("conflict", error.is_conflict()),
    ]
    .into_iter()
    .filter_map(|(name, holds)| holds.then_some(name))
    .collect()
}

#[tokio::test]
async fn refusals_of_object_storage_and_cloud_infinite_have_a_meaning() {
    for (status, code, expected) in [
        (404, "NoSuchKey", &["not found"][..]),
        (404, "NoSuchBucket", &["not found"]),
        (404, "NoSuchVersion", &["not found"]),
        (404, "AuditingJobNotFound", &["not found"]),
        (400, "ResourceNotFound", &["not found"]),
        (404, "InvalidUrl", &[]),
        (403, "AccessDenied", &["denied"]),
        (401, "AccessDenied", &["denied"]),
        (400, "ResourceAccessDenied", &["denied"]),
        (400, "CIRoleNotExist", &["denied"]),
        (403, "SignatureDoesNotMatch", &["denied"]),
        (403, "InvalidAccessKeyId", &["denied"]),
        (401, "SecretidNotExist", &["denied"]),
        (403, "SomethingNew", &["denied"]),
        (403, "InvalidObjectState", &[]),
        (403, "QueueSaturated", &[]),
        (403, "QueuePaused", &[]),
        (503, "SlowDown", &["throttled"]),
        (429, "SlowDown", &["throttled"]),
        (503, "ServiceUnavailable", &[]),
        (409, "BucketAlreadyExists", &["conflict"]),
        (409, "BucketAlreadyOwnedByYou", &["conflict"]),
        (409, "BucketNotEmpty", &["conflict"]),
        (409, "SomethingNew", &["conflict"]),
        (403, "MediaBucketAlreadyBinded", &["conflict"]),
        (412, "PreconditionFailed", &[]),
        (400, "InvalidArgument", &[]),
        (500, "InternalError", &[]),
    ] {
        let error = refused_by_xml(status, code).await;
        assert_eq!(meanings(&error), expected, "{status} {code}");
    }
}

#[tokio::test]
async fn refusals_of_api_3_have_a_meaning_under_status_200() {
    for (code, expected) in [
        ("ResourceNotFound", &["not found"][..]),
        ("ResourceNotFound.TemplateNotExist", &["not found"]),
        ("AuthFailure.UnauthorizedOperation", &["denied"]),
        ("AuthFailure.SecretIdNotFound", &["denied"]),
        ("UnauthorizedOperation", &["denied"]),
        ("UnauthorizedOperation.CamNoAuth", &["denied"]),
        ("RequestLimitExceeded", &["throttled"]),
        ("RequestLimitExceeded.UinLimitExceeded", &["throttled"]),
        ("RequestLimitExceededElsewhere", &[]),
        ("ResourceInUse", &["conflict"]),
        ("LimitExceeded.TooLargeFileError", &[]),
        ("FailedOperation.FaceNotFound", &[]),
        ("NoSuchVersion", &[]),
        ("InvalidParameterValue", &[]),
    ] {
        assert_eq!(meanings(&refused_by_api(code).await), expected, "{code}");
    }
}

#[test]
fn only_an_answer_has_a_meaning() {
    assert_eq!(
        meanings(&Error::new(ErrorKind::Timeout, "AccessDenied")),
        [""; 0]
    );
}

#[tokio::test]
async fn a_refused_head_says_what_its_status_means_and_what_to_look_at() {
    for (status, expected, shown) in [
        (
            404,
            &["not found"][..],
            "Head: there is nothing of this name (HTTP 404, request Njx); check the names in the \
             request, the bucket and the region",
        ),
        (
            403,
            &["denied"],
            "Head: the key may not do this (HTTP 403, request Njx); check the permissions of the \
             key, the policy of the bucket and this machine's clock",
        ),
        (
            412,
            &[],
            "Head: a condition of the request does not hold (HTTP 412, request Njx); look at what \
             is there now, and at the `If-…` headers of the request",
        ),
        (
            304,
            &[],
            "Head: nothing has changed (HTTP 304, request Njx); this is what a condition of the \
             request asks for: keep what you have",
        ),
        (
            418,
            &[],
            "Head: the service answered \"I'm a teapot\" and no more (HTTP 418, request Njx)",
        ),
    ] {
        let transport = Memory::new(move |_| {
            Ok(Response::builder()
                .status(status)
                .header("x-ci-request-id", "Njx")
                .body(Body::empty())
                .unwrap())
        });
        let error = call(&client(transport, &clock()), &HEAD, &whole())
            .await
            .unwrap_err();
        assert_eq!(error.to_string(), shown);
        assert_eq!(error.code(), None, "{status}");
        assert_eq!(meanings(&error), expected, "{status}");
    }
}

#[tokio::test]
async fn the_code_of_a_refused_head_is_in_its_headers() {
    let transport = Memory::new(|_| {
        Ok(Response::builder()
            .status(400)
            .header("x-cos-error-code", "ResourceNotFound")
            .body(Body::empty())
            .unwrap())
    });
    let error = call(&client(transport, &clock()), &HEAD, &whole())
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("ResourceNotFound"));
    assert!(error.is_not_found());
}

/// Vector buckets, searches and fetched objects speak JSON.
#[tokio::test]
async fn refusals_in_json_have_code_and_message() {
    for (header, body, code, message) in [
        (
            "",
            r#"{"code":"NoSuchBucket","message":"gone","request_id":"r-1"}"#,
            "NoSuchBucket",
            "gone",
        ),
        (
            "",
            r#"{"Code":"NoSuchIndex","Message":"gone","RequestId":"r-1"}"#,
            "NoSuchIndex",
            "gone",
        ),
        (
            "",
            r#"{"code":1406,"message":"gone","request_id":"r-1"}"#,
            "1406",
            "gone",
        ),
        (
            "IndexNotFound",
            r#"{"code":7,"message":"gone","requestId":"r-1"}"#,
            "IndexNotFound",
            "gone",
        ),
    ] {
        let transport = Memory::new(move |_| {
            let response = Response::builder().status(404);
            let response = match header {
                "" => response,
                code => response.header("x-cos-error-code", code),
            };
            Ok(response.body(body.into()).unwrap())
        });
        let error = call(&client(transport, &clock()), &CREATE, &whole())
            .await
            .unwrap_err();
        assert_eq!(error.code(), Some(code), "{body}");
        assert_eq!(error.message(), message);
        assert_eq!(error.request_id(), Some("r-1"));
        assert!(error.is_not_found());
    }
    // What is no refusal at all is shown as it is.
    for body in ["[1]", r#"{"other":"x"}"#, r#"{"code":{}}"#] {
        let transport =
            Memory::new(move |_| Ok(Response::builder().status(400).body(body.into()).unwrap()));
        let error = call(&client(transport, &clock()), &CREATE, &whole())
            .await
            .unwrap_err();
        assert_eq!(error.code(), None);
        assert_eq!(error.message(), body);
    }
}
