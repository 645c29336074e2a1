//! Typed answers to typed requests.

use std::panic::{AssertUnwindSafe, catch_unwind};

use http::StatusCode;
use tcloud_core::error::ErrorKind;
use tcloud_core::testing::{Answer, Failure, Fault, Mock};
use tcloud_cos::operation::get_object::{GetObjectRequest, GetObjectResponse};
use tcloud_cos::operation::put_object::{PutObjectRequest, PutObjectResponse};
use tcloud_mps::operation::describe_task_detail::{
    DescribeTaskDetailRequest, DescribeTaskDetailResponse,
};

const BUCKET: &str = "examplebucket-1250000000";

#[tokio::test]
async fn rules_choose_by_what_travelled_and_answer_bytes_and_headers() {
    let mock = Mock::new();
    mock.when::<GetObjectRequest>()
        .with(|request| request.key.as_deref() == Some("a/ü b.txt"))
        .answer(Answer::new(GetObjectResponse::new().etag("\"1\"")).body("first"));
    mock.when::<GetObjectRequest>().answer_with(|request, _| {
        let key = request.key.clone().unwrap_or_default();
        Ok(Answer::new(GetObjectResponse::new()).body(key))
    });
    let client = tcloud_cos::Client::new(&mock.config());

    for _ in 0..2 {
        let reply = client.get_object(BUCKET, "a/ü b.txt").send().await.unwrap();
        assert_eq!(reply.etag.as_deref(), Some("\"1\""));
        assert_eq!(reply.request_id(), Some("mock-request-id"));
        assert_eq!(reply.into_body().collect(64).await.unwrap(), "first");
    }
    let reply = client.get_object(BUCKET, "b").send().await.unwrap();
    assert_eq!(reply.into_body().collect(64).await.unwrap(), "b");

    let keys: Vec<_> = mock
        .calls::<GetObjectRequest>()
        .into_iter()
        .filter_map(|request| request.key)
        .collect();
    assert_eq!(keys, ["a/ü b.txt", "a/ü b.txt", "b"]);
    mock.assert_called::<GetObjectRequest>(3);
    mock.assert_called::<PutObjectRequest>(0);
}

#[tokio::test]
async fn what_no_rule_is_for_fails_by_name_and_a_sub_resource_is_not_the_object() {
    let mock = Mock::new();
    mock.when::<GetObjectRequest>()
        .answer(GetObjectResponse::new());
    let client = tcloud_cos::Client::new(&mock.config());

    let error = client.get_object_acl(BUCKET, "a").send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    let text = error.to_string();
    assert!(
        text.contains("no rule of the mock is for this cos:GetObjectAcl"),
        "{text}"
    );
    assert!(text.contains("[GetObject]"), "{text}");
    assert!(mock.received().is_empty());
}

#[tokio::test]
async fn refusals_are_those_of_the_protocol() {
    let mock = Mock::new();
    mock.when::<GetObjectRequest>().refuse(Fault::new(
        StatusCode::NOT_FOUND,
        "NoSuchKey",
        "no <a> here",
    ));
    mock.when::<DescribeTaskDetailRequest>().refuse(Fault::new(
        StatusCode::OK,
        "ResourceNotFound",
        "no such task",
    ));
    let config = mock.config();
    let cos = tcloud_cos::Client::new(&config);
    let mps = tcloud_mps::Client::new(&config);

    let error = cos.get_object(BUCKET, "a").send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Service);
    assert_eq!(error.status(), Some(StatusCode::NOT_FOUND));
    assert_eq!(error.code(), Some("NoSuchKey"));
    assert_eq!(error.message(), "no <a> here");
    assert_eq!(error.request_id(), Some("mock-request-id"));

    let error = mps.describe_task_detail("1").send().await.unwrap_err();
    assert_eq!(error.code(), Some("ResourceNotFound"));
    assert_eq!(error.request_id(), Some("mock-request-id"));
}

#[tokio::test]
async fn answers_of_api_3_have_a_request_id_and_are_decoded_by_their_table() {
    let mock = Mock::new();
    mock.when::<DescribeTaskDetailRequest>()
        .answer(DescribeTaskDetailResponse::new().status("FINISH"));
    let mps = tcloud_mps::Client::new(&mock.config());
    let reply = mps.describe_task_detail("1").send().await.unwrap();
    assert_eq!(
        reply.status.as_ref().map(ToString::to_string).as_deref(),
        Some("FINISH")
    );
    assert_eq!(reply.request_id.as_deref(), Some("mock-request-id"));
}

#[tokio::test]
async fn rules_are_used_up_in_order_and_retries_take_no_time() {
    let mock = Mock::new();
    mock.when::<GetObjectRequest>()
        .once()
        .fail(Failure::Status(StatusCode::SERVICE_UNAVAILABLE));
    mock.when::<GetObjectRequest>()
        .once()
        .fail(Failure::Refused);
    mock.when::<GetObjectRequest>()
        .times(1)
        .answer(Answer::new(GetObjectResponse::new()).body("third"));
    let client = tcloud_cos::Client::new(&mock.config());
    let left = catch_unwind(AssertUnwindSafe(|| mock.assert_used_up())).unwrap_err();
    assert_eq!(
        left.downcast_ref::<String>().map(String::as_str),
        Some("a rule for GetObject has 1 uses left")
    );

    let reply = client.get_object(BUCKET, "a").send().await.unwrap();
    assert_eq!(reply.into_body().collect(64).await.unwrap(), "third");
    mock.assert_used_up();
    // The refused attempt never arrived.
    mock.assert_called::<GetObjectRequest>(2);
    let wrong = catch_unwind(AssertUnwindSafe(|| {
        mock.assert_called::<GetObjectRequest>(7);
    }));
    assert!(wrong.is_err());
}

#[tokio::test]
async fn a_rule_sees_the_raw_body() {
    let mock = Mock::new();
    mock.when::<PutObjectRequest>()
        .answer_with(|request, body| {
            if body == b"good" && request.content_type.as_deref() == Some("text/plain") {
                Ok(PutObjectResponse::new())
            } else {
                Err(Fault::new(
                    StatusCode::BAD_REQUEST,
                    "BadDigest",
                    "another body",
                ))
            }
        });
    let client = tcloud_cos::Client::new(&mock.config());
    let put = |body: &'static str| {
        client
            .put_object(BUCKET, "a", body)
            .content_type("text/plain")
            .send()
    };
    put("good").await.unwrap();
    assert_eq!(put("bad").await.unwrap_err().code(), Some("BadDigest"));
}
