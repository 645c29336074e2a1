//! From what is answered to an error.

use http::Response;
use tcloud_core::body::Body;
use tcloud_core::call::CallOptions;
use tcloud_core::codec::Document;
use tcloud_core::error::ErrorKind;
use tcloud_core::transport::Memory;

use crate::fixture::{CREATE, RESPONSE, TASK, TC3_REQUEST, call, client, clock, whole};

#[tokio::test]
async fn an_xml_refusal_carries_everything_the_service_said() {
    let body = "<Error><Code>AccessDenied</Code><Message>No.</Message><Resource>/x</Resource>\
                <RequestId>Njx</RequestId></Error>";
    let transport = Memory::answering([(403, body)]);
    let error = call(&client(transport, &clock()), &CREATE, &whole())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Service);
    assert_eq!(error.code(), Some("AccessDenied"));
    assert_eq!(error.request_id(), Some("Njx"));
    assert_eq!(error.status().map(|s| s.as_u16()), Some(403));
    assert_eq!(
        error.to_string(),
        "CreateJob: AccessDenied: No (HTTP 403, request Njx); if the key lacks the permission ci:CreateMediaJobs, grant it"
    );
}

#[tokio::test]
async fn an_api_refusal_hides_under_status_200() {
    let body = r#"{"Response":{"Error":{"Code":"InvalidParameterValue","Message":"TaskId"},"RequestId":"r-1"}}"#;
    let transport = Memory::answering([(200, body)]);
    let error = call(
        &client(transport, &clock()),
        &TASK,
        &Document::new(&TC3_REQUEST),
    )
    .await
    .unwrap_err();
    assert_eq!(error.code(), Some("InvalidParameterValue"));
    assert_eq!(error.request_id(), Some("r-1"));
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn an_api_answer_is_read_whatever_the_order_of_its_members() {
    for body in [
        r#"{"Response":{"State":"Success","RequestId":"r-1"}}"#,
        r#"{"More":[1,{}],"Response":{"RequestId":"r-1","Error":null,"State":"Success"},"Last":2}"#,
    ] {
        let client = client(Memory::answering([(200, body)]), &clock());
        let (request, options) = (Document::new(&TC3_REQUEST), CallOptions::new());
        let mut output = Document::new(&RESPONSE);
        let reply = client
            .execute(&TASK, &request, Body::empty(), &options, &mut output)
            .await
            .unwrap();
        assert_eq!(reply.request_id(), Some("r-1"), "{body}");
        assert_eq!(reply.status(), 200);
        assert_eq!(reply.attempts(), 1);
        assert!(
            format!("{output:?}").contains("State: \"Success\""),
            "{output:?}"
        );
    }
}

#[tokio::test]
async fn an_api_refusal_is_found_wherever_it_stands() {
    for body in [
        r#"{"Response":{"RequestId":"r-1","Error":{"Message":"m","Code":"FailedOperation"}}}"#,
        r#"{"Response":{"State":"Success","Error":{"Code":"FailedOperation"},"RequestId":"r-1"}}"#,
        r#"{"Response":{"Error":{"Code":"FailedOperation","Message":"m"},"State":1,"RequestId":"r-1"}}"#,
    ] {
        let client = client(Memory::answering([(200, body)]), &clock());
        let error = call(&client, &TASK, &Document::new(&TC3_REQUEST))
            .await
            .unwrap_err();
        assert_eq!(error.code(), Some("FailedOperation"), "{body}");
        assert_eq!(error.request_id(), Some("r-1"), "{body}");
    }
    let client = client(
        Memory::answering([(200, r#"{"Response":{"Error":{}}}"#)]),
        &clock(),
    );
    let error = call(&client, &TASK, &Document::new(&TC3_REQUEST))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Service);
}

#[tokio::test]
async fn nothing_of_a_refused_attempt_is_in_the_output_of_the_next() {
    let busy = r#"{"Response":{"State":"Running","Left":[1],
        "Error":{"Code":"RequestLimitExceeded","Message":"m"},"RequestId":"r-1"}}"#;
    let good = r#"{"Response":{"State":"Success","RequestId":"r-2"}}"#;
    let client = client(Memory::answering([(200, busy), (200, good)]), &clock());
    let (request, options) = (Document::new(&TC3_REQUEST), CallOptions::new());
    let mut output = Document::new(&RESPONSE);
    let reply = client
        .execute(&TASK, &request, Body::empty(), &options, &mut output)
        .await
        .unwrap();
    assert_eq!(reply.attempts(), 2);
    assert_eq!(reply.request_id(), Some("r-2"));
    let mut alone = Document::new(&RESPONSE);
    let direct = crate::fixture::client(Memory::answering([(200, good)]), &clock());
    direct
        .execute(&TASK, &request, Body::empty(), &options, &mut alone)
        .await
        .unwrap();
    assert_eq!(output, alone);
}

#[tokio::test]
async fn an_api_answer_that_is_no_answer_keeps_its_request_id() {
    let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    for (status, body, kind, id) in [
        (
            200,
            format!(r#"{{"Response":{{"Deep":{deep},"RequestId":"r-1"}}}}"#),
            ErrorKind::Response,
            Some("r-1"),
        ),
        (
            200,
            r#"{"RequestId":"r-1"}"#.to_owned(),
            ErrorKind::Response,
            None,
        ),
        (
            200,
            r#"{"Response":[]}"#.to_owned(),
            ErrorKind::Response,
            None,
        ),
        (
            200,
            r#"{"Response":{"RequestId":"r-1"}"#.to_owned(),
            ErrorKind::Response,
            None,
        ),
        (502, "<html>".to_owned(), ErrorKind::Service, None),
        (
            500,
            r#"{"Response":{"RequestId":"r-1"}}"#.to_owned(),
            ErrorKind::Service,
            Some("r-1"),
        ),
    ] {
        let transport = Memory::new({
            let body = body.clone();
            move |_| {
                let answer = Response::builder().status(status);
                Ok(answer.body(body.clone().into()).unwrap())
            }
        });
        let error = call(
            &client(transport, &clock()),
            &TASK,
            &Document::new(&TC3_REQUEST),
        )
        .await
        .unwrap_err();
        assert_eq!(error.kind(), kind, "{body}");
        assert_eq!(error.request_id(), id, "{body}");
        assert_eq!(error.status().map(|it| it.as_u16()), Some(status), "{body}");
    }
}

#[tokio::test]
async fn a_proxys_page_is_not_taken_for_an_answer() {
    for (status, body) in [(502, "<html>Bad gateway</html>"), (404, "")] {
        let transport = Memory::new(move |_| {
            Ok(Response::builder()
                .status(status)
                .body(body.into())
                .unwrap())
        });
        let error = call(&client(transport, &clock()), &CREATE, &whole())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Service);
        assert_eq!(error.status().map(|s| s.as_u16()), Some(status));
    }
}

#[tokio::test]
async fn a_refused_signature_is_explained() {
    let transport = Memory::new(|_| {
        let theirs = "post\n/jobs/a/other\nsize=5\nhost=b\n";
        let body = format!(
            "<Error><Code>SignatureDoesNotMatch</Code><Message>m</Message><FormatString>{theirs}</FormatString></Error>"
        );
        Ok(Response::builder().status(403).body(body.into()).unwrap())
    });
    let error = call(&client(transport, &clock()), &CREATE, &whole())
        .await
        .unwrap_err();
    let shown = error.to_string();
    assert!(
        shown.contains("path") && shown.contains("/jobs/a/other"),
        "{shown}"
    );
}

#[tokio::test]
async fn a_refusal_as_long_as_a_book_is_cut() {
    let long = "x".repeat(1_000_000);
    let xml = format!(
        "<Error><Code>{long}</Code><Message>{long}</Message><RequestId>{long}</RequestId></Error>"
    );
    let json = format!(
        r#"{{"Response":{{"Error":{{"Code":"{long}","Message":"{long}"}},"RequestId":"{long}"}}}}"#
    );
    let broken = format!(r#"{{"{long}":1}}"#);
    for (status, operation, body, request) in [
        (403, &CREATE, xml, whole()),
        (200, &TASK, json, Document::new(&TC3_REQUEST)),
        (200, &TASK, broken, Document::new(&TC3_REQUEST)),
    ] {
        let transport = Memory::new(move |_| {
            let answer = Response::builder().status(status);
            Ok(answer.body(body.clone().into()).unwrap())
        });
        let error = call(&client(transport, &clock()), operation, &request)
            .await
            .unwrap_err();
        assert!(error.to_string().len() < 10_000);
        assert!(format!("{error:?}").len() < 20_000);
    }
}
