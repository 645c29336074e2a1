//! From what is answered to an error.

use http::Response;
use tcloud_core::codec::Document;
use tcloud_core::error::ErrorKind;
use tcloud_core::transport::Memory;

use crate::fixture::{CREATE, TASK, TC3_REQUEST, call, client, clock, whole};

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
