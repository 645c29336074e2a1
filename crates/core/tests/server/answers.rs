//! Answers and refusals as they leave.

use http::StatusCode;
use tcloud_core::operation::Protocol;
use tcloud_core::server::{Answer, Fault, Outgoing};

use crate::fixture::{AnyJob, AnyTask, CREATE_A, PROCESS, text};

#[tokio::test]
async fn answers_are_written_as_their_table_says() {
    let mut task = AnyTask::default();
    tcloud_core::codec::set(&mut task, "TaskId", "t");
    let outgoing = Outgoing::encode(&PROCESS, Answer::new(task)).unwrap();
    assert_eq!(outgoing.headers["content-type"], "application/json");
    assert_eq!(text(outgoing).await, r#"{"Response":{"TaskId":"t"}}"#);

    let mut job = AnyJob::default();
    tcloud_core::codec::set(&mut job, "Level", "2");
    let outgoing = Outgoing::encode(&CREATE_A, Answer::new(job)).unwrap();
    assert_eq!(
        text(outgoing).await,
        "<Response><Tag>A</Tag><Level>2</Level></Response>"
    );
}

#[tokio::test]
async fn refusals_are_told_as_each_protocol_tells_them() {
    let fault = Fault::new(StatusCode::FORBIDDEN, "AccessDenied", "a < b\u{1}")
        .detail("FormatString", "get\n/");
    let outgoing = fault.render(Protocol::Cos, "r-1", "/x");
    assert_eq!(outgoing.status, 403);
    assert_eq!(
        text(outgoing).await,
        "<Error><Code>AccessDenied</Code><Message>a &lt; b </Message><Resource>/x</Resource>\
         <RequestId>r-1</RequestId><TraceId>r-1</TraceId><FormatString>get\n/</FormatString></Error>"
    );
    let outgoing = Fault::not_implemented(&PROCESS).render(Protocol::Tc3, "r-1", "/");
    assert_eq!(outgoing.status, 200);
    assert_eq!(
        text(outgoing).await,
        "{\"Response\":{\"Error\":{\"Code\":\"UnsupportedOperation\",\
         \"Message\":\"ProcessImage is not implemented here\"},\"RequestId\":\"r-1\"}}"
    );
}
